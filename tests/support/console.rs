//! The real program in a terminal of its own, with somebody at the keys who can read.

use std::{
    io::{Read, Write},
    num::NonZero,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long a text may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// A screen that has not changed for so long is complete.
const SILENCE: Duration = Duration::from_millis(60);

/// The program and its terminal.
pub struct Console {
    /// The program.
    pub child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Everything that the program ever wrote.
    raw: Arc<Mutex<Vec<u8>>>,
    changed: mpsc::Receiver<()>,
    /// Nobody reads what the program writes any more.
    deaf: Arc<AtomicBool>,
}

impl Console {
    /// Starts `keydesk` with these arguments and variables.
    pub fn start(cols: u16, rows: u16, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args);
        Self::spawn(cols, rows, command, variables)
    }

    /// Starts a shell command line, in which `$KEYDESK` is the program.
    pub fn shell(cols: u16, rows: u16, line: &str) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", line]);
        Self::spawn(cols, rows, command, &[("KEYDESK", env!("CARGO_BIN_EXE_keydesk"))])
    }

    /// Starts a part of this test program itself: the test of this name, which is otherwise ignored.
    pub fn act(cols: u16, rows: u16, test: &str) -> Self {
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", "--test-threads=1", test]);
        Self::spawn(cols, rows, command, &[])
    }

    fn spawn(cols: u16, rows: u16, mut command: CommandBuilder, variables: &[(&str, &str)]) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("RUST_BACKTRACE", "0");
        for name in [
            "NO_COLOR",
            "COLORTERM",
            "COLORFGBG",
            "TMUX",
            "STY",
            "SSH_CONNECTION",
            "KEYDESK_CONFIG",
            "KEYDESK_DATABASE",
            "KEYDESK_MAIL",
            "KEYDESK_LANG",
            "LC_ALL",
            "LC_MESSAGES",
        ] {
            command.env_remove(name);
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(cols), 0)));
        let raw = Arc::default();
        let (tell, changed) = mpsc::channel();
        let mut output = pair.master.try_clone_reader().unwrap();
        let (seen, log) = (Arc::clone(&screen), Arc::clone(&raw));
        let deaf = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&deaf);
        thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..n]);
                let log: &Mutex<Vec<u8>> = &log;
                log.lock().unwrap().extend_from_slice(&bytes[..n]);
                if tell.send(()).is_err() || gone.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, master: Some(pair.master), keys: Some(keys), screen, raw, changed, deaf }
    }

    /// Presses keys; all of them arrive at once.
    pub fn keys(&mut self, keys: &str) {
        let to = self.keys.as_mut().unwrap();
        to.write_all(keys.as_bytes()).unwrap();
        to.flush().unwrap();
    }

    /// Waits until the screen shows a text and then rests.
    pub fn wait_for(&mut self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen shows one of these texts; none when the program ended before.
    pub fn lives_to_show<'a>(&mut self, texts: &[&'a str]) -> Option<&'a str> {
        let end = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if let Some(text) = texts.iter().find(|text| screen.contains(**text)) {
                return Some(text);
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{texts:?} were waited for in vain:\n{screen}");
            let silent = self.changed.recv_timeout(left.min(Duration::from_millis(500)));
            if silent == Err(mpsc::RecvTimeoutError::Disconnected) && self.screen() == screen {
                return None;
            }
        }
    }

    /// Presses keys, which a program that just ended does not notice.
    pub fn try_keys(&mut self, keys: &str) {
        let to = self.keys.as_mut().unwrap();
        let _ = to.write_all(keys.as_bytes()).and_then(|()| to.flush());
    }

    /// The program's process.
    pub fn id(&self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap())
    }

    /// Waits until the screen is as it is wanted and then rests.
    pub fn wait_until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        while !wanted(&self.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what:?} was waited for in vain:\n{}", self.screen());
            let _ = self.changed.recv_timeout(left.min(Duration::from_millis(500)));
        }
        self.rest();
        self.screen()
    }

    /// Waits until nothing has been written for a moment.
    pub fn rest(&self) {
        while self.changed.recv_timeout(SILENCE).is_ok() {}
    }

    /// What is on the screen, without the space at the ends of its lines.
    pub fn screen(&self) -> String {
        let text = self.screen.lock().unwrap().screen().contents();
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// Asks the terminal itself.
    pub fn terminal<T>(&self, ask: impl FnOnce(&vt100::Screen) -> T) -> T {
        ask(self.screen.lock().unwrap().screen())
    }

    /// Everything that was written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.raw.lock().unwrap().clone()
    }

    /// Makes the window another size.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(cells(rows), cells(cols));
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(self.id(), signal).unwrap();
    }

    /// Closes the terminal, as a lost connection does.
    pub fn hang_up(&mut self) {
        // The reader holds the terminal, too, until the program's answer to a key wakes it.
        self.deaf.store(true, Ordering::SeqCst);
        self.keys("j");
        self.keys = None;
        self.master = None;
    }

    /// Waits for the program's end.
    pub fn end(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.rest();
                return status;
            }
            assert!(Instant::now() < end, "the program goes on and on:\n{}", self.screen());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the terminal is as it was before the program started.
    pub fn is_restored(&self) -> bool {
        self.terminal(|screen| {
            !screen.alternate_screen()
                && !screen.bracketed_paste()
                && !screen.hide_cursor()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        })
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}
