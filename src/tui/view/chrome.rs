//! What surrounds the table and the record: header, search line, results.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::Span,
    widgets::Clear,
};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{outbox::QueueState, time_text},
    tui::{
        command::Action,
        model::{
            Focus, Model, Mood, Undo,
            list::PAGE,
            places::{Places, Spot},
            requests::{ELAPSED_AFTER, SPINNER_AFTER, Slot},
            room::Room,
        },
        theme::Role,
        view::look::{Look, inset, spread},
        words,
    },
};

/// What the program is called in the header.
const PROGRAM: &str = "keydesk";
/// Columns that the operator's name always has.
const LEAST_OPERATOR: usize = 4;
/// Between the parts of the header.
const HEADER_GAP: &str = "   ";

/// Program, shop, queue, operator.
pub fn header(model: &Model, look: Look, frame: &mut Frame, area: Rect) {
    let area = inset(area, 1);
    let width = usize::from(area.width);
    let shop = match model.shop.websites.as_slice() {
        [] => model.shop.database.to_string(),
        names => names.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    // What goes wrong with the mails must be read whole; the shop's names get what is left.
    let rest = width.saturating_sub(PROGRAM.width() + 2 * HEADER_GAP.len());
    let most = rest.saturating_sub(LEAST_OPERATOR);
    let queue = model.queue.as_ref().and_then(|queue| queue_words(model, queue, most));
    let mut right: Vec<Span<'static>> = Vec::new();
    if let Some((role, text)) = queue {
        right.extend([look.fit(role, &text, most), look.plain(HEADER_GAP)]);
    }
    let taken = |spans: &[Span<'static>]| spans.iter().map(Span::width).sum::<usize>();
    let room = (rest + HEADER_GAP.len()).saturating_sub(taken(&right)).min(width / 6 + 6);
    right.push(look.fit(Role::Dim, model.shop.operator.as_str(), room));
    let shop = look.fit(Role::Text, &shop, rest.saturating_sub(taken(&right)));
    let left = vec![look.span(Role::Title, PROGRAM), look.plain(HEADER_GAP), shop];
    frame.render_widget(spread(area.width, left, right), area);
}

/// How the queue stands, in a few words; none when there is nothing to say.
/// Leaves out first when the next mail is due.
fn queue_words(model: &Model, queue: &QueueState, most: usize) -> Option<(Role, String)> {
    let texts = model.texts;
    if let Some((answer, _)) = &queue.stopped {
        return Some((Role::Bad, texts.header_stopped(answer)));
    }
    let mut parts = Vec::new();
    if !queue.worker {
        parts.push(texts.header_no_worker());
    }
    if queue.held > 0 {
        parts.push(texts.header_held(texts.count_mails(queue.held)));
    }
    if queue.waiting > 0 {
        let what = if queue.held > 0 { queue.waiting.to_string() } else { texts.count_mails(queue.waiting) };
        parts.push(texts.header_waiting(what));
    }
    let mut text = parts.join(", ");
    if let Some(at) = queue.next_at.filter(|at| *at > model.now && queue.held == 0 && queue.waiting > 0) {
        let next = format!(", {}", texts.header_next(texts.relative(at, model.now)));
        if text.width() + next.width() <= most {
            text.push_str(&next);
        }
    }
    let role = if queue.worker { Role::Text } else { Role::Warn };
    (!text.is_empty()).then_some((role, text))
}

/// The search field, and what the search came to. Gives the place of its cursor.
pub fn search(model: &Model, look: Look, frame: &mut Frame, area: Rect) -> Option<Position> {
    let area = inset(area, 1);
    let list = &model.list;
    let has_keys = model.focus == Focus::Search;
    let status = status(model, look);
    let taken = u16::try_from(status.iter().map(|span| span.content.width()).sum::<usize>()).unwrap_or(area.width);
    let width = area.width.saturating_sub(taken.min(area.width - 20) + 4);
    let role = if has_keys { Role::Field } else { Role::Text };
    let (text, column) = look.field(role, &list.field, width);
    let prompt = look.span(Role::Key, "/ ");
    let text = if list.field.text().is_empty() && !has_keys {
        look.fit(Role::Dim, &model.texts.find_hint(), usize::from(width))
    } else {
        text
    };
    frame.render_widget(spread(area.width, vec![prompt, text], status), area);
    has_keys.then_some(Position { x: area.x + 2 + column, y: area.y })
}

fn status(model: &Model, look: Look) -> Vec<Span<'static>> {
    let (texts, list) = (model.texts, &model.list);
    if list.problem.is_some() {
        // What is wrong is said where there is room for a sentence.
        return vec![look.span(Role::Warn, texts.find_not_searched())];
    }
    let mut spans = Vec::new();
    let going = model.requests.running(Slot::Page).map(|(_, since)| model.now.duration_since(since));
    if going.is_some_and(|going| going >= SPINNER_AFTER)
        || list.loading.as_ref().is_some_and(|load| load.missing < PAGE)
    {
        spans.push(look.span(Role::Dim, format!("{}   ", texts.find_searching())));
    }
    let total = list.total.map(words::count);
    let text = match (list.count.map(words::count), total) {
        (Some(count), Some(total)) => texts.find_of(count, total),
        (Some(count), None) => count,
        (None, Some(total)) if list.shown.is_everybody() => texts.find_all(total),
        _ => String::new(),
    };
    spans.push(look.plain(text));
    if let Some(took) = list.took {
        let took = if took.as_millis() == 0 { "<1 ms".to_owned() } else { format!("{} ms", took.as_millis()) };
        spans.push(look.span(Role::Dim, format!("   {took}")));
    }
    spans
}

/// What goes on, what came of the last action, and at the right end what can be taken back: that
/// stays whatever else is said. Long sentences grow upwards over the table, so that nothing that is
/// being read moves.
pub fn toast(model: &Model, look: Look, frame: &mut Frame, area: Rect, places: &mut Places) {
    let inner = inset(area, 1);
    let undo = model.undo.iter().rev().find(|undo| undo.send_at > model.now);
    let Some((role, text)) = sentence(model, undo, look) else {
        if let Some(undo) = undo {
            let (left, right) = undo_line(model, undo, look, inner.width);
            places.add_right(inner, right.iter().map(Span::width).sum(), Spot::Command(Action::Undo));
            frame.render_widget(spread(inner.width, left, right), inner);
        }
        return;
    };
    let right = undo.map_or_else(Vec::new, |undo| {
        let left = format!(" {}", model.texts.undo_left(seconds_left(model, undo)));
        vec![look.plain(HEADER_GAP), undo_key(model, look), look.plain(left)]
    });
    let taken: usize = right.iter().map(Span::width).sum();
    if !right.is_empty() {
        places.add_right(inner, taken - HEADER_GAP.len(), Spot::Command(Action::Undo));
    }
    let lines = words::wrap(&text, usize::from(inner.width).saturating_sub(taken));
    let height = u16::try_from(lines.len()).unwrap_or(1).min(TOAST_LINES);
    let grown = Rect { y: area.y + 1 - height.min(area.y), height, ..area };
    frame.render_widget(Clear, grown);
    for (y, text) in (grown.y..grown.bottom()).zip(lines) {
        let right = if y + 1 == grown.bottom() { right.clone() } else { Vec::new() };
        let line = spread(inner.width, vec![look.span(role, text)], right);
        frame.render_widget(line, Rect { y, height: 1, ..inner });
    }
}

/// Most lines of a result.
const TOAST_LINES: u16 = 4;

/// What is being done, else what came of the last action.
fn sentence(model: &Model, undo: Option<&Undo>, look: Look) -> Option<(Role, String)> {
    if let Some(write) = model.requests.writes().next() {
        let going = model.now.duration_since(write.since);
        let turn = i64::try_from(going.as_millis() / 250).unwrap_or_default();
        let what = if going >= ELAPSED_AFTER {
            model.texts.going_so_far(&write.what, model.texts.rough(going))
        } else {
            write.what.clone()
        };
        let text = format!("{} {what}", look.symbols.spinner(turn));
        return (going >= SPINNER_AFTER).then_some((Role::Text, text));
    }
    if model.is_awaited_long() {
        return Some((Role::Text, model.texts.going_reading()));
    }
    let Some(toast) = &model.toast else {
        return search_problem(model).or_else(|| stranded(model, undo));
    };
    Some(match toast.mood {
        Mood::Good => (Role::Good, toast.text.clone()),
        Mood::Neutral => (Role::Text, toast.text.clone()),
        Mood::Bad => (Role::Bad, format!("! {}", toast.text)),
    })
}

/// Why the search on the screen was not run.
fn search_problem(model: &Model) -> Option<(Role, String)> {
    let problem = match &model.room {
        Some(Room::Audit(room)) => room.problem.as_ref(),
        Some(Room::Mails(_)) => None,
        None => model.list.problem.as_ref().filter(|_| model.screen().search.height > 0),
    }?;
    Some((Role::Warn, format!("! {problem}")))
}

/// The mail that can be taken back, where nobody is there to deliver it.
fn stranded(model: &Model, undo: Option<&Undo>) -> Option<(Role, String)> {
    undo.filter(|_| !model.has_worker()).map(|undo| (Role::Warn, model.texts.result_stranded(&undo.email)))
}

/// `10 s`
fn seconds_left(model: &Model, undo: &Undo) -> String {
    let left = time_text::countdown(undo.send_at.duration_since(model.now));
    let seconds = left.strip_prefix("00:").and_then(|seconds| seconds.parse::<u8>().ok());
    seconds.map_or(left, |seconds| model.texts.span_seconds(seconds))
}

fn undo_key(model: &Model, look: Look) -> Span<'static> {
    look.span(Role::Key, model.keys.first(Action::Undo).map(|key| key.to_string()).unwrap_or_default())
}

type Spans = Vec<Span<'static>>;

fn undo_line(model: &Model, undo: &Undo, look: Look, width: u16) -> (Spans, Spans) {
    let email = words::fit(undo.email.as_str(), usize::from(width).saturating_sub(40), look.symbols.cut());
    let left = look.span(Role::Good, model.texts.undo_leaves(email, seconds_left(model, undo)));
    let undo = format!(" {}", model.texts.command_undo());
    (vec![left], vec![undo_key(model, look), look.plain(undo)])
}
