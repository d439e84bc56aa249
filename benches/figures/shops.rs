//! The shops that are measured: named ones, which are only read, and some made for the occasion.

use std::path::{Path, PathBuf};

use keydesk::{
    clock::{Clock, Entropy},
    demo,
    domain::{
        database::Place,
        find::{PageFrom, Sort, SortKey},
        operator::Operator,
        query::Query,
    },
    service::{Request, Rules, Service},
    store::sql::{OpenMode, SqlStore},
};
use tempfile::TempDir;

/// Customers of a small shop.
pub const FEW: u64 = 10_000;
/// Customers of the shop that is loaded and changed.
pub const MANY: u64 = 1_000_000;

/// Where shops are, and where new ones are made.
pub struct Shops {
    large: Option<PathBuf>,
    small: Option<PathBuf>,
    million: Option<PathBuf>,
    folder: TempDir,
}

impl Shops {
    pub fn new(large: Option<PathBuf>, small: Option<PathBuf>, million: Option<PathBuf>) -> Self {
        Self { large, small, million, folder: tempfile::tempdir().unwrap() }
    }

    /// The large shop, or the small one where none is named; only to be read.
    pub async fn large(&mut self) -> PathBuf {
        match &self.large {
            Some(path) => path.clone(),
            None => self.small().await,
        }
    }

    /// A shop of [`FEW`] customers, only to be read.
    pub async fn small(&mut self) -> PathBuf {
        if self.small.is_none() {
            self.small = Some(self.new_shop("small", FEW).await);
        }
        self.small.clone().unwrap()
    }

    /// A shop of [`MANY`] customers, only to be read.
    pub async fn million(&mut self) -> PathBuf {
        if self.million.is_none() {
            self.million = Some(self.new_shop("million", MANY).await);
        }
        self.million.clone().unwrap()
    }

    /// A new shop of its own.
    pub async fn new_shop(&self, name: &str, customers: u64) -> PathBuf {
        let path = self.new_file(&format!("{name}.db"));
        let store = SqlStore::open_file(&path, OpenMode::CreateIfMissing).await.unwrap();
        let shop = demo::Shop { customers, seed: 1, now: Clock::system().now() };
        demo::build(&store, &shop, None, |_| ()).await.unwrap();
        store.close().await;
        path
    }

    /// A path for a new file.
    pub fn new_file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Opens a shop in a file under these rules.
pub async fn open(database: &Path, rules: Rules) -> Service<SqlStore> {
    open_at(&Place::File(database.to_owned()), rules).await
}

/// Opens a shop wherever it is.
pub async fn open_at(database: &Place, rules: Rules) -> Service<SqlStore> {
    let store = SqlStore::open(database, OpenMode::MustExist).await.expect("the database opens");
    Service::new(store, Clock::system(), Entropy::System, rules)
}

/// The largest id of a shop. Those of demo shops begin with 1 and have no gaps.
pub async fn newest_id(service: &Service<SqlStore>) -> i64 {
    let newest = Sort { key: SortKey::Id, descending: true };
    let page = service.find_all_of_page(Query::default(), newest, PageFrom::Start, 1).await.unwrap();
    page.rows.first().expect("the shop has customers").id.0
}

/// Who asks for what is measured.
pub fn request() -> Request {
    Request::by(Operator::new("figures").unwrap())
}

/// `10,000,000 customers`
pub fn customers(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + " customers"
}
