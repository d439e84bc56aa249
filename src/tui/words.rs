//! Short texts: cut to columns, counts, states.

use jiff::{SignedDuration, Timestamp};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{customer::Status, find::Count, mail_state::MailState, outbox::MailLine, throttle::Budget, time_text},
    texts::{Texts, grouped},
    tui::model::Shop,
};

/// What is further away than this is not counted down in seconds.
pub const COUNTED: SignedDuration = SignedDuration::from_hours(1);

/// Cuts a text to `width` columns, never through a character; what was cut ends in `mark`.
#[must_use]
pub fn fit(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(mark.width());
    let mut cut = window(text, 0, room);
    if mark.width() <= width {
        cut.push_str(mark);
    }
    cut
}

/// The part of a text that is seen through a window of `width` columns, `skip` columns from its
/// start.
#[must_use]
pub fn window(text: &str, skip: usize, width: usize) -> String {
    let mut column = 0;
    let mut out = String::new();
    for grapheme in text.graphemes(true) {
        let end = column + grapheme.width();
        if column >= skip && end <= skip + width {
            out.push_str(grapheme);
        }
        column = end;
    }
    out
}

/// A text and spaces, together `width` columns.
#[must_use]
pub fn pad(text: &str, width: usize, mark: &str) -> String {
    let mut text = fit(text, width, mark);
    text.push_str(&" ".repeat(width.saturating_sub(text.width())));
    text
}

/// The title of a terminal that shows this shop, of characters that show themselves.
#[must_use]
pub fn title(shop: &Shop, customers: Option<Count>) -> String {
    let name = match shop.websites.as_slice() {
        [] => shop.database.to_string(),
        names => names.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let count = customers.map(|total| format!(", {} customers", count(total))).unwrap_or_default();
    format!("{}{count} - keydesk", fit(&name, TITLE, "..."))
}

/// Most columns of the shop's name in a title.
const TITLE: usize = 60;

/// Breaks sentences into lines of at most `width` columns.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Breaks a text into pieces of at most `width` columns, wherever that is.
#[must_use]
pub fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for grapheme in text.graphemes(true) {
        match pieces.last_mut() {
            Some(last) if last.is_empty() || last.width() + grapheme.width() <= width => last.push_str(grapheme),
            _ => pieces.push(grapheme.to_owned()),
        }
    }
    pieces
}

/// Where a mail stands, in a word or two.
#[must_use]
pub fn mail(texts: Texts, mail: &MailLine, now: Timestamp) -> String {
    match mail.state {
        MailState::Queued if mail.leased => texts.mail_sending(),
        MailState::Queued if mail.attempts == 0 && mail.not_before > now => texts.mail_held(),
        MailState::Queued if mail.attempts > 0 => texts.mail_retry(mail.attempts + 1),
        state => texts.mail_state(state),
    }
}

/// A moment in at most eleven columns: without the year where it is this one, else the day.
#[must_use]
pub fn stamp(at: Timestamp, now: Timestamp) -> String {
    let minute = time_text::minute(at);
    let year = |text: &str| text.split('-').next().map(str::to_owned);
    let is_this_year = year(&minute) == year(&time_text::minute(now));
    match minute.split_once('-') {
        Some((_, rest)) if is_this_year => rest.to_owned(),
        _ => time_text::day(at),
    }
}

/// `12`, `1,000+`, `~10 M`.
#[must_use]
pub fn count(count: Count) -> String {
    match count {
        Count::Exact(n) => grouped(&n.to_string()),
        Count::AtLeast(n) => format!("{}+", grouped(&n.to_string())),
        Count::About(n) => format!("~{}", rounded(n)),
    }
}

fn rounded(n: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = (n + unit / 20) / (unit / 10);
        if tenths >= 100 || tenths.is_multiple_of(10) {
            (tenths / 10).to_string()
        } else {
            format!("{}.{}", tenths / 10, tenths % 10)
        }
    };
    match n {
        0..10_000 => grouped(&n.to_string()),
        10_000..950_000 => format!("{} k", (n + 500) / 1000),
        _ => format!("{} M", tenths(1_000_000)),
    }
}

/// `07:12` where it is worth counting, else `3 h`.
#[must_use]
pub fn left(texts: Texts, until: Timestamp, now: Timestamp) -> String {
    let left = until.duration_since(now);
    if left < COUNTED { time_text::countdown(left) } else { texts.rough(left) }
}

/// Whether the customer can sign in, at `now`: a lock ends by itself.
#[must_use]
pub fn status(texts: Texts, status: Status, now: Timestamp) -> String {
    match status {
        Status::Locked { until } if until > now => texts.status_locked_left(left(texts, until, now)),
        Status::Locked { .. } => texts.status(Status::Active),
        other => texts.status(other),
    }
}

/// `2 of 5 this hour`
#[must_use]
pub fn budget(texts: Texts, budget: &Budget) -> String {
    match budget.max {
        Some(max) => texts.budget_of(budget.used, max),
        None => texts.budget_unlimited(budget.used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_wide_characters() {
        assert_eq!(fit("홍길동님", 8, "…"), "홍길동님");
        assert_eq!(fit("홍길동님", 7, "…"), "홍길동…");
        assert_eq!(fit("홍길동님", 6, "…"), "홍길…");
        assert_eq!(pad("홍길동님", 6, "…"), "홍길… ");
        assert_eq!(window("a홍b", 1, 2), "홍");
        assert_eq!(window("a홍b", 2, 2), "b");
    }

    #[test]
    fn counts_are_short() {
        assert_eq!(count(Count::Exact(48_210)), "48,210");
        assert_eq!(count(Count::AtLeast(1000)), "1,000+");
        assert_eq!(count(Count::About(10_012_345)), "~10 M");
        assert_eq!(count(Count::About(1_240_000)), "~1.2 M");
        assert_eq!(count(Count::About(42_400)), "~42 k");
    }

    #[test]
    fn breaks_anywhere_but_in_characters() {
        assert_eq!(pieces("ab홍cd", 3), ["ab", "홍c", "d"]);
        assert_eq!(pieces("", 3), [""]);
    }

    #[test]
    fn wraps_at_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }
}
