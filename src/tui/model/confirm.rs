//! The popup that an action goes through: what will happen to whom, and the question.

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::{
        access_token::{Alive, Scope},
        customer::Customer,
        mail_state::MailState,
        outbox::MailLine,
    },
    tui::{effect::Write, field::TextField, model::Intent},
};

/// Keys that arrive so soon after a popup opened were meant for what was there before.
pub const GUARD: SignedDuration = SignedDuration::from_millis(200);
/// Longest reason, in characters.
const MAX_REASON: usize = 200;

/// What the keys go to inside the popup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The choice of what to end.
    Scope,
    /// The reason.
    Reason,
    /// Do it.
    Yes,
    /// Do not; the default.
    #[default]
    No,
}

/// An action that waits for a yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// Which.
    pub action: Intent,
    /// The record that the person sees and decides by; the action is bound to its version.
    pub record: Box<Customer>,
    /// What can be ended, for Force Sign In.
    pub scopes: Vec<Scope>,
    /// Place of the chosen scope.
    pub scope: usize,
    /// Why.
    pub reason: TextField,
    /// What the keys go to.
    pub part: Part,
    /// The mail that it is about, for Try again and Cancel.
    pub mail: Option<MailLine>,
    /// Since when it has the keys.
    pub opened_at: Timestamp,
}

impl Confirm {
    /// Asks about `action` on `record`.
    #[must_use]
    pub fn new(action: Intent, record: Customer, now: Timestamp) -> Self {
        let scopes = if action == Intent::ForceSignIn { scopes(&record) } else { Vec::new() };
        Self {
            action,
            record: Box::new(record),
            scopes,
            scope: 0,
            reason: TextField::new(MAX_REASON),
            part: Part::No,
            mail: None,
            opened_at: now,
        }
    }

    /// Whether a key at `now` can have been meant for this popup. A clock that was set back
    /// must not lock the keys out.
    #[must_use]
    pub fn is_awake(&self, now: Timestamp) -> bool {
        let open = now.duration_since(self.opened_at);
        open.is_negative() || open >= GUARD
    }

    /// The chosen scope.
    #[must_use]
    pub fn chosen(&self) -> Scope {
        self.scopes.get(self.scope).copied().unwrap_or_default()
    }

    /// Whether it is about a mail that has not left.
    #[must_use]
    pub fn mail_waits(&self) -> bool {
        self.mail.as_ref().is_some_and(|mail| mail.state == MailState::Queued && !mail.leased)
    }

    /// What a scope would end, by this record.
    #[must_use]
    pub fn would_end(&self, scope: Scope) -> Alive {
        let tokens = match scope {
            Scope::Token(_) => 1,
            Scope::Tokens | Scope::All => self.record.alive.tokens,
            Scope::Sessions => 0,
        };
        Alive { tokens, sessions: if scope.sessions() { self.record.alive.sessions } else { 0 } }
    }

    /// Chooses the scope `by` places further down.
    pub fn choose_by(&mut self, by: isize) {
        self.scope = self.scope.saturating_add_signed(by).min(self.scopes.len().saturating_sub(1));
    }

    /// Chooses a scope.
    pub fn choose(&mut self, scope: usize) {
        (self.scope, self.part) = (scope.min(self.scopes.len().saturating_sub(1)), Part::Scope);
    }

    /// The parts that can have the keys, in their order.
    fn parts(&self) -> &'static [Part] {
        if self.scopes.len() > 1 {
            &[Part::Scope, Part::Reason, Part::Yes, Part::No]
        } else {
            &[Part::Reason, Part::Yes, Part::No]
        }
    }

    /// Moves on to the next part, or the one before.
    pub fn turn(&mut self, back: bool) {
        let parts = self.parts();
        let at = parts.iter().position(|&part| part == self.part).unwrap_or_default();
        let to = if back { at + parts.len() - 1 } else { at + 1 } % parts.len();
        self.part = parts.get(to).copied().unwrap_or_default();
    }

    /// The action, once somebody said yes.
    #[must_use]
    pub fn write(&self) -> Write {
        let (customer, version) = (self.record.id, self.record.version);
        let reason = self.reason.text().trim().to_owned();
        match self.action {
            Intent::Reset => Write::StartReset { customer, version, reason },
            Intent::CancelLink => Write::CancelReset { customer, reason },
            Intent::ForceSignIn => Write::ForceSignIn { customer, version, scope: self.chosen(), reason },
            Intent::Unlock => Write::Unlock { customer, version, reason },
            Intent::RetryMail(mail) => Write::RetryMail { customer, mail, reason },
            Intent::CancelMail(mail) => Write::CancelMail { customer, mail, reason },
        }
    }
}

/// What of a customer's access can be ended: the manual's way first, single tokens last, because
/// there can be many of them.
fn scopes(record: &Customer) -> Vec<Scope> {
    let mut scopes = Vec::new();
    if record.ever_had_tokens {
        scopes.push(Scope::Tokens);
    }
    if record.alive.sessions > 0 || !record.ever_had_tokens {
        scopes.push(Scope::Sessions);
    }
    if record.ever_had_tokens && record.alive.sessions > 0 {
        scopes.push(Scope::All);
    }
    if record.tokens.len() > 1 {
        scopes.extend(record.tokens.iter().map(|token| Scope::Token(token.id)));
    }
    scopes
}
