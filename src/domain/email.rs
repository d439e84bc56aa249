//! E-mail addresses: strict, kept as entered, compared by ASCII lower case only.

use std::fmt;

/// Longest address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MAX_LEN: usize = 254;
/// Longest part before the `@`, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Longest label of a domain, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// An address that mail can be sent to: ASCII `local@domain`, no quotes, comments, literals,
/// routes or lists. Mail programs accept far more than that; whatever two of them read
/// differently is how a reset link reaches the wrong person, so it is refused here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why a text is not an address that keydesk writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailProblem {
    /// Nothing was given.
    #[error("an e-mail address is needed")]
    Empty,
    /// A character that is not allowed on its side of the `@`.
    #[error("the e-mail address holds a character that is not allowed")]
    Character,
    /// No `@`, or more than one.
    #[error("an e-mail address has one @")]
    At,
    /// The part before the `@` is empty, too long, or has a dot at its edge or two in a row.
    #[error("the part before the @ is not valid")]
    Local,
    /// The part after the `@` is no domain with at least two labels.
    #[error("the part after the @ is not a domain")]
    Domain,
    /// Longer than mail servers take.
    #[error("the e-mail address is longer than 254 characters")]
    TooLong,
}

impl EmailAddress {
    /// Checks `text`, which must be the bare address without spaces around it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, EmailProblem> {
        if text.is_empty() {
            return Err(EmailProblem::Empty);
        }
        if text.len() > MAX_LEN {
            return Err(EmailProblem::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(EmailProblem::Character);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailProblem::At)?;
        if domain.contains('@') {
            return Err(EmailProblem::At);
        }
        check_local(local)?;
        check_domain(domain)?;
        Ok(Self(text.to_owned()))
    }

    /// The address as it was entered: mail goes to exactly this.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two addresses are compared by: ASCII lower case and nothing more. Unicode case
    /// folding would let a look-alike (`ı`, `ſ`, `K`) claim somebody else's account.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(&self.0)
    }
}

/// The comparison key of any text that is looked up as an address.
#[must_use]
pub fn key_of(text: &str) -> String {
    text.to_ascii_lowercase()
}

fn check_local(local: &str) -> Result<(), EmailProblem> {
    if local.is_empty() || local.len() > MAX_LOCAL {
        return Err(EmailProblem::Local);
    }
    // RFC 5322 "atext", and the dot between atoms.
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    if !local.bytes().all(allowed) {
        return Err(EmailProblem::Character);
    }
    // A leading dash could be read as an option by a sendmail program.
    if local.split('.').any(str::is_empty) || local.starts_with('-') {
        return Err(EmailProblem::Local);
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<(), EmailProblem> {
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let mut labels = domain.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let numeric = top.bytes().all(|b| b.is_ascii_digit());
    if numeric || !label_ok(top) {
        return Err(EmailProblem::Domain);
    }
    let mut below = 0;
    for label in labels {
        if !label_ok(label) {
            return Err(EmailProblem::Domain);
        }
        below += 1;
    }
    if below == 0 { Err(EmailProblem::Domain) } else { Ok(()) }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_what_was_entered_and_compares_in_ascii_lower_case() {
        let email = EmailAddress::parse("Roni_Cost@Example.com").unwrap();
        assert_eq!(email.as_str(), "Roni_Cost@Example.com");
        assert_eq!(email.key(), "roni_cost@example.com");
    }

    #[test]
    fn accepts_what_customers_have() {
        for good in ["a@b.co", "first.last+tag@sub.example.org", "o'brien@x-y.de", "1@2.kr"] {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn refuses_what_mail_programs_read_differently() {
        for bad in [
            "",
            "a",
            "a@",
            "@b.co",
            "a@b",
            "a@@b.co",
            "a@b.co,c@d.co",
            "\"a b\"@b.co",
            "a b@b.co",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "mıke@b.co",
            "a@b.co\r\nBcc: x@y.z",
            "a@b.co>",
            "<a@b.co",
            "a(c)@b.co",
            "-oQ/tmp@b.co",
            ".a@b.co",
            "a.@b.co",
            "a..b@b.co",
            "a@-b.co",
            "a@b-.co",
            "a@b..co",
            "a@.b.co",
            "a@b.co.",
            " a@b.co",
            "a@b.co ",
            "@x:a@b.co",
            "a;b@c.co",
            "a\0@b.co",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(EmailAddress::parse(&format!("a@{}.co", "b".repeat(300))), Err(EmailProblem::TooLong));
    }

    #[test]
    fn no_unicode_letter_becomes_an_ascii_one() {
        for c in (0x80..=0x0010_FFFF).filter_map(char::from_u32) {
            assert!(!key_of(c.encode_utf8(&mut [0; 4])).is_ascii(), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_never_accepts_a_separator(text in any::<String>()) {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert_eq!(email.as_str(), text.as_str());
                prop_assert!(!text.contains([',', ';', '<', '>', '"', '(', '\r', '\n', ' ']));
            }
        }
    }
}
