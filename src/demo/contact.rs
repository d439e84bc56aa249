//! E-mail addresses and phone numbers for people who do not exist.

use crate::demo::{
    dice::Dice,
    names::{Language, Named},
};

/// Addresses are told apart by their domain, their pattern and their number; a domain that takes
/// this many of 32 addresses uses so many of the [`PATTERNS`].
const SHARES: [u64; 6] = [13, 6, 5, 4, 2, 2];

/// What stands between first and last name, and between name and number. No two look alike.
const PATTERNS: [(&str, &str); 13] = [
    (".", ""),
    ("", ""),
    ("_", ""),
    ("-", ""),
    (".", "."),
    ("", "."),
    ("", "_"),
    ("_", "_"),
    (".", "_"),
    ("", "-"),
    ("-", "-"),
    (".", "-"),
    ("-", "."),
];

/// Nobody's domains (RFC 2606, RFC 6761): whatever a demo sends reaches no one. A domain that
/// two languages share stands at the same place of both.
const fn domains(language: Language) -> [&'static str; SHARES.len()] {
    let (first, second) = match language {
        Language::English => ("mail.example", "post.example"),
        Language::German => ("web.example", "gmx.example"),
        Language::French => ("orange.example", "laposte.example"),
        Language::Korean => ("naver.example", "daum.example"),
    };
    ["gmail.example", first, "example.com", second, "example.org", "example.net"]
}

/// An address that nobody else has: domain, pattern and number together say the index, so that
/// it is unique without a look at the others.
pub(super) fn email(index: u64, language: Language, named: &Named, dice: &mut Dice) -> String {
    const SLOTS: u64 = 32;
    // Eleven has no factor in common with 32: all slots are used, in no obvious order.
    let slot = index.wrapping_mul(11) % SLOTS;
    let mut place = slot;
    let mut domain = "example.com";
    for (name, share) in domains(language).into_iter().zip(SHARES) {
        if place < share {
            domain = name;
            break;
        }
        place -= share;
    }
    let (between, joint) =
        usize::try_from(place).ok().and_then(|place| PATTERNS.get(place)).copied().unwrap_or_default();
    let (first, last) = (named.first_latin.as_str(), named.last_latin.as_str());
    let initial = |name: &str| name.chars().take(1).collect::<String>();
    let (left, right) = match dice.below(10) {
        0..5 => (first.to_owned(), last.to_owned()),
        5..8 => (initial(first), last.to_owned()),
        8 => (last.to_owned(), first.to_owned()),
        _ => (first.to_owned(), initial(last)),
    };
    format!("{left}{between}{right}{joint}{}@{domain}", scattered(index / SLOTS + 1, slot))
}

/// Another number with as many digits, within a slot a different one for each: neighbours in the
/// table shall have neither the same nor neighbouring numbers.
fn scattered(number: u64, slot: u64) -> u64 {
    // Coprime to 9 * 10^n, so that multiplying permutes the numbers of each length.
    const FACTOR: u128 = 618_033_989;
    // Turns each slot's numbers by another amount.
    const TURN: u128 = 271_828_187;
    let low = 10_u64.checked_pow(number.checked_ilog10().unwrap_or(0)).unwrap_or(1);
    let offset = (u128::from(number - low) * FACTOR + u128::from(slot) * TURN) % (u128::from(low) * 9);
    u64::try_from(offset).map_or(number, |offset| low + offset)
}

/// A phone number as people of that language write it, or none: 85 % have one. Nobody has them
/// where a country keeps numbers for that (USA 555, France 06 39 98, Korea 010-0 and 010-1).
pub(super) fn phone(language: Language, dice: &mut Dice) -> String {
    let has_phone = dice.chance(850);
    let style = dice.below(4);
    let mut digits = |count: u32| {
        let end = 10_u64.pow(count);
        format!("{:0width$}", dice.below(end), width = usize::try_from(count).unwrap_or(0))
    };
    if !has_phone {
        return String::new();
    }
    match language {
        Language::English => {
            let (exchange, line) = (digits(3), digits(4));
            match style {
                0 | 1 => format!("(555) {exchange}-{line}"),
                2 => format!("555-{exchange}-{line}"),
                _ => format!("+1 555 {exchange} {line}"),
            }
        }
        Language::German => {
            let subscriber = digits(7);
            match style {
                0 => format!("0171 {subscriber}"),
                1 => format!("0171/{subscriber}"),
                2 => format!("+49 171 {subscriber}"),
                _ => format!("+49 (0)171 {subscriber}"),
            }
        }
        Language::French => {
            let (a, b) = (digits(2), digits(2));
            match style {
                0 | 1 => format!("06 39 98 {a} {b}"),
                2 => format!("06.39.98.{a}.{b}"),
                _ => format!("+33 6 39 98 {a} {b}"),
            }
        }
        Language::Korean => {
            let (exchange, line) = (digits(3), digits(4));
            let lead = style % 2;
            match style {
                0 | 1 => format!("010-{lead}{exchange}-{line}"),
                2 => format!("010{lead}{exchange}{line}"),
                _ => format!("+82 10-{lead}{exchange}-{line}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn scattering_loses_no_number_and_keeps_its_length() {
        for slot in [0, 1, 31] {
            let mut seen = BTreeSet::new();
            for number in 1..10_000 {
                let to = scattered(number, slot);
                assert_eq!(to.ilog10(), number.ilog10(), "{number}");
                assert!(seen.insert(to), "{number}");
            }
        }
        let largest = u64::MAX / 32 + 1;
        assert_eq!(scattered(largest, 31).ilog10(), largest.ilog10());
    }

    #[test]
    fn no_two_patterns_and_no_two_domains_can_be_confused() {
        assert_eq!(BTreeSet::from(PATTERNS).len(), PATTERNS.len());
        assert!(SHARES.iter().all(|&share| share <= PATTERNS.len() as u64));
        assert_eq!(SHARES.iter().sum::<u64>(), 32);
        let all = [Language::English, Language::German, Language::French, Language::Korean].map(domains);
        let places: BTreeSet<(usize, &str)> = all.iter().flat_map(|list| list.iter().copied().enumerate()).collect();
        let names: BTreeSet<&str> = places.iter().map(|&(_, name)| name).collect();
        assert_eq!(places.len(), names.len(), "a domain stands at two places");
    }

    #[test]
    fn all_domains_are_reserved() {
        for language in [Language::English, Language::German, Language::French, Language::Korean] {
            for domain in domains(language) {
                let reserved = domain.ends_with(".example") || domain.strip_prefix("example.").is_some();
                assert!(reserved, "{domain}");
            }
        }
    }
}
