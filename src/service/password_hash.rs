//! Hashing passwords with Argon2id, and checking them against the hashes of other shops.

mod magento;

use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use data_encoding::BASE64_NOPAD;
use subtle::ConstantTimeEq;

use crate::domain::magento_hash::MagentoHash;

/// Memory in KiB, passes and lanes: the first choice of OWASP's Password Storage Cheat Sheet.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Bytes of the hash itself.
const DIGEST_LEN: usize = 32;
/// A stored hash may say at most this: one that asks for gigabytes would stall the server.
const MOST: (u32, u32, u32) = (131_072, 10, 4);

/// Why a password could not be hashed. It is not the password's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashFailed;

/// What our hashes work in: 19 MiB, kept from one password to the next. Given back each time, they
/// would be cut up by whatever else needs a little, and the next password would need new ones.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    /// Hashes a password; about 30 ms of one core. The result is a PHC string with its own salt
    /// and parameters.
    ///
    /// # Errors
    /// When memory for it cannot be had.
    pub fn hash(&mut self, password: &str, salt: [u8; 16]) -> Result<String, HashFailed> {
        let digest = self.digest(password, &salt)?;
        Ok(format!("{}{}${}", ours(), BASE64_NOPAD.encode(&salt), BASE64_NOPAD.encode(&digest)))
    }

    /// Whether `password` is the one that was hashed, here or by Magento. A hash that cannot be
    /// read, or that would cost more than any of ours ever did, fits no password.
    #[must_use]
    pub fn fits(&mut self, password: &str, stored: &str) -> bool {
        let Some((salt, digest)) = stored.strip_prefix(&ours()).and_then(|rest| rest.split_once('$')) else {
            return fits_foreign(password, stored);
        };
        let (Ok(salt), Ok(digest)) = (BASE64_NOPAD.decode(salt.as_bytes()), BASE64_NOPAD.decode(digest.as_bytes()))
        else {
            return false;
        };
        self.digest(password, &salt).is_ok_and(|given| given.as_slice().ct_eq(&digest).into())
    }

    fn digest(&mut self, password: &str, salt: &[u8]) -> Result<[u8; DIGEST_LEN], HashFailed> {
        let (memory, passes, lanes) = COST;
        let params = Params::new(memory, passes, lanes, Some(DIGEST_LEN)).map_err(|_| HashFailed)?;
        let missing = params.block_count().saturating_sub(self.0.len());
        self.0.try_reserve_exact(missing).map_err(|_| HashFailed)?;
        self.0.resize(self.0.len() + missing, Block::default());
        let mut digest = [0; DIGEST_LEN];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(password.as_bytes(), salt, &mut digest, &mut self.0)
            .map_err(|_| HashFailed)?;
        Ok(digest)
    }
}

/// What our own hashes of today begin with.
fn ours() -> String {
    let (memory, passes, lanes) = COST;
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}$")
}

/// [`Memory::hash`] in memory of its own.
///
/// # Errors
/// When memory for it cannot be had.
pub fn hash(password: &str, salt: [u8; 16]) -> Result<String, HashFailed> {
    Memory::default().hash(password, salt)
}

/// [`Memory::fits`] in memory of its own.
#[must_use]
pub fn fits(password: &str, stored: &str) -> bool {
    Memory::default().fits(password, stored)
}

/// The same for hashes that came from elsewhere, or from a time when ours cost something else.
fn fits_foreign(password: &str, stored: &str) -> bool {
    if let Some(hash) = MagentoHash::parse(stored) {
        return magento::fits(password, &hash);
    }
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    let Ok(params) = Params::try_from(&hash) else { return false };
    let (memory, passes, lanes) = MOST;
    let affordable = params.m_cost() <= memory && params.t_cost() <= passes && params.p_cost() <= lanes;
    affordable && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
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
        let stored = hash("roni_cost3@example.com", [7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(fits("roni_cost3@example.com", &stored));
        assert!(!fits("roni_cost3@example.con", &stored));
        assert!(!fits("", &stored));
        // Others read it, and it does not matter what was hashed before in the same memory.
        assert!(fits_foreign("roni_cost3@example.com", &stored));
        let mut memory = Memory::default();
        assert_eq!(memory.hash("x", [1; 16]), hash("x", [1; 16]));
        assert_eq!(memory.hash("roni_cost3@example.com", [7; 16]), Ok(stored));
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
