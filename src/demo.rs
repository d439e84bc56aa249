//! A demo shop of any size: websites, groups, integrations, customers and their access tokens.
//!
//! Nobody in it exists and no mail to it arrives anywhere: all addresses are in domains that are
//! reserved for examples. The same seed always gives the same shop, on every machine.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use crate::{
    domain::{
        access_token::{IntegrationId, NewAccessToken},
        customer::NewCustomer,
        email::EmailAddress,
        password::PasswordHash,
        website::{GroupId, NewWebsite, WebsiteId},
    },
    store::{Customers, Setup, StoreError, StoreResult},
};

mod contact;
mod dice;
mod hostile;
mod names;
pub mod people;
mod tokens;

pub use people::Person;
pub use tokens::Token;

/// Customers written at once. Memory holds one batch, however large the shop is.
const BATCH: u64 = 10_000;

/// Customers who have a password; of millions, nobody will sign in as the others, and the hashes
/// would be half of the database.
pub const WITH_PASSWORD: u64 = 10_000;

/// Code, name, address, language and sender of each website. Browsers take every name below
/// `localhost` for this machine (RFC 6761, section 6.3) and trust it like https: a link of a demo
/// opens in `keydesk serve` beside it.
const WEBSITES: [(&str, &str, &str, &str, &str, &str); 3] = [
    ("base", "Luma", "http://luma.localhost:8080", "en", "Luma Support", "support@luma.example"),
    ("kr", "Luma Korea", "http://kr.luma.localhost:8080", "ko", "Luma Korea Support", "support@kr.luma.example"),
    (
        "b2b",
        "Luma Business",
        "http://b2b.luma.localhost:8080",
        "en",
        "Luma Business Support",
        "support@b2b.luma.example",
    ),
];

const GROUPS: [&str; 4] = ["General", "Wholesale", "Retailer", "VIP"];

/// Which shop to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shop {
    /// How many customers it has.
    pub customers: u64,
    /// Decides who they are.
    pub seed: u64,
    /// The time that "two hours ago" and "in 57 minutes" are counted from.
    pub now: Timestamp,
}

/// Ids that the store gave to what customers belong to, in the order of the lists.
struct Ids {
    websites: Vec<WebsiteId>,
    groups: Vec<GroupId>,
    integrations: Vec<IntegrationId>,
}

/// What all batches are made from.
struct Plan {
    shop: Shop,
    ids: Ids,
    password_hash: Option<PasswordHash>,
}

/// Customers ready to be written, and in the same order their tokens.
struct Batch<S: Customers> {
    customers: S::Batch,
    tokens: Vec<Vec<Token>>,
}

/// Builds the shop in an empty store. The first [`WITH_PASSWORD`] customers all get the same
/// `password_hash`: one that is worth its name takes longer to compute than a thousand customers
/// take to write. `progress` hears, batch by batch, how many customers are written.
///
/// # Errors
/// When the store fails. What is written up to then stays.
pub async fn build<S: Setup + Customers + Clone + Send + 'static>(
    store: &S,
    shop: &Shop,
    password_hash: Option<PasswordHash>,
    mut progress: impl FnMut(u64),
) -> StoreResult<()> {
    let plan = Arc::new(Plan { shop: *shop, ids: set_up(store, shop.now).await?, password_hash });
    store.begin_bulk().await?;
    let mut next = make(store, &plan, 0);
    let mut done = 0;
    while done < shop.customers {
        let batch = next.await.map_err(|e| StoreError::Other(e.to_string()))??;
        done = shop.customers.min(done + BATCH);
        next = make(store, &plan, done);
        write(store, &plan.ids, batch).await?;
        progress(done);
    }
    store.finish_bulk().await
}

/// Makes the customers from number `from` on, on another thread: while these are made, those
/// before them are written.
fn make<S: Customers + Clone + Send + 'static>(
    store: &S,
    plan: &Arc<Plan>,
    from: u64,
) -> JoinHandle<StoreResult<Batch<S>>> {
    let (store, plan) = (store.clone(), plan.clone());
    tokio::task::spawn_blocking(move || {
        let numbers = from..plan.shop.customers.min(from + BATCH);
        let password_hash = plan.password_hash.as_ref().filter(|_| from < WITH_PASSWORD);
        let (mut customers, mut tokens) = (Vec::new(), Vec::new());
        for mut person in numbers.map(|number| people::customer(&plan.shop, number)) {
            tokens.push(std::mem::take(&mut person.tokens));
            customers.push(new_customer(&plan.ids, person, password_hash)?);
        }
        Ok(Batch { customers: store.batch(&customers), tokens })
    })
}

async fn set_up<S: Setup>(store: &S, now: Timestamp) -> StoreResult<Ids> {
    let mut ids = Ids { websites: Vec::new(), groups: Vec::new(), integrations: Vec::new() };
    for (code, name, base_url, language, sender_name, sender_email) in WEBSITES {
        let website = NewWebsite {
            code: code.to_owned(),
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            sender_name: sender_name.to_owned(),
            sender_email: Some(address(sender_email)?),
            language: language.to_owned(),
        };
        ids.websites.push(store.insert_website(&website).await?);
    }
    for name in GROUPS {
        ids.groups.push(store.insert_group(name).await?);
    }
    for (name, _) in tokens::INTEGRATIONS {
        ids.integrations.push(store.insert_integration(name, now).await?);
    }
    Ok(ids)
}

async fn write<S: Setup + Customers>(store: &S, ids: &Ids, batch: Batch<S>) -> StoreResult<()> {
    let customer_ids = store.insert_customers(batch.customers).await?;
    let mut new_tokens = Vec::new();
    for (customer, tokens) in customer_ids.into_iter().zip(batch.tokens) {
        for token in tokens {
            new_tokens.push(NewAccessToken {
                customer,
                integration: id_at(&ids.integrations, token.integration)?,
                digest: token.digest,
                scopes: token.scopes,
                created_at: token.created_at,
                last_used_at: token.last_used_at,
                expires_at: token.expires_at,
            });
        }
    }
    store.insert_tokens(&new_tokens).await
}

fn new_customer(ids: &Ids, person: Person, password_hash: Option<&PasswordHash>) -> StoreResult<NewCustomer> {
    Ok(NewCustomer {
        website: id_at(&ids.websites, person.website)?,
        group: id_at(&ids.groups, person.group)?,
        name: person.name,
        email: address(&person.email)?,
        phone: person.phone,
        password_hash: password_hash.cloned(),
        active: person.active,
        confirmed: person.confirmed,
        failed_sign_ins: person.failed_sign_ins,
        locked_until: person.locked_until,
        created_at: person.created_at,
        last_sign_in_at: person.last_sign_in_at,
        attributes: None,
    })
}

// Neither of these fails for the data of this module, as its tests show.

fn id_at<T: Copy>(ids: &[T], place: usize) -> StoreResult<T> {
    ids.get(place).copied().ok_or_else(|| StoreError::Other("the demo shop has no such place".to_owned()))
}

fn address(text: &str) -> StoreResult<EmailAddress> {
    EmailAddress::parse(text).map_err(|problem| StoreError::Other(format!("{text}: {problem}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_can_send() {
        for (.., sender) in WEBSITES {
            address(sender).unwrap();
        }
    }
}
