//! What a row makes of a customer, new or known.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{FileRow, row::Told};
use crate::domain::{
    customer::NewCustomer,
    password::PasswordHash,
    website::{GroupId, WebsiteId},
};

impl FileRow {
    /// The customer that the row adds at the time `now`.
    #[must_use]
    pub fn new_customer(&self, website: WebsiteId, group: GroupId, now: Timestamp) -> NewCustomer {
        NewCustomer {
            website,
            group,
            name: self.person(""),
            email: self.email.clone(),
            phone: self.phone.clone().unwrap_or_default(),
            password_hash: self.password_hash.clone(),
            active: self.active.unwrap_or(true),
            confirmed: self.confirmed.unwrap_or(true),
            failed_sign_ins: self.failed_sign_ins.unwrap_or(0),
            locked_until: self.locked_until.over(None),
            created_at: self.created_at.unwrap_or(now),
            last_sign_in_at: self.last_sign_in_at.over(None),
            attributes: self.attributes(None),
        }
    }

    /// What the row makes of a customer who is known already; none when it says nothing new.
    /// `group` is the id of the row's group, none when it names none.
    #[must_use]
    pub fn change(&self, stored: &NewCustomer, group: Option<GroupId>) -> Option<NewCustomer> {
        let changed = NewCustomer {
            website: stored.website,
            group: group.unwrap_or(stored.group),
            name: self.person(&stored.name.middle),
            // The same address by its key; mail goes on to the way it was written first.
            email: stored.email.clone(),
            phone: self.phone.clone().unwrap_or_else(|| stored.phone.clone()),
            password_hash: self.hash_over(stored.password_hash.as_ref()),
            active: self.active.unwrap_or(stored.active),
            confirmed: self.confirmed.unwrap_or(stored.confirmed),
            failed_sign_ins: self.failed_sign_ins.unwrap_or(stored.failed_sign_ins),
            locked_until: self.locked_until.over(stored.locked_until),
            created_at: self.created_at_over(stored.created_at),
            last_sign_in_at: self.last_sign_in_at.over(stored.last_sign_in_at),
            attributes: self.attributes(stored.attributes.as_deref()),
        };
        (changed != *stored).then_some(changed)
    }

    /// A password that was chosen or used here is newer than any file: it stays.
    fn hash_over(&self, stored: Option<&PasswordHash>) -> Option<PasswordHash> {
        let ours = stored.filter(|hash| hash.as_str().starts_with('$'));
        ours.or(self.password_hash.as_ref()).or(stored).cloned()
    }

    fn created_at_over(&self, stored: Timestamp) -> Timestamp {
        let given = self.created_at.map_or(Told::Nothing, |at| Told::Is(Some(at)));
        given.over(Some(stored)).unwrap_or(stored)
    }

    /// The kept columns with those of the row over those stored before.
    fn attributes(&self, stored: Option<&str>) -> Option<String> {
        let mut attributes = read_attributes(stored);
        for (name, text) in &self.kept {
            if text.is_empty() {
                attributes.remove(&**name);
            } else {
                attributes.insert(name.to_string(), text.clone());
            }
        }
        if attributes.is_empty() { None } else { serde_json::to_string(&attributes).ok() }
    }
}

/// The kept columns of a customer, by name.
pub(super) fn read_attributes(stored: Option<&str>) -> BTreeMap<String, String> {
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{customer_file::Header, name::PersonName};

    const OLD_HASH: &str = "67a1e09bb1f83f5007dc119c14d663aa:salt:0";

    fn row(columns: &str, cells: &str) -> FileRow {
        let header = Header::read(columns.split(',').map(str::as_bytes)).unwrap();
        let cells: Vec<&[u8]> = cells.split(',').map(str::as_bytes).collect();
        FileRow::read(&header, &cells).unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn now() -> Timestamp {
        "2026-11-20T12:00:00.25Z".parse().unwrap()
    }

    fn stored(row: &FileRow) -> NewCustomer {
        row.new_customer(WebsiteId(1), GroupId(1), now())
    }

    #[test]
    fn the_same_row_again_says_nothing_new() {
        let row = row(
            "email,_website,firstname,lastname,created_at,lock_expires,gender,password_hash",
            &format!("A@b.co,base,Jon,Doe,,2026-11-20 12:00:00,Male,{OLD_HASH}"),
        );
        let stored = stored(&row);
        assert_eq!((stored.created_at, stored.attributes.as_deref()), (now(), Some(r#"{"gender":"Male"}"#)));
        assert_eq!(row.change(&stored, Some(GroupId(1))), None);
        assert_eq!(row.change(&stored, None), None);
        // Known to the microsecond here, to the second there.
        let finer = NewCustomer { locked_until: Some(now()), ..stored };
        assert_eq!(row.change(&finer, None), None);
    }

    #[test]
    fn columns_that_the_file_does_not_have_stay_as_they_are() {
        let full = row(
            "email,_website,firstname,middlename,lastname,telephone,is_active,failures_num,taxvat,gender",
            "a@b.co,base,Jon,Q.,Doe,010-1,0,3,DE1,Male",
        );
        let stored = stored(&full);
        let less = row("email,_website,firstname,lastname,gender,dob", "A@B.co,base,Jon,Smith,,1980-01-01");
        let changed = less.change(&stored, None).unwrap();
        assert_eq!(changed.name, PersonName { middle: "Q.".into(), ..PersonName::new("Jon", "Smith") });
        assert_eq!((changed.phone.as_str(), changed.active, changed.failed_sign_ins), ("010-1", false, 3));
        assert_eq!(changed.email, stored.email, "the same address, as it was written first");
        assert_eq!(changed.attributes.as_deref(), Some(r#"{"dob":"1980-01-01","taxvat":"DE1"}"#));
    }

    #[test]
    fn a_password_of_here_is_never_replaced() {
        let row = row("email,_website,firstname,lastname,password_hash", &format!("a@b.co,base,Jon,Doe,{OLD_HASH}"));
        let with = |hash: Option<&str>| NewCustomer { password_hash: hash.map(Into::into), ..stored(&row) };
        assert_eq!(row.change(&with(Some("$argon2id$v=19$x")), None), None);
        for old in [None, Some("13601bda:salt:1")] {
            assert_eq!(row.change(&with(old), None).unwrap().password_hash, Some(OLD_HASH.into()));
        }
        let empty = FileRow { password_hash: None, ..row.clone() };
        assert_eq!(empty.change(&with(Some(OLD_HASH)), None), None, "an empty cell takes no password away");
    }
}
