//! Every search finds exactly whom a brute-force filter finds, in the same order, page by page,
//! both ways, whatever was added, changed and deleted before.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/postgres.rs"]
mod postgres;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, Entropy, ManualClock},
    domain::{
        customer::{CustomerId, NewCustomer},
        email::EmailAddress,
        find::{Count, CursorKey, FindPage, Page, PageFrom, Sort, SortKey},
        name::PersonName,
        operator::Operator,
        query::{IdMatch, Is, Query},
        search_text::{SearchEntry, SearchText},
        server_address::ServerAddress,
        website::{GroupId, NewWebsite, WebsiteId},
    },
    service::{Request, Rules, Service},
    store::{
        Cancel, Customers, Maintenance, Search, Setup,
        sql::{OpenMode, SqlStore, postgres::migrate},
    },
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sqlx::{Connection, Row, SqliteConnection};
use tokio::sync::OnceCell;

struct Shop {
    store: SqlStore,
    customers: Vec<(CustomerId, NewCustomer)>,
    home: Home,
}

/// Where a shop's database is.
enum Home {
    File(tempfile::TempDir),
    Server(postgres::Database<'static>),
}

impl Home {
    fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    /// A database of its own on the server that these tests share.
    async fn server() -> Self {
        static WITH_TABLES: OnceCell<postgres::Database<'static>> = OnceCell::const_new();
        let with_tables = WITH_TABLES.get_or_init(async || {
            let database = postgres::Server::shared().database();
            migrate(&address(&database)).await.unwrap();
            database
        });
        Self::Server(with_tables.await.copy())
    }

    async fn open(&self) -> SqlStore {
        match self {
            Self::File(dir) => SqlStore::open_file(&dir.path().join("shop.db"), OpenMode::CreateIfMissing).await,
            Self::Server(database) => SqlStore::open_server(&address(database)).await,
        }
        .unwrap()
    }

    /// Whether a load of very many was not completed.
    fn has_load(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Server(database) => database.psql("SELECT to_regclass('staged_from') IS NOT NULL") == "t",
        }
    }
}

fn address(database: &postgres::Database<'_>) -> ServerAddress {
    ServerAddress::parse(&database.url()).unwrap()
}

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn request() -> Request {
    Request::by(Operator::new("test").unwrap())
}

impl Shop {
    async fn new(home: Home) -> Self {
        let store = home.open().await;
        for code in ["base", "kr"] {
            let website = NewWebsite {
                code: code.into(),
                name: code.into(),
                base_url: format!("https://{code}.example"),
                sender_name: "Shop".into(),
                sender_email: EmailAddress::parse("shop@example.com").ok(),
                language: "en".into(),
            };
            store.insert_website(&website).await.unwrap();
        }
        for group in ["General", "Wholesale"] {
            store.insert_group(group).await.unwrap();
        }
        Self { store, customers: Vec::new(), home }
    }

    async fn add(&mut self, new: Vec<NewCustomer>) {
        let ids = self.store.insert_customers(self.store.batch(&new)).await.unwrap();
        self.customers.extend(ids.into_iter().zip(new));
    }

    fn service(&self) -> Service<SqlStore> {
        let clock = Clock::Manual(ManualClock::new(now()));
        Service::new(self.store.clone(), clock, Entropy::System, Rules::default())
    }

    async fn add_one(&mut self, new: NewCustomer) {
        let id = self.service().add_customer(new.clone(), request()).await.unwrap().unwrap();
        self.customers.push((id, new));
    }

    /// The same as one load of very many; `died` in the middle, and somebody else came.
    async fn load(&mut self, new: Vec<NewCustomer>, died: bool) {
        self.store.begin_bulk().await.unwrap();
        self.add(new).await;
        if died {
            let meanwhile = self.home.open().await;
            self.store = meanwhile;
            self.store = self.home.open().await;
            // A server notices a moment later that somebody is gone.
            while self.home.has_load() {
                self.store = self.home.open().await;
            }
        } else {
            self.store.finish_bulk().await.unwrap();
        }
    }

    async fn change(&mut self, at: usize, data: NewCustomer) {
        let (id, old) = self.customers[at].clone();
        let data = NewCustomer { website: old.website, ..data };
        let version = self.service().open(id).await.unwrap().unwrap().version;
        let changed = self.service().change_customer(id, version, data.clone(), request()).await.unwrap().unwrap();
        assert!(changed > version);
        self.customers[at].1 = data;
    }

    /// Adds, deletes or changes somebody, as `what` says; the new address must be nobody's.
    async fn step(&mut self, what: u8, at: u16, new: NewCustomer, taken: &mut Vec<(WebsiteId, String)>) {
        let at = usize::from(at) % self.customers.len().max(1);
        let Some((_, old)) = self.customers.get(at).cloned().filter(|_| !what.is_multiple_of(4)) else {
            for new in unique(vec![new], taken) {
                if what & 4 == 0 { self.add_one(new).await } else { self.add(vec![new]).await }
            }
            return;
        };
        match what % 4 {
            1 => self.delete(at).await,
            2 => self.change(at, NewCustomer { email: old.email, ..new }).await,
            _ => {
                for new in unique(vec![NewCustomer { website: old.website, ..new }], taken) {
                    self.change(at, new).await;
                }
            }
        }
    }

    async fn delete(&mut self, at: usize) {
        let (id, _) = self.customers.remove(at);
        self.service().delete_customer(id, request()).await.unwrap().unwrap();
    }

    /// Whom the filter finds, in the order that is promised.
    fn expected(&self, query: &Query, sort: Sort) -> Vec<CustomerId> {
        let mut found: Vec<_> = self.customers.iter().filter(|(id, c)| fits(query, *id, c)).collect();
        match sort.key {
            SortKey::Best => found.sort_by_cached_key(|(id, c)| {
                let prefix = query.prefix.clone().unwrap_or_else(|| "\u{1}".into());
                let SearchEntry { text, surname_key: surname, given_key: given, .. } = entry(c);
                let email = c.email.key();
                if email.starts_with(&prefix) {
                    (1, email, id.0)
                } else if surname.starts_with(&prefix) {
                    (2, surname, id.0)
                } else if given.starts_with(&prefix) {
                    (3, given, id.0)
                } else {
                    assert!(!text.begins_with(&prefix));
                    (4, String::new(), -id.0)
                }
            }),
            SortKey::Id => found.sort_by_key(|(id, _)| id.0),
            SortKey::Name => found.sort_by_cached_key(|(id, c)| (entry(c).surname_key, id.0)),
            SortKey::Email => found.sort_by_cached_key(|(id, c)| (c.email.key(), id.0)),
            SortKey::Created => found.sort_by_key(|(id, c)| (c.created_at, id.0)),
            SortKey::LastSignIn => found.sort_by_key(|(id, c)| (c.last_sign_in_at, id.0)),
        }
        if sort.descending && sort.key != SortKey::Best {
            found.reverse();
        }
        // Whoever has the typed number as id comes first in every order.
        found.sort_by_key(|(id, _)| query.id != Some(IdMatch::First(id.0)));
        found.into_iter().map(|(id, _)| *id).collect()
    }

    async fn page(&self, query: &Query, sort: Sort, from: PageFrom, limit: u32, budget: Duration) -> Page {
        let request = FindPage { query: query.clone(), sort, from, limit, budget, now: now() };
        self.store.find(&request, &Cancel::default()).await.unwrap()
    }

    /// All pages from one end to the other.
    async fn walk(&self, query: &Query, sort: Sort, limit: u32, backwards: bool, budget: Duration) -> Vec<CustomerId> {
        let mut ids = Vec::new();
        let mut from = if backwards { PageFrom::End } else { PageFrom::Start };
        loop {
            let page = self.page(query, sort, from, limit, budget).await;
            assert_eq!(page.rows.len(), page.cursors.len());
            assert!(page.rows.len() <= limit as usize);
            let mut here: Vec<_> = page.rows.iter().map(|row| row.id).collect();
            if backwards {
                here.extend(ids);
                ids = here;
            } else {
                ids.extend(here);
            }
            match page.next {
                Some(cursor) if backwards => from = PageFrom::Before(cursor),
                Some(cursor) => from = PageFrom::After(cursor),
                None => return ids,
            }
        }
    }
}

fn fits(query: &Query, id: CustomerId, c: &NewCustomer) -> bool {
    let text = SearchText::new(&c.name, c.email.as_str(), &c.phone);
    let locked = c.locked_until.is_some_and(|until| until > now());
    let state = query.is.iter().all(|is| match is {
        Is::Locked => locked,
        Is::Unconfirmed => !c.confirmed,
        Is::Disabled => !c.active,
        Is::Active => c.active && c.confirmed && !locked,
    });
    let website = query.website.as_deref().is_none_or(|code| {
        c.website
            == WebsiteId(match code {
                "base" => 1,
                "kr" => 2,
                _ => 0,
            })
    });
    let group = query.group.as_deref().is_none_or(|name| c.group == GroupId(if name == "general" { 1 } else { 2 }));
    let created = query.created_from.is_none_or(|from| c.created_at >= from)
        && query.created_before.is_none_or(|before| c.created_at < before);
    let words = query.terms.iter().all(|term| text.matches(term));
    let by_id = match query.id {
        Some(IdMatch::Only(only)) => id.0 == only && words,
        Some(IdMatch::First(first)) => id.0 == first || words,
        None => words,
    };
    by_id && state && website && group && created && !query.has_tokens
}

fn customer() -> impl Strategy<Value = NewCustomer> {
    let first = prop_oneof![
        "[A-Ea-e]{0,5}",
        "(Jürgen|Mueller|François|Veronica|Anne-Marie|O'Brien|Samuel)",
        "[길동민수지]{1,2}",
        "\\PC{0,6}"
    ];
    let last = prop_oneof!["[A-Da-d ]{0,6}", "(Müller|Costello|Weiß|Schröder|Scho\u{308}n)", "[홍김이박]", "\\PC{0,4}"];
    let email = "[a-e]{1,3}[._-]?[a-c0-9]{1,6}@[a-c]{1,2}\\.(com|kr)";
    let phone = prop_oneof![
        Just(String::new()),
        "\\+82 10-[0-4]{4}-[0-4]{4}",
        "010-[0-4]{4}-[0-4]{4}",
        "\\(555\\) [0-3]{3}-[0-3]{4}"
    ];
    let flags = (any::<u8>(), 0_i64..900, prop::option::of(0_i64..900));
    (first, last, email, phone, flags).prop_map(|(first, last, email, phone, (flags, created, signed_in))| {
        let days = |n| now().saturating_sub(SignedDuration::from_hours(24 * n)).unwrap();
        NewCustomer {
            website: WebsiteId(1 + i64::from(flags & 1)),
            group: GroupId(1 + i64::from(flags >> 1 & 1)),
            name: PersonName::new(&first, &last),
            email: EmailAddress::parse(&email).unwrap(),
            phone,
            password_hash: None,
            active: flags >> 2 & 7 != 0,
            confirmed: flags >> 3 & 7 != 0,
            failed_sign_ins: 0,
            locked_until: (flags >> 5 == 0)
                .then(|| now().saturating_add(SignedDuration::from_mins(created - 300)).unwrap()),
            created_at: days(created),
            last_sign_in_at: signed_in.map(days),
            attributes: None,
        }
    })
}

fn entry(customer: &NewCustomer) -> SearchEntry {
    SearchEntry::new(&customer.name, customer.email.as_str(), &customer.phone)
}

/// Searches as people type them, also pieces of what is really there.
fn search(customers: &[NewCustomer]) -> impl Strategy<Value = String> + use<> {
    let words: Vec<String> = customers
        .iter()
        .flat_map(|c| [c.email.as_str().to_owned(), c.name.full(), c.phone.clone(), entry(c).surname_key])
        .filter(|w| !w.trim().is_empty() && !w.contains([':', '"']))
        .collect();
    let piece = (prop::sample::select(words), any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(
        |(word, a, b)| {
            let chars: Vec<char> = word.chars().collect();
            let (a, b) = (a.index(chars.len()), b.index(chars.len()));
            chars[a.min(b)..=a.max(b)].iter().collect::<String>()
        },
    );
    let typed = prop_oneof![
        8 => piece.clone(), 2 => (piece.clone(), piece.clone()).prop_map(|(a, b)| format!("{a} {b}")),
        2 => "[a-e]{1,3}", 1 => "[0-9]{1,4}", 1 => "[길동민수홍김]{1,2}", 1 => Just(String::new()),
    ];
    let filter = prop::sample::select(vec![
        "",
        "",
        "",
        "",
        "website:base",
        "website:kr",
        "group:general",
        "group:wholesale",
        "is:locked",
        "is:unconfirmed",
        "is:active",
        "is:disabled",
        "created:>2025-06-01",
        "created:<2025",
        "website:none",
        "id:7",
        "is:active is:locked",
    ]);
    (typed, filter).prop_map(|(typed, filter)| format!("{typed} {filter}"))
}

const SORTS: [Sort; 11] = {
    const fn by(key: SortKey, descending: bool) -> Sort {
        Sort { key, descending }
    }
    [
        by(SortKey::Best, false),
        by(SortKey::Id, false),
        by(SortKey::Id, true),
        by(SortKey::Name, false),
        by(SortKey::Name, true),
        by(SortKey::Email, false),
        by(SortKey::Email, true),
        by(SortKey::Created, false),
        by(SortKey::Created, true),
        by(SortKey::LastSignIn, false),
        by(SortKey::LastSignIn, true),
    ]
};

fn unique(customers: Vec<NewCustomer>, taken: &mut Vec<(WebsiteId, String)>) -> Vec<NewCustomer> {
    let new = |c: &NewCustomer, taken: &mut Vec<_>| {
        let key = (c.website, c.email.key());
        let free = !taken.contains(&key);
        taken.push(key);
        free
    };
    customers.into_iter().filter(|c| new(c, taken)).collect()
}

/// How the first customers came into the shop.
#[derive(Clone, Copy, Debug)]
enum Filled {
    Added,
    Loaded,
    LoadedAndDied,
}

#[test]
fn every_search_finds_exactly_whom_a_filter_finds() {
    every_search_finds(async || Home::file());
}

#[test]
fn every_search_on_a_server_finds_exactly_whom_a_filter_finds() {
    every_search_finds(Home::server);
}

fn every_search_finds(home: impl AsyncFn() -> Home) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let shops = (
        prop::sample::select(vec![Filled::Added, Filled::Loaded, Filled::LoadedAndDied]),
        prop::collection::vec(customer(), 1..120),
        prop::collection::vec((any::<u8>(), any::<u16>(), customer()), 0..20),
    );
    let with_searches = shops.prop_flat_map(|(filled, customers, steps)| {
        let searches =
            prop::collection::vec((search(&customers), 0..SORTS.len(), 1_u32..20, any::<bool>(), any::<bool>()), 40);
        (Just(filled), Just(customers), Just(steps), searches)
    });
    let result = runner.run(&with_searches, |(filled, customers, steps, searches)| {
        runtime.block_on(async {
            let mut taken = Vec::new();
            let mut shop = Shop::new(home().await).await;
            let customers = unique(customers, &mut taken);
            match filled {
                Filled::Added => shop.add(customers).await,
                Filled::Loaded => shop.load(customers, false).await,
                Filled::LoadedAndDied => shop.load(customers, true).await,
            }
            for (what, at, new) in steps {
                Box::pin(shop.step(what, at, new, &mut taken)).await;
            }
            for (n, (text, sort, limit, backwards, hurried)) in searches.into_iter().enumerate() {
                // First all that was written stands apart, then less and less of it.
                if n % 8 == 7 {
                    shop.store.tidy().await.unwrap();
                }
                let Ok(query) = Query::parse(&text) else { continue };
                let sort = SORTS[sort];
                let expected = shop.expected(&query, sort);
                let budget = if hurried { Duration::ZERO } else { Duration::from_secs(5) };
                let found = shop.walk(&query, sort, limit, backwards, budget).await;
                prop_assert_eq!(&found, &expected, "{:?} {:?} backwards {}", text, sort, backwards);
                let count = shop.store.count(&query, now(), &Cancel::default()).await.unwrap();
                prop_assert_eq!(count, Count::Exact(expected.len() as u64), "{:?}", text);
            }
            Ok(())
        })
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}

/// Everything that the index holds, with customers called by their place among the others.
#[derive(Debug, Default, PartialEq, Eq)]
struct Index {
    texts: Vec<Vec<String>>,
    keys: BTreeSet<(String, usize)>,
    emails: BTreeSet<(String, i64, usize)>,
    counts: BTreeMap<String, i64>,
    grams: BTreeMap<String, Vec<usize>>,
}

impl Index {
    async fn read(shop: &Shop, grams: &BTreeSet<String>) -> Self {
        let mut index = Self::default();
        let mut ids: Vec<i64> = shop.customers.iter().map(|(id, _)| id.0).collect();
        ids.sort_unstable();
        // Whoever is not there any more must not be in the index either.
        let place = |id: i64| ids.binary_search(&id).unwrap_or(usize::MAX);
        let mut connection = shop.connection().await;
        let texts = "SELECT customer_id, names, email, phone FROM search_texts ORDER BY customer_id";
        for row in sqlx::query(texts).fetch_all(&mut connection).await.unwrap() {
            assert_eq!(place(row.get(0)), index.texts.len());
            index.texts.push(vec![row.get(1), row.get(2), row.get(3)]);
        }
        for row in sqlx::query("SELECT key, customer_id FROM search_keys").fetch_all(&mut connection).await.unwrap() {
            index.keys.insert((row.get(0), place(row.get(1))));
        }
        let emails = "SELECT email_key, website_id, customer_id FROM customer_emails";
        for row in sqlx::query(emails).fetch_all(&mut connection).await.unwrap() {
            index.emails.insert((row.get(0), row.get(1), place(row.get(2))));
        }
        let counts = "SELECT gram, customers FROM gram_counts WHERE customers <> 0";
        for row in sqlx::query(counts).fetch_all(&mut connection).await.unwrap() {
            index.counts.insert(row.get(0), row.get(1));
        }
        for gram in grams {
            let who = sqlx::query("SELECT rowid FROM customer_grams WHERE customer_grams MATCH $1 ORDER BY rowid");
            let who = who.bind(format!("\"{}\"", gram.replace('"', "\"\"")));
            let who = who.fetch_all(&mut connection).await.unwrap();
            index.grams.insert(gram.clone(), who.iter().map(|row| place(row.get(0))).collect());
        }
        index
    }
}

impl Shop {
    async fn connection(&self) -> SqliteConnection {
        let Home::File(dir) = &self.home else { panic!("only a file is looked into") };
        let file = dir.path().join("shop.db");
        SqliteConnection::connect(file.to_str().unwrap()).await.unwrap()
    }

    /// Every gram that anybody ever had here.
    async fn grams(&self) -> BTreeSet<String> {
        let grams = sqlx::query("SELECT gram FROM gram_counts WHERE gram <> ''");
        let grams = grams.fetch_all(&mut self.connection().await).await.unwrap();
        grams.iter().map(|row| row.get(0)).collect()
    }
}

/// The steps leave the index as it would be if the shop had always been as it is now.
#[test]
fn the_index_is_as_if_it_were_built_from_scratch() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    let shops = (
        prop::collection::vec(customer(), 1..40),
        prop::collection::vec((any::<u8>(), any::<u16>(), customer()), 1..60),
    );
    let result = TestRunner::new(config).run(&shops, |(customers, steps)| {
        runtime.block_on(async {
            let mut taken = Vec::new();
            let mut shop = Shop::new(Home::file()).await;
            shop.add(unique(customers, &mut taken)).await;
            for (what, at, new) in steps {
                Box::pin(shop.step(what, at, new, &mut taken)).await;
            }
            let mut scratch = Shop::new(Home::file()).await;
            let mut now: Vec<_> = shop.customers.clone();
            now.sort_by_key(|(id, _)| id.0);
            scratch.add(now.into_iter().map(|(_, customer)| customer).collect()).await;
            let grams = &shop.grams().await | &scratch.grams().await;
            let (kept, built) = (Index::read(&shop, &grams).await, Index::read(&scratch, &grams).await);
            prop_assert_eq!(kept.texts, built.texts);
            prop_assert_eq!(kept.keys, built.keys);
            prop_assert_eq!(kept.emails, built.emails);
            prop_assert_eq!(kept.counts, built.counts);
            prop_assert_eq!(kept.grams, built.grams);
            let chain = shop.service().verify_audit().await.unwrap();
            prop_assert_eq!(chain.broken, None);
            Ok(())
        })
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}

#[tokio::test]
async fn a_cancelled_search_stops_and_the_next_one_works() {
    for home in [Home::file(), Home::server().await] {
        stops_and_goes_on(home).await;
    }
}

async fn stops_and_goes_on(home: Home) {
    let mut shop = Shop::new(home).await;
    let strategy = prop::collection::vec(customer(), 300);
    let mut runner = TestRunner::deterministic();
    let customers = strategy.new_tree(&mut runner).unwrap().current();
    shop.add(unique(customers, &mut Vec::new())).await;
    let cancel = Cancel::default();
    cancel.cancel();
    let request = FindPage {
        query: Query::parse("group:general is:active").unwrap(),
        sort: Sort { key: SortKey::Name, descending: false },
        from: PageFrom::Start,
        limit: 300,
        budget: Duration::from_secs(1),
        now: now(),
    };
    let stopped = shop.store.find(&request, &cancel).await;
    assert!(matches!(stopped, Err(keydesk::store::StoreError::Cancelled)), "{stopped:?}");
    assert!(!shop.store.find(&request, &Cancel::default()).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn searches_of_support_staff_find_their_customers() {
    for home in [Home::file(), Home::server().await] {
        find_their_customers(home).await;
    }
}

async fn find_their_customers(home: Home) {
    let mut shop = Shop::new(home).await;
    let someone = |first: &str, last: &str, email: &str, phone: &str| NewCustomer {
        website: WebsiteId(1),
        group: GroupId(1),
        name: PersonName::new(first, last),
        email: EmailAddress::parse(email).unwrap(),
        phone: phone.into(),
        password_hash: None,
        active: true,
        confirmed: true,
        failed_sign_ins: 0,
        locked_until: None,
        created_at: now(),
        last_sign_in_at: None,
        attributes: None,
    };
    shop.add(vec![
        someone("Veronica", "Costello", "roni_cost@example.com", "(555) 229-3326"),
        someone("Jürgen", "Müller", "jm@example.de", "+49 171 5550199"),
        someone("길동", "홍", "hong@example.kr", "+82 10-1234-5678"),
        someone("Franc\u{327}ois", "L'Hôte", "fl@example.fr", "06 12 34 56 78"),
    ])
    .await;
    for (typed, id) in [
        ("ver cos", 1),
        ("costello v", 1),
        ("RONI_COST@EXAMPLE.COM", 1),
        ("229-3326", 1),
        ("3326", 1),
        ("5552293326", 1),
        ("+1 555 229 3326", 1),
        ("mueller", 2),
        ("Müller", 2),
        ("muller jurgen", 2),
        ("0171 555", 2),
        ("+49 171 5550", 2),
        ("길동", 3),
        ("홍길동", 3),
        ("홍 길동", 3),
        ("\u{1112}\u{1169}\u{11bc}", 3),
        ("010-1234-5678", 3),
        ("01012345678", 3),
        ("821012345678", 3),
        ("francois", 4),
        ("lhote", 4),
        ("l'hôte", 4),
        ("+33 6 12 34 56 78", 4),
        ("id:4", 4),
        ("4", 4),
    ] {
        let query = Query::parse(typed).unwrap();
        let page = shop.page(&query, Sort::default(), PageFrom::Start, 10, Duration::from_secs(1)).await;
        assert_eq!(page.rows.first().map(|row| row.id.0), Some(id), "{typed}: {:?}", page.rows);
        assert!(page.cursors.iter().all(|c| c.key == CursorKey::Id || matches!(c.key, CursorKey::Text(_))));
    }
}

/// A command's page is as long as was asked for and knows where the next one begins, however
/// little was found in each of the short looks that it takes.
#[tokio::test]
async fn a_page_that_took_many_looks_goes_on_where_it_ended() {
    for home in [Home::file(), Home::server().await] {
        goes_on_where_it_ended(home).await;
    }
}

async fn goes_on_where_it_ended(home: Home) {
    let mut shop = Shop::new(home).await;
    let strategy = prop::collection::vec(customer(), 400);
    let customers = strategy.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    shop.add(unique(customers, &mut Vec::new())).await;
    let query = Query::parse("is:active group:general").unwrap();
    let expected = shop.expected(&query, Sort::default());
    for limit in [1, 7, 30] {
        let (mut ids, mut from) = (Vec::new(), PageFrom::Start);
        loop {
            let page =
                shop.service().fill_page(query.clone(), Sort::default(), from, limit, Duration::ZERO).await.unwrap();
            ids.extend(page.rows.iter().map(|row| row.id));
            match page.next {
                Some(next) => from = PageFrom::After(next),
                None => break,
            }
        }
        assert_eq!(ids, expected, "{limit}");
    }
}
