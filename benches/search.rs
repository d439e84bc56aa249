//! How long a keystroke in the search field takes until its frame is painted.
//!
//! `cargo bench --bench search -- --database sqlite:PATH --targets FILE`: every prefix of every line of FILE
//! is a keystroke. It goes the console's own way: update, database, update, view, and the bytes that
//! the terminal would get. Counting runs behind the frame, as in the console, and is not part of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, Entropy},
    domain::safe_text::SafeText,
    service::{Rules, Service},
    store::{
        Cancel,
        sql::{OpenMode, SqlStore},
    },
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

const AREA: Rect = Rect { x: 0, y: 0, width: 200, height: 50 };

/// One keystroke: how long until its frame, how many bytes, and whether the page was complete.
struct Stroke {
    took: Duration,
    bytes: usize,
    partial: bool,
    typed: String,
}

struct Bench {
    service: Service<SqlStore>,
    model: Model,
    terminal: Terminal<CrosstermBackend<Vec<u8>>>,
}

impl Bench {
    async fn start(database: &str) -> Self {
        let path = database.strip_prefix("sqlite:").unwrap_or(database);
        let store = SqlStore::open(Path::new(path), OpenMode::MustExist).await.expect("the database opens");
        let service = Service::new(store, Clock::System, Entropy::System, Rules::default());
        let shop = Shop {
            operator: SafeText::new("bench"),
            database: SafeText::new(path),
            websites: Vec::new(),
            link_life: SignedDuration::from_hours(24),
        };
        let options = TerminalOptions { viewport: Viewport::Fixed(AREA) };
        let terminal = Terminal::with_options(CrosstermBackend::new(Vec::new()), options).unwrap();
        Self { service, model: Model::new(Timestamp::UNIX_EPOCH, AREA, shop), terminal }
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

    fn paint(&mut self) -> usize {
        let Self { model, terminal, .. } = self;
        terminal.backend_mut().writer_mut().clear();
        terminal.draw(|frame| view(model, Look::default(), frame)).unwrap();
        terminal.backend().writer().len()
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

    /// What happens behind the frame: the count, the rest of a partial page.
    async fn settle(&mut self, mut effects: Vec<Effect>) {
        while let Some(effect) = effects.pop() {
            match effect {
                Effect::Ask(ticket, Ask::Count(query)) => {
                    let count = self.service.count(&query, &Cancel::default()).await.unwrap();
                    effects.extend(self.tell(Event::Reply {
                        ticket,
                        took: Duration::ZERO,
                        reply: Reply::Count(Ok(count)),
                    }));
                }
                Effect::Ask(ticket, Ask::Total) => {
                    let count = self
                        .service
                        .count(&keydesk::domain::query::Query::default(), &Cancel::default())
                        .await
                        .unwrap();
                    effects.extend(self.tell(Event::Reply {
                        ticket,
                        took: Duration::ZERO,
                        reply: Reply::Total(Ok(count)),
                    }));
                }
                _ => {}
            }
        }
        self.paint();
    }
}

fn argument(name: &str) -> Option<String> {
    let mut args = std::env::args().skip_while(|arg| arg != name);
    args.nth(1)
}

fn main() {
    let (Some(database), Some(targets)) = (argument("--database"), argument("--targets")) else {
        println!("usage: cargo bench --bench search -- --database sqlite:PATH --targets FILE");
        return;
    };
    let targets = std::fs::read_to_string(targets).expect("the targets can be read");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(&database, &targets));
}

async fn run(database: &str, targets: &str) {
    let mut bench = Bench::start(database).await;
    let effects = start(&mut bench.model);
    let (_, later) = bench.answer(effects).await;
    bench.settle(later).await;
    let mut strokes = Vec::new();
    for target in targets.lines().filter(|line| !line.is_empty()) {
        let effects = bench.tell(Event::Key(Key::Char('/')));
        bench.settle(effects).await;
        let mut typed = String::new();
        for c in target.chars() {
            typed.push(c);
            strokes.push(bench.stroke(&typed, Key::Char(c)).await);
        }
        // Esc empties the field, then leaves it.
        for _ in 0..2 {
            let effects = bench.tell(Event::Key(Key::Esc));
            let (_, later) = bench.answer(effects).await;
            bench.settle(later).await;
        }
    }
    report(strokes);
}

fn report(mut strokes: Vec<Stroke>) {
    strokes.sort_by_key(|stroke| stroke.took);
    let at = |part: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank"
        )]
        let rank = ((strokes.len() - 1) as f64 * part) as usize;
        strokes[rank].took.as_secs_f64() * 1000.0
    };
    let partial = strokes.iter().filter(|stroke| stroke.partial).count();
    let mut bytes: Vec<usize> = strokes.iter().map(|stroke| stroke.bytes).collect();
    bytes.sort_unstable();
    println!("keystrokes  p50 ms  p95 ms  p99 ms  max ms  partial pages  median bytes");
    println!(
        "{:10}  {:6.2}  {:6.2}  {:6.2}  {:6.2}  {:13}  {:12}",
        strokes.len(),
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0),
        partial,
        bytes[bytes.len() / 2]
    );
    println!("slowest:");
    for stroke in strokes.iter().rev().take(10) {
        println!(
            "  {:6.2} ms  {:?}{}",
            stroke.took.as_secs_f64() * 1000.0,
            stroke.typed,
            if stroke.partial { "  partial" } else { "" }
        );
    }
}
