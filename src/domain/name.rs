//! A person's name, in the order that its script reads.

/// Name parts as they were entered; any of them may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonName {
    /// Given name.
    pub first: String,
    /// Middle names.
    pub middle: String,
    /// Family name.
    pub last: String,
}

impl PersonName {
    /// A name of two parts.
    #[must_use]
    pub fn new(first: &str, last: &str) -> Self {
        Self { first: first.to_owned(), middle: String::new(), last: last.to_owned() }
    }

    /// How the name is written: `Veronica Costello`, but `홍길동`.
    #[must_use]
    pub fn full(&self) -> String {
        if self.is_cjk() {
            return format!("{}{}", self.last, self.first);
        }
        let parts = [&self.first, &self.middle, &self.last];
        let parts: Vec<&str> = parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect();
        parts.join(" ")
    }

    /// Whether family and given name are both written in Hangul, Han or Kana, so that they are
    /// joined without a space, family name first.
    #[must_use]
    pub fn is_cjk(&self) -> bool {
        let cjk = |part: &str| !part.is_empty() && part.chars().all(is_cjk);
        self.middle.is_empty() && cjk(&self.first) && cjk(&self.last)
    }
}

/// Whether `c` is Hangul, Han or Kana: scripts searched by single characters and pairs.
#[must_use]
pub const fn is_cjk(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}' | '\u{3131}'..='\u{318E}'
        | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_the_order_of_its_script() {
        assert_eq!(PersonName::new("Veronica", "Costello").full(), "Veronica Costello");
        assert_eq!(PersonName::new("길동", "홍").full(), "홍길동");
        assert_eq!(PersonName::new("", "Prince").full(), "Prince");
        let with_middle = PersonName { middle: "Q.".into(), ..PersonName::new("Jo", "Public") };
        assert_eq!(with_middle.full(), "Jo Q. Public");
    }
}
