//! The storefront under load, by wrk over loopback: sign-ins compared with what argon2 alone
//! does on all cores, requests for reset mails, and token checks.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use keydesk::{
    clock::{Clock, Entropy},
    demo,
    domain::{
        access_token::{IntegrationId, NewAccessToken},
        customer::CustomerId,
        customer_token::CustomerToken,
        password::PasswordHash,
    },
    service::{
        Rules, Service,
        password_hash::{self, Memory},
    },
    store::{
        Setup,
        sql::{OpenMode, SqlStore},
    },
};
use secrecy::ExposeSecret;

use crate::{
    process::Process,
    shops::{self, FEW, Shops},
    table::Row,
    terminal::program,
    wrk,
};

const PASSWORD: &str = "roni_cost3@example.com";
const HOST: &str = "luma.localhost:8080";
/// What a browser's cookie and form hold.
const CSRF: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Rounds of sign-ins and of argon2 alone, by turns, and how long each is.
const ROUNDS: u32 = 3;
const SECONDS: u32 = 5;
/// Percent of what argon2 alone does.
const GOAL: f64 = 95.0;
/// Customers who take part.
const PEOPLE: i64 = 1_000;
/// Sign-ins at once when memory is looked at: as many as find a place beside those that the run before
/// no longer waits for.
const CROWD: u32 = 50;

pub async fn measure(shops: &mut Shops, verbose: bool) -> Vec<Row> {
    let Some(wrk) = wrk::tool() else {
        let why = "not measured: wrk is missing (Debian: apt-get install wrk)";
        return vec![Row::note("Sign-ins a second, compared with argon2 alone", why)];
    };
    let service = shop(shops).await;
    let database = shops.new_file("storefront.db");
    let config = shops.new_file("storefront.toml");
    fs::write(&config, "[reset]\nprotection = \"none\"\n[sign_in]\nmax_failures = 0\n").unwrap();
    let people = people(&service).await;
    let tokens = tokens(&service).await;
    let server = Server::start(&config, &database);
    let script = |name: &str, text: String| {
        let path = shops.new_file(name);
        fs::write(&path, text).unwrap();
        path
    };
    let url = |path: &str| format!("http://{}{path}", server.place);

    let form = |path: &str, field: &str| form_script(path, &people, &format!("csrf={CSRF}{field}&email="));
    let check = script("check.lua", token_script(&tokens));
    wrk::run(&wrk, &check, 4, 1, &url("/rest/V1/customers/me"));
    let checks = wrk::run(&wrk, &check, 16, SECONDS, &url("/rest/V1/customers/me"));
    let before = server.peak();

    let sign_in = script("sign-in.lua", form("/sign-in", &format!("&password={}", PASSWORD.replace('@', "%40"))));
    let (mut ours, mut alone, mut failed, mut latency) = (0.0, 0.0, 0, String::new());
    for _ in 0..ROUNDS {
        let hashes = argon2();
        let load = wrk::run(&wrk, &sign_in, 8, SECONDS, &url("/sign-in"));
        if verbose {
            eprintln!("  {hashes:.1} hashes alone, {:.1} sign-ins a second", load.per_second);
        }
        ours += load.per_second / f64::from(ROUNDS);
        alone += hashes / f64::from(ROUNDS);
        failed += load.failed;
        latency = load.latency;
    }
    let crowd = wrk::run(&wrk, &sign_in, CROWD, SECONDS, &url("/sign-in"));
    let memory = server.peak();
    let forgot = script("forgot.lua", form("/forgot", ""));
    let forgotten = wrk::run(&wrk, &forgot, 16, SECONDS, &url("/forgot"));
    let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
    let percent = 100.0 * ours / alone;
    failed += crowd.failed + checks.failed + forgotten.failed;
    vec![
        Row::new(
            "Sign-ins a second over HTTP, compared with argon2 alone on all cores",
            format!("≥ {GOAL} %"),
            format!("{percent:.0} % ({ours:.1} and {alone:.1}); {latency}"),
            percent >= GOAL,
        ),
        Row::at_most(format!("... peak memory with {CROWD} at once, MiB (before: {before})"), 19 * cores + 64, memory),
        Row::note(
            "Requests for a reset mail a second, 16 connections",
            format!("{:.0}; {}", forgotten.per_second, forgotten.latency),
        ),
        Row::note(
            "Token checks (`customers/me`) a second, 16 connections",
            format!("{:.0}; {}", checks.per_second, checks.latency),
        ),
        Row::at_most("... requests that failed in all of this", 0, failed),
    ]
}

/// A shop whose customers all have one password.
async fn shop(shops: &Shops) -> Service<SqlStore> {
    let path = shops.new_file("storefront.db");
    let store = SqlStore::open_file(&path, OpenMode::CreateIfMissing).await.unwrap();
    let shop = demo::Shop { customers: FEW, seed: 1, now: Clock::system().now() };
    let password = PasswordHash::new(password_hash::hash(&mut Memory::default(), PASSWORD, [7; 16]).unwrap());
    demo::build(&store, &shop, Some(password), |_| ()).await.unwrap();
    store.close().await;
    shops::open(&path, Rules::default()).await
}

/// Addresses of those who can sign in on the first website.
async fn people(service: &Service<SqlStore>) -> Vec<String> {
    let mut people = Vec::new();
    for id in 1..=PEOPLE {
        let customer = service.open(CustomerId(id)).await.unwrap().unwrap();
        if customer.website.id.0 == 1 && customer.status.word() == "active" {
            people.push(customer.email.as_str().replace('@', "%40").replace('+', "%2B"));
        }
    }
    people
}

/// Tokens that work.
async fn tokens(service: &Service<SqlStore>) -> Vec<String> {
    let tokens: Vec<CustomerToken> =
        (1..=PEOPLE).map(|id| CustomerToken::new(CustomerId(id), Entropy::System.bytes())).collect();
    let rows: Vec<NewAccessToken> = tokens
        .iter()
        .map(|token| NewAccessToken {
            customer: token.customer(),
            integration: IntegrationId(1),
            digest: token.digest(),
            scopes: String::new(),
            created_at: service.clock().now(),
            last_used_at: None,
            expires_at: None,
        })
        .collect();
    service.store().insert_tokens(&rows).await.unwrap();
    let mut living = Vec::new();
    for token in tokens {
        if service.token_holder(&token).await.unwrap().is_some() {
            living.push(token.text().expose_secret().to_owned());
        }
    }
    living
}

fn lua_list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    format!("{{{}}}", quoted.join(","))
}

/// Sends a form for one address after the other.
fn form_script(path: &str, people: &[String], body: &str) -> String {
    format!(
        "local people, n = {}, 0\n\
         local headers = {{[\"Host\"] = \"{HOST}\", [\"Origin\"] = \"http://{HOST}\", \
         [\"Cookie\"] = \"__Host-csrf={CSRF}\", [\"Content-Type\"] = \"application/x-www-form-urlencoded\"}}\n\
         function request()\n  n = n % #people + 1\n  \
         return wrk.format(\"POST\", \"{path}\", headers, \"{body}\" .. people[n])\nend\n",
        lua_list(people)
    )
}

/// Asks with one token after the other.
fn token_script(tokens: &[String]) -> String {
    format!(
        "local tokens, n = {}, 0\n\
         function request()\n  n = n % #tokens + 1\n  \
         return wrk.format(\"GET\", nil, {{[\"Host\"] = \"{HOST}\", [\"Authorization\"] = \"Bearer \" .. tokens[n]}})\nend\n",
        lua_list(tokens)
    )
}

/// Passwords that argon2 alone compares in a second, on all cores.
fn argon2() -> f64 {
    let stored = password_hash::hash(&mut Memory::default(), PASSWORD, [7; 16]).unwrap();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let started = Instant::now();
    let end = started + Duration::from_secs(SECONDS.into());
    let count = || {
        let (mut count, mut memory) = (0_u32, Memory::default());
        while Instant::now() < end {
            assert!(password_hash::fits(&mut memory, PASSWORD, &stored));
            count += 1;
        }
        count
    };
    let total: u32 = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(count)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    f64::from(total) / started.elapsed().as_secs_f64()
}

/// `keydesk serve`. Dropped, it ends.
struct Server {
    child: Child,
    place: String,
}

impl Server {
    fn start(config: &Path, database: &Path) -> Self {
        let place = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap().to_string();
        let mut command = Command::new(program());
        command.arg("--config").arg(config).arg("--database").arg(format!("sqlite:{}", database.display()));
        let child = command.args(["serve", "--listen", &place]).stdout(Stdio::null()).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(&place).is_err() {
            assert!(Instant::now() < end, "the storefront does not answer");
            thread::sleep(Duration::from_millis(10));
        }
        Self { child, place }
    }

    /// The most memory it had so far, in MiB.
    fn peak(&self) -> u64 {
        Process(self.child.id()).peak_kib().unwrap() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
