//! Hashing passwords with Argon2id, and checking them against the hashes of other shops.

mod magento;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt},
};
use subtle::ConstantTimeEq;

use crate::domain::{magento_hash::MagentoHash, password::one_spelling};

/// Memory in KiB, passes and lanes: the first choice of OWASP's Password Storage Cheat Sheet.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// A stored hash may say at most this: one that asks for gigabytes would stall the server.
const MOST: (u32, u32, u32) = (131_072, 10, 4);
/// Length of a digest, in bytes.
const LEN: usize = 32;

/// Why a password could not be hashed. It is not the password's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashFailed;

/// The 19 MiB that a hash is made in. Whoever makes one after the other keeps them: asking the
/// system for them each time takes a tenth of the time, and leaves the process large.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    /// The digest of a password under these parameters.
    fn digest(&mut self, argon2: &Argon2, password: &str, salt: &[u8], len: usize) -> Result<Vec<u8>, HashFailed> {
        let wanted = argon2.params().block_count();
        if let Some(more) = wanted.checked_sub(self.0.len()) {
            self.0.try_reserve_exact(more).map_err(|_| HashFailed)?;
            self.0.resize(wanted, Block::new());
        }
        let mut digest = vec![0; len];
        let done = argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut digest, &mut self.0);
        done.map_err(|_| HashFailed)?;
        if self.0.len() > COST.0 as usize {
            // A hash from elsewhere asked for more than ours ever do.
            self.0 = Vec::new();
        }
        Ok(digest)
    }
}

/// Hashes a password; about 20 ms of one core. The result is a PHC string with its own salt and
/// parameters.
///
/// # Errors
/// When memory for it cannot be had.
pub fn hash(memory: &mut Memory, password: &str, salt: [u8; 16]) -> Result<String, HashFailed> {
    let (cost, passes, lanes) = COST;
    let params = Params::new(cost, passes, lanes, Some(LEN)).map_err(|_| HashFailed)?;
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let phc = ParamsString::try_from(&params).map_err(|_| HashFailed)?;
    let digest = memory.digest(&Argon2::new(algorithm, version, params), &one_spelling(password), &salt, LEN)?;
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: phc,
        salt: Some(Salt::new(&salt).map_err(|_| HashFailed)?),
        hash: Some(Output::new(&digest).map_err(|_| HashFailed)?),
    };
    Ok(hash.to_string())
}

/// Whether `password` is the one that was hashed, here or by Magento. A hash that cannot be read,
/// or that would cost more than any of ours ever did, fits no password.
///
/// A shop that did not know [`one_spelling`] hashed what its customer's keyboard sent, so a password
/// that was typed in another is compared as it was typed, too.
#[must_use]
pub fn fits(memory: &mut Memory, password: &str, stored: &str) -> bool {
    let plain = one_spelling(password);
    fits_as_it_is(memory, &plain, stored) || plain != password && fits_as_it_is(memory, password, stored)
}

fn fits_as_it_is(memory: &mut Memory, password: &str, stored: &str) -> bool {
    match MagentoHash::parse(stored) {
        Some(hash) => magento::fits(memory, password, &hash),
        None => fits_phc(memory, password, stored).unwrap_or(false),
    }
}

fn fits_phc(memory: &mut Memory, password: &str, stored: &str) -> Option<bool> {
    let hash = PasswordHash::new(stored).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let (most, passes, lanes) = MOST;
    if params.m_cost() > most || params.t_cost() > passes || params.p_cost() > lanes {
        return None;
    }
    let algorithm = Algorithm::try_from(Ident::as_str(&hash.algorithm)).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let (salt, known) = (hash.salt?, hash.hash?);
    let argon2 = Argon2::new(algorithm, version, params);
    let digest = memory.digest(&argon2, password, &salt, known.len()).ok()?;
    Some(digest.ct_eq(known.as_bytes()).into())
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

    #[test]
    fn only_the_password_fits_its_hash() {
        let memory = &mut Memory::default();
        let stored = hash(memory, "roni_cost3@example.com", [7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(fits(memory, "roni_cost3@example.com", &stored));
        assert!(!fits(memory, "roni_cost3@example.con", &stored));
        assert!(!fits(memory, "", &stored));
    }

    #[test]
    fn every_keyboard_types_the_same_password() {
        let memory = &mut Memory::default();
        let (one, two) = ("sch\u{f6}n-7", "scho\u{308}n-7");
        for (set, typed) in [(one, one), (one, two), (two, one), (two, two)] {
            let stored = hash(memory, set, [7; 16]).unwrap();
            assert!(fits(memory, typed, &stored), "{set:?} {typed:?}");
        }
        // MD5 of "salt" and the password, as another shop made them: each from what was typed there.
        let of_one = "66226315fcc29fdb99c0a7df4b7ded0c:salt:0";
        let of_two = "6c8af45681a74891fa67c28a4f700617:salt:0";
        assert!(fits(memory, one, of_one) && fits(memory, two, of_one));
        assert!(fits(memory, two, of_two) && !fits(memory, one, of_two), "what was typed there is not known");
    }

    #[test]
    fn what_others_wrote_as_a_phc_string_fits() {
        // From the reference implementation's own tests (argon2 -id -t 2 -m 8 -p 1, -t 2 -m 8 -p 2).
        let memory = &mut Memory::default();
        for stored in [
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        ] {
            assert!(fits(memory, "password", stored) && !fits(memory, "passwore", stored), "{stored}");
        }
    }

    #[test]
    fn memory_that_was_used_before_changes_nothing() {
        let memory = &mut Memory::default();
        let fresh = hash(&mut Memory::default(), "vivid7", [7; 16]).unwrap();
        for other in ["a", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"] {
            assert!(!fits(memory, "x", other));
            assert_eq!(hash(memory, "vivid7", [7; 16]).unwrap(), fresh);
            assert!(fits(memory, "vivid7", &fresh));
        }
    }

    #[test]
    fn only_our_own_hashes_of_today_are_kept() {
        let stored = hash(&mut Memory::default(), "vivid7", [7; 16]).unwrap();
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
        let memory = &mut Memory::default();
        assert!(!fits(memory, "x", greedy));
        assert!(started.elapsed().as_millis() < 500);
        for odd in ["", "x", "$argon2id$", "$1$salt$hash", "a:b:1"] {
            assert!(!fits(memory, "x", odd), "{odd}");
        }
    }
}
