//! "Forgot Your Password?": what anybody may ask for, and what comes of it.
//!
//! Asking writes down the request and nothing else, so that neither the answer nor its time says
//! whether the address belongs to anybody. Somebody looks at the requests a little later.

use std::net::IpAddr;

use crate::{
    domain::{
        command::{Asked, Origin, StartReset},
        customer::CustomerId,
        email::EmailAddress,
        operation::OpKey,
        operator::Operator,
        reset::{NONCE_LEN, TokenKey},
        storefront::{RequestId, RequestReset, WaitingRequest, network},
        website::WebsiteId,
    },
    service::{Request, Service},
    store::{ActionResult, Store, StoreResult},
};

/// Requests that are looked at in one go.
const BATCH: u32 = 100;

impl<S: Store> Service<S> {
    /// Writes down that somebody asks for a reset of this address. Counted by address and IP before
    /// anybody looks whose address it is.
    ///
    /// # Errors
    /// When the database fails; [`crate::domain::refusal::Refusal::Throttled`] is the inner result.
    pub async fn ask_for_reset(
        &self,
        website: WebsiteId,
        address: EmailAddress,
        from: Option<IpAddr>,
        key: &TokenKey,
    ) -> ActionResult<RequestId> {
        let request = RequestReset {
            at: self.clock.now(),
            address_digest: key.address_digest(&address),
            address,
            network: from.map(network),
            website,
            limits: self.rules.reset.limits,
        };
        self.store.request_reset(&request).await
    }

    /// Looks at the requests that wait, and queues a mail for each that is some customer's. Says
    /// how many it looked at.
    ///
    /// # Errors
    /// When the database fails; what was not looked at then still waits. One request that fails
    /// does not keep the others of its batch from being looked at.
    pub async fn answer_requests(&self) -> StoreResult<usize> {
        let mut answered = 0;
        loop {
            let waiting = self.store.waiting_requests(BATCH).await?;
            let mut failed = None;
            for request in &waiting {
                if let Err(error) = self.answer(request).await {
                    failed = failed.or(Some(error));
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
            answered += waiting.len();
            if waiting.len() < BATCH as usize {
                return Ok(answered);
            }
        }
    }

    async fn answer(&self, request: &WaitingRequest) -> StoreResult<()> {
        // Killed between its reset and its end, a request is not answered twice.
        let op_key = OpKey::of_request(request.id.0);
        let asked = self.asked(Request { by: Operator::customer(), reason: String::new(), op_key: Some(op_key) });
        let Some(customer) = self.customer_of(request).await? else {
            return self.store.close_request(request.id, None, &asked).await;
        };
        let start = self.storefront_reset(asked.clone(), customer, request);
        match self.store.start_reset(&start).await? {
            Ok(_) => Ok(()),
            Err(refusal) => self.store.close_request(request.id, Some((customer, &refusal)), &asked).await,
        }
    }

    async fn customer_of(&self, request: &WaitingRequest) -> StoreResult<Option<CustomerId>> {
        let websites = self.store.websites().await?;
        let website = websites.iter().find(|website| website.id == request.website);
        let Some(website) = website else { return Ok(None) };
        let found = self.store.by_email(&request.address, Some(website.code.as_str())).await?;
        Ok(found.first().map(|found| found.id))
    }

    fn storefront_reset(&self, asked: Asked, customer: CustomerId, request: &WaitingRequest) -> StartReset {
        let mut policy = self.rules.reset;
        // Held mails are for operators to take back; the customer waits for this one.
        policy.hold = jiff::SignedDuration::ZERO;
        StartReset {
            asked,
            customer,
            version: None,
            policy,
            base_url: self.rules.base_url.clone(),
            nonce: self.entropy.bytes::<NONCE_LEN>().to_vec(),
            origin: Origin::Storefront(request.clone()),
        }
    }
}
