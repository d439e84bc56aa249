//! The real console in a real terminal, from the first byte to the last, on a hostile shop.

use std::{thread, time::Duration};

use crate::{
    hostile_shop::HostileShop,
    payloads::{self, Payload},
    terminal::Console,
    tty::{self, Seen, Writer},
};

const ESC: &str = "\u{1b}";
/// A question takes no answer so soon after it opens.
const AWAKE: Duration = Duration::from_millis(250);
/// Where a question was refused, keys that were meant for it are dropped for so long.
const REFUSED: Duration = Duration::from_millis(550);

/// One string of each kind, again and again, so that all kinds are on the first screens.
fn mixed(most: usize) -> Vec<Payload> {
    // No argument holds a NUL, and this terminal leaves out U+FFFD, which others show.
    let fits = |payload: &Payload| !payload.text.contains(['\0', '\u{fffd}']);
    let mut rest: Vec<Payload> = payloads::all().into_iter().filter(fits).collect();
    let mut mixed = Vec::new();
    while mixed.len() < most && !rest.is_empty() {
        let mut kinds = Vec::new();
        let (first, others) = rest.into_iter().partition(|payload| {
            let is_new = !kinds.contains(&payload.kind);
            kinds.push(payload.kind);
            is_new
        });
        mixed.extend::<Vec<Payload>>(first);
        rest = others;
    }
    mixed
}

fn start(shop: &HostileShop, cols: u16, rows: u16, operator: &str, variables: &[(&str, &str)]) -> Console {
    let config = shop.config().display().to_string();
    let mut console = Console::start(cols, rows, &["--config", &config, "--operator", operator], variables);
    console.wait_for("? help");
    console.wait_for(" ms");
    console
}

/// Somebody at the keys who remembers every screen.
struct Visitor {
    console: Console,
    screens: String,
}

impl Visitor {
    /// Presses keys and looks at what comes of them.
    fn press(&mut self, keys: &str) {
        self.console.keys(keys);
        // A lone Esc is one only when nothing follows.
        thread::sleep(Duration::from_millis(80));
        self.console.rest();
        self.screens += &self.console.screen();
    }

    fn paste(&mut self, text: &str) {
        self.press(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    }

    /// Asks for an action, and says yes if the question opens.
    fn ask(&mut self, key: &str, reason: &str) {
        self.press(key);
        thread::sleep(AWAKE);
        self.press("\t");
        self.paste(reason);
        self.press("\ty");
        thread::sleep(REFUSED);
    }

    /// Opens everything that can be opened among the mails.
    fn mails(&mut self, pasted: &str) {
        self.press("m");
        self.console.wait_for("Mails   ");
        for keys in ["\r", "G", ESC, "G", "o", ESC] {
            self.press(keys);
        }
        self.ask("t", pasted);
        self.ask("c", pasted);
        for _ in 0..4 {
            self.press("\t");
        }
        self.press(ESC);
    }

    /// Opens everything that can be opened in the audit log.
    fn audit_log(&mut self, pasted: &str) {
        self.press("a");
        self.console.wait_for("Audit log   ");
        for keys in ["\r", "G", ESC, "jo", ESC, "v"] {
            self.press(keys);
        }
        self.console.wait_for("the chain holds");
        self.press("/");
        self.paste(pasted);
        self.press("\u{15}operator:\"");
        self.paste(pasted);
        // To no filter, to the entries, to where it began.
        for keys in ["\u{15}", ESC, ESC] {
            self.press(keys);
        }
    }

    /// Opens everything that can be opened for the selected customer.
    fn walk(&mut self, pasted: &str) {
        self.press("\r");
        self.console.wait_for("History");
        for keys in ["y", "p", ESC, "r"] {
            self.press(keys);
        }
        thread::sleep(AWAKE);
        self.press("\t");
        self.paste(pasted);
        self.press("\ty");
        self.press("u");
        self.press("f");
        thread::sleep(AWAKE);
        self.press("y");
        thread::sleep(REFUSED);
        self.ask("U", pasted);
        for keys in ["p", ESC, "G\u{4}gg", ESC] {
            self.press(keys);
        }
        self.mails(pasted);
        self.audit_log(pasted);
        for keys in ["?", ESC, ":"] {
            self.press(keys);
        }
        self.paste(pasted);
        for keys in [ESC, "s", ESC, "/"] {
            self.press(keys);
        }
        self.paste(pasted);
        self.press("\u{15}is:\"");
        self.paste(pasted);
        for keys in ["\u{15}", ESC, "jjj"] {
            self.press(keys);
        }
    }
}

fn judge(console: &mut Console) -> Seen {
    assert!(console.end().success() && console.is_restored(), "{}", console.screen());
    let seen = tty::read(Writer::Console, &console.raw());
    assert!(seen.problems.is_empty(), "{:#?}", &seen.problems[..seen.problems.len().min(20)]);
    assert!(seen.titles.iter().any(|title| title.ends_with(" - keydesk")), "{:?}", seen.titles);
    assert!(seen.clipboard.iter().all(|text| !text.contains(tty::is_forbidden)), "{:?}", seen.clipboard);
    seen
}

#[test]
fn no_walk_through_the_console_passes_anything_on() {
    let (customers, walks) = if crate::is_long() { (1_200, 30) } else { (60, 3) };
    let payloads = mixed(customers);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shop = runtime.block_on(HostileShop::new(&payloads));
    let console = start(&shop, 132, 40, &payloads[3].text, &[]);
    let mut visitor = Visitor { console, screens: String::new() };
    for n in 0..walks {
        visitor.walk(&payloads[n % payloads.len()].text.replace('\u{1b}', ""));
    }
    // Every row, page by page.
    for _ in 0..customers / 20 {
        visitor.press("\u{1b}[6~");
    }
    // Painted anew, the screen is the same: nothing was left on it.
    let before = visitor.console.screen();
    visitor.press("\u{c}");
    assert_eq!(visitor.console.screen(), before);
    visitor.console.resize(70, 18);
    visitor.press("\u{c}");
    visitor.console.keys("\u{3}");
    let seen = judge(&mut visitor.console);
    // Some may not be sent a reset; the others were asked about.
    for opened in [
        "Do not send",
        "nobody delivers",
        "Taken back",
        "Leave it",
        "verified",
        "sign in again now?",
        "Preview of the mail",
        "Mail, as the customer",
        "Send the mail to",
        "Take back the mail",
        "Entry of the audit log",
        "wants a field in front",
        "Mails    all",
    ] {
        assert!(visitor.screens.contains(opened), "{opened:?} was never shown");
    }
    let shown = payloads.iter().filter(|payload| visitor.screens.contains(&payload.mark)).count();
    println!(
        "{walks} walks, {shown} of {} strings seen, {} bytes, clipboard {}, {:?}",
        payloads.len(),
        visitor.console.raw().len(),
        seen.clipboard.len(),
        seen.sequences
    );
    assert!(shown * 2 > payloads.len() && seen.clipboard.len() >= walks);
}

#[test]
fn no_variable_of_the_session_passes_anything_on() {
    let payloads = mixed(24);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shop = runtime.block_on(HostileShop::new(&payloads[..2]));
    for name in ["TERM", "COLORTERM", "COLORFGBG", "TMUX", "LANG", "SSH_CONNECTION", "NO_COLOR"] {
        for text in ["xterm\u{1b}]0;owned\u{7}", "\u{9b}2J\u{202e}", "%s\r\n\u{1b}P$q q\u{1b}\\"] {
            let mut console = start(&shop, 80, 24, "mina", &[(name, text)]);
            console.keys("q");
            judge(&mut console);
        }
    }
}
