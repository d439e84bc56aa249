//! The question: what will happen to whom, what it costs, and two buttons.

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::Line,
    widgets::{Block, Clear},
};

use crate::{
    domain::{
        access_token::Scope,
        customer::Status,
        mail_state::MailState,
        outbox::{MailKind, MailLine},
        safe_text::SafeText,
        time_text,
    },
    tui::{
        layout,
        model::{
            Intent, Model,
            confirm::{Confirm, Part},
            places::{Places, Spot},
        },
        theme::Role,
        view::{
            cells,
            look::{Look, inset, spread},
        },
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
    let width = usize::from(WIDTH.min(model.area.width)) - 6;
    let mut lines: Vec<Line<'static>> = Vec::new();
    for text in words::wrap(&question(confirm, look), width) {
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
        for text in words::wrap(warning(confirm), width - 2) {
            lines.push(Line::from(look.span(Role::Warn, format!("  {text}"))));
        }
        lines.push(Line::default());
    }
    let reason_at = lines.len();
    let field_width = u16::try_from(width - LABEL - 2).unwrap_or_default();
    let reason_role = if confirm.part == Part::Reason { Role::Field } else { Role::Text };
    let (field, column) = look.field(reason_role, &confirm.reason, field_width);
    let is_hint = confirm.reason.text().is_empty() && confirm.part != Part::Reason;
    let field = if is_hint { look.span(Role::Dim, "Tab to type one, such as a ticket") } else { field };
    lines.push(Line::from(vec![look.cell(Role::Dim, "  Reason", LABEL + 2), field]));
    lines.push(Line::default());
    let buttons_at = lines.len();
    let (buttons, yes_at, no_at) = buttons(confirm, look, width);
    lines.push(buttons);

    let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX);
    let area = layout::popup(model.area, WIDTH, height);
    frame.render_widget(Clear, area);
    cells::make_room(frame.buffer_mut(), area);
    let title = format!(" {} ", title(confirm.action));
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

const fn title(action: Intent) -> &'static str {
    match action {
        Intent::Reset => "Reset Password",
        Intent::ForceSignIn => "Force Sign In",
        Intent::CancelLink => "Cancel link",
        Intent::Unlock => "Unlock",
        Intent::RetryMail(_) => "Try again",
        Intent::CancelMail(_) => "Cancel mail",
    }
}

fn question(confirm: &Confirm, look: Look) -> String {
    // A name may be as long as its owner likes; the question must still be read at a glance.
    let name = words::fit(confirm.record.called().as_str(), 40, look.symbols.cut());
    match confirm.action {
        Intent::Reset => format!("Send {name} a link to choose a new password?"),
        Intent::CancelLink => format!("Make the reset link of {name} useless?"),
        Intent::Unlock => format!("Let {name} sign in again now?"),
        Intent::RetryMail(_) => {
            let noun = confirm.mail.as_ref().map_or("mail", |mail| mail.kind.noun());
            format!("Send the {noun} to {name} again now?")
        }
        Intent::CancelMail(_) if confirm.mail_waits() => format!("Take back the mail to {name}?"),
        Intent::CancelMail(_) => format!("Make the link in the mail to {name} useless?"),
        Intent::ForceSignIn => {
            let alive = confirm.would_end(confirm.chosen());
            let tokens = words::many(alive.tokens, "access token");
            let sessions = words::many(alive.sessions, "browser session");
            match confirm.chosen() {
                Scope::Tokens | Scope::Token(_) => format!("Revoke {tokens} of {name}?"),
                Scope::Sessions => format!("End {sessions} of {name}?"),
                Scope::All => format!("Revoke {tokens} and end {sessions} of {name}?"),
            }
        }
    }
}

fn facts(model: &Model, confirm: &Confirm) -> Vec<(&'static str, String)> {
    let record = &confirm.record;
    match confirm.action {
        Intent::Reset => {
            let sender = record.website.sender_email.as_ref().map(ToString::to_string).unwrap_or_default();
            let host = SafeText::new(record.website.base_url.as_deref().unwrap_or_default());
            let life = link_life(model.shop.link_life);
            let budget = record.budget.max.map_or_else(
                || "no limit".to_owned(),
                |max| format!("this is {} of {max} this hour", record.budget.used + 1),
            );
            let mut facts = vec![
                ("To", record.email.to_string()),
                ("From", format!("{} <{sender}>", record.website.sender_name)),
                ("Link", format!("{host}, {life}, one use")),
                ("Budget", budget),
            ];
            if record.last_reset.as_ref().is_some_and(|reset| reset.link.is_live()) {
                facts.push(("Note", "the link that is live now stops working".to_owned()));
            }
            facts.extend(signs_in_not(record.status).map(|text| ("Note", text.to_owned())));
            facts
        }
        Intent::CancelLink => {
            let reset = record.last_reset.as_ref();
            let asked = reset.map_or_else(String::new, |reset| {
                format!("asked for {} by {}", time_text::relative(reset.requested_at, model.now), reset.requested_by)
            });
            let held = reset.is_some_and(|reset| reset.mail == Some(MailState::Queued));
            let mail = if held {
                "has not left; it is taken back if there is still time"
            } else {
                "has left; only the link in it stops working"
            };
            vec![("Link", asked), ("Mail", mail.to_owned())]
        }
        Intent::ForceSignIn => Vec::new(),
        Intent::Unlock => {
            let until = record.locked_until.map_or_else(String::new, |until| {
                format!("until {}, {} left", time_text::second(until), words::left(until, model.now))
            });
            let wrong = format!("{}, forgotten then", words::many(record.failed_sign_ins, "wrong password"));
            let mut facts = vec![("Locked", until)];
            facts.extend((record.failed_sign_ins > 0).then_some(("Because", wrong)));
            facts.push(("Note", "The password stays as it is.".to_owned()));
            facts
        }
        Intent::RetryMail(_) | Intent::CancelMail(_) => {
            confirm.mail.as_ref().map_or_else(Vec::new, |mail| of_mail(model, mail, confirm.action))
        }
    }
}

/// What there is to know of a mail before something is done to it.
fn of_mail(model: &Model, mail: &MailLine, action: Intent) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("To", mail.to.to_string()),
        ("State", format!("{}, {}", words::mail(mail, model.now), words::tried(mail.attempts))),
    ];
    if !mail.relay.is_empty() {
        facts.push(("Relay", mail.relay.to_string()));
    }
    let note = match action {
        Intent::RetryMail(_) if mail.kind == MailKind::PasswordChanged => {
            "It says that the password was changed; the queue goes on for it."
        }
        Intent::RetryMail(_) => "The same mail with the same link; the queue goes on for it.",
        _ if mail.leased => "It is being sent and may still arrive; the link in it will not work.",
        _ if mail.state == MailState::Queued => "It does not leave, and its link never works.",
        _ => "It has left and may arrive; the link in it will not work.",
    };
    facts.push(("Note", note.to_owned()));
    facts
}

/// Why a new password alone will not let them in.
const fn signs_in_not(status: Status) -> Option<&'static str> {
    match status {
        Status::Disabled => Some("The account is switched off: a new password will not let them in."),
        Status::Unconfirmed => Some("The e-mail address is not confirmed yet."),
        Status::Active | Status::Locked { .. } => None,
    }
}

fn link_life(life: SignedDuration) -> String {
    let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    match life.as_hours() {
        0 => words::many(number(life.as_mins()), "minute"),
        hours => words::many(number(hours), "hour"),
    }
}

fn warning(confirm: &Confirm) -> &'static str {
    if confirm.chosen().tokens() {
        "Integrations that act for this customer stop working until they sign in again. \
         Go on only if you know how the shop's integrations authenticate."
    } else {
        "The customer is signed out of the storefront everywhere and must sign in again."
    }
}

fn first_choice(confirm: &Confirm) -> usize {
    (confirm.scope + 1).saturating_sub(CHOICES)
}

fn choices(model: &Model, confirm: &Confirm, look: Look, width: usize) -> Vec<Line<'static>> {
    let first = first_choice(confirm);
    let seen = confirm.scopes.iter().enumerate().skip(first).take(CHOICES);
    let below = confirm.scopes.len().saturating_sub(first + CHOICES);
    let more = (below > 0).then(|| Line::from(look.span(Role::Dim, format!("      {below} more: Down"))));
    seen.map(|(index, &scope)| {
        let is_chosen = index == confirm.scope;
        let role = if is_chosen && confirm.part == Part::Scope { Role::Selected } else { Role::Text };
        let text = format!("{} {}", look.symbols.choice(is_chosen), scope_words(confirm, scope, model.now));
        Line::from(vec![look.plain("  "), look.fit(role, &text, width - 2)])
    })
    .chain(more)
    .collect()
}

fn scope_words(confirm: &Confirm, scope: Scope, now: Timestamp) -> String {
    let alive = confirm.would_end(scope);
    let tokens = words::many(alive.tokens, "access token");
    let sessions = words::many(alive.sessions, "browser session");
    match scope {
        Scope::Tokens if alive.tokens == 1 => "the access token".to_owned(),
        Scope::Tokens => format!("all {tokens}"),
        Scope::Sessions => sessions,
        Scope::All => format!("everything: {tokens}, {sessions}"),
        Scope::Token(id) => {
            let Some(token) = confirm.record.tokens.iter().find(|token| token.id == id) else { return String::new() };
            let (name, scopes) = (&token.integration, &token.scopes);
            let of_it = confirm.record.tokens.iter().filter(|other| other.integration == *name);
            // An integration obtains a token at each sign-in: their ages tell them apart.
            if of_it.count() == 1 {
                format!("only {name} ({scopes})")
            } else {
                format!("only {name}, issued {} ({scopes})", time_text::relative(token.created_at, now))
            }
        }
    }
}

/// Where a button stands on its line.
struct Button {
    x: u16,
    width: usize,
}

fn buttons(confirm: &Confirm, look: Look, width: usize) -> (Line<'static>, Button, Button) {
    let (yes, no) = match confirm.action {
        Intent::Reset => ("Send", "Do not send"),
        Intent::ForceSignIn if confirm.chosen() == Scope::Sessions => ("Sign out", "Leave it"),
        Intent::ForceSignIn => ("Revoke", "Leave it"),
        Intent::Unlock => ("Unlock", "Leave it"),
        Intent::RetryMail(_) => ("Try again", "Leave it"),
        Intent::CancelMail(_) if confirm.mail_waits() => ("Take it back", "Leave it"),
        Intent::CancelLink | Intent::CancelMail(_) => ("Cancel the link", "Leave it"),
    };
    let yes = format!("[ y {yes} ]");
    let no = format!("[ n {no} ]");
    let left = width.saturating_sub(yes.len() + no.len() + 6) / 2;
    let role = |part: Part| if confirm.part == part { Role::Selected } else { Role::Text };
    let at = |column: usize| u16::try_from(column).unwrap_or_default();
    let yes_at = Button { x: at(left), width: yes.len() };
    let no_at = Button { x: at(left + yes.len() + 6), width: no.len() };
    let spans = vec![
        look.plain(" ".repeat(left)),
        look.span(role(Part::Yes), yes),
        look.plain(" ".repeat(6)),
        look.span(role(Part::No), no),
    ];
    (spread(u16::try_from(width).unwrap_or_default(), spans, Vec::new()), yes_at, no_at)
}
