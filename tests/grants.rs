//! What each group of roles may do on a server: its work, and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how much it tried"
)]

#[path = "support/postgres.rs"]
mod postgres;

use std::collections::BTreeSet;

use keydesk::{
    clock::{Clock, Entropy, ManualClock},
    demo,
    domain::{
        access_token::Scope,
        audit::AuditFilter,
        customer::CustomerId,
        customer_token::CustomerToken,
        email::EmailAddress,
        find::{PageFrom, Sort, SortKey},
        operator::Operator,
        outbox::MailFilter,
        query::Query,
        reset::{KEY_LEN, TokenKey},
        server_address::ServerAddress,
        website::WebsiteId,
    },
    mail::transport::{Memory, Transport},
    service::{Request, Rules, Service, delivery::Mailer, redeem::Chosen, sign_in::Login},
    store::{
        Cancel, Customers, Maintenance, Outbox, StoreError, Storefront,
        sql::{
            SqlStore,
            postgres::{GROUPS, grant, migrate},
        },
    },
};
use postgres::{Database, OWNER, Server, psql_at};

/// What a group may do with a table: columns read, given to new rows and changed, and whether rows
/// may be removed. `*` is every column, `-a b` every column but these.
type Right = (&'static str, &'static str, &'static str, &'static str, bool);

const READ: [Right; 3] =
    [("_sqlx_migrations", "*", "", "", false), ("websites", "*", "", "", false), ("audit", "*", "", "", false)];

const LOOK: [Right; 13] = [
    ("customer_groups", "*", "", "", false),
    ("customer_emails", "*", "", "", false),
    ("mail_queue", "*", "", "", false),
    ("search_texts", "*", "", "", false),
    ("search_keys", "*", "", "", false),
    ("gram_blocks", "*", "", "", false),
    ("gram_counts", "*", "", "", false),
    ("customers", "-password_hash", "", "", false),
    ("integrations", "-secret_digest", "", "", false),
    ("access_tokens", "-digest", "", "", false),
    ("web_sessions", "-digest", "", "", false),
    ("password_resets", "-nonce token_digest ip", "", "", false),
    ("outbox", "-lease_owner", "", "", false),
];

const READONLY: [Right; 1] = [("reset_requests", "customer_id reset_id requested_at", "", "", false)];

const MAIL: &str =
    "customer_id reset_id message_id template recipient from_console website_id created_at not_before next_at state";
const RESET: &str = "customer_id nonce requested_at requested_by from_console reason ip";

const CONSOLE: [Right; 9] = [
    ("audit", "", "*", "", false),
    ("operations", "*", "*", "answer", false),
    ("customers", "", "", "failed_sign_ins locked_until sessions_valid_from version", false),
    ("access_tokens", "", "", "revoked_at revoked_by", false),
    ("web_sessions", "", "", "ended_at", false),
    ("password_resets", "", RESET, "cancelled_at superseded_at superseded_by", false),
    ("reset_requests", "customer_id reset_id requested_at", "customer_id reset_id requested_at", "", true),
    ("outbox", "", MAIL, "state next_at done_at", false),
    ("mail_queue", "", "", "stopped_until stopped_why", false),
];

const WORKER: [Right; 8] = [
    ("audit", "", "*", "", false),
    ("customers", "id email website_id group_id active confirmed", "", "", false),
    (
        "password_resets",
        "id customer_id nonce token_digest expires_at used_at cancelled_at superseded_at",
        "",
        "token_digest expires_at",
        false,
    ),
    ("outbox", "*", "", "state attempts next_at lease_owner lease_until done_at relay", false),
    ("mail_queue", "*", "", "stopped_until stopped_why token_key", false),
    ("search_texts", "*", "", "apart", false),
    ("gram_blocks", "*", "*", "customers ids", false),
    ("gram_counts", "*", "*", "customers", false),
];

const WEB: [Right; 12] = [
    ("audit", "", "*", "", false),
    ("operations", "*", "*", "answer", false),
    ("customer_emails", "*", "", "", false),
    ("integrations", "*", "", "", false),
    (
        "customers",
        "-last_sign_in_at attributes has_password",
        "",
        "password_hash confirmed failed_sign_ins locked_until last_sign_in_at sessions_valid_from version",
        false,
    ),
    (
        "access_tokens",
        "*",
        "customer_id integration_id digest scopes created_at expires_at",
        "last_used_at revoked_at revoked_by",
        false,
    ),
    ("web_sessions", "*", "customer_id digest created_at expires_at", "ended_at", true),
    (
        "password_resets",
        "id customer_id token_digest from_console expires_at used_at cancelled_at superseded_at",
        RESET,
        "used_at superseded_at superseded_by",
        false,
    ),
    ("reset_requests", "*", "address_digest ip website_id address requested_at", "customer_id reset_id address", true),
    ("outbox", "id customer_id reset_id template state", MAIL, "state done_at", false),
    ("unknown_sign_ins", "*", "", "attempts last_at", false),
    ("search_texts", "customer_id", "", "apart", false),
];

fn rights(group: &str) -> Vec<Right> {
    let own: &[&[Right]] = match group {
        "keydesk_readonly" => &[&READ, &LOOK, &READONLY],
        "keydesk_console" => &[&READ, &LOOK, &CONSOLE],
        "keydesk_worker" => &[&READ, &WORKER],
        "keydesk_web" => &[&READ, &WEB],
        other => panic!("{other}"),
    };
    own.concat()
}

/// A shop whose operators have roles of their own.
struct Shop<'a> {
    database: Database<'a>,
    clock: ManualClock,
}

const KEY: [u8; KEY_LEN] = [7; KEY_LEN];

fn start() -> jiff::Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

impl<'a> Shop<'a> {
    async fn new(server: &'a Server) -> Self {
        let database = server.database();
        let owner = ServerAddress::parse(&database.url()).unwrap();
        migrate(&owner).await.unwrap();
        // Twice: what was given before is taken back first.
        grant(&owner).await.unwrap();
        grant(&owner).await.unwrap();
        for group in GROUPS {
            database.psql(&format!("CREATE ROLE member_of_{group} LOGIN IN ROLE {group}"));
        }
        Self { database, clock: ManualClock::new(start()) }
    }

    fn url(&self, group: &str) -> String {
        self.database.url().replacen(OWNER, &format!("member_of_{group}"), 1)
    }

    async fn over(&self, url: &str) -> Service<SqlStore> {
        let store = SqlStore::open_server(&ServerAddress::parse(url).unwrap()).await.unwrap();
        Service::new(store, Clock::Manual(self.clock.clone()), Entropy::System, Rules::default())
    }

    async fn owner(&self) -> Service<SqlStore> {
        self.over(&self.database.url()).await
    }

    async fn of(&self, group: &str) -> Service<SqlStore> {
        self.over(&self.url(group)).await
    }

    fn later(&self, minutes: i64) {
        self.clock.advance(jiff::SignedDuration::from_mins(minutes));
    }
}

fn mina() -> Request {
    Request { by: Operator::new("mina").unwrap(), reason: "T-4711".into(), op_key: None }
}

fn mailer(memory: &Memory) -> Mailer {
    Mailer { transport: Transport::Memory(memory.clone()), key: TokenKey::new(KEY), owner: "worker".into() }
}

fn link_in(mail: &[u8]) -> CustomerToken {
    let text = String::from_utf8(mail.to_vec()).unwrap().replace("=\r\n", "");
    CustomerToken::parse(text.split("/r/").nth(1).unwrap().split(char::is_whitespace).next().unwrap()).unwrap()
}

/// Every statement that an operator's day needs, by members of the groups alone.
#[tokio::test]
async fn each_group_does_its_work() {
    let server = Server::make();
    let shop = Shop::new(&server).await;
    let owner = shop.owner().await;
    let plan = demo::Shop { customers: 40, seed: 7, now: start() };
    demo::build(owner.store(), &plan, None, |_| ()).await.unwrap();
    shop.later(120);
    let (console, worker, web) =
        (shop.of("keydesk_console").await, shop.of("keydesk_worker").await, shop.of("keydesk_web").await);
    let id = CustomerId(1);

    // Whoever looks.
    for group in ["keydesk_console", "keydesk_readonly"] {
        searches(&shop.of(group).await).await;
    }

    // The console.
    let tokens = shop.database.psql("SELECT customer_id FROM access_tokens WHERE revoked_at IS NULL LIMIT 1");
    let with_tokens = CustomerId(tokens.parse().unwrap());
    assert!(console.open(id).await.unwrap().is_some());
    console.who("roni_cost@example.com", Some("base")).await.unwrap();
    console.start_reset(id, None, mina()).await.unwrap().unwrap();
    console.cancel_reset(id, mina()).await.unwrap().unwrap();
    let queued = console.start_reset(id, None, mina()).await.unwrap().unwrap();
    let forced = console.force_sign_in(with_tokens, None, Scope::All, mina()).await.unwrap().unwrap();
    assert!(forced.ended.tokens > 0);
    shop.database.psql("UPDATE customers SET locked_until = 4000000000000000 WHERE id = 3");
    console.unlock(CustomerId(3), None, mina()).await.unwrap().unwrap();
    assert!(!console.mails(MailFilter::default(), None, 20).await.unwrap().is_empty());
    console.queue().await.unwrap();
    assert!(console.verify_audit().await.unwrap().broken.is_none());
    shop.later(1);

    // The worker, and what the console does with its mails.
    let memory = Memory::default();
    let mailer = mailer(&memory);
    assert!(worker.agree_on_key(&mailer, false).await.unwrap());
    assert!(worker.store().become_worker().await.unwrap());
    worker.keep_time().await.unwrap();
    worker.deliver_due(&mailer, &|| true, &mut |_| ()).await.unwrap();
    worker.queue().await.unwrap();
    while worker.store().tidy().await.unwrap() {}
    let link = link_in(memory.mails().iter().last().unwrap().bytes());
    shop.database.psql(&format!("UPDATE outbox SET state = 'refused' WHERE id = {}", queued.mail.0));
    console.retry_mail(queued.mail, mina()).await.unwrap().unwrap();
    worker.deliver_due(&mailer, &|| true, &mut |_| ()).await.unwrap();

    // The storefront.
    shop.database.psql("UPDATE customers SET confirmed = FALSE WHERE id = 1");
    let website = WebsiteId(shop.database.psql("SELECT website_id FROM customers WHERE id = 1").parse().unwrap());
    let email = shop.database.psql("SELECT email FROM customers WHERE id = 1");
    assert!(web.link_holder(&link).await.unwrap().is_some());
    let password = "a-Good-1-password";
    let chosen = web.choose_password(&link, &password.into()).await.unwrap();
    assert!(matches!(chosen, Chosen::Set(_)), "{chosen:?}");
    assert_eq!(shop.database.psql("SELECT apart IS NOT NULL FROM search_texts WHERE customer_id = 1"), "t");
    let login = |email: &str, password: &str| Login { website, email: email.into(), password: password.into() };
    assert!(web.sign_in(&login(&email, "wrong")).await.unwrap().is_none());
    assert!(web.sign_in(&login("nobody@example.com", "wrong")).await.unwrap().is_none());
    let session = web.sign_in(&login(&email, password)).await.unwrap().unwrap();
    assert!(web.session_holder(&session).await.unwrap().is_some());
    web.sign_out(&session).await.unwrap();
    let erp = owner.add_integration("ERP of the test", "orders", mina()).await.unwrap().unwrap();
    let erp = web.integration(&erp.key, &erp.secret).await.unwrap().unwrap();
    let token = web.issue_token(&erp, &login(&email, password)).await.unwrap().unwrap();
    let holder = web.token_holder(&token).await.unwrap().unwrap();
    assert!(web.give_tokens_back(&holder).await.unwrap() > 0);
    let address = EmailAddress::parse(&shop.database.psql("SELECT email FROM customers WHERE id = 5")).unwrap();
    let site = WebsiteId(shop.database.psql("SELECT website_id FROM customers WHERE id = 5").parse().unwrap());
    let network = Some("192.0.2.7".parse().unwrap());
    web.ask_for_reset(site, address, network, &TokenKey::new(KEY)).await.unwrap().unwrap();
    shop.later(30);
    let nobody = EmailAddress::parse("nobody@example.com").unwrap();
    web.ask_for_reset(site, nobody, network, &TokenKey::new(KEY)).await.unwrap().unwrap();
    assert_eq!(web.answer_requests().await.unwrap(), 2);
    shop.later(60 * 24 * 40);
    assert!(web.store().sweep(web.clock().now()).await.unwrap() > 0);

    // Who only looks.
    let readonly = shop.of("keydesk_readonly").await;
    assert!(readonly.open(id).await.unwrap().is_some());
    assert!(!readonly.mails(MailFilter::default(), None, 20).await.unwrap().is_empty());
    assert!(!readonly.audit_entries(&AuditFilter::default(), None, 20).await.unwrap().is_empty());
    readonly.queue().await.unwrap();
    for service in [&readonly, &worker] {
        match service.start_reset(id, None, mina()).await.unwrap_err() {
            StoreError::NotAllowed(text) => assert!(text.contains("permission denied"), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Every way in which customers are looked for.
async fn searches(service: &Service<SqlStore>) {
    let mut found = 0;
    for typed in ["", "roni", "ostel", "1", "is:locked", "has:tokens", "is:active website:base group:general a"] {
        let query = Query::parse(typed).unwrap();
        for key in [SortKey::Best, SortKey::Name, SortKey::Email, SortKey::Created, SortKey::LastSignIn] {
            let sort = Sort { key, descending: false };
            let page = service.find_all_of_page(query.clone(), sort, PageFrom::Start, 10).await.unwrap();
            found += page.rows.len();
            if let Some(next) = page.next {
                service.find_all_of_page(query.clone(), sort, PageFrom::After(next), 10).await.unwrap();
            }
        }
        service.count(&query, &Cancel::default()).await.unwrap();
    }
    assert!(found > 100, "{found}");
    assert!(!service.store().stored_by_id(&[CustomerId(1)]).await.unwrap().is_empty());
    service.store().attribute_names().await.unwrap();
}

/// Tries everything, each undone, and says what was not refused.
const TRY: &str = r"
DO $$
DECLARE
    c record;
    done text := '';
    tried bigint := 0;
    statement text;
BEGIN
    FOR c IN
        SELECT table_name AS t, column_name AS c, verb, made FROM all_columns, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS verb
        UNION ALL
        SELECT DISTINCT table_name, '', verb, FALSE FROM all_columns, unnest(ARRAY['DELETE', 'TRUNCATE', 'DROP', 'ALTER', 'LOCK']) AS verb
        ORDER BY 1, 3, 2
    LOOP
        statement := CASE c.verb
            WHEN 'SELECT' THEN format('SELECT %I FROM %I LIMIT 0', c.c, c.t)
            WHEN 'INSERT' THEN format('INSERT INTO %I (%I) VALUES (DEFAULT)', c.t, c.c)
            WHEN 'UPDATE' THEN format('UPDATE %I SET %I = %s', c.t, c.c, CASE WHEN c.made THEN 'DEFAULT' ELSE 'NULL' END)
            WHEN 'DELETE' THEN format('DELETE FROM %I', c.t)
            WHEN 'TRUNCATE' THEN format('TRUNCATE %I CASCADE', c.t)
            WHEN 'DROP' THEN format('DROP TABLE %I CASCADE', c.t)
            WHEN 'ALTER' THEN format('ALTER TABLE %I DISABLE TRIGGER ALL', c.t)
            WHEN 'LOCK' THEN format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', c.t)
        END;
        tried := tried + 1;
        BEGIN
            EXECUTE statement;
            RAISE EXCEPTION 'done';
        EXCEPTION
            WHEN insufficient_privilege THEN NULL;
            WHEN OTHERS THEN done := done || format('%s %s %s', c.verb, c.t, c.c) || E'\n';
        END;
    END LOOP;
    PERFORM set_config('try.done', done, FALSE), set_config('try.tried', tried::text, FALSE);
END
$$;
SELECT current_setting('try.tried') || E'\n' || current_setting('try.done');
";

/// The columns that a short form names.
fn named<'a>(columns: &'a [String], form: &str) -> Vec<&'a str> {
    let listed = |form: &str| form.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let all = columns.iter().map(String::as_str);
    match form.strip_prefix('-') {
        Some(but) => all.filter(|column| !listed(but).iter().any(|one| one == column)).collect(),
        None if form == "*" => all.collect(),
        None => all.filter(|column| listed(form).iter().any(|one| one == column)).collect(),
    }
}

#[tokio::test]
async fn no_group_does_anything_else() {
    let server = Server::make();
    let shop = Shop::new(&server).await;
    let owner = shop.owner().await;
    let plan = demo::Shop { customers: 5, seed: 7, now: start() };
    demo::build(owner.store(), &plan, None, |_| ()).await.unwrap();
    // What a member may not look at is not in its information_schema.
    shop.database.psql(
        "CREATE TABLE all_columns AS SELECT c.table_name::text, c.column_name::text, c.is_generated = 'ALWAYS' AS made FROM information_schema.columns c \
         JOIN information_schema.tables t USING (table_schema, table_name) \
         WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> 'all_columns'; \
         GRANT SELECT ON all_columns TO PUBLIC",
    );
    let columns = |table: &str| -> Vec<String> {
        let found = shop.database.psql(&format!("SELECT column_name FROM all_columns WHERE table_name = '{table}'"));
        found.lines().map(str::to_owned).collect()
    };
    let before = everything(&shop.database);
    let mut tried = 0;
    for group in GROUPS {
        let mut allowed = BTreeSet::new();
        for (table, read, given, changed, removed) in rights(group) {
            let columns = columns(table);
            assert!(!columns.is_empty(), "{table}");
            for (verb, form) in [("SELECT", read), ("INSERT", given), ("UPDATE", changed)] {
                allowed.extend(named(&columns, form).iter().map(|column| format!("{verb} {table} {column}")));
            }
            // Whoever may remove rows may also lock the table.
            allowed.extend(["DELETE", "LOCK"].into_iter().filter(|_| removed).map(|verb| format!("{verb} {table} ")));
        }
        let answer = psql_at(&shop.url(group), TRY).unwrap();
        let mut lines = answer.lines();
        let count: usize = lines.next().unwrap().parse().unwrap();
        let done: BTreeSet<String> = lines.filter(|line| !line.is_empty()).map(str::to_owned).collect();
        assert_eq!(done.difference(&allowed).collect::<Vec<_>>(), Vec::<&String>::new(), "{group} may do more");
        assert_eq!(allowed.difference(&done).collect::<Vec<_>>(), Vec::<&String>::new(), "{group} may do less");
        println!("{group}: {count} statements tried, {} allowed", allowed.len());
        tried += count;
        for other in [
            "CREATE TABLE mine (n int)",
            "SET ROLE keydesk_owner",
            "CREATE ROLE mine",
            "SELECT nextval('customers_id_seq')",
        ] {
            let refused = psql_at(&shop.url(group), other).unwrap_err();
            assert!(refused.contains("permission denied"), "{group}, {other}: {refused}");
            tried += 1;
        }
    }
    assert!(tried > 1500, "{tried}");
    println!("{tried} statements tried by {} groups", GROUPS.len());
    assert_eq!(everything(&shop.database), before, "what was tried was undone");
}

fn everything(database: &Database<'_>) -> String {
    database.psql("SELECT count(*) FROM customers; SELECT count(*) FROM access_tokens; SELECT count(*) FROM audit; SELECT count(*) FROM gram_blocks")
}
