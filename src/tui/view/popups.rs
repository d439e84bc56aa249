//! Popups: the question, help, palette, sort order, mails, explanations.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::Line,
    widgets::{Block, Clear},
};
use unicode_width::UnicodeWidthStr;

use crate::tui::{
    command::Command,
    field::TextField,
    help, layout,
    model::{
        Model, SavedSearch,
        availability::Availability,
        columns::Column,
        overlay::{Overlay, SORTS},
        places::{Places, Spot},
    },
    paper,
    theme::Role,
    update::{Offer, matching},
    view::{
        confirm,
        look::{Look, inset},
        table,
    },
    words,
};

/// Columns of an explanation.
const NOTICE: u16 = 66;

/// Columns for text in a popup.
fn text_width(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(help::FRAME))
}

/// Draws a popup; gives the place of the cursor, and what lies where.
pub fn draw(model: &Model, overlay: &Overlay, look: Look, frame: &mut Frame) -> (Position, Places) {
    let texts = model.texts;
    match overlay {
        Overlay::Confirm(confirm) => confirm::draw(model, confirm, look, frame),
        Overlay::Help { scroll } => {
            let entries = help::entries(texts, model.area, &model.keys);
            let area = help::text_popup(model.area, entries.len());
            let lines = entries.iter().map(|entry| entry_line(entry, look)).collect();
            scrolled(model, look, frame, (area, &texts.popup_help()), lines, *scroll)
        }
        Overlay::Mail { text, fate, scroll } => {
            let title = match fate {
                None => texts.popup_preview(),
                Some(_) => texts.popup_mail(),
            };
            let lines = paper::mail(texts, model.area, text, fate.as_ref(), model.now);
            sheet(model, look, frame, &title, lines, *scroll)
        }
        Overlay::Entry { entry, scroll } => {
            let lines = paper::entry(texts, model.area, entry);
            sheet(model, look, frame, &texts.popup_entry(), lines, *scroll)
        }
        Overlay::Notice { title, text } => {
            let lines: Vec<Line<'static>> = words::wrap(text, text_width(layout::popup(model.area, NOTICE, 0)))
                .into_iter()
                .map(|text| Line::from(look.plain(text)))
                .collect();
            let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX);
            scrolled(model, look, frame, (layout::popup(model.area, NOTICE, height), title), lines, 0)
        }
        Overlay::SortPicker { selected } => {
            let lines = SORTS.iter().map(|(name, sort)| {
                let chosen = look.symbols.choice(*sort == model.list.sort);
                format!("{chosen} {}", name(texts))
            });
            let area = layout::popup(model.area, 40, 13);
            choices(look, frame, area, &texts.popup_sort(), lines.collect(), *selected)
        }
        Overlay::Searches { selected } => {
            let name = model.searches.iter().map(|search| search.name.as_str().width()).max().unwrap_or_default();
            let line = |search: &SavedSearch| {
                format!("{}  {}", words::pad(search.name.as_str(), name, look.symbols.cut()), search.query)
            };
            let lines: Vec<String> = model.searches.iter().map(line).collect();
            let area = layout::popup(model.area, 64, u16::try_from(lines.len() + 4).unwrap_or(u16::MAX));
            choices(look, frame, area, &texts.popup_searches(), lines, *selected)
        }
        Overlay::Columns { selected } => {
            let line = |column: &Column| {
                let tick = if model.columns.has(*column) { "[x]" } else { "[ ]" };
                format!("{tick} {}", table::heading(*column, texts))
            };
            let lines: Vec<String> = Column::OPTIONAL.iter().map(line).collect();
            let area = layout::popup(model.area, 30, u16::try_from(lines.len() + 4).unwrap_or(u16::MAX));
            choices(look, frame, area, &texts.popup_columns(), lines, *selected)
        }
        Overlay::Palette { field, selected } => palette(model, field, *selected, look, frame),
    }
}

/// An empty popup with a title; gives the room inside.
fn open(look: Look, frame: &mut Frame, area: Rect, title: &str) -> Rect {
    frame.render_widget(Clear, area);
    let title = look.span(Role::Title, format!(" {title} "));
    frame.render_widget(Block::bordered().border_set(look.symbols.border()).title(title), area);
    inset(Rect { y: area.y + 2, height: area.height.saturating_sub(4), ..area }, 3)
}

/// Labelled lines in a popup.
fn sheet(
    model: &Model,
    look: Look,
    frame: &mut Frame,
    title: &str,
    lines: Vec<paper::Line>,
    scroll: u16,
) -> (Position, Places) {
    let area = help::text_popup(model.area, lines.len());
    let width = text_width(area);
    let lines = lines.into_iter().map(|(label, text)| labelled(&label, &text, look, width)).collect();
    scrolled(model, look, frame, (area, title), lines, scroll)
}

fn scrolled(
    model: &Model,
    look: Look,
    frame: &mut Frame,
    (area, title): (Rect, &str),
    lines: Vec<Line<'static>>,
    scroll: u16,
) -> (Position, Places) {
    let body = open(look, frame, area, title);
    let more = lines.len() > usize::from(scroll + body.height);
    for (y, line) in (body.top()..body.bottom()).zip(lines.into_iter().skip(usize::from(scroll))) {
        frame.render_widget(line, Rect { y, height: 1, ..body });
    }
    if more {
        let hint = Rect { y: area.bottom() - 1, height: 1, ..inset(area, 3) };
        let [down, _] = model.keys.travelling();
        let more = model.texts.popup_more(down);
        frame.render_widget(Line::from(look.span(Role::Dim, format!(" {more} "))), hint);
    }
    (Position { x: body.x, y: body.y }, Places::of_popup(area))
}

fn choices(
    look: Look,
    frame: &mut Frame,
    area: Rect,
    title: &str,
    lines: Vec<String>,
    selected: usize,
) -> (Position, Places) {
    let mut places = Places::of_popup(area);
    let body = open(look, frame, area, title);
    let first = (selected + 1).saturating_sub(usize::from(body.height));
    let mut cursor = Position { x: body.x, y: body.y };
    for (y, (index, text)) in (body.top()..body.bottom()).zip(lines.into_iter().enumerate().skip(first)) {
        let role = if index == selected { Role::Selected } else { Role::Text };
        let line = Rect { y, height: 1, ..body };
        frame.render_widget(Line::from(look.cell(role, &text, usize::from(body.width))), line);
        places.add(line, Spot::Choice(index));
        if index == selected {
            cursor.y = y;
        }
    }
    (cursor, places)
}

fn palette(model: &Model, field: &TextField, selected: usize, look: Look, frame: &mut Frame) -> (Position, Places) {
    let area = layout::popup(model.area, 64, 17);
    let mut places = Places::of_popup(area);
    let body = open(look, frame, area, &model.texts.popup_commands());
    let (text, column) = look.field(Role::Field, field, body.width - 2);
    let prompt = Line::from(vec![look.span(Role::Key, ": "), text]);
    frame.render_widget(prompt, Rect { height: 1, ..body });
    let rows = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    let offers = matching(model, field.text());
    if offers.is_empty() {
        frame.render_widget(
            Line::from(look.span(Role::Dim, model.texts.popup_no_command())),
            Rect { height: 1, ..rows },
        );
    }
    let first = (selected + 1).saturating_sub(usize::from(rows.height));
    for (y, (index, offer)) in (rows.top()..rows.bottom()).zip(offers.into_iter().enumerate().skip(first)) {
        let room = usize::from(rows.width) - 14;
        let (label, keys) = match offer {
            Offer::Command(command) => (command_label(model, command), model.keys.text(command.action)),
            Offer::Search(search) => (format!("{}: {}", search.name, search.query), String::new()),
        };
        let line = Line::from(vec![look.cell(Role::Text, &label, room), look.cell(Role::Key, &keys, 14)]);
        let area = Rect { y, height: 1, ..rows };
        frame.render_widget(line, area);
        places.add(area, Spot::Choice(index));
        if index == selected {
            frame.buffer_mut().set_style(area, look.theme.style(Role::Selected));
        }
    }
    (Position { x: body.x + 2 + column, y: body.y }, places)
}

fn command_label(model: &Model, command: &Command) -> String {
    let label = (command.label)(model.texts);
    match model.availability(command.action) {
        Availability::Blocked(obstacle) => format!("{label} - {}", obstacle.words(model.texts, model.now)),
        _ => label,
    }
}

fn entry_line(entry: &help::Entry, look: Look) -> Line<'static> {
    match entry {
        help::Entry::Title(title) => Line::from(look.span(Role::Title, title.clone())),
        help::Entry::Line { label, width, text } => {
            Line::from(vec![look.cell(Role::Key, label, *width), look.plain(text.clone())])
        }
    }
}

fn labelled(label: &str, text: &str, look: Look, width: usize) -> Line<'static> {
    if label.is_empty() {
        return Line::from(look.fit(Role::Text, text, width));
    }
    let label = look.cell(Role::Dim, label, paper::LABEL);
    Line::from(vec![label, look.fit(Role::Text, text, width.saturating_sub(paper::LABEL))])
}
