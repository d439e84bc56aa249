//! Integrations.

use super::SqlStore;
use crate::{
    domain::{
        access_token::IntegrationId,
        integration::{AddIntegration, Integration, IntegrationRemoved, RemoveIntegration, StoredLogin},
    },
    store::{ActionResult, Integrations, StoreError, StoreResult},
};

fn later() -> StoreError {
    StoreError::Other("not built yet".to_owned())
}

impl Integrations for SqlStore {
    async fn add_integration(&self, _add: &AddIntegration) -> ActionResult<IntegrationId> {
        Err(later())
    }

    async fn integrations(&self) -> StoreResult<Vec<Integration>> {
        Err(later())
    }

    async fn remove_integration(&self, _remove: &RemoveIntegration) -> ActionResult<IntegrationRemoved> {
        Err(later())
    }

    async fn integration_login(&self, _key: &str) -> StoreResult<Option<StoredLogin>> {
        Err(later())
    }
}
