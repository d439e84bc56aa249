//! The build's part of the catalogue: reads the files of all languages, compares them with English
//! and writes a method for every message. Compiled into the build script, and into the tests.

use std::{collections::BTreeMap, fmt::Write as _};

use fluent_syntax::{
    ast::{Attribute, Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey},
    parser,
};

/// The language that the others are compared with, and that takes the place of those that are not there.
const FIRST: &str = "en";

/// A file of messages.
pub struct Source {
    /// Code of its language: the name of its folder.
    pub language: String,
    /// Below the package's root.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// What a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Anything that can be shown.
    Text,
    /// A plural is chosen by it, or it is written as `NUMBER($n)`.
    Number,
}

/// A message, or an attribute of one.
#[derive(Debug, Default)]
struct Message {
    /// Where it is.
    path: String,
    /// What it says, as far as that can be told without values.
    sample: String,
    /// In the order in which they appear.
    variables: Vec<(String, Kind)>,
    /// What it refers to that every language has for itself.
    terms: Vec<String>,
}

/// The messages of a language by their keys; those of attributes look like `key.attribute`, those of terms
/// like `-key`.
type Messages = BTreeMap<String, Message>;

/// The methods of `Texts`, and the list of languages.
///
/// # Errors
/// Sentences about what is wrong with the files.
pub fn generate(sources: &[Source]) -> Result<String, Vec<String>> {
    let mut problems = Vec::new();
    let mut languages: BTreeMap<&str, Messages> = BTreeMap::new();
    for source in sources {
        read(source, languages.entry(&source.language).or_default(), &mut problems);
    }
    let english = languages.remove(FIRST).unwrap_or_default();
    if english.is_empty() {
        problems.push(format!("There are no texts in \"{FIRST}\", which the other languages are compared with."));
    }
    problems.extend(unknown_terms(FIRST, &english));
    for (code, messages) in &languages {
        problems.extend(compare(code, &english, messages));
        problems.extend(unknown_terms(code, messages));
    }
    let spoken: Messages = english.into_iter().filter(|(key, _)| !key.starts_with('-')).collect();
    problems.extend(unusable_names(&spoken));
    if problems.is_empty() { Ok(written(&spoken, sources)) } else { Err(problems) }
}

fn read(source: &Source, messages: &mut Messages, problems: &mut Vec<String>) {
    let path = &source.path;
    let resource = match parser::parse(source.text.as_str()) {
        Ok(resource) => resource,
        Err((_, errors)) => {
            problems.extend(errors.iter().map(|error| {
                let line = source.text.bytes().take(error.pos.start).filter(|byte| *byte == b'\n').count() + 1;
                format!("{path}:{line}: {error}.")
            }));
            return;
        }
    };
    for entry in resource.body {
        let (key, value, attributes) = match &entry {
            Entry::Message(message) => (message.id.name.to_owned(), message.value.as_ref(), &message.attributes),
            Entry::Term(term) => (format!("-{}", term.id.name), Some(&term.value), &term.attributes),
            _ => continue,
        };
        let attributes = attributes.iter().map(|Attribute { id, value }| (format!("{key}.{}", id.name), value));
        for (key, pattern) in value.map(|value| (key.clone(), value)).into_iter().chain(attributes) {
            let mut message = Message { path: path.clone(), ..Message::default() };
            if let Err(problem) = message.look_at(pattern, true) {
                problems.push(format!("{path}: \"{key}\" {problem}."));
            }
            if let Some(twin) = messages.insert(key.clone(), message) {
                problems.push(format!("{path}: \"{key}\" is also in {}.", twin.path));
            }
        }
    }
}

impl Message {
    /// Takes in what a pattern names, and its text where it is `seen` without values.
    fn look_at(&mut self, pattern: &Pattern<&str>, seen: bool) -> Result<(), &'static str> {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } if seen => self.sample.push_str(value),
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression } => self.look_into(expression, seen)?,
            }
        }
        Ok(())
    }

    fn look_into(&mut self, expression: &Expression<&str>, seen: bool) -> Result<(), &'static str> {
        let (selector, variants) = match expression {
            Expression::Inline(inline) => return self.look_inline(inline, seen),
            Expression::Select { selector, variants } => (selector, variants),
        };
        match selector {
            InlineExpression::VariableReference { id } if is_plural(variants) => self.variable(id.name, Kind::Number),
            inline => self.look_inline(inline, false)?,
        }
        for variant in variants {
            self.look_at(&variant.value, seen && variant.default)?;
        }
        Ok(())
    }

    fn look_inline(&mut self, inline: &InlineExpression<&str>, seen: bool) -> Result<(), &'static str> {
        let mut sample = String::new();
        match inline {
            InlineExpression::StringLiteral { value } | InlineExpression::NumberLiteral { value } => {
                sample.push_str(value);
            }
            InlineExpression::VariableReference { id } => {
                self.variable(id.name, Kind::Text);
                sample = format!("{{ ${} }}", id.name);
            }
            InlineExpression::FunctionReference { id, arguments } => match arguments.positional.as_slice() {
                [InlineExpression::VariableReference { id: variable }] if id.name == "NUMBER" => {
                    self.variable(variable.name, Kind::Number);
                    sample = format!("{{ ${} }}", variable.name);
                }
                _ => return Err("calls a function other than NUMBER of a variable"),
            },
            InlineExpression::TermReference { id, attribute: None, arguments: None } => {
                self.terms.push(format!("-{}", id.name));
                sample = format!("{{ -{} }}", id.name);
            }
            InlineExpression::TermReference { .. } => return Err("gives a term an argument or wants its attribute"),
            InlineExpression::MessageReference { .. } => return Err("refers to a message; make that a term"),
            InlineExpression::Placeable { expression } => return self.look_into(expression, seen),
        }
        if seen {
            self.sample.push_str(&sample);
        }
        Ok(())
    }

    fn variable(&mut self, name: &str, kind: Kind) {
        match self.variables.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) if kind == Kind::Number => *known = kind,
            Some(_) => {}
            None => self.variables.push((name.to_owned(), kind)),
        }
    }
}

/// Whether a number is told by all of these: `[one]`, `[0]` ...
fn is_plural(variants: &[Variant<&str>]) -> bool {
    const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
    variants.iter().all(|variant| match &variant.key {
        VariantKey::Identifier { name } => CATEGORIES.contains(name),
        VariantKey::NumberLiteral { .. } => true,
    })
}

/// What a language has in another way than English.
fn compare(code: &str, english: &Messages, messages: &Messages) -> Vec<String> {
    let mut problems = Vec::new();
    for (key, wanted) in english.iter().filter(|(key, _)| !key.starts_with('-')) {
        let Some(message) = messages.get(key) else {
            problems.push(format!("The language \"{code}\" lacks \"{key}\", which is in {}.", wanted.path));
            continue;
        };
        let names = |message: &Message| {
            let mut names: Vec<String> = message.variables.iter().map(|(name, _)| format!("${name}")).collect();
            names.sort();
            names
        };
        let (ours, theirs) = (names(wanted), names(message));
        if ours != theirs {
            problems.push(format!(
                "{}: \"{key}\" uses the variables [{}], English uses [{}].",
                message.path,
                theirs.join(", "),
                ours.join(", ")
            ));
            continue;
        }
        let is_number = |name: &String| message.variables.contains(&(name.clone(), Kind::Number));
        for (name, _) in wanted.variables.iter().filter(|(name, kind)| *kind == Kind::Text && is_number(name)) {
            problems.push(format!(
                "{}: \"{key}\" takes ${name} for a number, which is a text in English. Write NUMBER(${name}) there.",
                message.path
            ));
        }
    }
    let extra = messages.iter().filter(|(key, _)| !key.starts_with('-') && !english.contains_key(*key));
    problems.extend(extra.map(|(key, message)| format!("{}: \"{key}\" is not in English.", message.path)));
    problems
}

fn unknown_terms(code: &str, messages: &Messages) -> Vec<String> {
    let all = messages.iter().flat_map(|(key, message)| message.terms.iter().map(move |term| (key, message, term)));
    all.filter(|(_, _, term)| !messages.contains_key(*term))
        .map(|(key, message, term)| {
            format!("{}: \"{key}\" refers to \"{term}\", which \"{code}\" does not have.", message.path)
        })
        .collect()
}

/// The method of a message.
fn method(key: &str) -> String {
    key.replace(['-', '.'], "_")
}

fn unusable_names(messages: &Messages) -> Vec<String> {
    const TAKEN: [&str; 20] = [
        "as", "box", "break", "const", "continue", "do", "else", "enum", "for", "if", "in", "let", "loop", "match",
        "move", "mut", "ref", "return", "type", "use",
    ];
    let fits = |name: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        name.chars().all(plain) && !TAKEN.contains(&name)
    };
    let mut problems = Vec::new();
    let mut methods: BTreeMap<String, &str> = BTreeMap::new();
    for (key, message) in messages {
        let mut names = message.variables.iter().map(|(name, _)| name.clone()).chain([method(key)]);
        if !names.all(|name| fits(&name)) {
            problems.push(format!(
                "{}: \"{key}\" and its variables must be of small letters, digits and \"-\" (in variables \"_\"), and no word of Rust.",
                message.path
            ));
        }
        if let Some(twin) = methods.insert(method(key), key) {
            problems.push(format!("{}: \"{key}\" and \"{twin}\" would be the same method.", message.path));
        }
    }
    problems
}

/// The code.
fn written(messages: &Messages, sources: &[Source]) -> String {
    let mut code = String::from("impl Texts {\n");
    for (key, message) in messages {
        // Writing to a String cannot fail.
        let _ = write_method(&mut code, key, message);
    }
    code.push_str("}\n\n");
    let _ = write_languages(&mut code, sources);
    let methods: Vec<String> = messages.keys().map(|key| format!("    \"{}\",\n", method(key))).collect();
    let _ = writeln!(code, "\n#[cfg(test)]\nconst METHODS: &[&str] = &[\n{}];", methods.concat());
    code
}

fn write_method(code: &mut String, key: &str, message: &Message) -> std::fmt::Result {
    writeln!(code, "    /// In English:\n    /// ```text")?;
    for line in message.sample.lines() {
        writeln!(code, "    /// {}", line.replace("```", "'''"))?;
    }
    writeln!(code, "    /// ```\n    #[must_use]")?;
    let typed = |(name, kind): &(String, Kind)| match kind {
        Kind::Text => format!(", {name}: impl Display"),
        Kind::Number => format!(", {name}: impl Into<Number>"),
    };
    let given = |(name, kind): &(String, Kind)| match kind {
        Kind::Text => format!("(\"{name}\", self::text({name}))"),
        Kind::Number => format!("(\"{name}\", self::number({name}))"),
    };
    let parameters: String = message.variables.iter().map(typed).collect();
    let arguments: Vec<String> = message.variables.iter().map(given).collect();
    writeln!(code, "    pub fn {}(self{parameters}) -> String {{", method(key))?;
    writeln!(code, "        self.say(\"{key}\", [{}])\n    }}\n", arguments.join(", "))
}

fn write_languages(code: &mut String, sources: &[Source]) -> std::fmt::Result {
    let mut languages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for source in sources {
        languages.entry(&source.language).or_default().push(&source.path);
    }
    let source = |(language, paths): (&str, Vec<&str>)| {
        let files =
            paths.iter().map(|path| format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{path}\"))"));
        let files = files.collect::<Vec<_>>().join(",\n        ");
        format!("Source {{\n    code: \"{language}\",\n    files: &[\n        {files},\n    ],\n}}")
    };
    let first = languages.remove(FIRST).unwrap_or_default();
    writeln!(code, "const FIRST: Source = {};\n", source((FIRST, first)))?;
    let others: Vec<String> = languages.into_iter().map(source).collect();
    writeln!(code, "const OTHERS: [Source; {}] = [{}];", others.len(), others.join(", "))
}
