//! keydesk: the terminal console with which shop support gives customers their accounts back.
//!
//! ```text
//! domain  <-  store  <-  service  <-  { tui, cli }        "<-" = is imported by
//! domain  <-  mail   <-  service                           app sees all; nobody imports app
//! ```
//!
//! * [`domain`]: values and rules; pure.
//! * [`store`]: what a database must do, as traits, and the databases that do it.
//! * [`demo`]: a shop full of customers who do not exist.

pub mod clock;
pub mod demo;
pub mod domain;
pub mod store;
