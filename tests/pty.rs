//! The real program in a real terminal: what only shows there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "the tests of panics use the rest")]
mod console;

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use console::Console;
use nix::sys::signal::Signal;
use tempfile::TempDir;

const NOW: &str = "2026-11-20T14:03:00Z";

/// A demo shop in a folder of its own.
struct Demo {
    folder: TempDir,
}

impl Demo {
    fn new(customers: u32) -> Self {
        let folder = TempDir::new().unwrap();
        let demo = Self { folder };
        let made = Command::new(env!("CARGO_BIN_EXE_keydesk"))
            .args(["demo", "--no-console", "--customers", &customers.to_string(), "--now", NOW, "--dir"])
            .arg(demo.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        demo
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    fn arguments(&self) -> Vec<String> {
        let folder = self.path().display().to_string();
        ["demo", "--operator", "mina", "--now", NOW, "--dir", &folder].map(str::to_owned).to_vec()
    }

    fn open(&self, cols: u16, rows: u16, variables: &[(&str, &str)]) -> Console {
        let arguments = self.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut console = Console::start(cols, rows, &arguments, variables);
        console.wait_for("? help");
        console.wait_for(" ms");
        console
    }

    fn mails(&self) -> usize {
        std::fs::read_dir(self.path().join("mail/new")).map_or(0, Iterator::count)
    }
}

fn open(demo: &Demo) -> Console {
    demo.open(80, 24, &[])
}

/// The answer of the headless twin.
fn twin(folder: &Path, arguments: &[&str]) -> String {
    twin_by("mina", folder, arguments)
}

/// The same, by this operator.
fn twin_by(operator: &str, folder: &Path, arguments: &[&str]) -> String {
    let config = folder.join("keydesk.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_keydesk"))
        .arg("--config")
        .arg(config)
        .args(["--operator", operator, "--json"])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_reset_from_the_first_key_to_the_mail() {
    let demo = Demo::new(200);
    let mut console = open(&demo);
    console.keys("/");
    console.keys("roni_cost");
    console.wait_for("Veronica Costello");
    console.keys("\r");
    console.keys("\r");
    console.wait_for("[r Reset Password]");
    console.keys("r");
    console.wait_for("Do not send");
    thread::sleep(Duration::from_millis(250));
    console.keys("\tT-4711\ty");
    console.wait_for("Reset mail to roni_cost@example.com leaves in");
    console.keys("u");
    console.wait_for("Taken back. The budget has its place back.");
    console.keys("r");
    console.wait_for("Do not send");
    thread::sleep(Duration::from_millis(250));
    console.keys("y");
    console.wait_for("leaves in");
    console.wait_for("accepted by the relay");
    assert_eq!(demo.mails(), 1);
    console.keys("m");
    console.wait_for("Queue   nothing waits");
    console.keys("\r");
    console.wait_for("••••••••");
    console.keys("\u{3}");
    assert!(console.end().success() && console.is_restored());
}

#[test]
fn a_mail_is_seen_before_it_is_sent_and_the_reason_is_kept() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.keys("/roni_cost\r");
    console.wait_for("2 of 50");
    console.keys("r");
    console.wait_for("Do not send");
    thread::sleep(Duration::from_millis(250));
    console.keys("\tT-4711\t");
    console.wait_for("T-4711");
    console.keys("p");
    let shown = console.wait_for("Preview of the mail that a reset sends");
    for wanted in
        ["English", "Luma Support <support@luma.example>", "roni_cost@example.com", "luma.localhost:8080/r/1.••••••••"]
    {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    console.keys("\u{1b}");
    console.wait_until("the question again", |screen| screen.contains("T-4711") && !screen.contains("Preview of"));
    thread::sleep(Duration::from_millis(250));
    console.keys("y");
    console.wait_for("leaves in");
    console.keys("u");
    console.wait_for("Taken back.");
    let log = twin(&demo.path(), &["audit", "list"]);
    assert!(log.contains("\"reason\":\"T-4711\"") && log.contains("reset.undo"), "{log}");
    assert_eq!(demo.mails(), 0);
}

#[test]
fn the_audit_log_is_filtered_verified_and_leads_to_the_customer() {
    let demo = Demo::new(50);
    for (operator, who) in [("mina", "1"), ("joon", "2"), ("joon", "1")] {
        twin_by(operator, &demo.path(), &["force-sign-in", who, "--scope", "all"]);
    }
    let mut console = open(&demo);
    console.keys("a");
    console.wait_for("3 entries");
    console.keys("/operator:joon customer:1");
    console.wait_for("1 entry");
    console.keys(" since:soon");
    console.wait_for("\"since:soon\" is not known; try since:2026-11-01");
    console.keys("\u{15}action:force\rv");
    console.wait_for("3 entries, the chain holds.");
    console.keys("jj\r");
    console.wait_for("Entry of the audit log");
    console.keys("o");
    console.wait_for("< Audit log   Veronica Costello");
    console.keys("\u{1b}");
    console.wait_for("action:force");
    thread::sleep(Duration::from_millis(100));
    console.keys("\u{3}");
    assert!(console.end().success() && console.is_restored());
}

#[test]
fn a_mail_that_waits_is_tried_again_at_once() {
    let demo = Demo::new(50);
    let file = demo.path().join("relay.toml");
    let config = "database = \"sqlite:keydesk.db\"\n[mail]\nurl = \"smtp://127.0.0.1:1\"\n[reset]\nundo = \"0s\"\n";
    std::fs::write(&file, config).unwrap();
    twin(&demo.path(), &["reset-password", "1"]);
    let name = file.display().to_string();
    let mut console = Console::start(80, 24, &["--config", &name, "--operator", "joon"], &[]);
    console.wait_for("? help");
    console.keys("m");
    console.wait_for("retry 2");
    console.wait_for("1 to be tried again; next in");
    console.keys("t");
    console.wait_for("connection refused by 127.0.0.1:1");
    thread::sleep(Duration::from_millis(250));
    console.keys("y");
    console.wait_for("retry 3");
    console.keys("c");
    console.wait_for("[ y Take it back ]");
    thread::sleep(Duration::from_millis(250));
    console.keys("y");
    console.wait_for("taken back");
    console.keys("a");
    console.wait_for("Mail tried again");
}

#[test]
fn force_sign_in_revokes_and_verifies() {
    let demo = Demo::new(200);
    let mut console = open(&demo);
    console.keys("/roni_cost\r");
    console.wait_for("Veronica Costello");
    console.keys("f");
    console.wait_for("Leave it");
    thread::sleep(Duration::from_millis(250));
    console.keys("y");
    console.wait_for("0 left, verified.");
    assert!(twin(&demo.path(), &["audit", "verify"]).contains("\"entries\":1,"));
    console.keys("\u{1b}");
    thread::sleep(Duration::from_millis(100));
    console.keys("\u{1b}");
    thread::sleep(Duration::from_millis(100));
    console.keys("q");
    assert!(console.end().success() && console.is_restored());
}

#[test]
fn keys_and_pastes_that_come_at_once_do_nothing() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.keys("r\ry\ry");
    console.wait_for("y yes");
    console.keys("\u{1b}[200~y\ry\u{1b}[201~");
    console.rest();
    let history = twin(&demo.path(), &["mail", "list"]);
    assert!(!history.contains("queued"), "{history}");
    assert_eq!(demo.mails(), 0);
}

#[test]
fn goes_to_the_background_and_comes_back() {
    let demo = Demo::new(50);
    let arguments = demo.arguments().join(" ");
    // A shell with job control, as people have it; it says when the console is stopped.
    let line = format!("set -m; $KEYDESK {arguments}; echo stopped; fg; echo over");
    let mut console = Console::shell(80, 24, &line);
    console.wait_for("? help");
    console.keys("\u{1a}");
    console.wait_for("? help");
    assert!(console.terminal(vt100::Screen::alternate_screen) && has_mouse(&console));
    assert!(String::from_utf8_lossy(&console.raw()).contains("stopped"));
    console.keys("q");
    console.wait_for("over");
    assert!(console.is_restored());
}

/// What a terminal sends for a click at this text, and for a turn of the wheel there.
fn mouse(console: &Console, text: &str) -> (String, String) {
    let screen = console.screen();
    let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
    let column = line.split(text).next().unwrap().chars().count();
    let at = format!("{};{}", column + 1, row + 1);
    (format!("\u{1b}[<0;{at}M\u{1b}[<0;{at}m"), format!("\u{1b}[<65;{at}M"))
}

fn has_mouse(console: &Console) -> bool {
    console.terminal(|screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::PressRelease
            && screen.mouse_protocol_encoding() == vt100::MouseProtocolEncoding::Sgr
    })
}

#[test]
fn the_mouse_clicks_opens_scrolls_and_leaves() {
    let demo = Demo::new(200);
    let mut console = open(&demo);
    assert!(has_mouse(&console));
    let first = console.screen().lines().nth(4).unwrap().to_owned();
    let (_, wheel) = mouse(&console, "Tokens");
    console.keys(&wheel);
    console.wait_until("other rows", |screen| screen.lines().nth(4) != Some(&first));
    console.keys("g");
    let (click, _) = mouse(&console, "/ search");
    console.keys(&click);
    console.wait_for("Enter to the table");
    console.keys("roni_cost\r");
    console.wait_for("2 of 200");
    let (click, _) = mouse(&console, "Veronica Costello");
    console.keys(&click.repeat(2));
    console.wait_for("[r Reset Password]");
    thread::sleep(Duration::from_millis(450));
    let (click, _) = mouse(&console, "[r Reset Password]");
    console.keys(&click.repeat(2));
    console.wait_for("Do not send");
    thread::sleep(Duration::from_millis(450));
    let (click, _) = mouse(&console, "[ y Send ]");
    console.keys(&click);
    console.wait_for("leaves in");
    let (click, _) = mouse(&console, "u undo");
    console.keys(&click);
    console.wait_for("Taken back.");
    console.keys("\u{3}");
    assert!(console.end().success() && console.is_restored());
}

#[test]
fn the_mouse_is_the_terminals_when_somebody_says_so() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.keys("M");
    console.wait_for("drag selects text");
    assert!(!has_mouse(&console));
    console.keys("M");
    console.wait_for("clicks and scrolls here");
    assert!(has_mouse(&console));
    for (name, value) in [("TERM", "linux"), ("TERM", "screen")] {
        assert!(!has_mouse(&demo.open(80, 24, &[(name, value)])), "{value}");
    }
    let file = demo.path().join("keydesk.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{config}[console]\nmouse = \"off\"\n")).unwrap();
    assert!(!has_mouse(&open(&demo)));
}

#[test]
fn the_shop_chooses_keys_and_a_conflict_keeps_the_console_shut() {
    let demo = Demo::new(50);
    let file = demo.path().join("keydesk.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let with = |keys: &str| std::fs::write(&file, format!("{config}[keys]\n{keys}\n")).unwrap();
    with("reset = [\"x\", \"F5\"]\nmouse = [\"Ctrl-O\"]");
    let mut console = open(&demo);
    console.wait_for("x reset password");
    console.keys("\u{1b}[15~");
    console.wait_for("Do not send");
    console.keys("\u{1b}");
    thread::sleep(Duration::from_millis(100));
    console.keys("\u{f}");
    console.wait_for("drag selects text");
    let line = config.lines().count() + 2;
    for (keys, said) in [
        ("reset = [\"f\"]", "keys.reset: \"f\" would mean both reset and force-sign-in."),
        ("rest = [\"f\"]", "keys.rest: there is no such command. Commands are open, search,"),
        ("reset = [\"Hyper-X\"]", "keys.reset: \"Hyper-X\" is no key."),
        ("reset = [\"Esc\"]", "keys.reset: \"Esc\" cannot mean reset: it always means back."),
    ] {
        with(keys);
        let name = file.display().to_string();
        let mut console = Console::start(200, 24, &["--config", &name, "--operator", "mina"], &[]);
        assert_eq!(console.end().exit_code(), 2, "{keys}");
        let shown = console.screen().replace('\n', "");
        assert!(shown.contains(&format!("line {line}, {said}")) && shown.contains("Nothing was done."), "{shown}");
        assert!(twin(&demo.path(), &["doctor", "--no-relay"]).contains(&said.replace('"', "\\\"")), "{keys}");
    }
}

#[test]
fn signals_leave_the_terminal_as_it_was() {
    let demo = Demo::new(50);
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT] {
        let mut console = open(&demo);
        assert!(has_mouse(&console));
        console.signal(signal);
        assert_eq!(console.end().exit_code(), 128 + signal as u32, "{signal}");
        assert!(console.is_restored(), "{signal}");
    }
}

#[test]
fn a_lost_connection_ends_the_program_soon() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.hang_up();
    let began = Instant::now();
    console.end();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn a_lost_connection_is_noticed_without_a_signal() {
    let demo = Demo::new(50);
    let arguments = demo.arguments().join(" ");
    let file = demo.path().join("pid");
    // In a session of its own the program gets no signal when the terminal goes away.
    let line = format!("setsid --wait sh -c 'echo $$ > {}; exec $KEYDESK {arguments}'", file.display());
    let mut console = Console::shell(80, 24, &line);
    console.wait_for("? help");
    let id = std::fs::read_to_string(file).unwrap();
    let is_alive = || Path::new("/proc").join(id.trim()).exists();
    assert!(is_alive());
    console.hang_up();
    let began = Instant::now();
    while is_alive() {
        assert!(began.elapsed() < Duration::from_secs(8), "the program goes on without a terminal");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let demo = Demo::new(50);
    let console = open(&demo);
    let before = console.raw().len();
    thread::sleep(Duration::from_secs(3));
    assert_eq!(console.raw().len(), before);
}

#[test]
fn an_open_record_is_read_again_without_a_word() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.keys("\r");
    console.wait_for("History");
    thread::sleep(Duration::from_millis(500));
    let before = console.raw().len();
    thread::sleep(Duration::from_secs(6));
    assert_eq!(console.raw().len(), before);
}

#[test]
fn an_open_room_is_read_again_without_a_word() {
    let demo = Demo::new(50);
    twin(&demo.path(), &["force-sign-in", "1"]);
    let mut console = open(&demo);
    for (key, shown) in [("a", "1 entry"), ("m", "No mail was ever queued.")] {
        console.keys(key);
        console.wait_for(shown);
        thread::sleep(Duration::from_millis(500));
        let before = console.raw().len();
        thread::sleep(Duration::from_secs(6));
        assert_eq!(console.raw().len(), before, "{key}");
    }
}

#[test]
fn a_window_of_another_size() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.resize(40, 10);
    console.wait_for("needs 60x15");
    console.resize(120, 40);
    console.wait_for("Last in");
    console.keys("\r");
    console.wait_for("Access tokens");
    assert!(console.screen().contains("E-mail"));
    console.resize(50, 10);
    console.wait_for("needs 60x15");
    console.keys("q");
    assert!(console.end().success());
}

#[test]
fn no_color_keeps_the_selection_visible() {
    let demo = Demo::new(50);
    let console = demo.open(80, 24, &[("NO_COLOR", "1")]);
    let (row, _) = console.terminal(vt100::Screen::cursor_position);
    let cell = console.terminal(|screen| screen.cell(row, 5).cloned()).unwrap();
    assert!(cell.inverse());
    let raw = String::from_utf8_lossy(&console.raw()).into_owned();
    for colour in 30..=37 {
        assert!(!raw.contains(&format!("[{colour}m")), "colour {colour}");
    }
    assert!(!raw.contains("[38;"));
}

#[test]
fn colours_go_by_the_theme_and_by_what_the_terminal_shows() {
    let demo = Demo::new(50);
    let file = demo.path().join("keydesk.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    for (theme, variables, key) in [
        ("auto", &[][..], "[38;5;6;49m"),
        ("auto", &[("COLORTERM", "truecolor")], "[38;5;6;49m"),
        ("auto", &[("COLORFGBG", "0;15")], "[38;5;4;49m"),
        ("auto", &[("COLORFGBG", "15;0"), ("COLORTERM", "truecolor")], "[38;2;125;207;255;49m"),
        ("light", &[("COLORTERM", "24bit")], "[38;2;0;95;175;49m"),
        ("dark", &[("COLORFGBG", "0;15")], "[38;5;6;49m"),
        ("light", &[("NO_COLOR", "1"), ("COLORTERM", "24bit")], "[4m"),
        ("mono", &[("COLORTERM", "truecolor")], "[4m"),
    ] {
        std::fs::write(&file, format!("{config}[console]\ntheme = \"{theme}\"\n")).unwrap();
        let raw = demo.open(80, 24, variables).raw();
        let raw = String::from_utf8_lossy(&raw).into_owned();
        assert!(raw.contains(key), "{theme} {variables:?}");
        assert_eq!(raw.contains("[38;2;"), key.contains("[38;2;"), "{theme} {variables:?}");
        assert_eq!(raw.contains("[38;"), key.contains("[38;"), "{theme} {variables:?}");
    }
}

#[test]
fn the_title_says_which_shop_this_is_and_is_given_back() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.keys("j\u{c}q");
    console.end();
    let raw = String::from_utf8_lossy(&console.raw()).into_owned();
    let set = "\u{1b}]2;Luma, Luma Korea, Luma Business, 50 customers - keydesk\u{7}";
    let places = ["\u{1b}[22;2t", set, "\u{1b}[23;2t"].map(|sequence| raw.find(sequence).unwrap_or(usize::MAX));
    assert!(places.is_sorted() && places[2] < usize::MAX, "{places:?}");
    assert_eq!(raw.matches(set).count(), 1, "what is the same is not sent again");
    let file = demo.path().join("keydesk.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{config}[console]\ntitle = false\n")).unwrap();
    let raw = open(&demo).raw();
    assert!(!String::from_utf8_lossy(&raw).contains("\u{1b}]"));
}

#[test]
fn the_terminal_is_never_asked_anything() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    console.keys("\u{c}");
    console.resize(100, 30);
    console.rest();
    let raw = String::from_utf8_lossy(&console.raw()).into_owned();
    for query in ["\u{1b}[6n", "\u{1b}[c", "\u{1b}[0c", "\u{1b}[>c", "\u{1b}[5n", "\u{1b}]11;?"] {
        assert!(!raw.contains(query), "{query:?}");
    }
}

#[test]
fn no_terminal_is_said_in_a_sentence() {
    let output = Command::new(env!("CARGO_BIN_EXE_keydesk")).args(["--operator", "mina"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}

/// Only differences are written; together they must come to what a whole repaint shows.
#[test]
fn nothing_stays_behind_on_the_screen() {
    let demo = Demo::new(50);
    let mut console = open(&demo);
    // The demo shop's hostile names are on the first two screens.
    for keys in [
        "j",
        "\r",
        "\u{1b}[A",
        "m",
        "q",
        "\u{1b}[6~",
        "?",
        "q",
        "q",
        "G",
        "g",
        "r",
        "\t",
        "x",
        "\t",
        "p",
        "G",
        "\u{1b}",
        "n",
        "f",
        "\u{1b}",
        "a",
        "v",
        "\r",
        "o",
        "\u{1b}",
        "/x",
        "\u{1b}",
        "\u{1b}",
        "\u{1b}",
    ] {
        console.keys(keys);
        thread::sleep(Duration::from_millis(150));
        console.rest();
        let drawn = console.screen();
        console.keys("\u{c}");
        thread::sleep(Duration::from_millis(50));
        console.rest();
        assert_eq!(drawn, console.screen(), "after {keys:?}");
    }
}

#[test]
fn a_relay_that_is_named_wrongly_keeps_the_console_shut_none_does_not() {
    let demo = Demo::new(20);
    let file = demo.path().join("keydesk.toml");
    let with = |mail: &str| std::fs::write(&file, format!("database = \"sqlite:keydesk.db\"\n{mail}")).unwrap();
    let name = file.display().to_string();
    let start = || Console::start(80, 24, &["--config", &name, "--operator", "mina"], &[]);
    with("[mail]\nurl = \"relay.example\"\n");
    let mut console = start();
    console.wait_for("mail.url");
    assert_eq!(console.child.wait().unwrap().exit_code(), 2);
    with("[mail]\nurl = \"relay.example\"\nworker = false\n");
    start().wait_for("? help");
    with("");
    start().wait_for("? help");
}
