//! The loop: waits for signals, replies, keys and time, lets [`crate::tui::update`] decide, does
//! the effects, and draws when something changed.

mod projector;

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use crossterm::event::EventStream;
use futures_util::StreamExt;
use nix::sys::signal::Signal;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::{JoinError, JoinHandle},
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};

use crate::{
    domain::{operator::Operator, safe_text::SafeText},
    service::Service,
    store::Store,
    texts::Texts,
    tui::{
        effect::Effect,
        input,
        keymap::Keymap,
        model::{Model, SavedSearch, Shop, columns::Columns, places::Places},
        msg::{Event, Msg},
        performer::{Done, Performer},
        symbols::Symbols,
        terminal::{self, Screen},
        theme::Theme,
        update,
        view::{self, Look},
        words,
    },
};

pub use projector::show;

/// Time between two frames in the long run, and over a line that may be slow.
const FRAME: Duration = Duration::from_millis(16);
const FRAME_SLOW: Duration = Duration::from_millis(33);
/// How many frames may follow at once on the first one after a rest: on the key that was typed
/// the page that it found and the count; on an empty screen, in any order, the first page, the
/// total, the websites and the queue.
const AT_ONCE: u32 = 8;
/// How often it is checked that the terminal is still there.
const HANGUP_CHECK: Duration = Duration::from_secs(1);
/// The signal that we go on comes so soon after we do.
const RESUMED: Duration = Duration::from_secs(1);
/// How long running actions and the worker may take to finish when the console is left.
const GRACE: Duration = Duration::from_secs(5);

/// How the console is started.
pub struct Options {
    /// Who sits here.
    pub operator: Operator,
    /// The database, as the person knows it; shown where the shop has no name.
    pub database: String,
    /// What the person reads.
    pub texts: Texts,
    /// Signs that the terminal shows one column wide.
    pub symbols: Symbols,
    /// Colours, or none of them (`NO_COLOR`).
    pub theme: Theme,
    /// The mouse is taken from the beginning.
    pub mouse: bool,
    /// The terminal's title says which shop this is.
    pub title: bool,
    /// The keys.
    pub keys: Keymap,
    /// The columns of the table.
    pub columns: Columns,
    /// Searches that the shop saved.
    pub searches: Vec<SavedSearch>,
    /// The line to the terminal may be slow (`SSH_CONNECTION`).
    pub slow_line: bool,
    /// What delivers the mails while the console runs; none where that is done elsewhere.
    pub worker: Option<Worker>,
}

/// Work that goes on beside the console.
pub struct Worker {
    /// The work; it must end soon after it is told to, but never in the middle of a mail.
    pub task: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Tells it to end.
    pub stop: watch::Sender<bool>,
}

/// Why the console could not go on.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The terminal failed.
    #[error("the terminal failed: {0}")]
    Terminal(#[from] io::Error),
    /// A part of the program broke; what it was doing is not known to be done.
    #[error("a part of the program failed, so the console was left: {0}")]
    Died(String),
}

/// Why the console was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody asked for it with a key.
    Asked,
    /// A signal of this number asked for it. A terminal that is gone counts as `SIGHUP`, also
    /// where the signal itself never came.
    Signal(u8),
}

impl End {
    /// The terminal is gone.
    const HUNG_UP: Self = Self::Signal(Signal::SIGHUP as u8);
}

/// Shows the console until it is left.
///
/// Must be awaited on the thread that [`tokio::runtime::Runtime::block_on`] was called on: that
/// thread's panics give the terminal back.
///
/// # Errors
/// When the terminal cannot be used, or a part of the program broke. The terminal is given back
/// in any case.
pub async fn run<S: Store>(service: Service<S>, options: Options) -> Result<End, TuiError> {
    let mut screen = Screen::enter()?;
    let crashed = screen.guard_panics();
    let (worker, stopper) = match options.worker {
        Some(worker) => (Some(tokio::spawn(worker.task)), Some(worker.stop)),
        None => (None, None),
    };
    let shop = Shop {
        operator: options.operator.name().clone(),
        database: SafeText::new(&options.database),
        websites: Vec::new(),
        link_life: service.rules().reset.link_life,
    };
    screen.mouse(options.mouse)?;
    let model = Model::new(service.clock().now(), terminal::area(), shop);
    let mut model = Model { texts: options.texts, keys: options.keys, ..model };
    model.pointer.is_ours = options.mouse;
    (model.columns, model.searches) = (options.columns, options.searches);
    let mut console = Console {
        model,
        look: Look { theme: options.theme, symbols: options.symbols },
        has_title: options.title,
        performer: Performer::new(service, options.operator, options.texts),
        worker,
        wake: None,
        frame: if options.slow_line { FRAME_SLOW } else { FRAME },
        due: Instant::now(),
        resumed: None,
    };
    let watch = tokio::spawn(end_from_outside());
    let end = console.run(&mut screen).await;
    // A terminal that may be gone can keep us waiting, so that what goes on is finished first.
    if !matches!(end, Ok(End::Signal(_))) {
        screen.leave();
    }
    let died = console.finish(stopper).await;
    watch.abort();
    drop(screen);
    match (end, died) {
        (Err(TuiError::Died(text)), _) | (_, Some(text)) => Err(TuiError::Died(told(&crashed).unwrap_or(text))),
        (Err(error), None) if terminal::is_hung_up() => {
            // The terminal went away while it was written to: nobody is there to read this.
            drop(error);
            Ok(End::HUNG_UP)
        }
        (Err(error), None) => Err(error),
        (Ok(end), None) => Ok(end),
    }
}

/// What a panic said.
fn told(crashed: &Mutex<Option<String>>) -> Option<String> {
    crashed.lock().unwrap_or_else(PoisonError::into_inner).take()
}

struct Console<S> {
    model: Model,
    look: Look,
    has_title: bool,
    performer: Performer<S>,
    worker: Option<JoinHandle<()>>,
    wake: Option<Instant>,
    frame: Duration,
    /// When the next frame would be due if all came evenly.
    due: Instant,
    resumed: Option<Instant>,
}

impl<S: Store> Console<S> {
    async fn run(&mut self, screen: &mut Screen) -> Result<End, TuiError> {
        let mut lost = pin!(lost());
        let mut continued = signal(SignalKind::from_raw(Signal::SIGCONT as i32))?;
        let mut keys = EventStream::new();
        let effects = update::start(&mut self.model);
        if let Some(end) = self.perform(effects, screen)? {
            return Ok(end);
        }
        loop {
            let draw_at = self.draw_or_wait(screen)?;
            let wake_at = self.wake;
            let event = tokio::select! {
                biased;
                end = &mut lost => return Ok(end),
                // Our own suspending has taken the terminal back already; others stop us, too.
                _ = continued.recv() => {
                    if self.resumed.is_none_or(|at| at.elapsed() > RESUMED) {
                        screen.resume()?;
                    }
                    Some(resized())
                }
                result = ended(&mut self.worker) => {
                    self.worker = None;
                    result.map_err(died)?;
                    None
                }
                done = self.performer.done() => self.took(done)?,
                key = poll_fn(|cx| poll_key(&mut keys, cx)) => match key {
                    Some(Ok(event)) => input::event_of(event),
                    Some(Err(_)) | None => return Ok(End::HUNG_UP),
                },
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {
                    self.wake = None;
                    Some(Event::Woke)
                }
                () = sleep_until(draw_at.unwrap_or_else(Instant::now)), if draw_at.is_some() => None,
            };
            if let Some(end) = event.map(|event| self.handle(event, screen)).transpose()?.flatten() {
                return Ok(end);
            }
            // Whatever else is already there comes into the same frame.
            while let Some(done) = self.performer.done_already() {
                if let Some(event) = self.took(done)?
                    && let Some(end) = self.handle(event, screen)?
                {
                    return Ok(end);
                }
            }
            // Not `now_or_never`: its waker would replace ours, and crossterm keeps the first.
            while let Poll::Ready(key) = poll_fn(|cx| Poll::Ready(poll_key(&mut keys, cx))).await {
                let Some(Ok(key)) = key else { return Ok(End::HUNG_UP) };
                if let Some(event) = input::event_of(key)
                    && let Some(end) = self.handle(event, screen)?
                {
                    return Ok(end);
                }
            }
        }
    }

    /// Draws what changed, or says when there was enough time since the last frames. The first
    /// frames after a rest are drawn at once.
    fn draw_or_wait(&mut self, screen: &mut Screen) -> Result<Option<Instant>, TuiError> {
        if !self.model.dirty {
            return Ok(None);
        }
        let now = Instant::now();
        let ahead = self.due.saturating_duration_since(now);
        let wait = ahead.saturating_sub(self.frame * AT_ONCE);
        if !wait.is_zero() {
            return Ok(Some(now + wait));
        }
        let (model, look) = (&self.model, self.look);
        let mut places = Places::default();
        screen.draw(|frame| places = view::draw(model, look, frame))?;
        (self.model.places, self.model.dirty) = (places, false);
        if self.has_title {
            screen.title(&words::title(&self.model.shop, self.model.list.total))?;
        }
        self.due = now + ahead + self.frame;
        Ok(None)
    }

    fn took(&mut self, done: Result<Done, JoinError>) -> Result<Option<Event>, TuiError> {
        let done = done.map_err(died)?;
        Ok(Some(self.performer.take(done)))
    }

    fn handle(&mut self, event: Event, screen: &mut Screen) -> Result<Option<End>, TuiError> {
        let msg = Msg { at: self.performer.now(), event };
        let effects = update::update(&mut self.model, msg);
        self.perform(effects, screen)
    }

    fn perform(&mut self, effects: Vec<Effect>, screen: &mut Screen) -> Result<Option<End>, TuiError> {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, ask) => self.performer.ask(ticket, ask),
                Effect::GiveUp(ticket) => self.performer.give_up(ticket),
                Effect::Do(ticket, write) => self.performer.write(ticket, write),
                Effect::Wake(after) => self.wake = after.map(|after| Instant::now() + after),
                Effect::Copy(text) => screen.copy(text.as_str())?,
                Effect::Mouse(take) => screen.mouse(take)?,
                Effect::Repaint => {
                    screen.forget()?;
                    self.model.dirty = true;
                }
                Effect::Suspend => {
                    let event = if screen.suspend()? { resized() } else { Event::NotSuspended };
                    self.resumed = Some(Instant::now());
                    if let Some(end) = self.handle(event, screen)? {
                        return Ok(Some(end));
                    }
                }
                Effect::Quit => return Ok(Some(End::Asked)),
            }
        }
        Ok(None)
    }

    /// Lets running actions and the worker finish. Gives the text of a part that broke.
    async fn finish(&mut self, stop: Option<watch::Sender<bool>>) -> Option<String> {
        if let Some(stop) = &stop {
            // Nobody listens when the worker has ended by itself.
            let _ = stop.send(true);
        }
        let worker = self.worker.take();
        let all = async {
            let broken = self.performer.finish().await;
            let worker = match worker {
                Some(worker) => worker.await.err().filter(JoinError::is_panic),
                None => None,
            };
            broken.or(worker).map(|error| error.to_string())
        };
        timeout(GRACE, all).await.unwrap_or(None)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn died(error: JoinError) -> TuiError {
    TuiError::Died(error.to_string())
}

/// Looks for a key where the terminal is still there: at its end crossterm reads on and on, and
/// never comes back (issue 793).
fn poll_key(keys: &mut EventStream, cx: &mut Context<'_>) -> Poll<Option<io::Result<crossterm::event::Event>>> {
    if terminal::is_hung_up() { Poll::Ready(None) } else { keys.poll_next_unpin(cx) }
}

/// Ends the program when the loop does not learn that it is to end: the terminal may go away
/// just while crossterm reads. What runs beside the loop has the same time as always to finish.
async fn end_from_outside() {
    lost().await;
    sleep(GRACE).await;
    std::process::exit(1);
}

/// The terminal may have another size now.
fn resized() -> Event {
    let area = terminal::area();
    Event::Resize { width: area.width, height: area.height }
}

/// Waits for the worker's end, for ever where there is none.
async fn ended(worker: &mut Option<JoinHandle<()>>) -> Result<(), JoinError> {
    match worker {
        Some(worker) => worker.await,
        None => std::future::pending().await,
    }
}

/// Waits until the terminal is gone or a signal asks us to go.
async fn lost() -> End {
    let wait = |asks: Signal| async move {
        match signal(SignalKind::from_raw(asks as i32)) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
        End::Signal(asks as u8)
    };
    let watch = async {
        let mut tick = interval(HANGUP_CHECK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !terminal::is_hung_up() {
            tick.tick().await;
        }
    };
    tokio::select! {
        end = wait(Signal::SIGHUP) => end,
        end = wait(Signal::SIGTERM) => end,
        end = wait(Signal::SIGINT) => end,
        end = wait(Signal::SIGQUIT) => end,
        () = watch => End::HUNG_UP,
    }
}
