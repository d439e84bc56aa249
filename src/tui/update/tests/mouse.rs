//! What clicks and the wheel do.

use super::*;
use crate::tui::{model::room::Room, msg::Mouse};

/// Longer than a double click and the first moments of a question.
const LATER: i64 = 500;

#[test]
fn a_click_selects_and_a_double_click_opens() {
    let mut bench = bench();
    bench.click("홍길동");
    assert_eq!((bench.selected(), bench.model.detail.is_some()), (3, false));
    bench.wait(LATER).click("홍길동");
    assert!(bench.model.detail.is_none(), "two slow clicks are no double click");
    bench.click("홍길동");
    assert_eq!(bench.model.detail.as_ref().map(|detail| detail.id), Some(CustomerId(3)));
    bench.wait(LATER).click("< Customers");
    assert_eq!((bench.selected(), bench.model.detail.is_some()), (3, false));
}

#[test]
fn a_click_means_the_row_that_was_seen() {
    let mut bench = Bench::new(80, 24);
    let at = bench.find("Vera Cosgrove");
    bench.press("G");
    for what in [Mouse::Press, Mouse::Release] {
        bench.send(Event::Mouse { at, what });
    }
    assert_eq!(bench.selected(), 1000, "she is not among the rows any more, and nobody else is meant");
}

#[test]
fn a_click_is_let_go_where_it_began() {
    let mut bench = Bench::new(200, 50);
    let (from, to) = (bench.find("q quit"), bench.find("Vera Cosgrove"));
    bench.drain();
    bench.send(Event::Mouse { at: from, what: Mouse::Press });
    assert!(bench.drain().is_empty(), "nothing happens before the button is let go");
    bench.send(Event::Mouse { at: to, what: Mouse::Release });
    assert_eq!((bench.drain(), bench.selected()), (Vec::new(), 1));
    bench.click("q quit");
    assert_eq!(bench.drain(), [Effect::Quit]);
}

#[test]
fn a_click_on_a_button_asks_and_never_answers() {
    for button in ["[r Reset Password]", "r reset password"] {
        let mut bench = bench();
        if button.starts_with('[') {
            bench.press("enter");
        }
        bench.click(button);
        assert_eq!(confirm(&bench).part, Part::No);
        for hasty in ["[ y Send ]", "y yes", "Enter press", "[ n Do not send ]"] {
            bench.click(hasty);
            assert!(confirm(&bench).part == Part::No && bench.writes().is_empty(), "{hasty}");
            bench.wait(100);
        }
        bench.wait(LATER).click("[ y Send ]");
        assert_eq!(bench.writes().len(), 1, "{button}");
    }
}

#[test]
fn the_parts_of_a_question_can_be_clicked() {
    let mut bench = bench();
    bench.press("f").wait(LATER).click("( ) 2 browser sessions");
    assert_eq!(confirm(&bench).chosen(), Scope::Sessions);
    bench.wait(LATER).click("Tab to type one").type_in("T-1 y");
    assert_eq!(confirm(&bench).reason.text(), "T-1 y");
    bench.wait(LATER).click("y yes");
    assert_eq!(bench.writes().len(), 1, "a letter that is clicked is not typed");
}

#[test]
fn nothing_beneath_a_popup_can_be_clicked() {
    let mut bench = bench();
    bench.press("s").click("customer15@");
    assert_eq!((bench.selected(), bench.model.overlays.len()), (1, 1));
    bench.wait(LATER).click("( ) ID, lowest first");
    assert!(matches!(bench.model.overlays.last(), Some(Overlay::SortPicker { selected: 5 })));
    bench.click("( ) ID, lowest first");
    assert!(bench.model.overlays.is_empty());
    assert_eq!(bench.model.list.sort.key, SortKey::Id);
}

#[test]
fn the_palette_is_run_by_a_double_click() {
    let mut bench = bench();
    bench.press(":").type_in("relay").click("mails  ").click("mails  ");
    assert!(matches!(bench.model.room, Some(Room::Mails(_))));
}

#[test]
fn a_heading_sorts_and_the_other_way_round() {
    let mut bench = bench();
    bench.click("Name ");
    assert_eq!((bench.model.list.sort.key, bench.model.list.sort.descending), (SortKey::Name, false));
    bench.wait(LATER).click("Name ");
    assert!(bench.model.list.sort.descending);
}

#[test]
fn the_wheel_scrolls_what_lies_under_it() {
    let mut bench = Bench::new(120, 24);
    bench.press("j j j j enter");
    assert_eq!(bench.model.focus, Focus::Detail);
    bench.wheel("Vera", Mouse::WheelDown);
    assert_eq!((bench.model.list.top, bench.selected(), bench.model.focus), (3, 5, Focus::Detail));
    bench.wheel("customer8@", Mouse::WheelDown);
    assert_eq!((bench.model.list.top, bench.selected()), (6, 7), "the selection stays in sight");
    bench.wheel("Account", Mouse::WheelDown);
    assert_eq!(bench.model.list.top, 6);
    bench.press("?").wheel("Search as you type", Mouse::WheelDown);
    assert!(matches!(bench.model.overlays.last(), Some(Overlay::Help { scroll: 3 })));
    assert_eq!(bench.model.list.top, 6);
}

#[test]
fn the_rooms_take_the_mouse_too() {
    let mut bench = bench();
    bench.press("m").click(" refused ");
    assert!(matches!(&bench.model.room, Some(Room::Mails(room)) if room.tab == 2));
    bench.wait(LATER).click(" all ").wait(LATER).click("gildong").click("gildong");
    assert!(matches!(bench.model.overlays.last(), Some(Overlay::Mail { .. })));
    bench.press("esc a").wheel("Audit log", Mouse::WheelDown).wheel("mina  ", Mouse::WheelDown);
    assert!(matches!(&bench.model.room, Some(Room::Audit(room)) if room.feed.top == 3));
    bench.click("/ operator");
    assert_eq!(bench.model.focus, Focus::Filter);
}

#[test]
fn a_click_leaves_the_field_and_types_nothing() {
    let mut bench = bench();
    bench.click("name, e-mail, phone or ID").type_in("ver").wait(LATER).click("홍길동");
    assert_eq!((bench.model.focus, bench.model.list.field.text()), (Focus::Table, "ver"));
    bench.press("/").wait(LATER).click("Esc clear");
    assert_eq!((bench.model.focus, bench.model.list.field.text()), (Focus::Search, ""));
}

#[test]
fn the_mouse_is_given_back_by_a_key() {
    let mut bench = bench();
    bench.drain();
    bench.press("M");
    assert_eq!(bench.drain(), [Effect::Mouse(false)]);
    assert!(toast(&bench).contains("drag selects text"));
    bench.click("홍길동");
    assert_eq!(bench.selected(), 1);
    bench.press("M");
    assert_eq!(bench.drain(), [Effect::Mouse(true)]);
    bench.click("홍길동");
    assert_eq!(bench.selected(), 3);
}
