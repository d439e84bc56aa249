//! keydesk: the terminal console with which shop support gives customers their accounts back, and
//! the storefront where customers take them back.
//!
//! ```text
//! domain  <-  store  <-  service  <-  { tui, cli, web }   "<-" = is imported by
//! domain  <-  mail   <-  service                           app sees all; nobody imports app
//! domain  <-  texts  <-  { config, tui, cli, web, mail }
//! ```
//!
//! * [`domain`]: values and rules; pure.
//! * [`store`]: what a database must do, as traits, and the databases that do it.
//! * [`mail`]: making a mail and handing it over.
//! * [`service`]: the use cases, over any store.
//! * [`texts`]: what people read, in their language.
//! * [`config`]: what the shop decided, from file, environment and flags.
//! * [`tui`]: the console.
//! * [`cli`]: the commands, the headless twin of the console.
//! * [`web`]: the storefront, for customers' browsers and integrations.
//! * [`demo`]: a made-up shop of any size.
//! * [`app`]: puts them together.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod mail;
pub mod service;
pub mod store;
pub mod texts;
pub mod tui;
pub mod web;
