//! Full screens beside the customers: the audit log and the mails.

use crate::{
    domain::{
        audit::{AuditFilter, ChainBreak, EntryLine, Verifier},
        audit_query,
        customer::CustomerId,
        outbox::{MailFilter, MailLine, MailStage},
        safe_text::SafeText,
    },
    texts::{Message, Texts},
    tui::{field::TextField, model::feed::Feed},
};

/// A full screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Room {
    /// Who did what.
    Audit(Box<AuditRoom>),
    /// The queue of mails.
    Mails(Box<MailRoom>),
}

impl Room {
    /// Whom the selected row is about.
    #[must_use]
    pub fn customer(&self) -> Option<CustomerId> {
        match self {
            Self::Audit(room) => room.feed.selected_row().and_then(|entry| entry.customer),
            Self::Mails(room) => room.feed.selected_row().map(|mail| mail.customer),
        }
    }
}

/// The audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRoom {
    /// What was typed to list only some entries.
    pub field: TextField,
    /// What the field asks for, as far as it can be understood.
    pub filter: AuditFilter,
    /// What is wrong with the field's text.
    pub problem: Option<SafeText>,
    /// The entries.
    pub feed: Feed<EntryLine>,
}

impl Default for AuditRoom {
    fn default() -> Self {
        Self {
            field: TextField::new(audit_query::MAX_CHARS),
            filter: AuditFilter::default(),
            problem: None,
            feed: Feed::default(),
        }
    }
}

/// The mails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailRoom {
    /// Place of the open tab in [`TABS`].
    pub tab: usize,
    /// The mails on it.
    pub feed: Feed<MailLine>,
}

impl MailRoom {
    /// Which mails the open tab lists.
    #[must_use]
    pub fn filter(&self) -> MailFilter {
        let stage = TABS.get(self.tab).and_then(|(_, stage)| *stage);
        MailFilter { stage, ..MailFilter::default() }
    }
}

/// The tabs of the mails: a name, and where a mail on it stands.
pub const TABS: [(Message, Option<MailStage>); 5] = [
    (Texts::tab_all, None),
    (Texts::tab_waiting, Some(MailStage::Queued)),
    (Texts::mail_refused, Some(MailStage::Refused)),
    (Texts::mail_given_up, Some(MailStage::Expired)),
    (Texts::mail_accepted, Some(MailStage::Accepted)),
];

/// How far the audit log's chain was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Entry by entry, up to here.
    Checking(Verifier),
    /// To its end, which holds.
    Holds {
        /// Entries.
        entries: i64,
    },
    /// It does not hold.
    Broken {
        /// Entries before the break.
        entries: i64,
        /// Where.
        at: ChainBreak,
    },
    /// The log could not be read.
    Unread(SafeText),
}
