//! Handing a mail over, and saying truthfully what came of it.

pub mod maildir;
mod memory;
mod sendmail;
mod smtp;
mod wire;

use std::time::Duration;

pub use self::{maildir::Maildir, memory::Memory, sendmail::Sendmail, smtp::Smtp};
use crate::{
    domain::mail_state::SendResult,
    mail::{render::RenderedMail, url::MailUrl},
};

/// A relay that repeats so many characters of a secret gave it away.
const TELLING: usize = 12;
/// Longest answer of a relay that is kept, in characters.
const MAX_ANSWER: usize = 500;

/// A way to hand mails over. Clones share it; Debug shows no password.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A relay, over the network.
    Smtp(Smtp),
    /// A program of this machine.
    Sendmail(Sendmail),
    /// A folder of mails.
    Maildir(Maildir),
    /// A list in memory, for tests.
    Memory(Memory),
}

/// Why mails cannot be handed over in the way that is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// A user without a password.
    #[error("the mail URL names a user but no password; put it into the password file or behind the user's name")]
    NoPassword,
    /// The machine's root certificates or the relay's name cannot be used for TLS.
    #[error("encryption to the mail relay could not be set up: {0}")]
    Tls(String),
}

impl Transport {
    /// Prepares the way that `url` describes, without connecting. One try to hand a mail over
    /// takes no longer than `deadline`, whatever the other side does.
    ///
    /// # Errors
    /// When a password is missing or TLS cannot be set up.
    pub fn new(url: &MailUrl, deadline: Duration) -> Result<Self, TransportError> {
        Ok(match url {
            MailUrl::Smtp(smtp) => Self::Smtp(Smtp::new(smtp, deadline)?),
            MailUrl::Sendmail(program) => Self::Sendmail(Sendmail::new(program, deadline)),
            MailUrl::Maildir(folder) => Self::Maildir(Maildir::new(folder)),
        })
    }

    /// Hands `mail` over once. The texts of the result come from the other side, are cut to 500
    /// characters and not cleaned: they are not for a screen as they are. Those that repeat the
    /// link or the password, as filters do with what they reject, are not given back.
    ///
    /// A future that is dropped halfway may still have handed the mail over.
    pub async fn send(&self, mail: &RenderedMail) -> SendResult {
        let result = match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Sendmail(sendmail) => sendmail.send(mail).await,
            Self::Maildir(maildir) => maildir.send(mail).await,
            Self::Memory(memory) => memory.send(mail),
        };
        match mail.token() {
            Some(token) => result.map_text(|text| without_secret(text, token)),
            None => result,
        }
    }
}

impl Transport {
    /// Goes as far towards handing a mail over as can be gone without one, and says how far that
    /// was; in [`Transport::send`]'s words, not cleaned.
    ///
    /// # Errors
    /// What a mail would fail for.
    pub async fn probe(&self) -> Result<String, String> {
        match self {
            Self::Smtp(smtp) => smtp.probe().await,
            Self::Sendmail(sendmail) => sendmail.probe(),
            Self::Maildir(maildir) => maildir.probe(),
            Self::Memory(_) => Ok("mails are kept in memory".to_owned()),
        }
    }
}

/// What the other side said, on one line and not too long.
fn answer(text: &str) -> String {
    text.trim().chars().take(MAX_ANSWER).collect()
}

/// The text, or only its code when it repeats the secret or a telling piece of it.
fn without_secret(text: String, secret: &str) -> String {
    let repeats = |piece: &[u8]| text.as_bytes().windows(piece.len()).any(|heard| heard == piece);
    if secret.is_empty() || !secret.as_bytes().windows(TELLING.min(secret.len())).any(repeats) {
        return text;
    }
    let code = text.get(..3).filter(|code| code.bytes().all(|b| b.is_ascii_digit())).unwrap_or("no code");
    format!("{code} (the words are not kept: they repeat a secret)")
}

/// `no answer within 120 s`
fn no_answer(deadline: Duration) -> String {
    format!("no answer within {} s", deadline.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_repeat_a_secret_are_not_kept() {
        let secret = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
        let kept = |text: &str| without_secret(text.to_owned(), secret);
        assert_eq!(kept("554 spam: https://luma.example"), "554 spam: https://luma.example");
        let withheld = "554 (the words are not kept: they repeat a secret)";
        assert_eq!(kept(&format!("554 5.7.1 blocked: https://luma.example/r/3.{secret}")), withheld);
        assert_eq!(kept("554 5.7.1 line: 8SNFZ4kKvN7xI0="), withheld);
        assert_eq!(
            without_secret("535 p@ss?".to_owned(), "p@ss"),
            "535 (the words are not kept: they repeat a secret)"
        );
        assert_eq!(without_secret("250 ok".to_owned(), ""), "250 ok");
    }
}
