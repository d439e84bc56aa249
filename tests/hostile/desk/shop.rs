//! A shop in which every field that can hold text holds the same one.

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::{
    access_token::{AccessToken, Alive, TokenId},
    audit::{Action, ChainBreak, ChainReport, Entry, EntryLine, GENESIS, Verifier, Walk},
    customer::{Customer, CustomerId, CustomerRow, HistoryLine, Status, Version},
    email::EmailAddress,
    find::{Cursor, CursorKey, Page, PageFrom},
    mail_state::MailId,
    outbox::{MailFilter, MailKind, MailLine, MailStage, MailText, QueueState},
    reset::{LinkState, Reset, ResetId},
    safe_text::SafeText,
    throttle::Budget,
    website::{Website, WebsiteId},
};

/// When it all happens.
pub fn now() -> Timestamp {
    "2026-11-20T14:03:00Z".parse().unwrap()
}

/// Whom mail can be sent to: without an address nobody is asked about a reset.
const REACHABLE: CustomerId = CustomerId(2);
/// Who is locked out.
const LOCKED: CustomerId = CustomerId(4);

/// The shop.
pub struct HostileShop {
    /// As another program wrote it.
    raw: String,
    text: SafeText,
}

impl HostileShop {
    pub fn new(raw: &str) -> Self {
        Self { raw: raw.to_owned(), text: SafeText::new(raw) }
    }

    pub fn text(&self) -> SafeText {
        self.text.clone()
    }

    fn email(&self, id: CustomerId) -> SafeText {
        if id == REACHABLE { "roni_cost@example.com".into() } else { self.text() }
    }

    /// Of two pages, the one that begins there: a search that ends on its first one is not counted.
    pub fn page(&self, from: &PageFrom) -> Page {
        let (ids, has_next) = if *from == PageFrom::Start { (1..=4, true) } else { (5..=6, false) };
        let row = |id| CustomerRow {
            id: CustomerId(id),
            name: self.text(),
            email: self.email(CustomerId(id)),
            website: self.text(),
            group: self.text(),
            status: status(CustomerId(id)),
            tokens: 3,
            created_at: now(),
            last_sign_in_at: None,
        };
        let rows: Vec<CustomerRow> = ids.map(row).collect();
        let cursors: Vec<Cursor> = rows.iter().map(|row| Cursor { tier: 4, key: CursorKey::Id, id: row.id }).collect();
        let next = cursors.last().filter(|_| has_next).cloned();
        Page { rows, cursors, next, partial: false }
    }

    pub fn website(&self) -> Website {
        Website {
            id: WebsiteId(1),
            code: self.text(),
            name: self.text(),
            base_url: Some(format!("https://luma.example/{}", self.raw)),
            sender_name: self.text(),
            sender_email: EmailAddress::parse("support@luma.example").ok(),
            language: self.raw.clone(),
        }
    }

    pub fn record(&self, id: CustomerId, has_tokens: bool) -> Customer {
        let token = |id| AccessToken {
            id: TokenId(id),
            integration: self.text(),
            scopes: self.text(),
            created_at: now(),
            last_used_at: None,
            expires_at: None,
        };
        let status = status(id);
        Customer {
            id,
            version: Version(1),
            name: self.text(),
            email: self.email(id),
            phone: self.text(),
            group: self.text(),
            website: self.website(),
            created_at: now(),
            last_sign_in_at: None,
            status,
            has_password: true,
            failed_sign_ins: 6,
            locked_until: if let Status::Locked { until } = status { Some(until) } else { None },
            budget: Budget { used: 1, max: Some(5), blocked: None },
            last_reset: Some(Reset {
                id: ResetId(9),
                requested_at: now(),
                requested_by: self.text(),
                reason: self.text(),
                link: LinkState::Pending,
                mail: Some(MailStage::Queued.state()),
                relay: self.text(),
            }),
            tokens: if has_tokens { vec![token(1), token(2)] } else { Vec::new() },
            alive: if has_tokens { Alive { tokens: 2, sessions: 2 } } else { Alive::default() },
            ever_had_tokens: has_tokens,
            history: self.history(),
        }
    }

    /// A reset for every fate of a mail. The last one says what the relay said.
    fn history(&self) -> Vec<HistoryLine> {
        let event = |stage| HistoryLine {
            at: now(),
            action: self.text(),
            operator: self.text(),
            reason: self.text(),
            detail: self.text(),
            mail: Some(self.mail(stage).fate()),
        };
        MailStage::ALL.into_iter().rev().map(event).collect()
    }

    pub fn queue(&self) -> QueueState {
        let stopped = Some((self.text(), now() + SignedDuration::from_hours(1)));
        QueueState { held: 1, waiting: 3, sending: 1, retrying: 1, dead: 1, next_at: None, stopped, worker: true }
    }

    /// One mail in each stage that the filter lets through.
    pub fn mails(&self, filter: MailFilter) -> Vec<MailLine> {
        let listed = |stage: &MailStage| filter.stage.is_none_or(|wanted| wanted == *stage);
        MailStage::ALL.into_iter().filter(listed).map(|stage| self.mail(stage)).collect()
    }

    fn mail(&self, stage: MailStage) -> MailLine {
        let place = MailStage::ALL.iter().position(|other| *other == stage).unwrap();
        let at = now();
        MailLine {
            id: MailId(7 - i64::try_from(place).unwrap()),
            kind: if stage == MailStage::Accepted { MailKind::PasswordChanged } else { MailKind::Reset },
            message_id: self.text(),
            customer: CustomerId(1),
            to: self.text(),
            reset: ResetId(1),
            link: match stage {
                MailStage::Queued | MailStage::Refused => LinkState::Pending,
                MailStage::Sending => LinkState::Live { until: at + SignedDuration::from_hours(24) },
                MailStage::Accepted => LinkState::Used { at },
                MailStage::Expired => LinkState::Expired { at },
                MailStage::Cancelled => LinkState::Cancelled { at },
                MailStage::Superseded => LinkState::Superseded { at },
            },
            from_console: true,
            website: self.website(),
            created_at: at,
            not_before: at,
            state: stage.state(),
            attempts: 1,
            leased: stage == MailStage::Sending,
            next_at: (stage == MailStage::Queued).then(|| at + SignedDuration::from_mins(40)),
            done_at: None,
            relay: self.text(),
        }
    }

    pub fn mail_text(&self) -> MailText {
        MailText {
            from: self.text(),
            to: self.text(),
            link_host: self.text(),
            language: self.text(),
            subject: self.text(),
            lines: vec![self.text(), self.text()],
        }
    }

    /// Entries of the audit log, newest first: of another program, and of keydesk.
    pub fn entries(&self) -> Vec<EntryLine> {
        let entry = |seq, action| EntryLine {
            seq,
            at: now(),
            operator: self.text(),
            action,
            customer: (seq > 1).then_some(CustomerId(seq)),
            detail: self.text(),
            reason: self.text(),
        };
        vec![
            entry(3, self.text()),
            entry(2, Action::MailRefused.word().into()),
            entry(1, Action::BackupMade.word().into()),
        ]
    }

    /// Checks the audit log's chain in two steps, of which the second one may find it broken.
    pub fn walk(&self, so_far: &Verifier, holds: bool) -> Walk {
        let mut verifier = so_far.clone();
        if verifier.count() > 0 {
            let broken = (!holds).then_some(ChainBreak::Changed { seq: 2 });
            return Walk::Ended(ChainReport { entries: 1, head: verifier.head().to_owned(), broken });
        }
        let raw = || self.raw.clone();
        let entry = Entry {
            seq: 1,
            at: now(),
            operator: raw(),
            action: raw(),
            customer: None,
            detail: raw(),
            reason: raw(),
            previous: GENESIS.to_owned(),
            hash: String::new(),
        };
        verifier.check(&Entry { hash: entry.seal(), ..entry }).unwrap();
        Walk::Going(verifier)
    }
}

fn status(id: CustomerId) -> Status {
    match id {
        REACHABLE => Status::Unconfirmed,
        LOCKED => Status::Locked { until: now() + SignedDuration::from_mins(20) },
        CustomerId(3) => Status::Disabled,
        _ => Status::Active,
    }
}
