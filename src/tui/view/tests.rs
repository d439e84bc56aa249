//! Screens as people see them, at the sizes that terminals have.

mod languages;

use std::fmt::Write as _;

use jiff::SignedDuration;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{
        access_token::{AccessToken, TokenId},
        find::Page,
        outbox::QueueState,
        reset::LinkState,
    },
    tui::{
        effect::Effect,
        fixtures::{Bench, now, queued, record, text, throttled},
        model::{SavedSearch, columns::Columns, detail, requests::Slot},
        msg::{Problem, Reply},
        symbols::Symbols,
        theme::{Role, Theme},
        view::{Look, detail as detail_view, view},
    },
};

const MONO: Look = Look { theme: Theme::Mono, symbols: Symbols::Ascii };

/// What a frame shows, line by line, with the cursor's place below. Steps by the symbols' widths:
/// the cell behind a wide character holds nothing of its own.
fn screen(bench: &Bench, look: Look) -> String {
    draw(bench, look).0
}

fn draw(bench: &Bench, look: Look) -> (String, Buffer) {
    let area = bench.model.area;
    let mut terminal = Terminal::new(TestBackend::new(area.width, area.height)).unwrap();
    let frame = terminal.draw(|frame| view(&bench.model, look, frame)).unwrap();
    let buffer = frame.buffer.clone();
    let mut out = String::new();
    for y in 0..area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let cursor = terminal.get_cursor_position().unwrap();
    let _ = writeln!(out, "cursor {},{}", cursor.x, cursor.y);
    (out, buffer)
}

/// The same frame with a letter for the role of each cell: what colour and emphasis say.
fn roles(bench: &Bench, look: Look) -> String {
    let letter = |role: Role| match role {
        Role::Text => ' ',
        Role::Dim => 'd',
        Role::Title | Role::Marked => 'T',
        Role::Key => 'k',
        Role::Selected => 'S',
        Role::Good => 'g',
        Role::Warn => 'w',
        Role::Bad => 'b',
        Role::Field => 'f',
    };
    let buffer = draw(bench, look).1;
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let line: String = (0..buffer.area.width)
            .map(|x| {
                let style = buffer[(x, y)].style();
                let same = |role: &Role| {
                    let wanted = look.theme.style(*role);
                    style.add_modifier == wanted.add_modifier
                        && style.fg.unwrap_or_default() == wanted.fg.unwrap_or_default()
                };
                Role::ALL.into_iter().find(same).map_or('?', letter)
            })
            .collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[test]
fn the_list() {
    insta::assert_snapshot!("list_80x24", screen(&Bench::new(80, 24), Look::default()));
    insta::assert_snapshot!("list_60x20", screen(&Bench::new(60, 20), Look::default()));
    insta::assert_snapshot!("list_120x40", screen(&Bench::new(120, 40), Look::default()));
    insta::assert_snapshot!("list_200x50", screen(&Bench::new(200, 50), Look::default()));
    insta::assert_snapshot!("list_ascii", screen(&Bench::new(80, 24), MONO));
    insta::assert_snapshot!("list_colours", roles(&Bench::new(80, 24), Look::default()));
    insta::assert_snapshot!("list_mono", roles(&Bench::new(80, 24), MONO));
}

#[test]
fn what_the_rows_are_sorted_by_is_seen() {
    for (name, keys, heading) in [("last_in", "s G enter", "Last in ▼"), ("since", "s G k k enter", "Since ▼")] {
        for (width, height) in [(80, 24), (60, 15), (120, 40)] {
            let mut bench = Bench::new(width, height);
            bench.press(keys);
            let shown = screen(&bench, Look::default());
            assert!(shown.contains(heading), "{width}: {shown}");
            if width < 120 {
                insta::assert_snapshot!(format!("sorted_{name}_{width}x{height}"), shown);
            }
        }
    }
}

#[test]
fn saved_searches_columns_and_a_count() {
    for (width, height) in [(60, 15), (80, 24), (200, 50)] {
        let mut bench = Bench::new(width, height);
        let saved = |name: &str, query: &str| SavedSearch { name: text(name), query: text(query) };
        bench.model.searches = vec![saved("locked out", "is:locked"), saved("한국", "website:kr has:tokens")];
        bench.press("S j");
        insta::assert_snapshot!(format!("searches_{width}x{height}"), screen(&bench, Look::default()));
        bench.press("esc C j enter");
        insta::assert_snapshot!(format!("columns_{width}x{height}"), screen(&bench, Look::default()));
        bench.press("esc 1 2");
        insta::assert_snapshot!(format!("columns_chosen_{width}x{height}"), screen(&bench, Look::default()));
    }
}

#[test]
fn chosen_columns_never_crowd_out_whom_a_row_is_about() {
    for names in [&["since", "last-in", "tokens", "state", "group", "site"][..], &[], &["id"]] {
        let mut bench = Bench::new(60, 15);
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        bench.model.columns = Columns::named(&names).unwrap();
        let shown = screen(&bench, Look::default());
        assert!(shown.contains("Name") && shown.contains("roni_cost@ex"), "{names:?}: {shown}");
        bench.press("s G enter");
        assert!(screen(&bench, Look::default()).contains("Last in ▼"), "{names:?}");
    }
}

#[test]
fn too_small() {
    insta::assert_snapshot!(screen(&Bench::new(40, 12), Look::default()));
}

#[test]
fn searching() {
    let mut bench = Bench::new(80, 24);
    bench.press("/").type_in("ver cos_");
    insta::assert_snapshot!("search", screen(&bench, Look::default()));
    bench.press("ctrl-u").type_in("is:lokced");
    insta::assert_snapshot!("search_problem", screen(&bench, Look::default()));
    bench.customers = 0;
    bench.press("ctrl-u").type_in("nobody at all").press("ctrl-u").type_in("id:");
    let shown = screen(&bench, Look::default());
    assert!(!shown.contains("Nobody is found") && shown.contains("! \"id:\" wants a value"), "{shown}");
    bench.press("ctrl-u").type_in("nobody at all");
    insta::assert_snapshot!("search_nobody", screen(&bench, Look::default()));
}

#[test]
fn a_record() {
    let open = |width, height| {
        let mut bench = Bench::new(width, height);
        bench.press("enter");
        bench
    };
    insta::assert_snapshot!("detail_80x24", screen(&open(80, 24), Look::default()));
    insta::assert_snapshot!("detail_60x20", screen(&open(60, 20), Look::default()));
    insta::assert_snapshot!("detail_120x40", screen(&open(120, 40), Look::default()));
    insta::assert_snapshot!("detail_200x50", screen(&open(200, 50), Look::default()));
    insta::assert_snapshot!("detail_colours", roles(&open(80, 24), Look::default()));
    let mut locked = Bench::new(80, 24);
    locked.press("j j enter");
    insta::assert_snapshot!("detail_korean", screen(&locked, Look::default()));
}

#[test]
fn a_record_that_must_wait() {
    let mut bench = Bench::new(80, 24);
    bench.answers = false;
    bench.press("j enter");
    let ticket = bench.model.requests.running(Slot::Record).unwrap().0;
    bench.reply(ticket, Reply::Record(Box::new(Ok(Some(throttled(2))))));
    insta::assert_snapshot!(screen(&bench, Look::default()));
}

#[test]
fn a_record_that_cannot_be_read_again_stays() {
    let mut bench = Bench::new(80, 24);
    bench.press("enter");
    bench.answers = false;
    let before = screen(&bench, Look::default());
    bench.wait(5000).wait(200);
    let ticket = bench.model.requests.running(Slot::Record).unwrap().0;
    let away = "The database server cannot be reached: the connection broke off. Nothing was done; try again.";
    bench.reply(ticket, Reply::Record(Box::new(Err(Problem::Failed(text(away))))));
    let changed = screen(&bench, Look::default());
    let differ: Vec<&str> = changed.lines().zip(before.lines()).filter(|(a, b)| a != b).map(|(a, _)| a).collect();
    insta::assert_snapshot!(differ.join("\n"));
}

#[test]
fn questions() {
    for (name, width, height) in [("80x24", 80, 24), ("60x15", 60, 15)] {
        let mut bench = Bench::new(width, height);
        bench.press("r");
        insta::assert_snapshot!(format!("confirm_reset_{name}"), screen(&bench, Look::default()));
        bench.press("esc").press("f");
        insta::assert_snapshot!(format!("confirm_force_{name}"), screen(&bench, Look::default()));
    }
    let mut bench = Bench::new(80, 24);
    bench.press("r").wait(300).press("tab").type_in("T-4711");
    insta::assert_snapshot!("confirm_reason", screen(&bench, MONO));
    insta::assert_snapshot!("confirm_reason_roles", roles(&bench, MONO));
    let mut bench = Bench::new(80, 24);
    bench.answers = false;
    bench.press("c");
    let mut live = record(1);
    if let Some(reset) = &mut live.last_reset {
        reset.link = LinkState::Pending;
    }
    let ticket = bench.model.requests.running(Slot::Record).unwrap().0;
    bench.reply(ticket, Reply::Record(Box::new(Ok(Some(live)))));
    insta::assert_snapshot!("confirm_cancel", screen(&bench, Look::default()));
}

#[test]
fn rooms() {
    for (width, height) in [(80, 24), (200, 50), (60, 15)] {
        let with = |keys: &str| {
            let mut bench = Bench::new(width, height);
            bench.press(keys);
            screen(&bench, Look::default())
        };
        let snapshot = |name: &str, keys: &str| insta::assert_snapshot!(format!("{name}_{width}x{height}"), with(keys));
        snapshot("audit", "a v");
        snapshot("audit_entry", "a j j enter");
        snapshot("audit_record", "a j j o");
        snapshot("mails", "m");
        snapshot("mail", "m j enter");
        snapshot("mail_retry", "m j t");
        snapshot("mail_cancel", "m j c");
        snapshot("mails_none", "m tab tab tab");
        snapshot("unlock", "j j enter U");
        snapshot("locked", "j j enter");
    }
}

#[test]
fn a_preview_covers_the_question() {
    for (width, height) in [(80, 24), (200, 50), (60, 15)] {
        let mut bench = Bench::new(width, height);
        bench.press("r").wait(300).press("tab").type_in("T-4711").press("tab p");
        insta::assert_snapshot!(format!("preview_{width}x{height}"), screen(&bench, Look::default()));
        bench.press("G");
        insta::assert_snapshot!(format!("preview_end_{width}x{height}"), screen(&bench, Look::default()));
    }
}

#[test]
fn the_filter_of_the_audit_log() {
    for (width, height) in [(80, 24), (200, 50), (60, 15)] {
        let mut bench = Bench::new(width, height);
        bench.press("a /").type_in("operator:joon");
        insta::assert_snapshot!(format!("audit_filter_{width}x{height}"), screen(&bench, Look::default()));
        bench.type_in(" since:yesterday");
        insta::assert_snapshot!(format!("audit_filter_problem_{width}x{height}"), screen(&bench, Look::default()));
    }
    let mut bench = Bench::new(80, 24);
    bench.press("a");
    insta::assert_snapshot!("audit_colours", roles(&bench, Look::default()));
    bench.press("m");
    insta::assert_snapshot!("mails_colours", roles(&bench, Look::default()));
    insta::assert_snapshot!("mails_ascii", screen(&bench, MONO));
}

#[test]
fn a_stopped_queue_is_told_with_the_relays_words() {
    for (width, height) in [(80, 24), (60, 15)] {
        let mut bench = Bench::new(width, height);
        bench.press("m");
        bench.answers = false;
        bench.wait(31_000);
        let stopped = Some((text("535 5.7.8 Authentication failed"), now() + jiff::SignedDuration::from_mins(5)));
        let ticket = bench.model.requests.running(Slot::Queue).unwrap().0;
        let queue = QueueState { stopped, worker: true, waiting: 3, ..QueueState::default() };
        bench.reply(ticket, Reply::Queue(Ok(queue)));
        let shown = screen(&bench, Look::default());
        assert!(shown.contains("! Stopped, tried again in 04:2") && shown.contains(": 535 5.7.8 Auth"), "{shown}");
    }
}

#[test]
fn popups() {
    let with = |keys: &str| {
        let mut bench = Bench::new(80, 24);
        bench.press(keys);
        screen(&bench, Look::default())
    };
    insta::assert_snapshot!("help", with("?"));
    insta::assert_snapshot!("help_end", with("? G"));
    insta::assert_snapshot!("palette", with(":"));
    insta::assert_snapshot!("palette_typed", with(": m a i l"));
    insta::assert_snapshot!("sort", with("s j"));
    insta::assert_snapshot!("never_had_tokens", with("j f"));
}

#[test]
fn results() {
    let mut bench = Bench::new(80, 24);
    bench.press("r").wait(300).press("y");
    let ticket = bench.writes()[0].0;
    bench.wait(2400);
    insta::assert_snapshot!("writing", screen(&bench, Look::default()));
    let mut done = queued(1);
    done.send_at = bench.model.now + jiff::SignedDuration::from_secs(8);
    bench.reply(ticket, Reply::ResetQueued(Ok(Ok(done))));
    insta::assert_snapshot!("undo", screen(&bench, Look::default()));
    bench.press("y");
    insta::assert_snapshot!("copied", screen(&bench, Look::default()));
    bench.press("c");
    let shown = screen(&bench, Look::default());
    assert!(shown.contains("Nothing to cancel") && shown.contains("u undo (8 s)"), "{shown}");
    bench.wait(500);
    bench.press("r").wait(300).press("y");
    let ticket = bench.writes()[0].0;
    let unknown = "It is not known whether the action was done: connection lost. Look at the customer's history \
                   before you repeat it.";
    bench.reply(ticket, Reply::ResetQueued(Err(Problem::Failed(text(unknown)))));
    insta::assert_snapshot!("failed", screen(&bench, Look::default()));
}

#[test]
fn an_empty_database() {
    insta::assert_snapshot!(screen(&Bench::with(80, 24, 0), Look::default()));
}

#[test]
fn a_stopped_queue_says_why() {
    let mut bench = Bench::new(80, 24);
    bench.answers = false;
    bench.wait(31_000);
    let stopped = Some((text("535 5.7.8 Authentication failed"), now()));
    let ticket = bench.model.requests.running(Slot::Queue).unwrap().0;
    bench.reply(ticket, Reply::Queue(Ok(QueueState { stopped, worker: true, ..QueueState::default() })));
    assert!(screen(&bench, Look::default()).contains("mail stopped: 535"));
}

#[test]
fn a_long_address_is_read_whole_and_stands_for_a_missing_name() {
    for (width, height) in [(80, 24), (60, 20)] {
        let mut bench = Bench::new(width, height);
        bench.answers = false;
        bench.press("enter");
        let mut long = record(1);
        long.name = text("");
        long.email = text("veronica.magdalena.costello@customers.luma.example");
        let ticket = bench.model.requests.running(Slot::Record).unwrap().0;
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(long)))));
        insta::assert_snapshot!(format!("long_address_{width}x{height}"), screen(&bench, Look::default()));
    }
}

#[test]
fn no_sentence_loses_words_on_a_narrow_screen() {
    let words = |keys: &str| {
        let mut bench = Bench::new(60, 20);
        bench.press(keys);
        let shown = screen(&bench, Look::default());
        let inside = |line: &str| line.trim().trim_matches('│').trim().to_owned();
        shown.lines().skip(1).map(inside).collect::<Vec<_>>().join(" ")
    };
    assert!(words("j f").contains("by an admin have none. There is nothing to revoke."));
    assert!(words("? pgdn").contains("Send the e-mail address to your"));
    assert!(words("j r").contains("The e-mail address is not confirmed yet."));
    let off = words("j j j r").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(off.contains("The account is switched off: a new password will not let them in."), "{off}");
}

#[test]
fn a_queue_that_nobody_works_on_is_said_whole() {
    let mut bench = Bench::new(60, 20);
    bench.press("r").wait(300).press("y");
    let ticket = bench.writes()[0].0;
    bench.answers = false;
    bench.reply(ticket, Reply::ResetQueued(Ok(Ok(queued(1)))));
    let ticket = bench.model.requests.running(Slot::Queue).unwrap().0;
    bench.reply(ticket, Reply::Queue(Ok(QueueState { held: 1, waiting: 2, ..QueueState::default() })));
    insta::assert_snapshot!("no_worker", screen(&bench, Look::default()));
}

#[test]
fn a_record_has_as_many_lines_as_the_model_thinks() {
    let bench = Bench::new(80, 24);
    for id in 1..8 {
        for width in [40_u16, 58, 76, 100] {
            let mut record = record(id);
            if id > 5 {
                record.email = text(&format!("{}@example.com", "long.".repeat(20)));
            }
            let lines = detail_view::lines(&bench.model, &record, Look::default(), width, width - 2);
            assert_eq!(
                lines.len(),
                usize::from(detail::height(bench.model.texts, &record, width)),
                "customer {id} at {width}"
            );
        }
    }
}

#[test]
fn a_slow_search_says_that_it_goes_on_and_keeps_the_rows() {
    let mut bench = Bench::new(80, 24);
    bench.answers = false;
    bench.press("/").type_in("x");
    assert!(!screen(&bench, Look::default()).contains("searching"));
    let Some(Effect::Ask(ticket, _)) = bench.drain().pop() else { panic!("no search") };
    let next = Some(crate::tui::fixtures::cursor(50));
    bench.reply(ticket, Reply::Page(Ok(Page { next, partial: true, ..Page::default() })));
    bench.wait(200);
    let shown = screen(&bench, Look::default());
    assert!(shown.contains("searching...") && shown.contains("Veronica"), "{shown}");
}

#[test]
fn tokens_of_one_integration_are_told_apart_and_what_is_further_down_is_said() {
    let mut bench = Bench::new(80, 24);
    bench.answers = false;
    bench.press("f");
    let mut customer = record(1);
    let token = customer.tokens[0].clone();
    customer.tokens = (0..8)
        .map(|n| AccessToken {
            id: TokenId(n),
            created_at: token.created_at - SignedDuration::from_hours(24 * n),
            ..token.clone()
        })
        .collect();
    let ticket = bench.model.requests.running(Slot::Record).unwrap().0;
    bench.reply(ticket, Reply::Record(Box::new(Ok(Some(customer)))));
    let shown = screen(&bench, Look::default());
    assert!(shown.contains("only ERP sync, issued 12 d ago (orders, customers)"), "{shown}");
    assert!(shown.contains("only ERP sync, issued 13 d ago (orders, customers)"), "{shown}");
    assert!(shown.contains("5 more: Down"), "{shown}");
}
