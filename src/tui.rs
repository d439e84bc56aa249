//! The console.
//!
//! ```text
//! key, reply, time -> Msg -> update(&mut Model) -> [Effect] -> runtime -> reply ...
//!                                    |
//!                                    +-> view(&Model) -> frame
//! ```
//!
//! [`update`] is pure: no input or output, no clock, no dice. [`runtime`], [`terminal`] and
//! [`input`] are the edge to the real world.

pub mod abilities;
pub mod command;
pub mod effect;
pub mod field;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod help;
pub mod input;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod paper;
mod performer;
pub mod runtime;
pub mod symbols;
pub mod terminal;
pub mod theme;
pub mod tour;
pub mod update;
pub mod view;
pub mod words;

pub use abilities::Abilities;
pub use runtime::{End, Options, TuiError, Worker, run, show};
pub use symbols::Symbols;
pub use theme::Theme;
