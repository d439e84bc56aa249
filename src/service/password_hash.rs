//! Hashing passwords with Argon2id, and checking them against the hashes of other shops.

mod magento;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use subtle::ConstantTimeEq;

use crate::domain::magento_hash::MagentoHash;

/// Memory in KiB, passes and lanes: the first choice of OWASP's Password Storage Cheat Sheet.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// A stored hash may say at most this: one that asks for gigabytes would stall the server.
const MOST: (u32, u32, u32) = (131_072, 10, 4);

/// Why a password could not be hashed. It is not the password's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashFailed;

/// What hashes are computed in, one after the other. Asked for and given back each time, blocks of
/// this size stay with the thread that had them: eight threads keep half a gigabyte.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    fn of(&mut self, params: &Params) -> Option<&mut [Block]> {
        let blocks = params.block_count();
        if self.0.len() < blocks {
            self.0 = Vec::new();
            self.0.try_reserve_exact(blocks).ok()?;
            self.0.resize(blocks, Block::default());
        }
        self.0.get_mut(..blocks)
    }
}

/// Hashes a password; about 30 ms of one core. The result is a PHC string with its own salt and
/// parameters.
///
/// # Errors
/// When memory for it cannot be had.
pub fn hash(password: &str, salt: [u8; 16]) -> Result<String, HashFailed> {
    hash_in(&mut Memory::default(), password, salt)
}

/// The same in memory that is there already.
///
/// # Errors
/// When memory for it cannot be had.
pub fn hash_in(memory: &mut Memory, password: &str, salt: [u8; 16]) -> Result<String, HashFailed> {
    let (memory_kib, passes, lanes) = COST;
    let params = Params::new(memory_kib, passes, lanes, None).map_err(|_| HashFailed)?;
    let mut digest = [0; Params::DEFAULT_OUTPUT_LEN];
    let blocks = memory.of(&params).ok_or(HashFailed)?;
    let text = ParamsString::try_from(&params).map_err(|_| HashFailed)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), &salt, &mut digest, blocks)
        .map_err(|_| HashFailed)?;
    let hash = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: text,
        salt: Some(Salt::new(&salt).map_err(|_| HashFailed)?),
        hash: Some(Output::new(&digest).map_err(|_| HashFailed)?),
    };
    Ok(hash.to_string())
}

/// Whether `password` is the one that was hashed, here or by Magento. A hash that cannot be read,
/// or that would cost more than any of ours ever did, fits no password.
#[must_use]
pub fn fits(password: &str, stored: &str) -> bool {
    fits_in(&mut Memory::default(), password, stored)
}

/// The same in memory that is there already.
#[must_use]
pub fn fits_in(memory: &mut Memory, password: &str, stored: &str) -> bool {
    MagentoHash::parse(stored)
        .map_or_else(|| fits_ours(memory, password, stored).unwrap_or(false), |hash| magento::fits(password, &hash))
}

/// None when the hash cannot be computed.
fn fits_ours(memory: &mut Memory, password: &str, stored: &str) -> Option<bool> {
    let hash = PasswordHash::new(stored).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let (most_memory, passes, lanes) = MOST;
    if params.m_cost() > most_memory || params.t_cost() > passes || params.p_cost() > lanes {
        return None;
    }
    let (salt, expected) = (hash.salt?, hash.hash?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let mut digest = vec![0; expected.as_ref().len()];
    // Hashes from elsewhere may take more than ours; only what ours take is kept.
    let mut once = Memory::default();
    let memory = if params.m_cost() > COST.0 { &mut once } else { memory };
    let blocks = memory.of(&params)?;
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password.as_bytes(), &salt, &mut digest, blocks)
        .ok()?;
    Some(digest.ct_eq(expected.as_ref()).into())
}

/// Whether a password that has just proved right should be hashed anew: its hash came from
/// elsewhere, or from a time when ours cost something else.
#[must_use]
pub fn needs_rehash(stored: &str) -> bool {
    let cost = PasswordHash::new(stored).ok().filter(|hash| hash.algorithm == argon2::ARGON2ID_IDENT);
    let cost = cost.and_then(|hash| Params::try_from(&hash).ok());
    cost.is_none_or(|params| (params.m_cost(), params.t_cost(), params.p_cost()) != COST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Passwords and hashes of the reference implementation's own tests.
    const OTHERS: [(&str, &str); 3] = [
        ("password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"),
        ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        (
            "password",
            "$argon2i$v=19$m=65536,t=1,p=1$c29tZXNhbHQAAAAAAAAAAA$+r0d29hqEB0yasKr55ZgICsQGSkl0v0kgwhd+U3wyRo",
        ),
    ];

    #[test]
    fn only_the_password_fits_its_hash() {
        let stored = hash("roni_cost3@example.com", [7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(fits("roni_cost3@example.com", &stored));
        assert!(!fits("roni_cost3@example.con", &stored));
        assert!(!fits("", &stored));
    }

    /// Whatever was computed in the same memory before, and however much of it that took.
    #[test]
    fn memory_is_used_again() {
        let mut memory = Memory::default();
        let stored = hash_in(&mut memory, "vivid7", [7; 16]).unwrap();
        assert_eq!(stored, hash("vivid7", [7; 16]).unwrap());
        // Others made these, one with less memory and one with more.
        for (password, other) in OTHERS {
            assert!(fits_in(&mut memory, password, other), "{other}");
            assert!(!fits_in(&mut memory, "vivid7", other), "{other}");
        }
        assert!(fits_in(&mut memory, "vivid7", &stored) && !fits_in(&mut memory, "vivid8", &stored));
    }

    #[test]
    fn only_our_own_hashes_of_today_are_kept() {
        let stored = hash("vivid7", [7; 16]).unwrap();
        assert!(!needs_rehash(&stored));
        for old in [
            stored.replace("t=2", "t=3"),
            stored.replace("argon2id", "argon2i"),
            "67a1e09bb1f83f5007dc119c14d663aa:salt:0".to_owned(),
            String::new(),
        ] {
            assert!(needs_rehash(&old), "{old}");
        }
    }

    #[test]
    fn a_hash_that_would_stall_us_fits_nothing() {
        let greedy =
            "$argon2id$v=19$m=4194304,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let started = std::time::Instant::now();
        assert!(!fits("x", greedy));
        assert!(started.elapsed().as_millis() < 500);
        for odd in ["", "x", "$argon2id$", "$1$salt$hash", "a:b:1"] {
            assert!(!fits("x", odd), "{odd}");
        }
    }
}
