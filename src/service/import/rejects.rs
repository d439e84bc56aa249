//! The file of rows that were not taken: fit to be corrected and imported.

use std::io::{self, Write};

use csv::{ByteRecord, Writer};

use crate::domain::customer_file::{Header, Problem, REJECT_COLUMNS, cell, is_secret};

/// Makes the file when the first row is rejected.
pub type Open = Box<dyn FnOnce() -> io::Result<Box<dyn Write + Send>> + Send>;

/// Where rejected rows go: nowhere, or into a file that is only made when there are some.
#[derive(Default)]
pub struct Rejects {
    open: Option<Open>,
    file: Option<Writer<Box<dyn Write + Send>>>,
}

impl Rejects {
    /// Into the file that `open` makes.
    #[must_use]
    pub fn into_file(open: Open) -> Self {
        Self { open: Some(open), file: None }
    }

    /// Writes a row down, with its line and what is wrong with it in front. Passwords and hashes
    /// are left out.
    pub(super) fn add(&mut self, header: &Header, line: u64, problem: &Problem, row: &ByteRecord) -> io::Result<()> {
        if let Some(open) = self.open.take() {
            let mut file = csv::WriterBuilder::new().flexible(true).from_writer(open()?);
            let names = header.names().iter().map(|name| cell::harmless(name).into_owned());
            file.write_record(REJECT_COLUMNS.iter().map(|name| (*name).to_owned()).chain(names))?;
            self.file = Some(file);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut cells = ByteRecord::new();
        cells.push_field(line.to_string().as_bytes());
        cells.push_field(cell::harmless(&problem.column).as_bytes());
        cells.push_field(problem.wrong.to_string().as_bytes());
        for (place, text) in row.iter().enumerate() {
            let secret = header.names().get(place).is_some_and(|name| is_secret(name));
            cells.push_field(&if secret { Vec::new() } else { harmless(text) });
        }
        Ok(file.write_byte_record(&cells)?)
    }

    /// Writes out what is still in memory.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Writer::flush)
    }
}

/// The cell as it was, but harmless to a spreadsheet; what is no text stays as it is.
fn harmless(text: &[u8]) -> Vec<u8> {
    str::from_utf8(text).map_or_else(|_| text.to_vec(), |text| cell::harmless(cell::plain(text)).into_owned().into())
}
