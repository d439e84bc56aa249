//! The open record.

use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{
        customer::{Customer, CustomerId, HistoryLine},
        outbox::{MailKind, MailStage},
        reset::LinkState,
        safe_text::SafeText,
        time_text,
    },
    texts::Texts,
    tui::{
        layout::{self, Screen},
        words,
    },
};

/// Lines of the account and of the reset part, without their titles.
pub const BLOCK_LINES: u16 = 7;

/// A record that is open, or being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Whose.
    pub id: CustomerId,
    /// What was read last. While another customer's record is on its way this is still the
    /// former one, so that nothing flickers; see [`Detail::current`].
    pub shown: Option<Box<Customer>>,
    /// Why it cannot be shown.
    pub problem: Option<SafeText>,
    /// Lines scrolled out at the top.
    pub scroll: u16,
}

impl Detail {
    /// A record that is being opened.
    #[must_use]
    pub const fn new(id: CustomerId) -> Self {
        Self { id, shown: None, problem: None, scroll: 0 }
    }

    /// The record, but never that of another customer.
    #[must_use]
    pub fn current(&self) -> Option<&Customer> {
        self.shown.as_deref().filter(|record| record.id == self.id)
    }

    /// Turns to another customer.
    pub fn turn_to(&mut self, id: CustomerId) {
        if self.id != id {
            (self.id, self.scroll, self.problem) = (id, 0, None);
        }
    }

    fn most_scroll(&self, texts: Texts, screen: Screen) -> u16 {
        let height = self.shown.as_deref().map_or(0, |record| height(texts, record, screen.detail.width));
        height.saturating_sub(layout::detail_rows(screen))
    }

    /// Whether there is more than the screen shows.
    #[must_use]
    pub fn can_scroll(&self, texts: Texts, screen: Screen) -> bool {
        self.most_scroll(texts, screen) > 0
    }

    /// Scrolls by `lines`, as far as there is something to see.
    pub fn scroll_by(&mut self, texts: Texts, lines: isize, screen: Screen) {
        let most = self.most_scroll(texts, screen);
        let to = usize::from(self.scroll).saturating_add_signed(lines);
        self.scroll = u16::try_from(to).unwrap_or(most).min(most);
    }
}

/// How many lines a record has below its head; the view draws exactly so many.
#[must_use]
pub fn height(texts: Texts, record: &Customer, width: u16) -> u16 {
    let blocks = if layout::has_two_columns(width) { 1 + BLOCK_LINES } else { 2 * (1 + BLOCK_LINES) + 1 };
    let full = usize::from(width.saturating_sub(2));
    let number = |n: usize| u16::try_from(n).unwrap_or(u16::MAX / 8);
    let lines = |n: usize| number(n.max(1));
    let emails = number(long_email(record, width).map_or(0, |pieces| pieces.len()));
    // Beside a long address there is no second column, so that one begins below it.
    let long = if layout::has_two_columns(width) && emails > 0 { emails + 1 } else { emails.saturating_sub(1) };
    let history = record.history.iter().map(|event| event_texts(texts, event, full).len()).sum();
    blocks + long + 2 + lines(record.tokens.len()) + 2 + lines(history)
}

/// Columns for the names of the facts.
pub const LABEL: usize = 10;

/// Columns of the left one of two columns of facts.
#[must_use]
pub const fn left_column(full: usize) -> usize {
    full / 2 - 1
}

/// The e-mail address in pieces as wide as the record, when it does not fit among the facts.
#[must_use]
pub fn long_email(record: &Customer, width: u16) -> Option<Vec<String>> {
    let full = usize::from(width.saturating_sub(2));
    let column = if layout::has_two_columns(width) { left_column(full) } else { full };
    let room = |columns: usize| columns.saturating_sub(LABEL + 2).max(1);
    let email = record.email.as_str();
    (email.width() > room(column)).then(|| words::pieces(email, room(full)))
}

/// Columns of the time of an event and the space around it; what does not fit beside an event
/// begins below there.
pub const EVENT_TIME: usize = 20;
/// Columns of what was done.
pub const EVENT_ACTION: usize = 17;

/// Columns of who did it.
#[must_use]
pub const fn event_who(full: usize) -> usize {
    if full >= 70 { 11 } else { 7 }
}

/// Why something was done and what came of it: the first line stands beside what was done, the
/// others below it.
#[must_use]
pub fn event_texts(texts: Texts, event: &HistoryLine, full: usize) -> Vec<String> {
    let rest = full.saturating_sub(EVENT_TIME + EVENT_ACTION + event_who(full) + 2);
    let (reason, outcome) = (event.reason.as_str(), outcome(texts, event));
    let parts = [reason, &outcome];
    let text = parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("  ");
    if text.width() <= rest {
        return vec![text];
    }
    let below = |text: &str| {
        let width = full.saturating_sub(EVENT_TIME).max(1);
        words::wrap(text, width).iter().flat_map(|line| words::pieces(line, width)).collect::<Vec<_>>()
    };
    let has_room = !reason.is_empty() && !outcome.is_empty() && reason.width() <= rest;
    let (first, others) = if has_room { (reason.to_owned(), below(&outcome)) } else { (String::new(), below(&text)) };
    std::iter::once(first).chain(others).collect()
}

/// What came of an event: of a reset, what its mail and its link came to since; of a new password,
/// what the notice came to.
fn outcome(texts: Texts, event: &HistoryLine) -> String {
    let Some(mail) = &event.mail else { return event.detail.to_string() };
    let (noun, id) = (texts.mail_noun(mail.kind), mail.id.0);
    let what = match mail.stage {
        MailStage::Queued if mail.attempts > 0 => {
            let tried = texts.mail_tried(mail.attempts);
            return match mail.next_at.map(time_text::minute) {
                Some(next) => texts.history_mail_next(noun, id, tried, next, &mail.relay),
                None => texts.history_mail_tried(noun, id, tried, &mail.relay),
            };
        }
        MailStage::Sending => texts.mail_sending(),
        other => texts.mail_state(other.state()),
    };
    match mail.link {
        _ if mail.kind == MailKind::PasswordChanged => texts.history_mail(noun, id, what),
        LinkState::Pending => texts.history_mail(noun, id, what),
        LinkState::Used { at } => texts.history_mail_used(noun, id, what, time_text::minute(at)),
        link => texts.history_mail_link(noun, id, what, texts.link(link)),
    }
}
