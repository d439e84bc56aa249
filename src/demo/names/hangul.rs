//! Hangul in Latin letters, syllable by syllable (Revised Romanization without its sound
//! changes across syllables, which people do not use in their addresses either).

const SYLLABLES: u32 = 0xac00;
const INITIALS: [&str; 19] =
    ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];
const VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu",
    "ui", "i",
];
const FINALS: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t",
    "t", "k", "t", "p", "t",
];

/// The Latin letters of composed Hangul; other characters are left out.
pub(super) fn latin(text: &str) -> String {
    text.chars().filter_map(syllable).collect()
}

fn syllable(c: char) -> Option<String> {
    let place = usize::try_from(u32::from(c).checked_sub(SYLLABLES)?).ok()?;
    let initial = INITIALS.get(place / (VOWELS.len() * FINALS.len()))?;
    let vowel = VOWELS.get(place / FINALS.len() % VOWELS.len())?;
    let last = FINALS.get(place % FINALS.len())?;
    Some(format!("{initial}{vowel}{last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_syllables() {
        for (hangul, spelt) in [("길동", "gildong"), ("서연", "seoyeon"), ("민준", "minjun"), ("옥순", "oksun")]
        {
            assert_eq!(latin(hangul), spelt);
        }
        assert_eq!(latin("힣a"), "hit");
    }
}
