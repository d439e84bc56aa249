//! Counts in front of keys, and keys that the shop chose.

use super::*;
use crate::tui::{
    keymap::{Binding, Keymap},
    model::room::Room,
};

#[test]
fn a_count_repeats_what_moves() {
    let mut bench = bench();
    bench.press("5 j");
    assert_eq!((bench.selected(), bench.model.count), (6, 0));
    bench.press("1 0 k j 3 G");
    assert_eq!(bench.selected(), 3);
    bench.press("7 g");
    assert_eq!(bench.selected(), 7);
    bench.press("0 j 2 ctrl-d");
    assert_eq!(bench.selected(), 8 + 2 * 9);
}

#[test]
fn a_count_goes_on_over_rows_that_are_still_to_be_read() {
    let mut bench = Bench::with(80, 24, 1200);
    bench.press("9 5 0 j");
    assert_eq!(bench.selected(), 951);
    bench.press("3 G");
    assert_eq!(bench.selected(), 3);
    bench.press("9 9 9 9 9 j");
    assert_eq!((bench.selected(), bench.model.owed), (1200, 0));
    bench.press("8 0 0 k");
    assert_eq!(bench.selected(), 400);
    bench.press("a 2 0 0 G");
    assert!(matches!(&bench.model.room, Some(Room::Audit(room)) if room.feed.selected_row().unwrap().seq == 51));
    bench.press("1 0 0 k");
    assert!(matches!(&bench.model.room, Some(Room::Audit(room)) if room.feed.selected_row().unwrap().seq == 151));
}

#[test]
fn a_count_that_is_owed_ends_with_the_next_key() {
    let mut bench = Bench::with(80, 24, 1200);
    bench.answers = false;
    bench.press("9 5 0 j");
    assert_eq!((bench.selected(), bench.model.owed), (100, 851));
    bench.press("k");
    assert_eq!((bench.selected(), bench.model.owed), (99, 0));
}

#[test]
fn a_count_is_dropped_by_esc_and_by_whatever_does_not_move() {
    let mut bench = bench();
    bench.press("j 5 esc j");
    assert_eq!((bench.selected(), bench.model.count), (3, 0));
    bench.press("5 s esc j");
    assert_eq!((bench.selected(), bench.model.count), (4, 0));
    bench.press("5").click("Vera Cosgrove").press("j");
    assert_eq!(bench.selected(), 3);
}

#[test]
fn digits_in_fields_are_text() {
    let mut bench = bench();
    bench.press("/").type_in("010-1234");
    assert_eq!((bench.model.list.field.text(), bench.model.count), ("010-1234", 0));
    bench.press("esc esc r").wait(300).press("tab").type_in("4711");
    assert_eq!(confirm(&bench).reason.text(), "4711");
}

#[test]
fn a_count_scrolls_a_record() {
    let mut bench = Bench::new(60, 15);
    bench.press("enter 4 j");
    let scroll = |bench: &Bench| bench.model.detail.as_ref().unwrap().scroll;
    assert_eq!(scroll(&bench), 4);
    bench.press("3 G");
    assert_eq!(scroll(&bench), 2);
    bench.press("9 9 k");
    assert_eq!(scroll(&bench), 0);
}

#[test]
fn keys_that_were_chosen_work_everywhere_and_are_shown() {
    let binding = |command: &str, keys: &[&str]| Binding {
        command: command.to_owned(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    };
    let mut bench = Bench::new(120, 40);
    let bindings =
        [binding("reset", &["x"]), binding("down", &["n"]), binding("up", &["e"]), binding("undo", &["Space"])];
    bench.model.keys = Keymap::with(&bindings).unwrap();
    bench.find("x reset password");
    bench.press("n n e down");
    assert_eq!(bench.selected(), 2, "the arrow was taken off in the table");
    bench.press("enter").find("[x Reset Password]");
    bench.press("r");
    assert!(bench.model.overlays.is_empty());
    bench.press("x").wait(300).find("[ y Send ]");
    bench.press("esc ?").find("x                Mail a link to choose");
    bench.press("n down").find("n e scroll");
    assert!(matches!(bench.model.overlays.last(), Some(Overlay::Help { scroll: 2 })), "arrows always scroll a popup");
    bench.press("esc :").type_in("reset").find("reset password  ");
    bench.find("x      ");
}
