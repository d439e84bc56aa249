//! Customers added, changed and deleted one by one, each time by somebody and once.

use keydesk::{
    domain::{
        command::MailRetried,
        customer::{CustomerId, NewCustomer},
        email::EmailAddress,
        mail_state::{AfterTry, MailId, MailState, SendResult},
        name::PersonName,
        outbox::{FinishMail, MailFilter},
        refusal::Refusal,
        reset::LinkState,
        website::{GroupId, WebsiteId},
    },
    service::find::Found,
    store::{Store, StoreError},
};

use crate::shop::{LEASE, Shop, customer, mina, minutes, of_customer, open, with_key};

fn new(email: &str) -> NewCustomer {
    customer(WebsiteId(1), GroupId(1), email)
}

impl<S: Store> Shop<S> {
    async fn log(&self, id: CustomerId) -> Vec<String> {
        let entries = self.service.audit_entries(&of_customer(id), None, 100).await.unwrap();
        entries.iter().rev().map(|entry| format!("{}: {}", entry.action, entry.detail)).collect()
    }
}

/// On two connections to the same empty database.
pub async fn tell<S: Store>(store: S, other: S) {
    let (shop, ids) = open(store, &["first@example.com"]).await;
    let other = Shop::new(other, 4);
    let id = shop.service.add_customer(new("vera@example.com"), with_key("a1")).await.unwrap().unwrap();
    assert!(id > ids[0]);
    assert_eq!(other.service.add_customer(new("vera@example.com"), with_key("a1")).await.unwrap(), Ok(id));
    let reused = shop.service.add_customer(new("else@example.com"), with_key("a1")).await.unwrap();
    assert_eq!(reused, Err(Refusal::OpKeyReused));
    let taken = shop.service.add_customer(new("Vera@Example.com"), mina()).await;
    assert!(matches!(taken, Err(StoreError::DuplicateEmail)), "{taken:?}");
    assert_eq!(shop.found("vera").await, [id]);
    assert_eq!(shop.service.who("else@example.com", None).await.unwrap(), Found::Nobody);

    // To an address that somebody has: nothing changes, and the record can still be changed.
    let version = shop.record(id).await.version;
    let taken = shop.service.change_customer(id, version, new("first@example.com"), mina()).await;
    assert!(matches!(taken, Err(StoreError::DuplicateEmail)), "{taken:?}");
    assert_eq!(shop.found("vera").await, [id]);
    let data = NewCustomer { name: PersonName::new("Vera", "Cosgrove"), ..new("vera@example.com") };
    let changed = shop.service.change_customer(id, version, data.clone(), with_key("c1")).await.unwrap().unwrap();
    assert!(changed > version);
    let again = other.service.change_customer(id, version, data.clone(), with_key("c1")).await.unwrap();
    assert_eq!(again, Ok(changed));
    let reused = shop.service.change_customer(id, changed, new("vera@example.com"), with_key("c1")).await.unwrap();
    assert_eq!(reused, Err(Refusal::OpKeyReused), "other data under the same key");
    let stale = shop.service.change_customer(id, version, data, mina()).await.unwrap();
    assert_eq!(stale, Err(Refusal::CustomerChanged));
    assert_eq!((shop.found("cosgrove").await, shop.found("vera costello").await), (vec![id], vec![]));

    an_address_changes_while_its_mail_is_sent(&shop, id).await;

    assert_eq!(shop.service.delete_customer(id, with_key("d1")).await.unwrap(), Ok(()));
    assert_eq!(other.service.delete_customer(id, with_key("d1")).await.unwrap(), Ok(()));
    assert_eq!(shop.service.delete_customer(id, mina()).await.unwrap(), Err(Refusal::NoSuchCustomer));
    assert_eq!(shop.found("cosgrove").await, []);
    let next = shop.service.add_customer(new("moved@example.com"), mina()).await.unwrap().unwrap();
    assert!(next > id, "an id is never given to somebody else");
    assert_eq!(
        shop.log(id).await,
        [
            "customer.add: added",
            "customer.change: changed",
            "reset.start: reset 1, mail 1 queued to vera@example.com",
            "customer.change: changed; another e-mail address; the live link and a waiting mail are void; \
             browser sessions ended",
            "mail.accepted: mail 1 of reset 1: 250 Ok",
            "customer.delete: deleted",
        ]
    );
    assert_eq!(shop.service.verify_audit().await.unwrap().broken, None);
}

async fn an_address_changes_while_its_mail_is_sent<S: Store>(shop: &Shop<S>, id: CustomerId) {
    let queued = shop.service.start_reset(id, None, mina()).await.unwrap().unwrap();
    shop.clock.advance(minutes(1));
    let sending = shop.store().claim_mail(shop.now(), "worker", LEASE).await.unwrap().unwrap();
    let end = shop.now().saturating_add(minutes(60)).unwrap();
    assert_eq!(
        shop.store().make_link(queued.customer, queued.reset, "digest", end, shop.now()).await.unwrap(),
        Some(end)
    );
    let version = shop.record(id).await.version;
    let moved = NewCustomer { name: PersonName::new("Vera", "Cosgrove"), ..new("moved@example.com") };
    shop.service.change_customer(id, version, moved, mina()).await.unwrap().unwrap();
    // Another worker would not make it any more; what this one's relay took is written down.
    assert_eq!(shop.store().make_link(queued.customer, queued.reset, "digest", end, shop.now()).await.unwrap(), None);
    let finish = FinishMail {
        customer: sending.customer,
        id: sending.id,
        owner: sending.owner,
        attempt: sending.attempt,
        at: shop.now(),
        result: SendResult::Accepted("250 Ok".into()),
        after: AfterTry::Done(MailState::Accepted),
    };
    assert!(shop.store().finish_mail(&finish).await.unwrap());
    let mail = shop.service.mail(queued.mail).await.unwrap().unwrap();
    assert_eq!(
        (mail.state, mail.link.word(), mail.to.as_str()),
        (MailState::Accepted, "cancelled", "vera@example.com")
    );
    assert_eq!(shop.service.cancel_reset(id, mina()).await.unwrap(), Err(Refusal::NothingToCancel));
}

/// Who deleted whom and what became of the mails is seen afterwards; nothing more is sent.
pub async fn leave_a_trace<S: Store>(store: S) {
    let (shop, ids) = open(store, &["sent@example.com", "held@example.com", "sending@example.com"]).await;
    let reset = |id| shop.service.start_reset(id, None, mina());
    let sent = reset(ids[0]).await.unwrap().unwrap();
    shop.clock.advance(minutes(1));
    let claim = || shop.store().claim_mail(shop.now(), "worker", LEASE);
    let claimed = claim().await.unwrap().unwrap();
    let end = shop.now().saturating_add(minutes(60)).unwrap();
    shop.store().make_link(sent.customer, sent.reset, "digest", end, shop.now()).await.unwrap();
    let finish = |customer: CustomerId, id: MailId, result: SendResult, state| FinishMail {
        customer,
        id,
        owner: "worker".into(),
        attempt: 1,
        at: shop.now(),
        result,
        after: AfterTry::Done(state),
    };
    let accepted = finish(claimed.customer, claimed.id, SendResult::Accepted("250 Ok".into()), MailState::Accepted);
    assert!(shop.store().finish_mail(&accepted).await.unwrap());
    let sending = reset(ids[2]).await.unwrap().unwrap();
    shop.clock.advance(minutes(1));
    assert_eq!(claim().await.unwrap().unwrap().id, sending.mail);
    let held = reset(ids[1]).await.unwrap().unwrap();

    for id in &ids {
        shop.service.delete_customer(*id, mina()).await.unwrap().unwrap();
    }
    shop.clock.advance(minutes(1));
    assert!(claim().await.unwrap().is_none(), "a held mail of nobody never leaves");
    let refused =
        finish(sending.customer, sending.mail, SendResult::RecipientRefused("550 no".into()), MailState::Refused);
    assert!(shop.store().finish_mail(&refused).await.unwrap());
    let mails = shop.service.mails(MailFilter::default(), None, 10).await.unwrap();
    let fates: Vec<_> = mails.iter().map(|mail| (mail.id, mail.state, mail.link.word())).collect();
    assert_eq!(
        fates,
        [
            (held.mail, MailState::Cancelled, "cancelled"),
            (sending.mail, MailState::Cancelled, "cancelled"),
            (sent.mail, MailState::Accepted, "cancelled"),
        ]
    );
    assert!(mails.iter().all(|mail| matches!(mail.link, LinkState::Cancelled { .. })));
    for id in [sent.mail, held.mail, sending.mail] {
        let retried: Result<MailRetried, Refusal> = shop.service.retry_mail(id, mina()).await.unwrap();
        assert_eq!(retried, Err(Refusal::NoSuchCustomer));
        assert_eq!(shop.service.cancel_mail(id, mina()).await.unwrap(), Err(Refusal::NoSuchCustomer));
        assert!(shop.service.mail_text(id).await.unwrap().is_some());
    }
    for (id, log) in [
        (ids[0], ["reset.start", "mail.accepted", "customer.delete"].as_slice()),
        (ids[1], &["reset.start", "customer.delete"]),
        (ids[2], &["reset.start", "customer.delete"]),
    ] {
        let actions: Vec<String> =
            shop.log(id).await.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(actions, log, "{id:?}");
    }
    let address = EmailAddress::parse("sent@example.com").unwrap();
    assert_eq!(shop.service.who(address.as_str(), None).await.unwrap(), Found::Nobody);
}

/// Very many are loaded in one go; those who come one by one afterwards are taken in when there is time.
pub async fn load_many<S: Store>(store: S, open_again: impl AsyncFn() -> S) {
    let (shop, _) = open(store, &["first@example.com"]).await;
    let email = |n: u32| format!("many{n}@example.com");
    let many: Vec<NewCustomer> = (0..300).map(|n| new(&email(n))).collect();
    shop.store().begin_bulk().await.unwrap();
    for some in many.chunks(100) {
        shop.store().insert_customers(shop.store().batch(some)).await.unwrap();
    }
    // Whoever comes meanwhile leaves it alone.
    let other = Shop::new(open_again().await, 9);
    assert!(matches!(other.service.who("first@example.com", None).await.unwrap(), Found::One(_)));
    shop.store().finish_bulk().await.unwrap();
    let taken = shop.store().insert_customers(shop.store().batch(&many[7..8])).await;
    assert!(matches!(taken, Err(StoreError::DuplicateEmail)), "{taken:?}");
    let one = shop.service.add_customer(new("one@example.com"), mina()).await.unwrap().unwrap();
    while shop.store().tidy().await.unwrap() {}
    let last = shop.service.who(&email(299), Some("base")).await.unwrap();
    assert!(matches!(last, Found::One(id) if id < one), "{last:?}");
    assert_eq!(shop.service.who("one@example.com", None).await.unwrap(), Found::One(one));
}
