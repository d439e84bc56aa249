//! What customers do themselves.

use jiff::Timestamp;

use super::SqlStore;
use crate::{
    domain::{
        command::Asked,
        customer::CustomerId,
        customer_token::CustomerToken,
        refusal::Refusal,
        storefront::{
            Account, Credentials, LinkHolder, PasswordSet, RedeemReset, RequestId, RequestReset, SignIn, SignInAttempt,
            WaitingRequest,
        },
    },
    store::{ActionResult, StoreError, StoreResult, Storefront},
};

fn later() -> StoreError {
    StoreError::Other("not built yet".to_owned())
}

impl Storefront for SqlStore {
    async fn request_reset(&self, _request: &RequestReset) -> ActionResult<RequestId> {
        Err(later())
    }

    async fn waiting_requests(&self, _limit: u32) -> StoreResult<Vec<WaitingRequest>> {
        Err(later())
    }

    async fn close_request(
        &self,
        _request: RequestId,
        _customer: Option<(CustomerId, &Refusal)>,
        _asked: &Asked,
    ) -> StoreResult<()> {
        Err(later())
    }

    async fn link_holder(&self, _token: &CustomerToken, _now: Timestamp) -> StoreResult<Option<LinkHolder>> {
        Err(later())
    }

    async fn redeem_reset(&self, _redeem: &RedeemReset) -> ActionResult<PasswordSet> {
        Err(later())
    }

    async fn count_sign_in(&self, _attempt: &SignInAttempt) -> StoreResult<Option<Credentials>> {
        Err(later())
    }

    async fn complete_sign_in(&self, _sign_in: &SignIn) -> StoreResult<bool> {
        Err(later())
    }

    async fn session_holder(&self, _session: &CustomerToken, _now: Timestamp) -> StoreResult<Option<Account>> {
        Err(later())
    }

    async fn end_session(&self, _session: &CustomerToken, _now: Timestamp) -> StoreResult<()> {
        Err(later())
    }

    async fn sweep(&self, _now: Timestamp) -> StoreResult<u64> {
        Err(later())
    }
}
