//! What was asked and not answered yet.

use jiff::{SignedDuration, Timestamp};

use crate::{domain::customer::CustomerId, tui::msg::Ticket};

/// What takes longer than this is shown to be going on.
pub const SPINNER_AFTER: SignedDuration = SignedDuration::from_millis(150);
/// An action that takes longer than this shows how long.
pub const ELAPSED_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// What a request is for. At most one read of each kind is awaited: asking again makes the
/// answer to the one before stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A page of the table.
    Page,
    /// The count of the search.
    Count,
    /// The count of everybody.
    Total,
    /// A record.
    Record,
    /// The websites.
    Websites,
    /// The queue.
    Queue,
    /// Entries of the audit log.
    Audit,
    /// The check of the audit log.
    Chain,
    /// Mails.
    Mails,
    /// A mail.
    MailText,
    /// The mail that a reset would send.
    Preview,
}

/// An action under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its ticket.
    pub ticket: Ticket,
    /// On whom.
    pub customer: CustomerId,
    /// What is being done, such as `Revoking tokens`.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
}

/// The open requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    last: u64,
    reads: Vec<(Slot, Ticket, Timestamp)>,
    writes: Vec<Running>,
}

impl Requests {
    fn ticket(&mut self) -> Ticket {
        self.last += 1;
        Ticket(self.last)
    }

    /// A ticket for a read; the answer to an earlier one of this kind becomes stale.
    pub fn read(&mut self, slot: Slot, now: Timestamp) -> Ticket {
        self.forget(slot);
        let ticket = self.ticket();
        self.reads.push((slot, ticket, now));
        ticket
    }

    /// A ticket for an action.
    pub fn write(&mut self, customer: CustomerId, what: String, since: Timestamp) -> Ticket {
        let ticket = self.ticket();
        self.writes.push(Running { ticket, customer, what, since });
        ticket
    }

    /// Makes the answer to a read stale; its ticket, when one was open.
    pub fn forget(&mut self, slot: Slot) -> Option<Ticket> {
        let ticket = self.running(slot).map(|(ticket, _)| ticket);
        self.reads.retain(|(other, ..)| *other != slot);
        ticket
    }

    /// The open read of this kind, and since when.
    #[must_use]
    pub fn running(&self, slot: Slot) -> Option<(Ticket, Timestamp)> {
        self.reads.iter().find(|(other, ..)| *other == slot).map(|&(_, ticket, since)| (ticket, since))
    }

    /// Closes a request; false when its answer is stale.
    pub fn close(&mut self, ticket: Ticket) -> bool {
        let before = self.reads.len() + self.writes.len();
        self.reads.retain(|&(_, other, _)| other != ticket);
        self.writes.retain(|write| write.ticket != ticket);
        self.reads.len() + self.writes.len() < before
    }

    /// Actions under way, oldest first.
    pub fn writes(&self) -> impl Iterator<Item = &Running> {
        self.writes.iter()
    }
}
