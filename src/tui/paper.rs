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
    texts::Texts,
    tui::{help, words},
};

/// Columns for the names of facts.
pub const LABEL: usize = 10;
/// The name of a fact that goes on in another line.
const MORE: &str = " ";

/// A line with its label; empty for text that has none.
pub type Line = (String, String);

/// The lines of a mail: what became of it if it was asked for, its head, its text.
#[must_use]
pub fn mail(texts: Texts, area: Rect, text: &MailText, fate: Option<&MailLine>, now: Timestamp) -> Vec<Line> {
    let width = width(area);
    let mut facts = fate.map_or_else(Vec::new, |mail| became(texts, mail, now));
    facts.extend([
        (texts.label_language(), texts.language_name(&text.language)),
        (texts.label_from(), text.from.to_string()),
        (texts.label_to(), text.to.to_string()),
        (texts.label_link_to(), text.link_host.to_string()),
        (texts.label_subject(), text.subject.to_string()),
    ]);
    let mut lines = labelled(width, facts);
    lines.push(Line::default());
    lines
        .extend(text.lines.iter().flat_map(|line| words::wrap(line.as_str(), width)).map(|line| (String::new(), line)));
    lines
}

/// What became of a mail.
fn became(texts: Texts, mail: &MailLine, now: Timestamp) -> Vec<Line> {
    let next = mail.next_at.filter(|_| mail.state == MailState::Queued && !mail.leased);
    vec![
        (texts.label_kind(), texts.mail_kind(mail.kind)),
        (texts.label_state(), texts.fact_state(words::mail(texts, mail, now), texts.mail_tried(mail.attempts))),
        (texts.label_next_try(), next.map(time_text::second).unwrap_or_default()),
        (texts.label_relay(), mail.relay.to_string()),
    ]
}

/// The lines of an entry of the audit log.
#[must_use]
pub fn entry(texts: Texts, area: Rect, entry: &EntryLine) -> Vec<Line> {
    let action = texts.audit_action(entry.action.as_str());
    let stored = if action == entry.action.as_str() { String::new() } else { format!(" ({})", entry.action) };
    let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    labelled(
        width(area),
        vec![
            (texts.label_entry(), entry.seq.to_string()),
            (texts.label_when(), time_text::second(entry.at)),
            (texts.label_operator(), entry.operator.to_string()),
            (texts.label_action(), format!("{action}{stored}")),
            (texts.label_customer(), entry.customer.map_or_else(|| "-".to_owned(), |id| format!("#{}", id.0))),
            (texts.label_reason(), or_none(entry.reason.as_str())),
            (texts.label_outcome(), or_none(entry.detail.as_str())),
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
        let labels = std::iter::once(label).chain(std::iter::repeat_with(|| MORE.to_owned()));
        lines.extend(labels.zip(values));
    }
    lines
}
