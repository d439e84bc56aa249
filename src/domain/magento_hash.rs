//! Password hashes as Magento and Adobe Commerce store them: `hex:salt:version[:version...]`.
//!
//! The versions are a chain, oldest first: an upgraded shop hashed its old hashes once more
//! instead of asking everybody for the password. Format and limits of libsodium's Argon2id:
//! `Magento\Framework\Encryption\Encryptor`.

/// Longest hash, in bytes. Magento's column has 128.
const MAX_LEN: usize = 255;
/// Most steps of a chain: there are four versions.
const MAX_STEPS: usize = 4;
/// Most memory of a step: a hash that asks for gigabytes would stall the server.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Least memory that Argon2 is defined for, with one lane.
const MIN_MEMORY_KIB: u32 = 8;
/// Most passes of a step.
const MAX_PASSES: u32 = 10;
/// What version 2 stands for; version 3 writes it out.
const VERSION_2: Step = Step::Argon2id { len: 32, passes: 2, memory_kib: 65_536 };

/// A hash taken apart. That it could be read does not say that any password fits it.
#[derive(Clone, PartialEq, Eq)]
pub struct MagentoHash<'a> {
    /// The result of the last step, lower-case hex.
    pub digest: &'a str,
    /// The salt of all steps, never empty.
    pub salt: &'a str,
    /// What was done to the password, in this order.
    pub steps: Vec<Step>,
}

/// One step of a chain; each takes the hex text of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Version 0: MD5 over salt and text.
    Md5,
    /// Version 1: SHA-256 over salt and text.
    Sha256,
    /// Versions 2 and 3: Argon2id with one lane.
    Argon2id {
        /// Length of the result, in bytes.
        len: usize,
        /// Passes.
        passes: u32,
        /// Memory, in KiB.
        memory_kib: u32,
    },
}

impl<'a> MagentoHash<'a> {
    /// Takes a stored hash apart; none when it is in another format, or would cost more to check
    /// than any that Magento makes.
    #[must_use]
    pub fn parse(stored: &'a str) -> Option<Self> {
        if stored.len() > MAX_LEN || !stored.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let mut parts = stored.splitn(3, ':');
        let (digest, salt, versions) = (parts.next()?, parts.next()?, parts.next()?);
        let steps: Vec<Step> = versions.split(':').map(Step::parse).collect::<Option<_>>()?;
        let fits = steps.len() <= MAX_STEPS && steps.last().is_some_and(|last| last.hex_len() == digest.len());
        let hex = digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (fits && hex && !salt.is_empty()).then_some(Self { digest, salt, steps })
    }

    /// The salt of Argon2id: the first sixteen bytes, a shorter one repeated up to sixteen.
    #[must_use]
    pub fn argon2_salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        salt.iter_mut().zip(self.salt.bytes().cycle()).for_each(|(to, from)| *to = from);
        salt
    }
}

impl Step {
    fn parse(version: &str) -> Option<Self> {
        match version {
            "0" => Some(Self::Md5),
            "1" => Some(Self::Sha256),
            "2" => Some(VERSION_2),
            _ => Self::parse_3(version.strip_prefix("3_")?),
        }
    }

    /// `32_2_67108864`: length, passes, bytes of memory.
    fn parse_3(parameters: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        let mut parts = parameters.split('_').map(number);
        let (len, passes, bytes) = (parts.next()??, parts.next()??, parts.next()??);
        let memory_kib = bytes / 1024;
        let affordable = (16..=64).contains(&len)
            && (1..=MAX_PASSES).contains(&passes)
            && (MIN_MEMORY_KIB..=MAX_MEMORY_KIB).contains(&memory_kib);
        let len = usize::try_from(len).ok()?;
        (affordable && parts.next().is_none()).then_some(Self::Argon2id { len, passes, memory_kib })
    }

    const fn hex_len(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha256 => 64,
            Self::Argon2id { len, .. } => 2 * len,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEX: &str = "7640855aef9cb6ffd20229601d2904a2192e372b391db8230d7faf073b393e4c";

    #[test]
    fn a_chain_is_read_oldest_first() {
        let stored = format!("{HEX}:salt:0:1:3_32_2_67108864");
        let hash = MagentoHash::parse(&stored).unwrap();
        assert_eq!((hash.digest, hash.salt), (HEX, "salt"));
        assert_eq!(hash.steps, [Step::Md5, Step::Sha256, VERSION_2]);
        assert_eq!(&hash.argon2_salt(), b"saltsaltsaltsalt");
    }

    #[test]
    fn what_is_not_magentos_or_asks_for_too_much_is_none() {
        for rest in [
            "",
            ":salt",
            ":salt:",
            "::2",
            ":salt:4",
            ":salt:3",
            ":salt:2:",
            ":salt:1:1:1:1:1",
            ":salt:0",
            ":salt:3_32_2",
            ":salt:3_32_2_67108864_1",
            ":salt:3_32_11_67108864",
            ":salt:3_32_2_268436480",
            ":salt:3_32_0_67108864",
            ":salt:3_32_2_8191",
            ":salt:3_16_2_67108864",
            ":salt:3_32_2_99999999999",
            ":salt:3_+32_2_67108864",
            ":sa lt:2",
            ":sält:2",
        ] {
            assert!(MagentoHash::parse(&format!("{HEX}{rest}")).is_none(), "{rest}");
        }
        let most = format!("{HEX}:salt:3_32_10_268435456");
        assert!(MagentoHash::parse(&most).is_some());
        assert!(MagentoHash::parse(&format!("{}:salt:2", HEX.to_uppercase())).is_none());
        assert!(MagentoHash::parse(&format!("{HEX}:{}:2", "s".repeat(300))).is_none());
        assert!(MagentoHash::parse("$argon2id$v=19$m=19456,t=2,p=1$BwcH$AAAA").is_none());
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), rest in "[0-9a-f:_]{0,120}") {
            let _ = MagentoHash::parse(&text);
            let _ = MagentoHash::parse(&rest);
        }
    }
}
