//! Copying a shop from a file to a server.
//!
//! The file is read as it was at one moment, and nobody writes to it meanwhile. The server's database
//! is nobody else's until the copy is complete, and complete is what was read again on both sides and
//! found to be the same. Killed at any moment, it goes on where it was when it is started again.

mod tables;

use futures_util::future::{try_join, try_join3};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use tables::CUSTOMERS;
pub(super) use tables::{Key, TABLES, Table, Told};

use super::{
    connection::{Row, sql},
    marks::Marks,
    postgres::{Batch, Finish, Rows, Target, storable},
    sqlite::Source,
};
use crate::{
    domain::{
        copy::{Copied, CopyOrder, CopyProgress, TableCopied},
        email::key_of,
        name::PersonName,
        search_text::SearchEntry,
        server_address::ServerAddress,
        website::{GroupId, WebsiteId},
    },
    store::{StoreError, StoreResult},
};

/// Rows that are read, and written in one transaction, at a time.
const PAGE: i64 = 10_000;

/// A copy that was not completed.
#[derive(Debug)]
pub struct Stopped {
    /// Why.
    pub why: StoreError,
    /// Whether it was begun: then the server's database waits for it to be completed.
    pub begun: bool,
}

/// Copies the shop of a file into the empty database of a server, or completes a copy that was
/// stopped. Links that are alive are cancelled on the server, and the mails that wait with them.
///
/// # Errors
/// When it would be refused for the file's or the server's sake; or why it stopped, or what is not
/// the same on both sides.
pub async fn copy(order: &CopyOrder, to: &ServerAddress, tell: impl FnMut(CopyProgress)) -> Result<Copied, Stopped> {
    let opened = async {
        let source = Source::open(&order.from).await?;
        let mut target = Target::open(to).await?;
        let begun = target.begin(&source.name(), order.asked.at).await?;
        Ok((source, target, begun))
    };
    let (source, target, begun) = opened.await.map_err(|why| Stopped { why, begun: false })?;
    let mut copying = Copying { order, source, target, began_at: begun.at, tell, done: 0, total: 0 };
    let copied = copying.run(begun.before).await.map_err(|why| Stopped { why, begun: true })?;
    copying.target.close();
    Ok(Copied { went_on_from: begun.before.then_some(begun.at), ..copied })
}

/// A copy that was begun.
struct Copying<'a, T> {
    order: &'a CopyOrder,
    source: Source,
    target: Target,
    began_at: Timestamp,
    tell: T,
    /// Rows that are on the server, or were compared.
    done: u64,
    /// Rows of the file.
    total: u64,
}

/// Some rows of a table.
struct Page {
    rows: u64,
    bytes: Vec<u8>,
    /// The last of them.
    last: Option<Key>,
}

impl Page {
    fn of(table: &Table, rows: &[Row]) -> StoreResult<Self> {
        let mut bytes = Rows::default();
        for row in rows {
            table.write(row, &mut bytes)?;
        }
        let last = rows.last().map(|row| table.key_of(row)).transpose()?;
        Ok(Self { rows: count(rows.len()), bytes: bytes.take(), last })
    }
}

/// A customer between two databases.
struct Moved {
    id: i64,
    /// Columns behind the id, as they are sent.
    columns: Vec<u8>,
    name: PersonName,
    email: String,
    phone: String,
    marks: Marks,
}

impl Moved {
    /// Texts as the server keeps them: what finds the customer is made from those.
    fn read(row: &Row) -> StoreResult<Self> {
        let mut columns = Rows::default();
        CUSTOMERS.write_from(1, row, &mut columns)?;
        let text = |column| row.text(column).map(|text| storable(&text));
        Ok(Self {
            id: row.int("id")?,
            columns: columns.take(),
            name: PersonName { first: text("first_name")?, middle: text("middle_name")?, last: text("last_name")? },
            email: text("email")?,
            phone: text("phone")?,
            marks: Marks {
                website: WebsiteId(row.int("website_id")?),
                group: GroupId(row.int("group_id")?),
                confirmed: row.flag("confirmed")?,
                active: row.flag("active")?,
            },
        })
    }

    fn ready(self) -> (Vec<u8>, String, SearchEntry, Marks) {
        let entry = SearchEntry::new(&self.name, &self.email, &self.phone);
        (self.columns, key_of(&self.email), entry, self.marks)
    }
}

impl<T: FnMut(CopyProgress)> Copying<'_, T> {
    async fn run(&mut self, goes_on: bool) -> StoreResult<Copied> {
        for table in &TABLES {
            self.total += number_of(sql(table.count).fetch_one(self.source.on()).await?.int("number")?);
            if goes_on && table.copy.is_some() {
                self.done += number_of(self.target.count(table).await?);
            }
        }
        for table in &TABLES {
            match table.copy {
                Some(_) if table.name == CUSTOMERS.name => self.copy_customers().await?,
                Some(copy) => self.copy_rows(table, copy).await?,
                None => self.copy_row(table).await?,
            }
        }
        let tables = self.compare().await?;
        if self.source.has_changed().await? {
            return Err(StoreError::NotCopied(format!(
                "Another program wrote to {} while it was copied, and keeps to none of keydesk's locks. End \
                 it, and run the same command again.",
                self.source.name()
            )));
        }
        self.finish(tables).await
    }

    /// Reads a page while the one before it is written.
    async fn copy_rows(&mut self, table: &Table, copy: &'static str) -> StoreResult<()> {
        let (at, after) = (self.began_at, self.target.newest(table).await?);
        let mut page = source_page(&mut self.source, table, &after, at).await?;
        while let Some(last) = page.last {
            let written = self.target.write(copy, page.bytes);
            let (next, ()) = try_join(source_page(&mut self.source, table, &last, at), written).await?;
            self.tell_copied(page.rows);
            page = next;
        }
        Ok(())
    }

    /// The one row of a table that has one.
    async fn copy_row(&mut self, table: &Table) -> StoreResult<()> {
        let row = sql(table.source).bind(i64::MIN).bind(1_i64).fetch_one(self.source.on()).await?;
        match table.name {
            "mail_queue" => self.target.write_queue(&row).await?,
            _ => self.target.write_unknown(&row).await?,
        }
        self.tell_copied(1);
        Ok(())
    }

    /// Customers are read, made ready and written side by side, and what they are found by is put
    /// aside. Of those who were written before, a copy that goes on puts it aside again: what a server
    /// put aside does not survive its fall.
    async fn copy_customers(&mut self) -> StoreResult<()> {
        let there = self.target.newest(&CUSTOMERS).await?.id;
        let indexed = self.target.indexed().await?;
        let newest = sql(CUSTOMERS.newest).fetch_one(self.source.on()).await?.maybe_int("newest")?;
        if newest.is_none_or(|newest| newest <= indexed) {
            return Ok(());
        }
        self.target.begin_load(indexed).await?;
        let mut read = source_customers(&mut self.source, indexed).await?;
        let mut ready: Option<(u64, Batch)> = None;
        while !read.is_empty() || ready.is_some() {
            let last = read.last().map(|customer| customer.id);
            let target = &mut self.target;
            let written = async {
                match ready {
                    Some((rows, batch)) => target.write_customers(batch).await.map(|()| rows),
                    None => Ok(0),
                }
            };
            let source = &mut self.source;
            let next = async {
                match last {
                    Some(last) => source_customers(source, last).await,
                    None => Ok(Vec::new()),
                }
            };
            let (made, next, rows) = try_join3(make(read, there), next, written).await?;
            self.tell_copied(rows);
            (ready, read) = (made, next);
        }
        (self.tell)(CopyProgress::Indexing);
        self.target.finish_load().await
    }

    fn tell_copied(&mut self, rows: u64) {
        self.done += rows;
        (self.tell)(CopyProgress::Copied(self.done, self.total));
    }

    /// Reads everything again on both sides.
    async fn compare(&mut self) -> StoreResult<Vec<TableCopied>> {
        self.done = 0;
        let (mut tables, mut unlike) = (Vec::new(), Vec::new());
        for table in &TABLES {
            match self.compare_table(table).await? {
                Ok(same) => tables.push(same),
                Err(why) => unlike.push(why),
            }
        }
        let customers = tables.iter().find(|table| table.name == CUSTOMERS.name).map(|table| table.rows);
        let found_by = self.target.found_by().await?.map(number_of);
        if customers.is_some_and(|customers| found_by != [customers; 2]) {
            let [emails, texts] = found_by;
            unlike.push(format!("of the customers {emails} have an address on the server and {texts} are found"));
        }
        if unlike.is_empty() {
            return Ok(tables);
        }
        Err(StoreError::NotCopied(format!(
            "The shop on the server is not the one in {}: {}. Either it was written to since the copy was begun. Copy it \
             anew: drop the database on the server, make an empty one, run keydesk migrate and then this command.",
            self.source.name(),
            unlike.join("; ")
        )))
    }

    async fn compare_table(&mut self, table: &Table) -> StoreResult<Result<TableCopied, String>> {
        let [mut here, mut there] = [Side::default(), Side::default()];
        loop {
            let source = source_page(&mut self.source, table, &here.after, self.began_at);
            let (source, target) = try_join(source, target_page(&mut self.target, table, &there.after)).await?;
            if source.rows == 0 && target.rows == 0 {
                break;
            }
            self.done += source.rows;
            here.take(source);
            there.take(target);
            (self.tell)(CopyProgress::Compared(self.done, self.total));
        }
        let [from, to] = [here.rows, there.rows];
        let (sha256, other) = (here.digest(), there.digest());
        if sha256 == other {
            return Ok(Ok(TableCopied { name: table.name, rows: from, sha256 }));
        }
        let number =
            if from == to { format!("{from} rows each, but not the same") } else { format!("{from} and {to} rows") };
        Ok(Err(format!("{} ({number})", table.name)))
    }

    async fn finish(&mut self, tables: Vec<TableCopied>) -> StoreResult<Copied> {
        let links = self.source.links(self.began_at.as_microsecond()).await?;
        let (mails, notices) = self.source.waiting().await?;
        let mut highest = Vec::new();
        for table in &TABLES {
            highest.push((table.name, self.source.highest(table.name).await?));
        }
        let from = self.source.name();
        let rows: Vec<String> = tables.iter().map(|table| format!("{} {}", table.name, table.rows)).collect();
        let detail = format!("from {from}: {} links and {mails} mails cancelled; {}", links.len(), rows.join(", "));
        let finish = Finish {
            asked: &self.order.asked,
            began_at: self.began_at,
            links: &links,
            detail: &detail,
            highest: &highest,
        };
        self.target.finish(&finish).await?;
        Ok(Copied { from, tables, links: count(links.len()), mails, notices, went_on_from: None })
    }
}

/// What was read of a table on one side.
struct Side {
    rows: u64,
    hash: Sha256,
    after: Key,
}

impl Default for Side {
    fn default() -> Self {
        Self { rows: 0, hash: Sha256::new(), after: Key::START }
    }
}

impl Side {
    fn take(&mut self, page: Page) {
        self.rows += page.rows;
        self.hash.update(&page.bytes);
        if let Some(last) = page.last {
            self.after = last;
        }
    }

    fn digest(self) -> String {
        data_encoding::HEXLOWER.encode(&self.hash.finalize())
    }
}

/// A page of the file, as it is to be on the server.
async fn source_page(source: &mut Source, table: &Table, after: &Key, at: Timestamp) -> StoreResult<Page> {
    let rows = sql(table.source).bind(after.id).bind(PAGE);
    let rows = match table.told {
        Told::Nothing => rows,
        Told::When => rows.bind(at.as_microsecond()),
        Told::Half => rows.bind(after.half.as_str()),
    };
    let rows = rows.fetch_all(source.on()).await.and_then(|rows| Page::of(table, &rows));
    rows.map_err(|why| unread(source, table, why))
}

async fn source_customers(source: &mut Source, after: i64) -> StoreResult<Vec<Moved>> {
    let rows = sql(CUSTOMERS.source).bind(after).bind(PAGE).fetch_all(source.on()).await;
    let rows = rows.and_then(|rows| rows.iter().map(Moved::read).collect());
    rows.map_err(|why| unread(source, &CUSTOMERS, why))
}

async fn target_page(target: &mut Target, table: &Table, after: &Key) -> StoreResult<Page> {
    let rows = target.page(table, after, PAGE).await?;
    Page::of(table, &rows)
}

/// What is damaged is the file, and not what it is copied to.
fn unread(source: &Source, table: &Table, why: StoreError) -> StoreError {
    match why {
        StoreError::Damaged(why) => StoreError::NotCopied(format!(
            "The table {} of {} cannot be read: {why}. Restore the file from a backup, and copy that.",
            table.name,
            source.name()
        )),
        other => other,
    }
}

/// Makes customers ready on another thread.
async fn make(read: Vec<Moved>, there: i64) -> StoreResult<Option<(u64, Batch)>> {
    if read.is_empty() {
        return Ok(None);
    }
    let made = tokio::task::spawn_blocking(move || {
        let ids = read.iter().map(|customer| customer.id).collect();
        let new = read.iter().filter(|customer| customer.id > there).count();
        (count(new), Batch::moved(ids, there, read.into_iter().map(Moved::ready)))
    });
    made.await.map(Some).map_err(|e| StoreError::Other(e.to_string()))
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn number_of(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or_default()
}
