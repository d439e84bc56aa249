//! The real program in a terminal, and when it wrote what.

use std::{
    io::{Read, Write},
    num::NonZero,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::process::Process;

const ROWS: u16 = 50;
const COLUMNS: u16 = 200;
/// How long the program may say nothing when something is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the program is.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_keydesk"))
}

/// The program and its terminal. Dropped, the terminal is closed and the program ends.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    written: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Opens the console on a shop, in a terminal of 200x50, with nothing configured but what
    /// stands in `config`. Gives also the time at which the program was started.
    pub fn start(database: &Path, config: &Path) -> (Self, Instant) {
        Self::start_at(&format!("sqlite:{}", database.display()), config)
    }

    /// The same on a shop wherever it is.
    pub fn start_at(database: &str, config: &Path) -> (Self, Instant) {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program());
        command.args(["--operator", "figures", "--config"]);
        command.arg(config);
        command.args(["--database", database]);
        command.env("TERM", "xterm-256color");
        for name in ["NO_COLOR", "SSH_CONNECTION", "KEYDESK_MAIL", "KEYDESK_BASE_URL"] {
            command.env_remove(name);
        }
        let mut output = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (tell, written) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 1 << 14];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                if tell.send((Instant::now(), bytes[..n].to_vec())).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let terminal = Self { child, keys, written, screen: screen(), _master: pair.master };
        (terminal, started)
    }

    pub fn process(&self) -> Process {
        Process(self.child.process_id().unwrap())
    }

    /// Waits until the screen shows a text, and gives the time at which it was there.
    pub fn wait_for(&mut self, text: &str) -> Instant {
        loop {
            let (at, bytes) = self
                .written
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("{text:?} was waited for in vain:\n{}", self.screen.screen().contents()));
            self.screen.process(&bytes);
            if self.shows(text) {
                return at;
            }
        }
    }

    /// Whether the screen shows a text.
    pub fn shows(&self, text: &str) -> bool {
        self.screen.screen().contents().contains(text)
    }

    /// Presses keys; all of them arrive at once.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Lets `time` pass and says how many bytes were written in it.
    pub fn listen(&mut self, time: Duration) -> usize {
        let end = Instant::now() + time;
        let mut count = 0;
        while let Ok((_, bytes)) = self.written.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.screen.process(&bytes);
            count += bytes.len();
        }
        count
    }

    /// Leaves the console and waits for its end.
    pub fn leave(mut self) {
        self.press("\u{3}");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already where it was left.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn screen() -> vt100::Parser {
    let [rows, cols] = [ROWS, COLUMNS].map(|count| NonZero::new(count).unwrap());
    vt100::Parser::new(rows, cols, 0)
}
