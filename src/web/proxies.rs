//! Whose request it is, behind the proxies that the shop lists.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::http::HeaderMap;

/// Where the addresses of those before a proxy stand. `X-Forwarded-Host` and its like are never
/// read.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A machine.
    Ip(IpAddr),
    /// A program of this machine, through a socket file.
    Socket,
}

/// Whether a peer is one of the shop's own proxies.
pub type Trusts = Arc<dyn Fn(Peer) -> bool + Send + Sync>;

/// The address that a request really comes from: the last one that no proxy of the shop has
/// (ASVS 4.1.3). None behind a socket file whose proxy does not say.
pub(super) fn client(peer: Peer, headers: &HeaderMap, trusts: &Trusts) -> Option<IpAddr> {
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    let mut before = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut at = match peer {
        Peer::Ip(ip) => Peer::Ip(ip.to_canonical()),
        Peer::Socket => Peer::Socket,
    };
    while trusts(at) {
        // What is no address was written by whoever is before the proxy that passed it on.
        let Some(next) = before.next().and_then(|text| ip(text.trim_ascii())) else { break };
        at = Peer::Ip(next);
    }
    match at {
        Peer::Ip(ip) => Some(ip),
        Peer::Socket => None,
    }
}

/// An address, with or without a port.
fn ip(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn from(peer: &str, lines: &[&str]) -> Option<String> {
        let trusts: Trusts = Arc::new(|peer| match peer {
            Peer::Socket => true,
            Peer::Ip(ip) => ip.to_string().starts_with("10.") || ip.is_loopback(),
        });
        let peer = peer.parse().map_or(Peer::Socket, Peer::Ip);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        client(peer, &headers, &trusts).map(|ip| ip.to_string())
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        for (peer, lines, found) in [
            ("192.0.2.1", &["198.51.100.9"][..], Some("192.0.2.1")),
            ("127.0.0.1", &["198.51.100.9"], Some("198.51.100.9")),
            ("::ffff:10.0.0.1", &["198.51.100.9:4711"], Some("198.51.100.9")),
            ("127.0.0.1", &["1.2.3.4, 198.51.100.9, 10.0.0.2"], Some("198.51.100.9")),
            ("127.0.0.1", &["1.2.3.4", "198.51.100.9 , 10.0.0.2"], Some("198.51.100.9")),
            ("127.0.0.1", &["[2001:db8::1]:99"], Some("2001:db8::1")),
            ("127.0.0.1", &["[2001:db8::1]"], Some("2001:db8::1")),
            ("127.0.0.1", &["::ffff:198.51.100.9"], Some("198.51.100.9")),
            ("127.0.0.1", &["198.51.100.9, unknown"], Some("127.0.0.1")),
            ("127.0.0.1", &["198.51.100.9, unknown, 10.0.0.3"], Some("10.0.0.3")),
            ("127.0.0.1", &["\u{e4}"], Some("127.0.0.1")),
            ("127.0.0.1", &[], Some("127.0.0.1")),
            ("socket", &["198.51.100.9"], Some("198.51.100.9")),
            ("socket", &[], None),
        ] {
            assert_eq!(from(peer, lines).as_deref(), found, "{peer} {lines:?}");
        }
    }
}
