//! Customers as lines of the file.

use super::{Field, GroupName, cell, merge::read_attributes};
use crate::domain::customer::NewCustomer;

/// The columns of Magento's own file, in its order, without password, hash and tokens; then
/// those that it leaves out and keydesk knows.
const COLUMNS: [&str; 26] = [
    "email",
    "_website",
    "_store",
    "confirmation",
    "created_at",
    "created_in",
    "disable_auto_group_change",
    "dob",
    "firstname",
    "gender",
    "group_id",
    "lastname",
    "middlename",
    "prefix",
    "store_id",
    "suffix",
    "taxvat",
    "updated_at",
    "website_id",
    "failures_num",
    "first_failure",
    "lock_expires",
    "is_active",
    "last_login_at",
    "telephone",
    "_group",
];

/// In place of the key that confirms an address, which is nobody's business.
const PENDING: &str = "pending";

/// The columns of a file to be written.
#[derive(Clone, Debug)]
pub struct Sheet {
    columns: Vec<String>,
}

impl Sheet {
    /// Magento's columns, and behind them whatever else is kept for any customer.
    #[must_use]
    pub fn new(attributes: impl IntoIterator<Item = String>) -> Self {
        let own = attributes.into_iter().filter(|name| !COLUMNS.contains(&name.as_str()));
        Self { columns: COLUMNS.iter().map(|name| (*name).to_owned()).chain(own).collect() }
    }

    /// The first line.
    pub fn header(&self) -> impl Iterator<Item = String> {
        self.columns.iter().map(|name| cell::harmless(name).into_owned())
    }

    /// The line of a customer who is on the website and in the group with these names.
    pub fn row(&self, customer: &NewCustomer, website: &str, group: &str) -> impl Iterator<Item = String> {
        let mut kept = read_attributes(customer.attributes.as_deref());
        self.columns.iter().map(move |column| {
            let own = Field::of(column).filter(|field| *field != Field::WebsiteId);
            let text = own.map_or_else(
                || kept.remove(column).unwrap_or_default(),
                |field| value(field, customer, website, group),
            );
            cell::harmless(&text).into_owned()
        })
    }
}

fn value(field: Field, customer: &NewCustomer, website: &str, group: &str) -> String {
    match field {
        Field::Email => customer.email.as_str().to_owned(),
        Field::Website => website.to_owned(),
        Field::Confirmation => {
            if customer.confirmed {
                String::new()
            } else {
                PENDING.to_owned()
            }
        }
        Field::CreatedAt => cell::time_text(Some(customer.created_at)),
        Field::First => customer.name.first.clone(),
        Field::Middle => customer.name.middle.clone(),
        Field::Last => customer.name.last.clone(),
        Field::GroupId => {
            GroupName::new(group).and_then(|name| name.number()).map_or_else(String::new, |number| number.to_string())
        }
        Field::Group => group.to_owned(),
        Field::Failures => customer.failed_sign_ins.to_string(),
        Field::LockExpires => cell::time_text(customer.locked_until),
        Field::Active => u8::from(customer.active).to_string(),
        Field::LastLogin => cell::time_text(customer.last_sign_in_at),
        Field::Phone => customer.phone.clone(),
        Field::WebsiteId | Field::Password | Field::PasswordHash => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        customer_file::{FileRow, Header},
        email::EmailAddress,
        name::PersonName,
        website::{GroupId, WebsiteId},
    };
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn customer() -> NewCustomer {
        NewCustomer {
            website: WebsiteId(1),
            group: GroupId(1),
            name: PersonName::new("=Jon", "Doe"),
            email: EmailAddress::parse("+a@b.co").unwrap(),
            phone: "+82 10".into(),
            password_hash: Some("$argon2id$secret".into()),
            active: true,
            confirmed: false,
            failed_sign_ins: 2,
            locked_until: None,
            created_at: "2015-10-30T12:49:47Z".parse().unwrap(),
            last_sign_in_at: None,
            attributes: Some(r#"{"gender":"Male","loyalty":"=7","website_id":"3"}"#.into()),
        }
    }

    fn read(sheet: &Sheet, row: &[String]) -> FileRow {
        let header: Vec<String> = sheet.header().collect();
        let header = Header::read(header.iter().map(String::as_bytes)).unwrap();
        let cells: Vec<&[u8]> = row.iter().map(String::as_bytes).collect();
        FileRow::read(&header, &cells).unwrap_or_else(|problem| panic!("{problem}"))
    }

    #[test]
    fn a_line_holds_everything_but_secrets() {
        let sheet = Sheet::new(["gender".to_owned(), "loyalty".to_owned()]);
        let row: Vec<String> = sheet.row(&customer(), "base", "Wholesale").collect();
        let cell = |column: &str| row[sheet.columns.iter().position(|name| name == column).unwrap()].as_str();
        assert_eq!((cell("email"), cell("firstname"), cell("telephone")), ("'+a@b.co", "'=Jon", "'+82 10"));
        assert_eq!((cell("group_id"), cell("_group"), cell("website_id")), ("2", "Wholesale", "3"));
        assert_eq!((cell("confirmation"), cell("gender"), cell("loyalty")), ("pending", "Male", "'=7"));
        assert!(!row.concat().contains("argon2") && !sheet.columns.iter().any(|name| name.contains("password")));
        assert_eq!(sheet.columns.len(), COLUMNS.len() + 1);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            texts in prop::collection::vec("[^\0]{0,30}", 5),
            flags in any::<(bool, bool)>(),
            failed in 0_u32..100_000,
            seconds in prop::collection::vec(prop::option::of(0_i64..4_000_000_000), 2),
        ) {
            let at = |n: usize| seconds[n].map(|second| Timestamp::from_second(second).unwrap());
            let kept = serde_json::json!({"gender": "F", "x": format!("x{}", texts[4])}).to_string();
            let given = NewCustomer {
                name: PersonName { first: texts[0].clone(), middle: texts[1].clone(), last: texts[2].clone() },
                phone: texts[3].clone(),
                password_hash: None,
                active: flags.0,
                confirmed: flags.1,
                failed_sign_ins: failed,
                locked_until: at(0),
                last_sign_in_at: at(1),
                attributes: Some(kept),
                ..customer()
            };
            let sheet = Sheet::new(["x".to_owned()]);
            let row: Vec<String> = sheet.row(&given, "base", "VIP").collect();
            let row = read(&sheet, &row);
            prop_assert_eq!(&row.group, &GroupName::new("VIP"));
            prop_assert_eq!(row.new_customer(given.website, given.group, Timestamp::UNIX_EPOCH), given.clone());
            prop_assert_eq!(row.change(&given, Some(given.group)), None);
        }
    }
}
