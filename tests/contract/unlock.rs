//! A lock is taken off once, by somebody, for a reason.

use keydesk::{
    domain::{
        audit::AuditFilter,
        command::Unlocked,
        customer::{CustomerId, NewCustomer, Status, Version},
        refusal::Refusal,
        website::{GroupId, WebsiteId},
    },
    store::Store,
};

use crate::shop::{Shop, customer, mina, minutes, open, start, with_key};

/// Tells it on two connections to the same empty database.
pub async fn tell<S: Store>(store: S, other: S) {
    let (shop, ids) = open(store, &["free@example.com"]).await;
    let other = Shop::new(other, 4);
    let (website, group) = (WebsiteId(1), GroupId(1));
    let until = start().saturating_add(minutes(30)).unwrap();
    let locked = |email: &str, active| NewCustomer {
        failed_sign_ins: 6,
        locked_until: Some(until),
        active,
        ..customer(website, group, email)
    };
    let new = [locked("locked@example.com", true), locked("off@example.com", false)];
    let locked = shop.store().insert_customers(shop.store().batch(&new)).await.unwrap();

    let (free, kept_out) = (ids[0], locked[0]);
    assert_eq!(shop.service.unlock(free, None, mina()).await.unwrap(), Err(Refusal::NotLocked));
    assert_eq!(shop.service.plan_unlock(free).await.unwrap(), Err(Refusal::NotLocked));
    let nobody = CustomerId(999);
    assert_eq!(shop.service.unlock(nobody, None, mina()).await.unwrap(), Err(Refusal::NoSuchCustomer));

    let record = shop.record(kept_out).await;
    assert_eq!((record.status, record.locked_until), (Status::Locked { until }, Some(until)));
    let plan = shop.service.plan_unlock(kept_out).await.unwrap().unwrap();
    assert_eq!((plan.until, plan.failed_sign_ins), (until, 6));
    let stale = shop.service.unlock(kept_out, Some(Version(99)), mina()).await.unwrap();
    assert_eq!(stale, Err(Refusal::CustomerChanged));

    let done = shop.service.unlock(kept_out, Some(record.version), with_key("u1")).await.unwrap().unwrap();
    assert_eq!(done, Unlocked { customer: kept_out, until, failed_sign_ins: 6 });
    assert_eq!(other.service.unlock(kept_out, Some(record.version), with_key("u1")).await.unwrap(), Ok(done));
    let free_now = other.record(kept_out).await;
    assert_eq!((free_now.status, free_now.failed_sign_ins, free_now.locked_until), (Status::Active, 0, None));
    assert!(free_now.version > record.version, "the record changed");
    assert_eq!(shop.service.unlock(kept_out, None, mina()).await.unwrap(), Err(Refusal::NotLocked));
    assert_eq!(shop.service.unlock(free, None, with_key("u1")).await.unwrap(), Err(Refusal::OpKeyReused));

    // Switched off and locked: the lock can go all the same, and the switch stays.
    assert!(shop.service.unlock(locked[1], None, mina()).await.unwrap().is_ok());
    assert_eq!(shop.record(locked[1]).await.status, Status::Disabled);

    let entries = shop.service.audit_entries(&AuditFilter::default(), None, 10).await.unwrap();
    let first = entries.last().unwrap();
    assert_eq!((entries.len(), first.action.as_str(), first.reason.as_str()), (2, "customer.unlock", "T-4711"));
    assert_eq!(first.detail.as_str(), "lock until 2026-11-20 12:30:00 UTC taken off, 6 wrong passwords forgotten");
    assert_eq!(shop.service.verify_audit().await.unwrap().broken, None);
}

/// Whoever is kept out is found as such.
pub async fn the_locked_are_found<S: Store>(store: S) {
    let (shop, _) = open(store, &["free@example.com"]).await;
    let until = start().saturating_add(minutes(30)).ok();
    let locked = NewCustomer { locked_until: until, ..customer(WebsiteId(1), GroupId(1), "locked@example.com") };
    let locked = shop.store().insert_customers(shop.store().batch(&[locked])).await.unwrap();
    assert_eq!(shop.found("is:locked").await, locked);
    shop.service.unlock(locked[0], None, mina()).await.unwrap().unwrap();
    assert_eq!(shop.found("is:locked").await, []);
}
