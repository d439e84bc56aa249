//! Every screen, popup and result, with every hostile string in every field at once.

use std::collections::BTreeMap;

use keydesk::tui::{
    Symbols, Theme,
    model::{overlay::Overlay, room::Room},
    view::Look,
};

use crate::{
    desk::{Answers, Desk},
    payloads::{self, Payload},
    tty::{self, Writer},
};

/// A screen, and how somebody gets there from an empty desk.
pub type Screen = (&'static str, fn(&mut Desk, &str));

/// Every screen. Whoever adds one adds it here; [`popup`] does not let a popup be forgotten.
pub const SCREENS: &[Screen] = &[
    ("the table", |_, _| {}),
    ("the table without an answer", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("s j enter");
    }),
    ("the search, pasted", |desk, text| {
        desk.press("/").paste(text);
    }),
    ("the search, typed", |desk, text| {
        desk.press("/").type_in(text);
    }),
    ("a search that cannot be run", |desk, text| {
        desk.press("/").paste(&format!("is:\"{text}\""));
    }),
    ("the record", |desk, _| {
        desk.press("enter");
    }),
    ("the record's end", |desk, _| {
        desk.press("enter pgdn");
    }),
    ("a record that cannot be read", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("enter");
    }),
    ("Reset Password", |desk, text| {
        desk.press("r tab").paste(text);
    }),
    ("Force Sign In", |desk, text| {
        desk.press("f tab tab").paste(text);
    }),
    ("Cancel link", |desk, text| {
        desk.press("c tab").type_in(text);
    }),
    ("a reset that can be undone", |desk, text| {
        desk.press("r tab").paste(text).press("tab enter");
    }),
    ("a reset that is refused", |desk, _| {
        desk.press("r tab tab");
        desk.answers = Answers::Refused;
        desk.press("enter");
    }),
    ("an action that failed", |desk, _| {
        desk.press("f");
        desk.answers = Answers::Failed;
        desk.press("y");
    }),
    ("access that was ended", |desk, _| {
        desk.press("f y");
    }),
    ("a link that was cancelled", |desk, _| {
        desk.press("c y");
    }),
    ("an address that was copied", |desk, _| {
        desk.press("y");
    }),
    ("nothing to revoke", |desk, _| {
        desk.answers = Answers::Refused;
        desk.press("f");
    }),
    ("the orders", |desk, _| {
        desk.press("s");
    }),
    ("the commands", |desk, text| {
        desk.press(":").paste(text);
    }),
    ("help", |desk, _| {
        desk.press("?");
    }),
    ("the mails", |desk, _| {
        desk.press("m");
    }),
    ("mails that cannot be read", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("m");
    }),
    ("the waiting mails", |desk, _| {
        desk.press("m tab");
    }),
    ("a mail that is tried again", |desk, text| {
        desk.press("m j j t tab").paste(text);
    }),
    ("the audit log", |desk, _| {
        desk.press("a v");
    }),
    ("the audit log, filtered", |desk, text| {
        desk.press("a /").paste(text);
    }),
    ("an audit log that cannot be read", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("a v");
    }),
    ("an entry of the audit log", |desk, _| {
        desk.press("a enter");
    }),
    ("a preview", |desk, _| {
        desk.press("p");
    }),
    ("a preview that is refused", |desk, _| {
        desk.press("enter");
        desk.answers = Answers::Refused;
        desk.press("p");
    }),
    ("Unlock", |desk, text| {
        desk.press("enter U tab").paste(text);
    }),
    ("a mail", |desk, _| {
        desk.press("m enter");
    }),
    ("a mail that cannot be read", |desk, _| {
        desk.press("m");
        desk.answers = Answers::Failed;
        desk.press("enter");
    }),
];

/// Popups that [`SCREENS`] must show. A new one does not compile before it has a name here, and
/// does not pass before there is a way to it above.
const POPUPS: [&str; 7] = ["confirm", "help", "palette", "sort", "mail", "entry", "notice"];

const fn popup(overlay: &Overlay) -> &'static str {
    match overlay {
        Overlay::Confirm(_) => "confirm",
        Overlay::Help { .. } => "help",
        Overlay::Palette { .. } => "palette",
        Overlay::SortPicker { .. } => "sort",
        Overlay::Entry { .. } => "entry",
        Overlay::Mail { .. } => "mail",
        Overlay::Notice { .. } => "notice",
    }
}

/// Full screens beside the customers, by the same rule.
const ROOMS: [&str; 2] = ["audit log", "mails"];

const fn room(room: &Room) -> &'static str {
    match room {
        Room::Audit(_) => "audit log",
        Room::Mails(_) => "mails",
    }
}

/// Sizes and signs, by turns.
const LOOKS: [(u16, u16, Look); 4] = [
    (80, 24, Look { theme: Theme::Colour, symbols: Symbols::Unicode }),
    (120, 40, Look { theme: Theme::Mono, symbols: Symbols::Unicode }),
    (60, 15, Look { theme: Theme::Colour, symbols: Symbols::Ascii }),
    (201, 50, Look { theme: Theme::Mono, symbols: Symbols::Ascii }),
];

#[derive(Default)]
struct Found {
    frames: usize,
    bytes: usize,
    problems: Vec<String>,
    /// How often each screen showed the mark of the string.
    shown: BTreeMap<&'static str, usize>,
    popups: BTreeMap<&'static str, usize>,
    sequences: BTreeMap<String, usize>,
}

fn look_at(n: usize, payload: &Payload, found: &mut Found) {
    let (width, height, look) = LOOKS[n % LOOKS.len()];
    for (name, go) in SCREENS {
        let mut desk = Desk::new(&payload.text, width, height);
        go(&mut desk, &payload.text);
        let opened = desk.model.overlays.iter().map(popup).chain(desk.model.room.iter().map(room));
        for name in opened {
            *found.popups.entry(name).or_default() += 1;
        }
        let bytes = desk.draw(look);
        let seen = tty::read(Writer::Frame, &bytes);
        found.frames += 1;
        found.bytes += bytes.len();
        *found.shown.entry(name).or_default() += usize::from(seen.text.contains(&payload.mark));
        for (sequence, times) in seen.sequences {
            *found.sequences.entry(sequence).or_default() += times;
        }
        let copied = desk.copied.iter().flat_map(|text| text.as_str().chars().filter(|c| tty::is_forbidden(*c)));
        let problems = seen.problems.into_iter().chain(copied.map(|c| format!("copied {c:?}")));
        found
            .problems
            .extend(problems.map(|problem| format!("{problem} on {name}, from {} {:?}", payload.kind, payload.text)));
    }
}

#[test]
fn no_screen_passes_anything_on() {
    let payloads = payloads::all();
    assert!(payloads.len() >= payloads::AT_LEAST, "{}", payloads.len());
    let every = if crate::is_long() { 1 } else { 101 };
    let began = std::time::Instant::now();
    let mut found = Found::default();
    let mut strings = 0;
    for (n, payload) in payloads.iter().step_by(every).enumerate() {
        look_at(n, payload, &mut found);
        strings += 1;
    }
    println!(
        "{strings} of {} strings, {} screens, {} frames, {} bytes, {:.1} s; shown {:?}; sequences {:?}",
        payloads.len(),
        SCREENS.len(),
        found.frames,
        found.bytes,
        began.elapsed().as_secs_f32(),
        found.shown,
        found.sequences,
    );
    found.problems.truncate(20);
    assert!(found.problems.is_empty(), "{:#?}", found.problems);
    for (name, _) in SCREENS {
        let shown = found.shown[name];
        assert!(shown * 10 > strings * 9, "{name} showed only {shown} of {strings} strings");
    }
    for popup in POPUPS.into_iter().chain(ROOMS) {
        assert!(found.popups.contains_key(popup), "no screen opens {popup}");
    }
}

/// The judge itself: it must object to the strings when nobody cleans them.
#[test]
fn every_attack_is_seen_when_it_is_passed_on() {
    // What the view itself sends, too: only a second one in a frame would tell.
    let ours = |text: &str| text.contains("[?25l") || text.contains("\u{9b}?25l");
    let harmless = ["separator", "split", "text", "long", "wide", "rtl", "jamo", "unassigned", "not UTF-8"];
    let mut caught = 0;
    for payload in payloads::all().iter().filter(|payload| !harmless.contains(&payload.kind) && !ours(&payload.text)) {
        let seen = tty::read(Writer::Frame, payload.text.as_bytes());
        assert!(!seen.problems.is_empty(), "{} {:?}", payload.kind, payload.text);
        caught += 1;
    }
    for bytes in payloads::NOT_UTF8 {
        assert!(!tty::read(Writer::Console, bytes).problems.is_empty(), "{bytes:?}");
    }
    println!("{caught} strings, each objected to");
}
