//! What people read, in their language.
//!
//! A language is a folder of files below `texts`, named by its code. The build makes a method of every
//! message, with the values that it needs as arguments, and stops when a language lacks one, has one
//! too many or wants other values than English. `texts/en/*.ftl` says how a message is written;
//! `texts.reset_leaves(email, seconds)` says it.
//!
//! The domain speaks in values; the modules below turn those into words.

#[cfg(test)]
mod catalogue;
mod failures;
mod passwords;
mod refusals;
mod searches;
mod states;
mod times;

use std::{
    fmt::{self, Display},
    sync::{LazyLock, OnceLock},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

pub use fluent_bundle::types::FluentNumber as Number;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The files of a language.
struct Source {
    code: &'static str,
    files: &'static [&'static str],
}

/// A language, read when it is spoken first.
struct Language {
    source: Source,
    bundle: OnceLock<FluentBundle<FluentResource>>,
}

/// All languages; what is built in is a constant in all but name.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let language = |source| Language { source, bundle: OnceLock::new() };
    Library { first: language(FIRST), others: OTHERS.into_iter().map(language).collect() }
});

struct Library {
    first: Language,
    others: Vec<Language>,
}

/// A message that needs no values, to be said in any language: `Texts::command_open`.
pub type Message = fn(Texts) -> String;

/// The texts of one language. Costs nothing to copy.
#[derive(Clone, Copy)]
pub struct Texts(&'static Language);

impl Texts {
    /// The texts of a language (`ko`, `ko-KR`, `ko_KR.UTF-8`), English ones where there are none.
    #[must_use]
    pub fn of(code: &str) -> Self {
        Self::find(code).unwrap_or_default()
    }

    /// The texts of a language, if there are any.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        let code = code.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
        let main = code.split('-').next().unwrap_or_default();
        let named = |code: &str| Self::all().find(|texts| texts.code().eq_ignore_ascii_case(code));
        named(&code).or_else(|| named(main))
    }

    /// All languages, English first.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(&LIBRARY.first).chain(&LIBRARY.others).map(Self)
    }

    /// The code of the language, such as `ko`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.source.code
    }

    /// A message with its values. That it is there with just these values the build has seen to.
    fn say<const N: usize>(self, key: &'static str, values: [(&'static str, FluentValue<'_>); N]) -> String {
        let bundle = self.0.bundle.get_or_init(|| bundle(&self.0.source));
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, attribute)| (id, Some(attribute)));
        let message = bundle.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            None => message.value(),
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
        });
        let arguments = FluentArgs::from_iter(values);
        let said = pattern.map(|pattern| bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()));
        said.map_or_else(|| key.to_owned(), std::borrow::Cow::into_owned)
    }
}

impl Default for Texts {
    /// English.
    fn default() -> Self {
        Self(&LIBRARY.first)
    }
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Texts {}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Texts").field(&self.code()).finish()
    }
}

/// Reads a language. What cannot be read did not get past the build.
fn bundle(source: &Source) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = source.code.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Otherwise every value would stand between two invisible marks, in the terminal too.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(shown(number)),
        _ => None,
    }));
    // NUMBER is all that there is, and it is there once.
    let _ = bundle.add_builtins();
    for file in source.files {
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(read, _)| read);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// `12,000`; `12000` for `NUMBER($n, useGrouping: "false")`, `07` for `NUMBER($n, minimumIntegerDigits: 2)`.
fn shown(number: &Number) -> String {
    let least = number.options.minimum_integer_digits.unwrap_or_default();
    let digits = format!("{:0least$.0}", number.value);
    if !number.options.use_grouping {
        return digits;
    }
    grouped(&digits)
}

/// Digits by thousands, `12,000`.
pub(crate) fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn text(value: impl Display) -> FluentValue<'static> {
    FluentValue::from(value.to_string())
}

fn number(value: impl Into<Number>) -> FluentValue<'static> {
    FluentValue::Number(value.into())
}

#[cfg(test)]
mod tests;
