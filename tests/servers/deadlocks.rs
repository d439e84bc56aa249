//! An import, staff, customers and workers all at once on a few customers: nobody is told of a
//! deadlock.

use std::time::{Duration, Instant};

use keydesk::{
    domain::{
        access_token::Scope,
        command::{Asked, ChangeCustomer},
        customer::{CustomerId, NewCustomer},
        customer_token::CustomerToken,
        email::EmailAddress,
        mail_state::{AfterTry, MailState, SendResult},
        operation::OpKey,
        operator::Operator,
        outbox::FinishMail,
        storefront::RedeemReset,
    },
    service::Service,
    store::{Customers, Outbox, StoreError, Storefront, sql::SqlStore},
};

use crate::{
    postgres::Server,
    shop::{furnish, hold, open, request, runtime},
    trials::{Dice, Trials, so_many},
};

const CUSTOMERS: u64 = 8;

#[test]
fn import_staff_customers_and_workers_at_once() {
    let server = Server::make();
    let database = server.database();
    let seconds = so_many(4, 60);
    let trials = Trials::new("desks of five kinds at once", 10);
    runtime().block_on(async {
        furnish(&database, CUSTOMERS).await;
        let end = Instant::now() + Duration::from_secs(seconds.into());
        let mut desks = Vec::new();
        for (n, mut dice) in trials.each() {
            let service = open(&database.url()).await;
            desks.push(tokio::spawn(async move {
                let mut actions = 0_u32;
                while Instant::now() < end {
                    let who = CustomerId(1 + i64::try_from(dice.below(CUSTOMERS)).unwrap());
                    let key = format!("desk-{n}-{actions}");
                    act(&service, n % 5, who, &key, &mut dice).await.unwrap_or_else(|e| panic!("desk {n}: {e}"));
                    actions += 1;
                }
                actions
            }));
        }
        let mut actions = 0;
        for desk in desks {
            actions += desk.await.unwrap();
        }
        hold(&database.url(), |sql| database.psql(sql), &[], &[]).await;
        let deadlocks = database.psql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
        trials.passed(format!("{actions} actions in {seconds} s; the server broke up {deadlocks} deadlocks."));
        assert_eq!(deadlocks, "0");
    });
}

async fn act(
    service: &Service<SqlStore>,
    kind: u32,
    who: CustomerId,
    key: &str,
    dice: &mut Dice,
) -> Result<(), StoreError> {
    let store = service.store();
    let now = service.clock().now();
    let asked = || Asked { at: now, by: Operator::customer(), reason: String::new(), op_key: OpKey::new(key).unwrap() };
    match kind {
        // Everybody's address changes, in an order that is the file's.
        0 => {
            let mut ids: Vec<CustomerId> = (1..=i64::try_from(CUSTOMERS).unwrap()).map(CustomerId).collect();
            if dice.below(2) == 0 {
                ids.reverse();
            }
            let stored = store.stored_by_id(&ids).await?;
            let changes: Vec<ChangeCustomer> = stored
                .into_iter()
                .map(|one| ChangeCustomer {
                    asked: asked(),
                    customer: one.id,
                    version: one.version,
                    data: NewCustomer {
                        email: EmailAddress::parse(&format!("a{}-{key}@example.com", one.id.0)).unwrap(),
                        ..one.data
                    },
                })
                .collect();
            store.change_customers(&changes).await?;
        }
        1 => {
            service.force_sign_in(who, None, Scope::All, request(key)).await?.unwrap();
        }
        2 => {
            // May be taken back, used or voided by the others at any time.
            let _ = service.start_reset(who, None, request(key)).await?;
        }
        3 => {
            let queued = service.start_reset(who, None, request(key)).await?;
            let Ok(queued) = queued else { return Ok(()) };
            let digest = CustomerToken::new(who, service.entropy().bytes()).digest();
            let until = now.saturating_add(jiff::SignedDuration::from_hours(1)).unwrap();
            store.make_link(who, queued.reset, &digest, until, now).await?;
            let asked = Asked { op_key: OpKey::new(&format!("{key}-used")).unwrap(), ..asked() };
            let redeem =
                RedeemReset { asked, customer: who, token_digest: digest, password_hash: "$argon2id$x".into() };
            let _ = store.redeem_reset(&redeem).await?;
        }
        _ => {
            let Some(mail) = store.claim_mail(now, key, Duration::from_mins(5)).await? else {
                tokio::time::sleep(Duration::from_millis(1)).await;
                return Ok(());
            };
            let finish = FinishMail {
                customer: mail.customer,
                id: mail.id,
                owner: mail.owner,
                attempt: mail.attempt,
                at: now,
                result: SendResult::Accepted("250 Ok".into()),
                after: AfterTry::Done(MailState::Accepted),
            };
            store.finish_mail(&finish).await?;
        }
    }
    Ok(())
}
