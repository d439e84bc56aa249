//! The terminal: taken over, drawn to, given back, whatever happens.

use std::{
    io::{self, BufWriter, IsTerminal, Stdout, Write},
    os::fd::AsFd,
    panic,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crossterm::{
    clipboard::CopyToClipboard,
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute, queue,
    style::{Print, force_color_output},
    terminal::{
        BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
        enable_raw_mode, size,
    },
};
use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::signal::{Signal, kill},
    unistd::{Pid, getpid, getsid},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};

/// Puts the terminal's title aside and brings it back; terminals without a stack ignore it.
const PUSH_TITLE: &str = "\u{1b}[22;2t";
const POP_TITLE: &str = "\u{1b}[23;2t";
/// The window's title alone: that of its icon is not put aside.
const SET_TITLE: &str = "\u{1b}]2;";
const END_TITLE: &str = "\u{7}";

/// Presses, releases and the wheel, in numbers that know no widest window. Nothing is asked about
/// where the mouse merely moves: over a slow line that is too much.
const TAKE_MOUSE: &str = "\u{1b}[?1000h\u{1b}[?1006h";
const LEAVE_MOUSE: &str = "\u{1b}[?1006l\u{1b}[?1000l";

/// Whether the console can be shown where the program runs; else a sentence that says why not.
///
/// # Errors
/// When standard input or output is no terminal, or the terminal cannot move its cursor.
pub fn check() -> Result<(), String> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err("The console needs a terminal. For scripts there are commands: keydesk --help".to_owned());
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err("The console needs a terminal that can move its cursor; TERM is \"dumb\".".to_owned());
    }
    Ok(())
}

/// Columns and rows of the terminal that the program runs in; none when there is none.
#[must_use]
pub fn window() -> Option<(u16, u16)> {
    if io::stdout().is_terminal() { size().ok() } else { None }
}

/// Whether the other end of the terminal is gone. The library that reads keys does not notice
/// (crossterm issue 793), so that a lost SSH session would keep the program alive.
#[must_use]
pub fn is_hung_up() -> bool {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(stdin.as_fd(), PollFlags::empty())];
    poll(&mut fds, PollTimeout::ZERO).is_ok()
        && fds.iter().any(|fd| {
            fd.revents()
                .is_some_and(|found| found.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL))
        })
}

/// Lets the theme alone decide about colours: crossterm reads `NO_COLOR` itself, and then also drops the
/// reversed and bold of a theme without colours.
pub fn use_colours() {
    force_color_output(true);
}

/// Size of the terminal.
#[must_use]
pub fn area() -> Rect {
    let (width, height) = size().unwrap_or((80, 24));
    Rect { x: 0, y: 0, width, height }
}

/// The terminal while the console has it.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    taken: Arc<AtomicBool>,
    has_mouse: bool,
    title: String,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When the terminal cannot be written or set.
    pub fn enter() -> io::Result<Self> {
        use_colours();
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout())))?;
        let mut screen = Self { terminal, taken: Arc::default(), has_mouse: false, title: String::new() };
        screen.take()?;
        Ok(screen)
    }

    fn take(&mut self) -> io::Result<()> {
        self.taken.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(self.terminal.backend_mut(), Print(PUSH_TITLE), EnterAlternateScreen, EnableBracketedPaste)?;
        self.title.clear();
        self.mouse(self.has_mouse)
    }

    /// Gives the terminal a title, unless it has it already.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn title(&mut self, title: &str) -> io::Result<()> {
        if self.title == title {
            return Ok(());
        }
        title.clone_into(&mut self.title);
        execute!(self.terminal.backend_mut(), Print(format!("{SET_TITLE}{title}{END_TITLE}")))
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn mouse(&mut self, take: bool) -> io::Result<()> {
        self.has_mouse = take;
        execute!(self.terminal.backend_mut(), Print(if take { TAKE_MOUSE } else { LEAVE_MOUSE }))
    }

    /// Gives the terminal back; once, however often it is called.
    pub fn leave(&self) {
        restore(&self.taken);
    }

    /// Draws a frame that terminals show at once.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(view)?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        io::Write::flush(self.terminal.backend_mut())
    }

    /// Forgets what the screen shows, so that the next frame paints all of it. `Terminal::clear`
    /// would ask the terminal where its cursor is.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn forget(&mut self) -> io::Result<()> {
        self.terminal.resize(area())
    }

    /// Sends a text to the clipboard of the person's own terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Goes to the background until `fg`; false when there is no shell to come back from.
    ///
    /// # Errors
    /// When the terminal cannot be taken back.
    pub fn suspend(&mut self) -> io::Result<bool> {
        if getsid(None).is_ok_and(|session| session == getpid()) {
            return Ok(false);
        }
        self.leave();
        // The whole group, because a shell waits for all of it.
        kill(Pid::from_raw(0), Signal::SIGTSTP)?;
        self.resume()?;
        Ok(true)
    }

    /// Takes the terminal again after somebody else had it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn resume(&mut self) -> io::Result<()> {
        self.leave();
        self.take()?;
        self.forget()
    }

    /// From now on a panic on this thread first gives the terminal back and then reports itself.
    /// A panic elsewhere only leaves its text in the returned place: the console still has the
    /// terminal, notices, and leaves in order.
    #[must_use]
    pub fn guard_panics(&self) -> Arc<Mutex<Option<String>>> {
        let taken = Arc::clone(&self.taken);
        let text: Arc<Mutex<Option<String>>> = Arc::default();
        let seen = Arc::clone(&text);
        let ours = thread::current().id();
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if taken.load(Ordering::SeqCst) && thread::current().id() != ours {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.to_string());
            } else {
                restore(&taken);
                report(info);
            }
        }));
        text
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Undoes [`Screen::take`]. Nobody is left to tell when that fails.
fn restore(taken: &AtomicBool) {
    if taken.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(
            out,
            EndSynchronizedUpdate,
            Print(LEAVE_MOUSE),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show,
            Print(POP_TITLE)
        );
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}
