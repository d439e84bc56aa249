//! Taking customers over from a file, however large it is.
//!
//! One thread reads and checks rows, another task writes them; a short queue of batches lies in
//! between, so that both work at once and memory stays the same for any file. What is written is
//! decided by comparing with what is stored. So the same file can be imported again, after a kill
//! as well: it ends where one whole run would have.

mod places;
mod reader;
mod rejects;
mod writer;

use std::io::{self, Read};

use tokio::sync::mpsc;

use crate::{
    domain::{
        customer_file::{HeaderProblem, Problem},
        email::EmailAddress,
    },
    service::{Request, Service},
    store::{Store, StoreError},
};

use reader::{Known, Reading};
pub use rejects::{Open, Rejects};
use writer::Writer;

/// Batches that wait between reading and writing.
const WAITING: usize = 1;

/// A file to be imported.
pub struct ImportFile<R> {
    /// Where it is read from.
    pub reader: R,
    /// Where rows go that are not taken.
    pub rejects: Rejects,
    /// What it is called, for the audit log.
    pub name: String,
}

/// How to import it.
#[derive(Clone, Debug, Default)]
pub struct ImportPlan {
    /// Read and check everything, write nothing.
    pub dry_run: bool,
    /// Make websites that the file names and the shop does not have.
    pub new_websites: Option<NewWebsites>,
}

/// What websites get that an import makes.
#[derive(Clone, Debug, Default)]
pub struct NewWebsites {
    /// Where their links point; empty = to be set up later.
    pub base_url: String,
    /// Who their mails come from; none = to be set up later.
    pub sender: Option<EmailAddress>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Rows that were read, good and bad.
    pub rows: u64,
    /// Of these, rows that are not taken.
    pub rejected: u64,
    /// Bytes of the file that these rows fill.
    pub bytes: u64,
}

/// What came of an import.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// Rows that were read.
    pub read: ImportProgress,
    /// Customers who are new.
    pub added: u64,
    /// Customers of whom the file knew something else.
    pub changed: u64,
    /// Customers who are as the file says.
    pub unchanged: u64,
    /// The first rows that were not taken, with their lines.
    pub first_rejects: Vec<(u64, Problem)>,
    /// Why it ended before the end of the file.
    pub stopped: Option<Stopped>,
}

/// Why an import ended early. What was written before stays.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// It is no file of customers.
    #[error("This is not a file of customers: {0}.")]
    Header(#[from] HeaderProblem),
    /// There is nothing in it, not even a header.
    #[error("The file is empty.")]
    Empty,
    /// It cannot be read on.
    #[error("The file could not be read: {0}.")]
    NotRead(io::Error),
    /// A row that does not end.
    #[error("The row that begins in line {line} is longer than {} KiB. Is a quote not closed there?", reader::MAX_ROW / 1024)]
    EndlessRow {
        /// Where it begins.
        line: u64,
    },
    /// The rejected rows cannot be written.
    #[error("The file of rejected rows could not be written: {0}.")]
    NotRejected(io::Error),
    /// The database fails.
    #[error("The next rows could not be written: {0}")]
    Store(#[from] StoreError),
}

impl<S: Store> Service<S> {
    /// Imports a file. `progress` hears how far it is, batch by batch.
    pub async fn import<R: Read + Send + 'static>(
        &self,
        file: ImportFile<R>,
        plan: &ImportPlan,
        request: Request,
        mut progress: impl FnMut(&ImportProgress),
    ) -> ImportReport {
        let mut report = ImportReport::default();
        if let Err(stopped) = self.import_into(&mut report, file, plan, request, &mut progress).await {
            report.stopped = Some(stopped);
        }
        report
    }

    async fn import_into<R: Read + Send + 'static>(
        &self,
        report: &mut ImportReport,
        file: ImportFile<R>,
        plan: &ImportPlan,
        request: Request,
        progress: &mut impl FnMut(&ImportProgress),
    ) -> Result<(), Stopped> {
        let (websites, groups) = (self.store.websites().await?, self.store.groups().await?);
        let known = Known::new(&websites, plan.new_websites.is_some(), &groups);
        let name = file.name.clone();
        let (send, mut batches) = mpsc::channel(WAITING);
        let reading = tokio::task::spawn_blocking(move || Reading::new(known, file.rejects, send).run(file.reader));
        let mut writer = Writer::new(self, plan, request, &name, &websites, &groups);
        let mut written = Ok(());
        while let Some(batch) = batches.recv().await {
            written = writer.write(batch.rows).await;
            if written.is_err() {
                break;
            }
            progress(&batch.read);
        }
        drop(batches);
        let (read, first_rejects, end) = reading.await.map_err(|e| Stopped::NotRead(io::Error::other(e)))?;
        (report.read, report.first_rejects) = (read, first_rejects);
        let finished = writer.finish(&read).await;
        (report.added, report.changed, report.unchanged) = writer.counts();
        written?;
        finished?;
        end
    }
}
