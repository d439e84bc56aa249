//! What customers do themselves.

mod redeem;
pub(super) mod requests;
mod sessions;
mod sign_in;

use jiff::Timestamp;

use super::{SqlStore, connection::Row};
use crate::{
    domain::{
        command::Asked,
        customer::CustomerId,
        customer_token::CustomerToken,
        name::PersonName,
        refusal::Refusal,
        storefront::{
            Account, Counted, LinkHolder, PasswordSet, RedeemReset, RequestId, RequestReset, SignIn, SignInAttempt,
            WaitingRequest,
        },
        website::{GroupId, WebsiteId},
    },
    store::{ActionResult, StoreResult, Storefront},
};

/// Columns of an [`Account`].
macro_rules! account_columns {
    () => {
        "c.id AS customer_id, c.website_id, c.group_id, c.email, c.first_name, c.middle_name, c.last_name, \
         c.created_at AS customer_since"
    };
}
pub(super) use account_columns;

/// Reads [`account_columns`].
pub(super) fn account(row: &Row) -> StoreResult<Account> {
    Ok(Account {
        customer: CustomerId(row.int("customer_id")?),
        website: WebsiteId(row.int("website_id")?),
        group: GroupId(row.int("group_id")?),
        name: PersonName {
            first: row.text("first_name")?,
            middle: row.text("middle_name")?,
            last: row.text("last_name")?,
        },
        email: row.text("email")?,
        created_at: row.time("customer_since")?,
    })
}

impl Storefront for SqlStore {
    async fn request_reset(&self, request: &RequestReset) -> ActionResult<RequestId> {
        requests::write_down(self, request).await
    }

    async fn waiting_requests(&self, limit: u32) -> StoreResult<Vec<WaitingRequest>> {
        requests::waiting(self, limit).await
    }

    async fn close_request(
        &self,
        request: RequestId,
        customer: Option<(CustomerId, &Refusal)>,
        asked: &Asked,
    ) -> StoreResult<()> {
        requests::close(self, request, customer, asked).await
    }

    async fn link_holder(&self, token: &CustomerToken, now: Timestamp) -> StoreResult<Option<LinkHolder>> {
        redeem::holder(self, token, now).await
    }

    async fn redeem_reset(&self, redeem: &RedeemReset) -> ActionResult<PasswordSet> {
        self.act(redeem).await
    }

    async fn count_sign_in(&self, attempt: &SignInAttempt) -> StoreResult<Counted> {
        sign_in::count(self, attempt).await
    }

    async fn complete_sign_in(&self, sign_in: &SignIn) -> StoreResult<bool> {
        sign_in::complete(self, sign_in).await
    }

    async fn session_holder(&self, session: &CustomerToken, now: Timestamp) -> StoreResult<Option<Account>> {
        sessions::holder(self, session, now).await
    }

    async fn end_session(&self, session: &CustomerToken, now: Timestamp) -> StoreResult<()> {
        sessions::end(self, session, now).await
    }

    async fn sweep(&self, now: Timestamp) -> StoreResult<u64> {
        sessions::sweep(self, now).await
    }
}
