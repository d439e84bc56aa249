//! Searches that the shop saved, and the columns of the table.

use super::*;
use crate::tui::model::{SavedSearch, columns::Column};

fn with_searches() -> Bench {
    let mut bench = bench();
    let saved = |name: &str, query: &str| SavedSearch { name: text(name), query: text(query) };
    bench.model.searches = vec![saved("locked out", "is:locked"), saved("Korea", "website:kr")];
    bench
}

#[test]
fn a_saved_search_is_run_from_its_list_and_from_the_palette() {
    let mut bench = with_searches();
    bench.press("S j").find("Korea       website:kr");
    bench.press("enter");
    assert!(bench.model.overlays.is_empty() && bench.model.focus == Focus::Table);
    assert_eq!((bench.model.list.field.text(), bench.model.list.query.website.as_deref()), ("website:kr", Some("kr")));
    bench.press(":").type_in("locked out").press("enter");
    assert_eq!(bench.model.list.field.text(), "is:locked");
    bench.press("esc enter").wait(500).press("S").click("locked out").click("locked out");
    assert!(bench.model.detail.is_none(), "a record makes way for what is searched");
    assert_eq!(bench.model.list.field.text(), "is:locked");
}

#[test]
fn where_no_search_is_saved_it_is_said_how_to() {
    let mut bench = bench();
    bench.press("S");
    assert!(bench.model.overlays.is_empty() && toast(&bench).contains("[searches]"), "{}", toast(&bench));
    bench.press("a S");
    assert!(bench.model.overlays.is_empty());
}

#[test]
fn columns_are_shown_and_hidden_while_it_runs() {
    let mut bench = bench();
    bench.find("ID     Name");
    bench.press("C").find("[x] ID");
    bench.press("enter").find("[ ] ID");
    bench.press("j j j j").wait(500).click("[x] Tokens");
    assert!(!bench.model.columns.has(Column::Id) && !bench.model.columns.has(Column::Tokens));
    bench.press("esc").find("  Name");
    bench.find("Last in");
    bench.press("C enter j j j j space space esc");
    assert!(bench.model.columns.has(Column::Id) && bench.model.columns.has(Column::LastIn));
}
