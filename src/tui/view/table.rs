//! The customers.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{customer::CustomerRow, time_text},
    texts::Texts,
    tui::{
        command::Action,
        key::Key,
        model::{
            Focus, Model,
            columns::Column,
            places::{Places, Spot},
        },
        theme::Role,
        view::look::Look,
    },
};

/// What stands above a column.
pub fn heading(column: Column, texts: Texts) -> String {
    match column {
        Column::Id => texts.label_id(),
        Column::Name => texts.label_name(),
        Column::Email => texts.label_email(),
        Column::Site => texts.label_site(),
        Column::Group => texts.label_group(),
        Column::Since => texts.label_since(),
        Column::LastIn => texts.label_last_in(),
        Column::Tokens => texts.label_tokens(),
        Column::State => texts.label_state(),
    }
}

/// Widths from which these columns are shown whatever the order is.
const SINCE_FROM: usize = 148;
const LAST_IN_FROM: usize = 110;
/// Room that name and address have at least together.
const LEAST: usize = 26;
/// What makes way where there is less, in this order.
const SPARE: [Column; 7] =
    [Column::Group, Column::Site, Column::Since, Column::LastIn, Column::Tokens, Column::State, Column::Id];
/// Columns between two columns.
const GAP: usize = 2;
/// Width of the tokens' column, which is aligned to the right and needs less space before it.
const TOKENS: usize = 5;
/// Columns for the sign in front of the selected row.
const MARKER: usize = 2;

/// Draws the table; gives the place of the selected row.
pub fn draw(model: &Model, look: Look, frame: &mut Frame, area: Rect, places: &mut Places) -> Option<Position> {
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    if model.is_empty_database() {
        welcome(model, look, frame, area);
        return None;
    }
    let list = &model.list;
    let rows: Vec<&CustomerRow> =
        list.rows.iter().skip(list.top).take(usize::from(area.height.saturating_sub(1))).map(|(row, _)| row).collect();
    let columns = columns(model, usize::from(area.width), &rows);
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    frame.render_widget(headings(model, look, &columns), line(0));
    let mut x = area.x + u16::try_from(MARKER).unwrap_or_default();
    for &(column, width) in &columns {
        if let Some(key) = column.sort_key() {
            places.add_line(x, area.y, width, Spot::Heading(key));
        }
        x += u16::try_from(width + GAP).unwrap_or_default();
    }
    if rows.is_empty() && list.is_complete() && list.problem.is_none() {
        frame.render_widget(Line::from(look.span(Role::Dim, format!("  {}", model.texts.find_nobody()))), line(2));
    }
    let mut cursor = None;
    for ((index, row), y) in rows.iter().enumerate().zip(1..) {
        let is_selected = list.top + index == list.selected;
        places.add(line(y), Spot::Row(row.id.0));
        let role = match (is_selected, model.focus) {
            (false, _) => None,
            (true, Focus::Table) => Some(Role::Selected),
            (true, _) => Some(Role::Marked),
        };
        frame.render_widget(row_line(model, look, &columns, row, is_selected), line(y));
        if list.problem.is_some() {
            // These are not what the field asks for.
            frame.buffer_mut().set_style(line(y), look.theme.style(Role::Dim));
        }
        if let Some(role) = role {
            frame.buffer_mut().set_style(line(y), look.theme.style(role));
        }
        if is_selected {
            cursor = Some(Position { x: area.x, y: area.y + y });
        }
    }
    cursor
}

/// The columns that there is room for. What the rows are sorted by is always among them; where it
/// would not fit, the tokens make way for it. Those that somebody chose need no least width, and
/// where they do not all fit, the least telling ones make way.
fn columns(model: &Model, width: usize, rows: &[&CustomerRow]) -> Vec<(Column, usize)> {
    let (sorted_by, wanted) = (model.list.sort.key, &model.columns);
    let heading = |column: Column| heading(column, model.texts).width();
    let widest = |text: &dyn Fn(&CustomerRow) -> usize, least: usize, most: usize| {
        rows.iter().map(|row| text(row)).max().unwrap_or_default().clamp(least, most)
    };
    let is_sorted = |column: Column| column.sort_key() == Some(sorted_by);
    let mut columns = vec![(Column::Name, 0), (Column::Email, 0)];
    if wanted.has(Column::Id) || is_sorted(Column::Id) {
        columns.insert(0, (Column::Id, widest(&|row| row.id.0.to_string().len(), 5, 20)));
    }
    let is_swapped = |column: Column, from: usize| width < from && is_sorted(column);
    let makes_way = is_swapped(Column::Since, SINCE_FROM) || is_swapped(Column::LastIn, LAST_IN_FROM);
    let mut add = |column, wide, from: usize| {
        let is_chosen = !wanted.is_automatic() && wanted.has(column);
        if is_sorted(column) || is_chosen || (width >= from && wanted.has(column)) {
            columns.push((column, wide));
        }
    };
    if model.shop.websites.len() > 1 {
        add(Column::Site, widest(&|row| row.website.as_str().width(), heading(Column::Site), 8), 64);
    }
    add(Column::Group, widest(&|row| row.group.as_str().width(), heading(Column::Group), 14), 132);
    add(Column::Since, 10, SINCE_FROM);
    add(Column::LastIn, 11, LAST_IN_FROM);
    add(Column::Tokens, TOKENS, if makes_way { usize::MAX } else { 70 });
    add(Column::State, state_width(model.texts), 0);
    let left = |columns: &[(Column, usize)]| {
        let fixed: usize = columns.iter().map(|(_, wide)| wide + GAP).sum();
        width.saturating_sub(MARKER + fixed - GAP)
    };
    for spare in SPARE.into_iter().filter(|column| !wanted.is_automatic() && !is_sorted(*column)) {
        if left(&columns) < LEAST {
            columns.retain(|(column, _)| *column != spare);
        }
    }
    let rest = left(&columns);
    let name = (rest * 9 / 20).clamp(8, 28);
    let email = rest.saturating_sub(name).min(44);
    for (column, wide) in &mut columns {
        match column {
            Column::Name => *wide = name,
            Column::Email => *wide = email,
            _ => {}
        }
    }
    columns
}

/// Columns for the sign and the longest word of a state.
fn state_width(texts: Texts) -> usize {
    let words =
        [texts.status_active(), texts.status_unconfirmed(), texts.status_disabled(), texts.status_locked_left("00:00")];
    2 + words.iter().map(|word| word.width()).max().unwrap_or_default()
}

fn headings(model: &Model, look: Look, columns: &[(Column, usize)]) -> Line<'static> {
    let sort = model.list.sort;
    let mut spans = vec![look.plain(" ".repeat(MARKER))];
    for (index, &(column, width)) in columns.iter().enumerate() {
        let name = heading(column, model.texts);
        let text = if column.sort_key() == Some(sort.key) {
            format!("{name} {}", look.symbols.sorted(sort.descending))
        } else {
            name
        };
        // The heading of the tokens is one column wider than its numbers.
        let before = columns.get(index + 1).is_some_and(|&(next, _)| next == Column::Tokens);
        let width = width + GAP + usize::from(column == Column::Tokens) - usize::from(before);
        spans.push(look.cell(Role::Dim, &text, width));
    }
    Line::from(spans)
}

fn row_line(
    model: &Model,
    look: Look,
    columns: &[(Column, usize)],
    row: &CustomerRow,
    is_selected: bool,
) -> Line<'static> {
    let marker = if is_selected { look.symbols.marker() } else { "" };
    let mut spans = vec![look.cell(Role::Text, marker, MARKER)];
    let gap = " ".repeat(GAP);
    for &(column, width) in columns {
        let cell = |text: &str| look.cell(Role::Text, text, width);
        let span: Span<'static> = match column {
            Column::Id => cell(&row.id.0.to_string()),
            Column::Name => cell(row.name.as_str()),
            Column::Email => cell(row.email.as_str()),
            Column::Site => cell(row.website.as_str()),
            Column::Group => cell(row.group.as_str()),
            Column::Since => cell(&time_text::day(row.created_at)),
            Column::LastIn => {
                cell(&row.last_sign_in_at.map_or_else(|| model.texts.never(), |at| model.texts.relative(at, model.now)))
            }
            Column::Tokens if row.tokens == 0 => look.span(Role::Dim, format!("{:>width$}", "-")),
            Column::Tokens => look.plain(format!("{:>width$}", row.tokens)),
            Column::State => look.status(model.texts, row.status, model.now, width),
        };
        spans.push(span);
        spans.push(look.plain(gap.clone()));
    }
    spans.pop();
    Line::from(spans)
}

/// Instead of an empty table: what can be done.
fn welcome(model: &Model, look: Look, frame: &mut Frame, area: Rect) {
    let texts = model.texts;
    let quit = model.keys.first(Action::Quit).unwrap_or(Key::Ctrl('c')).to_string();
    let ways = [
        (texts.welcome_import(), "keydesk import FILE"),
        (texts.welcome_demo(), "keydesk demo"),
        (texts.welcome_open(), "keydesk --database sqlite:PATH"),
        (texts.welcome_leave(), quit.as_str()),
    ];
    let labels = ways.iter().map(|(label, _)| label.width()).max().unwrap_or_default() + 2;
    let mut lines = vec![look.span(Role::Title, texts.welcome_nobody(&model.shop.database)).into(), Line::default()];
    for (label, key) in ways {
        lines.push(Line::from(vec![look.cell(Role::Text, &label, labels), look.span(Role::Key, key)]));
    }
    lines.insert(lines.len() - 1, Line::default());
    let top = area.y + area.height / 4;
    for (y, line) in (top..area.bottom()).zip(lines) {
        frame.render_widget(line, Rect { x: area.x + 4, y, width: area.width.saturating_sub(4), height: 1 });
    }
}
