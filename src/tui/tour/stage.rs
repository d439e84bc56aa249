//! The console on a stage: all of it, but with a clock that goes only when it is told.

use std::{collections::VecDeque, mem, time::Duration};

use jiff::{SignedDuration, Timestamp};
use ratatui::{Frame, Terminal, backend::TestBackend, layout::Rect};
use tokio::time::timeout;

use crate::{
    clock::ManualClock,
    domain::{operator::Operator, safe_text::SafeText},
    service::{
        Service,
        delivery::{Mailer, News},
    },
    store::Store,
    texts::Texts,
    tui::{
        effect::Effect,
        key::Key,
        model::{Model, Shop},
        msg::{Event, Msg},
        performer::Performer,
        tour::{Bar, Calls, Picture, TourError},
        update,
        view::{Look, tour, view},
    },
};

/// What an answer of the shop takes on stage. On a machine with nothing else to do it takes less, even
/// with ten thousand customers; it is always the same so that recordings are.
const ANSWER: SignedDuration = SignedDuration::from_millis(3);
/// How long the shop may really take before it counts as broken.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a tour is played in: a shop of its own.
pub struct Set<S, I> {
    /// The use cases, with `clock`.
    pub service: Service<S>,
    /// The time.
    pub clock: ManualClock,
    /// How mails leave.
    pub mailer: Mailer,
    /// The program that calls the shop.
    pub integration: I,
}

/// The console, its mail worker, and what stands around the console.
pub struct Stage<S> {
    model: Model,
    performer: Performer<S>,
    service: Service<S>,
    clock: ManualClock,
    mailer: Mailer,
    /// What is asked of the shop, oldest first.
    asked: VecDeque<Effect>,
    wake: Option<Timestamp>,
    /// When the mail worker looks at the queue next.
    work: Timestamp,
    /// Somebody pressed a key that leaves the console.
    left: bool,
    /// The line below the console.
    pub bar: Bar,
    /// The integration's calls.
    pub calls: Calls,
    terminal: Terminal<TestBackend>,
}

impl<S: Store> Stage<S> {
    /// Opens the console on a screen of this size.
    pub async fn open<I>(set: &Set<S, I>, operator: Operator, size: (u16, u16)) -> Result<Self, TourError> {
        let (service, now) = (set.service.clone(), set.clock.now());
        let area = Rect { x: 0, y: 0, width: size.0, height: size.1 - 1 };
        let shop = Shop {
            operator: operator.name().clone(),
            database: SafeText::default(),
            websites: Vec::new(),
            link_life: service.rules().reset.link_life,
        };
        let Ok(terminal) = Terminal::new(TestBackend::new(size.0, size.1));
        let mut stage = Self {
            model: Model::new(now, area, shop),
            performer: Performer::new(service.clone(), operator, Texts::default()),
            service,
            clock: set.clock.clone(),
            mailer: set.mailer.clone(),
            asked: VecDeque::new(),
            wake: None,
            work: now,
            left: false,
            bar: Bar::default(),
            calls: Calls::default(),
            terminal,
        };
        stage.deliver().await?;
        let effects = update::start(&mut stage.model);
        stage.perform(effects);
        stage.settle().await?;
        Ok(stage)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// When something happens by itself.
    pub fn next_change(&self) -> Timestamp {
        [self.wake, self.bar.next_change()].into_iter().flatten().fold(self.work, Timestamp::min)
    }

    /// Lets time pass, at most until the next change, and then happen what is due.
    pub async fn pass(&mut self, until: Timestamp) -> Result<(), TourError> {
        let span = until.duration_since(self.now());
        if span.is_positive() {
            self.clock.advance(span);
        }
        if self.work <= self.now() {
            self.deliver().await?;
        }
        if self.bar.pass(self.now()) {
            self.model.dirty = true;
        }
        if self.wake.is_some_and(|wake| wake <= self.now()) {
            self.wake = None;
            self.handle(Event::Woke);
            self.settle().await?;
        }
        Ok(())
    }

    /// Presses a key; false when it leaves the console.
    pub async fn press(&mut self, key: Key, typing: bool) -> Result<bool, TourError> {
        self.calls.shown = false;
        self.bar.press(key, typing, self.now());
        self.handle(Event::Key(key));
        self.settle().await?;
        Ok(!self.left)
    }

    /// Something around the console changed.
    pub const fn touch(&mut self) {
        self.model.dirty = true;
    }

    /// The screen, when it changed since it was last asked for.
    pub fn changed(&mut self) -> Option<Picture> {
        mem::take(&mut self.model.dirty).then(|| self.picture())
    }

    /// The screen.
    pub fn picture(&mut self) -> Picture {
        let Self { model, bar, calls, terminal, .. } = self;
        let Ok(frame) = terminal.draw(|frame| draw(model, bar, calls, frame));
        let buffer = frame.buffer.clone();
        let backend = terminal.backend();
        Picture { buffer, cursor: backend.cursor_visible().then(|| backend.cursor_position()) }
    }

    fn handle(&mut self, event: Event) {
        let msg = Msg { at: self.now(), event };
        let effects = update::update(&mut self.model, msg);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(..) | Effect::Do(..) => self.asked.push_back(effect),
                Effect::Wake(left) => self.wake = left.map(|left| update::after(self.now(), span(left))),
                Effect::Repaint => self.model.dirty = true,
                Effect::Suspend => self.handle(Event::NotSuspended),
                // What is given up is answered all the same; whoever watches keeps clipboard and mouse.
                Effect::GiveUp(_) | Effect::Copy(_) | Effect::Mouse(_) => {}
                Effect::Quit => self.left = true,
            }
        }
    }

    /// Lets the shop answer everything, one after the other: what is read while something is written
    /// would depend on which of them is faster.
    async fn settle(&mut self) -> Result<(), TourError> {
        if !self.asked.is_empty() {
            self.clock.advance(ANSWER);
        }
        while let Some(asked) = self.asked.pop_front() {
            match asked {
                Effect::Ask(ticket, ask) => self.performer.ask(ticket, ask),
                Effect::Do(ticket, write) => self.performer.write(ticket, write),
                _ => continue,
            }
            let done = timeout(PATIENCE, self.performer.done()).await;
            let done = done.map_err(|_| TourError::Shop("it does not answer".to_owned()))?;
            let done = done.map_err(|error| TourError::Shop(error.to_string()))?;
            let answer = at_the_same_pace(self.performer.take(done));
            self.handle(answer);
        }
        Ok(())
    }

    /// Lets the mail worker work.
    async fn deliver(&mut self) -> Result<(), TourError> {
        let mut nobody = |_| {};
        let turn = timeout(PATIENCE, self.service.worker_turn(&self.mailer, &|| true, &mut nobody)).await;
        let (rest, news) = turn.map_err(|_| TourError::Shop("its mail worker does not end".to_owned()))?;
        if let Some(News::Failed(error)) = news {
            return Err(TourError::Shop(error.to_string()));
        }
        self.work = update::after(self.now(), span(rest));
        Ok(())
    }
}

fn draw(model: &Model, bar: &Bar, calls: &Calls, frame: &mut Frame) {
    let look = Look::default();
    if calls.shown {
        tour::calls(calls, look, frame, model.area);
    } else {
        view(model, look, frame);
    }
    let below = Rect { y: model.area.height, height: 1, ..model.area };
    tour::bar(bar, look, frame, below);
}

/// An answer, after the time that answers take on stage.
fn at_the_same_pace(event: Event) -> Event {
    match event {
        Event::Reply { ticket, reply, .. } => Event::Reply { ticket, took: ANSWER.unsigned_abs(), reply },
        other => other,
    }
}

fn span(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}
