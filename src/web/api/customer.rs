//! Whom an access token stands for.

use axum::{http::StatusCode, response::Response};
use serde_json::json;

use crate::{
    store::Store,
    web::{answer, problem::Problem, visit::Visit},
};

/// `GET /rest/V1/customers/me`
pub(in crate::web) async fn me<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let account = visit.bearer().await?.account;
    let facts = json!({
        "id": account.customer.0,
        "group_id": account.group.0,
        // As Magento writes times: UTC, without saying so.
        "created_at": account.created_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        "email": account.email,
        "firstname": account.name.first,
        "middlename": account.name.middle,
        "lastname": account.name.last,
        "website_id": account.website.0,
    });
    Ok(answer::json(StatusCode::OK, &facts))
}
