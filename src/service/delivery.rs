//! The mail worker: takes due mails, some at a time, makes link and mail, hands them over and
//! writes down what came of each.
//!
//! At least once, and honestly: a mail is claimed and committed before the relay is spoken to,
//! and finished only by the worker that still holds it. A worker that dies in between leaves a
//! mail that the next one makes again, byte for byte the same.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    domain::{
        email::EmailAddress,
        mail_state::{AfterTry, MailState, NOTICE_TRIED, SendResult, WORTH_SENDING, after_try},
        outbox::{ClaimedMail, FinishMail, MailKind},
        reset::{LinkState, TokenKey},
        safe_text::SafeText,
    },
    mail::{
        render::{Letter, Mail},
        transport::Transport,
    },
    service::Service,
    store::{Store, StoreError, StoreResult},
};

/// How long a claim holds: longer than any try can take, deadline and clock differences included.
const LEASE: Duration = Duration::from_mins(5);
/// Mails under way at the same time: so many connections to the relay at most, and so many mails
/// that may be sent again when the process is killed.
const LANES: usize = 8;
/// How often mails that another process queued are looked for.
const POLL: Duration = Duration::from_secs(2);
/// Rest after the database failed.
const REST: Duration = Duration::from_secs(5);

/// What a worker needs besides the service.
#[derive(Clone, Debug)]
pub struct Mailer {
    /// How mails leave.
    pub transport: Transport,
    /// What links are made with.
    pub key: TokenKey,
    /// Who this worker is, different for every process.
    pub owner: String,
}

/// What became of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Where it went, or should have gone.
    pub to: SafeText,
    /// The relay's answer, or why there was none.
    pub answer: SafeText,
    /// What follows.
    pub after: AfterTry,
}

/// What a worker tells while it works.
#[derive(Debug)]
pub enum News {
    /// A mail was tried.
    Delivered(Delivered),
    /// Another process delivers; this one waits to take over. Told once.
    Waiting,
    /// The database failed; told again only when it fails in another way. The worker goes on.
    Failed(StoreError),
}

/// What a round of delivery came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Taken by the relay.
    pub accepted: u32,
    /// To be tried again.
    pub retried: u32,
    /// Refused for good.
    pub refused: u32,
    /// Given up, or no longer wanted.
    pub dropped: u32,
    /// The relay refuses us: its words.
    pub stopped: Option<SafeText>,
}

impl DeliveryReport {
    fn add(&mut self, delivered: &Delivered) {
        match &delivered.after {
            AfterTry::Done(MailState::Accepted) => self.accepted += 1,
            AfterTry::Done(MailState::Refused) => self.refused += 1,
            AfterTry::Done(_) => self.dropped += 1,
            AfterTry::RetryAt(_) => self.retried += 1,
            AfterTry::StopQueue { .. } => self.stopped = Some(delivered.answer.clone()),
        }
    }
}

/// A mail ready to be rendered, and the time after which it is worthless; or the state that it
/// ends in without being sent, and why.
type Made = Result<(Mail, Timestamp), (MailState, String)>;

/// A mail's letter and the time after which it is worthless; or as in [`Made`].
type Written = Result<(Letter, Timestamp), (MailState, String)>;

/// What a worker's round came to.
enum Round {
    /// All due mails were tried; then the next one is due, or there is more to tidy.
    Done(Option<Timestamp>),
    /// Another process delivers.
    Waiting,
}

impl<S: Store> Service<S> {
    /// Whether this database's links are made with this worker's key, as they must be by all
    /// workers. The first worker's key is the one; `replace` puts another in its place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agree_on_key(&self, mailer: &Mailer, replace: bool) -> StoreResult<bool> {
        self.store.agree_on_key(&mailer.key.fingerprint(), replace).await
    }

    /// Hands over every mail that is due, as long as `go_on` says so, and tells about each.
    ///
    /// # Errors
    /// When the database fails; a mail that was claimed then is tried again later.
    pub async fn deliver_due(
        &self,
        mailer: &Mailer,
        go_on: &(dyn Fn() -> bool + Sync),
        tell: &mut (dyn FnMut(&Delivered) + Send),
    ) -> StoreResult<DeliveryReport> {
        let (mut report, mut lanes) = (DeliveryReport::default(), 1);
        while lanes > 0 && go_on() {
            let tries = join_all((0..lanes).map(|_| self.deliver_next(mailer))).await;
            // Told between the waves: whoever listens may keep us waiting, and until then no
            // transaction is open.
            lanes = (lanes * 2).min(LANES);
            for tried in tries {
                match tried? {
                    Some(delivered) => {
                        report.add(&delivered);
                        tell(&delivered);
                    }
                    None => lanes = 0,
                }
            }
        }
        Ok(report)
    }

    /// Looks after what searches read, in so many steps at most; each takes seconds at most. A worker
    /// that stays does this by itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tidy(&self, steps: u32) -> StoreResult<()> {
        for _ in 0..steps {
            if !self.store.tidy().await? {
                break;
            }
        }
        Ok(())
    }

    /// Tries the next mail that is due; none when no mail is.
    async fn deliver_next(&self, mailer: &Mailer) -> StoreResult<Option<Delivered>> {
        match self.store.claim_mail(self.clock.now(), &mailer.owner, LEASE).await? {
            Some(claimed) => self.deliver(mailer, &claimed).await.map(Some),
            None => Ok(None),
        }
    }

    /// Delivers until `stop` turns true or its sender is gone, finishing the mails at hand. Only
    /// one process at a time delivers; the others wait to take over.
    pub async fn run_worker(
        &self,
        mailer: Mailer,
        mut stop: watch::Receiver<bool>,
        tell: &mut (dyn FnMut(News) + Send),
    ) {
        let mut trouble = String::new();
        while !*stop.borrow_and_update() {
            let (rest, news) = self.worker_turn(&mailer, &|| !*stop.borrow(), tell).await;
            let text = format!("{news:?}");
            if let Some(news) = news.filter(|_| text != trouble) {
                tell(news);
            }
            trouble = text;
            tokio::select! {
                told = stop.changed() => if told.is_err() { break },
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// One turn of a worker: delivers what is due, and says how long to rest before the next turn, and
    /// what keeps it from working.
    pub async fn worker_turn(
        &self,
        mailer: &Mailer,
        go_on: &(dyn Fn() -> bool + Sync),
        tell: &mut (dyn FnMut(News) + Send),
    ) -> (Duration, Option<News>) {
        match self.worker_round(mailer, go_on, tell).await {
            Ok(Round::Done(next)) => (self.until(next), None),
            Ok(Round::Waiting) => (POLL, Some(News::Waiting)),
            Err(e) => (REST, Some(News::Failed(e))),
        }
    }

    async fn worker_round(
        &self,
        mailer: &Mailer,
        go_on: &(dyn Fn() -> bool + Sync),
        tell: &mut (dyn FnMut(News) + Send),
    ) -> StoreResult<Round> {
        if !self.store.become_worker().await? {
            return Ok(Round::Waiting);
        }
        self.keep_time().await?;
        self.deliver_due(mailer, go_on, &mut |mail| tell(News::Delivered(mail.clone()))).await?;
        // One step: a mail that falls due meanwhile does not wait for more.
        if go_on() && self.store.tidy().await? {
            return Ok(Round::Done(Some(self.clock.now())));
        }
        Ok(Round::Done(self.store.queue(self.clock.now()).await?.next_at))
    }

    /// How long to wait for `next`: never so long that a mail queued elsewhere goes unnoticed.
    fn until(&self, next: Option<Timestamp>) -> Duration {
        let left = next.map(|next| next.duration_since(self.clock.now()));
        let left = left.and_then(|left| Duration::try_from(left).ok());
        left.map_or(POLL, |left| left.clamp(Duration::from_millis(20), POLL))
    }

    /// Makes one claimed mail, hands it over, and writes down what came of it.
    async fn deliver(&self, mailer: &Mailer, claimed: &ClaimedMail) -> StoreResult<Delivered> {
        let (result, after) = match self.make(mailer, claimed).await? {
            Ok((mail, dead_at)) => self.hand_over(mailer, &mail, claimed.attempt, dead_at).await,
            Err((state, why)) => (SendResult::TryAgain(why), AfterTry::Done(state)),
        };
        let answer = SafeText::new(result.text());
        let finish = FinishMail {
            customer: claimed.customer,
            id: claimed.id,
            owner: claimed.owner.clone(),
            attempt: claimed.attempt,
            at: self.clock.now(),
            result,
            after: after.clone(),
        };
        self.store.finish_mail(&finish).await?;
        Ok(Delivered { to: SafeText::new(&claimed.to), answer, after })
    }

    async fn make(&self, mailer: &Mailer, claimed: &ClaimedMail) -> StoreResult<Made> {
        if let Some(ended) = not_wanted(claimed) {
            return Ok(Err(ended));
        }
        let to = match EmailAddress::parse(&claimed.to) {
            Ok(to) => to,
            Err(e) => return Ok(Err((MailState::Refused, e.to_string()))),
        };
        let website = self.rules.website(claimed.website.clone());
        let Some(base_url) = website.base_url.clone() else {
            return Ok(Err((MailState::Refused, "the website has no base URL".to_owned())));
        };
        let written = match claimed.kind {
            MailKind::Reset => self.with_link(mailer, claimed, &base_url).await?,
            MailKind::PasswordChanged => {
                let dead_at = claimed.created_at.saturating_add(NOTICE_TRIED).unwrap_or(Timestamp::MAX);
                Ok((Letter::PasswordChanged { at: claimed.created_at }, dead_at))
            }
        };
        let (message_id, created_at) = (claimed.message_id.clone(), claimed.created_at);
        Ok(written.map(|(letter, dead_at)| (Mail { message_id, created_at, website, to, letter }, dead_at)))
    }

    /// Makes the link of a reset, whose life begins with that.
    async fn with_link(&self, mailer: &Mailer, claimed: &ClaimedMail, base_url: &str) -> StoreResult<Written> {
        let (now, life) = (self.clock.now(), self.rules.reset.link_life);
        let token = mailer.key.token(claimed.reset, &claimed.nonce);
        let end = now.saturating_add(life).unwrap_or(Timestamp::MAX);
        let Some(expires_at) = self.store.make_link(claimed.customer, claimed.reset, &token.digest(), end, now).await?
        else {
            return self.not_made(claimed).await;
        };
        let link = token.link(base_url, claimed.customer);
        let worthless = expires_at.saturating_sub(WORTH_SENDING.min(life / 2)).unwrap_or(Timestamp::MIN);
        Ok(Ok((Letter::Reset { link, expires_at, from_console: claimed.from_console }, worthless)))
    }

    /// Why a link could not be made: somebody ended it meanwhile, or an earlier try made it with
    /// another key, and then the mail that may be out has a link that no longer is ours.
    async fn not_made(&self, claimed: &ClaimedMail) -> StoreResult<Written> {
        let mail = self.store.mail(claimed.id, self.clock.now()).await?;
        Ok(Err(match mail.map(|mail| mail.link) {
            Some(link) if link.is_live() => {
                let why = "an earlier try was made with another token key; start a new reset, and keep one key file";
                (MailState::Refused, why.to_owned())
            }
            Some(link) => not_live(link),
            None => (MailState::Cancelled, "the customer is gone".to_owned()),
        }))
    }

    async fn hand_over(&self, mailer: &Mailer, mail: &Mail, tries: u32, dead_at: Timestamp) -> (SendResult, AfterTry) {
        match mail.render() {
            Ok(rendered) => {
                let result = mailer.transport.send(&rendered).await;
                let [jitter] = self.entropy.bytes();
                let after = after_try(&result, tries, self.clock.now(), dead_at, jitter);
                (result, after)
            }
            // Rendering it again would fail again.
            Err(e) => (SendResult::RecipientRefused(e.to_string()), AfterTry::Done(MailState::Refused)),
        }
    }
}

/// Why a mail is not sent any more. A reset needs a link that works, and goes nowhere but to the
/// customer's address of today. A notice goes to the address whose password was changed, whatever
/// became of link and address: whoever had it must learn of it.
fn not_wanted(claimed: &ClaimedMail) -> Option<(MailState, String)> {
    let cancelled = |why: &str| Some((MailState::Cancelled, why.to_owned()));
    match (claimed.kind, &claimed.current_email) {
        (MailKind::Reset, _) if !claimed.link.is_live() => Some(not_live(claimed.link)),
        (_, None) => cancelled("the customer is gone"),
        (MailKind::Reset, Some(email)) if *email != claimed.to => cancelled("the customer's e-mail address changed"),
        (MailKind::Reset | MailKind::PasswordChanged, Some(_)) => None,
    }
}

fn not_live(link: LinkState) -> (MailState, String) {
    let state = match link {
        LinkState::Superseded { .. } => MailState::Superseded,
        LinkState::Expired { .. } => MailState::Expired,
        _ => MailState::Cancelled,
    };
    (state, format!("the link is {}", link.word()))
}
