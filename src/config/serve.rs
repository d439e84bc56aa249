//! Where the storefront listens, and whom it believes about where a request comes from.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use jiff::SignedDuration;

use crate::config::value::Problem;

/// How `keydesk serve` is reached and how long what it gives lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeConfig {
    /// Where it listens.
    pub listen: Listen,
    /// Whose `X-Forwarded-For` is believed; of everybody else the connection's own address counts.
    pub trusted_proxies: Vec<Proxy>,
    /// How long a browser session lasts, from the sign-in on.
    pub session_life: SignedDuration,
    /// How long an access token works; none = until it is revoked.
    pub token_life: Option<SignedDuration>,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            listen: Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 8080))),
            trusted_proxies: Vec::new(),
            session_life: SignedDuration::from_hours(12),
            token_life: Some(SignedDuration::from_hours(1)),
        }
    }
}

/// Where the storefront listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// At this address; port 0 is one that is free.
    Tcp(SocketAddr),
    /// At this socket file.
    Unix(PathBuf),
    /// At the socket that systemd hands over.
    Systemd,
}

impl Listen {
    /// Reads what [`fmt::Display`] writes; a path stays as it is written.
    ///
    /// # Errors
    /// When it is none of the forms.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let read = match text.strip_prefix("unix:") {
            Some(path) => Some(Self::Unix(path.into())).filter(|_| !path.is_empty() && !path.contains('\0')),
            None if text == "systemd" => Some(Self::Systemd),
            None => text.parse().ok().map(Self::Tcp),
        };
        read.ok_or_else(|| {
            format!(
                "\"{text}\" is not allowed. Use an IP address with a port, such as 127.0.0.1:8080 or [::1]:8080, \
                 unix:PATH, or systemd."
            )
        })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Systemd => f.write_str("systemd"),
        }
    }
}

/// A proxy that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// Every address whose first `prefix` bits are those of `ip`.
    Network {
        /// An address of it.
        ip: IpAddr,
        /// How many bits count, 0 to 32 or 128.
        prefix: u32,
    },
    /// Whoever connects to the socket file.
    Unix,
}

impl Proxy {
    /// Reads an address, a network such as `10.0.0.0/8`, or `unix`.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let read = if text == "unix" { Some(Self::Unix) } else { network(text) };
        read.ok_or_else(|| {
            format!("\"{text}\" is not a proxy. Use an IP address, a network such as \"10.0.0.0/8\", or \"unix\".")
        })
    }

    /// Whether a connection from this address comes from this proxy.
    #[must_use]
    pub fn covers(self, peer: IpAddr) -> bool {
        let Self::Network { ip, prefix } = self else { return false };
        let peer = peer.to_canonical();
        ip.is_ipv4() == peer.is_ipv4() && (bits(ip) ^ bits(peer)).leading_zeros() >= prefix
    }
}

fn network(text: &str) -> Option<Proxy> {
    let (ip, prefix) = text.split_once('/').map_or((text, None), |(ip, prefix)| (ip, Some(prefix)));
    let ip: IpAddr = ip.parse().ok()?;
    let most: u32 = if ip.is_ipv4() { 32 } else { 128 };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = match prefix {
        Some(prefix) => prefix.parse().ok().filter(|bits| digits(prefix) && *bits <= most)?,
        None => most,
    };
    // An IPv4 address in IPv6's clothes is compared as what it is.
    match ip.to_canonical() {
        plain if plain.is_ipv4() && ip.is_ipv6() => {
            prefix.checked_sub(96).map(|prefix| Proxy::Network { ip: plain, prefix })
        }
        ip => Some(Proxy::Network { ip, prefix }),
    }
}

/// The bits of an address, the first of them highest.
fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()) << 96,
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_listening_is_read_and_written() {
        for text in ["127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080", "unix:/run/keydesk/serve.sock", "unix:s", "systemd"] {
            assert_eq!(Listen::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "8080", ":8080", "127.0.0.1", "::1:8080", "localhost:8080", "unix:", "unix:a\0b", "Systemd"] {
            assert!(Listen::parse(bad).unwrap_err().contains("[::1]:8080, unix:PATH, or systemd."), "{bad}");
        }
    }

    #[test]
    fn a_proxy_is_an_address_a_network_or_the_socket() {
        let covers = |proxy: &str, peer: &str| Proxy::parse(proxy).unwrap().covers(peer.parse().unwrap());
        for (proxy, inside, outside) in [
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("0.0.0.0/0", "255.0.0.1", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "2001:db8::1", "192.0.2.1"),
            ("::ffff:10.0.0.0/104", "10.1.1.1", "11.0.0.0"),
        ] {
            assert!(covers(proxy, inside) && !covers(proxy, outside), "{proxy}");
        }
        assert!(!covers("unix", "127.0.0.1"));
    }

    #[test]
    fn what_is_no_proxy_is_told() {
        for bad in
            ["", "*", "localhost", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "::ffff:0:0/95"]
        {
            assert!(Proxy::parse(bad).unwrap_err().contains("a network such as \"10.0.0.0/8\""), "{bad}");
        }
    }
}
