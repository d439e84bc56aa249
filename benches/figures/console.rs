//! The console without a terminal: the same way from a key to the bytes that a terminal would
//! get, by update, database, update and view. Counting runs behind the frame, as in the console.

use std::{
    cell::Cell,
    io,
    rc::Rc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    domain::{database::Place, query::Query, safe_text::SafeText},
    service::{Rules, Service},
    store::{Cancel, sql::SqlStore},
    tui::{
        effect::{Ask, Effect},
        key::Key,
        model::{Model, Shop},
        msg::{Event, Msg, Reply},
        update::{start, update},
        view::{Look, view},
    },
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use crate::shops;

const AREA: Rect = Rect { x: 0, y: 0, width: 200, height: 50 };

/// One keystroke.
pub struct Stroke {
    /// How long until its frame was painted.
    pub took: Duration,
    /// How many bytes the frame took.
    pub bytes: usize,
    /// The page was not complete when it was painted.
    pub partial: bool,
    /// What stood in the search field then.
    pub typed: String,
}

/// Counts what the terminal would get.
#[derive(Clone, Default)]
struct Wire(Rc<Cell<usize>>);

impl io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct Console {
    pub service: Service<SqlStore>,
    model: Model,
    terminal: Terminal<CrosstermBackend<Wire>>,
    wire: Wire,
}

impl Console {
    /// Opens the console on a shop and waits for its first page.
    pub async fn start(database: &Place) -> Self {
        let service = shops::open_at(database, Rules::default()).await;
        let shop = Shop {
            operator: SafeText::new("figures"),
            database: SafeText::new(&database.short()),
            websites: Vec::new(),
            link_life: SignedDuration::from_hours(24),
        };
        let options = TerminalOptions { viewport: Viewport::Fixed(AREA) };
        let wire = Wire::default();
        let terminal = Terminal::with_options(CrosstermBackend::new(wire.clone()), options).unwrap();
        let mut console = Self { service, model: Model::new(Timestamp::UNIX_EPOCH, AREA, shop), terminal, wire };
        let effects = start(&mut console.model);
        console.settle(effects).await;
        console
    }

    /// Opens the search field and types a text; `before` comes before each key and is not part of
    /// its time. Then empties the field and leaves it.
    pub async fn type_in(&mut self, text: &str, before: impl Fn()) -> Vec<Stroke> {
        let effects = self.tell(Event::Key(Key::Char('/')));
        self.settle(effects).await;
        let (mut typed, mut strokes) = (String::new(), Vec::new());
        for c in text.chars() {
            typed.push(c);
            before();
            strokes.push(self.stroke(&typed, Key::Char(c)).await);
        }
        for _ in 0..2 {
            let effects = self.tell(Event::Key(Key::Esc));
            self.settle(effects).await;
        }
        strokes
    }

    async fn stroke(&mut self, typed: &str, key: Key) -> Stroke {
        let started = Instant::now();
        let effects = self.tell(Event::Key(key));
        let (partial, later) = self.answer(effects).await;
        let bytes = self.paint();
        let took = started.elapsed();
        self.settle(later).await;
        Stroke { took, bytes, partial, typed: typed.to_owned() }
    }

    fn tell(&mut self, event: Event) -> Vec<Effect> {
        update(&mut self.model, Msg { at: self.service.clock().now(), event })
    }

    /// Carries out the question for a page, the only one that a frame waits for; true when the
    /// page was partial.
    async fn answer(&mut self, effects: Vec<Effect>) -> (bool, Vec<Effect>) {
        let (mut partial, mut later) = (false, Vec::new());
        for effect in effects {
            if let Effect::Ask(ticket, Ask::Page { query, sort, from, limit }) = effect {
                let started = Instant::now();
                let page = self.service.find(query, sort, from, limit, &Cancel::default()).await.unwrap();
                partial = page.partial;
                later.extend(self.tell(Event::Reply { ticket, took: started.elapsed(), reply: Reply::Page(Ok(page)) }));
            } else {
                later.push(effect);
            }
        }
        (partial, later)
    }

    /// What happens behind the frame: the count, the rest of a partial page.
    async fn settle(&mut self, mut effects: Vec<Effect>) {
        while let Some(effect) = effects.pop() {
            let (ticket, reply) = match effect {
                Effect::Ask(_, Ask::Page { .. }) => {
                    let (_, later) = self.answer(vec![effect]).await;
                    effects.extend(later);
                    continue;
                }
                Effect::Ask(ticket, Ask::Count(query)) => {
                    (ticket, Reply::Count(Ok(self.service.count(&query, &Cancel::default()).await.unwrap())))
                }
                Effect::Ask(ticket, Ask::Total) => {
                    (ticket, Reply::Total(Ok(self.service.count(&Query::default(), &Cancel::default()).await.unwrap())))
                }
                _ => continue,
            };
            effects.extend(self.tell(Event::Reply { ticket, took: Duration::ZERO, reply }));
        }
        self.paint();
    }

    fn paint(&mut self) -> usize {
        let Self { model, terminal, wire, .. } = self;
        let before = wire.0.get();
        terminal.draw(|frame| view(model, Look::default(), frame)).unwrap();
        wire.0.get() - before
    }
}
