//! keydesk: the terminal console with which shop support gives customers their accounts back.
//!
//! ```text
//! domain  <-  store  <-  service  <-  { tui, cli }        "<-" = is imported by
//! domain  <-  mail   <-  service                           app sees all; nobody imports app
//! ```
//!
//! * [`domain`]: values and rules; pure.
//! * [`store`]: what a database must do, as traits, and the databases that do it.
//! * [`mail`]: making a mail and handing it over.
//! * [`service`]: the use cases, over any store.
//! * [`tui`]: the console.

pub mod clock;
pub mod domain;
pub mod mail;
pub mod service;
pub mod store;
pub mod tui;
