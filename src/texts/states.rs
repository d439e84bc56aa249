//! States, kinds and actions of the domain in a word or two.

use super::Texts;
use crate::domain::{
    audit::{Action, ChainBreak},
    customer::Status,
    mail_state::MailState,
    outbox::MailKind,
    reset::LinkState,
};

impl Texts {
    /// Whether a customer can sign in.
    #[must_use]
    pub fn status(self, status: Status) -> String {
        match status {
            Status::Active => self.status_active(),
            Status::Unconfirmed => self.status_unconfirmed(),
            Status::Locked { .. } => self.status_locked(),
            Status::Disabled => self.status_disabled(),
        }
    }

    /// Where a mail stands.
    #[must_use]
    pub fn mail_state(self, state: MailState) -> String {
        match state {
            MailState::Queued => self.mail_queued(),
            MailState::Accepted => self.mail_accepted(),
            MailState::Refused => self.mail_refused(),
            MailState::Expired => self.mail_given_up(),
            MailState::Cancelled => self.mail_taken_back(),
            MailState::Superseded => self.mail_superseded(),
        }
    }

    /// What a mail is for, as a title.
    #[must_use]
    pub fn mail_kind(self, kind: MailKind) -> String {
        match kind {
            MailKind::Reset => self.mail_kind_reset(),
            MailKind::PasswordChanged => self.mail_kind_changed(),
        }
    }

    /// What a mail is called in a sentence.
    #[must_use]
    pub fn mail_noun(self, kind: MailKind) -> String {
        match kind {
            MailKind::Reset => self.mail_noun_reset(),
            MailKind::PasswordChanged => self.mail_noun_changed(),
        }
    }

    /// Where a link stands.
    #[must_use]
    pub fn link(self, link: LinkState) -> String {
        match link {
            LinkState::Pending => self.link_pending(),
            LinkState::Live { .. } => self.link_live(),
            LinkState::Used { .. } => self.link_used(),
            LinkState::Expired { .. } => self.link_expired(),
            LinkState::Cancelled { .. } => self.link_cancelled(),
            LinkState::Superseded { .. } => self.link_superseded(),
        }
    }

    /// What an action of the audit log is called; one of a newer keydesk, or of another program, by
    /// the word that is stored.
    #[must_use]
    pub fn audit_action(self, stored: &str) -> String {
        Action::from_word(stored).map_or_else(|| stored.to_owned(), |action| self.known_action(action))
    }

    fn known_action(self, action: Action) -> String {
        match action {
            Action::ResetStart => self.audit_reset_start(),
            Action::ResetUndo => self.audit_reset_undo(),
            Action::ResetCancel => self.audit_reset_cancel(),
            Action::ForceSignIn => self.audit_force_sign_in(),
            Action::MailAccepted => self.audit_mail_accepted(),
            Action::MailRefused => self.audit_mail_refused(),
            Action::MailExpired => self.audit_mail_expired(),
            Action::MailRetry => self.audit_mail_retry(),
            Action::CustomerAdd => self.audit_customer_add(),
            Action::CustomerChange => self.audit_customer_change(),
            Action::CustomerDelete => self.audit_customer_delete(),
            Action::CustomerUnlock => self.audit_customer_unlock(),
            Action::CustomerImport => self.audit_customer_import(),
            Action::CustomerExport => self.audit_customer_export(),
            Action::ResetNotSent => self.audit_reset_not_sent(),
            Action::PasswordSet => self.audit_password_set(),
            Action::CustomerLock => self.audit_customer_lock(),
            Action::TokenIssue => self.audit_token_issue(),
            Action::TokenRevoke => self.audit_token_revoke(),
            Action::IntegrationAdd => self.audit_integration_add(),
            Action::IntegrationRemove => self.audit_integration_remove(),
            Action::BackupMade => self.audit_backup_made(),
            Action::DatabaseRestored => self.audit_database_restored(),
            Action::DatabaseCopied => self.audit_database_copied(),
        }
    }

    /// Where the audit log does not hold.
    #[must_use]
    pub fn chain_break(self, at: &ChainBreak) -> String {
        match at {
            ChainBreak::Gap { expected } => self.chain_gap(expected),
            ChainBreak::Previous { seq } => self.chain_previous(seq),
            ChainBreak::Changed { seq } => self.chain_changed(seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_action_is_said_in_words_of_its_own_that_fit_their_column() {
        for texts in Texts::all() {
            let words = Action::ALL.map(|known| texts.audit_action(known.word()));
            for (known, said) in Action::ALL.iter().zip(&words) {
                assert!(said != known.word() && !said.starts_with(char::is_lowercase), "{said}");
                assert!(said.width() <= 16, "{said}");
                assert_eq!(words.iter().filter(|other| *other == said).count(), 1, "{said}");
            }
            assert_eq!(texts.audit_action("shop.new_thing"), "shop.new_thing");
        }
    }
}
