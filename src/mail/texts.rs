//! The words of the mails, one folder per language, and how their blanks are filled.
//!
//! A new language is a folder beside `texts/en` and an entry in [`ALL`].

use std::fmt::Write as _;

/// The words of one language. Blanks look like `{link}`.
#[derive(Debug)]
pub(super) struct Texts {
    /// Its code, as websites name it.
    pub(super) language: &'static str,
    /// Who asked, when an operator did.
    by_staff: &'static str,
    /// Who asked, when it was done on the sign-in page.
    by_customer: &'static str,
    reset: Template,
    changed: Template,
}

/// A mail before its blanks are filled.
#[derive(Debug)]
struct Template {
    subject: &'static str,
    text: &'static str,
    html: &'static str,
}

const ENGLISH: Texts = Texts {
    language: "en",
    by_staff: include_str!("texts/en/reset.by-staff.txt"),
    by_customer: include_str!("texts/en/reset.by-customer.txt"),
    reset: Template {
        subject: include_str!("texts/en/reset.subject.txt"),
        text: include_str!("texts/en/reset.txt"),
        html: include_str!("texts/en/reset.html"),
    },
    changed: Template {
        subject: include_str!("texts/en/changed.subject.txt"),
        text: include_str!("texts/en/changed.txt"),
        html: include_str!("texts/en/changed.html"),
    },
};

const ALL: &[Texts] = &[ENGLISH];

/// What the blanks of every mail are filled with.
#[derive(Clone, Copy)]
pub(super) struct Blanks<'a> {
    /// `{website}`: the name that customers know.
    pub(super) website: &'a str,
    /// `{account}`: the address whose password it is about.
    pub(super) account: &'a str,
}

/// What else the blanks of a reset mail are filled with.
#[derive(Clone, Copy)]
pub(super) struct Reset<'a> {
    /// `{link}`
    pub(super) link: &'a str,
    /// `{until}`: when the link stops working.
    pub(super) until: &'a str,
    /// Whether an operator asked, not the customer: chooses `{asked}`.
    pub(super) from_console: bool,
}

/// What else the blanks of the notice that a password was changed are filled with.
#[derive(Clone, Copy)]
pub(super) struct Changed<'a> {
    /// `{at}`: when it was changed.
    pub(super) at: &'a str,
    /// `{forgot}`: where a new link can be asked for.
    pub(super) forgot: &'a str,
}

/// A mail in words.
pub(super) struct Words {
    /// One line.
    pub(super) subject: String,
    /// The plain text.
    pub(super) text: String,
    /// The same in HTML.
    pub(super) html: String,
}

/// A blank that no mail has: a mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownBlank(pub(super) String);

impl Texts {
    /// The words of `language` (`de`, `de-AT`), or English ones when there are none.
    pub(super) fn of(language: &str) -> &'static Self {
        let main = language.split(['-', '_']).next().unwrap_or_default();
        ALL.iter().find(|texts| texts.language.eq_ignore_ascii_case(main)).unwrap_or(&ENGLISH)
    }

    /// The mail that brings a link.
    pub(super) fn reset(&self, blanks: Blanks<'_>, own: Reset<'_>) -> Result<Words, UnknownBlank> {
        let asked = if own.from_console { self.by_staff } else { self.by_customer }.trim_end();
        self.reset.fill(blanks, [("asked", asked), ("link", own.link), ("until", own.until)])
    }

    /// The notice that a password was changed.
    pub(super) fn changed(&self, blanks: Blanks<'_>, own: Changed<'_>) -> Result<Words, UnknownBlank> {
        self.changed.fill(blanks, [("at", own.at), ("forgot", own.forgot)])
    }
}

impl Template {
    /// Fills the blanks: those of every mail and its own.
    fn fill<const N: usize>(&self, blanks: Blanks<'_>, own: [(&str, &str); N]) -> Result<Words, UnknownBlank> {
        // Mail programs decode =?...?= in a subject, whatever comes out; a name is meant as it is.
        let subject = fill(self.subject.trim_end(), &[("website", &blanks.website.replace("=?", "= ?"))])?;
        let every = [("subject", subject.as_str()), ("website", blanks.website), ("account", blanks.account)];
        let values: Vec<(&str, &str)> = every.into_iter().chain(own).collect();
        let escaped: Vec<(&str, String)> = values.iter().map(|(name, value)| (*name, escape_html(value))).collect();
        let escaped: Vec<(&str, &str)> = escaped.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let html = fill(self.html, &escaped)?;
        let text = fill(self.text, &values)?;
        Ok(Words { subject, text, html })
    }
}

/// Replaces `{name}` by its value, in one pass: a value that looks like a blank stays as it is.
fn fill(template: &str, values: &[(&str, &str)]) -> Result<String, UnknownBlank> {
    let mut out = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        let (_, value) =
            values.iter().find(|(known, _)| *known == name).ok_or_else(|| UnknownBlank(name.to_owned()))?;
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// Makes `text` safe between tags and in quoted attributes.
fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLANKS: Blanks<'static> = Blanks { website: "WEBSITE", account: "ACCOUNT" };
    const RESET: Reset<'static> = Reset { link: "LINK", until: "UNTIL", from_console: true };
    const CHANGED: Changed<'static> = Changed { at: "AT", forgot: "FORGOT" };

    fn says(language: &str, words: &Words, link: &str, all: &[&str]) {
        assert!(words.subject.contains("WEBSITE"), "{language}");
        assert!(!words.subject.contains('\n'), "{language}");
        for text in [&words.text, &words.html] {
            for needed in all.iter().chain(&["WEBSITE", "ACCOUNT", link]) {
                assert!(text.contains(needed), "{language}: {needed}");
            }
            assert!(!text.contains(['{', '}']), "{language}");
        }
        assert!(words.html.contains(&format!("href=\"{link}\"")), "{language}");
        assert!(words.html.contains(&format!("<html lang=\"{language}\">")));
        for remote in ["<img", "<script", "<link", "src=", "http", "url("] {
            assert!(!words.html.contains(remote), "{language}: {remote}");
        }
    }

    #[test]
    fn every_language_fills_every_blank_and_says_everything() {
        for texts in ALL {
            for from_console in [true, false] {
                let words = texts.reset(BLANKS, Reset { from_console, ..RESET }).unwrap();
                let asked = if from_console { texts.by_staff } else { texts.by_customer }.trim_end();
                says(texts.language, &words, "LINK", &["UNTIL", asked]);
            }
            says(texts.language, &texts.changed(BLANKS, CHANGED).unwrap(), "FORGOT", &["AT"]);
        }
    }

    #[test]
    fn unknown_languages_are_english() {
        for language in ["en", "en-GB", "EN_us", "xx", "", "-"] {
            assert_eq!(Texts::of(language).language, "en");
        }
    }

    #[test]
    fn a_value_is_not_a_template() {
        assert_eq!(fill("a{x}b", &[("x", "{y}"), ("y", "no")]).unwrap(), "a{y}b");
        assert_eq!(fill("a{z}b", &[("x", "")]), Err(UnknownBlank("z".into())));
        assert_eq!(fill("a{z", &[("x", "")]), Err(UnknownBlank("z".into())));
    }

    #[test]
    fn a_name_in_the_subject_is_not_decoded() {
        let blanks = Blanks { website: "=?utf-8?q?=0D=0ABcc:_x?=", ..BLANKS };
        let subject = ENGLISH.reset(blanks, RESET).unwrap().subject;
        assert_eq!(subject, "Reset your = ?utf-8?q?=0D=0ABcc:_x?= password");
        let subject = ENGLISH.changed(blanks, CHANGED).unwrap().subject;
        assert_eq!(subject, "Your = ?utf-8?q?=0D=0ABcc:_x?= password was changed");
    }

    #[test]
    fn html_shows_what_the_text_says() {
        let words = ENGLISH.reset(Blanks { website: "<b>\"O'Neill\" & Co</b>", ..BLANKS }, RESET).unwrap();
        assert!(words.text.contains("<b>\"O'Neill\" & Co</b>"));
        assert!(words.html.contains("&#60;b&#62;&#34;O&#39;Neill&#34; &#38; Co&#60;/b&#62;"));
    }
}
