//! Resets that somebody asks for, before and after it is looked whose address it is.

use jiff::Timestamp;

use crate::{
    domain::{
        audit::Action,
        command::Asked,
        customer::CustomerId,
        refusal::Refusal,
        reset::ResetId,
        storefront::{RequestId, RequestReset, WaitingRequest},
        throttle::{self, Budget, WINDOW},
        website::WebsiteId,
    },
    store::{
        ActionResult, StoreError, StoreResult,
        sql::{
            SqlStore, audit,
            connection::{Connection, sql},
            database::{Held, again},
        },
    },
};

/// Writes a request down, if the limits allow it.
pub(super) async fn write_down(store: &SqlStore, request: &RequestReset) -> ActionResult<RequestId> {
    again(|| write_down_once(store, request)).await
}

async fn write_down_once(store: &SqlStore, request: &RequestReset) -> ActionResult<RequestId> {
    let mut tx = store.write().await?;
    // In one order, so that no two wait for each other.
    if let Some(network) = request.network.as_deref().filter(|_| request.limits.by_ip()) {
        tx.on().hold(Held::Count(network)).await?;
    }
    tx.on().hold(Held::Count(&request.address_digest)).await?;
    if let Some(blocked) = budget(tx.on(), request).await?.blocked {
        tx.roll_back().await?;
        return Ok(Err(Refusal::Throttled(blocked)));
    }
    let row = sql(
        "INSERT INTO reset_requests (address_digest, ip, website_id, address, requested_at) VALUES ($1, $2, $3, $4, $5) \
         RETURNING id",
    )
    .bind(request.address_digest.clone())
    .bind(request.network.clone())
    .bind(request.website.0)
    .bind(request.address.as_str().to_owned())
    .bind(request.at.as_microsecond());
    let id = row.fetch_one(tx.on()).await?.int("id")?;
    tx.commit().await?;
    Ok(Ok(RequestId(id)))
}

/// What is left of the requests for this address and from this network. What staff sent does not
/// count here: else the answer would say whether the address is some customer's.
async fn budget(connection: &mut Connection, request: &RequestReset) -> StoreResult<Budget> {
    let limits = request.limits;
    let since = request.at.saturating_sub(WINDOW.max(limits.min_interval));
    let since = since.map_err(|e| StoreError::Other(e.to_string()))?.as_microsecond();
    let mut times = Vec::new();
    if limits.by_customer() {
        let rows = sql("SELECT requested_at FROM reset_requests WHERE address_digest = $1 AND requested_at > $2");
        let rows = rows.bind(request.address_digest.clone()).bind(since).fetch_all(&mut *connection).await;
        times.extend(rows?);
    }
    if let Some(network) = request.network.clone().filter(|_| limits.by_ip()) {
        // Requests for the same address are counted above.
        let rows = sql(
            "SELECT requested_at FROM reset_requests WHERE ip = $1 AND requested_at > $2 AND NOT ($3 AND address_digest = $4)",
        );
        let rows = rows.bind(network).bind(since).bind(limits.by_customer()).bind(request.address_digest.clone());
        times.extend(rows.fetch_all(connection).await?);
    }
    let times = times.iter().map(|row| row.time("requested_at")).collect::<StoreResult<Vec<Timestamp>>>()?;
    Ok(throttle::budget(limits, &times, request.at))
}

/// Requests that nobody looked at, oldest first.
pub(super) async fn waiting(store: &SqlStore, limit: u32) -> StoreResult<Vec<WaitingRequest>> {
    let rows = sql(
        "SELECT id, address, ip, COALESCE(website_id, 0) AS website_id FROM reset_requests WHERE address IS NOT NULL \
         ORDER BY id LIMIT +$1",
    );
    let rows = rows.bind(i64::from(limit)).fetch_all(&mut store.read().await?).await?;
    rows.iter()
        .map(|row| {
            Ok(WaitingRequest {
                id: RequestId(row.int("id")?),
                address: row.text("address")?,
                network: row.maybe_text("ip")?,
                website: WebsiteId(row.int("website_id")?),
            })
        })
        .collect()
}

/// Ends a request that no reset came of.
pub(super) async fn close(
    store: &SqlStore,
    request: RequestId,
    customer: Option<(CustomerId, &Refusal)>,
    asked: &Asked,
) -> StoreResult<()> {
    again(|| async {
        let mut tx = store.write().await?;
        let end = sql("UPDATE reset_requests SET address = NULL WHERE id = $1 AND address IS NOT NULL");
        let ended = end.bind(request.0).execute(tx.on()).await?;
        if let Some((customer, refusal)) = customer.filter(|_| ended == 1) {
            let detail = format!("asked for on the sign-in page. {refusal}");
            audit::append(tx.on(), asked, Action::ResetNotSent, Some(customer), &detail).await?;
        }
        tx.commit().await
    })
    .await
}

/// Makes a request the customer's whose reset came of it: it counts in their budget, and the
/// address as it was typed is not kept.
pub(in crate::store::sql) async fn grant(
    connection: &mut Connection,
    request: RequestId,
    customer: CustomerId,
    reset: ResetId,
) -> StoreResult<()> {
    let grant = sql("UPDATE reset_requests SET customer_id = $2, reset_id = $3, address = NULL WHERE id = $1");
    let grant = grant.bind(request.0).bind(customer.0).bind(reset.0);
    grant.execute(connection).await.map(|_| ())
}
