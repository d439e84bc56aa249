//! The shop's websites and customer groups.

use crate::domain::{email::EmailAddress, refusal::Refusal, safe_text::SafeText};

/// Id of a website.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WebsiteId(pub i64);

/// Id of a customer group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub i64);

/// A website: its customers' mails come from its sender, in its language, and link to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Website {
    /// Its id.
    pub id: WebsiteId,
    /// Short code, such as `base`.
    pub code: SafeText,
    /// Name that customers know, such as `Luma`.
    pub name: SafeText,
    /// Where its links point, without a slash at the end; none = not set up.
    pub base_url: Option<String>,
    /// Name in the From field.
    pub sender_name: SafeText,
    /// Address in the From field; none = not set up.
    pub sender_email: Option<EmailAddress>,
    /// Language of its mails, such as `en`.
    pub language: String,
}

impl Website {
    /// Whether mails of this website can be made.
    ///
    /// # Errors
    /// When it has no sender, or its links no place to point to.
    pub fn check_mails(&self) -> Result<(), Refusal> {
        match (&self.sender_email, &self.base_url) {
            (Some(_), Some(_)) => Ok(()),
            _ => Err(Refusal::WebsiteIncomplete { website: self.code.clone() }),
        }
    }
}

/// A customer group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name, such as `Wholesale`.
    pub name: SafeText,
}

/// A website as it is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebsite {
    /// Short code, lower case.
    pub code: String,
    /// Name that customers know.
    pub name: String,
    /// Where its links point; empty = not set up.
    pub base_url: String,
    /// Name in the From field.
    pub sender_name: String,
    /// Address in the From field; none = not set up.
    pub sender_email: Option<EmailAddress>,
    /// Language of its mails.
    pub language: String,
}
