//! Mails and their queue, as staff look at them.

use jiff::Timestamp;

use crate::{
    domain::{
        command::{CancelReset, MailRetried, ResetCancelled, RetryMail},
        email::EmailAddress,
        mail_retry::Standing,
        mail_state::MailId,
        outbox::{MailFilter, MailKind, MailLine, MailText, QueueState},
        refusal::Refusal,
        reset::{LinkState, dotted_link},
        safe_text::SafeText,
    },
    mail::render::{Letter, MailPreview, preview},
    service::{Request, Service},
    store::{ActionResult, Store, StoreResult},
};

impl<S: Store> Service<S> {
    /// Mails that fit a filter, newest first, older than `before`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mails(&self, filter: MailFilter, before: Option<MailId>, limit: u32) -> StoreResult<Vec<MailLine>> {
        self.store.mails(filter, before, limit, self.clock.now()).await
    }

    /// One mail; none when there is no such mail.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mail(&self, id: MailId) -> StoreResult<Option<MailLine>> {
        self.store.mail(id, self.clock.now()).await
    }

    /// Queues a mail again for now: the same mail with the same link.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn retry_mail(&self, mail: MailId, request: Request) -> ActionResult<MailRetried> {
        self.store.retry_mail(&RetryMail { asked: self.asked(request), mail }).await
    }

    /// The mail that [`Service::retry_mail`] would queue again now, without doing it.
    ///
    /// # Errors
    /// When the database cannot be read; a rule that says no is the inner result.
    pub async fn plan_retry(&self, mail: MailId) -> ActionResult<MailLine> {
        let Some(mail) = self.mail(mail).await? else { return Ok(Err(Refusal::NoSuchMail)) };
        if self.open(mail.customer).await?.is_none() {
            return Ok(Err(Refusal::NoSuchCustomer));
        }
        let queue_rests = self.queue().await?.stopped.is_some();
        let standing = Standing { queue_rests, ..Standing::from(&mail) };
        Ok(standing.check(self.clock.now()).map(|()| mail).map_err(Refusal::NotRetried))
    }

    /// Takes back the reset that a mail belongs to: wholly while the mail is held, else its link
    /// stops working. A notice is not taken back: whoever got hold of an account, or of a desk,
    /// must not keep it from the account's owner.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn cancel_mail(&self, mail: MailId, request: Request) -> ActionResult<ResetCancelled> {
        let Some(mail) = self.mail(mail).await? else { return Ok(Err(Refusal::NoSuchMail)) };
        if mail.kind == MailKind::PasswordChanged {
            return Ok(Err(Refusal::NoticeStays));
        }
        let (asked, customer) = (self.asked(request), mail.customer);
        self.store.cancel_reset(&CancelReset { asked, customer, reset: Some(mail.reset), only_undo: false }).await
    }

    /// The mail that [`Service::cancel_mail`] would take back now, without doing it.
    ///
    /// # Errors
    /// When the database cannot be read; a rule that says no is the inner result.
    pub async fn plan_cancel_mail(&self, mail: MailId) -> ActionResult<MailLine> {
        let Some(mail) = self.mail(mail).await? else { return Ok(Err(Refusal::NoSuchMail)) };
        Ok(match mail.kind {
            MailKind::PasswordChanged => Err(Refusal::NoticeStays),
            MailKind::Reset if mail.link.is_live() => Ok(mail),
            MailKind::Reset => Err(Refusal::NothingToCancel),
        })
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
        let letter = self.letter_of(&mail);
        let website = self.rules.website(mail.website);
        let to = EmailAddress::parse(mail.to.as_str()).map_err(|e| e.to_string());
        let preview = to.and_then(|to| preview(&website, &to, &letter).map_err(|e| e.to_string()));
        preview.map_or_else(
            |why| MailText {
                from: SafeText::default(),
                to: mail.to,
                link_host: SafeText::default(),
                language: SafeText::default(),
                subject: SafeText::default(),
                lines: vec![SafeText::new(&format!("This mail cannot be made: {why}."))],
            },
            |preview| shown(&preview),
        )
    }

    fn letter_of(&self, mail: &MailLine) -> Letter {
        if mail.kind == MailKind::PasswordChanged {
            return Letter::PasswordChanged { at: mail.created_at };
        }
        // Until the mail is made, its link's life has not begun: shown as if it left on time.
        let expires_at = match mail.link {
            LinkState::Live { until } | LinkState::Expired { at: until } => until,
            _ => mail.not_before.saturating_add(self.rules.reset.link_life).unwrap_or(Timestamp::MAX),
        };
        let website = self.rules.website(mail.website.clone());
        let link = dotted_link(website.base_url.as_deref().unwrap_or_default(), mail.customer);
        Letter::Reset { link: link.into(), expires_at, from_console: mail.from_console }
    }
}

/// A preview as it may go to a screen.
pub(super) fn shown(preview: &MailPreview) -> MailText {
    MailText {
        from: SafeText::new(&preview.from),
        to: SafeText::new(&preview.to),
        link_host: SafeText::new(&preview.link_host),
        language: preview.language.into(),
        subject: SafeText::new(&preview.subject),
        lines: preview.text.lines().map(SafeText::new).collect(),
    }
}
