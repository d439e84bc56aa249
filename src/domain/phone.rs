//! Phone numbers, compared by their digits with and without country code.

/// Country calling codes of one and two digits (ITU-T E.164 list); all others have three.
const SHORT_CODES: &str = "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 \
     60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";

/// All digits of `text`, as ASCII.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| char::from_digit(d, 10)).collect()
}

/// Whether `text` is written like a phone number: nothing but digits and the signs that people
/// put between them, at least four digits, and at least one sign or leading zero.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    let text = text.trim();
    let signs = |c: char| matches!(c, '+' | '-' | '(' | ')' | '.' | '/' | ' ');
    let count = text.chars().filter(char::is_ascii_digit).count();
    count >= 4
        && text.chars().all(|c| c.is_ascii_digit() || signs(c))
        && (text.starts_with('0') || text.chars().any(signs))
}

/// The national number: digits without country code and without the trunk zero that is dialled
/// inside the country. `+82 10-1234-5678` and `010-1234-5678` both give `1012345678`.
///
/// A country code is only recognised behind `+` or `00`, because bare digits do not tell.
#[must_use]
pub fn national(text: &str) -> String {
    let all = digits(text);
    let text = text.trim_start();
    let (international, rest) = if text.starts_with('+') {
        (true, all.as_str())
    } else if let Some(rest) = all.strip_prefix("00") {
        (true, rest)
    } else {
        (false, all.as_str())
    };
    let rest = if international { rest.get(code_len(rest)..).unwrap_or_default() } else { rest };
    rest.strip_prefix('0').unwrap_or(rest).to_owned()
}

fn code_len(digits: &str) -> usize {
    (1..=2)
        .find(|&n| digits.get(..n).is_some_and(|code| SHORT_CODES.split_ascii_whitespace().any(|c| c == code)))
        .unwrap_or(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_however_it_is_written() {
        for text in ["+82 10-1234-5678", "0082 10 1234 5678", "010-1234-5678", "1012345678"] {
            assert_eq!(national(text), "1012345678", "{text}");
        }
        assert_eq!(national("(555) 229-3326"), "5552293326");
        assert_eq!(national("+1 555 229-3326"), "5552293326");
        assert_eq!(national("+49 (0)171 555 0199"), "1715550199");
        assert_eq!(national("+352 621 123 456"), "621123456");
    }

    #[test]
    fn half_typed_numbers_do_not_fail() {
        for text in ["", "+", "+8", "+82", "00", "0", "+99"] {
            assert!(national(text).is_empty() || national(text).len() <= 2, "{text}");
        }
    }

    #[test]
    fn a_bare_number_is_not_taken_for_a_phone() {
        assert!(looks_like("(555) 229"));
        assert!(looks_like("0171555"));
        assert!(looks_like("+82 10 1234"));
        assert!(!looks_like("48210"));
        assert!(!looks_like("roni 555-1234"));
    }
}
