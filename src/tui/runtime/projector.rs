//! Shows a tour in the terminal, for people who watch.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    time::Duration,
};

use crossterm::event::EventStream;
use nix::sys::signal::Signal as Number;
use ratatui::layout::{Position, Rect};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, sleep_until},
};

use super::{End, TuiError, end_from_outside, lost, poll_key, told};
use crate::{
    store::Store,
    tui::{
        input,
        key::Key,
        msg::Event,
        terminal::{self, Screen},
        tour::{self, Audience, Flow, Integration, Picture, Script, Set, TourError},
        view::{Look, tour as view},
    },
};

/// What is said while the tour stands still, and at its end.
const STOPPED: &str = "stopped: Space goes on, q leaves";
const OVER: &str = "the end: q leaves";

/// Shows a script until its end was seen or somebody leaves, `speed` times as fast as it was written.
///
/// # Errors
/// When the script does not fit the console, or the terminal failed. The terminal is given back in
/// any case.
pub async fn show<S: Store, I: Integration>(script: &Script, set: Set<S, I>, speed: f64) -> Result<End, TourError> {
    let continued = signal(SignalKind::from_raw(Number::SIGCONT as i32)).map_err(TuiError::from)?;
    let screen = Screen::enter().map_err(TuiError::from)?;
    let crashed = screen.guard_panics();
    let mut projector = Projector {
        screen,
        keys: EventStream::new(),
        lost: Box::pin(lost()),
        continued,
        speed,
        began: Instant::now(),
        picture: None,
        note: None,
        end: End::Asked,
    };
    let watch = tokio::spawn(end_from_outside());
    let played = match tour::play(script, set, &mut projector).await {
        Ok((Flow::On, _)) => projector.stand_still(OVER).await.map_err(TourError::from),
        other => other.map(|(flow, _)| flow),
    };
    watch.abort();
    let end = projector.end;
    drop(projector);
    match (played, told(&crashed)) {
        (_, Some(text)) => Err(TuiError::Died(text).into()),
        // The terminal went away while it was written to: nobody is there to read this.
        (Err(TourError::Tui(_)), None) if terminal::is_hung_up() => Ok(End::HUNG_UP),
        (played, None) => played.map(|_| end),
    }
}

/// What people at the keyboard want.
enum Wish {
    /// Nothing until the time had come.
    Nothing,
    /// To stop, or to go on.
    Stop,
    /// To leave.
    Leave,
}

struct Projector {
    screen: Screen,
    keys: EventStream,
    lost: Pin<Box<dyn Future<Output = End>>>,
    continued: Signal,
    speed: f64,
    /// When the tour would have begun if it had never stood still.
    began: Instant,
    picture: Option<Picture>,
    note: Option<&'static str>,
    end: End,
}

impl Projector {
    async fn wish(&mut self, until: Option<Instant>) -> Result<Wish, TuiError> {
        loop {
            let event = tokio::select! {
                biased;
                end = &mut self.lost => {
                    self.end = end;
                    return Ok(Wish::Leave);
                }
                _ = self.continued.recv() => {
                    self.screen.resume()?;
                    self.paint()?;
                    continue;
                }
                key = poll_fn(|cx| poll_key(&mut self.keys, cx)) => key,
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => return Ok(Wish::Nothing),
            };
            let Some(Ok(event)) = event else {
                self.end = End::HUNG_UP;
                return Ok(Wish::Leave);
            };
            match input::event_of(event) {
                Some(Event::Key(Key::Char('q') | Key::Ctrl('c'))) => return Ok(Wish::Leave),
                Some(Event::Key(Key::Char(' '))) => return Ok(Wish::Stop),
                Some(Event::Resize { .. }) => self.paint()?,
                _ => {}
            }
        }
    }

    /// Waits for somebody to say how it goes on.
    async fn stand_still(&mut self, note: &'static str) -> Result<Flow, TuiError> {
        let since = Instant::now();
        self.note = Some(note);
        self.paint()?;
        let wish = self.wish(None).await?;
        self.note = None;
        self.began += since.elapsed();
        self.paint()?;
        Ok(if matches!(wish, Wish::Leave) { Flow::Left } else { Flow::On })
    }

    /// Paints the newest picture in the middle of the terminal.
    fn paint(&mut self) -> Result<(), TuiError> {
        let Self { screen, picture: Some(picture), note, .. } = self else { return Ok(()) };
        let Rect { width, height, .. } = picture.buffer.area;
        screen.draw(|frame| {
            let area = frame.area();
            if area.width < width || area.height < height {
                view::too_small((width, height), Look::default(), frame);
                return;
            }
            let by = Position { x: (area.width - width) / 2, y: (area.height - height) / 2 };
            picture.copy_to(frame.buffer_mut(), by);
            if let Some(note) = note {
                let last = Rect { x: by.x, y: by.y + height - 1, width, height: 1 };
                view::note(note, Look::default(), frame, last);
            }
            if let Some(cursor) = picture.cursor {
                frame.set_cursor_position(Position { x: by.x + cursor.x, y: by.y + cursor.y });
            }
        })?;
        Ok(())
    }
}

impl Audience for Projector {
    async fn wait(&mut self, age: Duration) -> Result<Flow, TuiError> {
        loop {
            let until = self.began + age.div_f64(self.speed);
            match self.wish(Some(until)).await? {
                Wish::Nothing => return Ok(Flow::On),
                Wish::Leave => return Ok(Flow::Left),
                Wish::Stop if self.stand_still(STOPPED).await? == Flow::Left => return Ok(Flow::Left),
                Wish::Stop => {}
            }
        }
    }

    fn show(&mut self, _: Duration, picture: &Picture) -> Result<(), TuiError> {
        self.picture = Some(picture.clone());
        self.paint()
    }
}
