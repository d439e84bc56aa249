//! An HTTP/1.1 client that sends what it is told to, good manners or not; and a visitor who keeps
//! cookies and has the manners of a browser.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", kind)
    }

    /// A form as browsers send it.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.body("application/x-www-form-urlencoded", pairs.join("&"))
    }

    pub fn json(self, value: &Value) -> Self {
        self.body("application/json", value.to_string())
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// HTTP Basic, RFC 7617.
    pub fn basic(self, user: &str, password: &str) -> Self {
        let pair = data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes());
        self.header("Authorization", &format!("Basic {pair}"))
    }

    /// As it goes over the wire. `Host` and `Content-Length` are added unless they are given.
    pub fn bytes(&self, host: &str) -> Vec<u8> {
        let given = |name: &str| self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !given("Host") {
            let _ = write!(head, "Host: {host}\r\n");
        }
        if !given("Content-Length") && !given("Transfer-Encoding") && self.method != "GET" && self.method != "HEAD" {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        [head.as_bytes(), b"\r\n", &self.body].concat()
    }

    fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// Sends it over a connection of its own.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub fn send(&self, port: u16, host: &str) -> io::Result<Reply> {
        let mut connection = Connection::open(port)?;
        // A server that has seen enough answers and closes before all is sent; its answer counts.
        let sent = connection.send(&self.bytes(host));
        connection.read(self.is_head()).or_else(|error| sent.and(Err(error)))
    }
}

/// Percent-encoded for a form.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names in small letters, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header that is there once; nothing where it is missing.
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let value = values.next().unwrap_or_default();
        assert!(values.next().is_none(), "{name} is there twice: {self}");
        value
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Names and values of the cookies that are set.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let set = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.map(|(_, value)| value.split(';').next().unwrap().split_once('=').unwrap())
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} {:?}", self.status, self.headers)?;
        f.write_str(&String::from_utf8_lossy(&self.body))
    }
}

/// A connection that may be kept.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    pub fn stream(&self) -> &TcpStream {
        self.0.get_ref()
    }

    /// Reads one answer.
    pub fn read(&mut self, to_head: bool) -> io::Result<Reply> {
        let line = self.line()?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status line: {line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut reply = Reply { status, headers, body: Vec::new() };
        if !to_head && status != 204 && status != 304 {
            self.read_body(&mut reply)?;
        }
        Ok(reply)
    }

    fn read_body(&mut self, reply: &mut Reply) -> io::Result<()> {
        if reply.header("transfer-encoding") == "chunked" {
            loop {
                let line = self.line()?;
                let size = usize::from_str_radix(&line, 16).map_err(io::Error::other)?;
                let mut chunk = vec![0; size];
                self.0.read_exact(&mut chunk)?;
                reply.body.append(&mut chunk);
                self.line()?;
                if size == 0 {
                    return Ok(());
                }
            }
        }
        if let Ok(length) = reply.header("content-length").parse() {
            reply.body.resize(length, 0);
            self.0.read_exact(&mut reply.body)
        } else {
            self.0.read_to_end(&mut reply.body).map(drop)
        }
    }

    /// A line without its end; empty is the end of a head.
    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

/// Somebody who keeps cookies, asks one website and fills in forms.
#[derive(Clone, Debug)]
pub struct Visitor {
    port: u16,
    host: String,
    /// What the website set.
    pub cookies: BTreeMap<String, String>,
    /// Sent with every request.
    pub headers: Vec<(String, String)>,
}

impl Visitor {
    /// Whoever visits the website at this address, such as `127.0.0.1:8080`.
    pub fn new(port: u16, host: &str) -> Self {
        Self { port, host: host.to_owned(), cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// The same, with a header in every request.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.send(Ask::get(path))
    }

    /// Fills in the form of this page, which is opened before if no page was.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let ask = self.filled(path, fields);
        self.send(ask)
    }

    /// The form of this page, filled in and not sent.
    pub fn filled(&mut self, path: &str, fields: &[(&str, &str)]) -> Ask {
        if !self.cookies.contains_key("__Host-csrf") {
            self.get(path);
        }
        let csrf = self.cookies.get("__Host-csrf").cloned().unwrap_or_default();
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        Ask::new("POST", path).header("Sec-Fetch-Site", "same-origin").form(&fields)
    }

    /// Sends a request with the cookies, and takes those that are set.
    pub fn send(&mut self, ask: Ask) -> Reply {
        let reply = self.dressed(ask).send(self.port, &self.host).unwrap();
        for (name, value) in reply.cookies() {
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    /// A request with the cookies.
    pub fn dressed(&self, mut ask: Ask) -> Ask {
        ask.headers.extend(self.headers.iter().cloned());
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { ask } else { ask.header("Cookie", &pairs.join("; ")) }
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    pub const fn port(&self) -> u16 {
        self.port
    }
}
