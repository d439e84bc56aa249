//! Mails and their queue, as staff look at them.

use jiff::Timestamp;

use crate::{
    domain::{
        email::EmailAddress,
        mail_state::MailId,
        outbox::{MailLine, MailText, QueueState},
        reset::LinkState,
        safe_text::SafeText,
    },
    mail::render::{ResetMailPreview, preview},
    service::Service,
    store::{Store, StoreResult},
};

impl<S: Store> Service<S> {
    /// Mails, newest first, older than `before`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mails(&self, before: Option<MailId>, limit: u32) -> StoreResult<Vec<MailLine>> {
        self.store.mails(before, limit, self.clock.now()).await
    }

    /// How the queue of mails stands.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn queue(&self) -> StoreResult<QueueState> {
        self.store.queue(self.clock.now()).await
    }

    /// What a mail says, word for word, with the secret of its link dotted; none when there is
    /// no such mail.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mail_text(&self, id: MailId) -> StoreResult<Option<MailText>> {
        let mail = self.store.mail(id, self.clock.now()).await?;
        Ok(mail.map(|mail| self.text_of(mail)))
    }

    fn text_of(&self, mail: MailLine) -> MailText {
        // Until the mail is made, its link's life has not begun: shown as if it left on time.
        let expires_at = match mail.link {
            LinkState::Live { until } | LinkState::Expired { at: until } => until,
            _ => mail.not_before.saturating_add(self.rules.reset.link_life).unwrap_or(Timestamp::MAX),
        };
        let website = self.rules.website(mail.website);
        let preview = EmailAddress::parse(mail.to.as_str()).map_err(|e| e.to_string()).and_then(|to| {
            let mail =
                ResetMailPreview { website, customer: mail.customer, to, expires_at, from_console: mail.from_console };
            preview(&mail).map_err(|e| e.to_string())
        });
        match preview {
            Ok(preview) => MailText {
                from: SafeText::new(&preview.from),
                to: mail.to,
                subject: SafeText::new(&preview.subject),
                lines: preview.text.lines().map(SafeText::new).collect(),
            },
            Err(why) => MailText {
                from: SafeText::default(),
                to: mail.to,
                subject: SafeText::default(),
                lines: vec![SafeText::new(&format!("This mail cannot be made: {why}."))],
            },
        }
    }
}
