//! Where a database server is: an address such as `postgres://user@host/shop`.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
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
    /// A certificate authority to trust besides those of the system, as a file in PEM.
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
        // A password that was not encoded would go on here, and be shown with the name.
        if database.contains(['@', '/', ':']) || parameters.contains('@') {
            return Err(
                "the signs @ : / ? # % and blanks of a password are written as %40 %3A %2F %3F %23 %25 %20".to_owned()
            );
        }
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
        for host in hosts.split(',').filter(|_| !hosts.is_empty()) {
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

    /// Whether every server is on this machine, so that nobody else can listen to the line.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.hosts.iter().all(Host::is_local)
    }

    /// The same with a password that was given apart.
    ///
    /// # Errors
    /// When there is one already.
    pub fn with_password(self, password: SecretString) -> Result<Self, String> {
        if self.password.is_some() {
            return Err("a password is given in the address and in database_password_file; one must go".to_owned());
        }
        Ok(Self { password: Some(password), ..self })
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match (name, value) {
            ("host", folder) if folder.starts_with('/') => self.hosts.push(Host::Socket(folder.into(), PORT)),
            ("host", _) => {
                return Err(
                    "host= is the folder of a socket, from the first slash; a machine's name stands before the \
                            database"
                        .to_owned(),
                );
            }
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
                // Not repeated: it may be the end of a password.
                return Err(
                    "one of the parameters behind the \"?\" is none that keydesk knows; it knows host, sslmode, \
                            sslrootcert, target_session_attrs and connect_timeout"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, port) = match text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((name, port)) => {
                let port = port.parse().ok().filter(|port| *port > 0).ok_or("a port is a number from 1 to 65535")?;
                (name, port)
            }
            None => (text, PORT),
        };
        if let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            let address: Ipv6Addr = address.parse().map_err(|_| "what stands in [ ] is no IPv6 address".to_owned())?;
            return Ok(Self::Tcp(address.to_string(), port));
        }
        let name = decoded(name)?;
        if name.starts_with('/') {
            return Ok(Self::Socket(name.into(), port));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(
                "a host is a name, an IPv4 address, an IPv6 address in [ ] or a socket's folder with %2F for /"
                    .to_owned(),
            );
        }
        Ok(Self::Tcp(name, port))
    }

    /// Whether it is this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(name, _) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
            Self::Socket(..) => true,
        }
    }
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| "it is not UTF-8 when its % signs are decoded".to_owned())?;
    // A zero ends a text in PostgreSQL's protocol, and would begin another parameter.
    if decoded.contains(char::is_control) {
        return Err("it holds a control character when its % signs are decoded".to_owned());
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests;
