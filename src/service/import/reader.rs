//! Reading the file, row by row, in memory that does not grow with it.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read},
};

use csv::{ByteRecord, ErrorKind, Reader};
use tokio::sync::mpsc::Sender;

use super::{ImportProgress, Rejects, Stopped};
use crate::domain::{
    customer_file::{FileRow, GroupName, Header, Problem, Wrong},
    website::{Group, Website},
};

/// Longest row, in bytes.
pub(super) const MAX_ROW: usize = 256 * 1024;
/// Bytes read at once.
const BUFFER: usize = 64 * 1024;
/// Most rows of a batch: what one transaction writes while others wait.
const BATCH_ROWS: usize = 3_000;
/// Most bytes of a batch.
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Most websites and groups that a file may bring along.
const MAX_NEW: usize = 1_000;
/// Rejected rows that are told in the answer; all of them are in the file of rejects.
const FIRST_REJECTS: usize = 10;

/// What the shop has, before and with what the file brings along.
pub(super) struct Known {
    websites: HashSet<String>,
    new_websites: bool,
    groups: HashSet<String>,
    new: usize,
}

impl Known {
    pub(super) fn new(websites: &[Website], new_websites: bool, groups: &[Group]) -> Self {
        Self {
            websites: websites.iter().map(|website| website.code.as_str().to_ascii_lowercase()).collect(),
            new_websites,
            groups: groups.iter().map(|group| group.name.as_str().to_owned()).collect(),
            new: 0,
        }
    }

    fn check(&mut self, row: &FileRow) -> Result<(), Problem> {
        let website = (!self.websites.contains(&row.website)).then(|| row.website.clone());
        if website.is_some() && !self.new_websites {
            return Err(Problem::new("_website", Wrong::UnknownWebsite));
        }
        let group = row.group.as_ref().map(GroupName::as_str).filter(|name| !self.groups.contains(*name));
        self.new += usize::from(website.is_some()) + usize::from(group.is_some());
        if self.new > MAX_NEW {
            self.new = MAX_NEW;
            return Err(Problem::new("_group", Wrong::TooManyNew(MAX_NEW)));
        }
        self.websites.extend(website);
        self.groups.extend(group.map(str::to_owned));
        Ok(())
    }
}

/// Good rows, and how far the file is read with them.
pub(super) struct Batch {
    pub rows: Vec<FileRow>,
    pub read: ImportProgress,
}

/// What was read, the first rows that were not taken, and how it ended.
pub(super) type WasRead = (ImportProgress, Vec<(u64, Problem)>, Result<(), Stopped>);

/// The reading of one file.
pub(super) struct Reading {
    known: Known,
    /// Hashes of the addresses that were seen, with their websites: sixteen bytes a customer. Of
    /// a million, two that differ have one hash once in thirty million files; the second would
    /// be rejected, and taken when the rejects are imported.
    seen: HashSet<u64>,
    rejects: Rejects,
    first_rejects: Vec<(u64, Problem)>,
    read: ImportProgress,
    send: Sender<Batch>,
}

impl Reading {
    pub(super) fn new(known: Known, rejects: Rejects, send: Sender<Batch>) -> Self {
        let (seen, first_rejects, read) = (HashSet::new(), Vec::new(), ImportProgress::default());
        Self { known, seen, rejects, first_rejects, read, send }
    }

    /// Reads the whole file, and hands over what is good.
    pub(super) fn run(mut self, file: impl Read) -> WasRead {
        let end = self.rows(file);
        let end = self.rejects.finish().map_err(Stopped::NotRejected).and(end);
        (self.read, self.first_rejects, end)
    }

    fn rows(&mut self, file: impl Read) -> Result<(), Stopped> {
        let bounded = Bounded { inner: file, left: MAX_ROW };
        let mut file =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(BUFFER).from_reader(bounded);
        let mut record = ByteRecord::new();
        if !next(&mut file, &mut record)? {
            return Err(Stopped::Empty);
        }
        let header = Header::read(record.iter())?;
        let mut rows = Vec::new();
        let end = self.batches(&header, &mut file, &mut rows);
        // What is good in front of a row that is not is taken all the same.
        self.hand_over(rows);
        end
    }

    /// Hands over batch by batch; what is left in `rows` comes last.
    fn batches(&mut self, header: &Header, file: &mut File<impl Read>, rows: &mut Vec<FileRow>) -> Result<(), Stopped> {
        let (mut record, mut bytes) = (ByteRecord::new(), 0);
        while next(file, &mut record)? {
            self.read.rows += 1;
            bytes += record.as_slice().len();
            match self.row(header, &record) {
                Ok(row) => rows.push(row),
                Err(problem) => self.reject(header, &record, problem)?,
            }
            self.read.bytes = file.position().byte();
            if rows.len() == BATCH_ROWS || bytes >= BATCH_BYTES {
                bytes = 0;
                if !self.hand_over(std::mem::take(rows)) {
                    break;
                }
            }
        }
        Ok(())
    }

    fn row(&mut self, header: &Header, record: &ByteRecord) -> Result<FileRow, Problem> {
        let row = FileRow::read(header, &record.iter().collect::<Vec<_>>())?;
        self.known.check(&row)?;
        let mut hash = DefaultHasher::new();
        (row.email.key(), &row.website).hash(&mut hash);
        if self.seen.insert(hash.finish()) { Ok(row) } else { Err(Problem::new("email", Wrong::Twice)) }
    }

    fn reject(&mut self, header: &Header, record: &ByteRecord, problem: Problem) -> Result<(), Stopped> {
        self.read.rejected += 1;
        let line = record.position().map_or(0, csv::Position::line);
        self.rejects.add(header, line, &problem, record).map_err(Stopped::NotRejected)?;
        if self.first_rejects.len() < FIRST_REJECTS {
            self.first_rejects.push((line, problem));
        }
        Ok(())
    }

    /// False when nobody takes rows any more: the database failed, which is told there.
    fn hand_over(&self, rows: Vec<FileRow>) -> bool {
        self.send.blocking_send(Batch { rows, read: self.read }).is_ok()
    }
}

/// Reads the next row; false at the end of the file.
fn next(file: &mut File<impl Read>, record: &mut ByteRecord) -> Result<bool, Stopped> {
    let line = file.position().line();
    file.get_mut().left = MAX_ROW;
    file.read_byte_record(record).map_err(|error| match error.into_kind() {
        ErrorKind::Io(error) if error.get_ref().and_then(|cause| cause.downcast_ref::<Endless>()).is_some() => {
            Stopped::EndlessRow { line }
        }
        ErrorKind::Io(error) => Stopped::NotRead(error),
        other => Stopped::NotRead(io::Error::other(format!("{other:?}"))),
    })
}

type File<R> = Reader<Bounded<R>>;

/// A file of which only so much is read for one row.
struct Bounded<R> {
    inner: R,
    left: usize,
}

/// More was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the row does not end")]
struct Endless;

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.left);
        let Some(into) = into.get_mut(..most).filter(|into| !into.is_empty()) else {
            return Err(io::Error::other(Endless));
        };
        let read = self.inner.read(into)?;
        self.left -= read;
        Ok(read)
    }
}
