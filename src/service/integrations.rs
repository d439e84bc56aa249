//! Integrations: adding and removing them, and how they sign in.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    domain::{
        integration::{
            AddIntegration, Integration, IntegrationLogin, IntegrationRemoved, RemoveIntegration, StoredLogin,
        },
        refusal::Refusal,
        safe_text::SafeText,
    },
    service::{Request, Service},
    store::{ActionResult, Store, StoreResult},
};

impl<S: Store> Service<S> {
    /// Adds an integration and makes its key and secret. The secret is told this once.
    ///
    /// # Errors
    /// When the database fails; a name that is taken is the inner result.
    pub async fn add_integration(&self, name: &str, scopes: &str, request: Request) -> ActionResult<IntegrationLogin> {
        let key = data_encoding::HEXLOWER.encode(&self.entropy.bytes::<16>());
        let secret = SecretString::from(data_encoding::BASE64URL_NOPAD.encode(&self.entropy.bytes::<32>()));
        let add = AddIntegration {
            asked: self.asked(request),
            name: name.to_owned(),
            key: key.clone(),
            secret_digest: digest(&secret),
            scopes: scopes.to_owned(),
        };
        Ok(self.store.add_integration(&add).await?.map(|id| IntegrationLogin { id, key, secret }))
    }

    /// Those that were not removed, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn integrations(&self) -> StoreResult<Vec<Integration>> {
        self.store.integrations().await
    }

    /// Whether an integration of this name could be added now.
    ///
    /// # Errors
    /// When the database cannot be read; a name that is taken is the inner result.
    pub async fn plan_add_integration(&self, name: &str) -> ActionResult<()> {
        let taken = self.named(name).await?;
        Ok(taken.map_or(Ok(()), |_| Err(Refusal::IntegrationExists)))
    }

    /// The integration that would be removed.
    ///
    /// # Errors
    /// When the database cannot be read; an unknown name is the inner result.
    pub async fn plan_remove_integration(&self, name: &str) -> ActionResult<Integration> {
        Ok(self.named(name).await?.ok_or(Refusal::NoSuchIntegration))
    }

    async fn named(&self, name: &str) -> StoreResult<Option<Integration>> {
        let name = SafeText::new(name);
        Ok(self.store.integrations().await?.into_iter().find(|integration| integration.name == name))
    }

    /// Removes an integration; its tokens end with it.
    ///
    /// # Errors
    /// When the database fails; an unknown name is the inner result.
    pub async fn remove_integration(&self, name: &str, request: Request) -> ActionResult<IntegrationRemoved> {
        let remove = RemoveIntegration { asked: self.asked(request), name: name.to_owned() };
        self.store.remove_integration(&remove).await
    }

    /// The integration that signs in with this key and secret.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn integration(&self, key: &str, secret: &SecretString) -> StoreResult<Option<StoredLogin>> {
        let stored = self.store.integration_login(key).await?;
        let given = digest(secret);
        Ok(stored.filter(|stored| bool::from(stored.secret_digest.as_bytes().ct_eq(given.as_bytes()))))
    }
}

/// SHA-256 in hex: a secret of 256 bits needs nothing slower (ASVS 6.5.2).
fn digest(secret: &SecretString) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.expose_secret().as_bytes()))
}
