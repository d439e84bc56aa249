//! Which websites a request is for. Only the shop's own base URLs decide that.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::{HeaderMap, Uri, header, uri::Authority};
use tokio::time::Instant;

use crate::{
    domain::website::{Website, WebsiteId},
    service::Service,
    store::{Store, StoreResult},
    web::problem::Problem,
};

/// How long the websites are remembered before they are read again.
const FRESH: Duration = Duration::from_secs(3);

/// The websites that share an authority.
#[derive(Debug, Default)]
pub struct Host {
    /// By id; at least one.
    pub(super) websites: Vec<Website>,
}

impl Host {
    /// Code of the language that pages are in; those of several websites, in the first one's.
    pub(super) fn language(&self) -> &str {
        self.websites.first().map_or("", |website| &website.language)
    }

    /// Whether browsers may insist on TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.base_urls().any(|url| url.starts_with("https:"))
    }

    /// Whether a page with this `Origin` is one of ours.
    pub(super) fn has_origin(&self, origin: &str) -> bool {
        self.base_urls().any(|url| site_of(url).is_some_and(|ours| Some(ours) == site_of(origin)))
    }

    fn base_urls(&self) -> impl Iterator<Item = &str> {
        self.websites.iter().filter_map(|website| website.base_url.as_deref())
    }

    /// The one website, or the one of this id where there are several.
    pub(super) fn website(&self, id: Option<WebsiteId>) -> Result<&Website, Problem> {
        let mut fitting = self.websites.iter().filter(|website| id.is_none_or(|id| website.id == id));
        let website = fitting.next().ok_or(Problem::Malformed)?;
        if fitting.next().is_none() { Ok(website) } else { Err(Problem::Malformed) }
    }

    /// Whether an account of this website is at home here.
    pub(super) fn has(&self, id: WebsiteId) -> bool {
        self.websites.iter().any(|website| website.id == id)
    }
}

/// Scheme and authority of a URL, as they are compared: lower case, without the scheme's port.
fn site_of(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some((scheme.to_ascii_lowercase(), plain(authority, port_of(scheme))?))
}

fn port_of(scheme: &str) -> &'static str {
    if scheme.eq_ignore_ascii_case("https") { "443" } else { "80" }
}

/// An authority in lower case, without `port` where it has that one; none when it is none, or
/// holds a user name.
fn plain(authority: &str, port: &str) -> Option<String> {
    let read: Authority = authority.parse().ok().filter(|_| !authority.contains('@'))?;
    let host = read.host().to_ascii_lowercase();
    let rest = authority.get(host.len()..)?;
    match rest.strip_prefix(':') {
        Some(given) if given == port => Some(host),
        Some(given) if given.parse::<u16>().is_ok() && !given.starts_with('+') => Some(format!("{host}:{given}")),
        None if rest.is_empty() && !host.is_empty() => Some(host),
        _ => None,
    }
}

/// What a request says about where it wants to go.
///
/// # Errors
/// When it says nothing, several things or nonsense, which RFC 9112, 3.2 has answered with 400, or
/// names two places.
pub(super) fn authority(uri: &Uri, headers: &HeaderMap) -> Result<String, Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().map_err(|_| Problem::Malformed)?,
        _ => return Err(Problem::Malformed),
    };
    // Checked by itself first: the table is asked for the text as it was sent.
    plain(host, "").ok_or(Problem::Malformed)?;
    match uri.authority() {
        Some(wanted) if !wanted.as_str().eq_ignore_ascii_case(host) => Err(Problem::Misdirected),
        _ => Ok(host.to_owned()),
    }
}

/// The table of authorities, read again when it is a few seconds old.
#[derive(Debug, Default)]
pub struct Websites(Mutex<Option<(Instant, Arc<Table>)>>);

impl Websites {
    /// The websites of an authority; none when it is nobody's. A database that fails is bridged
    /// with what was read before.
    pub(super) async fn at<S: Store>(&self, service: &Service<S>, authority: &str) -> StoreResult<Option<Arc<Host>>> {
        Ok(self.table(service).await?.at(authority))
    }

    async fn table<S: Store>(&self, service: &Service<S>) -> StoreResult<Arc<Table>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read, table)) = &known
            && read.elapsed() < FRESH
        {
            return Ok(Arc::clone(table));
        }
        let table = match (service.websites().await, known) {
            (Ok(websites), _) => Arc::new(Table::new(&websites)),
            (Err(_), Some((_, table))) => table,
            (Err(error), None) => return Err(error),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(&table)));
        Ok(table)
    }
}

/// Websites by authority, as [`plain`] writes it with the port of their scheme.
#[derive(Debug, Default)]
struct Table(HashMap<String, Arc<Host>>);

impl Table {
    fn new(websites: &[Website]) -> Self {
        let mut hosts: HashMap<String, Vec<Website>> = HashMap::new();
        for website in websites {
            let site = website.base_url.as_deref().and_then(site_of);
            if let Some((scheme, authority)) = site {
                let with_port = format!("{authority}:{}", port_of(&scheme));
                let names = if authority_has_port(&authority) { vec![authority] } else { vec![with_port, authority] };
                for name in names {
                    hosts.entry(name).or_default().push(website.clone());
                }
            }
        }
        Self(hosts.into_iter().map(|(name, websites)| (name, Arc::new(Host { websites }))).collect())
    }

    fn at(&self, authority: &str) -> Option<Arc<Host>> {
        self.0.get(&plain(authority, "")?).cloned()
    }
}

/// Whether a port stands behind the host; an IPv6 address has colons of its own.
fn authority_has_port(authority: &str) -> bool {
    authority.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::safe_text::SafeText;
    use axum::http::HeaderValue;

    fn website(id: i64, base_url: &str) -> Website {
        Website {
            id: WebsiteId(id),
            code: SafeText::new("base"),
            name: SafeText::new("Luma"),
            base_url: Some(base_url.to_owned()).filter(|url| !url.is_empty()),
            sender_name: SafeText::new("Luma"),
            sender_email: None,
            language: "en".to_owned(),
        }
    }

    fn ids(table: &Table, authority: &str) -> Vec<i64> {
        let host = table.at(authority);
        host.iter().flat_map(|host| host.websites.iter().map(|website| website.id.0)).collect()
    }

    #[test]
    fn base_urls_decide_and_nothing_else_does() {
        let table = Table::new(&[
            website(1, "https://Luma.example"),
            website(2, "http://localhost:8080"),
            website(3, "https://[2001:db8::1]/shop"),
            website(4, ""),
            website(5, "https://luma.example:443/b2b"),
        ]);
        for (authority, found) in [
            ("luma.example", vec![1, 5]),
            ("LUMA.example:443", vec![1, 5]),
            ("luma.example:80", vec![]),
            ("luma.example:0443", vec![]),
            ("luma.example.", vec![]),
            ("evil.luma.example", vec![]),
            ("luma.example@evil.example", vec![]),
            ("localhost:8080", vec![2]),
            ("localhost", vec![]),
            ("[2001:db8::1]", vec![3]),
            ("[2001:DB8::1]:443", vec![3]),
            ("", vec![]),
        ] {
            assert_eq!(ids(&table, authority), found, "{authority}");
        }
    }

    #[test]
    fn a_host_is_named_once_and_in_order() {
        let of = |uri: &str, hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            authority(&uri.parse().unwrap(), &headers)
        };
        assert_eq!(of("/", &["luma.example"]), Ok("luma.example".to_owned()));
        assert_eq!(of("http://luma.example/", &["Luma.example"]), Ok("Luma.example".to_owned()));
        assert_eq!(of("http://evil.example/", &["luma.example"]), Err(Problem::Misdirected));
        for malformed in [&[][..], &["a.example", "a.example"], &["a b"], &["u@a.example"], &["a:b"], &["a:+1"], &[""]]
        {
            assert_eq!(of("/", malformed), Err(Problem::Malformed), "{malformed:?}");
        }
    }

    #[test]
    fn an_origin_is_a_scheme_and_an_authority() {
        let host = Host { websites: vec![website(1, "https://luma.example")] };
        for ours in ["https://luma.example", "https://luma.example:443", "HTTPS://LUMA.example"] {
            assert!(host.has_origin(ours), "{ours}");
        }
        for other in ["http://luma.example", "https://luma.example:8443", "https://evil.example", "null", ""] {
            assert!(!host.has_origin(other), "{other}");
        }
    }

    #[test]
    fn several_websites_need_a_choice() {
        let host = Host { websites: vec![website(1, "https://a.example"), website(2, "https://a.example")] };
        assert_eq!(host.website(Some(WebsiteId(2))).unwrap().id, WebsiteId(2));
        assert!(host.website(None).is_err() && host.website(Some(WebsiteId(3))).is_err());
        let host = Host { websites: vec![website(1, "https://a.example")] };
        assert_eq!(host.website(None).unwrap().id, WebsiteId(1));
    }
}
