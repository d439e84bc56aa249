//! Access tokens that integrations obtained for demo customers.

use jiff::{SignedDuration, Timestamp};

use crate::demo::dice::{Dice, after, before, seconds};

/// The integrations of the demo shop and what each may ask for.
pub(super) const INTEGRATIONS: [(&str, &str); 6] = [
    ("ERP sync", "orders, customers"),
    ("Loyalty app", "customers:read"),
    ("Mobile app", "customers:self"),
    ("Marketplace connector", "orders, catalog:read"),
    ("Helpdesk", "customers:read, orders:read"),
    ("Warehouse", "orders:read, shipments"),
];

const DAY: u64 = 24 * 60 * 60;

/// A token before customer and integration have ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Place in the list of integrations.
    pub integration: usize,
    /// What the database keeps of it. Drawn, not computed: no token has this digest, so that
    /// nobody can sign in to a demo shop with a token guessed from its seed.
    pub digest: String,
    /// What it may do.
    pub scopes: String,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it last signed a request.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// The tokens of somebody who joined at `joined`: 4 % have one to three, of different
/// integrations, some of them expired.
pub(super) fn draw(joined: Timestamp, now: Timestamp, dice: &mut Dice) -> Vec<Token> {
    if !dice.chance(40) {
        return Vec::new();
    }
    let count = 1 + dice.weighted(&[6, 3, 1]);
    let first = dice.weighted(&[1; INTEGRATIONS.len()]);
    (0..count)
        .map(|nth| {
            let integration = (first + nth) % INTEGRATIONS.len();
            let issued = dice.between(joined.max(before(now, seconds(400 * DAY))), now);
            let expires_at = match dice.below(10) {
                0..5 => None,
                5..8 => Some(after(now, seconds(60 + dice.below(90 * DAY)))),
                _ => Some(dice.between(issued, now)),
            };
            let last_used_at =
                dice.chance(700).then(|| dice.between(issued, expires_at.map_or(now, |end| end.min(now))));
            token(integration, dice, issued, last_used_at, expires_at)
        })
        .collect()
}

/// The three tokens that the manual's example is about.
pub(super) fn veronicas(now: Timestamp, dice: &mut Dice) -> Vec<Token> {
    let ago = |span| before(now, span);
    let (minutes, hours) = (SignedDuration::from_mins, SignedDuration::from_hours);
    vec![
        token(0, dice, ago(hours(12 * 24)), Some(ago(minutes(4))), None),
        token(1, dice, ago(hours(3)), None, Some(after(now, minutes(57)))),
        token(2, dice, ago(hours(5 * 24)), Some(ago(hours(2))), None),
    ]
}

fn token(
    integration: usize,
    dice: &mut Dice,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
) -> Token {
    let digest = [dice.bits(), dice.bits(), dice.bits(), dice.bits()].map(|bits| format!("{bits:016x}")).concat();
    let scopes = INTEGRATIONS.get(integration).map_or("", |&(_, scopes)| scopes).to_owned();
    Token { integration, digest, scopes, created_at, last_used_at, expires_at }
}
