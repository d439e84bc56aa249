//! A customer's record.

mod buttons;

use jiff::Timestamp;
use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
};

use crate::{
    domain::{
        access_token::AccessToken,
        customer::{Customer, HistoryLine},
        mail_state::MailState,
        reset::{LinkState, Reset},
        time_text,
    },
    tui::{
        key::Key,
        layout,
        model::{
            Focus, Model,
            detail::{self, BLOCK_LINES, EVENT_ACTION, EVENT_TIME, LABEL},
            places::{Places, Spot},
            requests::{SPINNER_AFTER, Slot},
            room::Room,
        },
        theme::Role,
        view::look::{Look, inset, spread},
        words,
    },
};

/// Draws the record; gives the place of its first line.
pub fn draw(model: &Model, look: Look, frame: &mut Frame, area: Rect, places: &mut Places) -> Position {
    let area = inset(area, 1);
    let origin = Position { x: area.x, y: area.y };
    let Some(detail) = &model.detail else { return origin };
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    // The former record stays for a moment while the next one is read, so that nothing flickers.
    let waited = model.requests.running(Slot::Record).map(|(_, since)| model.now.duration_since(since));
    let fresh = detail.current().is_some() || waited.is_some_and(|waited| waited < SPINNER_AFTER);
    let Some(record) = detail.shown.as_deref().filter(|_| fresh) else {
        let text = match &detail.problem {
            Some(problem) => look.span(Role::Bad, format!("! {problem}")),
            None if waited.is_some_and(|waited| waited >= SPINNER_AFTER) => {
                look.span(Role::Dim, "Reading the record...")
            }
            None => look.plain(""),
        };
        frame.render_widget(Line::from(text), line(0));
        return origin;
    };
    frame.render_widget(title(model, record, look, area, places), line(0));
    if let Some(problem) = &detail.problem {
        let text = format!("! As it was before. {problem}");
        frame.render_widget(Line::from(look.fit(Role::Bad, &text, usize::from(area.width))), line(1));
    }
    let (buttons, below) = buttons::bar(model, record, look, line(2), places);
    frame.render_widget(buttons, line(2));
    frame.render_widget(below, line(3));
    let body =
        Rect { y: area.y + layout::DETAIL_HEAD, height: area.height.saturating_sub(layout::DETAIL_HEAD), ..area };
    let lines = lines(model, record, look, area.width + 2, body.width);
    for (y, text) in (body.top()..body.bottom()).zip(lines.into_iter().skip(usize::from(detail.scroll))) {
        frame.render_widget(text, Rect { y, height: 1, ..body });
    }
    origin
}

fn title(model: &Model, record: &Customer, look: Look, area: Rect, places: &mut Places) -> Line<'static> {
    let width = area.width;
    let mut left = Vec::new();
    if !model.is_side_by_side() {
        let from = match model.behind.last().and_then(|behind| behind.room.as_ref()) {
            Some(Room::Audit(_)) => "< Audit log   ",
            Some(Room::Mails(_)) => "< Mails   ",
            None => "< Customers   ",
        };
        places.add_line(area.x, area.y, from.len(), Spot::Key(Key::Esc));
        left.push(look.span(Role::Dim, from));
    }
    let role = if model.focus == Focus::Detail { Role::Title } else { Role::Text };
    let state = look.status(record.status, model.now, 0);
    let number = look.span(Role::Dim, format!("   #{}   {}", record.id.0, record.website.code));
    let taken: usize = left.iter().chain([&number, &state]).map(Span::width).sum();
    left.push(look.fit(role, record.called().as_str(), usize::from(width).saturating_sub(taken + 3)));
    left.push(number);
    spread(width, left, vec![state])
}

/// Everything below the head; as many lines as [`crate::tui::model::detail::height`] says.
pub fn lines(model: &Model, record: &Customer, look: Look, pane: u16, width: u16) -> Vec<Line<'static>> {
    let now = model.now;
    let full = usize::from(width);
    let mut lines = Vec::new();
    let mut left = facts(look, "Account", account(record, now), record, pane, width);
    let right = |width| block(look, "Reset", reset(record, now), width);
    if layout::has_two_columns(pane) {
        let column = detail::left_column(full);
        if let Some(pieces) = detail::long_email(record, pane) {
            lines.extend(left.drain(..(1 + pieces.len()).min(left.len())));
        }
        lines.extend(beside(look, left, right(full - column - 2), column + 2));
    } else {
        lines.extend(left);
        lines.push(Line::default());
        lines.extend(right(full));
    }
    lines.push(Line::default());
    let alive = format!("{} alive, {}", record.alive.tokens, words::many(record.alive.sessions, "browser session"));
    lines.push(section(look, "Access tokens", &alive, width));
    if record.tokens.is_empty() {
        let text = if record.ever_had_tokens { "None is alive." } else { "No integration ever obtained one." };
        lines.push(Line::from(look.span(Role::Dim, format!("  {text}"))));
    }
    lines.extend(record.tokens.iter().map(|token| token_line(token, now, look, full)));
    lines.push(Line::default());
    lines.push(section(look, "History", "", width));
    if record.history.is_empty() {
        lines.push(Line::from(look.span(Role::Dim, "  Nothing was done to this account yet.")));
    }
    lines.extend(record.history.iter().flat_map(|event| history_lines(event, look, full)));
    lines
}

fn section(look: Look, name: &str, right: &str, width: u16) -> Line<'static> {
    spread(width, vec![look.span(Role::Title, name)], vec![look.span(Role::Dim, right)])
}

/// The account, with an address that is too long for its column in lines of its own.
fn facts(look: Look, name: &str, facts: Vec<Fact>, record: &Customer, pane: u16, width: u16) -> Vec<Line<'static>> {
    let full = usize::from(width);
    let column = if layout::has_two_columns(pane) { detail::left_column(full) } else { full };
    let mut lines = block(look, name, facts, column);
    if let Some(pieces) = detail::long_email(record, pane) {
        let labels = std::iter::once("  E-mail").chain(std::iter::repeat(""));
        let long = labels
            .zip(pieces)
            .map(|(label, piece)| Line::from(vec![look.cell(Role::Dim, label, LABEL + 2), look.plain(piece)]));
        lines.splice(1..2, long);
    }
    lines
}

/// Two columns of lines, the second one from `column` on.
fn beside(look: Look, left: Vec<Line<'static>>, right: Vec<Line<'static>>, column: usize) -> Vec<Line<'static>> {
    let count = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let mut row = || {
        let mut line = left.next().unwrap_or_default();
        let used = line.width();
        line.spans.push(look.plain(" ".repeat(column.saturating_sub(used))));
        line.spans.extend(right.next().unwrap_or_default().spans);
        line
    };
    (0..count).map(|_| row()).collect()
}

type Fact = (&'static str, Role, String);

fn block(look: Look, name: &str, facts: Vec<Fact>, width: usize) -> Vec<Line<'static>> {
    debug_assert_eq!(facts.len(), usize::from(BLOCK_LINES));
    let mut lines = vec![Line::from(look.span(Role::Title, name))];
    for (label, role, text) in facts {
        let label = look.cell(Role::Dim, &format!("  {label}"), LABEL + 2);
        lines.push(Line::from(vec![label, look.fit(role, &text, width.saturating_sub(LABEL + 2))]));
    }
    lines
}

fn account(record: &Customer, now: Timestamp) -> Vec<Fact> {
    let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let last_in = record.last_sign_in_at.map_or_else(|| "never".to_owned(), |at| time_text::relative(at, now));
    let password = match (record.has_password, record.failed_sign_ins) {
        (false, _) => "never chosen".to_owned(),
        (true, 0) => "set".to_owned(),
        (true, n) => format!("set, {n} wrong tries"),
    };
    vec![
        ("E-mail", Role::Text, record.email.to_string()),
        ("Phone", Role::Text, or_none(record.phone.as_str())),
        ("Group", Role::Text, or_none(record.group.as_str())),
        ("Website", Role::Text, record.website.name.to_string()),
        ("Since", Role::Text, time_text::day(record.created_at)),
        ("Last in", Role::Text, last_in),
        ("Password", Role::Text, password),
    ]
}

fn reset(record: &Customer, now: Timestamp) -> Vec<Fact> {
    let none = || "-".to_owned();
    let last = record.last_reset.as_ref();
    let (link_role, link) =
        last.map_or_else(|| (Role::Dim, "none yet".to_owned()), |reset| link_words(reset.link, now));
    let next = match record.budget.blocked.filter(|blocked| blocked.next() > now) {
        Some(blocked) => format!("next in {}", words::left(blocked.next(), now)),
        None => "next now".to_owned(),
    };
    let asked = last.map_or_else(none, |reset| {
        format!("{} by {}", time_text::relative(reset.requested_at, now), reset.requested_by)
    });
    let reason = last.map(|reset| reset.reason.to_string()).filter(|reason| !reason.is_empty());
    let (mail_role, mail) = last.map_or_else(|| (Role::Dim, none()), mail_words);
    let relay = last.map(|reset| reset.relay.to_string()).filter(|answer| !answer.is_empty());
    let max = record.budget.max.map_or_else(String::new, |max| format!("of {max} "));
    vec![
        ("Link", link_role, link),
        ("Budget", Role::Text, format!("{} {max}this hour", record.budget.used)),
        ("", Role::Text, next),
        ("Last", Role::Text, asked),
        ("Reason", Role::Text, reason.unwrap_or_else(none)),
        ("Mail", mail_role, mail),
        ("Relay", Role::Text, relay.unwrap_or_else(none)),
    ]
}

fn link_words(link: LinkState, now: Timestamp) -> (Role, String) {
    match link {
        LinkState::Pending => (Role::Good, "made when its mail leaves".to_owned()),
        LinkState::Live { until } => (Role::Good, format!("live, ends {}", time_text::relative(until, now))),
        LinkState::Used { at } => (Role::Text, format!("used {}", time_text::relative(at, now))),
        LinkState::Expired { at } => (Role::Text, format!("expired {}", time_text::relative(at, now))),
        LinkState::Cancelled { at } => (Role::Text, format!("cancelled {}", time_text::relative(at, now))),
        LinkState::Superseded { at } => (Role::Text, format!("superseded {}", time_text::relative(at, now))),
    }
}

/// What is known of the mail. The relay's "accepted" is not "delivered".
fn mail_words(reset: &Reset) -> (Role, String) {
    match reset.mail {
        None => (Role::Dim, "-".to_owned()),
        Some(MailState::Queued) => (Role::Text, "queued".to_owned()),
        Some(MailState::Accepted) => (Role::Good, "accepted by the relay".to_owned()),
        Some(MailState::Refused) => (Role::Bad, "refused by the relay".to_owned()),
        Some(MailState::Expired) => (Role::Bad, "given up".to_owned()),
        Some(MailState::Cancelled) => (Role::Text, "taken back, never left".to_owned()),
        Some(MailState::Superseded) => (Role::Text, "superseded, never left".to_owned()),
    }
}

fn token_line(token: &AccessToken, now: Timestamp, look: Look, width: usize) -> Line<'static> {
    let used = token
        .last_used_at
        .map_or_else(|| "never used".to_owned(), |at| format!("used {}", time_text::relative(at, now)));
    let issued = format!("issued {}", time_text::relative(token.created_at, now));
    let ends =
        token.expires_at.map_or_else(|| "no expiry".to_owned(), |at| format!("ends {}", time_text::relative(at, now)));
    let mut spans = vec![look.plain("  ")];
    if width >= 74 {
        let rest = width - 2 - 18 - 18 - 14;
        let name = rest * 9 / 20;
        spans.extend([
            look.cell(Role::Text, token.integration.as_str(), name - 2),
            look.plain("  "),
            look.cell(Role::Dim, token.scopes.as_str(), rest - name - 2),
            look.plain("  "),
            look.cell(Role::Text, &issued, 18),
            look.cell(Role::Text, &used, 18),
            look.fit(Role::Text, &ends, 14),
        ]);
    } else {
        let name = width.saturating_sub(2 + 18 + 14 + 2);
        spans.extend([
            look.cell(Role::Text, token.integration.as_str(), name),
            look.plain("  "),
            look.cell(Role::Text, &used, 18),
            look.fit(Role::Text, &ends, 14),
        ]);
    }
    Line::from(spans)
}

fn history_lines(event: &HistoryLine, look: Look, width: usize) -> Vec<Line<'static>> {
    let mut texts = detail::event_texts(event, width).into_iter();
    let mut spans = vec![
        look.cell(Role::Dim, &format!("  {}", time_text::minute(event.at)), EVENT_TIME),
        look.cell(Role::Text, words::action(event.action.as_str()), EVENT_ACTION),
        look.cell(Role::Text, event.operator.as_str(), detail::event_who(width)),
        look.plain("  "),
    ];
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(look.fit(Role::Text, &texts.next().unwrap_or_default(), width.saturating_sub(used)));
    let below = texts.map(|text| {
        let text = look.fit(Role::Text, &text, width.saturating_sub(EVENT_TIME));
        Line::from(vec![look.plain(" ".repeat(EVENT_TIME)), text])
    });
    std::iter::once(Line::from(spans)).chain(below).collect()
}
