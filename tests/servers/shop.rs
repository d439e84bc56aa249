//! A shop on a server, whoever works on it, and what must hold of it at the end.

use std::{
    collections::HashSet,
    env,
    process::{Command, Stdio},
};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, Entropy},
    demo,
    domain::{
        operation::OpKey,
        operator::Operator,
        reset::ResetPolicy,
        server_address::ServerAddress,
        throttle::{Limits, Protection},
    },
    service::{Request, Rules, Service},
    store::sql::{SqlStore, postgres::migrate},
};

use crate::postgres::Database;

/// Makes the tables of a shop, and so many customers.
pub async fn furnish(database: &Database<'_>, customers: u64) {
    let address = address(&database.url());
    migrate(&address).await.unwrap();
    let store = SqlStore::open_server(&address).await.unwrap();
    demo::build(&store, &demo::Shop { customers, seed: 7, now: Timestamp::now() }, None, |_| ()).await.unwrap();
    store.close().await;
}

pub fn address(url: &str) -> ServerAddress {
    ServerAddress::parse(url).unwrap()
}

/// A desk at which nobody waits for anything: what is tested here are faults, not the limits.
pub fn desk(store: SqlStore, clock: Clock) -> Service<SqlStore> {
    let limits = Limits { protection: Protection::None, ..Limits::default() };
    let reset = ResetPolicy { limits, hold: SignedDuration::ZERO, ..ResetPolicy::default() };
    Service::new(store, clock, Entropy::default(), Rules { reset, ..Rules::default() })
}

pub async fn open(url: &str) -> Service<SqlStore> {
    desk(SqlStore::open_server(&address(url)).await.unwrap(), Clock::default())
}

/// Mina's, under this operation key.
pub fn request(key: &str) -> Request {
    Request { by: Operator::new("mina").unwrap(), reason: String::new(), op_key: OpKey::new(key) }
}

/// A process that acts one of this program's ignored tests, with these variables.
pub fn actor(test: &str, variables: &[(&str, String)]) -> Command {
    let mut actor = Command::new(env::current_exe().unwrap());
    actor.args(["--ignored", "--exact", "--nocapture", test]);
    actor.envs(variables.iter().map(|(name, value)| (name, value)));
    actor.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    actor
}

/// What an actor was given.
pub fn variable(name: &str) -> String {
    env::var(name).unwrap()
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Two live links of one customer, actions without their entry, and entries without their action.
const BROKEN: &str = "\
    SELECT 'links', customer_id FROM password_resets WHERE used_at IS NULL AND cancelled_at IS NULL \
        AND superseded_at IS NULL GROUP BY customer_id HAVING count(*) > 1 \
    UNION ALL SELECT 'mails', r.id FROM password_resets r WHERE 1 <> (SELECT count(*) FROM outbox o \
        WHERE o.customer_id = r.customer_id AND o.reset_id = r.id AND o.template = 'reset') \
    UNION ALL SELECT 'notices', r.id FROM password_resets r WHERE (r.used_at IS NOT NULL)::int <> (SELECT count(*) \
        FROM outbox o WHERE o.customer_id = r.customer_id AND o.reset_id = r.id AND o.template <> 'reset') \
    UNION ALL SELECT 'starts', count(*) FROM audit WHERE action = 'reset.start' \
        HAVING count(*) <> (SELECT count(*) FROM password_resets) \
    UNION ALL SELECT 'force', count(*) FROM audit WHERE action = 'force_sign_in' \
        HAVING count(*) <> (SELECT count(*) FROM operations WHERE action LIKE 'force_sign_in%') \
    UNION ALL SELECT 'accepted', count(*) FROM audit WHERE action = 'mail.accepted' \
        HAVING count(*) <> (SELECT count(*) FROM outbox WHERE state = 'accepted')";

/// Fails unless the chain of the audit log is whole, every action has its entry, no customer has two
/// links, and exactly those keys of `done` and none of `undone` were used.
pub async fn hold(url: &str, psql: impl Fn(&str) -> String, done: &[String], undone: &[String]) {
    assert_eq!(open(url).await.verify_audit().await.unwrap().broken, None);
    assert_eq!(psql(BROKEN), "");
    let stored = psql("SELECT op_key FROM operations");
    let stored: HashSet<&str> = stored.lines().collect();
    for key in done {
        assert!(stored.contains(key.as_str()), "{key} was acknowledged and is lost");
    }
    for key in undone {
        assert!(!stored.contains(key.as_str()), "{key} was said not to be done");
    }
}
