//! The console's rules and view, with somebody hostile in every place of the shop that answers.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    domain::{
        access_token::{AccessToken, Alive, TokenId},
        audit::{ChainBreak, ChainReport, EntryLine, Walk},
        command::{MailRetried, ResetCancelled, ResetQueued, SignInForced, Unlocked},
        customer::{Customer, CustomerId, CustomerRow, HistoryLine, Status, Version},
        find::{Count, Cursor, CursorKey, Page},
        mail_state::{MailId, MailState},
        outbox::{MailLine, MailText, QueueState},
        refusal::Refusal,
        reset::{LinkState, Reset, ResetId},
        safe_text::SafeText,
        throttle::Budget,
        website::{Website, WebsiteId},
    },
    tui::{
        effect::{Ask, Effect, Write},
        key::Key,
        model::{Model, Shop},
        msg::{Event, Msg, Outcome, Problem, Reply, Ticket},
        update,
        view::{Look, view},
    },
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

/// What the shop answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// What was asked for.
    Good,
    /// The rules say no, where they can; there are no tokens.
    Refused,
    /// The database failed, in words of its own.
    Failed,
}

/// Somebody sits at the console and the shop is full of one hostile text.
pub struct Desk {
    pub model: Model,
    pub answers: Answers,
    /// Texts that were sent to the clipboard.
    pub copied: Vec<SafeText>,
    text: SafeText,
}

fn now() -> Timestamp {
    "2026-11-20T14:03:00Z".parse().unwrap()
}

impl Desk {
    pub fn new(text: &str, width: u16, height: u16) -> Self {
        let text = SafeText::new(text);
        let shop = Shop {
            operator: text.clone(),
            database: text.clone(),
            websites: vec![text.clone()],
            link_life: SignedDuration::from_hours(24),
        };
        let model = Model::new(now(), Rect::new(0, 0, width, height), shop);
        let mut desk = Self { model, answers: Answers::Good, copied: Vec::new(), text };
        let effects = update::start(&mut desk.model);
        desk.perform(effects);
        desk
    }

    /// What a terminal is sent for the screen as it is now, painted anew.
    pub fn draw(&self, look: Look) -> Vec<u8> {
        let mut bytes = Vec::new();
        let options = TerminalOptions { viewport: Viewport::Fixed(self.model.area) };
        let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options).unwrap();
        terminal.draw(|frame| view(&self.model, look, frame)).unwrap();
        drop(terminal);
        bytes
    }

    /// Presses keys, such as `"r"` or `"j enter"`, each after a second.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.send(Event::Key(match key {
                "enter" => Key::Enter,
                "esc" => Key::Esc,
                "tab" => Key::Tab,
                "pgdn" => Key::PageDown,
                key => Key::Char(key.parse().unwrap()),
            }));
        }
        self
    }

    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Event::Paste(text.to_owned()));
        self
    }

    /// Types a text, letter by letter.
    pub fn type_in(&mut self, text: &str) -> &mut Self {
        for c in text.chars().take(300) {
            self.send(Event::Key(Key::Char(c)));
        }
        self
    }

    /// Something happens, and then a moment of rest.
    pub fn send(&mut self, event: Event) {
        let at = self.model.now + SignedDuration::from_secs(1);
        let effects = update::update(&mut self.model, Msg { at, event });
        self.perform(effects);
        // What waits for a moment of rest, such as a search, is done.
        let at = self.model.now + SignedDuration::from_millis(500);
        let effects = update::update(&mut self.model, Msg { at, event: Event::Woke });
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, ask) => self.reply(ticket, self.answer(&ask)),
                Effect::Do(ticket, write) => self.reply(ticket, self.outcome(&write)),
                Effect::Copy(text) => self.copied.push(text),
                Effect::GiveUp(_) | Effect::Wake(_) | Effect::Repaint | Effect::Suspend | Effect::Quit => {}
            }
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: Reply) {
        let event = Event::Reply { ticket, took: Duration::from_millis(3), reply };
        let at = self.model.now;
        let effects = update::update(&mut self.model, Msg { at, event });
        self.perform(effects);
    }

    fn text(&self) -> SafeText {
        self.text.clone()
    }

    /// Names every question: one that is new is answered here, too.
    fn answer(&self, ask: &Ask) -> Reply {
        let failed = || Problem::Failed(self.text());
        let give = self.answers != Answers::Failed;
        match ask {
            Ask::Page { .. } => Reply::Page(give.then(|| self.page()).ok_or_else(failed)),
            Ask::Count(_) => Reply::Count(give.then_some(Count::AtLeast(1000)).ok_or_else(failed)),
            Ask::Total => Reply::Total(give.then_some(Count::About(10_012_000)).ok_or_else(failed)),
            Ask::Record(id) => Reply::Record(Box::new(give.then(|| Some(self.record(*id))).ok_or_else(failed))),
            Ask::Websites => Reply::Websites(give.then(|| vec![self.website(), self.website()]).ok_or_else(failed)),
            Ask::Queue => Reply::Queue(give.then(|| self.queue()).ok_or_else(failed)),
            Ask::Audit { .. } => Reply::Audit(give.then(|| vec![self.entry(2), self.entry(1)]).ok_or_else(failed)),
            Ask::AuditChain(_) => {
                let broken = Some(ChainBreak::Changed { seq: 2 });
                let report = ChainReport { entries: 1, head: String::new(), broken };
                Reply::AuditChain(give.then_some(Walk::Ended(report)).ok_or_else(failed))
            }
            Ask::Preview(_) => Reply::Preview(self.settle(self.mail_text())),
            Ask::Mails { .. } => {
                Reply::Mails(give.then(|| MailState::ALL.map(|state| self.mail(state)).to_vec()).ok_or_else(failed))
            }
            Ask::MailText(_) => Reply::MailText(give.then(|| Some(self.mail_text())).ok_or_else(failed)),
        }
    }

    fn outcome(&self, write: &Write) -> Reply {
        let (customer, reset) = (write.customer(), ResetId(77));
        let send_at = self.model.now + SignedDuration::from_secs(10);
        let email = self.text();
        let alive = |tokens, sessions| Alive { tokens, sessions };
        match write {
            Write::StartReset { .. } => Reply::ResetQueued(self.settle(ResetQueued {
                customer,
                email,
                reset,
                mail: MailId(5),
                send_at,
                superseded: false,
            })),
            Write::UndoReset { .. } | Write::CancelReset { .. } | Write::CancelMail { .. } => {
                Reply::ResetCancelled(self.settle(ResetCancelled {
                    customer,
                    reset,
                    undone: false,
                    mail_may_arrive: true,
                    restored: false,
                }))
            }
            Write::Unlock { .. } => {
                Reply::Unlocked(self.settle(Unlocked { customer, until: send_at, failed_sign_ins: 6 }))
            }
            Write::RetryMail { mail, .. } => {
                let was = MailState::Refused;
                Reply::MailRetried(self.settle(MailRetried { customer, mail: *mail, email, reset, was }))
            }
            Write::ForceSignIn { .. } => {
                Reply::SignInForced(self.settle(SignInForced { customer, ended: alive(3, 2), left: alive(1, 0) }))
            }
        }
    }

    fn settle<T>(&self, done: T) -> Outcome<T> {
        match self.answers {
            Answers::Good => Ok(Ok(done)),
            Answers::Refused => Ok(Err(Refusal::WebsiteIncomplete { website: self.text() })),
            Answers::Failed => Err(Problem::Failed(self.text())),
        }
    }

    fn page(&self) -> Page {
        let statuses = [
            Status::Active,
            Status::Unconfirmed,
            Status::Disabled,
            Status::Locked { until: now() + SignedDuration::from_mins(20) },
        ];
        let row = |(id, status)| CustomerRow {
            id: CustomerId(id),
            name: self.text(),
            email: self.text(),
            website: self.text(),
            group: self.text(),
            status,
            tokens: 3,
            created_at: now(),
            last_sign_in_at: None,
        };
        let rows: Vec<CustomerRow> = (1..).zip(statuses).map(row).collect();
        let cursors = rows.iter().map(|row| Cursor { tier: 4, key: CursorKey::Id, id: row.id }).collect();
        Page { rows, cursors, next: None, partial: false }
    }

    fn website(&self) -> Website {
        Website {
            id: WebsiteId(1),
            code: self.text(),
            name: self.text(),
            base_url: Some("https://luma.example".to_owned()),
            sender_name: self.text(),
            sender_email: Some("support@luma.example".to_owned())
                .and_then(|text| keydesk::domain::email::EmailAddress::parse(&text).ok()),
            language: "en".to_owned(),
        }
    }

    fn record(&self, id: CustomerId) -> Customer {
        let locked_until = (id.0 == 1).then(|| self.model.now + SignedDuration::from_mins(20));
        let has_tokens = self.answers != Answers::Refused;
        let token = |id| AccessToken {
            id: TokenId(id),
            integration: self.text(),
            scopes: self.text(),
            created_at: now(),
            last_used_at: None,
            expires_at: None,
        };
        let event = HistoryLine {
            at: now(),
            action: self.text(),
            operator: self.text(),
            reason: self.text(),
            detail: self.text(),
            mail: Some(self.mail(MailState::Refused).fate()),
        };
        Customer {
            id,
            version: Version(1),
            name: self.text(),
            email: self.text(),
            phone: self.text(),
            group: self.text(),
            website: self.website(),
            created_at: now(),
            last_sign_in_at: None,
            status: locked_until.map_or(Status::Active, |until| Status::Locked { until }),
            has_password: true,
            failed_sign_ins: 0,
            locked_until,
            budget: Budget { used: 1, max: Some(5), blocked: None },
            last_reset: Some(Reset {
                id: ResetId(9),
                requested_at: now(),
                requested_by: self.text(),
                reason: self.text(),
                link: LinkState::Pending,
                mail: Some(MailState::Queued),
                relay: self.text(),
            }),
            tokens: if has_tokens { vec![token(1), token(2)] } else { Vec::new() },
            alive: if has_tokens { Alive { tokens: 2, sessions: 2 } } else { Alive::default() },
            ever_had_tokens: has_tokens,
            history: vec![event.clone(), event],
        }
    }

    fn queue(&self) -> QueueState {
        let stopped = Some((self.text(), now() + SignedDuration::from_hours(1)));
        QueueState { held: 1, waiting: 1, dead: 1, stopped, worker: true, ..QueueState::default() }
    }

    fn mail(&self, state: MailState) -> MailLine {
        MailLine {
            id: MailId(1),
            message_id: self.text(),
            customer: CustomerId(1),
            to: self.text(),
            reset: ResetId(1),
            link: LinkState::Pending,
            from_console: true,
            website: self.website(),
            created_at: now(),
            not_before: now(),
            state,
            attempts: 1,
            leased: false,
            next_at: None,
            done_at: None,
            relay: self.text(),
        }
    }

    fn entry(&self, seq: i64) -> EntryLine {
        EntryLine {
            seq,
            at: now(),
            operator: self.text(),
            action: self.text(),
            customer: Some(CustomerId(1)),
            detail: self.text(),
            reason: self.text(),
        }
    }

    fn mail_text(&self) -> MailText {
        MailText {
            from: self.text(),
            to: self.text(),
            link_host: self.text(),
            language: self.text(),
            subject: self.text(),
            lines: vec![self.text(), self.text()],
        }
    }
}
