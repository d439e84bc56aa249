//! Mails that go nowhere.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{domain::mail_state::SendResult, mail::render::RenderedMail};

/// Takes every mail and keeps it. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<RenderedMail>>>);

impl Memory {
    /// What was sent so far, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<RenderedMail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn send(&self, mail: &RenderedMail) -> SendResult {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        SendResult::Accepted("250 2.0.0 kept in memory".to_owned())
    }
}
