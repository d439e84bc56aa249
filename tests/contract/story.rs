//! What a store promises, told once over the traits.

use jiff::SignedDuration;
use keydesk::{
    domain::{
        access_token::{Alive, NewAccessToken, Scope, TokenId, digest},
        audit::{Action, AuditFilter},
        command::{Asked, ChangeCustomer, DeleteCustomer},
        customer::{CustomerId, NewCustomer, Status, StoredCustomer, Version},
        email::EmailAddress,
        find::Count,
        mail_state::{AfterTry, MailState, SendResult},
        name::PersonName,
        operation::OpKey,
        operator::Operator,
        outbox::{ClaimedMail, FinishMail, MailFilter},
        query::Query,
        refusal::Refusal,
        reset::LinkState,
        throttle::Blocked,
        website::{GroupId, WebsiteId},
    },
    service::find::Found,
    store::{Cancel, Store, StoreError},
};

use crate::shop::{LEASE, Shop, customer, mina, minutes, of_customer, open, start, website, with_key};

/// Tells the story on two connections to the same empty database.
pub async fn tell<S: Store>(store: S, other: S) {
    let shop = Shop::new(store, 1);
    let other = Shop::new(other, 2);
    let (base, kr, group) = set_up(&shop).await;
    let ids = customers_are_found(&shop, base, kr, group).await;
    let veronica = ids[0];
    customers_are_read_and_changed_word_for_word(&shop, base, kr, &ids).await;
    a_reset_is_queued_once(&shop, &other, veronica).await;
    an_undone_reset_leaves_no_trace_in_the_budget(&shop, veronica).await;
    the_mail_goes_its_way(&shop, &other, veronica).await;
    a_newer_reset_supersedes_and_undo_restores(&shop, veronica).await;
    a_cancelled_link_is_dead(&shop, veronica).await;
    a_stopped_queue_keeps_its_mails(&shop, veronica).await;
    tokens_are_revoked_and_read_back(&shop, veronica, ids[1]).await;
    assert_eq!(shop.found("has:tokens").await, [ids[1]]);
    a_changed_address_voids_what_was_sent_to_the_old_one(&shop, veronica, base, group).await;
    a_deleted_customer_is_gone(&shop, ids[2]).await;
    the_log_tells_it_all(&shop, veronica).await;
}

/// Access tokens that a shop brings along are ended one by one, and all at once.
pub async fn end_tokens<S: Store>(store: S) {
    assert!(store.is_empty().await.unwrap());
    let (shop, ids) = open(store, &["a@example.com", "b@example.com"]).await;
    assert!(!shop.store().is_empty().await.unwrap());
    tokens_are_revoked_and_read_back(&shop, ids[0], ids[1]).await;
}

async fn set_up<S: Store>(shop: &Shop<S>) -> (WebsiteId, WebsiteId, GroupId) {
    assert!(shop.service.is_empty().await.unwrap());
    assert_eq!(shop.service.count(&Query::default(), &Cancel::default()).await.unwrap(), Count::Exact(0));
    let base = shop.store().insert_website(&website("base")).await.unwrap();
    let kr = shop.store().insert_website(&website("kr")).await.unwrap();
    let group = shop.store().insert_group("General").await.unwrap();
    let websites = shop.service.websites().await.unwrap();
    assert_eq!(websites.iter().map(|w| w.code.as_str()).collect::<Vec<_>>(), ["base", "kr"]);
    assert_eq!(websites[0].base_url.as_deref(), Some("https://base.luma.example"));
    assert_eq!(shop.store().groups().await.unwrap().len(), 1);
    (base, kr, group)
}

async fn customers_are_found<S: Store>(
    shop: &Shop<S>,
    base: WebsiteId,
    kr: WebsiteId,
    group: GroupId,
) -> Vec<CustomerId> {
    let hostile = NewCustomer {
        name: PersonName::new("\u{1b}]52;c;x\u{7}", "\u{202e}gnp.exe"),
        ..customer(base, group, "hostile@example.com")
    };
    let new = [customer(base, group, "Roni_Cost@example.com"), customer(kr, group, "roni_cost@example.com"), hostile];
    let ids = shop.store().insert_customers(shop.store().batch(&new)).await.unwrap();
    assert_eq!(ids.len(), 3);
    let taken = [customer(base, group, "x@example.com"), customer(kr, group, "RONI_COST@example.com")];
    let again = shop.store().insert_customers(shop.store().batch(&taken)).await;
    assert!(matches!(again, Err(StoreError::DuplicateEmail)));
    assert_eq!(shop.found("x@example.com").await, [], "all or none");

    assert_eq!(shop.service.who("roni_cost@EXAMPLE.com", Some("kr")).await.unwrap(), Found::One(ids[1]));
    assert!(
        matches!(shop.service.who("roni_cost@example.com", None).await.unwrap(), Found::Several(two) if two.len() == 2)
    );
    assert_eq!(shop.service.who(&ids[0].0.to_string(), None).await.unwrap(), Found::One(ids[0]));
    assert_eq!(shop.service.who("999", None).await.unwrap(), Found::Nobody);
    // ROnı_cost: no look-alike letter is folded into an address.
    assert_eq!(shop.service.who("ron\u{131}_cost@example.com", None).await.unwrap(), Found::Nobody);

    assert_eq!(shop.found("website:kr costello").await, [ids[1]]);
    let record = shop.record(ids[2]).await;
    assert_eq!(record.name.as_str(), "<U+001B>]52;c;x<U+0007> <U+202E>gnp.exe");
    let record = shop.record(ids[0]).await;
    assert_eq!(
        (record.email.as_str(), record.status, record.failed_sign_ins),
        ("Roni_Cost@example.com", Status::Active, 2)
    );
    assert!(record.has_password && !record.ever_had_tokens && record.history.is_empty());
    ids
}

async fn customers_are_read_and_changed_word_for_word<S: Store>(
    shop: &Shop<S>,
    base: WebsiteId,
    kr: WebsiteId,
    ids: &[CustomerId],
) {
    let address = |text: &str| EmailAddress::parse(text).unwrap();
    let wanted = [
        (address("RONI_cost@example.com"), kr),
        (address("hostile@example.com"), kr),
        (address("hostile@example.com"), base),
    ];
    let mut stored = shop.store().stored_by_email(&wanted).await.unwrap();
    stored.sort_by_key(|one| one.id);
    assert_eq!(stored.iter().map(|one| one.id).collect::<Vec<_>>(), [ids[1], ids[2]]);
    let hostile = customer(base, stored[1].data.group, "hostile@example.com");
    let name = PersonName::new("\u{1b}]52;c;x\u{7}", "\u{202e}gnp.exe");
    assert_eq!(stored[1].data, NewCustomer { name, ..hostile }, "nothing is cleaned");

    let asked = |key: &str| Asked {
        at: shop.now(),
        by: Operator::new("import").unwrap(),
        reason: String::new(),
        op_key: OpKey::new(key).unwrap(),
    };
    let attributes = Some(r#"{"gender":"Female","taxvat":"DE1"}"#.to_owned());
    let change = |one: &StoredCustomer, key: &str, version| ChangeCustomer {
        asked: asked(key),
        customer: one.id,
        version,
        data: NewCustomer { attributes: attributes.clone(), ..one.data.clone() },
    };
    let changes = [change(&stored[0], "w1", Version(99)), change(&stored[1], "w2", stored[1].version)];
    let done = shop.store().change_customers(&changes).await.unwrap();
    assert_eq!(done, [Err(Refusal::CustomerChanged), Ok(Version(stored[1].version.0 + 1))]);
    assert_eq!(shop.store().attribute_names().await.unwrap(), ["gender", "taxvat"]);
    let again = shop.store().stored_by_id(&[ids[2], CustomerId(999), ids[0]]).await.unwrap();
    assert_eq!(again.iter().map(|one| one.id).collect::<Vec<_>>(), [ids[2], ids[0]]);
    assert_eq!((&again[0].data.attributes, &again[0].data.password_hash), (&attributes, &None), "no hash leaves");
    shop.store().write_down(&asked("w3"), Action::CustomerImport, "people.csv").await.unwrap();
    let entry = &shop.store().audit_entries(&AuditFilter::default(), None, 1).await.unwrap()[0];
    assert_eq!((entry.action.as_str(), entry.customer), ("customer.import", None));
}

async fn a_reset_is_queued_once<S: Store>(shop: &Shop<S>, other: &Shop<S>, id: CustomerId) {
    let version = Some(shop.record(id).await.version);
    let queued = shop.service.start_reset(id, version, with_key("k1")).await.unwrap().unwrap();
    assert_eq!((queued.email.as_str(), queued.superseded), ("Roni_Cost@example.com", false));
    assert_eq!(queued.send_at, shop.now().saturating_add(SignedDuration::from_secs(10)).unwrap());
    // The same key gives the same answer, on any connection, and does nothing.
    assert_eq!(other.service.start_reset(id, version, with_key("k1")).await.unwrap().unwrap(), queued);
    let other_action = other.service.cancel_reset(id, with_key("k1")).await.unwrap();
    assert_eq!(other_action, Err(Refusal::OpKeyReused));
    let other_customer = other.service.start_reset(CustomerId(id.0 + 1), None, with_key("k1")).await.unwrap();
    assert_eq!(other_customer, Err(Refusal::OpKeyReused));
    // Another key is another reset, and too soon for one.
    let next = shop.now().saturating_add(minutes(10)).unwrap();
    let refused = other.service.start_reset(id, version, mina()).await.unwrap();
    assert_eq!(refused, Err(Refusal::Throttled(Blocked::TooSoon { next })));
    let record = other.record(id).await;
    assert_eq!((record.budget.used, record.budget.blocked), (1, Some(Blocked::TooSoon { next })));
    let reset = record.last_reset.unwrap();
    assert_eq!(
        (reset.link, reset.mail, reset.requested_by.as_str()),
        (LinkState::Pending, Some(MailState::Queued), "mina")
    );
    // Held: nobody may claim it yet.
    assert!(shop.store().claim_mail(shop.now(), "w", LEASE).await.unwrap().is_none());
    assert_eq!(shop.store().queue(shop.now()).await.unwrap().held, 1);

    let gone = shop.service.start_reset(CustomerId(999), None, mina()).await.unwrap();
    assert_eq!(gone, Err(Refusal::NoSuchCustomer));
    let stale = shop.service.start_reset(id, Some(Version(99)), mina()).await.unwrap();
    assert_eq!(stale, Err(Refusal::CustomerChanged));
}

async fn an_undone_reset_leaves_no_trace_in_the_budget<S: Store>(shop: &Shop<S>, id: CustomerId) {
    let reset = shop.record(id).await.last_reset.unwrap().id;
    let undone = shop.service.undo_reset(id, reset, mina()).await.unwrap().unwrap();
    assert!(undone.undone && !undone.mail_may_arrive && !undone.restored);
    let record = shop.record(id).await;
    assert_eq!((record.budget.used, record.budget.blocked), (0, None));
    assert!(matches!(record.last_reset.unwrap().link, LinkState::Cancelled { .. }));
    assert_eq!(shop.service.undo_reset(id, reset, mina()).await.unwrap(), Err(Refusal::NothingToCancel));
    shop.clock.advance(minutes(1));
    assert!(shop.store().claim_mail(shop.now(), "w", LEASE).await.unwrap().is_none(), "a mail taken back never leaves");
}

async fn the_mail_goes_its_way<S: Store>(shop: &Shop<S>, other: &Shop<S>, id: CustomerId) {
    let queued = shop.service.start_reset(id, None, mina()).await.unwrap().unwrap();
    shop.clock.advance(SignedDuration::from_secs(10));
    let claimed = shop.store().claim_mail(shop.now(), "one", LEASE).await.unwrap().expect("it is due");
    assert_eq!((claimed.id, claimed.attempt, claimed.to.as_str()), (queued.mail, 1, "Roni_Cost@example.com"));
    assert_eq!(claimed.website.base_url.as_deref(), Some("https://base.luma.example"));
    assert!(other.store().claim_mail(shop.now(), "two", LEASE).await.unwrap().is_none(), "one worker at a time");
    let refused = shop.service.undo_reset(id, queued.reset, mina()).await.unwrap();
    assert_eq!(refused, Err(Refusal::AlreadySent));

    // The worker dies; another takes over, makes the same link, and only it may finish.
    shop.clock.advance(minutes(6));
    let again = other.store().claim_mail(shop.now(), "two", LEASE).await.unwrap().expect("the lease is over");
    assert_eq!((again.attempt, &again.message_id, &again.nonce), (2, &claimed.message_id, &claimed.nonce));
    let end = shop.now().saturating_add(minutes(24 * 60)).unwrap();
    let made = other.store().make_link(queued.customer, queued.reset, "digest", end, shop.now()).await.unwrap();
    assert_eq!(made, Some(end));
    let later = end.saturating_add(minutes(1)).unwrap();
    assert_eq!(
        shop.store().make_link(queued.customer, queued.reset, "digest", later, shop.now()).await.unwrap(),
        Some(end),
        "its life begins once"
    );
    assert_eq!(shop.store().make_link(queued.customer, queued.reset, "forged", later, shop.now()).await.unwrap(), None);
    let finish = |mail: &ClaimedMail, result: SendResult, after: AfterTry| FinishMail {
        customer: mail.customer,
        id: mail.id,
        owner: mail.owner.clone(),
        attempt: mail.attempt,
        at: shop.now(),
        result,
        after,
    };
    let accepted = SendResult::Accepted("250 2.0.0 Ok: queued as 4XyZ".into());
    let done = AfterTry::Done(MailState::Accepted);
    assert!(!shop.store().finish_mail(&finish(&claimed, accepted.clone(), done.clone())).await.unwrap(), "fenced");
    assert!(shop.store().finish_mail(&finish(&again, accepted, done)).await.unwrap());
    let line = shop.store().mail(queued.mail, shop.now()).await.unwrap().unwrap();
    assert_eq!(
        (line.state, line.relay.as_str(), line.link),
        (MailState::Accepted, "250 2.0.0 Ok: queued as 4XyZ", LinkState::Live { until: end })
    );
    assert_eq!(shop.store().mails(MailFilter::default(), None, 10, shop.now()).await.unwrap().len(), 2);
    assert_eq!(shop.store().mails(MailFilter::default(), Some(queued.mail), 10, shop.now()).await.unwrap().len(), 1);
}

async fn a_newer_reset_supersedes_and_undo_restores<S: Store>(shop: &Shop<S>, id: CustomerId) {
    shop.clock.advance(minutes(11));
    let older = shop.record(id).await.last_reset.unwrap().id;
    let newer = shop.service.start_reset(id, None, mina()).await.unwrap().unwrap();
    assert!(newer.superseded && newer.reset > older);
    let undone = shop.service.cancel_reset(id, mina()).await.unwrap().unwrap();
    assert!(undone.undone && undone.restored);
    let end = shop.now().saturating_add(minutes(1)).unwrap();
    assert!(
        shop.store().make_link(id, older, "digest", end, shop.now()).await.unwrap().is_some(),
        "the older link works again"
    );
}

async fn a_cancelled_link_is_dead<S: Store>(shop: &Shop<S>, id: CustomerId) {
    // The undo brought an older reset back: that one is shown and cancelled, not the newest.
    let restored = shop.record(id).await.last_reset.unwrap();
    assert!(restored.link.is_live());
    let cancelled = shop.service.cancel_reset(id, mina()).await.unwrap().unwrap();
    assert_eq!((cancelled.reset, cancelled.undone, cancelled.mail_may_arrive), (restored.id, false, true));
    let end = shop.now().saturating_add(minutes(1)).unwrap();
    assert_eq!(shop.store().make_link(id, restored.id, "digest", end, shop.now()).await.unwrap(), None);
    assert_eq!(shop.service.cancel_reset(id, mina()).await.unwrap(), Err(Refusal::NothingToCancel));
    assert_eq!(shop.record(id).await.budget.used, 1, "a mail that left keeps its place in the budget");
}

async fn a_stopped_queue_keeps_its_mails<S: Store>(shop: &Shop<S>, id: CustomerId) {
    shop.clock.advance(minutes(30));
    let queued = shop.service.start_reset(id, None, mina()).await.unwrap().unwrap();
    shop.clock.advance(minutes(1));
    let claimed = shop.store().claim_mail(shop.now(), "w", LEASE).await.unwrap().unwrap();
    let until = shop.now().saturating_add(minutes(5)).unwrap();
    let finish = FinishMail {
        customer: claimed.customer,
        id: claimed.id,
        owner: claimed.owner.clone(),
        attempt: claimed.attempt,
        at: shop.now(),
        result: SendResult::SenderRefused("535 5.7.8 no".into()),
        after: AfterTry::StopQueue { until },
    };
    assert!(shop.store().finish_mail(&finish).await.unwrap());
    let queue = shop.store().queue(shop.now()).await.unwrap();
    assert_eq!(queue.stopped.map(|(why, until)| (why.to_string(), until)), Some(("535 5.7.8 no".into(), until)));
    assert!(shop.store().claim_mail(shop.now(), "w", LEASE).await.unwrap().is_none());
    let line = shop.store().mail(queued.mail, shop.now()).await.unwrap().unwrap();
    assert_eq!((line.state, line.attempts), (MailState::Queued, 0), "the try does not count against the mail");
    shop.store().wake_queue().await.unwrap();
    assert!(shop.store().queue(shop.now()).await.unwrap().stopped.is_none());
    shop.clock.advance(minutes(6));
    let claimed = shop.store().claim_mail(shop.now(), "w", LEASE).await.unwrap().unwrap();
    let retry = shop.now().saturating_add(minutes(1)).unwrap();
    let finish = FinishMail {
        attempt: claimed.attempt,
        owner: claimed.owner,
        at: shop.now(),
        result: SendResult::TryAgain("451 later".into()),
        after: AfterTry::RetryAt(retry),
        ..finish
    };
    assert!(shop.store().finish_mail(&finish).await.unwrap());
    assert_eq!(shop.store().queue(shop.now()).await.unwrap().waiting, 1);
}

async fn tokens_are_revoked_and_read_back<S: Store>(shop: &Shop<S>, id: CustomerId, other: CustomerId) {
    let refused = shop.service.force_sign_in(id, None, Scope::Tokens, mina()).await.unwrap();
    assert_eq!(refused, Err(Refusal::NeverHadTokens));
    let nothing = shop.service.force_sign_in(id, None, Scope::All, mina()).await.unwrap().unwrap();
    assert_eq!((nothing.ended, nothing.left), (Alive::default(), Alive::default()));

    let integration = shop.store().insert_integration("ERP sync", shop.now()).await.unwrap();
    let token = |customer, secret: &str, expires_at| NewAccessToken {
        customer,
        integration,
        digest: digest(secret),
        scopes: "orders".into(),
        created_at: shop.now(),
        last_used_at: None,
        expires_at,
    };
    let past = Some(start());
    let tokens = [
        token(id, "a", None),
        token(id, "b", None),
        token(id, "c", None),
        token(id, "d", past),
        token(other, "a", None),
    ];
    shop.store().insert_tokens(&tokens).await.unwrap();
    let record = shop.record(id).await;
    assert_eq!((record.tokens.len(), record.alive.tokens, record.ever_had_tokens), (3, 3, true));

    let one = record.tokens[0].id;
    let forced = shop.service.force_sign_in(id, None, Scope::Token(one), mina()).await.unwrap().unwrap();
    assert_eq!((forced.ended.tokens, forced.left.tokens), (1, 2));
    let unknown = shop.service.force_sign_in(id, None, Scope::Token(TokenId(999)), mina()).await.unwrap();
    assert_eq!(unknown, Err(Refusal::NoSuchToken));
    let forced = shop.service.force_sign_in(id, None, Scope::Tokens, with_key("f1")).await.unwrap().unwrap();
    assert_eq!((forced.ended.tokens, forced.left.tokens), (2, 0));
    assert_eq!(shop.service.force_sign_in(id, None, Scope::Tokens, with_key("f1")).await.unwrap().unwrap(), forced);
    let again = shop.service.force_sign_in(id, None, Scope::Tokens, mina()).await.unwrap().unwrap();
    assert_eq!((again.ended.tokens, again.left.tokens), (0, 0), "idempotent");
    assert_eq!(shop.record(other).await.alive.tokens, 1, "nobody else's");
}

async fn a_changed_address_voids_what_was_sent_to_the_old_one<S: Store>(
    shop: &Shop<S>,
    id: CustomerId,
    base: WebsiteId,
    group: GroupId,
) {
    let record = shop.record(id).await;
    assert_eq!(record.last_reset.as_ref().unwrap().mail, Some(MailState::Queued));
    let asked = |key: &str| Asked {
        at: shop.now(),
        by: Operator::new("import").unwrap(),
        reason: String::new(),
        op_key: OpKey::new(key).unwrap(),
    };
    let data = NewCustomer { name: PersonName::new("Ronja", "Kost"), ..customer(base, group, "ronja@example.net") };
    let change = ChangeCustomer { asked: asked("c1"), customer: id, version: record.version, data };
    let version = shop.store().change_customer(&change).await.unwrap().unwrap();
    assert!(version > record.version);
    assert_eq!(shop.store().change_customer(&change).await.unwrap(), Ok(version), "once, however often it is asked");
    let again = ChangeCustomer { asked: asked("c2"), ..change };
    assert_eq!(shop.store().change_customer(&again).await.unwrap(), Err(Refusal::CustomerChanged));
    let record = shop.record(id).await;
    let reset = record.last_reset.unwrap();
    assert_eq!((reset.link.word(), reset.mail), ("cancelled", Some(MailState::Cancelled)));
    assert_eq!(shop.found("ronja").await, [id]);
    assert!(!shop.found("costello").await.contains(&id));
    assert_eq!(shop.service.who("roni_cost@example.com", Some("base")).await.unwrap(), Found::Nobody);
}

async fn a_deleted_customer_is_gone<S: Store>(shop: &Shop<S>, id: CustomerId) {
    let before = shop.service.count(&Query::default(), &Cancel::default()).await.unwrap();
    let asked = Asked {
        at: shop.now(),
        by: Operator::new("import").unwrap(),
        reason: String::new(),
        op_key: OpKey::new("d1").unwrap(),
    };
    let delete = DeleteCustomer { asked, customer: id };
    assert_eq!(shop.store().delete_customer(&delete).await.unwrap(), Ok(()));
    assert_eq!(shop.store().delete_customer(&delete).await.unwrap(), Ok(()), "once, however often it is asked");
    assert_eq!(shop.service.delete_customer(id, mina()).await.unwrap(), Err(Refusal::NoSuchCustomer));
    assert!(shop.service.open(id).await.unwrap().is_none());
    assert_eq!(shop.found("hostile").await, []);
    let after = shop.service.count(&Query::default(), &Cancel::default()).await.unwrap();
    assert_eq!((before, after), (Count::Exact(3), Count::Exact(2)));
    // Its id is never given to somebody else.
    let (website, group) = (shop.service.websites().await.unwrap()[0].id, shop.store().groups().await.unwrap()[0].id);
    let new = shop
        .store()
        .insert_customers(shop.store().batch(&[customer(website, group, "new@example.com")]))
        .await
        .unwrap();
    assert!(new[0] > id);
}

async fn the_log_tells_it_all<S: Store>(shop: &Shop<S>, id: CustomerId) {
    let report = shop.service.verify_audit().await.unwrap();
    assert_eq!(report.broken, None);
    let entries = shop.store().audit_entries(&AuditFilter::default(), None, 1000).await.unwrap();
    assert_eq!(i64::try_from(entries.len()).unwrap(), report.entries);
    assert!(entries.windows(2).all(|pair| pair[0].seq == pair[1].seq + 1));
    let actions: Vec<String> = shop
        .store()
        .audit_entries(&of_customer(id), None, 1000)
        .await
        .unwrap()
        .iter()
        .rev()
        .map(|e| e.action.to_string())
        .collect();
    assert_eq!(
        actions,
        [
            "reset.start",
            "reset.undo",
            "reset.start",
            "mail.accepted",
            "reset.start",
            "reset.undo",
            "reset.cancel",
            "reset.start",
            "force_sign_in",
            "force_sign_in",
            "force_sign_in",
            "force_sign_in",
            "customer.change",
        ]
    );
    assert_eq!(shop.store().audit_entries(&AuditFilter::default(), Some(3), 1000).await.unwrap().len(), 2);
}
