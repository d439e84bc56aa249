//! The rules of the console, told with keys.

use jiff::SignedDuration;
use proptest::prelude::*;

use crate::{
    domain::{
        access_token::{Alive, Scope},
        command::{ResetCancelled, SignInForced},
        customer::{CustomerId, Version},
        find::{Count, Page, PageFrom, SortKey},
        mail_state::MailState,
        outbox::QueueState,
        refusal::Refusal,
        reset::ResetId,
    },
    tui::{
        command::Action,
        effect::{Ask, Effect, Write},
        fixtures::{Bench, cursor, mail, now, page, queued, record, row, text, throttled},
        key::Key,
        model::{Focus, availability::Availability, confirm::Part, list::WINDOW, overlay::Overlay, requests::Slot},
        msg::{Event, Problem, Reply, Ticket},
    },
};

mod choices;
mod counts;
mod mouse;
mod rooms;

fn bench() -> Bench {
    Bench::new(80, 24)
}

/// A bench on which nothing is answered any more.
fn silent() -> Bench {
    let mut bench = bench();
    bench.answers = false;
    bench.drain();
    bench
}

fn start_reset(reason: &str) -> Write {
    Write::StartReset { customer: CustomerId(1), version: Version(7), reason: reason.to_owned() }
}

fn confirm(bench: &Bench) -> &crate::tui::model::confirm::Confirm {
    match bench.model.overlays.last() {
        Some(Overlay::Confirm(confirm)) => confirm,
        other => panic!("no question but {other:?}"),
    }
}

fn toast(bench: &Bench) -> String {
    bench.model.toast.as_ref().map_or_else(String::new, |toast| toast.text.clone())
}

/// The open read of this kind.
fn asked(bench: &Bench, slot: Slot) -> Ticket {
    bench.model.requests.running(slot).unwrap().0
}

fn pages(effects: &[Effect]) -> Vec<(String, PageFrom)> {
    let page = |effect: &Effect| match effect {
        Effect::Ask(_, Ask::Page { query, from, .. }) => Some((query.prefix.clone().unwrap_or_default(), from.clone())),
        _ => None,
    };
    effects.iter().filter_map(page).collect()
}

#[test]
fn starts_with_the_newest_customers_and_the_keys_in_the_table() {
    let bench = bench();
    assert_eq!((bench.selected(), bench.model.focus), (1, Focus::Table));
    assert_eq!(bench.model.list.total, Some(Count::About(10_012_000)));
    assert_eq!(bench.model.shop.websites, [text("Luma"), text("Luma B2B")]);
}

mod actions {
    use super::*;

    #[test]
    fn r_twice_asks_once() {
        let mut bench = silent();
        bench.press("r r");
        assert!(matches!(bench.drain().as_slice(), [Effect::Ask(_, Ask::Record(CustomerId(1)))]));
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(record(1))))));
        bench.press("r r");
        assert_eq!(bench.model.overlays.len(), 1);
        bench.wait(300).press("y r y");
        assert_eq!(bench.writes().len(), 1);
    }

    #[test]
    fn a_reset_needs_a_yes_and_is_bound_to_the_record_that_was_shown() {
        let mut bench = bench();
        bench.press("r").wait(300).press("n");
        assert!(bench.writes().is_empty() && bench.model.overlays.is_empty());
        bench.press("r").wait(300).press("y");
        assert!(matches!(bench.writes().as_slice(), [(_, write)] if *write == start_reset("")));
    }

    #[test]
    fn the_console_does_not_go_to_the_background_in_the_middle_of_a_write() {
        let mut bench = bench();
        bench.press("r").wait(300);
        bench.answers = false;
        bench.press("y").drain();
        bench.send(Event::Key(Key::Ctrl('z')));
        assert!(!bench.drain().contains(&Effect::Suspend));
        assert!(toast(&bench).contains("still running"), "{}", toast(&bench));
        let mut idle = silent();
        idle.send(Event::Key(Key::Ctrl('z')));
        assert!(idle.drain().contains(&Effect::Suspend));
    }

    #[test]
    fn the_default_is_no() {
        let mut bench = bench();
        bench.press("r").wait(300).press("enter");
        assert!(bench.writes().is_empty() && bench.model.overlays.is_empty());
        bench.press("r").wait(300).press("left enter");
        assert_eq!(bench.writes().len(), 1);
    }

    #[test]
    fn keys_right_after_the_question_opened_decide_nothing() {
        let mut bench = bench();
        bench.press("r y tab tab enter left enter y");
        assert!(bench.writes().is_empty());
        assert_eq!(confirm(&bench).part, Part::No);
        bench.wait(200).press("y");
        assert_eq!(bench.writes().len(), 1);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_lock_the_question() {
        let mut bench = bench();
        bench.press("r").wait(-3_600_000).press("y");
        assert_eq!(bench.writes().len(), 1);
    }

    #[test]
    fn pasted_text_decides_nothing_but_may_be_the_reason() {
        let mut bench = bench();
        bench.press("r").wait(300).paste("y\r\ny\n");
        assert!(bench.writes().is_empty() && confirm(&bench).reason.text().is_empty());
        bench.press("tab").paste("T-4711\ny\n");
        assert_eq!(confirm(&bench).reason.text(), "T-4711 y");
        bench.type_in("n").press("enter enter");
        assert!(bench.writes().is_empty(), "Enter in the reason goes to No");
    }

    #[test]
    fn a_reason_is_typed_and_sent_along() {
        let mut bench = bench();
        bench.press("r").wait(300).press("tab").type_in(" yes q 홍 ").press("tab enter");
        assert!(matches!(bench.writes().as_slice(), [(_, write)] if *write == start_reset("yes q 홍")));
    }

    #[test]
    fn a_mail_can_be_taken_back_until_it_leaves() {
        let mut bench = bench();
        bench.press("r").wait(300).press("y");
        let ticket = bench.writes()[0].0;
        bench.reply(ticket, Reply::ResetQueued(Ok(Ok(queued(1)))));
        assert_eq!(bench.model.availability(Action::Undo), Availability::Ready);
        bench.press("u u");
        let writes = bench.writes();
        let [(ticket, Write::UndoReset { reset: ResetId(77), .. })] = writes.as_slice() else { panic!("{writes:?}") };
        let undone = ResetCancelled {
            customer: CustomerId(1),
            reset: ResetId(77),
            undone: true,
            mail_may_arrive: false,
            restored: false,
        };
        bench.reply(*ticket, Reply::ResetCancelled(Ok(Ok(undone))));
        assert_eq!(toast(&bench), "Taken back. The budget has its place back.");
    }

    #[test]
    fn a_mail_that_has_left_cannot_be_taken_back_and_its_state_is_looked_at() {
        let mut bench = bench();
        bench.press("r").wait(300).press("y");
        let ticket = bench.writes()[0].0;
        bench.reply(ticket, Reply::ResetQueued(Ok(Ok(queued(1)))));
        bench.wait(10_000);
        assert_eq!(bench.model.availability(Action::Undo), Availability::Absent);
        bench.answers = false;
        bench.wait(1000).press("u");
        assert!(matches!(bench.drain().as_slice(), [Effect::Ask(_, Ask::Queue)]));
    }

    #[test]
    fn an_action_on_a_customer_waits_for_the_one_before() {
        let mut bench = bench();
        bench.press("r").wait(300).press("y r");
        assert_eq!(toast(&bench), "Veronica Costello: This customer's last action is still being done.");
        bench.wait(500).press("j r").wait(300).press("y");
        assert_eq!(bench.writes().len(), 2, "another customer need not wait");
    }

    #[test]
    fn who_was_deleted_meanwhile_is_shown_no_longer() {
        for keys in ["j enter", "j r", "j enter r"] {
            let mut bench = bench();
            bench.press("j");
            bench.answers = false;
            bench.press(keys.trim_start_matches("j ").split(' ').next().unwrap());
            if keys.ends_with("enter r") {
                bench.press("r");
            }
            let ticket = asked(&bench, Slot::Record);
            bench.drain();
            bench.reply(ticket, Reply::Record(Box::new(Ok(None))));
            assert_eq!(toast(&bench), "Vera Cosgrove no longer exists: the record was deleted.");
            assert!(bench.model.detail.is_none() && bench.model.overlays.is_empty());
            assert_eq!(bench.model.focus, Focus::Table);
            assert_eq!(pages(&bench.drain()), [(String::new(), PageFrom::After(cursor(1)))]);
        }
    }

    #[test]
    fn an_action_on_who_was_deleted_meanwhile_leads_back_to_the_table() {
        let mut bench = bench();
        bench.press("enter r").wait(300).press("y");
        let ticket = bench.writes()[0].0;
        bench.answers = false;
        bench.reply(ticket, Reply::ResetQueued(Ok(Err(Refusal::NoSuchCustomer))));
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(None))));
        assert!(bench.model.detail.is_none() && toast(&bench).contains("no longer exists"));
        assert_eq!(pages(&bench.drain()), [(String::new(), PageFrom::Start)]);
    }

    #[test]
    fn a_refusal_is_said_and_the_record_read_again() {
        let mut bench = bench();
        bench.press("enter r").wait(300).press("y");
        let ticket = bench.writes()[0].0;
        bench.answers = false;
        bench.reply(ticket, Reply::ResetQueued(Ok(Err(Refusal::CustomerChanged))));
        assert!(toast(&bench).starts_with("Veronica Costello: Not done: the customer was changed meanwhile."));
        assert!(matches!(
            bench.drain().as_slice(),
            [Effect::Ask(_, Ask::Record(CustomerId(1))), Effect::Ask(_, Ask::Queue)]
        ));
    }

    #[test]
    fn the_countdown_itself_enables_the_button() {
        let mut bench = silent();
        bench.press("enter");
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(throttled(1))))));
        let reset = |bench: &Bench| match bench.model.availability(Action::Reset) {
            Availability::Blocked(obstacle) => Some(obstacle.words(bench.model.texts, bench.model.now)),
            _ => None,
        };
        assert_eq!(reset(&bench), Some("next in 07:12".to_owned()));
        bench.press("r");
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(throttled(1))))));
        assert!(bench.model.overlays.is_empty() && toast(&bench).contains("possible at 2026-11-20 14:10:12 UTC"));
        bench.wait(60_000);
        assert_eq!(reset(&bench), Some("next in 06:12".to_owned()));
        bench.wait(372_000);
        assert_eq!(reset(&bench), None);
    }

    #[test]
    fn force_sign_in_offers_what_is_alive_and_says_what_is_left() {
        let mut bench = bench();
        bench.press("f").wait(300);
        assert_eq!(confirm(&bench).scopes.len(), 6);
        assert_eq!(confirm(&bench).chosen(), Scope::Tokens);
        bench.press("down down y");
        let writes = bench.writes();
        let [(ticket, Write::ForceSignIn { scope: Scope::All, version: Version(7), .. })] = writes.as_slice() else {
            panic!("{writes:?}")
        };
        let done =
            SignInForced { customer: CustomerId(1), ended: Alive { tokens: 3, sessions: 1 }, left: Alive::default() };
        bench.reply(*ticket, Reply::SignInForced(Ok(Ok(done))));
        assert_eq!(toast(&bench), "3 tokens revoked, 0 left; 1 session ended, 0 left, verified.");
    }

    #[test]
    fn who_never_had_tokens_is_explained_calmly() {
        let mut bench = bench();
        bench.press("j f").wait(500).press("y enter");
        assert!(bench.writes().is_empty() && bench.model.overlays.is_empty());
        bench.press("enter f");
        assert!(matches!(bench.model.overlays.as_slice(), [Overlay::Notice { .. }]));
    }

    #[test]
    fn a_record_that_comes_too_late_asks_nothing() {
        let mut bench = silent();
        bench.press("r esc");
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(record(1))))));
        assert!(bench.model.overlays.is_empty());
    }

    #[test]
    fn keys_typed_before_the_question_is_there_go_nowhere() {
        let mut bench = silent();
        bench.press("r y j / x enter :").paste("y\ny");
        assert!(matches!(bench.drain().as_slice(), [Effect::Ask(_, Ask::Record(CustomerId(1)))]));
        assert_eq!((bench.selected(), bench.model.focus), (1, Focus::Table));
        bench.press("ctrl-l");
        assert_eq!(bench.drain(), [Effect::Repaint]);
        bench.press("esc j");
        assert_eq!(bench.selected(), 2, "Esc gives up waiting and nothing else");
    }

    #[test]
    fn keys_right_after_a_refusal_go_nowhere() {
        let mut bench = bench();
        bench.press("enter c y q esc");
        assert!(toast(&bench).starts_with("Veronica Costello: Nothing to cancel") && bench.model.detail.is_some());
        assert!(bench.drain().is_empty());
        bench.wait(500).press("y");
        assert_eq!(bench.drain().len(), 1);
        bench.press("c").wait(-3_600_000).press("esc");
        assert!(bench.model.detail.is_none(), "a clock that is set back does not lock the keys");
    }

    #[test]
    fn the_question_is_asked_about_the_record_as_it_is_now() {
        let mut bench = bench();
        bench.press("enter");
        bench.answers = false;
        bench.press("r");
        assert!(bench.model.overlays.is_empty(), "not by what is on the screen");
        let ticket = asked(&bench, Slot::Record);
        let fresh = crate::domain::customer::Customer { version: Version(8), ..record(1) };
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(fresh)))));
        assert_eq!(confirm(&bench).record.version, Version(8));
    }

    #[test]
    fn a_finished_action_does_not_push_aside_the_record_that_another_waits_for() {
        let mut bench = bench();
        bench.press("r").wait(300).press("y j");
        let ticket = bench.writes()[0].0;
        bench.answers = false;
        bench.press("r");
        bench.drain();
        bench.reply(ticket, Reply::ResetQueued(Ok(Ok(queued(1)))));
        assert!(matches!(bench.drain().as_slice(), [Effect::Ask(_, Ask::Record(CustomerId(2))), ..]));
    }

    #[test]
    fn copying_says_where_to() {
        let mut bench = bench();
        bench.press("y");
        assert_eq!(bench.drain(), [Effect::Copy(text("roni_cost@example.com"))]);
        assert!(toast(&bench).ends_with("was sent to the terminal's clipboard."));
    }
}

mod search {
    use super::*;

    #[test]
    fn asks_at_once_and_then_only_for_the_newest() {
        let mut bench = silent();
        bench.press("/").type_in("v");
        let first = asked(&bench, Slot::Page);
        assert_eq!(pages(&bench.drain()), [("v".to_owned(), PageFrom::Start)]);
        bench.type_in("ero");
        assert_eq!(bench.drain(), [Effect::GiveUp(first)]);
        bench.reply(first, Reply::Page(Err(Problem::Cancelled)));
        assert_eq!(pages(&bench.drain()), [("vero".to_owned(), PageFrom::Start)]);
    }

    #[test]
    fn a_page_of_an_older_search_is_not_shown() {
        let mut bench = silent();
        bench.press("/").type_in("v");
        let first = asked(&bench, Slot::Page);
        bench.type_in("e");
        bench.reply(first, Reply::Page(Ok(page(2, &PageFrom::Start, 100))));
        assert_eq!(bench.model.list.rows.len(), 100);
        let second = asked(&bench, Slot::Page);
        bench.reply(second, Reply::Page(Ok(page(3, &PageFrom::Start, 100))));
        assert_eq!((bench.model.list.rows.len(), bench.model.list.count), (3, Some(Count::Exact(3))));
    }

    #[test]
    fn keys_that_are_faster_than_a_search_mean_what_it_finds() {
        let mut bench = silent();
        bench.press("/").type_in("v").press("enter enter");
        assert!(bench.model.detail.is_none(), "the rows are those of the search before");
        bench.press("r");
        assert!(bench.model.toast.as_ref().unwrap().text.as_str().starts_with("The search is still running."));
        bench.wait(600).press("enter").drain();
        let ticket = asked(&bench, Slot::Page);
        let nobody_yet = Page { next: Some(cursor(50)), partial: true, ..Page::default() };
        bench.reply(ticket, Reply::Page(Ok(nobody_yet)));
        assert!(bench.model.detail.is_none());
        let found = Page { rows: vec![row(7)], cursors: vec![cursor(7)], ..Page::default() };
        let ticket = asked(&bench, Slot::Page);
        bench.reply(ticket, Reply::Page(Ok(found)));
        assert_eq!(bench.model.detail.as_ref().map(|detail| detail.id), Some(CustomerId(7)));

        // Whoever does something else meanwhile stays where they are.
        let mut bench = silent();
        bench.press("/").type_in("v").press("enter enter j");
        let ticket = asked(&bench, Slot::Page);
        bench.reply(ticket, Reply::Page(Ok(page(3, &PageFrom::Start, 100))));
        assert!(bench.model.detail.is_none());
    }

    #[test]
    fn a_stale_reply_is_dropped() {
        let mut bench = bench();
        let before = bench.model.clone();
        bench.reply(Ticket(1), Reply::Page(Ok(Page::default())));
        bench.reply(Ticket(999), Reply::Total(Ok(Count::Exact(3))));
        bench.model.wake_at = before.wake_at;
        assert_eq!(bench.model, before);
    }

    #[test]
    fn a_search_that_cannot_be_run_keeps_the_rows_and_says_why() {
        let mut bench = silent();
        bench.press("/").type_in("id:");
        assert_eq!(bench.model.list.problem, Some(text("\"id:\" wants a value behind it")));
        assert_eq!(bench.model.list.rows.len(), 100);
        bench.type_in("7");
        assert_eq!(bench.model.list.problem, None);
    }

    #[test]
    fn a_partial_page_is_continued_until_it_is_full_or_a_key_comes() {
        let mut bench = silent();
        bench.press("/").type_in("rare");
        for at in [10, 20] {
            let ticket = asked(&bench, Slot::Page);
            let found =
                Page { rows: vec![row(at)], cursors: vec![cursor(at)], next: Some(cursor(at + 5)), partial: true };
            bench.drain();
            // The keys typed after the first letter wait for its search.
            if bench.model.list.queued.is_some() {
                bench.reply(ticket, Reply::Page(Err(Problem::Cancelled)));
                let ticket = asked(&bench, Slot::Page);
                bench.drain();
                bench.reply(ticket, Reply::Page(Ok(found)));
            } else {
                bench.reply(ticket, Reply::Page(Ok(found)));
            }
            assert_eq!(pages(&bench.drain()), [("rare".to_owned(), PageFrom::After(cursor(at + 5)))]);
        }
        assert_eq!(bench.model.list.rows.len(), 2);
        assert_eq!(bench.model.list.loading.as_ref().unwrap().missing, 98);
        let ticket = asked(&bench, Slot::Page);
        bench.type_in("r");
        assert_eq!(bench.drain(), [Effect::GiveUp(ticket)]);
    }

    #[test]
    fn letters_are_typed_not_obeyed() {
        let mut bench = bench();
        bench.press("/").type_in("qrfy?:");
        assert_eq!(bench.model.list.field.text(), "qrfy?:");
        assert!(bench.model.overlays.is_empty() && !bench.drain().contains(&Effect::Quit));
    }

    #[test]
    fn escape_clears_and_then_leaves() {
        let mut bench = bench();
        bench.press("/").type_in("ver").press("esc");
        assert_eq!((bench.model.list.field.text(), bench.model.focus), ("", Focus::Search));
        bench.press("esc");
        assert_eq!(bench.model.focus, Focus::Table);
        bench.press("/").type_in("ver").press("enter esc");
        assert_eq!((bench.model.list.field.text(), bench.model.focus), ("", Focus::Table));
    }

    #[test]
    fn whoever_is_selected_stays_so_when_the_search_is_cleared() {
        let mut bench = bench();
        bench.press("/").type_in("ver").press("enter G k k y esc");
        assert!(bench.model.toast.is_none() && !bench.model.list.field.text().is_empty(), "first the toast goes");
        assert_eq!(bench.selected(), 998);
        bench.drain();
        bench.answers = false;
        bench.press("esc");
        let place = crate::domain::find::Cursor { id: CustomerId(999), ..cursor(1) };
        assert_eq!(pages(&bench.drain()), [(String::new(), PageFrom::After(place))]);
        assert_eq!(bench.selected(), 998);
    }

    #[test]
    fn rows_above_whoever_stays_selected_are_there_too() {
        let mut bench = bench();
        bench.model.list.sort = crate::domain::find::Sort { key: SortKey::Id, descending: false };
        bench.press("/").type_in("ver").press("enter G k k esc");
        assert_eq!(bench.selected(), 998);
        assert!(bench.model.list.rows.len() > 100 && bench.model.list.below.is_none());
        bench.press("k");
        assert_eq!(bench.selected(), 997);
        bench.press("g");
        assert_eq!(bench.selected(), 1);
    }

    #[test]
    fn pasting_searches() {
        let mut bench = bench();
        bench.press("/").paste("roni_cost@example.com\n");
        assert_eq!(bench.model.list.query.terms.len(), 1);
    }

    #[test]
    fn sorting_reads_the_table_anew() {
        let mut bench = bench();
        bench.answers = false;
        bench.press("j s j enter");
        assert_eq!(bench.model.list.sort.key, SortKey::Name);
        assert_eq!(pages(&bench.drain()), [(String::new(), PageFrom::Start)]);
    }
}

mod moving {
    use super::*;

    #[test]
    fn to_the_end_and_back() {
        let mut bench = bench();
        bench.press("G");
        assert_eq!(bench.selected(), 1000);
        assert!(bench.model.list.below.is_none());
        bench.press("g");
        assert_eq!((bench.selected(), bench.model.list.top), (1, 0));
    }

    #[test]
    fn through_everybody_with_a_bounded_window() {
        let mut bench = bench();
        for id in 2..=1000 {
            bench.press("j");
            assert_eq!(bench.selected(), id);
            assert!(bench.model.list.rows.len() <= WINDOW + 100);
        }
        bench.press("j");
        assert_eq!(bench.selected(), 1000);
        for id in (1..1000).rev() {
            bench.press("k");
            assert_eq!(bench.selected(), id);
            assert!(bench.model.list.rows.len() <= WINDOW + 100);
        }
        assert!(bench.model.list.above.is_none());
    }

    #[test]
    fn by_screens() {
        let mut bench = bench();
        bench.press("pgdn");
        assert_eq!((bench.selected(), bench.model.list.top), (18, 0));
        bench.press("pgdn ctrl-d");
        assert_eq!(bench.selected(), 44);
        bench.press("pgup ctrl-u up");
        assert_eq!(bench.selected(), 17);
    }

    #[test]
    fn the_selection_stays_on_its_customer_when_rows_arrive_above() {
        let mut bench = bench();
        bench.press("G").wait(1);
        bench.answers = false;
        bench.press("pgup pgup pgup pgup");
        let before = bench.selected();
        let line = bench.model.list.selected - bench.model.list.top;
        let ticket = asked(&bench, Slot::Page);
        bench.reply(ticket, Reply::Page(Ok(page(1000, &PageFrom::Before(cursor(901)), 100))));
        assert_eq!(bench.selected(), before);
        assert_eq!(bench.model.list.selected - bench.model.list.top, line);
    }

    #[test]
    fn panes() {
        let mut bench = Bench::new(120, 40);
        bench.press("tab");
        assert_eq!(bench.model.focus, Focus::Detail);
        bench.press("tab j");
        assert_eq!(bench.model.focus, Focus::Table);
        assert_eq!(bench.model.target_record().unwrap().id, CustomerId(2), "the record follows the selection");
        bench.press("l");
        assert_eq!(bench.model.focus, Focus::Detail);
        bench.press("h esc");
        assert!(bench.model.detail.is_none());
    }

    #[test]
    fn an_action_never_means_the_record_that_is_still_shown_of_another() {
        let mut bench = Bench::new(120, 40);
        bench.press("enter h");
        bench.answers = false;
        bench.press("j");
        bench.press("r");
        assert!(bench.model.overlays.is_empty());
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(record(2))))));
        assert_eq!(confirm(&bench).record.id, CustomerId(2));
    }

    #[test]
    fn a_record_scrolls_as_far_as_there_is_something() {
        let mut bench = Bench::new(60, 15);
        bench.press("enter G");
        let most = bench.model.detail.as_ref().unwrap().scroll;
        assert!(most > 10);
        bench.press("j j j");
        assert_eq!(bench.model.detail.as_ref().unwrap().scroll, most);
        bench.press("k");
        assert_eq!(bench.model.detail.as_ref().unwrap().scroll, most - 1);
    }
}

mod leaving {
    use super::*;

    #[test]
    fn q_quits_only_from_the_table() {
        let mut bench = bench();
        bench.press("enter q ? q esc");
        assert!(!bench.drain().contains(&Effect::Quit));
        bench.press("q");
        assert_eq!(bench.drain(), [Effect::Quit]);
    }

    #[test]
    fn ctrl_c_quits_from_everywhere() {
        for keys in ["", "/", "enter", "r", ":", "m enter", "a / x", "?"] {
            let mut bench = bench();
            if !keys.is_empty() {
                bench.press(keys);
            }
            bench.press("ctrl-c");
            assert_eq!(bench.drain().last(), Some(&Effect::Quit), "{keys}");
        }
    }

    #[test]
    fn what_cannot_be_seen_cannot_be_decided() {
        let mut bench = bench();
        bench.press("r").wait(300);
        bench.send(Event::Resize { width: 50, height: 10 });
        bench.press("y enter");
        assert!(bench.writes().is_empty());
        bench.press("q");
        assert_eq!(bench.drain(), [Effect::Quit]);
    }
}

mod popups {
    use super::*;

    #[test]
    fn the_palette_runs_what_was_found() {
        let mut bench = bench();
        bench.press(":").type_in("force").press("enter");
        assert_eq!(confirm(&bench).action, crate::tui::model::Intent::ForceSignIn);
        bench.press("esc ctrl-p").type_in("quit").press("enter");
        assert_eq!(bench.drain(), [Effect::Quit]);
    }
}

mod time {
    use super::*;

    /// The last wish to be woken.
    fn wake(bench: &Bench) -> Option<i128> {
        bench.model.wake_at.map(|at| at.duration_since(bench.model.now).as_millis())
    }

    #[test]
    fn nothing_ticks_where_nothing_counts_down() {
        let mut bench = Bench::with(80, 24, 0);
        bench.wait(1);
        assert_eq!(wake(&bench), Some(2999), "only the queue with its held mail");
        bench.model.dirty = false;
        bench.wait(2999);
        assert!(!bench.model.dirty, "an unchanged queue is no reason to draw");
    }

    #[test]
    fn an_open_record_is_looked_at_again_and_drawn_only_when_it_changed() {
        let mut bench = bench();
        bench.press("enter");
        bench.answers = false;
        bench.drain();
        bench.wait(4999);
        assert!(bench.model.requests.running(Slot::Record).is_none());
        bench.model.dirty = false;
        bench.wait(1).wait(200);
        assert!(!bench.model.dirty && bench.drain().iter().any(|e| matches!(e, Effect::Ask(_, Ask::Queue))));
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(record(1))))));
        assert!(!bench.model.dirty);
        bench.wait(5000);
        let ticket = asked(&bench, Slot::Record);
        bench.model.dirty = false;
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(throttled(1))))));
        assert!(bench.model.dirty);
    }

    #[test]
    fn a_record_is_left_alone_while_something_is_asked_about_it() {
        let mut bench = bench();
        bench.press("enter r");
        bench.answers = false;
        bench.wait(20_000);
        assert!(bench.model.requests.running(Slot::Record).is_none());
    }

    #[test]
    fn a_countdown_ticks_at_whole_seconds() {
        let mut bench = bench();
        bench.press("r").wait(300).press("y");
        let ticket = bench.writes()[0].0;
        bench.model.now = now() + SignedDuration::from_millis(300);
        bench.reply(ticket, Reply::ResetQueued(Ok(Ok(queued(1)))));
        assert_eq!(wake(&bench), Some(700));
        bench.wait(700);
        assert_eq!(wake(&bench), Some(1000));
    }

    #[test]
    fn a_toast_goes_by_itself() {
        let mut bench = bench();
        bench.press("y").wait(5999);
        assert!(bench.model.toast.is_some());
        bench.wait(1);
        assert!(bench.model.toast.is_none() && bench.model.dirty);
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let key = prop_oneof![
        8 => prop::sample::select(vec!['r', 'f', 'c', 'u', 'y', 'n', 's', 'm', 'a', 'o', 'p', 't', 'U', 'v', '/', ':', '?', 'j', 'k', 'h', 'l', 'g', 'G', 'q', 'x'])
            .prop_map(Key::Char),
        4 => prop::sample::select(vec![
            Key::Enter, Key::Esc, Key::Tab, Key::BackTab, Key::Up, Key::Down, Key::Left, Key::Right, Key::Home,
            Key::End, Key::PageUp, Key::PageDown, Key::Backspace, Key::Delete, Key::Ctrl('p'), Key::Ctrl('d'),
            Key::Ctrl('u'), Key::Ctrl('z'), Key::Ctrl('l'),
        ]),
        1 => any::<char>().prop_map(Key::Char),
    ];
    prop_oneof![
        20 => key.prop_map(Event::Key),
        1 => any::<String>().prop_map(Event::Paste),
        1 => (1_u16..220, 1_u16..60).prop_map(|(width, height)| Event::Resize { width, height }),
        1 => Just(Event::Woke),
        1 => Just(Event::NotSuspended),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever is pressed, nothing is done without an open question, and Esc leads home.
    #[test]
    fn nothing_panics_nothing_happens_unasked_and_escape_leads_home(
        events in prop::collection::vec((any_event(), 0_i64..400), 0..60),
        customers in prop::sample::select(vec![0_i64, 3, 250, 1000]),
    ) {
        let mut bench = Bench::with(120, 40, customers);
        for (event, pause) in events {
            bench.model.now += SignedDuration::from_millis(pause);
            let asking = matches!(bench.model.overlays.last(), Some(Overlay::Confirm(_)));
            let undoing = event == Event::Key(Key::Char('u')) || !bench.model.undo.is_empty();
            bench.send(event);
            for (ticket, write) in bench.writes() {
                prop_assert!(asking || undoing, "{write:?}");
                let reply = match write {
                    Write::StartReset { customer, .. } => Reply::ResetQueued(Ok(Ok(queued(customer.0)))),
                    Write::ForceSignIn { .. } => Reply::SignInForced(Ok(Err(Refusal::NeverHadTokens))),
                    Write::Unlock { .. } => Reply::Unlocked(Ok(Err(Refusal::NotLocked))),
                    Write::RetryMail { .. } => Reply::MailRetried(Ok(Err(Refusal::NoSuchMail))),
                    _ => Reply::ResetCancelled(Err(Problem::Failed(text("busy")))),
                };
                bench.reply(ticket, reply);
            }
            let list = &bench.model.list;
            prop_assert!(list.selected < list.rows.len().max(1) && list.top <= list.selected);
            let questions = bench.model.overlays.iter().filter(|o| matches!(o, Overlay::Confirm(_))).count();
            prop_assert!(questions <= 1);
        }
        bench.send(Event::Resize { width: 80, height: 24 });
        for _ in 0..16 {
            bench.wait(500).press("esc");
        }
        prop_assert!(bench.model.is_root() && bench.model.overlays.is_empty());
        bench.drain();
        bench.press("q");
        prop_assert_eq!(bench.drain(), vec![Effect::Quit]);
    }
}
