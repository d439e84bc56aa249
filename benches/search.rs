//! How long a keystroke in the search field takes until its frame is painted.
//!
//! `cargo bench --bench search -- --database sqlite:PATH [--targets FILE]`: every prefix of every line of FILE
//! is a keystroke; without FILE, of 200 e-mail addresses, names and phone numbers of the shop itself. It goes the console's own way: update, database, update, view, and the bytes that
//! the terminal would get. Counting runs behind the frame, as in the console, and is not part of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

use std::{
    cell::Cell,
    io,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, Entropy},
    domain::{
        customer::CustomerId,
        find::{PageFrom, Sort},
        query::Query,
        safe_text::SafeText,
    },
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

struct Bench {
    service: Service<SqlStore>,
    model: Model,
    terminal: Terminal<CrosstermBackend<Wire>>,
    wire: Wire,
}

impl Bench {
    async fn start(database: &str) -> Self {
        let path = database.strip_prefix("sqlite:").unwrap_or(database);
        let store = SqlStore::open(Path::new(path), OpenMode::MustExist).await.expect("the database opens");
        let service = Service::new(store, Clock::system(), Entropy::System, Rules::default());
        let shop = Shop {
            operator: SafeText::new("bench"),
            database: SafeText::new(path),
            websites: Vec::new(),
            link_life: SignedDuration::from_hours(24),
        };
        let options = TerminalOptions { viewport: Viewport::Fixed(AREA) };
        let wire = Wire::default();
        let terminal = Terminal::with_options(CrosstermBackend::new(wire.clone()), options).unwrap();
        Self { service, model: Model::new(Timestamp::UNIX_EPOCH, AREA, shop), terminal, wire }
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
        let Self { model, terminal, wire, .. } = self;
        let before = wire.0.get();
        terminal.draw(|frame| view(model, Look::default(), frame)).unwrap();
        wire.0.get() - before
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
                Effect::Ask(_, Ask::Page { .. }) => {
                    let (_, later) = self.answer(vec![effect]).await;
                    effects.extend(later);
                }
                Effect::Ask(ticket, Ask::Count(query)) => {
                    let count = self.service.count(&query, &Cancel::default()).await.unwrap();
                    effects.extend(self.tell(Event::Reply {
                        ticket,
                        took: Duration::ZERO,
                        reply: Reply::Count(Ok(count)),
                    }));
                }
                Effect::Ask(ticket, Ask::Total) => {
                    let count = self.service.count(&Query::default(), &Cancel::default()).await.unwrap();
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
    let Some(database) = argument("--database") else {
        println!("usage: cargo bench --bench search -- --database sqlite:PATH [--targets FILE]");
        return;
    };
    let targets = argument("--targets").map(|file| std::fs::read_to_string(file).expect("the targets can be read"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(&database, targets));
}

/// What people would type: of customers spread over the whole shop an address, a name, a family
/// name or the end of a phone number, and some words that many have or nobody has.
async fn of_the_shop(service: &Service<SqlStore>) -> String {
    let page = service
        .find_all_of_page(Query::default(), Sort::default(), PageFrom::Start, 1)
        .await
        .expect("the shop can be searched");
    let newest = page.rows.first().expect("the shop has customers").id.0;
    let mut targets: Vec<String> =
        ["smith", "a", "k", "김", "민수", "gmail", "@mail.example", "xyzzy", "000000", "1 4"].map(str::to_owned).into();
    for n in 0..190_i64 {
        // A stride that is no multiple of anything the demo shop repeats by.
        let id = 1 + (n * newest / 190 + n * 7919) % newest;
        let Ok(Some(customer)) = service.open(CustomerId(id)).await else { continue };
        targets.push(match n % 5 {
            0 | 1 => customer.email.to_string(),
            2 => customer.name.to_string(),
            3 => customer.name.as_str().rsplit(' ').next().unwrap_or_default().to_owned(),
            _ => customer.phone.as_str().chars().rev().take(7).collect::<Vec<_>>().into_iter().rev().collect(),
        });
    }
    targets.join("\n")
}

async fn run(database: &str, targets: Option<String>) {
    let mut bench = Bench::start(database).await;
    let targets = match targets {
        Some(targets) => targets,
        None => of_the_shop(&bench.service).await,
    };
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
