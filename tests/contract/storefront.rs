//! What customers do themselves, and what ends it.

use futures_util::future::join_all;
use jiff::SignedDuration;
use keydesk::{
    domain::{
        access_token::Scope,
        customer::{CustomerId, NewCustomer, Status},
        customer_token::CustomerToken,
        email::EmailAddress,
        outbox::{MailFilter, MailKind},
        password::{PasswordHash, PasswordProblem},
        refusal::Refusal,
        reset::{KEY_LEN, LinkState, TokenKey},
        sign_in::Lockout,
        storefront::{Counted, PasswordSet, SignInAttempt},
        throttle::Blocked,
        website::WebsiteId,
    },
    mail::transport::{Memory, Transport},
    service::{delivery::Mailer, redeem::Chosen, sign_in::Login},
    store::Store,
};
use secrecy::{ExposeSecret, SecretString};

use crate::shop::{Shop, customer, mina, minutes, of_customer, open};

const EMAIL: &str = "a@example.com";
const BASE: WebsiteId = WebsiteId(1);

fn key() -> TokenKey {
    TokenKey::new([5; KEY_LEN])
}

impl<S: Store> Shop<S> {
    /// Delivers what is due, and gives the links of the mails, oldest first.
    async fn links(&self) -> Vec<CustomerToken> {
        let memory = Memory::default();
        let mailer = Mailer { transport: Transport::Memory(memory.clone()), key: key(), owner: "worker".into() };
        self.service.deliver_due(&mailer, &|| true, &mut |_| ()).await.unwrap();
        memory.mails().iter().filter_map(|mail| link_in(mail.bytes())).collect()
    }

    /// The link that a mail of staff brings.
    async fn link(&self, id: CustomerId) -> CustomerToken {
        self.service.start_reset(id, None, mina()).await.unwrap().unwrap();
        self.clock.advance(minutes(1));
        self.links().await.pop().unwrap()
    }

    async fn ask(&self, email: &str, ip: &str) -> Result<(), Refusal> {
        let address = EmailAddress::parse(email).unwrap();
        let asked = self.service.ask_for_reset(BASE, address, Some(ip.parse().unwrap()), &key()).await;
        asked.unwrap().map(|_| ())
    }

    async fn choose(&self, link: &CustomerToken, password: &str) -> Chosen {
        self.service.choose_password(link, &password.into()).await.unwrap()
    }

    async fn sign_in(&self, password: &str) -> Option<CustomerToken> {
        self.service.sign_in(&login(password)).await.unwrap()
    }

    async fn has_session(&self, session: &CustomerToken) -> bool {
        self.service.session_holder(session).await.unwrap().is_some()
    }

    async fn works(&self, token: &CustomerToken) -> bool {
        self.service.token_holder(token).await.unwrap().is_some()
    }

    async fn told(&self, id: CustomerId) -> Vec<(String, String)> {
        let entries = self.service.store().audit_entries(&of_customer(id), None, 100).await.unwrap();
        entries.iter().rev().map(|entry| (entry.operator.to_string(), entry.action.to_string())).collect()
    }
}

fn login(password: &str) -> Login {
    Login { website: BASE, email: "A@Example.com".into(), password: password.into() }
}

/// The token of the link in a mail whose lines may be broken with `=`.
fn link_in(mail: &[u8]) -> Option<CustomerToken> {
    let text = String::from_utf8(mail.to_vec()).unwrap().replace("=\r\n", "");
    let token = text.split("/r/").nth(1)?.split(char::is_whitespace).next()?;
    Some(CustomerToken::parse(token).unwrap())
}

fn set(chosen: Chosen) -> PasswordSet {
    match chosen {
        Chosen::Set(set) => set,
        other => panic!("not set: {other:?}"),
    }
}

fn strings(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|(who, what)| ((*who).to_owned(), (*what).to_owned())).collect()
}

/// From the mail to the new password, once.
pub async fn choose_a_password<S: Store>(store: S, other: S) {
    let (shop, ids) = open(store, &[EMAIL]).await;
    let (id, link) = (ids[0], shop.link(ids[0]).await);
    for _ in 0..100 {
        assert_eq!(shop.service.link_holder(&link).await.unwrap().unwrap().email, EMAIL);
    }
    let wrong = CustomerToken::new(id, [9; 32]);
    assert!(shop.service.link_holder(&wrong).await.unwrap().is_none());
    assert_eq!(shop.choose(&wrong, "vivid7").await, Chosen::LinkDead);
    let somebody_else = CustomerToken::parse(&link.text().expose_secret().replacen('1', "2", 1)).unwrap();
    assert_eq!(shop.choose(&somebody_else, "vivid7").await, Chosen::LinkDead);
    assert_eq!(shop.choose(&link, "abc").await, Chosen::NotAllowed(vec![PasswordProblem::TooShort(6)]));
    assert_eq!(shop.choose(&link, EMAIL).await, Chosen::NotAllowed(vec![PasswordProblem::IsEmail]));

    let done = set(shop.choose(&link, "vivid7").await);
    assert_eq!((done.customer, done.sessions, done.unlocked), (id, 0, false));
    let record = shop.record(id).await;
    assert!(matches!(record.last_reset.unwrap().link, LinkState::Used { .. }));
    assert_eq!(record.failed_sign_ins, 0);
    let other = Shop::new(other, 9);
    assert_eq!(other.choose(&link, "vivid8").await, Chosen::LinkDead, "a link works once");
    assert!(shop.service.link_holder(&link).await.unwrap().is_none());
    assert!(shop.sign_in("vivid7").await.is_some() && shop.sign_in("vivid8").await.is_none());

    let mails = shop.service.mails(MailFilter::default(), None, 9).await.unwrap();
    assert_eq!(mails.iter().map(|mail| mail.kind).collect::<Vec<_>>(), [MailKind::PasswordChanged, MailKind::Reset]);
    assert!(shop.links().await.is_empty(), "the notice brings no link");
    let told = [("mina", "reset.start"), ("mail worker", "mail.accepted"), ("customer", "password.set")];
    assert_eq!(shop.told(id).await[..3], strings(&told));
}

/// What ends a link ends it for choosing a password, too.
pub async fn dead_links<S: Store>(store: S) {
    let (shop, ids) = open(store, &[EMAIL, "b@example.com", "c@example.com"]).await;
    let cancelled = shop.link(ids[0]).await;
    shop.service.cancel_reset(ids[0], mina()).await.unwrap().unwrap();
    assert_eq!(shop.choose(&cancelled, "vivid7").await, Chosen::LinkDead);

    let superseded = shop.link(ids[1]).await;
    shop.clock.advance(minutes(10));
    let newer = shop.link(ids[1]).await;
    assert_eq!(shop.choose(&superseded, "vivid7").await, Chosen::LinkDead);
    set(shop.choose(&newer, "vivid7").await);

    let expired = shop.link(ids[2]).await;
    shop.clock.advance(minutes(24 * 60).saturating_sub(SignedDuration::from_secs(1)));
    assert!(shop.service.link_holder(&expired).await.unwrap().is_some(), "24 hours from the mail");
    shop.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(shop.choose(&expired, "vivid7").await, Chosen::LinkDead);
}

/// A new password ends sessions, a lock and the wait for a confirmation; access tokens stay until
/// Force Sign In ends them.
pub async fn new_password_ends_sessions<S: Store>(store: S) {
    let (shop, ids) = open(store, &[EMAIL]).await;
    let id = ids[0];
    let link = shop.link(id).await;
    set(shop.choose(&link, "vivid7").await);
    let session = shop.sign_in("vivid7").await.unwrap();
    assert!(shop.has_session(&session).await);
    let added = shop.service.add_integration("ERP sync", "orders", mina()).await.unwrap().unwrap();
    let erp = shop.service.integration(&added.key, &added.secret).await.unwrap().unwrap();
    let token = shop.service.issue_token(&erp, &login("vivid7")).await.unwrap().unwrap();
    assert!(shop.works(&token).await);

    shop.clock.advance(minutes(20));
    for _ in 0..10 {
        assert!(shop.sign_in("wrong7").await.is_none());
    }
    assert!(matches!(shop.record(id).await.status, Status::Locked { .. }));
    let link = shop.link(id).await;
    let done = set(shop.choose(&link, "other7").await);
    assert_eq!((done.sessions, done.unlocked), (1, true));
    assert!(!shop.has_session(&session).await && shop.works(&token).await);
    assert!(shop.sign_in("vivid7").await.is_none());
    let session = shop.sign_in("other7").await.unwrap();

    shop.service.force_sign_in(id, None, Scope::Tokens, mina()).await.unwrap().unwrap();
    assert!(!shop.works(&token).await && shop.has_session(&session).await);
    shop.service.force_sign_in(id, None, Scope::Sessions, mina()).await.unwrap().unwrap();
    assert!(!shop.has_session(&session).await);
}

/// Unconfirmed customers are found as such until they choose a password with a mail's link.
pub async fn opening_a_mail_confirms<S: Store>(store: S) {
    let (shop, _) = open(store, &["z@example.com"]).await;
    let group = shop.store().groups().await.unwrap()[0].id;
    let new = NewCustomer { confirmed: false, ..customer(BASE, group, EMAIL) };
    let id = shop.store().insert_customers(shop.store().batch(&[new])).await.unwrap()[0];
    assert_eq!(shop.found("is:unconfirmed").await, [id]);
    let link = shop.link(id).await;
    set(shop.choose(&link, "vivid7").await);
    assert!(shop.found("is:unconfirmed").await.is_empty());
    assert_eq!(shop.found("costello").await.len(), 2);
    assert!(shop.sign_in("vivid7").await.is_some());
}

/// Ten wrong passwords lock for ten minutes; the right one does not open a lock, and nobody can
/// tell which it was.
pub async fn lock<S: Store>(store: S) {
    let (shop, ids) = open(store, &[EMAIL]).await;
    let link = shop.link(ids[0]).await;
    set(shop.choose(&link, "vivid7").await);
    for _ in 0..9 {
        assert!(shop.sign_in("wrong7").await.is_none());
    }
    assert!(shop.sign_in("vivid7").await.is_some(), "the tenth may be right");
    assert_eq!(shop.record(ids[0]).await.failed_sign_ins, 0);
    for _ in 0..10 {
        assert!(shop.sign_in("wrong7").await.is_none());
    }
    assert!(shop.sign_in("vivid7").await.is_none());
    assert_eq!(shop.told(ids[0]).await.last().unwrap().1, "customer.lock");
    shop.clock.advance(minutes(10));
    assert!(shop.sign_in("vivid7").await.is_some());
    let nobody = Login { email: "nobody@example.com".into(), ..login("vivid7") };
    let elsewhere = Login { website: WebsiteId(2), ..login("vivid7") };
    for login in [nobody, elsewhere] {
        assert!(shop.service.sign_in(&login).await.unwrap().is_none());
    }
}

/// Several who bring the right password at the same moment all come in, also where the first of them
/// replaces an old hash.
pub async fn old_hashes<S: Store>(store: S) {
    let (shop, _) = open(store, &["z@example.com"]).await;
    let group = shop.store().groups().await.unwrap()[0].id;
    // Magento's own: "password".
    let hash = Some(PasswordHash::from("67a1e09bb1f83f5007dc119c14d663aa:salt:0"));
    let new = NewCustomer { password_hash: hash, failed_sign_ins: 0, ..customer(BASE, group, EMAIL) };
    let id = shop.store().insert_customers(shop.store().batch(&[new])).await.unwrap()[0];
    let sessions = join_all((0..8).map(|_| shop.sign_in("password"))).await;
    assert_eq!(sessions.iter().flatten().count(), 8);
    assert_eq!(shop.record(id).await.failed_sign_ins, 0);
}

/// An address that nobody has is compared with some customer's hash, always the same one, so that it
/// takes as long as a customer's; and whoever guesses that one is let in nowhere.
pub async fn stand_ins<S: Store>(store: S) {
    let (shop, _) = open(store, &["y@example.com", "z@example.com"]).await;
    let group = shop.store().groups().await.unwrap()[0].id;
    let imported = "67a1e09bb1f83f5007dc119c14d663aa:salt:0";
    let with = |email| NewCustomer { password_hash: Some(imported.into()), ..customer(BASE, group, email) };
    shop.store().insert_customers(shop.store().batch(&[with(EMAIL), with("b@example.com")])).await.unwrap();
    let attempt = |number: u32| SignInAttempt {
        at: shop.now(),
        email: format!("nobody{number}@example.com"),
        website: BASE,
        lockout: Lockout::default(),
    };
    let stand_in = async |number| match shop.store().count_sign_in(&attempt(number)).await.unwrap() {
        Counted::Nobody(hash) => hash.unwrap().expose_secret().to_owned(),
        Counted::Customer(found) => panic!("{found:?}"),
    };
    let mut of_imported = 0;
    for number in 0..100 {
        let hash = stand_in(number).await;
        assert_eq!(stand_in(number).await, hash, "measuring again tells nothing new");
        of_imported += u32::from(hash == imported);
        let login = Login { email: attempt(number).email, ..login("password") };
        assert!(shop.service.sign_in(&login).await.unwrap().is_none());
    }
    assert!((25..=75).contains(&of_imported), "{of_imported} of 100, where every other customer is one");
    assert!(shop.sign_in("password").await.is_some());
}

/// Sessions and tokens end by themselves, by hand, and with the integration.
pub async fn sessions_and_tokens<S: Store>(store: S, other: S) {
    let (shop, ids) = open(store, &[EMAIL]).await;
    let link = shop.link(ids[0]).await;
    set(shop.choose(&link, "vivid7").await);
    let (one, two) = (shop.sign_in("vivid7").await.unwrap(), shop.sign_in("vivid7").await.unwrap());
    shop.service.sign_out(&one).await.unwrap();
    assert!(!shop.has_session(&one).await && shop.has_session(&two).await);
    shop.clock.advance(minutes(12 * 60));
    assert!(!shop.has_session(&two).await);

    let erp = shop.service.add_integration("ERP sync", "orders", mina()).await.unwrap().unwrap();
    let again = shop.service.add_integration("ERP sync", "", mina()).await.unwrap();
    assert_eq!(again.map(|login| login.id), Err(Refusal::IntegrationExists));
    let wrong = SecretString::from("wrong");
    assert!(shop.service.integration(&erp.key, &wrong).await.unwrap().is_none());
    let erp = shop.service.integration(&erp.key, &erp.secret).await.unwrap().unwrap();
    let issue = async || shop.service.issue_token(&erp, &login("vivid7")).await.unwrap().unwrap();
    let (one, two) = (issue().await, issue().await);
    let used = async || shop.record(ids[0]).await.tokens.iter().filter_map(|token| token.last_used_at).max();
    assert_eq!(used().await, None);
    let first = shop.now();
    assert!(shop.works(&one).await);
    shop.clock.advance(SignedDuration::from_secs(59));
    assert!(shop.works(&one).await);
    assert_eq!(used().await, Some(first), "at most once a minute");
    shop.clock.advance(SignedDuration::from_secs(1));
    assert!(shop.works(&one).await);
    assert_eq!(used().await, Some(shop.now()));
    let holder = shop.service.token_holder(&two).await.unwrap().unwrap();
    assert_eq!((holder.integration.as_str(), holder.account.email.as_str()), ("ERP sync", EMAIL));
    assert_eq!(shop.service.give_tokens_back(&holder).await.unwrap(), 2);
    assert!(!shop.works(&one).await && !shop.works(&two).await);
    let told = [("integration", "token.issue"), ("integration", "token.issue"), ("integration", "token.revoke")];
    assert!(shop.told(ids[0]).await.ends_with(&strings(&told)));

    let ends = issue().await;
    shop.clock.advance(minutes(59));
    assert!(shop.works(&ends).await);
    shop.clock.advance(minutes(1));
    assert!(!shop.works(&ends).await);
    let late = issue().await;
    assert_eq!(shop.service.remove_integration("ERP sync", mina()).await.unwrap().unwrap().tokens, 1);
    let other = Shop::new(other, 9);
    other.clock.advance(shop.now().duration_since(other.now()));
    assert!(!other.works(&late).await);
    let meanwhile = async || shop.service.issue_token(&erp, &login("vivid7")).await.unwrap();
    assert!(meanwhile().await.is_none(), "it signed in just before it was removed");
    let gone = shop.service.remove_integration("ERP sync", mina()).await.unwrap();
    assert_eq!(gone.unwrap_err(), Refusal::NoSuchIntegration);
    assert!(shop.service.integrations().await.unwrap().is_empty());
    shop.service.add_integration("ERP sync", "", mina()).await.unwrap().unwrap();
    assert!(!shop.works(&late).await, "a name that comes back does not bring its tokens back");
    assert!(meanwhile().await.is_none(), "nor its old secret");
}

/// Anybody may ask; who has the address finds a mail, and nobody else learns anything.
pub async fn ask_for_a_reset<S: Store>(store: S) {
    let (shop, ids) = open(store, &[EMAIL, "b@example.com"]).await;
    assert_eq!(shop.ask(EMAIL, "192.0.2.1").await, Ok(()));
    let next = shop.now().saturating_add(minutes(10)).unwrap();
    let too_soon = Err(Refusal::Throttled(Blocked::TooSoon { next }));
    assert_eq!(shop.ask("A@example.com", "192.0.2.2").await, too_soon, "by address");
    assert_eq!(shop.ask("b@example.com", "192.0.2.1").await, too_soon, "by network");
    assert_eq!(shop.ask("nobody@example.com", "192.0.2.3").await, Ok(()));
    assert_eq!(shop.ask("nobody@example.com", "192.0.2.4").await, too_soon, "known or not");
    assert_eq!(shop.service.answer_requests().await.unwrap(), 2);
    assert_eq!(shop.service.answer_requests().await.unwrap(), 0);
    let link = shop.links().await.pop().unwrap();
    assert_eq!(link.customer(), ids[0]);
    let record = shop.record(ids[0]).await;
    assert_eq!((record.budget.used, record.last_reset.unwrap().requested_by.as_str()), (1, "customer"));
    set(shop.choose(&link, "vivid7").await);

    // A link that staff sent is not ended by whoever knows the address.
    let staffs = shop.link(ids[1]).await;
    shop.clock.advance(minutes(20));
    assert_eq!(shop.ask("b@example.com", "192.0.2.9").await, Ok(()));
    shop.service.answer_requests().await.unwrap();
    assert!(shop.links().await.is_empty());
    assert_eq!(shop.told(ids[1]).await.last().unwrap(), &strings(&[("customer", "reset.not_sent")])[0]);
    set(shop.choose(&staffs, "vivid7").await);

    // What staff sent does not show in the answer to a request.
    shop.service.start_reset(ids[1], None, mina()).await.unwrap().unwrap();
    shop.service.cancel_reset(ids[1], mina()).await.unwrap().unwrap();
    shop.clock.advance(minutes(60));
    shop.service.start_reset(ids[1], None, mina()).await.unwrap().unwrap();
    assert_eq!(shop.ask("b@example.com", "192.0.2.10").await, Ok(()));
    let swept = shop.store().sweep(shop.now()).await.unwrap();
    assert_eq!(swept, 0);
    shop.service.answer_requests().await.unwrap();
    shop.clock.advance(minutes(25 * 60));
    assert!(shop.store().sweep(shop.now()).await.unwrap() > 0);
    assert_eq!(shop.store().sweep(shop.now()).await.unwrap(), 0);
}

/// Of eight who use one link at the same moment, one does.
pub async fn one_winner<S: Store>(stores: Vec<S>) {
    let mut stores = stores.into_iter();
    let (shop, ids) = open(stores.next().unwrap(), &[EMAIL]).await;
    let link = shop.link(ids[0]).await;
    let others: Vec<Shop<S>> = stores.zip(50..).map(|(store, seed)| Shop::new(store, seed)).collect();
    let shops = others.iter().chain([&shop]);
    let chosen = join_all(shops.map(|shop| shop.choose(&link, "vivid7"))).await;
    assert_eq!(chosen.iter().filter(|chosen| matches!(chosen, Chosen::Set(_))).count(), 1, "{chosen:?}");
    assert_eq!(chosen.iter().filter(|chosen| **chosen == Chosen::LinkDead).count(), chosen.len() - 1);
}
