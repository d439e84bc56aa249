//! Debian's Chromium without a window, driven through its own driver.
//!
//! The protocol (`WebDriver`, by W3C) is a handful of JSON requests, so that no library stands between:
//! the best known one for Rust brings a copyleft licence and thirty crates.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::http::Ask;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Name that `WebDriver` gives to references to elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The driver and its port; none when it ended without one.
fn start_driver(profile: &Path) -> Option<(Child, u16)> {
    let mut command = Command::new("chromedriver");
    // What Chromium keeps outside of its profile goes there, too.
    command.arg("--port=0").env("HOME", profile).env("TMPDIR", profile);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = command.spawn().expect("chromedriver is installed: Debian's package chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| {
        let line = line.unwrap();
        line.strip_suffix('.')?.rsplit_once("successfully on port ")?.1.parse().ok()
    });
    let Some(port) = port else {
        driver.kill().unwrap();
        driver.wait().unwrap();
        return None;
    };
    // Whatever it says later must not fill a pipe that nobody reads.
    thread::spawn(move || lines.for_each(drop));
    Some((driver, port))
}

/// A browser with a fresh profile; ends with this value.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// Goes with this value.
    profile: tempfile::TempDir,
}

impl Browser {
    pub fn open() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // It takes a port that is free for IPv4 and ends when that is not free for IPv6.
        let started = (0..5).find_map(|_| start_driver(profile.path()));
        let (driver, port) = started.expect("chromedriver says its port");
        let mut browser = Self { driver, port, session: String::new(), profile };
        browser.begin();
        browser
    }

    fn begin(&mut self) {
        let profile = format!("--user-data-dir={}", self.profile.path().join("profile").display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--force-color-profile=srgb",
            "--lang=en",
            "--window-size=1000,800",
            &profile,
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        }}});
        let begun = self.driver("POST", "/session", &capabilities);
        begun["sessionId"].as_str().unwrap().clone_into(&mut self.session);
    }

    /// Asks the driver; its answer's value.
    fn driver(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_driver(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    fn try_driver(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let ask = Ask::new(method, path);
        let ask = if method == "POST" { ask.json(body) } else { ask };
        let reply = ask.send(self.port, &format!("localhost:{}", self.port)).map_err(|e| json!(e.to_string()))?;
        let value = reply.json()["value"].take();
        if reply.status == 200 { Ok(value) } else { Err(value) }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.driver(method, &format!("/session/{}{path}", self.session), body)
    }

    pub fn go(&self, url: &str) {
        self.ask("POST", "/url", &json!({"url": url}));
    }

    /// What the address bar shows.
    pub fn url(&self) -> String {
        self.ask("GET", "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    /// Goes on inside of a frame.
    pub fn enter_frame(&self, css: &str) {
        let frame = self.one(css);
        self.ask("POST", "/frame", &json!({"id": {ELEMENT: frame}}));
    }

    /// Back in the history.
    pub fn back(&self) {
        self.ask("POST", "/back", &json!({}));
    }

    pub fn reload(&self) {
        self.ask("POST", "/refresh", &json!({}));
    }

    /// References to all elements that a CSS selector finds.
    fn find(&self, css: &str) -> Vec<String> {
        let found = self.ask("POST", "/elements", &json!({"using": "css selector", "value": css}));
        found.as_array().unwrap().iter().map(|element| element[ELEMENT].as_str().unwrap().to_owned()).collect()
    }

    pub fn has(&self, css: &str) -> bool {
        !self.find(css).is_empty()
    }

    /// The one element that a selector finds.
    fn one(&self, css: &str) -> String {
        let mut found = self.find(css);
        assert_eq!(found.len(), 1, "elements that are {css} at {}:\n{}", self.url(), self.text("body"));
        found.swap_remove(0)
    }

    /// The text of an element as it is shown.
    pub fn text(&self, css: &str) -> String {
        let element = self.one(css);
        self.ask("GET", &format!("/element/{element}/text"), &Value::Null).as_str().unwrap().to_owned()
    }

    /// The same of all that a selector finds.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let text = |element| self.ask("GET", &format!("/element/{element}/text"), &Value::Null);
        self.find(css).into_iter().map(|element| text(element).as_str().unwrap().to_owned()).collect()
    }

    /// Types into a field, in place of what it holds.
    pub fn fill(&self, css: &str, text: &str) {
        let element = self.one(css);
        self.ask("POST", &format!("/element/{element}/clear"), &json!({}));
        self.ask("POST", &format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Clicks what leads to another page, the first of them if there are several, and waits until
    /// that page is there: the driver itself may answer while the old one still is.
    pub fn click(&self, css: &str) {
        let found = self.find(css);
        let element = found.first().unwrap_or_else(|| panic!("no {css} at {}:\n{}", self.url(), self.text("body")));
        self.leave(&format!("/element/{element}/click"), &json!({}));
    }

    /// The same with a link, by its text.
    pub fn follow(&self, text: &str) {
        let link = self.ask("POST", "/element", &json!({"using": "link text", "value": text}));
        self.leave(&format!("/element/{}/click", link[ELEMENT].as_str().unwrap()), &json!({}));
    }

    /// Presses Enter in the form that has the focus, and waits for the page that comes of it.
    pub fn enter(&self) {
        let active = self.ask("GET", "/element/active", &Value::Null);
        self.leave(&format!("/element/{}/value", active[ELEMENT].as_str().unwrap()), &json!({"text": "\u{e007}"}));
    }

    fn leave(&self, path: &str, body: &Value) {
        self.script("window.isOld = true");
        self.ask("POST", path, body);
        let end = Instant::now() + PATIENCE;
        // A page on its way has no scripts that run, so that asking may fail.
        let arrived = || {
            let asked = json!({"script": "return !window.isOld && document.readyState === 'complete'", "args": []});
            self.try_driver("POST", &format!("/session/{}/execute/sync", self.session), &asked) == Ok(json!(true))
        };
        while !arrived() {
            assert!(Instant::now() < end, "no page comes of it at {}:\n{}", self.url(), self.text("body"));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Chooses what a list offers under this name.
    pub fn choose(&self, css: &str, name: &str) {
        let list = self.one(css);
        let options = self.find(&format!("{css} option"));
        let named =
            options.iter().find(|option| self.ask("GET", &format!("/element/{option}/text"), &Value::Null) == name);
        let option = named.unwrap_or_else(|| panic!("{list} does not offer {name}"));
        self.ask("POST", &format!("/element/{option}/click"), &json!({}));
    }

    /// A property of an element, such as the value of a field.
    pub fn property(&self, css: &str, name: &str) -> String {
        let element = self.one(css);
        let value = self.ask("GET", &format!("/element/{element}/property/{name}"), &Value::Null);
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Puts the focus on a field.
    pub fn focus(&self, css: &str) {
        self.one(css);
        self.script(&format!("document.querySelector({}).focus()", json!(css)));
    }

    /// Presses keys wherever the focus is.
    pub fn press(&self, keys: &str) {
        let active = self.ask("GET", "/element/active", &Value::Null);
        let path = format!("/element/{}/value", active[ELEMENT].as_str().unwrap());
        self.ask("POST", &path, &json!({"text": keys}));
    }

    /// Runs the driver's script on the page; the pages themselves have none.
    pub fn script(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// A command of the `DevTools` protocol.
    fn devtools(&self, command: &str, parameters: &Value) {
        self.ask("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// A screen of so many CSS pixels.
    pub fn screen(&self, width: u32, height: u32) {
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
    }

    /// What the person prefers, such as `("prefers-color-scheme", "dark")`.
    pub fn prefers(&self, feature: &str, value: &str) {
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [{"name": feature, "value": value}]}));
    }

    /// Keeps what is shown as `target/screenshots/NAME.png`.
    pub fn screenshot(&self, name: &str) {
        let png = self.ask("GET", "/screenshot", &Value::Null);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        fs::create_dir_all(&folder).unwrap();
        let png = data_encoding::BASE64.decode(png.as_str().unwrap().as_bytes()).unwrap();
        fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// Names of the cookies that the page's website set, with what the browser keeps of each.
    pub fn cookies(&self) -> Vec<Value> {
        self.ask("GET", "/cookie", &Value::Null).as_array().unwrap().clone()
    }

    /// All requests since the last time that this was asked: of pages, not of the browser itself.
    pub fn requests(&self) -> Vec<Sent> {
        let log = self.ask("POST", "/se/log", &json!({"type": "performance"}));
        let entries = log.as_array().unwrap().iter();
        let messages = entries.map(|entry| serde_json::from_str::<Value>(entry["message"].as_str().unwrap()).unwrap());
        let mut sent = Vec::new();
        for mut message in messages {
            let message = message["message"].take();
            let parameters = &message["params"];
            match message["method"].as_str() {
                Some("Network.requestWillBeSent") => sent.push(Sent {
                    url: parameters["request"]["url"].as_str().unwrap().to_owned(),
                    headers: parameters["request"]["headers"].clone(),
                }),
                // The headers as they really leave.
                Some("Network.requestWillBeSentExtraInfo") => {
                    sent.push(Sent { url: String::new(), headers: parameters["headers"].clone() });
                }
                _ => {}
            }
        }
        sent
    }

    /// What the browser's console complained about, such as violations of the content policy.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", &json!({"type": "browser"}));
        log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }
}

/// A request that a page made.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Empty where only the headers are known.
    pub url: String,
    pub headers: Value,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session's end is the browser's; the driver's end alone would leave it behind.
        let _ = self.try_driver("DELETE", &format!("/session/{}", self.session), &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
