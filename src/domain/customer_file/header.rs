//! The first line: which column is what.

use std::sync::Arc;

use super::{FIELDS, Field, IGNORED, cell};

/// Most columns.
const MAX_COLUMNS: usize = 500;
/// Longest name of a column, in bytes.
const MAX_NAME: usize = 128;

/// The columns of a file.
#[derive(Clone, Debug)]
pub struct Header {
    names: Vec<Arc<str>>,
    /// Where each used field stands, in the order of [`FIELDS`].
    places: [Option<usize>; FIELDS.len()],
    kept: Vec<usize>,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// A name that is no text.
    #[error("the name of column {0} is not UTF-8 text")]
    NotUtf8(usize),
    /// No name, or an endless one.
    #[error("column {0} has no name, or one longer than {MAX_NAME} bytes")]
    Name(usize),
    /// Two columns with one name.
    #[error("columns {0} and {1} have the same name")]
    Twice(usize, usize),
    /// More than any shop has.
    #[error("it has {0} columns; at most {MAX_COLUMNS} are read")]
    TooMany(usize),
    /// A column that every row needs.
    #[error("it has no column {0}")]
    Missing(&'static str),
}

impl Header {
    /// Reads the names, in any order. Columns that keydesk does not use are kept.
    ///
    /// # Errors
    /// When a name is missing, no text or there twice; when a column is missing without which no
    /// customer can be read.
    pub fn read<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, HeaderProblem> {
        let mut header = Self { names: Vec::new(), places: [None; FIELDS.len()], kept: Vec::new() };
        for (place, name) in names.into_iter().enumerate() {
            header.add(place, name)?;
        }
        if header.names.len() > MAX_COLUMNS {
            return Err(HeaderProblem::TooMany(header.names.len()));
        }
        for needed in [Field::Email, Field::First, Field::Last] {
            header.place(needed).ok_or(HeaderProblem::Missing(needed.name()))?;
        }
        let website = header.place(Field::Website).or(header.place(Field::WebsiteId));
        website.map(|_| header).ok_or(HeaderProblem::Missing(Field::Website.name()))
    }

    fn add(&mut self, place: usize, name: &[u8]) -> Result<(), HeaderProblem> {
        let name = str::from_utf8(name).map_err(|_| HeaderProblem::NotUtf8(place + 1))?;
        let name = cell::plain(name).trim();
        if name.is_empty() || name.len() > MAX_NAME || name.contains('\0') {
            return Err(HeaderProblem::Name(place + 1));
        }
        if let Some(first) = self.names.iter().position(|other| **other == *name) {
            return Err(HeaderProblem::Twice(first + 1, place + 1));
        }
        if self.names.len() > MAX_COLUMNS {
            return Err(HeaderProblem::TooMany(place + 1));
        }
        self.names.push(name.into());
        let field = FIELDS.iter().position(|(known, _)| *known == name);
        if let Some(slot) = field.and_then(|at| self.places.get_mut(at)) {
            *slot = Some(place);
        }
        // The other shop's number of a website means nothing here, but comes back with an export.
        let kept = field.is_none() || name == Field::WebsiteId.name();
        if kept && !IGNORED.contains(&name) {
            self.kept.push(place);
        }
        Ok(())
    }

    /// Where a field stands; where two columns mean the same, the first of [`FIELDS`] that is there.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        FIELDS.iter().zip(self.places).filter(|((_, of), _)| *of == field).find_map(|(_, place)| place)
    }

    /// Columns that are only kept, by place and name.
    pub(super) fn kept(&self) -> impl Iterator<Item = (usize, &Arc<str>)> {
        self.kept.iter().filter_map(|place| Some((*place, self.names.get(*place)?)))
    }

    /// All columns, in the order of the file.
    #[must_use]
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// What the file calls the column at a place.
    pub(super) fn name_at(&self, place: usize) -> &str {
        self.names.get(place).map_or("", |name| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &str) -> Result<Header, HeaderProblem> {
        Header::read(names.split(',').map(str::as_bytes))
    }

    fn kept(header: &Header) -> Vec<&str> {
        header.kept().map(|(_, name)| &**name).collect()
    }

    /// The header of the sample file that Magento ships.
    const SAMPLE: &str = "email,_website,_store,confirmation,created_at,created_in,disable_auto_group_change,dob,\
        firstname,gender,group_id,lastname,middlename,password_hash,prefix,rp_token,rp_token_created_at,store_id,suffix,\
        taxvat,updated_at,website_id,password";
    /// The header of the file of 2,000 customers that Magento's own tests import.
    const TESTS: &str = "email,_website,_store,website_id,store_id,created_in,prefix,firstname,middlename,lastname,suffix,\
        group_id,dob,password_hash,rp_token,rp_token_created_at,taxvat,confirmation,created_at,gender,\
        disable_auto_group_change,updated_at,failures_num,first_failure,lock_expires,password";

    #[test]
    fn columns_are_found_by_name() {
        for (names, email, lock) in
            [(SAMPLE, 0, None), (TESTS, 0, Some(24)), ("lock_expires,_website,lastname,firstname,email", 4, Some(0))]
        {
            let header = read(names).unwrap();
            assert_eq!((header.place(Field::Email), header.place(Field::LockExpires)), (Some(email), lock));
        }
    }

    #[test]
    fn what_is_not_used_is_kept_but_no_token() {
        let header = read(&format!("_line,_reason,{SAMPLE},loyalty_card")).unwrap();
        assert_eq!(
            kept(&header),
            [
                "_store",
                "created_in",
                "disable_auto_group_change",
                "dob",
                "gender",
                "prefix",
                "store_id",
                "suffix",
                "taxvat",
                "updated_at",
                "website_id",
                "loyalty_card"
            ]
        );
    }

    #[test]
    fn a_phone_has_two_names() {
        let place = |names: &str| read(names).unwrap().place(Field::Phone);
        let needed = "email,_website,firstname,lastname";
        assert_eq!(place(needed), None);
        assert_eq!(place(&format!("{needed},_address_telephone_")), Some(4));
        assert_eq!(place(&format!("{needed},_address_telephone_,telephone")), Some(5));
    }

    #[test]
    fn a_file_without_customers_is_told_apart() {
        let wrong = |names: &str| read(names).unwrap_err().to_string();
        assert_eq!(wrong("email,_website,firstname"), "it has no column lastname");
        assert_eq!(wrong("email,firstname,lastname"), "it has no column _website");
        assert_eq!(wrong("email,_website,firstname,lastname,email"), "columns 1 and 5 have the same name");
        assert_eq!(wrong("email, ,firstname"), "column 2 has no name, or one longer than 128 bytes");
        assert_eq!(Header::read([b"\xff".as_slice()]).unwrap_err(), HeaderProblem::NotUtf8(1));
        let many: Vec<String> = (0..600).map(|n| format!("c{n}")).collect();
        assert!(matches!(read(&many.join(",")), Err(HeaderProblem::TooMany(_))));
    }
}
