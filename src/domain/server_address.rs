//! Where a database server is: an address such as `postgres://user@host/shop`.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// PostgreSQL's port where none is given.
const PORT: u16 = 5432;
/// How long one server is waited for where nothing else is said.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A database on one of several servers.
#[derive(Clone, Debug)]
pub struct ServerAddress {
    /// Servers, asked in this order. Never empty.
    pub hosts: Vec<Host>,
    /// The role to sign in as.
    pub user: String,
    /// Its password; none where the server knows it otherwise.
    pub password: Option<SecretString>,
    /// The database's name.
    pub database: String,
    /// How the line is protected. A socket in the file system needs no protection.
    pub tls: Tls,
    /// The certificate authority to trust instead of the system's, as a file in PEM.
    pub root_certificate: Option<PathBuf>,
    /// Only a server that can be written to will do (`target_session_attrs=read-write`).
    pub read_write: bool,
    /// How long one server is waited for.
    pub connect_timeout: Duration,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name or address, and a port.
    Tcp(String, u16),
    /// The folder that its socket lies in, and the port that the socket is named after.
    Socket(PathBuf, u16),
}

/// How the line to a server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Encrypted, and the server's certificate is for the name that was asked for (`verify-full`).
    Verified,
    /// Not at all, because somebody says so (`sslmode=disable`).
    Off,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(name, port) if name.contains(':') => write!(f, "[{name}]:{port}"),
            Self::Tcp(name, port) => write!(f, "{name}:{port}"),
            Self::Socket(folder, PORT) => write!(f, "{}", folder.display()),
            Self::Socket(folder, port) => write!(f, "{} port {port}", folder.display()),
        }
    }
}

/// What people are shown: without the password.
impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
        write!(f, "postgres://{}@{}/{}", self.user, hosts.join(","), self.database)
    }
}

impl ServerAddress {
    /// Whether a text is meant as such an address.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("postgres:") || text.starts_with("postgresql:")
    }

    /// Reads `postgres://user:password@host:port,host:port/database?sslmode=verify-full`, with the
    /// names that PostgreSQL itself gives parameters. A host that begins with a slash (`%2F`), or
    /// `?host=/folder`, is a socket's folder.
    ///
    /// # Errors
    /// What is wrong, for the person who wrote it; never with the password in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let rest = rest.ok_or("an address of a server is postgres://USER@HOST/DATABASE")?;
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) =
            rest.split_once('/').ok_or("the name of the database is missing behind the host")?;
        let (user, hosts) = authority.rsplit_once('@').ok_or("the user is missing: postgres://USER@HOST/DATABASE")?;
        let (user, password) = user.split_once(':').map_or((user, None), |(user, password)| (user, Some(password)));
        let mut address = Self {
            hosts: Vec::new(),
            user: decoded(user)?,
            password: password.map(decoded).transpose()?.map(SecretString::from),
            database: decoded(database)?,
            tls: Tls::Verified,
            root_certificate: None,
            read_write: false,
            connect_timeout: CONNECT_TIMEOUT,
        };
        for host in hosts.split(',').filter(|host| !host.is_empty()) {
            address.hosts.push(Host::parse(host)?);
        }
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            address.set(name, &decoded(value)?)?;
        }
        if address.user.is_empty() || address.database.is_empty() || address.hosts.is_empty() {
            return Err("user, host and database must all be given: postgres://USER@HOST/DATABASE".to_owned());
        }
        Ok(address)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match (name, value) {
            ("host", folder) if folder.starts_with('/') => self.hosts.push(Host::Socket(folder.into(), PORT)),
            ("sslmode", "verify-full") => self.tls = Tls::Verified,
            ("sslmode", "disable") => self.tls = Tls::Off,
            ("sslmode", _) => {
                return Err(
                    "sslmode is verify-full or, on a line that nobody else can listen to, disable: the others \
                            do not tell the right server from a wrong one"
                        .to_owned(),
                );
            }
            ("sslrootcert", file) if Path::new(file).is_absolute() => self.root_certificate = Some(file.into()),
            ("sslrootcert", _) => return Err("sslrootcert is a file's whole path, from the first slash".to_owned()),
            ("target_session_attrs", "any") => self.read_write = false,
            ("target_session_attrs", "read-write" | "primary") => self.read_write = true,
            ("target_session_attrs", _) => return Err("target_session_attrs is read-write or any".to_owned()),
            ("connect_timeout", seconds) => {
                let seconds = seconds.parse().ok().filter(|seconds| (1..=60).contains(seconds));
                let seconds = seconds.ok_or("connect_timeout is a number of seconds, 1 to 60")?;
                self.connect_timeout = Duration::from_secs(seconds);
            }
            _ => {
                return Err(format!(
                    "\"{name}\" is not a parameter that keydesk knows; it knows host, sslmode, sslrootcert, \
                     target_session_attrs and connect_timeout"
                ));
            }
        }
        Ok(())
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, port) = match text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((name, port)) => (name, port.parse().map_err(|_| "a port is a number from 1 to 65535".to_owned())?),
            None => (text, PORT),
        };
        let name = decoded(name.trim_start_matches('[').trim_end_matches(']'))?;
        Ok(if name.starts_with('/') { Self::Socket(name.into(), port) } else { Self::Tcp(name, port) })
    }
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| "it is not UTF-8 when its % signs are decoded".to_owned())
}
