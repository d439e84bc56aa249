//! Where files lie when nobody says where.

use std::path::{Path, PathBuf};

use crate::config::{Env, error::ConfigError};

/// The folders of the user's environment, as the XDG base directory specification has them.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    home: Option<PathBuf>,
    config: Option<PathBuf>,
    data: Option<PathBuf>,
}

impl Folders {
    /// Reads `HOME`, `XDG_CONFIG_HOME` and `XDG_DATA_HOME`.
    #[must_use]
    pub fn new(env: &Env) -> Self {
        // The specification: relative paths are to be ignored.
        let folder = |name| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = folder("HOME");
        let below_home = |path| home.as_ref().map(|home: &PathBuf| home.join(path));
        Self {
            config: folder("XDG_CONFIG_HOME").or_else(|| below_home(".config")),
            data: folder("XDG_DATA_HOME").or_else(|| below_home(".local/share")),
            home,
        }
    }

    /// Where a configuration file is looked for, best first.
    #[must_use]
    pub fn config_files(&self) -> Vec<PathBuf> {
        let own = self.config.as_ref().map(|folder| folder.join("keydesk/keydesk.toml"));
        own.into_iter().chain([PathBuf::from("/etc/keydesk/keydesk.toml")]).collect()
    }

    /// The database that is used when none is named.
    ///
    /// # Errors
    /// When the environment names no folder for it.
    pub fn database(&self) -> Result<PathBuf, ConfigError> {
        self.data_folder("the database", "--database sqlite:PATH").map(|folder| folder.join("keydesk.db"))
    }

    /// The folder of what keydesk keeps by itself where a server has the database: the key of the
    /// links.
    ///
    /// # Errors
    /// When the environment names no folder for it.
    pub fn keys(&self) -> Result<PathBuf, ConfigError> {
        self.data_folder("the key of the links", "--config FILE with token_key in it")
    }

    /// The folder of the demo shop.
    ///
    /// # Errors
    /// When the environment names no folder for it.
    pub fn demo(&self) -> Result<PathBuf, ConfigError> {
        self.data_folder("the demo shop", "--dir DIR").map(|folder| folder.join("demo"))
    }

    fn data_folder(&self, what: &'static str, instead: &'static str) -> Result<PathBuf, ConfigError> {
        let folder = self.data.as_ref().map(|folder| folder.join("keydesk"));
        folder.ok_or(ConfigError::NoHome { what, variable: "XDG_DATA_HOME", instead })
    }

    /// A path as it was given: `~/` is the home folder, everything else relative lies in `base`.
    #[must_use]
    pub fn resolve(&self, path: &str, base: &Path) -> PathBuf {
        match (path.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => base.join(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(pairs: &[(&str, &str)]) -> Folders {
        Folders::new(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn xdg_wins_over_home() {
        let both = folders(&[("HOME", "/home/mina"), ("XDG_DATA_HOME", "/data"), ("XDG_CONFIG_HOME", "relative")]);
        assert_eq!(both.database().unwrap(), Path::new("/data/keydesk/keydesk.db"));
        assert_eq!(both.demo().unwrap(), Path::new("/data/keydesk/demo"));
        assert_eq!(both.config_files()[0], Path::new("/home/mina/.config/keydesk/keydesk.toml"));
    }

    #[test]
    fn without_a_home_the_database_must_be_named() {
        let none = folders(&[]);
        assert!(none.database().unwrap_err().to_string().contains("--database sqlite:PATH"));
        assert_eq!(none.config_files(), [Path::new("/etc/keydesk/keydesk.toml")]);
    }

    #[test]
    fn a_tilde_is_the_home_folder() {
        let mina = folders(&[("HOME", "/home/mina")]);
        assert_eq!(mina.resolve("~/shop.db", Path::new("/etc")), Path::new("/home/mina/shop.db"));
        assert_eq!(mina.resolve("shop.db", Path::new("/etc")), Path::new("/etc/shop.db"));
        assert_eq!(mina.resolve("/shop.db", Path::new("/etc")), Path::new("/shop.db"));
    }
}
