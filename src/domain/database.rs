//! Where a shop's database is: in a file, or on a server.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::domain::server_address::{Host, ServerAddress};

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Place {
    /// In this file.
    File(PathBuf),
    /// On this server, or on one of several.
    Server(ServerAddress),
}

impl Place {
    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            Self::Server(_) => None,
        }
    }

    /// For a header: of a server what tells it from others in a few characters, the first host and
    /// the database.
    #[must_use]
    pub fn short(&self) -> String {
        let address = match self {
            Self::File(file) => return file.display().to_string(),
            Self::Server(address) => address,
        };
        let host = address.hosts.first().map_or_else(String::new, |host| match host {
            Host::Tcp(name, _) => name.clone(),
            Host::Socket(folder, _) => folder.display().to_string(),
        });
        let more = if address.hosts.len() > 1 { ",..." } else { "" };
        format!("{} on {host}{more}", address.database)
    }
}

/// What people are shown: without a password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Server(address) => write!(f, "{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_database_and_host() {
        let short = |text| Place::Server(ServerAddress::parse(text).unwrap()).short();
        assert_eq!(short("postgres://mina:hunter2@db.example:6432/shop"), "shop on db.example");
        assert_eq!(short("postgres://mina@a,b/shop"), "shop on a,...");
        assert_eq!(short("postgres://mina@%2Frun%2Fpostgresql/shop"), "shop on /run/postgresql");
        assert_eq!(Place::File("/a/shop.db".into()).short(), "/a/shop.db");
    }
}
