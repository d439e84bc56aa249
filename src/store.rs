//! What keydesk needs from a database, in the words of the domain.
//!
//! The traits speak of actions ("start a reset"), not of rows, so that each database can do an
//! action in the one transaction that suits it: an embedded file, a server, a cluster that
//! keeps all of one customer on one shard, or a shop's own schema. Every write takes the time
//! from its caller and, where an operator asked for it, an [`crate::domain::operation::OpKey`]; asked twice with the same
//! key it is done once.

pub mod sql;

use std::{
    future::Future,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

use crate::domain::{
    access_token::{IntegrationId, NewAccessToken},
    audit::{Action, AuditFilter, Entry, EntryLine},
    backup::Backup,
    command::{
        AddCustomer, Asked, CancelReset, ChangeCustomer, DeleteCustomer, ForceSignIn, MailRetried, ResetCancelled,
        ResetQueued, RetryMail, SignInForced, StartReset, Unlock, Unlocked,
    },
    customer::{Candidate, Customer, CustomerId, NewCustomer, StoredCustomer, Version},
    customer_token::CustomerToken,
    email::EmailAddress,
    find::{Count, FindPage, Page},
    integration::{AddIntegration, Integration, IntegrationRemoved, RemoveIntegration, StoredLogin},
    mail_state::MailId,
    outbox::{ClaimedMail, FinishMail, MailFilter, MailLine, QueueState},
    query::Query,
    refusal::Refusal,
    reset::ResetId,
    storefront::{
        Account, Counted, LinkHolder, PasswordSet, RedeemReset, RequestId, RequestReset, SignIn, SignInAttempt,
        TokenHolder, WaitingRequest,
    },
    throttle::Limits,
    website::{Group, GroupId, NewWebsite, Website, WebsiteId},
};

/// Everything keydesk asks of a database.
pub trait Store:
    Setup
    + Customers
    + Search
    + Resets
    + AccessTokens
    + Storefront
    + Integrations
    + Outbox
    + Audit
    + Maintenance
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<T> Store for T where
    T: Setup
        + Customers
        + Search
        + Resets
        + AccessTokens
        + Storefront
        + Integrations
        + Outbox
        + Audit
        + Maintenance
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A read or write that may fail for reasons of the database.
pub type StoreResult<T> = Result<T, StoreError>;

/// An action that the database did, or that the rules refused.
pub type ActionResult<T> = Result<Result<T, Refusal>, StoreError>;

/// Why the database did not do what it was asked. Each text says what happened to the data.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached or opened.
    #[error("{0}")]
    Unreachable(String),
    /// It is there but is not a keydesk database that this program can use.
    #[error("{0}")]
    Unusable(String),
    /// It is busy with others for longer than we wait.
    #[error("The database was busy for too long. Nothing was done; try again.")]
    Busy,
    /// It cannot be written: disk full, read-only, input/output error.
    #[error("The database could not be written: {0}. Nothing was done.")]
    NotWritten(String),
    /// The file is damaged.
    #[error("The database is damaged: {0}. Nothing was done; restore it from a backup.")]
    Damaged(String),
    /// Others changed the same at the same moment, and did so again each time it was tried anew.
    #[error("Others changed the same at the same moment, several times over. Nothing was done; try again.")]
    InTheWay,
    /// A read was cancelled because nobody waits for it any more.
    #[error("The search was cancelled.")]
    Cancelled,
    /// The commit was sent, its result is not known, and the database cannot be asked.
    #[error("It is not known whether the action was done: {0}. Look at the customer's history before you repeat it.")]
    Unknown(String),
    /// An address that exists already on the same website.
    #[error("There is already a customer with this e-mail address on this website.")]
    DuplicateEmail,
    /// The role that was signed in as has no right to this.
    #[error("The database refused: the role that keydesk uses may not do this ({0}). Nothing was done.")]
    NotAllowed(String),
    /// A backup could not be made or used, or something stands in its way.
    #[error("{0}")]
    NotCopied(String),
    /// The database refused in a way that should not happen.
    #[error("The database refused: {0}. Nothing was done.")]
    Other(String),
}

/// Tells a running search that nobody waits for it any more. Clones share the signal.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Gives the signal.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was given.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Finding customers.
pub trait Search {
    /// One page of a search. Stops early, with [`StoreError::Cancelled`], when `cancel` is given.
    fn find(&self, request: &FindPage, cancel: &Cancel) -> impl Future<Output = StoreResult<Page>> + Send;

    /// How many customers a search finds. Never counts more than a thousand rows one by one.
    fn count(&self, query: &Query, now: Timestamp, cancel: &Cancel) -> impl Future<Output = StoreResult<Count>> + Send;
}

/// Setting up a shop: what customers belong to.
pub trait Setup {
    /// Adds a website.
    fn insert_website(&self, website: &NewWebsite) -> impl Future<Output = StoreResult<WebsiteId>> + Send;

    /// Adds a customer group.
    fn insert_group(&self, name: &str) -> impl Future<Output = StoreResult<GroupId>> + Send;

    /// Adds an integration (OAuth consumer).
    fn insert_integration(&self, name: &str, now: Timestamp)
    -> impl Future<Output = StoreResult<IntegrationId>> + Send;

    /// Adds access tokens, all or none.
    fn insert_tokens(&self, tokens: &[NewAccessToken]) -> impl Future<Output = StoreResult<()>> + Send;

    /// Prepares for [`Customers::insert_customers`] of very many whose addresses are known to be
    /// new: what can be built in one go at the end is put aside until [`Setup::finish_bulk`].
    /// Searches are incomplete in between. Should the process die meanwhile, whoever opens the
    /// database next completes it.
    fn begin_bulk(&self) -> impl Future<Output = StoreResult<()>> + Send;

    /// Completes what [`Setup::begin_bulk`] put aside.
    fn finish_bulk(&self) -> impl Future<Output = StoreResult<()>> + Send;
}

/// Reading and writing customers.
pub trait Customers {
    /// New customers in the form in which this database takes them.
    type Batch: Send + 'static;

    /// Makes customers ready for [`Customers::insert_customers`]. This takes about as long as
    /// writing them and needs no database: of very many, some can be made ready on another
    /// thread while others are written.
    fn batch(&self, customers: &[NewCustomer]) -> Self::Batch;

    /// Whether there is no customer at all.
    fn is_empty(&self) -> impl Future<Output = StoreResult<bool>> + Send;

    /// The whole record; none when nobody has this id.
    fn customer(
        &self,
        id: CustomerId,
        limits: Limits,
        now: Timestamp,
    ) -> impl Future<Output = StoreResult<Option<Customer>>> + Send;

    /// Who has this e-mail address (compared as [`crate::domain::email::key_of`] does), at most
    /// one per website; on one website where its code is given.
    fn by_email(&self, email: &str, website: Option<&str>) -> impl Future<Output = StoreResult<Vec<Candidate>>> + Send;

    /// Websites, by id.
    fn websites(&self) -> impl Future<Output = StoreResult<Vec<Website>>> + Send;

    /// Customer groups, by id.
    fn groups(&self) -> impl Future<Output = StoreResult<Vec<Group>>> + Send;

    /// Adds customers, all or none, and returns their ids in the same order.
    fn insert_customers(&self, batch: Self::Batch) -> impl Future<Output = StoreResult<Vec<CustomerId>>> + Send;

    /// Adds one customer, in one transaction with its audit entry.
    fn add_customer(&self, add: &AddCustomer) -> impl Future<Output = ActionResult<CustomerId>> + Send;

    /// Replaces what is known of a customer. A changed e-mail address ends the live link and
    /// takes its waiting mail back, because both belong to the old address; a notice that waits still
    /// goes there. A changed address or
    /// password, and an account that is switched off, also end the browser sessions: whoever
    /// signed in with what was true before signs in anew. Access tokens stay; Force Sign In ends
    /// those.
    fn change_customer(&self, change: &ChangeCustomer) -> impl Future<Output = ActionResult<Version>> + Send;

    /// The same for many, all in one transaction; each is done or refused by itself.
    fn change_customers(
        &self,
        changes: &[ChangeCustomer],
    ) -> impl Future<Output = StoreResult<Vec<Result<Version, Refusal>>>> + Send;

    /// Takes off a lock that holds, and forgets the wrong passwords that led to it.
    fn unlock(&self, unlock: &Unlock) -> impl Future<Output = ActionResult<Unlocked>> + Send;

    /// Who has these addresses on these websites, in no particular order.
    fn stored_by_email(
        &self,
        wanted: &[(EmailAddress, WebsiteId)],
    ) -> impl Future<Output = StoreResult<Vec<StoredCustomer>>> + Send;

    /// Customers by id, in the order of the ids, without those who are gone. Their password
    /// hashes stay in the database: all of these are none.
    fn stored_by_id(&self, ids: &[CustomerId]) -> impl Future<Output = StoreResult<Vec<StoredCustomer>>> + Send;

    /// Names of all columns that are kept for any customer ([`NewCustomer::attributes`]), sorted.
    fn attribute_names(&self) -> impl Future<Output = StoreResult<Vec<String>>> + Send;

    /// Deletes a customer with all that belongs to it but the audit log and the mails' fate.
    /// Waiting mails are taken back, and one that a worker holds has a dead link.
    fn delete_customer(&self, delete: &DeleteCustomer) -> impl Future<Output = ActionResult<()>> + Send;
}

/// Password resets.
pub trait Resets {
    /// Queues a reset mail, in one transaction with its ledger entry and audit entry. A live
    /// link is superseded.
    fn start_reset(&self, start: &StartReset) -> impl Future<Output = ActionResult<ResetQueued>> + Send;

    /// Takes back the newest reset: wholly, with its place in the budget, while its mail is
    /// held; else its link stops working.
    fn cancel_reset(&self, cancel: &CancelReset) -> impl Future<Output = ActionResult<ResetCancelled>> + Send;
}

/// Force Sign In.
pub trait AccessTokens {
    /// Ends what the scope says, in one transaction, and reads back what is left.
    fn force_sign_in(&self, force: &ForceSignIn) -> impl Future<Output = ActionResult<SignInForced>> + Send;

    /// Whom an access token stands for at `now`; none when it is unknown, expired or revoked, when
    /// its integration was removed, or when the account is switched off.
    fn token_holder(
        &self,
        token: &CustomerToken,
        now: Timestamp,
    ) -> impl Future<Output = StoreResult<Option<TokenHolder>>> + Send;

    /// Writes down that a token was used.
    fn token_used(&self, holder: &TokenHolder, now: Timestamp) -> impl Future<Output = StoreResult<()>> + Send;

    /// Revokes all tokens of a customer because an integration gives them back. Says how many.
    fn give_tokens_back(&self, asked: &Asked, holder: &TokenHolder) -> impl Future<Output = StoreResult<u32>> + Send;
}

/// What customers do themselves.
pub trait Storefront {
    /// Writes down that somebody asks for a reset, if the limits allow it. Looks only at what was
    /// asked before, never at customers: known and unknown addresses take the same time.
    fn request_reset(&self, request: &RequestReset) -> impl Future<Output = ActionResult<RequestId>> + Send;

    /// Requests that nobody looked at yet, oldest first.
    fn waiting_requests(&self, limit: u32) -> impl Future<Output = StoreResult<Vec<WaitingRequest>>> + Send;

    /// Ends a request that no reset came of, because nobody has the address (`customer` is none),
    /// or for the reason that is then written into the customer's history.
    fn close_request(
        &self,
        request: RequestId,
        customer: Option<(CustomerId, &Refusal)>,
        asked: &Asked,
    ) -> impl Future<Output = StoreResult<()>> + Send;

    /// Who holds a link, as long as it works.
    fn link_holder(
        &self,
        token: &CustomerToken,
        now: Timestamp,
    ) -> impl Future<Output = StoreResult<Option<LinkHolder>>> + Send;

    /// Sets the password that was chosen with a link, once: of many at the same moment one wins, and
    /// the others are refused with [`Refusal::LinkDead`]. Ends all browser sessions, takes a lock
    /// off, confirms the address, queues the mail that tells the customer; access tokens stay.
    fn redeem_reset(&self, redeem: &RedeemReset) -> impl Future<Output = ActionResult<PasswordSet>> + Send;

    /// Counts a sign-in as a wrong password, before its password is looked at, and says what to
    /// compare it with. Costs the same whether anybody has the address or not.
    fn count_sign_in(&self, attempt: &SignInAttempt) -> impl Future<Output = StoreResult<Counted>> + Send;

    /// Completes a sign-in whose password was right. False when the account changed meanwhile (its
    /// password, its state, or its sessions were ended); nothing is given then.
    fn complete_sign_in(&self, sign_in: &SignIn) -> impl Future<Output = StoreResult<bool>> + Send;

    /// Whose browser session this is at `now`; none when it has ended.
    fn session_holder(
        &self,
        session: &CustomerToken,
        now: Timestamp,
    ) -> impl Future<Output = StoreResult<Option<Account>>> + Send;

    /// Ends a browser session.
    fn end_session(&self, session: &CustomerToken, now: Timestamp) -> impl Future<Output = StoreResult<()>> + Send;

    /// Removes some of what nothing counts any more: requests older than a day, sessions that ended
    /// a month ago. Says how much; asked again until that is nothing.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = StoreResult<u64>> + Send;
}

/// Integrations (OAuth consumers).
pub trait Integrations {
    /// Adds one; refused where there is one of this name.
    fn add_integration(&self, add: &AddIntegration) -> impl Future<Output = ActionResult<IntegrationId>> + Send;

    /// Those that were not removed, by name.
    fn integrations(&self) -> impl Future<Output = StoreResult<Vec<Integration>>> + Send;

    /// Removes one and revokes its tokens: from the first moment none of them works.
    fn remove_integration(
        &self,
        remove: &RemoveIntegration,
    ) -> impl Future<Output = ActionResult<IntegrationRemoved>> + Send;

    /// What the integration with this key signs in with.
    fn integration_login(&self, key: &str) -> impl Future<Output = StoreResult<Option<StoredLogin>>> + Send;
}

/// The queue of mails.
pub trait Outbox {
    /// Takes the next due mail for at most `lease`; none when nothing is due or the queue rests.
    fn claim_mail(
        &self,
        now: Timestamp,
        owner: &str,
        lease: Duration,
    ) -> impl Future<Output = StoreResult<Option<ClaimedMail>>> + Send;

    /// Writes down the digest of the link's token and the end of its life, the first time its
    /// mail is made. Returns the end of its life; none when the reset is no longer live.
    fn make_link(
        &self,
        customer: CustomerId,
        reset: ResetId,
        token_digest: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = StoreResult<Option<Timestamp>>> + Send;

    /// Writes down what a try came to. False when the lease had passed to someone else, who
    /// then decides; nothing is written.
    fn finish_mail(&self, finish: &FinishMail) -> impl Future<Output = StoreResult<bool>> + Send;

    /// Queues a mail again for now, with the same Message-ID and link. Ends a rest of the queue.
    /// Refused for one that a worker holds, and for one whose link cannot work any more.
    fn retry_mail(&self, retry: &RetryMail) -> impl Future<Output = ActionResult<MailRetried>> + Send;

    /// Mails, newest first, older than `before`.
    fn mails(
        &self,
        filter: MailFilter,
        before: Option<MailId>,
        limit: u32,
        now: Timestamp,
    ) -> impl Future<Output = StoreResult<Vec<MailLine>>> + Send;

    /// One mail with all that is needed to show it.
    fn mail(&self, id: MailId, now: Timestamp) -> impl Future<Output = StoreResult<Option<MailLine>>> + Send;

    /// How the queue stands.
    fn queue(&self, now: Timestamp) -> impl Future<Output = StoreResult<QueueState>> + Send;

    /// Becomes, or stays, the one console that delivers mails for this database; false while
    /// another process is. Ends with the process, however it ends.
    fn become_worker(&self) -> impl Future<Output = StoreResult<bool>> + Send;

    /// Whether this database's links are made with the key of this fingerprint. The first key is
    /// the one; `replace` puts another in its place.
    fn agree_on_key(&self, fingerprint: &str, replace: bool) -> impl Future<Output = StoreResult<bool>> + Send;

    /// Ends a rest of the queue, because somebody asks for delivery now.
    fn wake_queue(&self) -> impl Future<Output = StoreResult<()>> + Send;
}

/// The audit log.
pub trait Audit {
    /// Writes down an action that concerns no single customer and was done in many steps.
    fn write_down(&self, asked: &Asked, action: Action, detail: &str) -> impl Future<Output = StoreResult<()>> + Send;

    /// Entries, newest first, older than number `before`.
    fn audit_entries(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Vec<EntryLine>>> + Send;

    /// Entries as stored, from number `from` on, for verification.
    fn audit_chain(&self, from: i64, limit: u32) -> impl Future<Output = StoreResult<Vec<Entry>>> + Send;
}

/// Looking after the database as a whole.
pub trait Maintenance {
    /// Copies the database to a new file that only its owner can read, while everybody goes on
    /// working, and reads the copy back. Nothing is ever overwritten, and nothing half is left, not
    /// even when `cancel` is given.
    fn back_up(&self, to: &Path, cancel: &Cancel) -> impl Future<Output = StoreResult<Backup>> + Send;

    /// Does a little of what keeps searches fast and waits for no answer: asked by whoever delivers
    /// mails, while there is nothing to deliver. Says whether there is more to do.
    fn tidy(&self) -> impl Future<Output = StoreResult<bool>> + Send;
}
