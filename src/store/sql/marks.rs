//! Marks: what the gram index knows of customers beside the pieces of their words.

use crate::domain::{
    customer::NewCustomer,
    website::{GroupId, WebsiteId},
};

/// Gram that counts the customers themselves.
pub(super) const EVERYBODY: &str = "";

/// Between these two stand the marks of websites, one of which everybody has.
pub(super) const WEBSITE_MARKS: [&str; 2] = ["\u{E000}w", "\u{E000}x"];

/// Marks stand in the gram index beside the grams. They begin with a private character that
/// folded text never contains.
pub(super) fn website_mark(id: WebsiteId) -> String {
    format!("\u{E000}w{}", id.0)
}

/// Mark of a customer group.
pub(super) fn group_mark(id: GroupId) -> String {
    format!("\u{E000}g{}", id.0)
}

/// Mark of an unconfirmed address.
pub(super) const UNCONFIRMED: &str = "\u{E000}u";
/// Mark of an account that is switched off.
pub(super) const DISABLED: &str = "\u{E000}d";

/// What a customer is marked with.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    pub website: WebsiteId,
    pub group: GroupId,
    pub confirmed: bool,
    pub active: bool,
}

impl Marks {
    pub(super) const fn of(customer: &NewCustomer) -> Self {
        let NewCustomer { website, group, confirmed, active, .. } = *customer;
        Self { website, group, confirmed, active }
    }

    pub(super) fn grams(&self) -> impl Iterator<Item = String> + use<> {
        let unconfirmed = (!self.confirmed).then(|| UNCONFIRMED.to_owned());
        let disabled = (!self.active).then(|| DISABLED.to_owned());
        [Some(website_mark(self.website)), Some(group_mark(self.group)), unconfirmed, disabled].into_iter().flatten()
    }
}
