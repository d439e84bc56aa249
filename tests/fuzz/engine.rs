//! Inputs without end: good ones, changed in the ways that break parsers. The same ones on every
//! machine for the same seed.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// Inputs of one target where every test run takes them, and where `KEYDESK_LONG` asks for many.
const FEW: u64 = 10_000;
const MANY: u64 = 1_000_000;
/// Longest time that a single input may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// Memory that this process may have used at most, after any target, in MiB.
const MEMORY: u64 = 512;
/// Longest input, in bytes.
const LONGEST: usize = 1 << 16;

/// A parser, and what good inputs of it look like.
pub struct Target<'a> {
    pub name: &'static str,
    /// Good inputs, and bad ones worth changing.
    pub seeds: &'a [&'a str],
    /// Words that mean something to the parser.
    pub words: &'a [&'a str],
    /// An input counts as so many: for those that need a file, a terminal or a network.
    pub cost: u64,
}

impl Target<'_> {
    /// Hands every input to `check`, which asserts what must be true of it. Says how many of them
    /// `check` found good: a target that accepts nothing tests nothing.
    pub fn run(&self, mut check: impl FnMut(&[u8]) -> bool) {
        let seed = std::env::var("KEYDESK_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
        let count = if std::env::var_os("KEYDESK_LONG").is_some() { MANY } else { FEW } / self.cost;
        let mut dice = Dice(seed);
        let (mut good, mut slowest, began) = (0_u64, Duration::ZERO, Instant::now());
        for n in 0..count {
            let input = self.input(n, &mut dice);
            let started = Instant::now();
            let shown = || input.iter().take(2000).copied().collect::<Vec<_>>().escape_ascii().to_string();
            let Ok(is_good) = catch_unwind(AssertUnwindSafe(|| check(&input))) else {
                panic!("{}: input {n} of seed {seed}: {}", self.name, shown());
            };
            good += u64::from(is_good);
            let mut took = started.elapsed();
            if took >= PATIENCE {
                // The machine may have been busy with something else.
                let again = Instant::now();
                check(&input);
                took = took.min(again.elapsed());
            }
            assert!(took < PATIENCE, "{}: input {n} of seed {seed} took {took:?}: {}", self.name, shown());
            slowest = slowest.max(took);
        }
        let rate = f64::from(u32::try_from(count).unwrap()) / began.elapsed().as_secs_f64();
        let peak = peak_memory();
        println!(
            "{:<16} {count:>8} inputs, seed {seed}, {rate:>7.0}/s, {good} good, slowest {slowest:?}, peak {peak} MiB",
            self.name
        );
        assert!(good > 0 && good < count, "{}: {good} of {count} inputs are good", self.name);
        assert!(peak < MEMORY, "{peak} MiB");
    }

    fn input(&self, n: u64, dice: &mut Dice) -> Vec<u8> {
        let seed = |dice: &mut Dice| self.seeds[dice.below(self.seeds.len())].as_bytes().to_vec();
        // Each seed as it is, once; then changed ones, and some that are no text at all.
        if let Some(seed) = usize::try_from(n).ok().and_then(|n| self.seeds.get(n)) {
            return seed.as_bytes().to_vec();
        }
        if dice.below(16) == 0 {
            return (0..dice.below(64)).map(|_| dice.byte()).collect();
        }
        let mut input = seed(dice);
        for _ in 0..=dice.below(6) {
            let other = seed(dice);
            self.change(&mut input, &other, dice);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&self, input: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
        let at = dice.below(input.len() + 1);
        let end = at + dice.below(input.len() - at + 1).min(dice.below(24));
        let mut insert = |bytes: &[u8]| drop(input.splice(at..at, bytes.iter().copied()));
        match dice.below(10) {
            0 => drop(input.drain(at..end)),
            1 => insert(&[dice.byte()]),
            2 | 3 if !self.words.is_empty() => insert(self.words[dice.below(self.words.len())].as_bytes()),
            4 => insert(dice.letter().encode_utf8(&mut [0; 4]).as_bytes()),
            5 => insert(NUMBERS[dice.below(NUMBERS.len())].as_bytes()),
            6 => {
                let from = dice.below(other.len() + 1);
                insert(&other[from..]);
            }
            7 => {
                // Rarely very often: what takes long in proportion to its square shows.
                let times = if dice.below(200) == 0 { 5_000 } else { 1 + dice.below(3) };
                let piece = input[at..end].repeat(times);
                input.splice(at..at, piece);
            }
            8 => input.truncate(at),
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = if dice.below(2) == 0 { *byte ^ 0x20 } else { *byte ^ (1 << dice.below(8)) };
                }
            }
        }
    }
}

const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "1e999",
    "00",
    "99999999999999999999999999",
];

/// Numbers that look random.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 1).unwrap() % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A character: often one that software stumbles over, else any.
    fn letter(&mut self) -> char {
        const ODD: [char; 24] = [
            '\0',
            '\n',
            '\r',
            '\t',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{a0}',
            '\u{301}',
            '\u{ad}',
            '\u{130}',
            '\u{131}',
            '\u{17f}',
            '\u{200d}',
            '\u{2028}',
            '\u{202e}',
            '\u{212a}',
            '\u{1100}',
            '\u{1161}',
            '\u{ac00}',
            '\u{feff}',
            '\u{fffd}',
            '\u{10ffff}',
        ];
        if self.below(2) == 0 {
            return ODD[self.below(ODD.len())];
        }
        char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap()).unwrap_or('x')
    }
}

/// What this process used at most, in MiB.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
