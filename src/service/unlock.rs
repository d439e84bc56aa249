//! Taking off the lock that too many wrong passwords put on.

use jiff::Timestamp;

use crate::{
    domain::{
        command::{Unlock, Unlocked},
        customer::{CustomerId, Version},
        refusal::Refusal,
    },
    service::{Request, Service},
    store::{ActionResult, Store},
};

/// What an unlock would take off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnlockPlan {
    /// When the lock would end by itself.
    pub until: Timestamp,
    /// Wrong passwords that would no longer count.
    pub failed_sign_ins: u32,
}

impl<S: Store> Service<S> {
    /// Lets a locked customer sign in again, and forgets the wrong passwords. `version` is the
    /// record as the operator saw it.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn unlock(
        &self,
        customer: CustomerId,
        version: Option<Version>,
        request: Request,
    ) -> ActionResult<Unlocked> {
        self.store.unlock(&Unlock { asked: self.asked(request), customer, version }).await
    }

    /// What [`Service::unlock`] would take off now, without doing it.
    ///
    /// # Errors
    /// When the database cannot be read; a rule that says no is the inner result.
    pub async fn plan_unlock(&self, customer: CustomerId) -> ActionResult<UnlockPlan> {
        let Some(record) = self.open(customer).await? else { return Ok(Err(Refusal::NoSuchCustomer)) };
        let plan = |until| UnlockPlan { until, failed_sign_ins: record.failed_sign_ins };
        Ok(record.locked_until.map(plan).ok_or(Refusal::NotLocked))
    }
}
