//! The question: what will happen to whom, what it costs, and two buttons.

use jiff::SignedDuration;
use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::Line,
    widgets::{Block, Clear},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{
        access_token::Scope,
        customer::{Customer, Status},
        mail_state::MailState,
        outbox::{MailKind, MailLine},
        safe_text::SafeText,
        time_text,
    },
    texts::Texts,
    tui::{
        key::Key,
        layout,
        model::{
            Intent, Model,
            confirm::{Confirm, Part},
            places::{Places, Spot},
        },
        theme::Role,
        view::look::{Look, inset, spread},
        words,
    },
};

/// Columns of the popup.
const WIDTH: u16 = 68;
/// Columns for the names of the facts.
const LABEL: usize = 9;
/// Choices that are seen at once.
const CHOICES: usize = 6;

/// Draws the question; gives the place of the cursor, and what lies where.
pub fn draw(model: &Model, confirm: &Confirm, look: Look, frame: &mut Frame) -> (Position, Places) {
    let texts = model.texts;
    let width = usize::from(WIDTH.min(model.area.width)) - 6;
    let mut lines: Vec<Line<'static>> = Vec::new();
    for text in words::wrap(&question(texts, confirm, look), width) {
        lines.push(Line::from(look.span(Role::Title, text)));
    }
    lines.push(Line::default());
    let (mut choice_at, mut scopes_at, mut scopes_seen) = (None, 0, 0);
    for (label, text) in facts(model, confirm) {
        let mut label = format!("  {label}");
        for text in words::wrap(&text, width - LABEL - 2) {
            let label = look.cell(Role::Dim, &std::mem::take(&mut label), LABEL + 2);
            lines.push(Line::from(vec![label, look.fit(Role::Text, &text, width - LABEL - 2)]));
        }
    }
    if confirm.action == Intent::ForceSignIn {
        scopes_at = lines.len();
        scopes_seen = CHOICES.min(confirm.scopes.len());
        lines.extend(choices(model, confirm, look, width));
        choice_at = Some(scopes_at + confirm.scope.saturating_sub(first_choice(confirm)));
        lines.push(Line::default());
        for text in words::wrap(&warning(texts, confirm), width - 2) {
            lines.push(Line::from(look.span(Role::Warn, format!("  {text}"))));
        }
        lines.push(Line::default());
    }
    let reason_at = lines.len();
    let field_width = u16::try_from(width - LABEL - 2).unwrap_or_default();
    let reason_role = if confirm.part == Part::Reason { Role::Field } else { Role::Text };
    let (field, column) = look.field(reason_role, &confirm.reason, field_width);
    let is_hint = confirm.reason.text().is_empty() && confirm.part != Part::Reason;
    let field = if is_hint { look.fit(Role::Dim, &texts.reason_hint(), usize::from(field_width)) } else { field };
    lines.push(Line::from(vec![look.cell(Role::Dim, &format!("  {}", texts.label_reason()), LABEL + 2), field]));
    lines.push(Line::default());
    let buttons_at = lines.len();
    let (buttons, yes_at, no_at) = buttons(texts, confirm, look, width);
    lines.push(buttons);

    let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX);
    let area = layout::popup(model.area, WIDTH, height);
    frame.render_widget(Clear, area);
    let title = format!(" {} ", title(texts, confirm.action));
    let block = Block::bordered().border_set(look.symbols.border()).title(look.span(Role::Title, title));
    frame.render_widget(block, area);
    // On a small screen the buttons matter more than the space around them.
    let tight = height > area.height;
    let top = area.y + if tight { 1 } else { 2 };
    let body = inset(Rect { y: top, height: area.height.saturating_sub(if tight { 2 } else { 4 }), ..area }, 3);
    let cut = lines.len().saturating_sub(usize::from(body.height));
    let kept = drop_lines(lines, cut, reason_at);
    let places_of_lines: Vec<usize> = kept.iter().map(|(at, _)| *at).take(usize::from(body.height)).collect();
    let shift = |at: usize| {
        let place = places_of_lines.iter().position(|&other| other == at).unwrap_or_default();
        u16::try_from(place).unwrap_or_default().min(body.height.saturating_sub(1))
    };
    for (y, (_, line)) in (body.top()..body.bottom()).zip(kept) {
        frame.render_widget(line, Rect { y, height: 1, ..body });
    }
    let mut places = Places::of_popup(area);
    for (at, &place) in places_of_lines.iter().enumerate() {
        let y = body.y + u16::try_from(at).unwrap_or_default();
        if let Some(choice) = place.checked_sub(scopes_at).filter(|choice| *choice < scopes_seen) {
            places.add_line(body.x, y, width, Spot::Choice(first_choice(confirm) + choice));
        } else if place == reason_at {
            places.add_line(body.x, y, width, Spot::Part(Part::Reason));
        } else if place == buttons_at {
            places.add_line(body.x + yes_at.x, y, yes_at.width, Spot::Part(Part::Yes));
            places.add_line(body.x + no_at.x, y, no_at.width, Spot::Part(Part::No));
        }
    }
    let label = u16::try_from(LABEL + 2).unwrap_or_default();
    let cursor = match confirm.part {
        Part::Reason => Position { x: body.x + label + column, y: body.y + shift(reason_at) },
        Part::Scope => Position { x: body.x + 3, y: body.y + shift(choice_at.unwrap_or_default()) },
        Part::Yes => Position { x: body.x + yes_at.x + 2, y: body.y + shift(buttons_at) },
        Part::No => Position { x: body.x + no_at.x + 2, y: body.y + shift(buttons_at) },
    };
    (cursor, places)
}

/// Leaves out `cut` lines: empty ones first, then the last facts above the reason, never the
/// question nor the buttons. Gives with each line the place that it had.
fn drop_lines(lines: Vec<Line<'static>>, mut cut: usize, reason_at: usize) -> Vec<(usize, Line<'static>)> {
    let mut kept: Vec<(usize, Line<'static>)> = lines.into_iter().enumerate().collect();
    kept.retain(|(_, line)| {
        let drop = cut > 0 && line.width() == 0;
        cut -= usize::from(drop);
        !drop
    });
    let reason = kept.iter().position(|(at, _)| *at == reason_at).unwrap_or_default();
    kept.drain(reason.saturating_sub(cut)..reason);
    kept
}

fn title(texts: Texts, action: Intent) -> String {
    match action {
        Intent::Reset => texts.button_reset(),
        Intent::ForceSignIn => texts.button_force(),
        Intent::CancelLink => texts.button_cancel(),
        Intent::Unlock => texts.button_unlock(),
        Intent::RetryMail(_) => texts.button_retry(),
        Intent::CancelMail(_) => texts.button_cancel_mail(),
    }
}

fn question(texts: Texts, confirm: &Confirm, look: Look) -> String {
    // A name may be as long as its owner likes; the question must still be read at a glance.
    let name = words::fit(confirm.record.called().as_str(), 40, look.symbols.cut());
    match confirm.action {
        Intent::Reset => texts.ask_reset(name),
        Intent::CancelLink => texts.ask_cancel_link(name),
        Intent::Unlock => texts.ask_unlock(name),
        Intent::RetryMail(_) => {
            let kind = confirm.mail.as_ref().map_or(MailKind::Reset, |mail| mail.kind);
            texts.ask_retry(texts.mail_noun(kind), name)
        }
        Intent::CancelMail(_) if confirm.mail_waits() => texts.ask_take_back(name),
        Intent::CancelMail(_) => texts.ask_cancel_mail(name),
        Intent::ForceSignIn => {
            let alive = confirm.would_end(confirm.chosen());
            let tokens = texts.count_access_tokens(alive.tokens);
            let sessions = texts.count_browser_sessions(alive.sessions);
            match confirm.chosen() {
                Scope::Tokens | Scope::Token(_) => texts.ask_revoke(tokens, name),
                Scope::Sessions => texts.ask_end_sessions(sessions, name),
                Scope::All => texts.ask_revoke_and_end(tokens, sessions, name),
            }
        }
    }
}

fn facts(model: &Model, confirm: &Confirm) -> Vec<(String, String)> {
    let (texts, record) = (model.texts, &confirm.record);
    match confirm.action {
        Intent::Reset => of_reset(model, record),
        Intent::CancelLink => {
            let reset = record.last_reset.as_ref();
            let asked = reset.map_or_else(String::new, |reset| {
                texts.fact_asked(texts.relative(reset.requested_at, model.now), &reset.requested_by)
            });
            let held = reset.is_some_and(|reset| reset.mail == Some(MailState::Queued));
            let mail = if held { texts.fact_mail_held() } else { texts.fact_mail_left() };
            vec![(texts.label_link(), asked), (texts.label_mail(), mail)]
        }
        Intent::ForceSignIn => Vec::new(),
        Intent::Unlock => {
            let until = record.locked_until.map_or_else(String::new, |until| {
                texts.fact_locked(time_text::second(until), words::left(texts, until, model.now))
            });
            let wrong = texts.fact_forgotten(texts.count_wrong_passwords(record.failed_sign_ins));
            let mut facts = vec![(texts.label_locked(), until)];
            facts.extend((record.failed_sign_ins > 0).then(|| (texts.label_because(), wrong)));
            facts.push((texts.label_note(), texts.fact_password_stays()));
            facts
        }
        Intent::RetryMail(_) | Intent::CancelMail(_) => {
            confirm.mail.as_ref().map_or_else(Vec::new, |mail| of_mail(model, mail, confirm.action))
        }
    }
}

/// What there is to know before a reset is sent.
fn of_reset(model: &Model, record: &Customer) -> Vec<(String, String)> {
    let texts = model.texts;
    let sender = record.website.sender_email.as_ref().map(ToString::to_string).unwrap_or_default();
    let host = SafeText::new(record.website.base_url.as_deref().unwrap_or_default());
    let budget =
        record.budget.max.map_or_else(|| texts.budget_no_limit(), |max| texts.fact_budget(record.budget.used + 1, max));
    let mut facts = vec![
        (texts.label_to(), record.email.to_string()),
        (texts.label_from(), format!("{} <{sender}>", record.website.sender_name)),
        (texts.label_link(), texts.fact_link(host, link_life(texts, model.shop.link_life))),
        (texts.label_budget(), budget),
    ];
    if record.last_reset.as_ref().is_some_and(|reset| reset.link.is_live()) {
        facts.push((texts.label_note(), texts.fact_link_stops()));
    }
    facts.extend(signs_in_not(texts, record.status).map(|text| (texts.label_note(), text)));
    facts
}

/// What there is to know of a mail before something is done to it.
fn of_mail(model: &Model, mail: &MailLine, action: Intent) -> Vec<(String, String)> {
    let texts = model.texts;
    let state = texts.fact_state(words::mail(texts, mail, model.now), texts.mail_tried(mail.attempts));
    let mut facts = vec![(texts.label_to(), mail.to.to_string()), (texts.label_state(), state)];
    if !mail.relay.is_empty() {
        facts.push((texts.label_relay(), mail.relay.to_string()));
    }
    let note = match action {
        Intent::RetryMail(_) if mail.kind == MailKind::PasswordChanged => texts.fact_retry_notice(),
        Intent::RetryMail(_) => texts.fact_retry(),
        _ if mail.leased => texts.fact_cancel_sending(),
        _ if mail.state == MailState::Queued => texts.fact_cancel_queued(),
        _ => texts.fact_cancel_left(),
    };
    facts.push((texts.label_note(), note));
    facts
}

/// Why a new password alone will not let them in.
fn signs_in_not(texts: Texts, status: Status) -> Option<String> {
    match status {
        Status::Disabled => Some(texts.fact_disabled()),
        Status::Unconfirmed => Some(texts.fact_unconfirmed()),
        Status::Active | Status::Locked { .. } => None,
    }
}

fn link_life(texts: Texts, life: SignedDuration) -> String {
    match life.as_hours() {
        0 => texts.count_minutes(life.as_mins()),
        hours => texts.count_hours(hours),
    }
}

fn warning(texts: Texts, confirm: &Confirm) -> String {
    if confirm.chosen().tokens() { texts.warn_tokens() } else { texts.warn_sessions() }
}

fn first_choice(confirm: &Confirm) -> usize {
    (confirm.scope + 1).saturating_sub(CHOICES)
}

fn choices(model: &Model, confirm: &Confirm, look: Look, width: usize) -> Vec<Line<'static>> {
    let first = first_choice(confirm);
    let seen = confirm.scopes.iter().enumerate().skip(first).take(CHOICES);
    let below = confirm.scopes.len().saturating_sub(first + CHOICES);
    let more = (below > 0)
        .then(|| Line::from(look.span(Role::Dim, format!("      {}", model.texts.popup_more_of(below, Key::Down)))));
    seen.map(|(index, &scope)| {
        let is_chosen = index == confirm.scope;
        let role = if is_chosen && confirm.part == Part::Scope { Role::Selected } else { Role::Text };
        let text = format!("{} {}", look.symbols.choice(is_chosen), scope_words(model, confirm, scope));
        Line::from(vec![look.plain("  "), look.fit(role, &text, width - 2)])
    })
    .chain(more)
    .collect()
}

fn scope_words(model: &Model, confirm: &Confirm, scope: Scope) -> String {
    let texts = model.texts;
    let alive = confirm.would_end(scope);
    let tokens = texts.count_access_tokens(alive.tokens);
    let sessions = texts.count_browser_sessions(alive.sessions);
    match scope {
        Scope::Tokens if alive.tokens == 1 => texts.scope_one_token(),
        Scope::Tokens => texts.scope_tokens(tokens),
        Scope::Sessions => sessions,
        Scope::All => texts.scope_all(tokens, sessions),
        Scope::Token(id) => {
            let Some(token) = confirm.record.tokens.iter().find(|token| token.id == id) else { return String::new() };
            let (name, scopes) = (&token.integration, &token.scopes);
            let of_it = confirm.record.tokens.iter().filter(|other| other.integration == *name);
            // An integration obtains a token at each sign-in: their ages tell them apart.
            if of_it.count() == 1 {
                texts.scope_only(name, scopes)
            } else {
                texts.scope_only_issued(name, texts.relative(token.created_at, model.now), scopes)
            }
        }
    }
}

/// Where a button stands on its line.
struct Button {
    x: u16,
    width: usize,
}

fn buttons(texts: Texts, confirm: &Confirm, look: Look, width: usize) -> (Line<'static>, Button, Button) {
    let (yes, no) = match confirm.action {
        Intent::Reset => (texts.yes_send(), texts.no_send()),
        Intent::ForceSignIn if confirm.chosen() == Scope::Sessions => (texts.yes_sign_out(), texts.no_leave()),
        Intent::ForceSignIn => (texts.yes_revoke(), texts.no_leave()),
        Intent::Unlock => (texts.button_unlock(), texts.no_leave()),
        Intent::RetryMail(_) => (texts.button_retry(), texts.no_leave()),
        Intent::CancelMail(_) if confirm.mail_waits() => (texts.yes_take_back(), texts.no_leave()),
        Intent::CancelLink | Intent::CancelMail(_) => (texts.yes_cancel_link(), texts.no_leave()),
    };
    let yes = format!("[ y {yes} ]");
    let no = format!("[ n {no} ]");
    let left = width.saturating_sub(yes.width() + no.width() + 6) / 2;
    let role = |part: Part| if confirm.part == part { Role::Selected } else { Role::Text };
    let at = |column: usize| u16::try_from(column).unwrap_or_default();
    let yes_at = Button { x: at(left), width: yes.width() };
    let no_at = Button { x: at(left + yes.width() + 6), width: no.width() };
    let spans = vec![
        look.plain(" ".repeat(left)),
        look.span(role(Part::Yes), yes),
        look.plain(" ".repeat(6)),
        look.span(role(Part::No), no),
    ];
    (spread(u16::try_from(width).unwrap_or_default(), spans, Vec::new()), yes_at, no_at)
}
