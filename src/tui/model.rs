//! Everything the console knows. What is shown follows from it, and only
//! [`crate::tui::update`] changes it.

pub mod availability;
pub mod behind;
pub mod columns;
pub mod confirm;
pub mod detail;
pub mod feed;
pub mod list;
pub mod overlay;
pub mod places;
pub mod pointer;
pub mod requests;
pub mod room;
mod waiting;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use crate::{
    domain::{
        customer::{Customer, CustomerId},
        mail_state::MailId,
        outbox::QueueState,
        reset::ResetId,
        safe_text::SafeText,
    },
    texts::Texts,
    tui::{
        keymap::Keymap,
        layout::{self, Screen},
        model::{
            behind::Behind,
            columns::Columns,
            detail::Detail,
            list::List,
            overlay::Overlay,
            places::Places,
            pointer::Pointer,
            requests::Requests,
            room::{Chain, Room},
        },
    },
};

/// What the console is told when it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// Who sits here.
    pub operator: SafeText,
    /// The database, as the person knows it.
    pub database: SafeText,
    /// The websites' names; empty until they are read.
    pub websites: Vec<SafeText>,
    /// How long a link works.
    pub link_life: SignedDuration,
}

/// A search that the shop saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    /// What it is called.
    pub name: SafeText,
    /// What is searched for.
    pub query: SafeText,
}

/// What the keys go to while no popup is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The search field.
    Search,
    /// The table.
    #[default]
    Table,
    /// The open record.
    Detail,
    /// The rows of a room.
    Room,
    /// The field of a room.
    Filter,
}

/// How a result is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It is done.
    Good,
    /// By the way.
    Neutral,
    /// It is not done.
    Bad,
}

/// A result that is shown for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// How it is meant.
    pub mood: Mood,
    /// The sentence.
    pub text: String,
    /// Until when.
    pub until: Timestamp,
}

/// A reset mail that can still be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// Whose.
    pub customer: CustomerId,
    /// Which.
    pub reset: ResetId,
    /// Where the mail goes.
    pub email: SafeText,
    /// When it leaves.
    pub send_at: Timestamp,
}

/// An action that waits for the customer's record, to be confirmed against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Reset Password.
    Reset,
    /// Force Sign In.
    ForceSignIn,
    /// Cancel the link.
    CancelLink,
    /// Take off a lock.
    Unlock,
    /// Try this mail again.
    RetryMail(MailId),
    /// Take this mail back.
    CancelMail(MailId),
}

/// The state of the console.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The time of the last message.
    pub now: Timestamp,
    /// The terminal.
    pub area: Rect,
    /// What the person reads.
    pub texts: Texts,
    /// Where we are.
    pub shop: Shop,
    /// The table and its search.
    pub list: List,
    /// The open record.
    pub detail: Option<Detail>,
    /// The room that covers table and record.
    pub room: Option<Room>,
    /// Where one came from to an open room, or from a room to an open record; the last one first.
    pub behind: Vec<Behind>,
    /// How far the audit log's chain was checked; none = not yet.
    pub chain: Option<Chain>,
    /// What the keys go to.
    pub focus: Focus,
    /// Popups; the last one has the keys.
    pub overlays: Vec<Overlay>,
    /// The newest result.
    pub toast: Option<Toast>,
    /// Mails that can be taken back, newest last.
    pub undo: Vec<Undo>,
    /// What waits for a record.
    pub intent: Option<(CustomerId, Intent)>,
    /// When an action was refused before it could be asked about.
    pub refused_at: Option<Timestamp>,
    /// The queue of mails; none until it was read.
    pub queue: Option<QueueState>,
    /// When the queue is read again.
    pub queue_due: Timestamp,
    /// Which mail's text was asked for last.
    pub mail_asked: Option<MailId>,
    /// For whom a preview was asked for last.
    pub preview_asked: Option<CustomerId>,
    /// Whose record was asked for last.
    pub record_asked: Option<CustomerId>,
    /// When the open record is read again.
    pub record_due: Timestamp,
    /// When the rows of the open room are read again.
    pub room_due: Timestamp,
    /// What was asked and not answered.
    pub requests: Requests,
    /// The columns that are wanted.
    pub columns: Columns,
    /// Searches that the shop saved.
    pub searches: Vec<SavedSearch>,
    /// The keys.
    pub keys: Keymap,
    /// The count that was typed before a key; 0 = none.
    pub count: u32,
    /// Rows still to go, once they are read.
    pub owed: isize,
    /// What lies where on the screen that was drawn last.
    pub places: Places,
    /// The mouse.
    pub pointer: Pointer,
    /// Something on the screen changed.
    pub dirty: bool,
    /// When the runtime will wake us.
    pub wake_at: Option<Timestamp>,
}

impl Model {
    /// The console before its first message, in English.
    #[must_use]
    pub fn new(now: Timestamp, area: Rect, shop: Shop) -> Self {
        Self {
            now,
            area,
            texts: Texts::default(),
            shop,
            list: List::default(),
            detail: None,
            room: None,
            behind: Vec::new(),
            chain: None,
            focus: Focus::Table,
            overlays: Vec::new(),
            toast: None,
            undo: Vec::new(),
            intent: None,
            refused_at: None,
            queue: None,
            queue_due: now,
            mail_asked: None,
            preview_asked: None,
            record_asked: None,
            record_due: now,
            room_due: now,
            requests: Requests::default(),
            columns: Columns::default(),
            searches: Vec::new(),
            keys: Keymap::default(),
            count: 0,
            owed: 0,
            places: Places::default(),
            pointer: Pointer::default(),
            dirty: true,
            wake_at: None,
        }
    }

    /// The parts of the screen.
    #[must_use]
    pub fn screen(&self) -> Screen {
        layout::screen(self.area, self.detail.is_some(), self.is_side_by_side())
    }

    /// Whether table and record are both on the screen. A record that was opened from a room is
    /// not one of the table's.
    #[must_use]
    pub fn is_side_by_side(&self) -> bool {
        self.detail.is_some() && layout::is_wide(self.area) && self.behind.is_empty()
    }

    /// Whom an action means: the open record, else the selected row.
    #[must_use]
    pub fn target(&self) -> Option<CustomerId> {
        let of_rows = || match &self.room {
            Some(room) => room.customer(),
            None => self.list.selected_id(),
        };
        self.detail.as_ref().map(|detail| detail.id).or_else(of_rows)
    }

    /// The record of [`Model::target`], once it is read.
    #[must_use]
    pub fn target_record(&self) -> Option<&Customer> {
        self.detail.as_ref().and_then(Detail::current)
    }

    /// Whether an action on this customer is under way.
    #[must_use]
    pub fn is_writing(&self, customer: CustomerId) -> bool {
        self.requests.writes().any(|write| write.customer == customer)
    }

    /// Whether mails are delivered, as far as is known.
    #[must_use]
    pub fn has_worker(&self) -> bool {
        self.queue.as_ref().is_none_or(|queue| queue.worker)
    }

    /// What a customer is called in a sentence.
    #[must_use]
    pub fn name_of(&self, id: CustomerId) -> SafeText {
        let record = self.detail.as_ref().and_then(|detail| detail.shown.as_deref()).filter(|record| record.id == id);
        let row = || self.list.rows.iter().find(|(row, _)| row.id == id).map(|(row, _)| row);
        let called = record.map(Customer::called).or_else(|| Some(row()?.called()));
        called.unwrap_or_else(|| SafeText::new(&self.texts.record_number(id.0)))
    }

    /// Whether there is no customer in the database.
    #[must_use]
    pub fn is_empty_database(&self) -> bool {
        self.list.is_complete() && self.list.rows.is_empty() && self.list.shown.is_everybody()
    }

    /// Shows a result.
    pub fn say(&mut self, mood: Mood, text: impl Into<String>) {
        let seconds = if mood == Mood::Bad { 12 } else { 6 };
        let until = self.now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        self.toast = Some(Toast { mood, text: text.into(), until });
    }
}
