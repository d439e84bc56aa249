//! What the mails say, and how they are handed to a relay.
//!
//! A mail is built from fields each time it is tried ([`render`]) and never stored: the same
//! fields give the same bytes, so that a copy sent after a crash is the same mail. How to reach
//! the relay is one line of configuration ([`url`]); handing over is [`transport`].

pub mod render;
pub mod transport;
pub mod url;
mod words;
