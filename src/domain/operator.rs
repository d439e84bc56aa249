//! Who sits at the keyboard.

use crate::domain::safe_text::SafeText;

/// The person an action is written down for, such as `mina` or `SHA256:9f3aX...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(SafeText);

impl Operator {
    /// Takes a name; none when nothing readable is left of it.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = SafeText::new(name.trim());
        (!name.is_empty()).then_some(Self(name))
    }

    /// The customer, who did something on the storefront.
    #[must_use]
    pub fn customer() -> Self {
        Self(SafeText::new("customer"))
    }

    /// The program that delivers mails.
    #[must_use]
    pub fn mail_worker() -> Self {
        Self(SafeText::new("mail worker"))
    }

    /// An integration; which one stands in what is said of its action, so that none can be named
    /// like a person.
    #[must_use]
    pub fn integration() -> Self {
        Self(SafeText::new("integration"))
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &SafeText {
        &self.0
    }
}

/// The fingerprint of an OpenSSH public key line (`ssh-ed25519 AAAA... comment`), written as
/// `ssh-keygen -l` writes it: `SHA256:` and unpadded base64.
#[must_use]
pub fn key_fingerprint(line: &str) -> Option<String> {
    use sha2::{Digest, Sha256};
    let blob = line.split_ascii_whitespace().nth(1)?;
    let blob = data_encoding::BASE64.decode(blob.as_bytes()).ok().filter(|b| !b.is_empty())?;
    Some(format!("SHA256:{}", data_encoding::BASE64_NOPAD.encode(&Sha256::digest(blob))))
}

/// The key that opened an SSH session, from the text of the file that `SSH_USER_AUTH` names:
/// lines such as `publickey ssh-ed25519 AAAA...`. None unless exactly one key was used.
#[must_use]
pub fn key_of_session(auth_info: &str) -> Option<String> {
    let mut keys = auth_info.lines().filter_map(|line| line.strip_prefix("publickey ")).filter_map(key_fingerprint);
    let key = keys.next()?;
    keys.next().is_none().then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    #[test]
    fn fingerprints_like_ssh_keygen() {
        // github.com's host key, whose fingerprint GitHub publishes.
        assert_eq!(key_fingerprint(KEY).as_deref(), Some("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"));
        assert_eq!(key_fingerprint("ssh-ed25519"), None);
        assert_eq!(key_fingerprint("ssh-ed25519 %%%"), None);
    }

    #[test]
    fn two_keys_are_nobody() {
        assert!(key_of_session(&format!("publickey {KEY}\n")).is_some());
        assert_eq!(key_of_session(&format!("publickey {KEY}\npublickey {KEY}\n")), None);
        assert_eq!(key_of_session("password\n"), None);
    }

    #[test]
    fn an_operator_has_a_readable_name() {
        assert_eq!(Operator::new("  "), None);
        assert_eq!(Operator::new(" mina\u{1b} ").unwrap().name().as_str(), "mina<U+001B>");
    }
}
