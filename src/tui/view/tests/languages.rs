//! The screens in every language: snapshots in those that are not English, and that nothing is cut
//! or crooked where it is neither in English.

use super::*;
use crate::texts::Texts;

/// Rows that a table has at 80x24, its headings among them, begin here.
const HEADINGS: u16 = 3;

/// A screen and how to come there.
type Scene = (&'static str, fn(&mut Bench));

/// Everything that there is to see at 80x24.
const SCENES: [Scene; 34] = [
    ("list", |_| {}),
    ("sorted_last_in", |bench| press(bench, "s G enter")),
    ("sorted_since", |bench| press(bench, "s G k k enter")),
    ("sort", |bench| press(bench, "s j")),
    ("search", |bench| {
        bench.press("/").type_in("ver cos");
    }),
    ("search_problem", |bench| {
        bench.press("/").type_in("is:x");
    }),
    ("detail", |bench| press(bench, "enter")),
    ("locked", |bench| press(bench, "j j enter")),
    ("disabled", |bench| press(bench, "j j j enter")),
    ("unlock", |bench| press(bench, "j j enter U")),
    ("confirm_reset", |bench| press(bench, "r")),
    ("confirm_reset_unconfirmed", |bench| press(bench, "j r")),
    ("confirm_force", |bench| press(bench, "f")),
    ("confirm_force_all", |bench| {
        bench.press("f").wait(300).press("tab tab tab down down");
    }),
    ("confirm_reason", |bench| {
        bench.press("r").wait(300).press("tab").type_in("T-4711");
    }),
    ("confirm_cancel", confirm_cancel),
    ("preview", |bench| {
        bench.press("r").wait(300).press("p");
    }),
    ("must_wait", must_wait),
    ("writing", |bench| {
        bench.press("r").wait(300).press("y");
        bench.wait(2400);
    }),
    ("undo", undo),
    ("failed", failed),
    ("copied", |bench| press(bench, "y")),
    ("help", |bench| press(bench, "?")),
    ("help_end", |bench| press(bench, "? G")),
    ("palette", |bench| press(bench, ":")),
    ("never_had_tokens", |bench| press(bench, "j f")),
    ("audit", |bench| press(bench, "a v")),
    ("audit_unchecked", |bench| press(bench, "a")),
    ("audit_entry", |bench| press(bench, "a j j enter")),
    ("audit_filter_problem", |bench| {
        bench.press("a /").type_in("operator:joon since:yesterday");
    }),
    ("mails", |bench| press(bench, "m")),
    ("mail", |bench| press(bench, "m j enter")),
    ("mail_retry", |bench| press(bench, "m j t")),
    ("mail_cancel", |bench| press(bench, "m j c")),
];

fn press(bench: &mut Bench, keys: &str) {
    bench.press(keys);
}

/// Answers the record that was asked for with this one.
fn answer(bench: &mut Bench, record: crate::domain::customer::Customer) {
    let ticket = bench.model.requests.running(Slot::Record).unwrap().0;
    bench.reply(ticket, Reply::Record(Box::new(Ok(Some(record)))));
}

fn confirm_cancel(bench: &mut Bench) {
    bench.answers = false;
    bench.press("c");
    let mut live = record(1);
    if let Some(reset) = &mut live.last_reset {
        reset.link = LinkState::Pending;
    }
    answer(bench, live);
}

fn must_wait(bench: &mut Bench) {
    bench.answers = false;
    bench.press("j enter");
    answer(bench, throttled(2));
}

fn undo(bench: &mut Bench) {
    bench.press("r").wait(300).press("y");
    let ticket = bench.writes()[0].0;
    bench.reply(ticket, Reply::ResetQueued(Ok(Ok(queued(1)))));
}

fn failed(bench: &mut Bench) {
    bench.press("r").wait(300).press("y");
    let ticket = bench.writes()[0].0;
    bench.reply(ticket, Reply::ResetQueued(Ok(Err(crate::domain::refusal::Refusal::CustomerChanged))));
}

fn at(texts: Texts, (width, height): (u16, u16), scene: Scene) -> Bench {
    let mut bench = Bench::speaking(texts, width, height, 1000);
    (scene.1)(&mut bench);
    bench
}

fn others() -> impl Iterator<Item = Texts> {
    Texts::all().filter(|texts| *texts != Texts::default())
}

/// Symbols of a line with the columns at which they begin.
fn symbols(buffer: &Buffer, y: u16) -> Vec<(u16, &str)> {
    let mut x = 0;
    let mut out = Vec::new();
    while x < buffer.area.width {
        let symbol = buffer[(x, y)].symbol();
        out.push((x, symbol));
        x += u16::try_from(symbol.width().max(1)).unwrap();
    }
    assert_eq!(x, buffer.area.width, "a wide character is cut in the middle at the end of line {y}");
    out
}

#[test]
fn every_screen_in_every_language() {
    for texts in others() {
        for scene in SCENES {
            let shown = screen(&at(texts, (80, 24), scene), Look::default());
            insta::assert_snapshot!(format!("{}_{}", texts.code(), scene.0), shown);
        }
        let empty = Bench::speaking(texts, 80, 24, 0);
        insta::assert_snapshot!(format!("{}_empty", texts.code()), screen(&empty, Look::default()));
        let small = Bench::speaking(texts, 40, 12, 1000);
        insta::assert_snapshot!(format!("{}_too_small", texts.code()), screen(&small, Look::default()));
        for scene in SCENES.iter().filter(|(name, _)| ["list", "detail", "audit", "mails"].contains(name)) {
            let wide = screen(&at(texts, (200, 50), *scene), Look::default());
            insta::assert_snapshot!(format!("{}_{}_200x50", texts.code(), scene.0), wide);
        }
    }
}

#[test]
fn nothing_is_cut_that_is_whole_in_english() {
    // What a popup leaves to be seen of the rows behind it depends on its height.
    let inside = |line: &str| {
        line.split_once('│')
            .and_then(|(_, rest)| rest.rsplit_once('│'))
            .map_or(0, |(text, _)| text.matches('…').count())
    };
    let cuts = |shown: &str| {
        if shown.contains('╭') { shown.lines().map(inside).sum() } else { shown.matches('…').count() }
    };
    // Keys in the last line and among the buttons of a record: what has no room there is left out.
    let keys = |bench: &Bench| {
        let buffer = draw(bench, Look::default()).1;
        let style = Look::default().theme.style(Role::Key);
        let lines = [buffer.area.height - 1, 3];
        let is_key = |x: u16, y: u16| buffer[(x, y)].style().fg == style.fg;
        lines
            .map(|y| symbols(&buffer, y).into_iter().filter(|(x, _)| is_key(*x, y)).map(|(_, s)| s).collect::<String>())
    };
    let mut bad = Vec::new();
    for texts in others() {
        for scene in SCENES {
            let (english, other) = (at(Texts::default(), (80, 24), scene), at(texts, (80, 24), scene));
            let shown = screen(&other, Look::default());
            let is_cut = cuts(&shown) > cuts(&screen(&english, Look::default()));
            let has_all =
                keys(&english).iter().zip(keys(&other)).all(|(all, some)| all.chars().all(|key| some.contains(key)));
            if is_cut || !has_all {
                bad.push(format!("{} {:?} {:?}\n{shown}", scene.0, keys(&english), keys(&other)));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn columns_are_straight() {
    for texts in Texts::all() {
        for scene in SCENES.iter().filter(|(name, _)| ["list", "audit", "mails", "sorted_last_in"].contains(name)) {
            for (width, height) in [(60, 15), (80, 24), (119, 30), (200, 50)] {
                let bench = at(texts, (width, height), *scene);
                let buffer = draw(&bench, Look::default()).1;
                let headings = symbols(&buffer, HEADINGS);
                // A heading begins behind two spaces, or behind one where it fills its column.
                let starts: Vec<u16> = headings
                    .windows(3)
                    .filter(|three| three[0].1 == " " && three[1].1 == " " && three[2].1 != " ")
                    .map(|three| three[2].0)
                    .collect();
                assert!(starts.len() >= 4, "{texts:?} {} {width}: {starts:?}", scene.0);
                for y in HEADINGS..HEADINGS + 6 {
                    let line = symbols(&buffer, y);
                    for start in &starts {
                        let before = line.iter().find(|(x, _)| *x == start - 1);
                        assert_eq!(before.map(|(_, symbol)| *symbol), Some(" "), "{texts:?} {} {width} {y}", scene.0);
                    }
                }
            }
        }
    }
}

#[test]
fn names_of_facts_fit_in_front_of_them() {
    for texts in Texts::all() {
        let questions = [
            texts.label_to(),
            texts.label_from(),
            texts.label_link(),
            texts.label_budget(),
            texts.label_note(),
            texts.label_mail(),
            texts.label_locked(),
            texts.label_because(),
            texts.label_state(),
            texts.label_relay(),
            texts.label_reason(),
        ];
        let records = [
            texts.label_email(),
            texts.label_phone(),
            texts.label_group(),
            texts.label_website(),
            texts.label_since(),
            texts.label_last_in(),
            texts.label_password(),
            texts.label_last(),
            texts.label_kind(),
            texts.label_next_try(),
            texts.label_language(),
            texts.label_link_to(),
            texts.label_subject(),
            texts.label_entry(),
            texts.label_when(),
            texts.label_operator(),
            texts.label_action(),
            texts.label_customer(),
            texts.label_outcome(),
        ];
        assert!(questions.iter().all(|label| label.width() <= 8), "{questions:?}");
        assert!(records.iter().all(|label| label.width() <= 9), "{records:?}");
    }
}
