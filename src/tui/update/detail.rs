//! Opening a record and reading it.

use crate::{
    domain::{
        customer::{Customer, CustomerId, CustomerRow},
        safe_text::SafeText,
    },
    tui::{
        command::Action,
        effect::{Ask, Effect},
        layout,
        model::{Focus, Intent, Model, Mood, detail::Detail, overlay::Overlay, requests::Slot},
        msg::{Answer, Problem},
        update::{actions, ask, list, rooms, rows_of, time, times},
    },
};

/// Opens the record of the selected row.
pub fn open_selected(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.list.selected_id() else { return Vec::new() };
    model.focus = Focus::Detail;
    if model.target_record().is_some_and(|record| record.id == id) {
        return Vec::new();
    }
    model.detail = Some(Detail::new(id));
    // The table may have become smaller.
    let mut effects = vec![read(model, id)];
    effects.extend(list::moved(model, 0));
    effects
}

/// Reads a customer's record, again if it was read before.
pub fn read(model: &mut Model, id: CustomerId) -> Effect {
    model.record_asked = Some(id);
    ask(model, Slot::Record, Ask::Record(id))
}

/// Reads the open record again.
pub fn reread(model: &mut Model) -> Vec<Effect> {
    let id = model.detail.as_ref().map(|detail| detail.id);
    id.map(|id| read(model, id)).into_iter().collect()
}

/// To the record, which opens where it stands beside the table.
pub fn next_pane(model: &mut Model) -> Vec<Effect> {
    if model.detail.is_some() {
        model.focus = if model.focus == Focus::Detail { Focus::Table } else { Focus::Detail };
        return Vec::new();
    }
    if layout::is_wide(model.area) { open_selected(model) } else { Vec::new() }
}

/// A record beside the table is that of the selected row.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    let (true, Some(id)) = (model.is_side_by_side(), model.list.selected_id()) else { return Vec::new() };
    match &mut model.detail {
        Some(detail) if detail.id != id => {
            detail.turn_to(id);
            model.intent = None;
            vec![read(model, id)]
        }
        _ => Vec::new(),
    }
}

/// Scrolls the record.
pub fn travel(model: &mut Model, action: Action) -> Vec<Effect> {
    let screen = model.screen();
    let rows = isize::try_from(layout::detail_rows(screen)).unwrap_or_default();
    let times = times(model);
    let to_line = matches!(action, Action::First | Action::Last) && times > 0;
    let by = match action {
        _ if to_line => times - 1,
        Action::First => isize::MIN,
        Action::Last => isize::MAX,
        action => rows_of(action, rows) * times.max(1),
    };
    if let Some(detail) = &mut model.detail {
        detail.scroll = if to_line { 0 } else { detail.scroll };
        detail.scroll_by(model.texts, by, screen);
    }
    Vec::new()
}

/// Takes in a record, and asks the question that waited for it.
pub fn record(model: &mut Model, answer: Answer<Option<Customer>>) -> Vec<Effect> {
    let intent = model.intent.take();
    model.record_due = time::next_record_look(model.now);
    if intent.is_some() || !matches!(&answer, Ok(Some(record)) if model.target_record() == Some(record)) {
        // What is the same as before is no reason to draw.
        model.dirty = true;
    }
    let effects = taken(model, intent, answer);
    if intent.is_some() && model.overlays.is_empty() {
        // No question opened: the keys that were meant for it may still come.
        model.refused_at = Some(model.now);
    }
    effects
}

fn taken(model: &mut Model, intent: Option<(CustomerId, Intent)>, answer: Answer<Option<Customer>>) -> Vec<Effect> {
    match answer {
        Ok(Some(record)) => {
            model.list.patch(&row_of(&record));
            let screen = model.screen();
            if let Some(detail) = model.detail.as_mut().filter(|detail| detail.id == record.id) {
                detail.shown = Some(Box::new(record.clone()));
                detail.problem = None;
                detail.scroll_by(model.texts, 0, screen);
            }
            match intent {
                Some((customer, intent)) if customer == record.id && model.target() == Some(customer) => {
                    actions::confirm(model, intent, record)
                }
                _ => Vec::new(),
            }
        }
        Ok(None) => gone(model),
        Err(Problem::Failed(text)) => {
            if intent.is_some() {
                model.say(Mood::Bad, text.as_str());
            }
            failed(model, text.as_str())
        }
        Err(Problem::Cancelled) => Vec::new(),
    }
}

/// The customer whose record was asked for was deleted: nothing more is shown of them or asked
/// about them.
fn gone(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.record_asked else { return Vec::new() };
    let name = model.name_of(id);
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Confirm(confirm) if confirm.record.id == id));
    let was_open = model.detail.take_if(|detail| detail.id == id).is_some();
    let mut effects = Vec::new();
    if was_open && !model.behind.is_empty() {
        effects = rooms::leave(model);
    } else if was_open && model.focus == Focus::Detail {
        model.focus = Focus::Table;
    }
    model.say(Mood::Bad, model.texts.result_gone(name));
    model.refused_at = Some(model.now);
    effects.extend(list::again(model));
    effects
}

fn failed(model: &mut Model, text: &str) -> Vec<Effect> {
    match &mut model.detail {
        Some(detail) => {
            // Whoever talks to the customer goes on with what was read before, and is told so.
            detail.shown.take_if(|record| record.id != detail.id);
            detail.problem = Some(SafeText::new(text));
        }
        None => model.say(Mood::Bad, text),
    }
    Vec::new()
}

/// The table's row of a record.
fn row_of(record: &Customer) -> CustomerRow {
    CustomerRow {
        id: record.id,
        name: record.name.clone(),
        email: record.email.clone(),
        website: record.website.code.clone(),
        group: record.group.clone(),
        status: record.status,
        tokens: record.alive.tokens,
        created_at: record.created_at,
        last_sign_in_at: record.last_sign_in_at,
    }
}
