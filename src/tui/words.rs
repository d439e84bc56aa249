//! Short texts: cut to columns, counts, states, actions.

use jiff::{SignedDuration, Timestamp};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{
        audit::Action, customer::Status, find::Count, mail_state::MailState, outbox::MailLine, safe_text::SafeText,
        time_text,
    },
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
pub fn mail(mail: &MailLine, now: Timestamp) -> String {
    match mail.state {
        MailState::Queued if mail.leased => "being sent".to_owned(),
        MailState::Queued if mail.attempts == 0 && mail.not_before > now => "held".to_owned(),
        MailState::Queued if mail.attempts > 0 => format!("retry {}", mail.attempts + 1),
        state => mail_state(state).to_owned(),
    }
}

/// `never tried`, `tried once`, `tried 3 times`.
#[must_use]
pub fn tried(attempts: u32) -> String {
    match attempts {
        0 => "never tried".to_owned(),
        1 => "tried once".to_owned(),
        n => format!("tried {n} times"),
    }
}

/// A mail's state, in a word or two.
#[must_use]
pub const fn mail_state(state: MailState) -> &'static str {
    match state {
        MailState::Expired => "given up",
        MailState::Cancelled => "taken back",
        other => other.word(),
    }
}

/// The language of this code, as people call it.
#[must_use]
pub fn language(code: &str) -> String {
    match code {
        "en" => "English".to_owned(),
        "de" => "German".to_owned(),
        "fr" => "French".to_owned(),
        "ko" => "Korean".to_owned(),
        other => other.to_owned(),
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

/// What is said of a mail that was queued while no worker runs.
#[must_use]
pub fn stranded(email: &SafeText) -> String {
    format!("Mail to {email} waits: nobody delivers mails now.")
}

/// `3 tokens`, `1 token`.
#[must_use]
pub fn many(n: u32, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `1 entry`, `12,000 entries`.
#[must_use]
pub fn number(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// `12`, `1,000+`, `~10 M`.
#[must_use]
pub fn count(count: Count) -> String {
    match count {
        Count::Exact(n) => grouped(n),
        Count::AtLeast(n) => format!("{}+", grouped(n)),
        Count::About(n) => format!("~{}", rounded(n)),
    }
}

fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
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
        0..10_000 => grouped(n),
        10_000..950_000 => format!("{} k", (n + 500) / 1000),
        _ => format!("{} M", tenths(1_000_000)),
    }
}

/// `07:12` where it is worth counting, else `3 h`.
#[must_use]
pub fn left(until: Timestamp, now: Timestamp) -> String {
    let left = until.duration_since(now);
    if left < COUNTED { time_text::countdown(left) } else { time_text::rough(left) }
}

/// Whether the customer can sign in, at `now`: a lock ends by itself.
#[must_use]
pub fn status(status: Status, now: Timestamp) -> String {
    match status {
        Status::Locked { until } if until > now => format!("locked {}", left(until, now)),
        Status::Locked { .. } => Status::Active.word().to_owned(),
        other => other.word().to_owned(),
    }
}

/// What an action of the audit log is called here; one of a newer keydesk, or of another program,
/// by the word that is stored.
#[must_use]
pub fn action(stored: &str) -> &str {
    Action::from_word(stored).map_or(stored, |action| match action {
        Action::ResetStart => "Reset Password",
        Action::ResetUndo => "Reset taken back",
        Action::ResetCancel => "Link cancelled",
        Action::ForceSignIn => "Force Sign In",
        Action::MailAccepted => "Mail accepted",
        Action::MailRefused => "Mail refused",
        Action::MailExpired => "Mail given up",
        Action::MailRetry => "Mail tried again",
        Action::CustomerAdd => "Record added",
        Action::CustomerChange => "Record changed",
        Action::CustomerDelete => "Record deleted",
        Action::CustomerUnlock => "Unlocked",
        Action::CustomerImport => "File imported",
        Action::CustomerExport => "File exported",
        Action::ResetNotSent => "Asked, not sent",
        Action::PasswordSet => "Password chosen",
        Action::CustomerLock => "Locked",
        Action::TokenIssue => "Token issued",
        Action::TokenRevoke => "Tokens returned",
        Action::IntegrationAdd => "Integration new",
        Action::IntegrationRemove => "Integration gone",
        Action::BackupMade => "Backup made",
        Action::DatabaseRestored => "Backup restored",
        Action::DatabaseCopied => "Shop copied",
    })
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
    fn every_action_is_said_in_words_that_fit_their_column() {
        let words = Action::ALL.map(|known| action(known.word()));
        for (known, said) in Action::ALL.iter().zip(words) {
            assert!(said != known.word() && said.starts_with(char::is_uppercase), "{said}");
            assert!(said.width() <= 16, "{said}");
            assert_eq!(words.iter().filter(|other| **other == said).count(), 1, "{said}");
        }
        assert_eq!(action("shop.new_thing"), "shop.new_thing");
    }

    #[test]
    fn wraps_at_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }
}
