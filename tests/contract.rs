//! Stories that every database must tell the same way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

#[path = "contract/audit.rs"]
mod audit;
#[path = "contract/copied.rs"]
mod copied;
#[path = "contract/lost.rs"]
mod lost;
#[path = "contract/mails.rs"]
mod mails;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "contract/records.rs"]
mod records;
#[path = "contract/searches.rs"]
mod searches;
#[path = "contract/shop.rs"]
mod shop;
#[path = "contract/statements.rs"]
mod statements;
#[path = "contract/storefront.rs"]
mod storefront;
#[path = "contract/story.rs"]
mod story;
#[path = "contract/texts.rs"]
mod texts;
#[path = "contract/unlock.rs"]
mod unlock;

use keydesk::{
    domain::{check::Verdict, database::Place, server_address::ServerAddress},
    store::{
        StoreError,
        sql::{
            OpenMode, SqlStore, examine,
            postgres::{migrate, spread},
        },
    },
};

/// An empty database, and as many connections to it as a story needs.
enum Database {
    File(tempfile::TempDir),
    Server(postgres::Database<'static>),
}

impl Database {
    fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    async fn server() -> Self {
        let database = postgres::Server::shared().database_in("en-US");
        let address = address(&database.url());
        assert_eq!(migrate(&address).await.unwrap().before, 0);
        let again = migrate(&address).await.unwrap();
        assert_eq!(again.before, again.now);
        Self::Server(database)
    }

    async fn open(&self) -> SqlStore {
        match self {
            Self::File(folder) => SqlStore::open_file(&folder.path().join("shop.db"), OpenMode::CreateIfMissing).await,
            Self::Server(database) => SqlStore::open_server(&address(&database.url())).await,
        }
        .unwrap()
    }
}

/// A new database has nothing wrong with it, however closely it is looked at: only its folder is
/// open to all, and a server for tests may forget.
async fn looked_over(db: &Database) {
    drop(db.open().await);
    let place = match db {
        Database::File(folder) => Place::File(folder.path().join("shop.db")),
        Database::Server(database) => Place::Server(address(&database.url())),
    };
    let examined = examine(&place, true, shop::start()).await;
    let wrong = examined.checks.iter().filter(|check| check.verdict == Verdict::Wrong);
    let wrong: Vec<&str> = wrong.map(|check| check.name).collect();
    assert!(matches!(wrong[..], ["files" | "durability"]) && examined.shop.is_some(), "{:?}", examined.checks);
    if let Place::Server(address) = place {
        let spread = spread(&address).await;
        assert!(matches!(&spread, Err(StoreError::Unusable(why)) if why.contains("Citus")), "{spread:?}");
    }
}

/// Of a server that can be written to.
fn address(url: &str) -> ServerAddress {
    ServerAddress::parse(&format!("{url}?target_session_attrs=read-write")).unwrap()
}

/// Each story once on each database.
macro_rules! stories {
    ($($name:ident: $db:ident => $story:expr;)+) => {
        mod in_a_file {
            use super::*;

            stories! { @tests Database::file(), $($name: $db => $story;)+ }
        }

        mod on_a_server {
            use super::*;

            stories! { @tests Database::server().await, $($name: $db => $story;)+ }
        }
    };
    (@tests $new:expr, $($name:ident: $db:ident => $story:expr;)+) => {
        pub const ALL: &[fn()] = &[$($name),+];

        $(#[tokio::test]
        async fn $name() {
            let $db = $new;
            $story.await;
        })+
    };
}

stories! {
    mails_are_sent_again: db => mails::tell(db.open().await, db.open().await);
    mails_are_listed_with_their_fate: db => mails::are_listed(db.open().await);
    mails_are_taken_back: db => mails::are_taken_back(db.open().await);
    somebody_delivers: db => mails::are_delivered_by_somebody(db.open().await, db.open().await);
    locks_are_taken_off: db => unlock::tell(db.open().await, db.open().await);
    tokens_end: db => story::end_tokens(db.open().await);
    one_key_is_known: db => mails::have_one_key(db.open().await, db.open().await);
    the_audit_log_is_filtered: db => audit::tell(db.open().await);
    whoever_is_wanted_is_found: db => searches::tell(db.open().await);
    a_shop_is_looked_over: db => looked_over(&db);
    very_many_are_loaded: db => records::load_many(db.open().await, async || db.open().await);
    a_deleted_customer_leaves_a_trace: db => records::leave_a_trace(db.open().await);
    customers_choose_a_password: db => storefront::choose_a_password(db.open().await, db.open().await);
    links_die: db => storefront::dead_links(db.open().await);
    a_new_password_ends_sessions: db => storefront::new_password_ends_sessions(db.open().await);
    wrong_passwords_lock: db => storefront::lock(db.open().await);
    old_hashes_are_replaced: db => storefront::old_hashes(db.open().await);
    nobody_is_stood_in_for: db => storefront::stand_ins(db.open().await);
    sessions_and_tokens_end: db => storefront::sessions_and_tokens(db.open().await, db.open().await);
    whoever_asks_for_a_reset_is_answered: db => storefront::ask_for_a_reset(db.open().await);
    lists_are_sorted: db => texts::lists_are_sorted(db.open().await);
    a_nul_stops_nothing: db => texts::a_nul_stops_nothing(db.open().await);
    one_of_eight_uses_a_link: db => storefront::one_winner(vec![
        db.open().await, db.open().await, db.open().await, db.open().await,
        db.open().await, db.open().await, db.open().await, db.open().await,
    ]);
    a_shop_is_looked_after: db => story::tell(db.open().await, db.open().await);
    the_locked_are_found: db => unlock::the_locked_are_found(db.open().await);
    customers_are_added_changed_and_deleted: db => records::tell(db.open().await, db.open().await);
    opening_a_mail_confirms: db => storefront::opening_a_mail_confirms(db.open().await);
}
