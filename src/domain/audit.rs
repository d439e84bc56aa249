//! The audit log: who did what to whom and why, each entry sealed to the one before it.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::{customer::CustomerId, operator::Operator, safe_text::SafeText};

/// Separates an entry's hash from any other use of SHA-256 here (as RFC 9162, 2.1.1 does).
const LEAF: u8 = 0;

/// What the first entry is sealed to.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What an action is called in the log; stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A reset was queued.
    ResetStart,
    /// A reset was taken back before its mail left.
    ResetUndo,
    /// A live link was cancelled.
    ResetCancel,
    /// Tokens or sessions were ended.
    ForceSignIn,
    /// The relay's verdict on a mail.
    MailAccepted,
    /// The relay refused the recipient.
    MailRefused,
    /// The mail was given up.
    MailExpired,
    /// A mail was queued again by hand.
    MailRetry,
    /// A customer was added.
    CustomerAdd,
    /// A customer was changed.
    CustomerChange,
    /// A customer was deleted.
    CustomerDelete,
    /// A backup was made.
    BackupMade,
    /// The database was put back from a backup.
    DatabaseRestored,
    /// The shop was copied here from another database.
    DatabaseCopied,
    /// A customer's lock was taken off.
    CustomerUnlock,
    /// A file of customers was imported.
    CustomerImport,
    /// Customers were written to a file.
    CustomerExport,
    /// A customer asked for a reset and got no mail.
    ResetNotSent,
    /// A customer chose a new password with a link.
    PasswordSet,
    /// Too many wrong passwords locked a customer.
    CustomerLock,
    /// An integration obtained an access token for a customer.
    TokenIssue,
    /// An integration gave a customer's access tokens back.
    TokenRevoke,
    /// An integration was added.
    IntegrationAdd,
    /// An integration was removed.
    IntegrationRemove,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::ResetStart,
        Self::ResetUndo,
        Self::ResetCancel,
        Self::ForceSignIn,
        Self::MailAccepted,
        Self::MailRefused,
        Self::MailExpired,
        Self::MailRetry,
        Self::CustomerAdd,
        Self::CustomerChange,
        Self::CustomerDelete,
        Self::BackupMade,
        Self::DatabaseRestored,
        Self::DatabaseCopied,
        Self::CustomerUnlock,
        Self::CustomerImport,
        Self::CustomerExport,
        Self::ResetNotSent,
        Self::PasswordSet,
        Self::CustomerLock,
        Self::TokenIssue,
        Self::TokenRevoke,
        Self::IntegrationAdd,
        Self::IntegrationRemove,
    ];

    /// Reads a word of [`Action::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }

    /// The word stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ResetStart => "reset.start",
            Self::ResetUndo => "reset.undo",
            Self::ResetCancel => "reset.cancel",
            Self::ForceSignIn => "force_sign_in",
            Self::MailAccepted => "mail.accepted",
            Self::MailRefused => "mail.refused",
            Self::MailExpired => "mail.expired",
            Self::MailRetry => "mail.retry",
            Self::CustomerAdd => "customer.add",
            Self::CustomerChange => "customer.change",
            Self::CustomerDelete => "customer.delete",
            Self::BackupMade => "backup.made",
            Self::DatabaseRestored => "database.restored",
            Self::DatabaseCopied => "database.copied",
            Self::CustomerUnlock => "customer.unlock",
            Self::CustomerImport => "customer.import",
            Self::CustomerExport => "customer.export",
            Self::ResetNotSent => "reset.not_sent",
            Self::PasswordSet => "password.set",
            Self::CustomerLock => "customer.lock",
            Self::TokenIssue => "token.issue",
            Self::TokenRevoke => "token.revoke",
            Self::IntegrationAdd => "integration.add",
            Self::IntegrationRemove => "integration.remove",
        }
    }
}

/// An entry as it is stored, hashed and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3, ... without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub operator: String,
    /// What, see [`Action`].
    pub action: String,
    /// To whom; none for what concerns no customer.
    pub customer: Option<CustomerId>,
    /// What came of it.
    pub detail: String,
    /// Why, as the operator wrote it.
    pub reason: String,
    /// Hash of the entry before.
    pub previous: String,
    /// Hash of this entry.
    pub hash: String,
}

impl Entry {
    /// The hash that this entry must have: SHA-256, in hex, over the previous hash and every
    /// field with its length in front, so that no two different entries are hashed alike.
    #[must_use]
    pub fn seal(&self) -> String {
        let mut hash = Sha256::new();
        hash.update([LEAF]);
        let customer = self.customer.map_or_else(String::new, |id| id.0.to_string());
        let fields = [
            self.previous.as_str(),
            &self.seq.to_string(),
            &self.at.as_microsecond().to_string(),
            &self.operator,
            &self.action,
            &customer,
            &self.detail,
            &self.reason,
        ];
        for field in fields {
            hash.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(field.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryLine {
    /// Number in the log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub operator: SafeText,
    /// What.
    pub action: SafeText,
    /// To whom.
    pub customer: Option<CustomerId>,
    /// What came of it.
    pub detail: SafeText,
    /// Why.
    pub reason: SafeText,
}

/// Which entries are listed: those that fit everything given; the default lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done to this customer.
    pub customer: Option<CustomerId>,
    /// By this operator, as written.
    pub operator: Option<Operator>,
    /// Of this kind.
    pub action: Option<ActionFilter>,
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

/// Which actions are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionFilter {
    /// This one, such as `reset.start`.
    Is(String),
    /// All that begin so, such as `mail.`.
    Under(String),
}

impl ActionFilter {
    /// Reads a word of [`Action::word`], or its beginning up to and with the dot.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.ends_with('.') { Self::Under(text.to_owned()) } else { Self::Is(text.to_owned()) }
    }

    /// The least action that fits, and the least one behind all that fit.
    #[must_use]
    pub fn bounds(&self) -> (String, String) {
        match self {
            Self::Is(word) => (word.clone(), format!("{word}\u{1}")),
            // A slash is what comes behind a dot.
            Self::Under(stem) => (stem.clone(), format!("{}/", stem.trim_end_matches('.'))),
        }
    }
}

/// Where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    /// An entry is missing, or one too many is there.
    #[error("entry {expected} of the audit log is missing")]
    Gap {
        /// The number that should have come.
        expected: i64,
    },
    /// An entry is sealed to another predecessor.
    #[error("entry {seq} of the audit log does not follow the entry before it")]
    Previous {
        /// Its number.
        seq: i64,
    },
    /// An entry was changed after it was written.
    #[error("entry {seq} of the audit log was changed after it was written")]
    Changed {
        /// Its number.
        seq: i64,
    },
}

/// What a walk along the audit log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainReport {
    /// Entries that hold.
    pub entries: i64,
    /// Hash of the last one that holds.
    pub head: String,
    /// Where the chain breaks.
    pub broken: Option<ChainBreak>,
}

/// How far a walk along the audit log came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    /// All entries up to here hold; there may be more.
    Going(Verifier),
    /// To the log's end, or to where its chain breaks.
    Ended(ChainReport),
}

/// Walks a chain from its first entry, entry by entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    next_seq: i64,
    previous: String,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { next_seq: 1, previous: GENESIS.to_owned() }
    }
}

impl Verifier {
    /// Checks the next entry.
    ///
    /// # Errors
    /// Where the chain breaks first.
    pub fn check(&mut self, entry: &Entry) -> Result<(), ChainBreak> {
        if entry.seq != self.next_seq {
            return Err(ChainBreak::Gap { expected: self.next_seq });
        }
        if entry.previous != self.previous {
            return Err(ChainBreak::Previous { seq: entry.seq });
        }
        if entry.hash != entry.seal() {
            return Err(ChainBreak::Changed { seq: entry.seq });
        }
        self.next_seq += 1;
        self.previous.clone_from(&entry.hash);
        Ok(())
    }

    /// How many entries held.
    #[must_use]
    pub const fn count(&self) -> i64 {
        self.next_seq - 1
    }

    /// Hash of the last entry that held: what to note down elsewhere, since whoever owns the
    /// database could rewrite the whole chain.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.previous
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(n: i64) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for seq in 1..=n {
            let previous = entries.last().map_or_else(|| GENESIS.to_owned(), |e: &Entry| e.hash.clone());
            let mut entry = Entry {
                seq,
                at: Timestamp::from_second(1_800_000_000 + seq).unwrap(),
                operator: "mina".into(),
                action: Action::ResetStart.word().into(),
                customer: Some(CustomerId(seq)),
                detail: "reset 1".into(),
                reason: "T-4711".into(),
                previous,
                hash: String::new(),
            };
            entry.hash = entry.seal();
            entries.push(entry);
        }
        entries
    }

    fn verify(entries: &[Entry]) -> Result<i64, ChainBreak> {
        let mut verifier = Verifier::default();
        entries.iter().try_for_each(|entry| verifier.check(entry))?;
        Ok(verifier.count())
    }

    #[test]
    fn an_untouched_chain_holds() {
        assert_eq!(verify(&chain(20)), Ok(20));
        assert_eq!(verify(&[]), Ok(0));
    }

    proptest! {
        #[test]
        fn every_change_is_found(at in 0_usize..20, what in 0..9) {
            let mut entries = chain(20);
            let entry = entries.get_mut(at).unwrap();
            match what {
                0 => entry.seq += 1,
                1 => entry.at = entry.at.saturating_add(jiff::SignedDuration::from_micros(1)).unwrap(),
                2 => entry.operator.push('x'),
                3 => entry.action = "reset.cancel".into(),
                4 => entry.customer = None,
                5 => entry.detail.clear(),
                6 => { entry.detail.push('T'); entry.reason.remove(0); }
                7 => entry.previous = GENESIS.replace('0', "1"),
                _ => { entry.reason = "other".into(); entry.hash = entry.seal(); }
            }
            // Re-sealing the last entry alone is what a chain cannot see; its head tells.
            if what == 8 && at == 19 {
                prop_assert_ne!(&entries[19].hash, &chain(20)[19].hash);
            } else {
                prop_assert!(verify(&entries).is_err());
            }
        }

        #[test]
        fn every_missing_or_swapped_entry_is_found(at in 0_usize..19) {
            let mut missing = chain(20);
            missing.remove(at);
            prop_assert!(verify(&missing).is_err());
            let mut swapped = chain(20);
            swapped.swap(at, at + 1);
            prop_assert!(verify(&swapped).is_err());
        }
    }
}
