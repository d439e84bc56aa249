//! What a popup shows whole: a mail, and an entry of the audit log, as labelled lines.

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::{
    domain::{
        audit::EntryLine,
        mail_state::MailState,
        outbox::{MailLine, MailText},
        time_text,
    },
    tui::{help, words},
};

/// Columns for the names of facts.
pub const LABEL: usize = 10;
/// The name of a fact that goes on in another line.
const MORE: &str = " ";

/// A line with its label; empty for text that has none.
pub type Line = (&'static str, String);

/// The lines of a mail: what became of it if it was asked for, its head, its text.
#[must_use]
pub fn mail(area: Rect, text: &MailText, fate: Option<&MailLine>, now: Timestamp) -> Vec<Line> {
    let width = width(area);
    let mut facts = fate.map_or_else(Vec::new, |mail| became(mail, now));
    facts.extend([
        ("Language", words::language(text.language.as_str())),
        ("From", text.from.to_string()),
        ("To", text.to.to_string()),
        ("Link to", text.link_host.to_string()),
        ("Subject", text.subject.to_string()),
    ]);
    let mut lines = labelled(width, facts);
    lines.push(("", String::new()));
    lines.extend(text.lines.iter().flat_map(|line| words::wrap(line.as_str(), width)).map(|line| ("", line)));
    lines
}

/// What became of a mail.
fn became(mail: &MailLine, now: Timestamp) -> Vec<Line> {
    let next = mail.next_at.filter(|_| mail.state == MailState::Queued && !mail.leased);
    vec![
        ("Kind", mail.kind.title().to_owned()),
        ("State", format!("{}, {}", words::mail(mail, now), words::tried(mail.attempts))),
        ("Next try", next.map(time_text::second).unwrap_or_default()),
        ("Relay", mail.relay.to_string()),
    ]
}

/// The lines of an entry of the audit log.
#[must_use]
pub fn entry(area: Rect, entry: &EntryLine) -> Vec<Line> {
    let action = words::action(entry.action.as_str());
    let stored = if action == entry.action.as_str() { String::new() } else { format!(" ({})", entry.action) };
    let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    labelled(
        width(area),
        vec![
            ("Entry", entry.seq.to_string()),
            ("When", time_text::second(entry.at)),
            ("Operator", entry.operator.to_string()),
            ("Action", format!("{action}{stored}")),
            ("Customer", entry.customer.map_or_else(|| "-".to_owned(), |id| format!("#{}", id.0))),
            ("Reason", or_none(entry.reason.as_str())),
            ("Outcome", or_none(entry.detail.as_str())),
        ],
    )
}

fn width(area: Rect) -> usize {
    usize::from(help::text_popup(area, 0).width.saturating_sub(help::FRAME))
}

/// Facts that there are, each in as many lines as it needs.
fn labelled(width: usize, facts: Vec<Line>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (label, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        let values = words::wrap(&value, width.saturating_sub(LABEL));
        let values = values.iter().flat_map(|line| words::pieces(line, width.saturating_sub(LABEL).max(1)));
        let labels = std::iter::once(label).chain(std::iter::repeat(MORE));
        lines.extend(labels.zip(values));
    }
    lines
}
