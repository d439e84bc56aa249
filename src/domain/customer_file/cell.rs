//! Cells that spreadsheets must not take for formulas, and times.

use std::borrow::Cow;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// What Magento writes for times: `2015-10-30 12:49:47`, UTC.
const TIME: &str = "%Y-%m-%d %H:%M:%S";
/// `MySQL`'s way of writing no time.
const NO_TIME: &str = "0000-00-00 00:00:00";

/// The text as it can be put into a file that somebody opens with a spreadsheet: a `'` stands in
/// front of what it would take for a formula (OWASP ASVS 5.0, 1.2.10), also behind spaces and in
/// full width, and in front of what looks as if that had been done already.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if looks_like_formula(text.trim_start_matches('\'')) { format!("'{text}").into() } else { text.into() }
}

/// The text that [`harmless`] was given.
#[must_use]
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if looks_like_formula(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

fn looks_like_formula(text: &str) -> bool {
    // Tabs and line ends are white space too, but the first of them already counts.
    let text = text.trim_start_matches(|c: char| c.is_whitespace() && !c.is_control());
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'])
}

/// Reads a time; none for an empty cell.
///
/// # Errors
/// When it is written in any other way.
#[expect(clippy::result_unit_err, reason = "there is one thing that can be wrong; the caller knows the column")]
pub fn time(cell: &str) -> Result<Option<Timestamp>, ()> {
    if cell.is_empty() || cell == NO_TIME {
        return Ok(None);
    }
    // The parser would also take signs and years of other lengths.
    let written = cell.len() == NO_TIME.len() && cell.starts_with(|c: char| c.is_ascii_digit());
    let time = DateTime::strptime(TIME, cell).ok().filter(|_| written);
    time.and_then(|time| TimeZone::UTC.to_timestamp(time).ok()).map(Some).ok_or(())
}

/// Writes a time, in whole seconds; empty for none.
#[must_use]
pub fn time_text(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| at.strftime(TIME).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_defused_and_nothing_else_is_touched() {
        for formula in
            ["=1+1", "+82 10", "-1", "@x", "\tx", "\rx", "\nx", "\0", "  =1", "\u{3000}＝1", "＋1", "－1", "＠1", "'=1"]
        {
            assert_eq!(harmless(formula), format!("'{formula}"), "{formula:?}");
        }
        for text in ["", "a=1", "O'Brien", "'quoted'", "(555) 229-3326", " x", "'"] {
            assert_eq!(harmless(text), text);
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn times_are_read_as_magento_writes_them() {
        let at: Timestamp = "2015-10-30T12:49:47Z".parse().unwrap();
        assert_eq!(time("2015-10-30 12:49:47"), Ok(Some(at)));
        assert_eq!(time_text(Some(at)), "2015-10-30 12:49:47");
        assert_eq!(time(""), Ok(None));
        assert_eq!(time("0000-00-00 00:00:00"), Ok(None));
        for bad in [
            "2015-10-30",
            "2015-13-30 12:49:47",
            "2015-10-30 12:49:61",
            "2015-10-30T12:49:47",
            "+015-10-30 12:49:47",
            "30.10.2015 12:49",
            "x",
        ] {
            assert_eq!(time(bad), Err(()), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_was_defused_is_read_back(text in "[ '=+\\-@\t\r\n\0＝＋－＠\u{3000}ab]{0,8}", any in any::<String>()) {
            for text in [text, any] {
                let cell = harmless(&text);
                prop_assert_eq!(plain(&cell), text.as_str());
                prop_assert!(!looks_like_formula(&cell));
            }
        }

        #[test]
        fn every_time_is_read_back(second in -62_135_596_800_i64..253_402_300_799) {
            let at = Timestamp::from_second(second).unwrap();
            prop_assert_eq!(time(&time_text(Some(at))), Ok(Some(at)));
        }

        #[test]
        fn no_text_is_too_odd_for_a_time(text in any::<String>()) {
            let _ = time(&text);
        }
    }
}
