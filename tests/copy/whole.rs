//! A whole shop on the other side.

use jiff::SignedDuration;
use keydesk::{
    domain::{
        audit::AuditFilter,
        command::ResetQueued,
        copy::CopyProgress,
        customer::{CustomerId, NewCustomer},
        find::{PageFrom, Sort},
        mail_state::MailState,
        outbox::{MailFilter, MailKind},
        query::Query,
    },
    service::{Service, redeem::Chosen},
    store::{
        Customers,
        sql::{OpenMode, SqlStore, copy},
    },
};
use serde_json::{Value, json};

use crate::{
    hostile_shop::HostileShop,
    payloads,
    postgres::Server,
    shop::{Shop, address, at, copied, mina, moment, order, target, with_key},
    tables::{Line, TABLES, all, of_file, of_server},
};

const QUERIES: [&str; 14] = [
    "",
    "ver",
    "costello",
    "roni_cost",
    "a",
    "ver cos",
    "kim",
    "010",
    "example.com",
    "is:locked",
    "website:kr",
    "has:tokens",
    "created:>2020",
    "id:9",
];

/// The row as it must be on the server.
fn moved(table: &str, mut row: Line) -> Line {
    let at = json!(moment().as_microsecond());
    let none = |row: &Line, column: &str| row[column].is_null();
    match table {
        "password_resets" => {
            let open = none(&row, "used_at") && none(&row, "cancelled_at") && none(&row, "superseded_at");
            if open && row["expires_at"].as_i64().is_none_or(|end| end > moment().as_microsecond()) {
                row.insert("cancelled_at".into(), at);
            }
        }
        "outbox" if row["state"] == "queued" && row["template"] == "reset" => {
            row.insert("state".into(), "cancelled".into());
            row.insert("done_at".into(), at);
            row.insert("relay".into(), "cancelled: the shop was copied to another database".into());
            row.insert("lease_owner".into(), Value::Null);
            row.insert("lease_until".into(), Value::Null);
        }
        _ => {}
    }
    row
}

async fn found(service: &Service<SqlStore>, typed: &str) -> Vec<CustomerId> {
    let query = Query::parse(typed).unwrap();
    let page = service.find_all_of_page(query, Sort::default(), PageFrom::Start, 50).await.unwrap();
    page.rows.iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn everything_is_the_same_but_links() {
    let shop = Shop::new().await;
    let database = target(Server::shared()).await;
    let mut told = Vec::new();
    let done = copy(&order(&shop.file()), &address(&database.url()), |progress| told.push(progress)).await.unwrap();
    assert_eq!((done.links, done.mails, done.notices, done.went_on_from), (4, 2, 1, None));
    assert!(told.contains(&CopyProgress::Indexing), "{told:?}");
    assert!(matches!(told.last(), Some(CopyProgress::Compared(done, total)) if done == total), "{told:?}");
    assert_eq!(done.tables.len(), 13);

    for (table, order) in TABLES {
        let file: Vec<Line> =
            of_file(&shop.file(), table, order).await.into_iter().map(|row| moved(table, row)).collect();
        let mut server = of_server(&database, table, order);
        if table == "audit" {
            server.truncate(file.len());
        }
        if let Some(copied) = done.tables.iter().find(|copied| copied.name == table) {
            assert_eq!(copied.rows, u64::try_from(file.len()).unwrap(), "{table}");
        }
        assert!(!file.is_empty(), "{table} has nothing that could differ");
        for (here, there) in file.iter().zip(&server) {
            if table != "search_keys" {
                assert_eq!(here, there, "{table}");
            }
        }
        assert_eq!(file.len(), server.len(), "{table}");
    }
    assert_eq!(all(&database).matches("copying").count() + all(&database).matches("staged").count(), 0);

    let (here, _) = at(
        SqlStore::open_file(&shop.file(), OpenMode::MustExist).await.unwrap(),
        moment() + SignedDuration::from_mins(1),
    );
    let (there, clock) = at(SqlStore::open_server(&address(&database.url())).await.unwrap(), here_now());
    for query in QUERIES {
        let wanted = found(&here, query).await;
        assert_eq!(found(&there, query).await, wanted, "{query}");
        assert!(!wanted.is_empty() || query == "kim", "{query} finds nobody");
    }

    // A link that was mailed is dead there, and nowhere else; what else people hold works on.
    assert!(here.link_holder(&shop.link).await.unwrap().is_some());
    assert!(there.link_holder(&shop.link).await.unwrap().is_none());
    assert_eq!(there.choose_password(&shop.link, &"vivid8".into()).await.unwrap(), Chosen::LinkDead);
    assert!(there.session_holder(&shop.session).await.unwrap().is_some());
    assert!(there.token_holder(&shop.token).await.unwrap().is_some());
    let waiting: Vec<MailKind> = there
        .mails(MailFilter::default(), None, 50)
        .await
        .unwrap()
        .iter()
        .filter(|mail| mail.state == MailState::Queued)
        .map(|mail| mail.kind)
        .collect();
    assert_eq!(waiting, [MailKind::PasswordChanged]);

    // The log goes on where it was.
    let chain = there.verify_audit().await.unwrap();
    assert_eq!(chain.broken, None);
    let newest = there.audit_entries(&AuditFilter::default(), None, 5).await.unwrap();
    let words: Vec<&str> = newest.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(words, ["database.copied", "reset.cancel", "reset.cancel", "reset.cancel", "reset.cancel"]);
    assert!(newest.iter().all(|entry| entry.operator.as_str() == "mina" && entry.reason.as_str() == "T-9"));
    let detail = newest[0].detail.as_str();
    assert!(
        detail.contains(": 4 links and 2 mails cancelled; websites 3,") && detail.contains(", customers 61,"),
        "{detail}"
    );

    // A key that was used gives its first answer, and ids go on above all that there were.
    let first: ResetQueued = here.start_reset(CustomerId(7), None, with_key()).await.unwrap().unwrap();
    let again: ResetQueued = there.start_reset(CustomerId(7), None, with_key()).await.unwrap().unwrap();
    assert_eq!(first, again);
    let mine = there.store().stored_by_id(&[CustomerId(1)]).await.unwrap().remove(0).data;
    let new = NewCustomer { email: keydesk::domain::email::EmailAddress::parse("new@example.com").unwrap(), ..mine };
    let added = there.add_customer(new, mina()).await.unwrap().unwrap();
    assert_eq!(added, CustomerId(shop.deleted.0 + 1));
    clock.advance(SignedDuration::from_mins(11));
    let queued = there.start_reset(CustomerId(1), None, mina()).await.unwrap().unwrap();
    assert!(queued.reset > again.reset && queued.mail > again.mail, "{queued:?}");
    while keydesk::store::Maintenance::tidy(there.store()).await.unwrap() {}
    assert_eq!(there.verify_audit().await.unwrap().broken, None);
}

fn here_now() -> jiff::Timestamp {
    moment() + SignedDuration::from_mins(1)
}

#[tokio::test]
async fn hostile_texts_are_taken_over_as_they_are() {
    let shop = HostileShop::new(&payloads::all()[..600]).await;
    let database = target(Server::shared()).await;
    let done = copied(&shop.database(), &database.url()).await.unwrap();
    assert_eq!(done.rows("customers"), 600);
    for (table, order) in TABLES.iter().filter(|(table, _)| !["password_resets", "outbox", "audit"].contains(table)) {
        if ["search_keys", "customer_emails"].contains(table) {
            continue;
        }
        assert_eq!(of_server(&database, table, order), of_file(&shop.database(), table, order).await, "{table}");
    }
    let (there, _) = at(SqlStore::open_server(&address(&database.url())).await.unwrap(), moment());
    assert_eq!(there.verify_audit().await.unwrap().broken, None);
}

#[tokio::test]
async fn an_empty_shop_is_a_shop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    SqlStore::open_file(&file, OpenMode::CreateIfMissing).await.unwrap().close().await;
    let database = target(Server::shared()).await;
    let done = copied(&file, &database.url()).await.unwrap();
    assert_eq!(done.rows("customers"), 0);
    let (there, _) = at(SqlStore::open_server(&address(&database.url())).await.unwrap(), moment());
    assert!(there.is_empty().await.unwrap());
    assert_eq!(there.verify_audit().await.unwrap().entries, 1);
}
