//! Every screen, popup and result, with every hostile string in every field at once.

use std::collections::{BTreeMap, BTreeSet};

use keydesk::tui::{
    Symbols, Theme,
    model::{
        Intent, Model,
        overlay::Overlay,
        room::{Chain, Room, TABS},
    },
    view::Look,
};

use crate::{
    desk::{Desk, REPLIES},
    payloads::{self, Payload},
    tour::SCREENS,
    tty::{self, Writer},
};

/// The tabs of the mails, in English.
const TAB_NAMES: [&str; TABS.len()] = ["all", "waiting", "refused", "given up", "accepted"];

/// What [`SCREENS`] must show beside the tabs of the mails. Something new does not compile before it
/// has a name below, and does not pass before there is a way to it.
const THINGS: [&str; 19] = [
    "Reset Password?",
    "Force Sign In?",
    "Cancel link?",
    "Unlock?",
    "Try again?",
    "Cancel mail?",
    "help",
    "palette",
    "sort",
    "saved searches",
    "columns",
    "mail",
    "preview",
    "entry",
    "notice",
    "chain being checked",
    "chain that holds",
    "chain that is broken",
    "chain that cannot be read",
];

const fn popup(overlay: &Overlay) -> &'static str {
    match overlay {
        Overlay::Confirm(confirm) => match confirm.action {
            Intent::Reset => "Reset Password?",
            Intent::ForceSignIn => "Force Sign In?",
            Intent::CancelLink => "Cancel link?",
            Intent::Unlock => "Unlock?",
            Intent::RetryMail(_) => "Try again?",
            Intent::CancelMail(_) => "Cancel mail?",
        },
        Overlay::Help { .. } => "help",
        Overlay::Palette { .. } => "palette",
        Overlay::SortPicker { .. } => "sort",
        Overlay::Searches { .. } => "saved searches",
        Overlay::Columns { .. } => "columns",
        Overlay::Mail { fate: Some(_), .. } => "mail",
        Overlay::Mail { fate: None, .. } => "preview",
        Overlay::Entry { .. } => "entry",
        Overlay::Notice { .. } => "notice",
    }
}

/// What the room shows: the tab of the mails, or how the audit log's chain stands.
fn inside(room: &Room, chain: Option<&Chain>) -> Option<&'static str> {
    match room {
        Room::Mails(room) => TAB_NAMES.get(room.tab).copied(),
        Room::Audit(_) => chain.map(|chain| match chain {
            Chain::Checking(_) => "chain being checked",
            Chain::Holds { .. } => "chain that holds",
            Chain::Broken { .. } => "chain that is broken",
            Chain::Unread(_) => "chain that cannot be read",
        }),
    }
}

/// The names of everything that is on the screen.
fn things(model: &Model) -> impl Iterator<Item = &'static str> {
    let room = model.room.as_ref().and_then(|room| inside(room, model.chain.as_ref()));
    model.overlays.iter().map(popup).chain(room)
}

/// Sizes and signs, by turns.
const LOOKS: [(u16, u16, Look); 4] = [
    (80, 24, Look { theme: Theme::Colour, symbols: Symbols::Unicode }),
    (120, 40, Look { theme: Theme::Mono, symbols: Symbols::Unicode }),
    (60, 15, Look { theme: Theme::LightRgb, symbols: Symbols::Ascii }),
    (201, 50, Look { theme: Theme::Mono, symbols: Symbols::Ascii }),
];

#[derive(Default)]
struct Found {
    frames: usize,
    bytes: usize,
    problems: Vec<String>,
    /// How often each screen showed the mark of the string.
    shown: BTreeMap<&'static str, usize>,
    things: BTreeSet<&'static str>,
    replies: BTreeSet<(&'static str, bool)>,
    sequences: BTreeMap<String, usize>,
}

fn look_at(n: usize, payload: &Payload, found: &mut Found) {
    let (width, height, look) = LOOKS[n % LOOKS.len()];
    for (name, go) in SCREENS {
        let mut desk = Desk::new(&payload.text, width, height);
        go(&mut desk, &payload.text);
        found.things.extend(things(&desk.model));
        found.replies.extend(&desk.replies);
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
    for thing in THINGS.into_iter().chain(TAB_NAMES) {
        assert!(found.things.contains(thing), "no screen shows {thing}");
    }
    for reply in REPLIES.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
        assert!(found.replies.contains(&reply), "no screen shows what comes of {reply:?}");
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
