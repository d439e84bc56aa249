//! What must hold after every fault, whatever it was.

use std::collections::{BTreeMap, BTreeSet};

use keydesk::{
    clock::{Clock, Entropy},
    domain::{
        find::{PageFrom, Sort},
        query::Query,
    },
    service::{Rules, Service},
    store::sql::{OpenMode, SqlStore},
};
use sqlx::{Connection, Row, SqliteConnection};

use crate::{
    faketime,
    office::{Office, Told},
};

/// What somebody was told is done: the program ended with 0, or the console said so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// An action under this operation key.
    Operation(String),
    /// A reset for this reason.
    Reset { reason: String },
}

/// Delivers what is left, and fails unless all of this holds:
///
/// * every promise was kept, once;
/// * every reset has one mail, and every used one a notice besides; all are at their end: taken by
///   the relay, dead, or taken back;
/// * a mail arrived if and only if the database says so, and never one that nobody asked for;
/// * a customer has one live link at most;
/// * every action has one audit entry, and the chain is whole;
/// * the file is sound, and its search finds everybody.
pub fn hold(office: &Office, promises: &[Promise]) {
    deliver_the_rest(office);
    let chain = office.run(&["audit", "verify"]);
    assert!(chain.is_done(), "{chain:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut db = open(office).await;
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut db).await.unwrap();
        assert_eq!(sound, "ok");
        no_row(&mut db, TWO_LIVE_LINKS).await;
        no_row(&mut db, ENTRY_MISSING).await;
        promises_are_kept(&mut db, promises).await;
        every_mail_is_at_its_end(&mut db, office).await;
        everybody_is_found(&mut db, office).await;
        db.close().await.unwrap();
    });
}

/// Asked of the table, not of the unique index that should keep it so.
const TWO_LIVE_LINKS: &str = "SELECT customer_id FROM password_resets NOT INDEXED WHERE used_at IS NULL \
     AND cancelled_at IS NULL AND superseded_at IS NULL GROUP BY customer_id HAVING count(*) > 1";

/// Actions without their entry, entries without their action, and either of them twice.
const ENTRY_MISSING: &str = "\
    SELECT 'start', r.id FROM password_resets r WHERE 1 <> (SELECT count(*) FROM audit a \
        WHERE a.action = 'reset.start' AND a.detail LIKE 'reset ' || r.id || ', mail %') \
    UNION ALL SELECT 'starts', count(*) FROM audit WHERE action = 'reset.start' \
        HAVING count(*) <> (SELECT count(*) FROM password_resets) \
    UNION ALL SELECT 'ends', count(*) FROM audit WHERE action IN ('reset.cancel', 'reset.undo') \
        HAVING count(*) <> (SELECT count(*) FROM password_resets WHERE cancelled_at IS NOT NULL) \
    UNION ALL SELECT 'force', count(*) FROM audit WHERE action = 'force_sign_in' \
        HAVING count(*) <> (SELECT count(*) FROM operations WHERE action LIKE 'force_sign_in%') \
    UNION ALL SELECT 'accepted', count(*) FROM audit WHERE action = 'mail.accepted' \
        HAVING count(*) <> (SELECT count(*) FROM outbox WHERE state = 'accepted')";

async fn open(office: &Office) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}", office.database().display())).await.unwrap()
}

async fn no_row(db: &mut SqliteConnection, sql: &'static str) {
    let rows = sqlx::query(sql).fetch_all(db).await.unwrap();
    let told: Vec<String> =
        rows.iter().map(|row| format!("{:?}", (0..row.len()).map(|i| word(row, i)).collect::<Vec<_>>())).collect();
    assert!(told.is_empty(), "{sql}\nfound {told:?}");
}

fn word(row: &sqlx::sqlite::SqliteRow, column: usize) -> String {
    row.try_get::<String, _>(column).unwrap_or_else(|_| row.get::<i64, _>(column).to_string())
}

/// A worker that died left mails that nobody touches until its claim has run out.
fn deliver_the_rest(office: &Office) {
    let mut worker = office.command(&[], &["mail", "deliver"]);
    faketime::shift(&mut worker, "+10m");
    let told = Told::from(worker.output().unwrap());
    assert!(told.is_done(), "{told:?}");
}

async fn promises_are_kept(db: &mut SqliteConnection, promises: &[Promise]) {
    let keys: Vec<String> = sqlx::query_scalar("SELECT op_key FROM operations").fetch_all(&mut *db).await.unwrap();
    let reasons: Vec<String> = sqlx::query_scalar("SELECT reason FROM password_resets").fetch_all(db).await.unwrap();
    let (keys, reasons) = (counted(keys), counted(reasons));
    for promise in promises {
        let kept = match promise {
            Promise::Operation(key) => keys.get(key),
            Promise::Reset { reason } => reasons.get(reason),
        };
        assert_eq!(kept, Some(&1), "{promise:?} was promised");
    }
}

fn counted(words: Vec<String>) -> BTreeMap<String, u32> {
    words.into_iter().fold(BTreeMap::new(), |mut counts, word| {
        *counts.entry(word).or_default() += 1;
        counts
    })
}

async fn every_mail_is_at_its_end(db: &mut SqliteConnection, office: &Office) {
    no_row(
        db,
        "SELECT id FROM password_resets r \
         WHERE 1 <> (SELECT count(*) FROM outbox o WHERE o.reset_id = r.id AND o.template = 'reset')",
    )
    .await;
    no_row(
        db,
        "SELECT id FROM password_resets r WHERE (r.used_at IS NOT NULL) \
         <> (SELECT count(*) FROM outbox o WHERE o.reset_id = r.id AND o.template <> 'reset')",
    )
    .await;
    no_row(db, "SELECT id, state FROM outbox WHERE state = 'queued'").await;
    let rows = sqlx::query("SELECT message_id, state, attempts FROM outbox").fetch_all(db).await.unwrap();
    let arrived: BTreeSet<String> = office.mails().into_iter().collect();
    let mut known = BTreeSet::new();
    for row in rows {
        let (id, state): (String, String) = (row.get(0), row.get(1));
        assert!(state != "accepted" || arrived.contains(&id), "mail {id} is said to be accepted");
        // A mail that was tried may have left before it was taken back.
        if row.get::<i64, _>(2) > 0 {
            known.insert(id);
        }
    }
    let strays: Vec<_> = arrived.difference(&known).collect();
    assert!(strays.is_empty(), "nobody asked for {strays:?}");
}

/// How many customers are looked for at most.
const LOOKED_FOR: i64 = 300;

async fn everybody_is_found(db: &mut SqliteConnection, office: &Office) {
    let store = SqlStore::open_file(&office.database(), OpenMode::MustExist).await.unwrap();
    let service = Service::new(store, Clock::default(), Entropy::default(), Rules::default());
    let customers = sqlx::query("SELECT id, email FROM customers ORDER BY id % 997, id LIMIT $1").bind(LOOKED_FOR);
    for customer in customers.fetch_all(db).await.unwrap() {
        let (id, email): (i64, String) = (customer.get(0), customer.get(1));
        let Ok(query) = Query::parse(&email) else { continue };
        let page = service.find_all_of_page(query, Sort::default(), PageFrom::Start, 50).await.unwrap();
        assert!(page.rows.iter().any(|row| row.id.0 == id), "customer {id} is not found by {email:?}");
    }
    service.store().clone().close().await;
}
