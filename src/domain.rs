//! What the business knows: values and rules, without a database, a terminal, a clock or dice.
//!
//! Times arrive as arguments, randomness as bytes; everything here can be tested by calling it.

pub mod access_token;
pub mod audit;
pub mod audit_query;
pub mod backup;
pub mod check;
pub mod command;
pub mod copy;
pub mod customer;
pub mod customer_file;
pub mod customer_token;
pub mod database;
pub mod email;
pub mod find;
pub mod integration;
pub mod magento_hash;
pub mod mail_retry;
pub mod mail_state;
pub mod name;
pub mod operation;
pub mod operator;
pub mod outbox;
pub mod password;
pub mod phone;
pub mod query;
pub mod refusal;
pub mod reset;
pub mod safe_text;
pub mod search_text;
pub mod server_address;
pub mod sign_in;
pub mod storefront;
pub mod throttle;
pub mod time_text;
pub mod website;
