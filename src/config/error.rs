//! What can be wrong with a configuration, and where.

use std::{borrow::Cow, fmt, io, path::PathBuf};

use crate::domain::check::quoted;

/// Why keydesk did not start. Each is a sentence that says what to correct.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value that is not allowed.
    #[error("{place}: {problem} Nothing was done.")]
    Value {
        /// Where it was given.
        place: Place,
        /// What is wrong and what is allowed; a sentence. Never holds a mail URL.
        problem: String,
    },
    /// The file is not TOML, or has a key that does not exist.
    #[error("{}, line {line}: {problem} Nothing was done.", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what is allowed; a sentence.
        problem: String,
    },
    /// A file that must be read cannot be.
    #[error("{} cannot be read: {error}. Nothing was done.", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file that the wrong people can read or change.
    #[error("{} {problem}. Run: chmod {chmod} {}", file.display(), quoted(file))]
    Exposed {
        /// The file.
        file: PathBuf,
        /// Who can do what.
        problem: &'static str,
        /// The mode that puts it right.
        chmod: &'static str,
    },
    /// There is no folder for a default.
    #[error("There is no place for {what}: neither {variable} nor HOME names a folder. Give {instead}.")]
    NoHome {
        /// What has no place.
        what: &'static str,
        /// The variable that was looked at.
        variable: &'static str,
        /// What to give instead.
        instead: &'static str,
    },
}

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The setting, such as `reset.link_life`.
        key: Cow<'static, str>,
    },
    /// In this environment variable.
    Variable(&'static str),
    /// In this flag.
    Flag(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, key } => write!(f, "{}, line {line}, {key}", file.display()),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_run_can_be_pasted() {
        let exposed = |file: &str| {
            ConfigError::Exposed { file: file.into(), problem: "can be read by others", chmod: "600" }.to_string()
        };
        assert_eq!(exposed("/a/b"), "/a/b can be read by others. Run: chmod 600 /a/b");
        assert!(exposed("/it's a").ends_with(r"chmod 600 '/it'\''s a'"));
    }
}
