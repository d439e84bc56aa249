//! The mails in words: what they say is in the catalogue, how it stands in `templates`. What a
//! template is given is escaped in HTML, and never read as a template or a message.

use askama::Template;
use jiff::{Timestamp, tz::Offset};

use crate::texts::Texts;

/// The mail that brings a link.
#[derive(Clone, Copy)]
pub(super) struct ResetMail<'a> {
    pub(super) texts: Texts,
    /// The name that customers know.
    pub(super) website: &'a str,
    /// The address whose password it is about.
    pub(super) account: &'a str,
    pub(super) link: &'a str,
    /// When the link stops working.
    pub(super) until: &'a str,
    /// Whether an operator asked, not the customer.
    pub(super) from_console: bool,
}

/// The notice that a password was changed.
#[derive(Clone, Copy)]
pub(super) struct ChangedMail<'a> {
    pub(super) texts: Texts,
    /// The name that customers know.
    pub(super) website: &'a str,
    /// The address whose password it is about.
    pub(super) account: &'a str,
    /// When it was changed.
    pub(super) at: &'a str,
    /// Where a new link can be asked for.
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

#[derive(Template)]
#[template(path = "reset_mail.txt")]
struct ResetText<'a> {
    mail: ResetMail<'a>,
}

#[derive(Template)]
#[template(path = "reset_mail.html")]
struct ResetHtml<'a> {
    mail: ResetMail<'a>,
    subject: &'a str,
}

#[derive(Template)]
#[template(path = "changed_mail.txt")]
struct ChangedText<'a> {
    mail: ChangedMail<'a>,
}

#[derive(Template)]
#[template(path = "changed_mail.html")]
struct ChangedHtml<'a> {
    mail: ChangedMail<'a>,
    subject: &'a str,
}

impl ResetMail<'_> {
    /// Who asked.
    fn asked(&self) -> String {
        if self.from_console { self.texts.mail_reset_by_staff() } else { self.texts.mail_reset_by_customer() }
    }

    pub(super) fn words(self) -> askama::Result<Words> {
        let subject = self.texts.mail_reset_subject(not_decoded(self.website));
        let html = ResetHtml { mail: self, subject: &subject }.render()?;
        Ok(Words { text: ResetText { mail: self }.render()?, html, subject })
    }
}

impl ChangedMail<'_> {
    pub(super) fn words(self) -> askama::Result<Words> {
        let subject = self.texts.mail_changed_subject(not_decoded(self.website));
        let html = ChangedHtml { mail: self, subject: &subject }.render()?;
        Ok(Words { text: ChangedText { mail: self }.render()?, html, subject })
    }
}

/// Mail programs decode =?...?= in a subject, whatever comes out; a name is meant as it is.
fn not_decoded(name: &str) -> String {
    name.replace("=?", "= ?")
}

/// A moment as mails write it.
pub(super) fn moment(texts: Texts, at: Timestamp) -> String {
    let at = Offset::UTC.to_datetime(at);
    texts.mail_moment(at.strftime("%Y"), at.month(), at.day(), at.strftime("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reset(texts: Texts) -> ResetMail<'static> {
        let (website, account, link, until) = ("WEBSITE", "ACCOUNT", "LINK", "UNTIL");
        ResetMail { texts, website, account, link, until, from_console: true }
    }

    fn changed(texts: Texts) -> ChangedMail<'static> {
        ChangedMail { texts, website: "WEBSITE", account: "ACCOUNT", at: "MOMENT", forgot: "FORGOT" }
    }

    fn says(texts: Texts, words: &Words, link: &str, all: &[&str]) {
        let language = texts.code();
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
        let columns = |line: &str| unicode_width::UnicodeWidthStr::width(line);
        assert!(words.text.lines().all(|line| columns(line) <= 72), "{language}: {}", words.text);
    }

    #[test]
    fn every_language_says_everything() {
        for texts in Texts::all() {
            for from_console in [true, false] {
                let mail = ResetMail { from_console, ..reset(texts) };
                says(texts, &mail.words().unwrap(), "LINK", &["UNTIL", &mail.asked()]);
            }
            says(texts, &changed(texts).words().unwrap(), "FORGOT", &["MOMENT"]);
        }
    }

    #[test]
    fn a_korean_mail_has_no_english_in_it() {
        let texts = Texts::of("ko");
        for words in [reset(texts).words().unwrap(), changed(texts).words().unwrap()] {
            let ours = ["WEBSITE", "ACCOUNT", "LINK", "UNTIL", "MOMENT", "FORGOT"];
            let said = ours.iter().fold(words.text + &words.subject, |text, value| text.replace(value, ""));
            assert!(!said.contains(|c: char| c.is_ascii_alphabetic()), "{said}");
        }
    }

    #[test]
    fn a_moment_is_written_as_the_language_writes_it() {
        let at = "2026-11-04T04:03:59Z".parse().unwrap();
        assert_eq!(moment(Texts::of("en"), at), "2026-11-04 04:03 UTC");
        assert_eq!(moment(Texts::of("ko"), at), "2026년 11월 4일 04:03 (UTC)");
    }

    #[test]
    fn a_value_is_not_a_template() {
        for texts in Texts::all() {
            let hostile = "{{ mail.link }}{% x %}{ $until }{ -x }";
            let words = ResetMail { website: hostile, account: hostile, ..reset(texts) }.words().unwrap();
            assert_eq!(words.text.matches(hostile).count(), 2, "{}", words.text);
            assert!(words.html.contains(hostile) && words.subject.contains(hostile), "{}", words.html);
        }
    }

    #[test]
    fn a_name_in_the_subject_is_not_decoded() {
        let website = "=?utf-8?q?=0D=0ABcc:_x?=";
        for texts in Texts::all() {
            let subjects = [
                ResetMail { website, ..reset(texts) }.words().unwrap().subject,
                ChangedMail { website, ..changed(texts) }.words().unwrap().subject,
            ];
            for subject in subjects {
                assert!(subject.contains("= ?utf-8?q?=0D=0ABcc:_x?="), "{subject}");
                assert!(!subject.contains("=?"), "{subject}");
            }
        }
    }

    #[test]
    fn html_shows_what_the_text_says() {
        for texts in Texts::all() {
            let words = ResetMail { website: "<b>\"O'Neill\" & Co</b>", ..reset(texts) }.words().unwrap();
            assert!(words.text.contains("<b>\"O'Neill\" & Co</b>"));
            assert!(words.html.contains("&#60;b&#62;&#34;O&#39;Neill&#34; &#38; Co&#60;/b&#62;"), "{}", words.html);
        }
    }
}
