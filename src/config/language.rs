//! Which language the person at the terminal reads.

use crate::{
    config::{Env, value::Problem},
    texts::Texts,
};

/// A language as it is set: none for `auto`, else its code.
///
/// # Errors
/// When there are no texts in it.
pub fn language(text: &str) -> Result<Option<Texts>, Problem> {
    if text == "auto" {
        return Ok(None);
    }
    Texts::find(text).map(Some).ok_or_else(|| {
        let codes: Vec<String> = Texts::all().map(|texts| format!("\"{}\"", texts.code())).collect();
        format!("\"{text}\" is not allowed. Use \"auto\", {}.", codes.join(", "))
    })
}

/// The language of the environment, as POSIX has it: the first of these that is set decides.
#[must_use]
pub fn of_locale(env: &Env) -> Texts {
    let given = |name: &str| env(name).filter(|text| !text.is_empty());
    Texts::of(&["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(given).unwrap_or_default())
}

/// The language as far as it is known without the file: for what is said before that is read, or
/// about it.
#[must_use]
pub fn before_the_file(flag: Option<&str>, env: &Env) -> Texts {
    let variable = env("KEYDESK_LANG").filter(|text| !text.is_empty());
    let set = flag.map(str::to_owned).or(variable).and_then(|text| language(&text).ok().flatten());
    set.unwrap_or_else(|| of_locale(env))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(flag: Option<&str>, variables: &[(&str, &str)]) -> &'static str {
        let env = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        before_the_file(flag, &env).code()
    }

    #[test]
    fn flag_then_variable_then_locale() {
        let korean = ("LANG", "ko_KR.UTF-8");
        assert_eq!(of(None, &[korean]), "ko");
        assert_eq!(of(None, &[korean, ("LC_MESSAGES", "en_US.UTF-8")]), "en");
        assert_eq!(of(None, &[korean, ("LC_ALL", "C"), ("LC_MESSAGES", "")]), "en");
        assert_eq!(of(None, &[korean, ("LC_ALL", "")]), "ko");
        assert_eq!(of(None, &[korean, ("KEYDESK_LANG", "en")]), "en");
        assert_eq!(of(None, &[korean, ("KEYDESK_LANG", "auto")]), "ko");
        assert_eq!(of(Some("ko"), &[("KEYDESK_LANG", "en")]), "ko");
        assert_eq!(of(Some("xx"), &[("LC_ALL", "C.UTF-8")]), "en");
        assert_eq!(of(None, &[]), "en");
    }
}
