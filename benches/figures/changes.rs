//! Customers added and changed one by one in a large shop, while the search index is merged
//! little by little: no commit may stall.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use keydesk::{
    demo::{self, people},
    domain::{
        command::{Asked, ChangeCustomer},
        customer::{CustomerId, NewCustomer},
        email::EmailAddress,
        operation::OpKey,
        operator::Operator,
        website::{GroupId, WebsiteId},
    },
    service::{Rules, Service},
    store::{Customers, sql::SqlStore},
};

use crate::{
    bare::Bare,
    files,
    samples::Samples,
    shops::{self, Shops, customers, newest_id},
    table::Row,
};

const CHANGES: u64 = 5_000;
/// A bare commit after so many, to see what the disk itself does.
const BARE_STRIDE: u64 = 10;
const LIMIT: Duration = Duration::from_millis(50);
/// The slowest that are told.
const SLOWEST: usize = 10;

pub async fn measure(shops: &mut Shops, verbose: bool) -> Vec<Row> {
    let database = shops.new_file("changes.db");
    files::copy_database(&shops.million().await, &database);
    let (times, bare) = change(&database, &shops.new_file("beside.db")).await;
    if verbose {
        let mut slowest: Vec<_> = times.iter().enumerate().map(|(n, took)| (took, n)).collect();
        slowest.sort_unstable();
        for (took, n) in slowest.iter().rev().take(SLOWEST) {
            eprintln!("  commit {n}: {took:?}");
        }
    }
    let (times, bare): (Samples, Samples) = (times.into_iter().collect(), bare.into_iter().collect());
    let name = format!("Customer added or changed among {}", customers(1_000_000));
    vec![
        Row::note(format!("{name}, {} times", times.len()), times.to_string()),
        Row::note("Bare commit of SQLite in between", bare.to_string()),
        Row::within(format!("{name}, max"), LIMIT, times.max()),
    ]
}

/// Adds and changes by turns; says how long each took, and bare commits in between.
async fn change(database: &Path, beside: &Path) -> (Vec<Duration>, Vec<Duration>) {
    let service = shops::open(database, Rules::default()).await;
    let mut bare = Bare::new(beside).await;
    let newest = newest_id(&service).await;
    let (mut times, mut bare_times) = (Vec::new(), Vec::new());
    for n in 0..CHANGES {
        let new = customer(n);
        if n % 2 == 0 {
            let started = Instant::now();
            service.store().insert_customers(service.store().batch(&[new])).await.unwrap();
            times.push(started.elapsed());
        } else {
            let id = CustomerId(1 + i64::try_from(n).unwrap() * 7919 % newest);
            times.push(replace(&service, id, new).await);
        }
        if n % BARE_STRIDE == 0 {
            bare_times.push(bare.commit().await);
        }
    }
    (times, bare_times)
}

/// Replaces all that is known of somebody.
async fn replace(service: &Service<SqlStore>, id: CustomerId, data: NewCustomer) -> Duration {
    let record = service.open(id).await.unwrap().expect("demo shops have no gaps");
    let asked = Asked {
        at: service.clock().now(),
        by: Operator::new("figures").unwrap(),
        reason: String::new(),
        op_key: OpKey::from_random(service.entropy().bytes()),
    };
    let change = ChangeCustomer { asked, customer: id, version: record.version, data };
    let started = Instant::now();
    service.store().change_customer(&change).await.unwrap().unwrap();
    started.elapsed()
}

/// Somebody whom no demo shop has.
fn customer(n: u64) -> NewCustomer {
    let shop = demo::Shop { customers: CHANGES, seed: 2, now: jiff::Timestamp::UNIX_EPOCH };
    let person = people::customer(&shop, n);
    NewCustomer {
        website: WebsiteId(1),
        group: GroupId(1),
        name: person.name,
        email: EmailAddress::parse(&format!("figure.{n}@figures.example")).unwrap(),
        phone: person.phone,
        password_hash: None,
        active: person.active,
        confirmed: person.confirmed,
        failed_sign_ins: person.failed_sign_ins,
        locked_until: person.locked_until,
        created_at: person.created_at,
        last_sign_in_at: person.last_sign_in_at,
        attributes: None,
    }
}
