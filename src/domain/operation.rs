//! The key that makes an action happen once, however often it is asked for.

use std::fmt;

/// Longest key, in characters.
const MAX_LEN: usize = 128;

/// Made by whoever starts an action, stored with it, unique per customer: after a lost
/// connection or a failed commit the key tells whether the action was done, and asking again
/// with the same key gives the first answer instead of doing it twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OpKey(String);

impl OpKey {
    /// Takes 1 to 128 visible ASCII characters.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// A key from 16 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(data_encoding::HEXLOWER.encode(&bytes))
    }

    /// The key of what comes of a request on the sign-in page. Its blank is in no key that anybody
    /// names, so nobody can use it up before.
    #[must_use]
    pub fn of_request(request: i64) -> Self {
        Self(format!("request {request}"))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_names_the_key_of_a_request() {
        assert_ne!(OpKey::of_request(9), OpKey::of_request(10));
        assert_eq!(OpKey::new(OpKey::of_request(9).as_str()), None);
        assert!(OpKey::new("request-9").is_some());
    }
}
