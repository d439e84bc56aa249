//! What people would type.

use keydesk::{domain::customer::CustomerId, service::Service, store::sql::SqlStore};

use crate::shops::newest_id;

/// Words that many have or nobody has.
const COMMON: [&str; 10] = ["smith", "a", "k", "김", "민수", "gmail", "@mail.example", "xyzzy", "000000", "1 4"];

/// Two hundred things to type: of customers spread over the whole shop an address, a name, a
/// family name or the end of a phone number, and some words that many have or nobody has.
pub async fn of_the_shop(service: &Service<SqlStore>) -> Vec<String> {
    let newest = newest_id(service).await;
    let mut targets: Vec<String> = COMMON.map(str::to_owned).into();
    for n in 0.. {
        if targets.len() == 200 {
            break;
        }
        // A stride that is no multiple of anything the demo shop repeats by.
        let id = 1 + (n * newest / 190 + n * 7919) % newest;
        let Some(customer) = service.open(CustomerId(id)).await.unwrap() else { continue };
        let target: String = match n % 5 {
            0 | 1 => customer.email.to_string(),
            2 => customer.name.to_string(),
            3 => customer.name.as_str().rsplit(' ').next().unwrap_or_default().to_owned(),
            _ => customer.phone.as_str().chars().rev().take(7).collect::<Vec<_>>().into_iter().rev().collect(),
        };
        if !target.is_empty() {
            targets.push(target);
        }
    }
    targets
}
