//! A customer's record.

mod buttons;

use jiff::Timestamp;
use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{
        access_token::AccessToken,
        customer::{Customer, HistoryLine},
        mail_state::MailState,
        reset::{LinkState, Reset},
        time_text,
    },
    texts::Texts,
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
                look.span(Role::Dim, model.texts.record_reading())
            }
            None => look.plain(""),
        };
        frame.render_widget(Line::from(text), line(0));
        return origin;
    };
    frame.render_widget(title(model, record, look, area, places), line(0));
    if let Some(problem) = &detail.problem {
        let text = format!("! {}", model.texts.record_stale(problem));
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
            Some(Room::Audit(_)) => model.texts.audit_title(),
            Some(Room::Mails(_)) => model.texts.mails_title(),
            None => model.texts.record_customers(),
        };
        let from = format!("< {from}   ");
        places.add_line(area.x, area.y, from.width(), Spot::Key(Key::Esc));
        left.push(look.span(Role::Dim, from));
    }
    let role = if model.focus == Focus::Detail { Role::Title } else { Role::Text };
    let state = look.status(model.texts, record.status, model.now, 0);
    let number = look.span(Role::Dim, format!("   #{}   {}", record.id.0, record.website.code));
    let taken: usize = left.iter().chain([&number, &state]).map(Span::width).sum();
    left.push(look.fit(role, record.called().as_str(), usize::from(width).saturating_sub(taken + 3)));
    left.push(number);
    spread(width, left, vec![state])
}

/// Everything below the head; as many lines as [`crate::tui::model::detail::height`] says.
pub fn lines(model: &Model, record: &Customer, look: Look, pane: u16, width: u16) -> Vec<Line<'static>> {
    let (texts, now) = (model.texts, model.now);
    let full = usize::from(width);
    let mut lines = Vec::new();
    let mut left = facts(model, record, look, pane, width);
    let right = |width| block(look, &texts.section_reset(), reset(texts, record, now), width);
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
    let alive = texts.tokens_alive(record.alive.tokens, texts.count_browser_sessions(record.alive.sessions));
    lines.push(section(look, &texts.section_tokens(), &alive, width));
    if record.tokens.is_empty() {
        let text = if record.ever_had_tokens { texts.tokens_none_alive() } else { texts.tokens_never() };
        lines.push(Line::from(look.span(Role::Dim, format!("  {text}"))));
    }
    lines.extend(record.tokens.iter().map(|token| token_line(texts, token, now, look, full)));
    lines.push(Line::default());
    lines.push(section(look, &texts.section_history(), "", width));
    if record.history.is_empty() {
        lines.push(Line::from(look.span(Role::Dim, format!("  {}", texts.history_none()))));
    }
    lines.extend(record.history.iter().flat_map(|event| history_lines(texts, event, look, full)));
    lines
}

fn section(look: Look, name: &str, right: &str, width: u16) -> Line<'static> {
    spread(width, vec![look.span(Role::Title, name)], vec![look.span(Role::Dim, right)])
}

/// The account, with an address that is too long for its column in lines of its own.
fn facts(model: &Model, record: &Customer, look: Look, pane: u16, width: u16) -> Vec<Line<'static>> {
    let texts = model.texts;
    let full = usize::from(width);
    let column = if layout::has_two_columns(pane) { detail::left_column(full) } else { full };
    let mut lines = block(look, &texts.section_account(), account(texts, record, model.now), column);
    if let Some(pieces) = detail::long_email(record, pane) {
        let labels = std::iter::once(format!("  {}", texts.label_email())).chain(std::iter::repeat_with(String::new));
        let long = labels
            .zip(pieces)
            .map(|(label, piece)| Line::from(vec![look.cell(Role::Dim, &label, LABEL + 2), look.plain(piece)]));
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

type Fact = (String, Role, String);

fn block(look: Look, name: &str, facts: Vec<Fact>, width: usize) -> Vec<Line<'static>> {
    debug_assert_eq!(facts.len(), usize::from(BLOCK_LINES));
    let mut lines = vec![Line::from(look.span(Role::Title, name))];
    for (label, role, text) in facts {
        let label = look.cell(Role::Dim, &format!("  {label}"), LABEL + 2);
        lines.push(Line::from(vec![label, look.fit(role, &text, width.saturating_sub(LABEL + 2))]));
    }
    lines
}

fn account(texts: Texts, record: &Customer, now: Timestamp) -> Vec<Fact> {
    let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let last_in = record.last_sign_in_at.map_or_else(|| texts.never(), |at| texts.relative(at, now));
    let password = match (record.has_password, record.failed_sign_ins) {
        (false, _) => texts.password_never(),
        (true, 0) => texts.password_set(),
        (true, n) => texts.password_wrong(n),
    };
    vec![
        (texts.label_email(), Role::Text, record.email.to_string()),
        (texts.label_phone(), Role::Text, or_none(record.phone.as_str())),
        (texts.label_group(), Role::Text, or_none(record.group.as_str())),
        (texts.label_website(), Role::Text, record.website.name.to_string()),
        (texts.label_since(), Role::Text, time_text::day(record.created_at)),
        (texts.label_last_in(), Role::Text, last_in),
        (texts.label_password(), Role::Text, password),
    ]
}

fn reset(texts: Texts, record: &Customer, now: Timestamp) -> Vec<Fact> {
    let none = || "-".to_owned();
    let last = record.last_reset.as_ref();
    let (link_role, link) =
        last.map_or_else(|| (Role::Dim, texts.none_yet()), |reset| link_words(texts, reset.link, now));
    let next = match record.budget.blocked.filter(|blocked| blocked.next() > now) {
        Some(blocked) => texts.next_in(words::left(texts, blocked.next(), now)),
        None => texts.next_now(),
    };
    let asked =
        last.map_or_else(none, |reset| texts.asked_by(texts.relative(reset.requested_at, now), &reset.requested_by));
    let reason = last.map(|reset| reset.reason.to_string()).filter(|reason| !reason.is_empty());
    let (mail_role, mail) = last.map_or_else(|| (Role::Dim, none()), |reset| mail_words(texts, reset));
    let relay = last.map(|reset| reset.relay.to_string()).filter(|answer| !answer.is_empty());
    vec![
        (texts.label_link(), link_role, link),
        (texts.label_budget(), Role::Text, words::budget(texts, &record.budget)),
        (String::new(), Role::Text, next),
        (texts.label_last(), Role::Text, asked),
        (texts.label_reason(), Role::Text, reason.unwrap_or_else(none)),
        (texts.label_mail(), mail_role, mail),
        (texts.label_relay(), Role::Text, relay.unwrap_or_else(none)),
    ]
}

fn link_words(texts: Texts, link: LinkState, now: Timestamp) -> (Role, String) {
    let when = |at| texts.relative(at, now);
    match link {
        LinkState::Pending => (Role::Good, texts.link_is_pending()),
        LinkState::Live { until } => (Role::Good, texts.link_is_live(when(until))),
        LinkState::Used { at } => (Role::Text, texts.link_is_used(when(at))),
        LinkState::Expired { at } => (Role::Text, texts.link_is_expired(when(at))),
        LinkState::Cancelled { at } => (Role::Text, texts.link_is_cancelled(when(at))),
        LinkState::Superseded { at } => (Role::Text, texts.link_is_superseded(when(at))),
    }
}

/// What is known of the mail. The relay's "accepted" is not "delivered".
fn mail_words(texts: Texts, reset: &Reset) -> (Role, String) {
    match reset.mail {
        None => (Role::Dim, "-".to_owned()),
        Some(MailState::Queued) => (Role::Text, texts.mail_queued()),
        Some(MailState::Accepted) => (Role::Good, texts.mail_was_accepted()),
        Some(MailState::Refused) => (Role::Bad, texts.mail_was_refused()),
        Some(MailState::Expired) => (Role::Bad, texts.mail_given_up()),
        Some(MailState::Cancelled) => (Role::Text, texts.mail_was_taken_back()),
        Some(MailState::Superseded) => (Role::Text, texts.mail_was_superseded()),
    }
}

fn token_line(texts: Texts, token: &AccessToken, now: Timestamp, look: Look, width: usize) -> Line<'static> {
    let when = |at| texts.relative(at, now);
    let used = token.last_used_at.map_or_else(|| texts.token_never_used(), |at| texts.token_used(when(at)));
    let issued = texts.token_issued(when(token.created_at));
    let ends = token.expires_at.map_or_else(|| texts.token_no_expiry(), |at| texts.token_ends(when(at)));
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

fn history_lines(texts: Texts, event: &HistoryLine, look: Look, width: usize) -> Vec<Line<'static>> {
    let mut said = detail::event_texts(texts, event, width).into_iter();
    let mut spans = vec![
        look.cell(Role::Dim, &format!("  {}", time_text::minute(event.at)), EVENT_TIME),
        look.cell(Role::Text, &texts.audit_action(event.action.as_str()), EVENT_ACTION),
        look.cell(Role::Text, event.operator.as_str(), detail::event_who(width)),
        look.plain("  "),
    ];
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(look.fit(Role::Text, &said.next().unwrap_or_default(), width.saturating_sub(used)));
    let below = said.map(|text| {
        let text = look.fit(Role::Text, &text, width.saturating_sub(EVENT_TIME));
        Line::from(vec![look.plain(" ".repeat(EVENT_TIME)), text])
    });
    std::iter::once(Line::from(spans)).chain(below).collect()
}
