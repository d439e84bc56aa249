//! Customer groups: Magento's files number them, keydesk names them.

use crate::domain::safe_text::SafeText;

/// The groups that every Magento shop has, by number.
const STANDARD: [&str; 4] = ["NOT LOGGED IN", "General", "Wholesale", "Retailer"];
/// The name of a group whose number is all that is known.
const NUMBERED: &str = "Group ";
/// Longest name, in characters; Magento's own limit is 32.
const MAX_CHARS: usize = 64;

/// A group's name: of plain characters that can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupName(String);

impl Default for GroupName {
    /// The group of whoever is in no other.
    fn default() -> Self {
        Self("General".to_owned())
    }
}

impl GroupName {
    /// Takes a name as it is.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let readable = SafeText::new(name).as_str() == name && name.trim() == name;
        let fits = !name.is_empty() && name.chars().count() <= MAX_CHARS;
        (readable && fits).then(|| Self(name.to_owned()))
    }

    /// The group with this number in a Magento shop: 1 is `General`, 2 `Wholesale`, 3
    /// `Retailer`, and for example 7, whose name the file does not tell, `Group 7`.
    #[must_use]
    pub fn numbered(number: u16) -> Self {
        let standard = STANDARD.get(usize::from(number));
        Self(standard.map_or_else(|| format!("{NUMBERED}{number}"), |name| (*name).to_owned()))
    }

    /// The number, if the name says it.
    #[must_use]
    pub fn number(&self) -> Option<u16> {
        let standard = STANDARD.iter().position(|name| *name == self.0).and_then(|at| u16::try_from(at).ok());
        let written = || self.0.strip_prefix(NUMBERED)?.parse().ok();
        standard.or_else(written).filter(|number| Self::numbered(*number) == *self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_a_group_and_comes_back() {
        assert_eq!(GroupName::numbered(1), GroupName::default());
        assert_eq!(GroupName::numbered(2).as_str(), "Wholesale");
        assert_eq!(GroupName::numbered(7).as_str(), "Group 7");
        for number in 0..=u16::MAX {
            assert_eq!(GroupName::numbered(number).number(), Some(number));
        }
        for odd in ["VIP", "Group 007", "Group 2", "Group ", "Group 70000", "general"] {
            assert_eq!(GroupName::new(odd.trim()).and_then(|name| name.number()), None, "{odd}");
        }
    }

    #[test]
    fn a_name_can_be_read() {
        assert!(GroupName::new("Großhandel").is_some());
        for bad in ["", " ", " VIP", "a\u{202e}b", "a\nb", &"x".repeat(65)] {
            assert_eq!(GroupName::new(bad), None, "{bad:?}");
        }
    }
}
