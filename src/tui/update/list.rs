//! Searching and moving through the table.

use std::time::Duration;

use crate::{
    domain::{
        find::{Count, Page},
        query::Query,
        safe_text::SafeText,
    },
    tui::{
        command::Action,
        effect::{Ask, Effect},
        layout,
        model::{
            Model,
            list::{Join, Load},
            requests::Slot,
        },
        msg::{Answer, Problem},
        update::{ask, detail, left_of, rows_of, times},
    },
};

fn height(model: &Model) -> usize {
    let beside = model.is_side_by_side();
    layout::table_rows(layout::screen(model.area, beside, beside))
}

/// Searches for what the field says, as far as it can be understood. While one search is under
/// way the next one waits for it: it is told to stop, so that is soon, and only the newest of
/// those that wait is ever asked for.
pub fn search(model: &mut Model) -> Vec<Effect> {
    search_from(model, Load::first())
}

fn search_from(model: &mut Model, first: Load) -> Vec<Effect> {
    match Query::parse(model.list.field.text()) {
        Err(problem) => {
            model.list.problem = Some(SafeText::new(&model.texts.query_problem(&problem)));
            Vec::new()
        }
        Ok(query) => {
            model.list.problem = None;
            if query == model.list.query {
                return Vec::new();
            }
            model.list.query = query;
            model.list.count = None;
            let mut effects: Vec<Effect> = model.requests.forget(Slot::Count).map(Effect::GiveUp).into_iter().collect();
            effects.extend(load(model, first));
            effects
        }
    }
}

/// Ends the search. Whoever is selected stays so, among everybody: an action must not mean somebody
/// else because of one key.
pub fn clear(model: &mut Model) -> Vec<Effect> {
    model.list.field.clear();
    let first = model.list.place_among_everybody().map_or_else(Load::first, Load::behind);
    search_from(model, first)
}

/// Runs the search again, from the row above the selected one on.
pub fn again(model: &mut Model) -> Vec<Effect> {
    let above = model.list.selected.checked_sub(1).and_then(|index| model.list.rows.get(index));
    let from = above.map_or_else(Load::first, |(_, place)| Load::behind(place.clone()));
    load(model, from)
}

/// Asks for a page, now or as soon as the one on its way has come back.
pub fn load(model: &mut Model, load: Load) -> Vec<Effect> {
    if let Some((ticket, _)) = model.requests.running(Slot::Page) {
        let told = model.list.queued.replace(load).is_some();
        return if told { Vec::new() } else { vec![Effect::GiveUp(ticket)] };
    }
    let what = Ask::Page {
        query: model.list.query.clone(),
        sort: model.list.sort,
        from: load.from.clone(),
        limit: load.missing,
    };
    model.list.loading = Some(load);
    vec![ask(model, Slot::Page, what)]
}

/// Takes in a page.
pub fn page(model: &mut Model, took: Duration, answer: Answer<Page>) -> Vec<Effect> {
    let Some(done) = model.list.loading.take() else { return Vec::new() };
    if let Some(next) = model.list.queued.take() {
        return load(model, next);
    }
    let page = match answer {
        Ok(page) => page,
        Err(Problem::Cancelled) => return Vec::new(),
        Err(Problem::Failed(text)) => {
            model.list.problem = Some(text);
            return Vec::new();
        }
    };
    let height = height(model);
    let is_first = done.join == Join::Replace;
    model.list.ready = true;
    if is_first {
        model.list.took = Some(took);
    }
    if let Some(rest) = model.list.take(&done, page, height) {
        let mut effects = load(model, rest);
        effects.extend(go_on(model));
        effects.extend(open_found(model));
        return effects;
    }
    let mut effects = go_on(model);
    effects.extend(count(model));
    effects.extend(open_found(model));
    model.list.is_to_open = false;
    effects
}

/// Opens whom somebody wanted to open before there was anybody.
fn open_found(model: &mut Model) -> Vec<Effect> {
    if !model.list.is_to_open || model.list.is_behind() {
        return Vec::new();
    }
    model.list.is_to_open = false;
    detail::open_selected(model)
}

/// Finds out how many there are, unless the rows say so themselves.
fn count(model: &mut Model) -> Vec<Effect> {
    if model.list.shown.is_everybody() {
        model.list.count = None;
    } else if model.list.is_complete() {
        model.list.count = Some(Count::Exact(model.list.rows.len().try_into().unwrap_or(u64::MAX)));
    } else if model.list.count.is_none() && model.requests.running(Slot::Count).is_none() {
        let what = Ask::Count(model.list.shown.clone());
        return vec![ask(model, Slot::Count, what)];
    }
    Vec::new()
}

/// Moves the selection.
pub fn travel(model: &mut Model, action: Action) -> Vec<Effect> {
    let screen = isize::try_from(height(model)).unwrap_or(isize::MAX).max(2);
    let times = times(model);
    match action {
        Action::First | Action::Last if times > 0 => to_row(model, times),
        Action::First if model.list.above.is_some() => load(model, Load::first()),
        Action::Last if model.list.below.is_some() => load(model, Load::last()),
        Action::First => moved(model, isize::MIN),
        Action::Last => moved(model, isize::MAX),
        action => walk(model, rows_of(action, screen) * times.max(1)),
    }
}

/// To the row of this number, from 1.
fn to_row(model: &mut Model, number: isize) -> Vec<Effect> {
    if model.list.above.is_none() {
        let selected = isize::try_from(model.list.selected).unwrap_or_default();
        return walk(model, number - 1 - selected);
    }
    model.owed = number - 1;
    load(model, Load::first())
}

/// Moves the selection by so many rows, also by rows that are still to be read.
fn walk(model: &mut Model, by: isize) -> Vec<Effect> {
    let (before, list) = (model.list.selected, &model.list);
    let is_more = if by > 0 { list.below.is_some() } else { list.above.is_some() };
    let effects = moved(model, by);
    model.owed = left_of(by, before, model.list.selected, is_more);
    effects
}

/// Goes on to where a count leads, with the rows that came.
fn go_on(model: &mut Model) -> Vec<Effect> {
    let owed = std::mem::take(&mut model.owed);
    walk(model, owed)
}

/// Scrolls the table by so many rows.
pub fn scroll(model: &mut Model, rows: isize) -> Vec<Effect> {
    let height = height(model);
    model.list.scroll_by(rows, height);
    moved(model, 0)
}

/// Selects the customer of this number, where they still are among the rows.
pub fn select(model: &mut Model, number: i64) -> Vec<Effect> {
    let height = height(model);
    if let Some(index) = model.list.rows.iter().position(|(row, _)| row.id.0 == number) {
        model.list.select(index, height);
    }
    moved(model, 0)
}

/// Moves the selection by so many rows, turns a record beside the table to it, and asks for more
/// rows when the edge comes near.
pub fn moved(model: &mut Model, by: isize) -> Vec<Effect> {
    let height = height(model);
    model.list.move_by(by, height);
    let mut effects = detail::follow(model);
    if let Some(wanted) = model.list.wanted(height) {
        effects.extend(load(model, wanted));
    }
    effects
}
