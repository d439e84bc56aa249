//! A small shop for tests, and a bench to press keys on.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    Terminal,
    backend::TestBackend,
    layout::{Position, Rect},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{
        access_token::{AccessToken, Alive, TokenId},
        audit::{AuditFilter, ChainReport, EntryLine, Walk},
        command::ResetQueued,
        customer::{Customer, CustomerId, CustomerRow, HistoryLine, Status, Version},
        email::EmailAddress,
        find::{Count, Cursor, CursorKey, Page, PageFrom},
        mail_state::{MailId, MailState},
        outbox::{MailKind, MailLine, MailText, QueueState},
        reset::{LinkState, Reset, ResetId},
        safe_text::SafeText,
        throttle::{Blocked, Budget},
        website::{Website, WebsiteId},
    },
    texts::Texts,
    tui::{
        effect::{Ask, Effect, Write},
        key::Key,
        model::{Model, Shop, places::Places},
        msg::{Event, Mouse, Msg, Reply, Ticket},
        update,
        view::{self, Look},
    },
};

pub(crate) fn now() -> Timestamp {
    "2026-11-20T14:03:00Z".parse().unwrap()
}

pub(crate) fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

pub(crate) fn text(raw: &str) -> SafeText {
    SafeText::new(raw)
}

/// The fixture's rows, for every id: people one cannot forget first, then as many as needed.
pub(crate) fn row(id: i64) -> CustomerRow {
    let (name, email, website, tokens, status) = match id {
        1 => ("Veronica Costello", "roni_cost@example.com", "base", 3, Status::Active),
        2 => ("Vera Cosgrove", "vera.cosgrove@example.org", "base", 0, Status::Unconfirmed),
        3 => ("홍길동", "gildong.hong@example.kr", "b2b", 1, Status::Locked { until: ago(-7) }),
        4 => ("\u{202e}evil\u{1b}[31m", "evil@example.net", "base", 0, Status::Disabled),
        5 => ("남궁민수", "minsu@example.kr", "b2b", 0, Status::Active),
        _ => ("", "", "base", 0, Status::Active),
    };
    let (name, email) = if name.is_empty() {
        (format!("Customer Number {id}"), format!("customer{id}@example.com"))
    } else {
        (name.to_owned(), email.to_owned())
    };
    CustomerRow {
        id: CustomerId(id),
        name: text(&name),
        email: text(&email),
        website: text(website),
        group: text("General"),
        status,
        tokens,
        created_at: ago(60 * 24 * (400 + id)),
        last_sign_in_at: (id % 3 != 0).then(|| ago(60 * id)),
    }
}

pub(crate) fn website() -> Website {
    Website {
        id: WebsiteId(1),
        code: text("base"),
        name: text("Luma"),
        base_url: Some("https://luma.example".to_owned()),
        sender_name: text("Luma Support"),
        sender_email: Some(EmailAddress::parse("support@luma.example").unwrap()),
        language: "en".to_owned(),
    }
}

fn token(id: i64, integration: &str, scopes: &str) -> AccessToken {
    AccessToken {
        id: TokenId(id),
        integration: text(integration),
        scopes: text(scopes),
        created_at: ago(60 * 24 * 12 / id),
        last_used_at: (id != 2).then(|| ago(4)),
        expires_at: (id == 2).then(|| ago(-57)),
    }
}

pub(crate) fn record(id: i64) -> Customer {
    let row = row(id);
    let tokens = match row.tokens {
        0 => Vec::new(),
        1 => vec![token(1, "ERP sync", "orders, customers")],
        _ => vec![
            token(1, "ERP sync", "orders, customers"),
            token(2, "Loyalty app", "customers:read"),
            token(3, "창고 연동", "orders"),
        ],
    };
    let event = |minutes, action: &str, who: &str, why: &str, what: &str| HistoryLine {
        at: ago(minutes),
        action: text(action),
        operator: text(who),
        reason: text(why),
        detail: text(what),
        mail: None,
    };
    let alive = Alive { tokens: row.tokens, sessions: if id == 1 { 2 } else { 0 } };
    Customer {
        id: row.id,
        version: Version(7),
        name: row.name,
        email: row.email,
        phone: text("(555) 229-3326"),
        group: row.group,
        website: Website { code: row.website, ..website() },
        created_at: row.created_at,
        last_sign_in_at: row.last_sign_in_at,
        status: row.status,
        has_password: true,
        failed_sign_ins: 0,
        locked_until: match row.status {
            Status::Locked { until } => Some(until),
            _ => None,
        },
        budget: Budget { used: 2, max: Some(5), blocked: None },
        last_reset: (id == 1).then(|| Reset {
            id: ResetId(9),
            requested_at: ago(60 * 24 * 3),
            requested_by: text("mina"),
            reason: text("T-4711"),
            link: LinkState::Used { at: ago(60 * 24 * 3 - 6) },
            mail: Some(MailState::Accepted),
            relay: text("250 2.0.0 Ok: queued as 4XyZ"),
        }),
        ever_had_tokens: !tokens.is_empty(),
        tokens,
        alive,
        history: vec![
            event(60 * 24 * 3, "reset.start", "mina", "T-4711", "mail to roni_cost@example.com"),
            event(60 * 24 * 18, "force_sign_in", "joon", "T-4402", "2 tokens revoked, 0 left"),
        ],
    }
}

/// A record whose next reset is seven minutes away.
pub(crate) fn throttled(id: i64) -> Customer {
    let blocked = Some(Blocked::TooSoon { next: now() + SignedDuration::from_secs(432) });
    Customer { budget: Budget { used: 2, max: Some(5), blocked }, ..record(id) }
}

pub(crate) fn cursor(id: i64) -> Cursor {
    Cursor { tier: 4, key: CursorKey::Id, id: CustomerId(id) }
}

/// Answers page requests over the ids 1 to `last`, in that order.
pub(crate) fn page(last: i64, from: &PageFrom, limit: u32) -> Page {
    let limit = i64::from(limit);
    let (start, end, back) = match from {
        PageFrom::Start => (1, limit.min(last), false),
        PageFrom::After(cursor) => (cursor.id.0 + 1, (cursor.id.0 + limit).min(last), false),
        PageFrom::Before(cursor) => ((cursor.id.0 - limit).max(1), cursor.id.0 - 1, true),
        PageFrom::End => ((last - limit + 1).max(1), last, true),
    };
    let next = if back { (start > 1).then(|| cursor(start)) } else { (end < last).then(|| cursor(end)) };
    let ids = start..=end;
    Page { rows: ids.clone().map(row).collect(), cursors: ids.map(cursor).collect(), next, partial: false }
}

pub(crate) fn mail(id: i64, state: MailState, relay: &str) -> MailLine {
    MailLine {
        id: MailId(id),
        kind: MailKind::Reset,
        message_id: text("m"),
        customer: CustomerId(1),
        to: text("roni_cost@example.com"),
        reset: ResetId(id),
        link: LinkState::Pending,
        from_console: true,
        website: website(),
        created_at: ago(100 - id),
        not_before: ago(-1),
        state,
        attempts: u32::from(state != MailState::Queued),
        leased: false,
        next_at: None,
        done_at: None,
        relay: text(relay),
    }
}

/// The mails of the shop: one in every state that people ask about.
pub(crate) fn mails() -> Vec<MailLine> {
    let later = |seconds| Some(now() + SignedDuration::from_secs(seconds));
    let to = |address: &str, mail: MailLine| MailLine { to: text(address), ..mail };
    let live = LinkState::Live { until: ago(-60 * 20) };
    let retried = mail(4, MailState::Queued, "451 4.7.1 Greylisted, please try again later");
    vec![
        MailLine { not_before: ago(-1), next_at: later(60), ..mail(5, MailState::Queued, "") },
        MailLine {
            customer: CustomerId(3),
            to: text("gildong.hong@example.kr"),
            not_before: ago(9),
            attempts: 2,
            next_at: later(252),
            link: live,
            ..retried
        },
        MailLine { leased: true, attempts: 1, ..to("vera.cosgrove@example.org", mail(3, MailState::Queued, "")) },
        MailLine {
            kind: MailKind::PasswordChanged,
            link: LinkState::Used { at: ago(98) },
            ..mail(2, MailState::Accepted, "250 2.0.0 Ok: queued as 4XyZ")
        },
        MailLine {
            link: live,
            ..to("evil\u{202e}@example.net", mail(1, MailState::Refused, "550 5.1.1 No such user"))
        },
    ]
}

pub(crate) fn mail_text() -> MailText {
    let lines = [
        "Hello,",
        "",
        "our support was asked to let you choose a new password for your account roni_cost@example.com.",
        "",
        "https://luma.example/r/1.••••••••",
        "",
        "The link works once, until 2026-11-21 14:03 UTC.",
    ];
    MailText {
        from: text("Luma Support <support@luma.example>"),
        to: text("roni_cost@example.com"),
        link_host: text("luma.example"),
        language: text("en"),
        subject: text("Choose a new password"),
        lines: lines.map(text).to_vec(),
    }
}

/// An entry of the audit log, for every number.
pub(crate) fn entry(seq: i64) -> EntryLine {
    let (operator, action, customer, reason, detail) = match seq % 5 {
        0 => ("mina", "reset.start", Some(1), "T-4711", "reset 9, mail 5 queued to roni_cost@example.com"),
        1 => ("joon", "force_sign_in", Some(3), "", "2 tokens revoked, 0 left"),
        2 => ("mail worker", "mail.refused", Some(4), "", "mail 1 of reset 2: 550 5.1.1 No such user"),
        3 => {
            ("\u{202e}evil", "customer.unlock", Some(3), "called, \u{1b}[31mvery angry", "3 wrong passwords forgotten")
        }
        _ => ("mina", "shop.new_thing", None, "", ""),
    };
    EntryLine {
        seq,
        at: ago(60 * (1000 - seq)),
        operator: text(operator),
        action: text(action),
        customer: customer.map(CustomerId),
        detail: text(detail),
        reason: text(reason),
    }
}

fn entries(last: i64, filter: &AuditFilter, before: Option<i64>, limit: u32) -> Vec<EntryLine> {
    let newest = before.map_or(last, |before| before - 1);
    let fits = |entry: &EntryLine| {
        filter.customer.is_none_or(|id| entry.customer == Some(id))
            && filter.operator.as_ref().is_none_or(|by| by.name() == &entry.operator)
    };
    (1..=newest).rev().map(entry).filter(fits).take(usize::try_from(limit).unwrap()).collect()
}

pub(crate) fn queued(id: i64) -> ResetQueued {
    ResetQueued {
        customer: CustomerId(id),
        email: row(id).email,
        reset: ResetId(77),
        mail: MailId(5),
        send_at: now() + SignedDuration::from_secs(10),
        superseded: false,
    }
}

/// The console on a bench: keys go in, effects come out, and reads are answered from the fixture
/// unless a test answers them itself.
pub(crate) struct Bench {
    pub model: Model,
    /// Every effect so far that was not a read answered here.
    pub effects: Vec<Effect>,
    /// Customers in the shop.
    pub customers: i64,
    /// Entries in the audit log.
    pub entries: i64,
    /// Whether reads are answered at once.
    pub answers: bool,
}

impl Bench {
    pub fn new(width: u16, height: u16) -> Self {
        Self::with(width, height, 1000)
    }

    pub fn with(width: u16, height: u16, customers: i64) -> Self {
        Self::speaking(Texts::default(), width, height, customers)
    }

    pub fn speaking(texts: Texts, width: u16, height: u16, customers: i64) -> Self {
        let shop = Shop {
            operator: text("mina"),
            database: text("sqlite:keydesk.db"),
            websites: Vec::new(),
            link_life: SignedDuration::from_hours(24),
        };
        let mut model = Model { texts, ..Model::new(now(), Rect::new(0, 0, width, height), shop) };
        model.pointer.is_ours = true;
        let effects = update::start(&mut model);
        let mut bench = Self { model, effects: Vec::new(), customers, entries: 250, answers: true };
        bench.take(effects);
        bench
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, ask) if self.answers => self.answer(ticket, &ask),
                other => self.effects.push(other),
            }
        }
    }

    fn answer(&mut self, ticket: Ticket, ask: &Ask) {
        let b2b = Website { id: WebsiteId(2), name: text("Luma B2B"), code: text("b2b"), ..website() };
        let reply = match ask {
            Ask::Page { from, limit, .. } => Reply::Page(Ok(page(self.customers, from, *limit))),
            Ask::Count(_) => Reply::Count(Ok(Count::AtLeast(1000))),
            Ask::Total => Reply::Total(Ok(Count::About(10_012_000))),
            Ask::Record(id) => Reply::Record(Box::new(Ok(Some(record(id.0))))),
            Ask::Websites => Reply::Websites(Ok(vec![website(), b2b])),
            Ask::Queue => Reply::Queue(Ok(QueueState { held: 1, worker: true, ..QueueState::default() })),
            Ask::Audit { filter, before, limit } => Reply::Audit(Ok(entries(self.entries, filter, *before, *limit))),
            Ask::AuditChain(_) => {
                let report = ChainReport { entries: self.entries, head: String::new(), broken: None };
                Reply::AuditChain(Ok(Walk::Ended(report)))
            }
            Ask::Mails { filter, .. } => {
                let mut mails = mails();
                mails.retain(|mail| filter.stage.is_none_or(|stage| stage == mail.stage()));
                Reply::Mails(Ok(mails))
            }
            Ask::MailText(_) => Reply::MailText(Ok(Some(mail_text()))),
            Ask::Preview(_) => Reply::Preview(Ok(Ok(mail_text()))),
        };
        self.reply(ticket, reply);
    }

    pub fn send(&mut self, event: Event) {
        let msg = Msg { at: self.model.now, event };
        let effects = update::update(&mut self.model, msg);
        self.take(effects);
    }

    pub fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.send(Event::Reply { ticket, took: Duration::from_millis(3), reply });
    }

    /// Time passes.
    pub fn wait(&mut self, millis: i64) -> &mut Self {
        self.model.now += SignedDuration::from_millis(millis);
        self.send(Event::Woke);
        self
    }

    /// Presses keys, such as `"r"`, `"esc"` or `"j j enter"`, a moment apart.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.model.now += SignedDuration::from_millis(1);
            self.send(Event::Key(parse(key)));
        }
        self
    }

    /// Types a text, letter by letter.
    pub fn type_in(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Event::Key(Key::Char(c)));
        }
        self
    }

    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Event::Paste(text.to_owned()));
        self
    }

    /// Clicks on the first place that shows this text.
    pub fn click(&mut self, text: &str) -> &mut Self {
        let at = self.find(text);
        for what in [Mouse::Press, Mouse::Release] {
            self.send(Event::Mouse { at, what });
        }
        self
    }

    /// Turns the wheel above this text.
    pub fn wheel(&mut self, text: &str, what: Mouse) -> &mut Self {
        let at = self.find(text);
        self.send(Event::Mouse { at, what });
        self
    }

    /// Draws the screen and looks for a text on it.
    pub fn find(&mut self, text: &str) -> Position {
        let area = self.model.area;
        let mut terminal = Terminal::new(TestBackend::new(area.width, area.height)).unwrap();
        let mut places = Places::default();
        terminal.draw(|frame| places = view::draw(&self.model, Look::default(), frame)).unwrap();
        self.model.places = places;
        let buffer = terminal.backend().buffer();
        let shows = |at: &Position| {
            // The cell behind a wide character holds nothing of its own.
            let mut x = at.x;
            let mut rest = text;
            while x < area.width && !rest.is_empty() {
                let symbol = buffer[(x, at.y)].symbol();
                let Some(left) = rest.strip_prefix(symbol) else { return false };
                (rest, x) = (left, x + u16::try_from(symbol.width().max(1)).unwrap());
            }
            rest.is_empty()
        };
        area.positions().find(shows).unwrap_or_else(|| panic!("{text:?} is not on the screen"))
    }

    /// Takes the effects so far, without those about waking.
    pub fn drain(&mut self) -> Vec<Effect> {
        let effects = std::mem::take(&mut self.effects);
        effects.into_iter().filter(|effect| !matches!(effect, Effect::Wake(_))).collect()
    }

    pub fn writes(&mut self) -> Vec<(Ticket, Write)> {
        let write = |effect| if let Effect::Do(ticket, write) = effect { Some((ticket, write)) } else { None };
        self.drain().into_iter().filter_map(write).collect()
    }

    pub fn selected(&self) -> i64 {
        self.model.list.selected_id().map_or(0, |id| id.0)
    }
}

fn parse(key: &str) -> Key {
    match key {
        "enter" => Key::Enter,
        "esc" => Key::Esc,
        "tab" => Key::Tab,
        "backtab" => Key::BackTab,
        "up" => Key::Up,
        "down" => Key::Down,
        "left" => Key::Left,
        "right" => Key::Right,
        "pgdn" => Key::PageDown,
        "pgup" => Key::PageUp,
        "end" => Key::End,
        "home" => Key::Home,
        "space" => Key::Char(' '),
        key => match key.strip_prefix("ctrl-") {
            Some(letter) => Key::Ctrl(letter.parse().unwrap()),
            None => Key::Char(key.parse().unwrap()),
        },
    }
}
