//! Files that are damaged at random: a sentence, never a crash, and nothing written to a file
//! whose damage was seen.

use std::{collections::BTreeMap, fs};

use crate::{
    office::Office,
    trials::{Dice, Trials, so_many},
};

const PAGE: usize = 4096;

/// A database file and its log, with all that a shop has in them.
#[derive(Clone, PartialEq, Eq)]
struct Files {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn read(office: &Office) -> Self {
        let read = |ending: &str| fs::read(format!("{}{ending}", office.database().display())).unwrap_or_default();
        Self { database: read(""), log: read("-wal") }
    }

    /// As a machine leaves them that lost its power: the index of the log is gone.
    fn write(&self, office: &Office) {
        let write = |ending: &str, bytes: &[u8]| {
            let path = format!("{}{ending}", office.database().display());
            fs::remove_file(&path).ok();
            if !bytes.is_empty() {
                fs::write(path, bytes).unwrap();
            }
        };
        write("", &self.database);
        write("-wal", &self.log);
        write("-shm", &[]);
    }

    /// What happened to them, in a word.
    fn damage(&mut self, dice: &mut Dice) -> &'static str {
        let file = if dice.below(4) == 0 { &mut self.log } else { &mut self.database };
        let pages = file.len() / PAGE;
        let (one, other) = (dice.place(pages) * PAGE, dice.place(pages) * PAGE);
        match dice.below(6) {
            0 => {
                let place = dice.place(file.len());
                file[place] ^= 1 << dice.below(8);
                "a bit flipped"
            }
            1 => {
                for _ in 0..64 {
                    let place = one + dice.place(PAGE);
                    file[place] ^= 1 << dice.below(8);
                }
                "bits of a page flipped"
            }
            2 => {
                file[one..one + PAGE].fill(0);
                "a page zeroed"
            }
            3 => {
                file[one..one + PAGE].fill_with(|| u8::try_from(dice.below(256)).unwrap());
                "a page of noise"
            }
            4 => {
                let page = file[one..one + PAGE].to_vec();
                file.copy_within(other..other + PAGE, one);
                file[other..other + PAGE].copy_from_slice(&page);
                "two pages swapped"
            }
            _ => {
                file.truncate(dice.place(file.len()));
                "the end cut off"
            }
        }
    }
}

const COMMANDS: [&[&str]; 6] = [
    &["customers", "roni"],
    &["customers", "--sort", "name"],
    &["show", "1"],
    &["mail", "list"],
    &["audit", "verify"],
    &["reset-password", "1"],
];

#[test]
fn damaged_files() {
    let office = Office::new(200);
    office.leaving_a_log(|| {
        for words in [["reset-password", "1"], ["reset-password", "2"], ["mail", "deliver"], ["force-sign-in", "1"]] {
            assert!(office.run(&words).is_done());
        }
    });
    let whole = Files::read(&office);
    assert!(whole.log.len() > 10 * PAGE, "there is no log to be damaged");
    let trials = Trials::new("damaged files", so_many(100, 1000));
    let (mut seen, mut unseen) = (BTreeMap::new(), 0);
    for (n, mut dice) in trials.each() {
        let mut files = whole.clone();
        let damage = files.damage(&mut dice);
        files.write(&office);
        let mut is_seen = false;
        for words in COMMANDS {
            let before = Files::read(&office);
            let told = office.run(words);
            assert!(told.is_orderly(), "trial {n}, {damage}, {words:?}: {told:?}");
            if told.code == Some(1) {
                assert!(!told.message().is_empty(), "trial {n}, {damage}: {told:?}");
                // Before anything can be seen, SQLite takes over what a killed program left in the log.
                let is_untouched = Files::read(&office) == before || !before.log.is_empty();
                assert!(is_untouched, "trial {n}, {damage}, {words:?} was written to: {told:?}");
                *seen.entry(told.facts["reason"].to_string()).or_insert(0) += 1;
                is_seen = true;
            }
        }
        unseen += u32::from(!is_seen);
    }
    trials.passed(format!("Seen {seen:?}; {unseen} were not met by these commands, or did no harm."));
}
