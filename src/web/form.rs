//! What a form sends: exactly the fields that it has, each once.

use percent_encoding::percent_decode;
use secrecy::SecretString;

use crate::web::problem::Problem;

/// Media type of forms.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form, each with its value.
pub(super) struct Form(Vec<(&'static str, String)>);

impl Form {
    /// Reads a body. A field that is there twice is how two programs come to read different things
    /// in the same form, so it is refused, like one that is unknown or missing.
    pub(super) fn read(body: &[u8], required: &[&'static str], optional: &[&'static str]) -> Result<Self, Problem> {
        let mut fields: Vec<(&'static str, String)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let equals = pair.iter().position(|byte| *byte == b'=').ok_or(Problem::Malformed)?;
            let (name, value) = pair.split_at(equals);
            let name = decoded(name)?;
            let known = required.iter().chain(optional).find(|known| **known == name).ok_or(Problem::Malformed)?;
            if fields.iter().any(|(name, _)| name == known) {
                return Err(Problem::Malformed);
            }
            fields.push((known, decoded(value.get(1..).unwrap_or_default())?));
        }
        let is_there = |name: &&&'static str| fields.iter().any(|(known, _)| known == *name);
        if required.iter().filter(is_there).count() < required.len() {
            return Err(Problem::Malformed);
        }
        Ok(Self(fields))
    }

    /// A field's value; empty where an optional field is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_default()
    }

    /// An optional field's value.
    pub(super) fn maybe(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Takes a secret out.
    pub(super) fn secret(&mut self, name: &str) -> SecretString {
        let at = self.0.iter().position(|(known, _)| *known == name);
        at.map(|at| self.0.swap_remove(at).1).unwrap_or_default().into()
    }
}

/// Text as forms encode it: blanks as `+`, everything odd as `%XX` of UTF-8.
fn decoded(text: &[u8]) -> Result<String, Problem> {
    let blanks: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&blanks).decode_utf8().map_err(|_| Problem::Malformed)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    fn read(body: &str) -> Result<Form, Problem> {
        Form::read(body.as_bytes(), &["email", "password"], &["website"])
    }

    #[test]
    fn values_are_decoded_and_kept_as_they_are() {
        let mut form = read("email=a%40b.co&password=%26+%3D=%C3%A4%2B&website=").unwrap();
        assert_eq!(form.text("email"), "a@b.co");
        assert_eq!(form.maybe("website"), Some(""));
        assert_eq!(form.secret("password").expose_secret(), "& ==\u{e4}+");
        assert_eq!(read("email=&password=").unwrap().maybe("website"), None);
    }

    #[test]
    fn every_field_is_there_once_and_no_other_is() {
        for body in [
            "",
            "email=a",
            "email=a&email=b&password=c",
            "email=a&%65mail=b&password=c",
            "email=a&password=c&website=1&website=1",
            "email=a&password=c&admin=1",
            "email[]=a&password=c",
            "email&password=c",
            "email=%ff&password=c",
            "Email=a&password=c",
        ] {
            assert_eq!(read(body).err(), Some(Problem::Malformed), "{body}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(body in any::<Vec<u8>>()) {
            let _ = Form::read(&body, &["a"], &["b"]);
        }
    }
}
