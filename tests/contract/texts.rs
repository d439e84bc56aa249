//! Texts that databases treat differently: how they are sorted, and what cannot be stored.

use keydesk::{
    domain::{
        access_token::Scope,
        audit::AuditFilter,
        customer::NewCustomer,
        mail_state::{AfterTry, MailState, SendResult},
        operator::Operator,
        outbox::FinishMail,
        sign_in::Lockout,
        storefront::{Counted, SignInAttempt},
        website::WebsiteId,
    },
    service::{Request, find::Found},
    store::Store,
};

use crate::shop::{LEASE, mina, minutes, open};

/// Lists are in one order on every database, whatever language its server sorts in.
pub async fn lists_are_sorted<S: Store>(store: S) {
    let (shop, ids) = open(store, &["b@example.com", "A@example.com", "a-b@example.com", "ab@example.com"]).await;
    let names = ["b", "\u{e4}", "ab", "a-b", "B", "a_b", "Z"];
    for name in names {
        shop.service.add_integration(name, "", mina()).await.unwrap().unwrap();
    }
    let mut sorted = names;
    sorted.sort_unstable();
    let listed = shop.service.integrations().await.unwrap();
    assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), sorted);

    let kept = names.map(|name| format!("\"{name}\":\"x\"")).join(",");
    let record = &shop.store().stored_by_id(&ids[..1]).await.unwrap()[0];
    let data = NewCustomer { attributes: Some(format!("{{{kept}}}")), ..record.data.clone() };
    shop.service.change_customer(ids[0], record.version, data, mina()).await.unwrap().unwrap();
    assert_eq!(shop.store().attribute_names().await.unwrap(), sorted);

    let asked = |by: &str| Request::by(Operator::new(by).unwrap());
    for by in ["mina", "Mina", "m"] {
        shop.service.force_sign_in(ids[1], None, Scope::All, asked(by)).await.unwrap().unwrap();
        let filter = AuditFilter { operator: Operator::new(by), ..AuditFilter::default() };
        let entries = shop.service.audit_entries(&filter, None, 20).await.unwrap();
        assert!(entries.iter().all(|entry| entry.operator.as_str() == by), "{by}");
        assert_eq!(entries.len(), if by == "mina" { names.len() + 2 } else { 1 });
    }
}

/// A NUL, which no server keeps, neither stops a mail nor breaks the chain of the audit log.
pub async fn a_nul_stops_nothing<S: Store>(store: S) {
    let (shop, ids) = open(store, &["a@example.com"]).await;
    let queued = shop.service.start_reset(ids[0], None, Request { reason: "a\0b".into(), ..mina() }).await;
    let queued = queued.unwrap().unwrap();
    shop.clock.advance(minutes(1));
    let claimed = shop.store().claim_mail(shop.now(), "w", LEASE).await.unwrap().unwrap();
    let finish = FinishMail {
        customer: claimed.customer,
        id: claimed.id,
        owner: claimed.owner,
        attempt: claimed.attempt,
        at: shop.now(),
        result: SendResult::Accepted("250 2.0.0\0Ok".into()),
        after: AfterTry::Done(MailState::Accepted),
    };
    assert!(shop.store().finish_mail(&finish).await.unwrap());
    assert_eq!(shop.service.mail(queued.mail).await.unwrap().unwrap().state, MailState::Accepted);
    assert_eq!(shop.service.who("a\0@example.com", None).await.unwrap(), Found::Nobody);
    let email = "a\0@example.com".to_owned();
    let attempt = SignInAttempt { at: shop.now(), email, website: WebsiteId(1), lockout: Lockout::default() };
    assert!(matches!(shop.store().count_sign_in(&attempt).await.unwrap(), Counted::Nobody(_)));
    assert!(shop.store().integration_login("\0").await.unwrap().is_none());
    assert_eq!(shop.service.verify_audit().await.unwrap().broken, None);
}
