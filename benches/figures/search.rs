//! From a key in the search field to its painted frame, with the database in the file cache and
//! without.

use std::{cell::RefCell, time::Duration};

use keydesk::domain::database::Place;

use crate::{
    console::{Console, Stroke},
    files,
    process::Process,
    samples::{Samples, ms},
    shops::{Shops, customers, newest_id},
    table::Row,
    targets,
};

/// Limits of a keystroke in a shop that was read before.
const WARM_P99: Duration = Duration::from_millis(8);
pub const WARM_MAX: Duration = Duration::from_millis(16);
/// Most partial pages among a thousand.
const PARTIAL_PERMILLE: usize = 3;
/// How many times as long a keystroke may take in a large shop as in a small one.
const TIMES_SMALL: u32 = 3;
/// Most bytes of a keystroke's frame, in the middle.
const BYTES: usize = 500;
/// Limit of a keystroke when nothing of the file is in memory but the connection's own cache.
const COLD_P95: Duration = Duration::from_millis(20);
/// Every so many targets are typed into a cold shop.
const COLD_STRIDE: usize = 20;
/// How many of the slowest keystrokes are told.
const SLOWEST: usize = 10;

/// Every prefix of two hundred targets, in a shop that was read once.
pub async fn warm(shops: &mut Shops, verbose: bool) -> Vec<Row> {
    let (large, small) = (shops.large().await, shops.small().await);
    files::warm(&large);
    let mut console = Console::start(&Place::File(large.clone())).await;
    let strokes = type_all(&mut console).await;
    let name = format!("Key to painted frame, {}", customers(newest_id(&console.service).await));
    let few = type_all(&mut Console::start(&Place::File(small)).await).await;
    let few: Samples = few.iter().map(|stroke| stroke.took).collect();
    if verbose {
        tell_slowest(&strokes);
    }
    let times: Samples = strokes.iter().map(|stroke| stroke.took).collect();
    let partial = strokes.iter().filter(|stroke| stroke.partial).count();
    let mut bytes: Vec<usize> = strokes.iter().map(|stroke| stroke.bytes).collect();
    bytes.sort_unstable();
    let bytes = bytes[bytes.len() / 2];
    let (most, ratio) = (times.len() * PARTIAL_PERMILLE / 1000, times.p99().as_secs_f64() / few.p99().as_secs_f64());
    vec![
        Row::note(format!("{name}, {} keystrokes at 200x50", times.len()), times.to_string()),
        Row::within(format!("{name}, p99"), WARM_P99, times.p99()),
        Row::within(format!("{name}, max"), WARM_MAX, times.max()),
        Row::new("... pages first painted in part", format!("≤ {most}"), partial.to_string(), partial <= most),
        Row::new(
            "... p99 compared with 10,000 customers",
            format!("≤ {TIMES_SMALL} times"),
            format!("{ratio:.1} times {}", ms(few.p99())),
            times.p99() <= few.p99() * TIMES_SMALL,
        ),
        Row::new("... bytes to the terminal, median", format!("≤ {BYTES}"), bytes.to_string(), bytes <= BYTES),
    ]
}

pub async fn type_all(console: &mut Console) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    for target in targets::of_the_shop(&console.service).await {
        strokes.extend(console.type_in(&target, || ()).await);
    }
    strokes
}

/// The file cache emptied before each keystroke. The connection stays the same, as in a console
/// that is open while others push the file out of memory.
pub async fn cold(shops: &mut Shops, verbose: bool) -> Vec<Row> {
    let large = shops.large().await;
    let mut console = Console::start(&Place::File(large.clone())).await;
    let targets = targets::of_the_shop(&console.service).await;
    let reads = RefCell::new(vec![Process::this().work().read]);
    let mut strokes = Vec::new();
    for target in targets.iter().step_by(COLD_STRIDE) {
        let cool = || {
            reads.borrow_mut().push(Process::this().work().read);
            files::cool_database(&large);
        };
        strokes.extend(console.type_in(target, cool).await);
    }
    if verbose {
        tell_slowest(&strokes);
    }
    let mut reads: Vec<u64> = reads.borrow().windows(2).map(|pair| pair[1] - pair[0]).collect();
    reads.sort_unstable();
    let times: Samples = strokes.iter().map(|stroke| stroke.took).collect();
    let name = format!("Key to painted frame, {}, cold file cache", customers(newest_id(&console.service).await));
    let read = format!("{} KiB read from the disk for a keystroke, median", reads[reads.len() / 2] >> 10);
    vec![
        Row::note(format!("{name}, {} keystrokes", times.len()), format!("{times}; {read}")),
        Row::within(format!("{name}, p95"), COLD_P95, times.at(950)),
    ]
}

pub fn tell_slowest(strokes: &[Stroke]) {
    let mut strokes: Vec<&Stroke> = strokes.iter().collect();
    strokes.sort_by_key(|stroke| stroke.took);
    let slowest = strokes.iter().rev().take(SLOWEST);
    let partial = strokes.iter().rev().skip(SLOWEST).filter(|stroke| stroke.partial);
    for stroke in slowest.chain(partial) {
        let partial = if stroke.partial { "  in part" } else { "" };
        eprintln!("  {:>9}  {:?}{partial}", ms(stroke.took), stroke.typed);
    }
}
