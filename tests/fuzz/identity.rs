//! Nobody becomes somebody else by a character that looks like one of theirs.

use keydesk::domain::email::key_of;

#[test]
fn no_character_but_the_letter_itself_is_that_letter() {
    let stored = "roni_cost@Example.com";
    let key = key_of(stored);
    // Every code point in place of every letter; in ordinary runs in place of the letters that
    // other programs' case folding mixes up.
    let is_long = std::env::var_os("KEYDESK_LONG").is_some();
    let letters: Vec<(usize, char)> =
        stored.char_indices().filter(|(_, c)| c.is_ascii_alphabetic() && (is_long || "is".contains(*c))).collect();
    let began = std::time::Instant::now();
    let (mut tried, mut same) = (0_u64, 0_u64);
    for (at, letter) in &letters {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let mut changed = stored.to_owned();
            changed.replace_range(at..=at, c.encode_utf8(&mut [0; 4]));
            let is_same = key_of(&changed) == key;
            assert_eq!(is_same, c.eq_ignore_ascii_case(letter), "{changed:?}");
            (tried, same) = (tried + 1, same + u64::from(is_same));
        }
    }
    println!("identity         {tried} addresses, {same} the same, {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(same, 2 * u64::try_from(letters.len()).unwrap());
}
