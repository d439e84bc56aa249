//! Checking passwords against hashes that came from Magento.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::HEXLOWER;
use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Memory;
use crate::domain::magento_hash::{MagentoHash, Step};

/// Whether `password` is the one that was hashed.
pub(super) fn fits(memory: &mut Memory, password: &str, stored: &MagentoHash) -> bool {
    let digest = stored.steps.iter().try_fold(password.to_owned(), |text, step| run(memory, *step, &text, stored));
    digest.is_some_and(|digest| digest.as_bytes().ct_eq(stored.digest.as_bytes()).into())
}

/// The hex text of one step; none when memory for it cannot be had.
fn run(memory: &mut Memory, step: Step, text: &str, stored: &MagentoHash) -> Option<String> {
    let salted = || [stored.salt, text].concat();
    match step {
        Step::Md5 => Some(HEXLOWER.encode(&Md5::digest(salted()))),
        Step::Sha256 => Some(HEXLOWER.encode(&Sha256::digest(salted()))),
        Step::Argon2id { len, passes, memory_kib } => {
            let params = Params::new(memory_kib, passes, 1, Some(len)).ok()?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            memory.digest(&argon2, text, &stored.argon2_salt(), len).ok().map(|digest| HEXLOWER.encode(&digest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Memory, fits};

    /// Magento's own unit tests for the first five, its 2,000-customer fixture for `123123q`.
    const FITTING: [(&str, &str); 13] = [
        ("password", "67a1e09bb1f83f5007dc119c14d663aa:salt:0"),
        ("password", "13601bda4ea78e55a07b98866d2be6be0744e3866f13c00c811cab608a28f322:salt:1"),
        ("password", "7640855aef9cb6ffd20229601d2904a2192e372b391db8230d7faf073b393e4c:salt:2"),
        ("password", "7640855aef9cb6ffd20229601d2904a2192e372b391db8230d7faf073b393e4c:salt:3_32_2_67108864"),
        ("password", "3b68ca4706cbae291455e4340478076c1e1618e742b6144cfcc3e50f648903e4:salt:0:1"),
        ("password", "c6aad9e058f6c4b06187c06d2b69bf506a786af030f81fb6d83778422a68205e:salt:1:2"),
        ("password", "c6aad9e058f6c4b06187c06d2b69bf506a786af030f81fb6d83778422a68205e:salt:1:3_32_2_67108864"),
        ("password", "be150aa47af619e2ff84978bfa7b6c40947c1e616fcbe8120bf1205455c5ab29:salt:0:1:3_32_2_67108864"),
        ("password", "2d78b5e93b683c4d3b0574c1ced8e40ddec7730c2e1b35f282b2c955b5cb7262:random-saltrando:2"),
        ("password", "2d78b5e93b683c4d3b0574c1ced8e40ddec7730c2e1b35f282b2c955b5cb7262:random-saltrandom-salt:2"),
        (
            "123123q",
            "7d2b20a155153560082e933648d0acc60c6c65fd76b1059d088ed34a80f7b268:iGPametdW0LmzYhCYvTj359LW30dC99B:3_32_2_67108864",
        ),
        (
            "Passw0rd!",
            "b555dd2e6a5da812ba5902b673777fd4d3e7eca7b27a107128893a27eba1d511:mgLqkqgTwLPLlCljzvF8hp67fNOOvOZb:3_32_2_67108864",
        ),
        (
            "Pä55wörd€",
            "58f680bbdc8bb69ddeb185c5a06128ed31bc4d0fcbd40e4ad595d284cb6555de:0123456789abcdef:3_32_2_67108864",
        ),
    ];

    #[test]
    fn the_password_fits_however_old_the_hash_is() {
        for (password, stored) in FITTING {
            assert!(fits(&mut Memory::default(), password, stored), "{stored}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for (password, stored) in FITTING {
            assert!(!fits(&mut Memory::default(), &password.to_uppercase(), stored), "{stored}");
            let (digest, rest) = stored.split_once(':').unwrap();
            let changed =
                if digest.starts_with('0') { digest.replacen('0', "1", 1) } else { digest.chars().rev().collect() };
            assert!(!fits(&mut Memory::default(), password, &format!("{changed}:{rest}")), "{stored}");
        }
        assert!(!fits(&mut Memory::default(), "password", "hash:salt:1"));
        assert!(!fits(&mut Memory::default(), "password", "67a1e09bb1f83f5007dc119c14d663aa:salt"));
        assert!(!fits(&mut Memory::default(), "password", "67a1e09bb1f83f5007dc119c14d663aa:salt:1"));
        assert!(
            !fits(&mut Memory::default(), "password", "67A1E09BB1F83F5007DC119C14D663AA:salt:0"),
            "hex is compared as it is"
        );
    }
}
