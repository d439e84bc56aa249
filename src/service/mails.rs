//! Mails and their queue, as staff look at them.

use crate::{
    domain::{
        mail_state::MailId,
        outbox::{MailLine, MailText, QueueState},
        reset::dotted_link,
        safe_text::SafeText,
        time_text,
    },
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

    /// What a mail says, with the secret of its link dotted; none when there is no such mail.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mail_text(&self, id: MailId) -> StoreResult<Option<MailText>> {
        let mail = self.store.mail(id, self.clock.now()).await?;
        Ok(mail.map(|mail| {
            let website = self.rules.website(mail.website);
            let sender = website.sender_email.map(|email| email.to_string()).unwrap_or_default();
            let link = dotted_link(website.base_url.as_deref().unwrap_or_default(), mail.customer);
            let lines = [
                format!("Queued {}", time_text::second(mail.created_at)),
                format!("State  {}", mail.state.word()),
                format!("Link   {link}"),
            ];
            MailText {
                from: SafeText::new(&format!("{} <{sender}>", website.sender_name)),
                to: mail.to,
                subject: SafeText::new("Reset your password"),
                lines: lines.iter().map(|line| SafeText::new(line)).collect(),
            }
        }))
    }
}
