//! Secrets that stand for one customer: the token of a link, of a browser session, of a web API.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::domain::customer::CustomerId;

/// Random bytes in a token: 256 bits, more than ASVS 7.2.3 and RFC 6750 ask for.
pub const TOKEN_LEN: usize = 32;
/// The same in base64url.
const TEXT_LEN: usize = 43;

/// A customer's id, a dot, and 256 bits in base64url. The id stands beside the secret so that a
/// distributed database finds it on one shard; the secret alone says that the holder may.
#[derive(Clone)]
pub struct CustomerToken {
    customer: CustomerId,
    secret: SecretString,
}

impl CustomerToken {
    /// A token for `customer` from fresh random bytes.
    #[must_use]
    pub fn new(customer: CustomerId, random: [u8; TOKEN_LEN]) -> Self {
        Self { customer, secret: BASE64URL_NOPAD.encode(&random).into() }
    }

    /// Reads what [`CustomerToken::text`] wrote, in exactly that form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (customer, secret) = text.split_once('.')?;
        Self::of(customer_id(customer)?, secret)
    }

    /// Puts together a customer and the part behind the dot.
    #[must_use]
    pub fn of(customer: CustomerId, secret: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?;
        (secret.len() == TEXT_LEN && bytes.len() == TOKEN_LEN).then(|| Self { customer, secret: secret.into() })
    }

    /// Whose it is, if it is genuine.
    #[must_use]
    pub const fn customer(&self) -> CustomerId {
        self.customer
    }

    /// What the database keeps: SHA-256 of the secret, in hex. The secret has 256 bits, so nothing
    /// slower is needed (ASVS 6.5.2).
    #[must_use]
    pub fn digest(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.secret.expose_secret().as_bytes()))
    }

    /// The token as it is handed out.
    #[must_use]
    pub fn text(&self) -> SecretString {
        format!("{}.{}", self.customer.0, self.secret.expose_secret()).into()
    }
}

impl fmt::Debug for CustomerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerToken({}, ..)", self.customer.0)
    }
}

/// A positive number without sign and zeros in front: one id has one spelling.
fn customer_id(text: &str) -> Option<CustomerId> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).map(CustomerId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_token_has_one_spelling() {
        let token = CustomerToken::new(CustomerId(48_210), [0xfb; TOKEN_LEN]);
        let text = token.text().expose_secret().to_owned();
        assert_eq!(text.len(), 6 + TEXT_LEN - 1 + 1);
        let read = CustomerToken::parse(&text).unwrap();
        assert_eq!((read.customer(), read.digest()), (token.customer(), token.digest()));
        let secret = text.split_once('.').unwrap().1;
        for bad in [
            format!("0{text}"),
            format!("+{text}"),
            format!("-{text}"),
            format!(" {text}"),
            format!("{text} "),
            format!("{text}="),
            format!("1.{}", secret.get(1..).unwrap()),
            format!("0.{secret}"),
            format!("99999999999999999999.{secret}"),
            format!("1.{}", secret.replace('-', "+")),
            // The last character's two spare bits are not zero.
            format!("1.{}9", secret.get(..42).unwrap()),
            secret.to_owned(),
            String::new(),
            ".".to_owned(),
        ] {
            assert!(CustomerToken::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn it_stays_out_of_debug() {
        let token = CustomerToken::new(CustomerId(1), [7; TOKEN_LEN]);
        let secret = token.text().expose_secret().split_once('.').unwrap().1.to_owned();
        assert!(!format!("{token:?}").contains(&secret));
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = CustomerToken::parse(&text);
        }
    }
}
