//! The mails: the one that brings a reset link, and the notice that a password was changed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, UNIX_EPOCH},
};

use jiff::Timestamp;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    domain::{email::EmailAddress, safe_text::SafeText, website::Website},
    mail::words::{ChangedMail, ResetMail, Words, moment},
    texts::Texts,
};

/// Longest left part of a Message-ID, in bytes; it is also a file name in a Maildir.
const MAX_MESSAGE_ID: usize = 100;
/// Longest line of a mail, in bytes without its line end (RFC 5322, 2.1.1).
const MAX_LINE: usize = 998;

/// What a mail is about.
#[derive(Clone, Debug)]
pub enum Letter {
    /// A link to choose a new password with.
    Reset {
        /// The link, with its secret; dotted where it is only shown.
        link: SecretString,
        /// When the link stops working.
        expires_at: Timestamp,
        /// Whether an operator asked, not the customer on the storefront.
        from_console: bool,
    },
    /// The password was changed. Says where to choose another one, and holds no secret.
    PasswordChanged {
        /// When.
        at: Timestamp,
    },
}

/// What a mail is made of. The same fields always make the same bytes.
///
/// The customer's name is not among them, on purpose: whoever chooses a name would write into a
/// mail that the shop signs ("Ann, you won, call 555..."). Nothing that customers type is in any
/// header either but the bare address in To.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Left part of the Message-ID: 1 to 100 ASCII letters, digits, `.`, `-`, `_`. The right part
    /// is the sender's domain.
    pub message_id: String,
    /// When it was queued: the Date of the mail.
    pub created_at: Timestamp,
    /// Sender, name, language, and where links point to.
    pub website: Website,
    /// Where to: the address as stored.
    pub to: EmailAddress,
    /// What it is about.
    pub letter: Letter,
}

/// A mail, ready to be handed over: 7-bit lines of at most 998 bytes that end in CR LF.
///
/// The bytes may hold a link's secret and stay out of Debug.
#[derive(Clone, Debug)]
pub struct RenderedMail {
    message_id: String,
    from: EmailAddress,
    to: EmailAddress,
    token: Option<SecretString>,
    bytes: SecretSlice<u8>,
}

impl RenderedMail {
    /// Left part of its Message-ID.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// Who it comes from, on the envelope and in From.
    #[must_use]
    pub const fn from(&self) -> &EmailAddress {
        &self.from
    }

    /// Who it goes to, on the envelope and in To.
    #[must_use]
    pub const fn to(&self) -> &EmailAddress {
        &self.to
    }

    /// The secret of its link, if it has one.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(ExposeSecret::expose_secret)
    }

    /// Headers and body. They may hold a link: not for logs, screens or staff.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.expose_secret()
    }
}

/// Why a mail cannot be made. Trying again does not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The website has no sender.
    #[error("the website {0} has no sender address; set one up before its customers can get mail")]
    NoSender(SafeText),
    /// The website has no address that links point to.
    #[error("the website {0} has no address that links point to; set one up before its customers can get mail")]
    NoBaseUrl(SafeText),
    /// The Message-ID is empty, too long, or holds characters that are not allowed.
    #[error("the mail's id is not 1 to 100 letters, digits, dots, dashes and underscores")]
    MessageId,
    /// The mail is dated before 1970.
    #[error("the mail is dated before 1970; check the clock of this machine")]
    Date,
    /// The mail library refuses the fields.
    #[error("the mail could not be built: {0}")]
    Build(String),
    /// The finished mail would not survive transport: a stray line end, a line that is too long,
    /// or bytes above 127.
    #[error("the mail was built in a form that relays may misread, so it is not sent")]
    Bytes,
}

impl Letter {
    /// The secret of its link: what stands behind the customer's id.
    fn token(&self) -> Option<SecretString> {
        match self {
            Self::Reset { link, .. } => link.expose_secret().rsplit('.').next().map(Into::into),
            Self::PasswordChanged { .. } => None,
        }
    }
}

impl Mail {
    /// Makes the mail.
    ///
    /// # Errors
    /// When the website has no sender or no address that links point to, or a field cannot be written into a mail.
    pub fn render(&self) -> Result<RenderedMail, RenderError> {
        let id_ok = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-' || b == b'_';
        let id = self.message_id.as_str();
        // Dots at the edge or in a row are no valid Message-ID, and one in front hides a file.
        if id.len() > MAX_MESSAGE_ID || id.split('.').any(str::is_empty) || !id.bytes().all(id_ok) {
            return Err(RenderError::MessageId);
        }
        let from = sender(&self.website)?;
        let words = words(&self.website, &self.to, &self.letter)?;
        // lettre panics on display names that it did not foresee. None that gets here is known
        // to do that; if there is one, it must cost this mail and not the worker.
        let bytes = catch_unwind(AssertUnwindSafe(|| self.build(from, words)))
            .unwrap_or_else(|_| Err(RenderError::Build("the mail library gave up on its fields".to_owned())))?;
        if !fit_for_transport(&bytes) {
            return Err(RenderError::Bytes);
        }
        Ok(RenderedMail {
            message_id: self.message_id.clone(),
            from: from.clone(),
            to: self.to.clone(),
            token: self.letter.token(),
            bytes: bytes.into(),
        })
    }

    fn build(&self, from: &EmailAddress, words: Words) -> Result<Vec<u8>, RenderError> {
        let domain = from.as_str().split_once('@').map_or("", |(_, domain)| domain);
        let (from, to) = (address(from)?, address(&self.to)?);
        let seconds = u64::try_from(self.created_at.as_second()).map_err(|_| RenderError::Date)?;
        // Given here because lettre would read it back out of its own headers.
        let envelope = Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(|e| build_error(&e))?;
        let message = Message::builder()
            .envelope(envelope)
            .from(Mailbox::new(display_name(&self.website), from))
            .to(Mailbox::new(None, to))
            .subject(words.subject)
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{}@{domain}>", self.message_id)))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(alternative(&self.message_id, words.text, words.html))
            .map_err(|e| build_error(&e))?;
        Ok(message.formatted())
    }
}

/// Text first, HTML second. lettre's boundary is random; this one is the same on every try.
fn alternative(message_id: &str, text: String, html: String) -> MultiPart {
    let boundary = data_encoding::HEXLOWER.encode(&Sha256::digest(message_id));
    MultiPart::alternative().boundary(boundary).singlepart(SinglePart::plain(text)).singlepart(SinglePart::html(html))
}

/// lettre quotes a name that holds a space, but not `Luma.example`, although words with dots must
/// be quoted (RFC 5322, 3.2.5).
fn display_name(website: &Website) -> Option<String> {
    let mut name = website.sender_name.to_string();
    if name.contains('.') && !name.contains(' ') {
        name.push(' ');
    }
    Some(name).filter(|name| !name.is_empty())
}

fn address(email: &EmailAddress) -> Result<Address, RenderError> {
    email.as_str().parse().map_err(|e| build_error(&e))
}

fn build_error(error: &dyn std::error::Error) -> RenderError {
    RenderError::Build(error.to_string())
}

fn sender(website: &Website) -> Result<&EmailAddress, RenderError> {
    website.sender_email.as_ref().ok_or_else(|| RenderError::NoSender(website.name.clone()))
}

/// Where the website's pages are.
fn base_url(website: &Website) -> Result<&str, RenderError> {
    website.base_url.as_deref().ok_or_else(|| RenderError::NoBaseUrl(website.name.clone()))
}

/// What the mail says, in the language of the website.
fn words(website: &Website, to: &EmailAddress, letter: &Letter) -> Result<Words, RenderError> {
    let texts = Texts::of(&website.language);
    let (name, account) = (website.name.as_str(), to.as_str());
    let words = match letter {
        Letter::Reset { link, expires_at, from_console } => {
            let (link, until) = (link.expose_secret(), moment(texts, *expires_at));
            ResetMail { texts, website: name, account, link, until: &until, from_console: *from_console }.words()
        }
        Letter::PasswordChanged { at } => {
            let forgot = format!("{}/forgot", base_url(website)?.trim_end_matches('/'));
            ChangedMail { texts, website: name, account, at: &moment(texts, *at), forgot: &forgot }.words()
        }
    };
    words.map_err(|e| build_error(&e))
}

/// A lone CR or LF can end a mail early or start a second one in relays that read it as a line
/// end. lettre 0.11.23 lets them through in some bodies; ours are built in another way, and this
/// proves it for each mail.
fn fit_for_transport(bytes: &[u8]) -> bool {
    let Some(lines) = bytes.strip_suffix(b"\n") else { return false };
    lines.split(|b| *b == b'\n').all(|line| {
        line.strip_suffix(b"\r").is_some_and(|line| line.len() <= MAX_LINE && line.is_ascii() && !line.contains(&b'\r'))
    })
}

/// A mail as staff see it: everything but the secret in the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPreview {
    /// Name and address of the sender.
    pub from: String,
    /// Where to.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The host that the link points to.
    pub link_host: String,
    /// Language of the texts; `en` when the website's has none.
    pub language: &'static str,
    /// The plain text, dots in place of a token.
    pub text: String,
}

/// Shows the mail that [`Mail::render`] would make, word for word. The link of a reset is given
/// to it without its secret, as [`dotted_link`](crate::domain::reset::dotted_link) writes it.
///
/// # Errors
/// When the website has no sender or no address that links point to.
pub fn preview(website: &Website, to: &EmailAddress, letter: &Letter) -> Result<MailPreview, RenderError> {
    let from = sender(website)?;
    let base_url = base_url(website)?;
    let words = words(website, to, letter)?;
    let language = Texts::of(&website.language).code();
    let from =
        if website.sender_name.is_empty() { from.to_string() } else { format!("{} <{from}>", website.sender_name) };
    let behind_scheme = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let link_host = behind_scheme.split('/').next().unwrap_or_default().to_owned();
    Ok(MailPreview { from, to: to.to_string(), subject: words.subject, link_host, language, text: words.text })
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use tests::sample;
