//! Reset Password: start, take back, cancel, and what it would do.

use jiff::Timestamp;

use crate::{
    domain::{
        command::{CancelReset, Origin, ResetCancelled, ResetQueued, StartReset},
        customer::{Customer, CustomerId, Version},
        email::EmailAddress,
        outbox::MailText,
        refusal::Refusal,
        reset::{NONCE_LEN, ResetId, dotted_link},
        throttle::Budget,
        website::Website,
    },
    mail::render::{Letter, preview},
    service::{Request, Service, mails},
    store::{ActionResult, Store},
};

/// What a reset would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetPlan {
    /// Where the mail would go.
    pub email: EmailAddress,
    /// Whose sender, link host and language it would have.
    pub website: Website,
    /// When it would leave.
    pub send_at: Timestamp,
    /// What is left of this hour's resets before it.
    pub budget: Budget,
    /// Whether a live link would stop working.
    pub supersedes: bool,
}

impl<S: Store> Service<S> {
    /// Queues a reset mail for a customer. `version` is the record as the operator saw it.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn start_reset(
        &self,
        customer: CustomerId,
        version: Option<Version>,
        request: Request,
    ) -> ActionResult<ResetQueued> {
        let nonce = self.entropy.bytes::<NONCE_LEN>().to_vec();
        let base_url = self.rules.base_url.clone();
        let (asked, origin) = (self.asked(request), Origin::Console);
        let start = StartReset { asked, customer, version, policy: self.rules.reset, base_url, nonce, origin };
        self.store.start_reset(&start).await
    }

    /// What [`Service::start_reset`] would do now, without doing it.
    ///
    /// # Errors
    /// When the database cannot be read; a rule that says no is the inner result.
    pub async fn plan_reset(&self, customer: CustomerId) -> ActionResult<ResetPlan> {
        let Some(record) = self.open(customer).await? else { return Ok(Err(Refusal::NoSuchCustomer)) };
        Ok(self.plan(record))
    }

    fn plan(&self, record: Customer) -> Result<ResetPlan, Refusal> {
        let now = self.clock.now();
        record.website.check_mails()?;
        let email = EmailAddress::parse(record.email.as_str()).map_err(|_| Refusal::EmailUnusable)?;
        match record.budget.blocked {
            Some(blocked) if blocked.next() > now => Err(Refusal::Throttled(blocked)),
            _ => Ok(ResetPlan {
                email,
                website: record.website,
                send_at: now.saturating_add(self.rules.reset.hold).unwrap_or(Timestamp::MAX),
                budget: record.budget,
                supersedes: record.last_reset.is_some_and(|reset| reset.link.is_live()),
            }),
        }
    }

    /// The mail that [`Service::start_reset`] would send now, word for word, with the secret of
    /// its link dotted. Limits do not matter to it, and nothing is written.
    ///
    /// # Errors
    /// When the database cannot be read; a mail that cannot be made is the inner result.
    pub async fn preview_reset(&self, customer: CustomerId) -> ActionResult<MailText> {
        let Some(record) = self.open(customer).await? else { return Ok(Err(Refusal::NoSuchCustomer)) };
        Ok(self.preview(&record))
    }

    fn preview(&self, record: &Customer) -> Result<MailText, Refusal> {
        record.website.check_mails()?;
        let to = EmailAddress::parse(record.email.as_str()).map_err(|_| Refusal::EmailUnusable)?;
        let website_code = record.website.code.clone();
        let made_at = self.clock.now().saturating_add(self.rules.reset.hold).unwrap_or(Timestamp::MAX);
        let expires_at = made_at.saturating_add(self.rules.reset.link_life).unwrap_or(Timestamp::MAX);
        let link = dotted_link(record.website.base_url.as_deref().unwrap_or_default(), record.id);
        let letter = Letter::Reset { link: link.into(), expires_at, from_console: true };
        preview(&record.website, &to, &letter)
            .map(|preview| mails::shown(&preview))
            .map_err(|_| Refusal::WebsiteIncomplete { website: website_code })
    }

    /// Takes back a reset whose mail is still held; refused once it has left.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn undo_reset(
        &self,
        customer: CustomerId,
        reset: ResetId,
        request: Request,
    ) -> ActionResult<ResetCancelled> {
        let asked = self.asked(request);
        self.store.cancel_reset(&CancelReset { asked, customer, reset: Some(reset), only_undo: true }).await
    }

    /// Cancels the newest reset: undone while its mail is held, else its link stops working.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn cancel_reset(&self, customer: CustomerId, request: Request) -> ActionResult<ResetCancelled> {
        let asked = self.asked(request);
        self.store.cancel_reset(&CancelReset { asked, customer, reset: None, only_undo: false }).await
    }

    /// What [`Service::cancel_reset`] would do now: the reset that it would cancel, and whether
    /// it would be undone wholly.
    ///
    /// # Errors
    /// When the database cannot be read; a rule that says no is the inner result.
    pub async fn plan_cancel(&self, customer: CustomerId) -> ActionResult<ResetId> {
        let Some(record) = self.open(customer).await? else { return Ok(Err(Refusal::NoSuchCustomer)) };
        Ok(record.last_reset.filter(|reset| reset.link.is_live()).map(|reset| reset.id).ok_or(Refusal::NothingToCancel))
    }
}
