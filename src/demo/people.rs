//! The customers of the demo shop, each made without a look at any other.

use jiff::{SignedDuration, Timestamp};
use unicode_normalization::UnicodeNormalization;

use crate::{
    demo::{
        Shop, contact,
        dice::{Dice, after, before, seconds},
        hostile,
        names::{self, Language},
        tokens::{self, Token},
    },
    domain::name::PersonName,
};

/// Places in the lists of websites and groups.
const BASE: usize = 0;
const B2B: usize = 2;
const GENERAL: usize = 0;

/// Of so many customers, the second is the first once more, on another website.
const TWINS: u64 = 100;
/// Behind Veronica and her twin.
const FIRST_HOSTILE: u64 = 2;
/// How long the shop has been open.
const OPEN_FOR: u64 = 10 * 365 * 24 * 60 * 60;

/// What the dice are thrown for. A new purpose leaves what the others decided as it is.
const WHO: u64 = 1;
const ACCOUNT: u64 = 2;
const TOKENS: u64 = 3;
const JOINED: u64 = 4;

/// A customer of the demo shop, before website and group have ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Place in the list of websites.
    pub website: usize,
    /// Place in the list of groups.
    pub group: usize,
    /// Name parts, as entered.
    pub name: PersonName,
    /// Address: valid, and on its website nobody else's.
    pub email: String,
    /// Phone as entered; may be empty.
    pub phone: String,
    /// Whether the account is switched on.
    pub active: bool,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// Wrong passwords since the last good one.
    pub failed_sign_ins: u32,
    /// End of a lock.
    pub locked_until: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// What integrations obtained.
    pub tokens: Vec<Token>,
}

/// The customer at `index`. Who that is depends on the seed only; a larger shop continues a
/// smaller one, and only spreads the times at which they joined over more people.
#[must_use]
pub fn customer(shop: &Shop, index: u64) -> Person {
    let Who { website, name, email, phone } = who(shop.seed, index);
    if index == 0 {
        return veronica(shop, name, email, phone);
    }
    let created_at = joined(shop, index);
    let mut dice = Dice::new(shop.seed, index, ACCOUNT);
    let group = if website == B2B { dice.weighted(&[1, 5, 3, 1]) } else { dice.weighted(&[88, 3, 3, 6]) };
    let (mut active, mut confirmed, mut failed_sign_ins, mut locked_until) = (true, true, 0, None);
    match dice.below(1000) {
        0..15 => {
            failed_sign_ins = 10;
            locked_until = Some(after(shop.now, seconds(120 + dice.below(6 * 60 * 60))));
        }
        15..45 => confirmed = false,
        45..50 => active = false,
        50..100 => failed_sign_ins = 1,
        100..115 => failed_sign_ins = 2,
        _ => {}
    }
    // 10 % never signed in: the unconfirmed, who cannot, and seven of the others.
    let signed_in = confirmed && !dice.chance(72);
    let last_sign_in_at = signed_in.then(|| recently(created_at, shop.now, &mut dice));
    let tokens = tokens::draw(created_at, shop.now, &mut Dice::new(shop.seed, index, TOKENS));
    Person {
        website,
        group,
        name,
        email,
        phone,
        active,
        confirmed,
        failed_sign_ins,
        locked_until,
        created_at,
        last_sign_in_at,
        tokens,
    }
}

/// How somebody signs up the second time: `V. Costello`.
fn initialled(name: &PersonName) -> PersonName {
    match name.first.chars().next() {
        Some(initial) if !name.is_cjk() => PersonName::new(&format!("{initial}."), &name.last),
        _ => name.clone(),
    }
}

/// The customer of the manual's examples.
fn veronica(shop: &Shop, name: PersonName, email: String, phone: String) -> Person {
    Person {
        website: BASE,
        group: GENERAL,
        name,
        email,
        phone,
        active: true,
        confirmed: true,
        failed_sign_ins: 0,
        locked_until: None,
        // 2013-12-15 10:00 UTC
        created_at: Timestamp::constant(1_387_101_600, 0),
        last_sign_in_at: Some(before(shop.now, SignedDuration::from_hours(2))),
        tokens: tokens::veronicas(shop.now, &mut Dice::new(shop.seed, 0, TOKENS)),
    }
}

struct Who {
    website: usize,
    name: PersonName,
    email: String,
    phone: String,
}

fn who(seed: u64, index: u64) -> Who {
    if index == 0 {
        return Who {
            website: BASE,
            name: PersonName::new("Veronica", "Costello"),
            email: "roni_cost@example.com".to_owned(),
            phone: "(555) 229-3326".to_owned(),
        };
    }
    if index % TWINS == 1 {
        let first = who(seed, index - 1);
        let website = if first.website == BASE { B2B } else { BASE };
        return Who { website, name: initialled(&first.name), ..first };
    }
    let mut dice = Dice::new(seed, index, WHO);
    let language = Language::of(&mut dice);
    let shares = if language == Language::Korean { [12, 85, 3] } else { [88, 2, 10] };
    let website = dice.weighted(&shares);
    let phone = contact::phone(language, &mut dice);
    if let Some((name, email)) = index.checked_sub(FIRST_HOSTILE).and_then(hostile::person) {
        return Who { website, name, email, phone };
    }
    let named = names::name(language, &mut dice);
    let email = contact::email(index, language, &named, &mut dice);
    // 2 % of all, which is 7 % of those whose names can be decomposed at all.
    let name = if dice.chance(70) { decomposed(&named.name) } else { named.name };
    Who { website, name, email, phone }
}

fn decomposed(name: &PersonName) -> PersonName {
    PersonName {
        first: name.first.nfd().collect(),
        middle: name.middle.nfd().collect(),
        last: name.last.nfd().collect(),
    }
}

/// When somebody joined: in the order of the index, give or take a day.
fn joined(shop: &Shop, index: u64) -> Timestamp {
    let later = u128::from(shop.customers.saturating_sub(index)) * u128::from(OPEN_FOR);
    let age = later.checked_div(u128::from(shop.customers)).and_then(|age| u64::try_from(age).ok()).unwrap_or(0);
    let early = Dice::new(shop.seed, index, JOINED).below(24 * 60 * 60);
    before(shop.now, seconds(age + early))
}

/// A time between two, rather late than early.
fn recently(from: Timestamp, now: Timestamp, dice: &mut Dice) -> Timestamp {
    let from = dice.between(from, now);
    dice.between(from, now)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        demo::{GROUPS, WEBSITES},
        domain::{customer::Status, email::EmailAddress, phone},
    };

    const ROWS: u64 = 50_000;

    fn shop(customers: u64, seed: u64) -> Shop {
        Shop { customers, seed, now: "2026-11-20T12:00:00Z".parse().unwrap() }
    }

    fn rows(shop: Shop) -> impl Iterator<Item = Person> {
        (0..shop.customers).map(move |index| customer(&shop, index))
    }

    fn status(person: &Person, now: Timestamp) -> &'static str {
        Status::of(person.active, person.confirmed, person.locked_until, now).word()
    }

    #[test]
    fn the_same_seed_gives_the_same_shop() {
        let shop = shop(1_000, 1);
        assert!(rows(shop).eq(rows(shop)));
        let other = Shop { seed: 2, ..shop };
        let same = (100..1_000).filter(|&i| customer(&shop, i).name == customer(&other, i).name).count();
        assert!(same < 20, "{same} of 900 have the same name with another seed");
    }

    #[test]
    fn a_larger_shop_begins_like_a_smaller_one() {
        for (small, large) in rows(shop(1_000, 1)).zip(rows(shop(9_999, 1))) {
            assert_eq!((small.website, &small.name, &small.email), (large.website, &large.name, &large.email));
            assert_eq!(small.phone, large.phone);
            assert_eq!((small.group, small.active, small.confirmed), (large.group, large.active, large.confirmed));
            assert_eq!((small.locked_until, small.tokens.len()), (large.locked_until, large.tokens.len()));
        }
    }

    #[test]
    fn addresses_are_valid_and_unique_on_their_website() {
        for seed in [1, 2] {
            let mut seen = BTreeSet::new();
            for person in rows(shop(ROWS, seed)) {
                let email = EmailAddress::parse(&person.email).unwrap();
                let domain = person.email.rsplit_once('@').unwrap().1.to_owned();
                assert!(domain.ends_with(".example") || domain.starts_with("example."), "{email} may be somebody's");
                assert!(seen.insert((person.website, email.key())), "{email} twice");
            }
        }
    }

    #[test]
    fn shares_are_as_in_life() {
        let shop = shop(ROWS, 1);
        let people: Vec<Person> = rows(shop).collect();
        let share = |of: &dyn Fn(&Person) -> bool| {
            let count = u32::try_from(people.iter().filter(|&person| of(person)).count()).unwrap();
            f64::from(count) * 100.0 / f64::from(u32::try_from(ROWS).unwrap())
        };
        let near = |what: &str, percent: f64, expected: f64| {
            assert!((percent - expected).abs() < expected * 0.1 + 0.1, "{what}: {percent} %, not {expected} %");
        };
        let status_is = |word: &'static str| share(&|p| status(p, shop.now) == word);
        near("locked", status_is("locked"), 1.5);
        near("unconfirmed", status_is("unconfirmed"), 3.0);
        near("disabled", status_is("disabled"), 0.5);
        near("with tokens", share(&|p| !p.tokens.is_empty()), 4.0);
        near("never signed in", share(&|p| p.last_sign_in_at.is_none()), 10.0);
        near("with phone", share(&|p| !p.phone.is_empty()), 85.0);
        near("Korean", share(&|p| p.name.is_cjk()), 20.0);
        near("on kr", share(&|p| p.website == 1), 18.4);
        near("decomposed", share(&|p| p.name.full().nfc().ne(p.name.full().chars())), 2.0);
        near("at gmail.example", share(&|p| p.email.ends_with("@gmail.example")), 40.0);
        let first: BTreeSet<&str> = people.iter().step_by(100).map(|p| p.email.as_str()).collect();
        near("twins", share(&|p| first.contains(p.email.as_str())) / 2.0, 1.0);
    }

    #[test]
    fn times_agree_with_each_other() {
        let shop = shop(ROWS, 1);
        for person in rows(shop) {
            assert!(person.created_at <= shop.now, "{person:?}");
            let within = |at: Timestamp| person.created_at <= at && at <= shop.now;
            assert!(person.last_sign_in_at.is_none_or(within), "{person:?}");
            assert!(person.confirmed || person.last_sign_in_at.is_none(), "{person:?}");
            for token in &person.tokens {
                assert!(within(token.created_at), "{person:?}");
                assert!(token.last_used_at.is_none_or(|at| within(at) && at >= token.created_at), "{person:?}");
                assert!(token.expires_at.is_none_or(|at| at >= token.created_at), "{person:?}");
            }
        }
        let (early, late) = (customer(&shop, ROWS / 2), customer(&shop, ROWS - 1));
        assert!(early.created_at < late.created_at);
        assert!(shop.now.duration_since(late.created_at) < SignedDuration::from_hours(48));
    }

    #[test]
    fn some_tokens_are_expired_and_all_differ() {
        let shop = shop(ROWS, 1);
        let tokens: Vec<Token> = rows(shop).flat_map(|person| person.tokens).collect();
        let expired = tokens.iter().filter(|token| token.expires_at.is_some_and(|end| end <= shop.now)).count();
        assert!(expired * 10 > tokens.len() && expired * 4 < tokens.len(), "{expired} of {}", tokens.len());
        let digests: BTreeSet<&str> = tokens.iter().map(|token| token.digest.as_str()).collect();
        assert_eq!(digests.len(), tokens.len());
        assert!(digests.iter().all(|digest| digest.len() == 64));
    }

    #[test]
    fn places_exist_and_all_are_used() {
        let people: Vec<Person> = rows(shop(2_000, 1)).collect();
        let websites: BTreeSet<usize> = people.iter().map(|p| p.website).collect();
        let groups: BTreeSet<usize> = people.iter().map(|p| p.group).collect();
        assert!(websites.into_iter().eq(0..WEBSITES.len()));
        assert!(groups.into_iter().eq(0..GROUPS.len()));
        let used: BTreeSet<usize> = people.iter().flat_map(|p| p.tokens.iter().map(|t| t.integration)).collect();
        assert!(used.into_iter().eq(0..tokens::INTEGRATIONS.len()));
    }

    #[test]
    fn the_first_is_veronica_and_the_second_her_other_account() {
        let shop = shop(10, 1);
        let (veronica, twin) = (customer(&shop, 0), customer(&shop, 1));
        assert_eq!(veronica.name.full(), "Veronica Costello");
        assert_eq!((veronica.email.as_str(), veronica.phone.as_str()), ("roni_cost@example.com", "(555) 229-3326"));
        assert_eq!((veronica.website, veronica.group, status(&veronica, shop.now)), (BASE, GENERAL, "active"));
        assert_eq!(veronica.created_at.to_string(), "2013-12-15T10:00:00Z");
        assert_eq!(shop.now.duration_since(veronica.last_sign_in_at.unwrap()), SignedDuration::from_hours(2));
        let names: Vec<&str> = veronica.tokens.iter().map(|t| tokens::INTEGRATIONS[t.integration].0).collect();
        assert_eq!(names, ["ERP sync", "Loyalty app", "Mobile app"]);
        assert!(veronica.tokens.iter().all(|t| t.expires_at.is_none_or(|end| end > shop.now)));
        assert_eq!((twin.website, twin.name.full().as_str(), &twin.email), (B2B, "V. Costello", &veronica.email));
    }

    #[test]
    fn the_hostile_come_next() {
        let shop = shop(100, 1);
        for (place, (name, email)) in (0..).map_while(|nth| hostile::person(nth).map(|who| (nth, who))) {
            let person = customer(&shop, FIRST_HOSTILE + place);
            assert_eq!((person.name, person.email), (name, email));
        }
    }

    #[test]
    fn phones_read_as_phones() {
        for person in rows(shop(2_000, 1)).filter(|person| !person.phone.is_empty()) {
            assert!(phone::looks_like(&person.phone), "{}", person.phone);
            assert!((9..=11).contains(&phone::national(&person.phone).len()), "{}", person.phone);
        }
    }

    #[test]
    fn no_number_is_too_large() {
        let shop = shop(u64::MAX, u64::MAX);
        for index in [u64::MAX, u64::MAX - 1, 1 << 40] {
            EmailAddress::parse(&customer(&shop, index).email).unwrap();
        }
        let empty = Shop { customers: 0, ..shop };
        assert!(customer(&empty, 5).created_at <= empty.now);
    }
}
