//! One line of the file, read and checked.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Field, GroupName, Header, Problem, Wrong, cell};
use crate::domain::{email::EmailAddress, magento_hash::MagentoHash, name::PersonName, password::PasswordHash};

/// Longest name part or phone, in characters, as in Magento's tables.
const MAX_TEXT: usize = 255;
/// Longest code of a website, as in Magento's tables.
const MAX_CODE: usize = 32;
/// The first website of every Magento shop: the one number that is the same everywhere.
const FIRST_WEBSITE: (&str, &str) = ("1", "base");

/// A customer as a row tells it. None is what the file says nothing of: it stays as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Address.
    pub email: EmailAddress,
    /// Code of the website, lower case.
    pub website: String,
    /// Group.
    pub group: Option<GroupName>,
    /// Given and family name.
    pub(super) name: (String, String),
    pub(super) middle: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) password_hash: Option<PasswordHash>,
    pub(super) active: Option<bool>,
    pub(super) confirmed: Option<bool>,
    pub(super) failed_sign_ins: Option<u32>,
    pub(super) locked_until: Told,
    pub(super) created_at: Option<Timestamp>,
    pub(super) last_sign_in_at: Told,
    /// Columns that are only kept; an empty text ends what was kept before.
    pub(super) kept: Vec<(Arc<str>, String)>,
}

/// What a row says of a time that there may be none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: the file has no such column.
    Nothing,
    /// This.
    Is(Option<Timestamp>),
}

impl Told {
    /// What is known with it. A file knows times by the second: one that is the same so far is
    /// not new.
    pub(super) fn over(self, stored: Option<Timestamp>) -> Option<Timestamp> {
        let second = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        match self {
            Self::Is(given) if second(given) != second(stored) => given,
            _ => stored,
        }
    }
}

impl FileRow {
    /// Reads the cells of a row.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(header: &Header, cells: &[&[u8]]) -> Result<Self, Problem> {
        let wanted = header.names().len();
        if cells.len() != wanted {
            return Err(Problem::new("", Wrong::Cells { found: cells.len(), wanted }));
        }
        let texts: Vec<&str> =
            cells.iter().enumerate().map(|(place, bytes)| text(header, place, bytes)).collect::<Result<_, _>>()?;
        let row = Cells { header, texts: &texts };
        let email = row.get(Field::Email).unwrap_or_default().trim();
        let email = EmailAddress::parse(email).map_err(|problem| row.wrong(Field::Email, problem.into()))?;
        row.no_password()?;
        Ok(Self {
            email,
            website: row.website()?,
            group: row.group()?,
            name: (row.short(Field::First)?.unwrap_or_default(), row.short(Field::Last)?.unwrap_or_default()),
            middle: row.short(Field::Middle)?,
            phone: row.short(Field::Phone)?,
            password_hash: row.password_hash()?,
            active: row.flag(Field::Active)?,
            confirmed: row.get(Field::Confirmation).map(str::is_empty),
            failed_sign_ins: row.count(Field::Failures)?,
            locked_until: row.time(Field::LockExpires)?,
            created_at: row.time(Field::CreatedAt)?.over(None),
            last_sign_in_at: row.time(Field::LastLogin)?,
            kept: row.kept(),
        })
    }

    pub(super) fn person(&self, middle: &str) -> PersonName {
        let (first, last) = self.name.clone();
        PersonName { first, middle: self.middle.clone().unwrap_or_else(|| middle.to_owned()), last }
    }
}

/// A cell as text. No column takes NUL, which databases cut texts off at.
fn text<'a>(header: &Header, place: usize, bytes: &'a [u8]) -> Result<&'a str, Problem> {
    let problem = |wrong| Problem::new(header.name_at(place), wrong);
    let text = cell::plain(str::from_utf8(bytes).map_err(|_| problem(Wrong::NotUtf8))?);
    if text.contains('\0') { Err(problem(Wrong::Nul)) } else { Ok(text) }
}

/// The texts of a row, by field.
struct Cells<'a> {
    header: &'a Header,
    texts: &'a [&'a str],
}

impl Cells<'_> {
    /// The text; none when the file has no such column.
    fn get(&self, field: Field) -> Option<&str> {
        self.header.place(field).and_then(|place| self.texts.get(place).copied())
    }

    /// The text without spaces around it; none when it is empty as well.
    fn filled(&self, field: Field) -> Option<&str> {
        self.get(field).map(str::trim).filter(|text| !text.is_empty())
    }

    fn wrong(&self, field: Field, wrong: Wrong) -> Problem {
        let column = self.header.place(field).map_or(field.name(), |place| self.header.name_at(place));
        Problem::new(column, wrong)
    }

    fn website(&self) -> Result<String, Problem> {
        let Some(code) = self.filled(Field::Website) else {
            let (number, code) = FIRST_WEBSITE;
            let first = self.filled(Field::WebsiteId).filter(|given| *given == number);
            return first.map(|_| code.to_owned()).ok_or_else(|| self.wrong(Field::Website, Wrong::NoWebsite));
        };
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if code.len() > MAX_CODE || !code.bytes().all(allowed) {
            return Err(self.wrong(Field::Website, Wrong::WebsiteCode));
        }
        Ok(code.to_ascii_lowercase())
    }

    fn group(&self) -> Result<Option<GroupName>, Problem> {
        if let Some(name) = self.filled(Field::Group) {
            let name = GroupName::new(name).ok_or_else(|| self.wrong(Field::Group, Wrong::GroupName))?;
            return Ok(Some(name));
        }
        let Some(number) = self.filled(Field::GroupId) else { return Ok(None) };
        let number = number.parse().map_err(|_| self.wrong(Field::GroupId, Wrong::GroupNumber))?;
        Ok(Some(GroupName::numbered(number)))
    }

    fn short(&self, field: Field) -> Result<Option<String>, Problem> {
        let text = self.get(field);
        if text.is_some_and(|text| text.chars().count() > MAX_TEXT) {
            return Err(self.wrong(field, Wrong::TooLong(MAX_TEXT)));
        }
        Ok(text.map(str::to_owned))
    }

    fn password_hash(&self) -> Result<Option<PasswordHash>, Problem> {
        let Some(hash) = self.filled(Field::PasswordHash) else { return Ok(None) };
        MagentoHash::parse(hash).ok_or_else(|| self.wrong(Field::PasswordHash, Wrong::PasswordHash))?;
        Ok(Some(hash.into()))
    }

    /// Nobody but the customer is to know a password, so one that stands in a file is no good.
    fn no_password(&self) -> Result<(), Problem> {
        let given = self.get(Field::Password).is_some_and(|text| !text.is_empty());
        if given { Err(self.wrong(Field::Password, Wrong::Password)) } else { Ok(()) }
    }

    fn flag(&self, field: Field) -> Result<Option<bool>, Problem> {
        match self.filled(field) {
            None => Ok(None),
            Some("0") => Ok(Some(false)),
            Some("1") => Ok(Some(true)),
            Some(_) => Err(self.wrong(field, Wrong::Flag)),
        }
    }

    /// A number that Magento stores with a sign but only ever counts up.
    fn count(&self, field: Field) -> Result<Option<u32>, Problem> {
        let Some(text) = self.get(field).map(str::trim) else { return Ok(None) };
        if text.is_empty() {
            return Ok(Some(0));
        }
        let number: i32 = text.parse().map_err(|_| self.wrong(field, Wrong::Number))?;
        Ok(Some(u32::try_from(number).unwrap_or(0)))
    }

    fn time(&self, field: Field) -> Result<Told, Problem> {
        let Some(text) = self.get(field).map(str::trim) else { return Ok(Told::Nothing) };
        cell::time(text).map(Told::Is).map_err(|()| self.wrong(field, Wrong::Time))
    }

    fn kept(&self) -> Vec<(Arc<str>, String)> {
        let kept = self.header.kept();
        kept.filter_map(|(place, name)| Some((Arc::clone(name), (*self.texts.get(place)?).to_owned()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: &str = "email,_website,firstname,lastname,middlename,telephone,group_id,_group,confirmation,created_at,\
        password_hash,password,failures_num,lock_expires,is_active,gender,website_id";

    fn header() -> Header {
        Header::read(COLUMNS.split(',').map(str::as_bytes)).unwrap()
    }

    /// A good row with some of its cells changed.
    fn with(changes: &[(&str, &str)]) -> Result<FileRow, Problem> {
        let all = [("email", "a@b.co"), ("_website", "Base"), ("firstname", "Jon"), ("lastname", "Doe")];
        let cell = |column: &str| {
            let last = all.iter().chain(changes).rev().find(|(name, _)| *name == column);
            last.map_or("", |(_, text)| *text).as_bytes()
        };
        let cells: Vec<&[u8]> = COLUMNS.split(',').map(cell).collect();
        FileRow::read(&header(), &cells)
    }

    #[test]
    fn a_row_is_read() {
        let row = with(&[
            ("telephone", "'+82 10"),
            ("group_id", "2"),
            ("confirmation", "x"),
            ("created_at", "2015-10-30 12:49:47"),
            ("failures_num", "-1"),
            ("gender", "Male"),
        ])
        .unwrap();
        assert_eq!((row.website.as_str(), row.phone.as_deref()), ("base", Some("+82 10")));
        assert_eq!(row.group, Some(GroupName::numbered(2)));
        assert_eq!((row.confirmed, row.failed_sign_ins, row.active), (Some(false), Some(0), None));
        assert_eq!(row.created_at, Some("2015-10-30T12:49:47Z".parse().unwrap()));
        assert_eq!((row.locked_until, row.last_sign_in_at), (Told::Is(None), Told::Nothing));
        let gender = row.kept.iter().find(|(name, _)| &**name == "gender").unwrap();
        assert_eq!(gender.1, "Male");
    }

    #[test]
    fn a_websites_number_helps_only_where_it_is_the_same_everywhere() {
        assert_eq!(with(&[("_website", ""), ("website_id", "1")]).unwrap().website, "base");
        let wrong = with(&[("_website", ""), ("website_id", "2")]).err().unwrap();
        assert_eq!(wrong, Problem::new("_website", Wrong::NoWebsite));
    }

    #[test]
    fn a_groups_name_says_more_than_its_number() {
        let group = |changes: &[(&str, &str)]| with(changes).unwrap().group;
        assert_eq!(group(&[]), None);
        assert_eq!(group(&[("_group", "VIP"), ("group_id", "4")]), GroupName::new("VIP"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_column() {
        let long = "x".repeat(256);
        for (column, text, wrong) in [
            ("email", "a@b", Wrong::Email(crate::domain::email::EmailProblem::Domain)),
            ("_website", "b c", Wrong::WebsiteCode),
            ("_website", "", Wrong::NoWebsite),
            ("firstname", long.as_str(), Wrong::TooLong(255)),
            ("lastname", "a\0b", Wrong::Nul),
            ("group_id", "VIP", Wrong::GroupNumber),
            ("_group", "a\u{202e}", Wrong::GroupName),
            ("created_at", "yesterday", Wrong::Time),
            ("lock_expires", "1", Wrong::Time),
            ("failures_num", "many", Wrong::Number),
            ("is_active", "yes", Wrong::Flag),
            ("password_hash", "5f4dcc3b5aa765d61d8327deb882cf99:ab", Wrong::PasswordHash),
            ("password", "vivid7", Wrong::Password),
        ] {
            assert_eq!(with(&[(column, text)]).err(), Some(Problem::new(column, wrong)), "{column} {text}");
        }
        let short = FileRow::read(&header(), &[b"a@b.co", b"base"]).err().unwrap();
        assert_eq!(short.wrong, Wrong::Cells { found: 2, wanted: 17 });
    }

    #[test]
    fn no_problem_repeats_a_secret() {
        for (column, text) in [("password", "hunter2!"), ("password_hash", "hunter2!")] {
            assert!(!with(&[(column, text)]).err().unwrap().to_string().contains("hunter2"));
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(cells in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 15..19)) {
            let cells: Vec<&[u8]> = cells.iter().map(Vec::as_slice).collect();
            prop_assert!(FileRow::read(&header(), &cells).is_err());
        }

        #[test]
        fn one_odd_cell_is_taken_or_told(place in 0_usize..17, text in any::<String>()) {
            let column = COLUMNS.split(',').nth(place).unwrap().trim();
            if let Err(problem) = with(&[(column, &text)]) {
                prop_assert_eq!(problem.column, column);
            }
        }
    }
}
