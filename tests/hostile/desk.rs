//! The console's rules and view, with somebody hostile in every place of the shop that answers.

#[path = "desk/shop.rs"]
mod shop;

use std::{collections::BTreeSet, time::Duration};

use jiff::SignedDuration;
use keydesk::{
    domain::{
        access_token::Alive,
        command::{MailRetried, ResetCancelled, ResetQueued, SignInForced, Unlocked},
        find::Count,
        mail_state::{MailId, MailState},
        refusal::Refusal,
        reset::ResetId,
        safe_text::SafeText,
    },
    tui::{
        effect::{Ask, Effect, Write},
        key::Key,
        model::{Model, SavedSearch, Shop},
        msg::{Event, Msg, Outcome, Problem, Reply, Ticket},
        update,
        view::{Look, view},
    },
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use shop::{HostileShop, now};

/// What the shop answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// What was asked for.
    Good,
    /// The rules say no, where they can; there are no tokens, the mail is gone, the chain is broken,
    /// and counting fails.
    Refused,
    /// The database failed, in words of its own.
    Failed,
    /// Nothing yet.
    Late,
}

/// Somebody sits at the console and the shop is full of one hostile text.
pub struct Desk {
    pub model: Model,
    pub answers: Answers,
    /// Texts that were sent to the clipboard.
    pub copied: Vec<SafeText>,
    /// The replies that were given, and whether they held what was asked for; see [`kind`].
    pub replies: BTreeSet<(&'static str, bool)>,
    full: HostileShop,
}

impl Desk {
    pub fn new(text: &str, width: u16, height: u16) -> Self {
        let full = HostileShop::new(text);
        let shop = Shop {
            operator: full.text(),
            database: full.text(),
            websites: vec![full.text()],
            link_life: SignedDuration::from_hours(24),
        };
        let searches = vec![SavedSearch { name: full.text(), query: full.text() }];
        let model = Model { searches, ..Model::new(now(), Rect::new(0, 0, width, height), shop) };
        let (copied, replies) = (Vec::new(), BTreeSet::new());
        let mut desk = Self { model, answers: Answers::Good, copied, replies, full };
        desk.start();
        desk
    }

    /// Asks what the console asks first.
    pub fn start(&mut self) {
        let effects = update::start(&mut self.model);
        self.perform(effects);
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
                Effect::Ask(..) | Effect::Do(..) if self.answers == Answers::Late => {}
                Effect::Ask(ticket, ask) => self.reply(ticket, self.answer(&ask)),
                Effect::Do(ticket, write) => self.reply(ticket, self.outcome(&write)),
                Effect::Copy(text) => self.copied.push(text),
                Effect::GiveUp(_)
                | Effect::Wake(_)
                | Effect::Mouse(_)
                | Effect::Repaint
                | Effect::Suspend
                | Effect::Quit => {}
            }
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.replies.insert(kind(&reply));
        let event = Event::Reply { ticket, took: Duration::from_millis(3), reply };
        let at = self.model.now;
        let effects = update::update(&mut self.model, Msg { at, event });
        self.perform(effects);
    }

    /// Names every question: one that is new is answered here, too.
    fn answer(&self, ask: &Ask) -> Reply {
        let full = &self.full;
        let failed = || Problem::Failed(full.text());
        let give = self.answers != Answers::Failed;
        let is_good = self.answers == Answers::Good;
        match ask {
            Ask::Page { from, .. } => Reply::Page(give.then(|| full.page(from)).ok_or_else(failed)),
            Ask::Count(_) => Reply::Count(is_good.then_some(Count::AtLeast(1000)).ok_or_else(failed)),
            Ask::Total => Reply::Total(give.then_some(Count::About(10_012_000)).ok_or_else(failed)),
            Ask::Record(id) => {
                let record = || Some(full.record(*id, self.answers != Answers::Refused));
                Reply::Record(Box::new(give.then(record).ok_or_else(failed)))
            }
            Ask::Websites => Reply::Websites(give.then(|| vec![full.website(), full.website()]).ok_or_else(failed)),
            Ask::Queue => Reply::Queue(give.then(|| full.queue()).ok_or_else(failed)),
            Ask::Audit { .. } => Reply::Audit(give.then(|| full.entries()).ok_or_else(failed)),
            Ask::AuditChain(so_far) => Reply::AuditChain(give.then(|| full.walk(so_far, is_good)).ok_or_else(failed)),
            Ask::Mails { filter, .. } => Reply::Mails(give.then(|| full.mails(*filter)).ok_or_else(failed)),
            Ask::MailText(_) => Reply::MailText(give.then(|| is_good.then(|| full.mail_text())).ok_or_else(failed)),
            Ask::Preview(_) => Reply::Preview(self.settle(full.mail_text())),
        }
    }

    /// Names every action: one that is new is answered here, too.
    fn outcome(&self, write: &Write) -> Reply {
        let (customer, reset, mail, email) = (write.customer(), ResetId(77), MailId(1), self.full.text());
        let now = self.model.now;
        let alive = |tokens, sessions| Alive { tokens, sessions };
        match write {
            Write::StartReset { .. } => {
                let send_at = now + SignedDuration::from_secs(10);
                let queued = ResetQueued { customer, email, reset, mail, send_at, superseded: false };
                Reply::ResetQueued(self.settle(queued))
            }
            Write::UndoReset { .. } | Write::CancelReset { .. } | Write::CancelMail { .. } => {
                let cancelled =
                    ResetCancelled { customer, reset, undone: false, mail_may_arrive: true, restored: false };
                Reply::ResetCancelled(self.settle(cancelled))
            }
            Write::ForceSignIn { .. } => {
                Reply::SignInForced(self.settle(SignInForced { customer, ended: alive(3, 2), left: alive(1, 0) }))
            }
            Write::Unlock { .. } => Reply::Unlocked(self.settle(Unlocked { customer, until: now, failed_sign_ins: 6 })),
            Write::RetryMail { .. } => {
                let was = MailState::Refused;
                Reply::MailRetried(self.settle(MailRetried { customer, mail, email, reset, was }))
            }
        }
    }

    fn settle<T>(&self, done: T) -> Outcome<T> {
        match self.answers {
            Answers::Good | Answers::Late => Ok(Ok(done)),
            Answers::Refused => Ok(Err(Refusal::WebsiteIncomplete { website: self.full.text() })),
            Answers::Failed => Err(Problem::Failed(self.full.text())),
        }
    }
}

/// All replies; see [`kind`].
#[allow(dead_code, reason = "the test of keys answers as it likes")]
pub const REPLIES: [&str; 16] = [
    "page",
    "count",
    "total",
    "record",
    "websites",
    "queue",
    "audit",
    "chain",
    "mails",
    "mail",
    "preview",
    "reset queued",
    "reset cancelled",
    "sign-in forced",
    "unlocked",
    "mail retried",
];

/// Names a reply, and says whether it holds what was asked for. A new one does not compile before
/// it has a name here and in [`REPLIES`].
fn kind(reply: &Reply) -> (&'static str, bool) {
    fn is_done<T>(outcome: &Outcome<T>) -> bool {
        matches!(outcome, Ok(Ok(_)))
    }
    match reply {
        Reply::Page(answer) => ("page", answer.is_ok()),
        Reply::Count(answer) => ("count", answer.is_ok()),
        Reply::Total(answer) => ("total", answer.is_ok()),
        Reply::Record(answer) => ("record", answer.is_ok()),
        Reply::Websites(answer) => ("websites", answer.is_ok()),
        Reply::Queue(answer) => ("queue", answer.is_ok()),
        Reply::Audit(answer) => ("audit", answer.is_ok()),
        Reply::AuditChain(answer) => ("chain", answer.is_ok()),
        Reply::Mails(answer) => ("mails", answer.is_ok()),
        Reply::MailText(answer) => ("mail", answer.is_ok()),
        Reply::Preview(outcome) => ("preview", is_done(outcome)),
        Reply::ResetQueued(outcome) => ("reset queued", is_done(outcome)),
        Reply::ResetCancelled(outcome) => ("reset cancelled", is_done(outcome)),
        Reply::SignInForced(outcome) => ("sign-in forced", is_done(outcome)),
        Reply::Unlocked(outcome) => ("unlocked", is_done(outcome)),
        Reply::MailRetried(outcome) => ("mail retried", is_done(outcome)),
    }
}
