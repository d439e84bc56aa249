//! Mails drained from the queue to a relay on this machine, compared with what Postfix's own
//! source of mails puts through the same relay: one connection that is kept for all mails, as the
//! worker keeps its own; one mail after the other; the same size.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use keydesk::{
    domain::{
        customer::CustomerId,
        reset::{KEY_LEN, ResetPolicy, TokenKey},
    },
    mail::{
        transport::{Memory, Transport},
        url::MailUrl,
    },
    service::{Rules, Service, delivery::Mailer},
    store::sql::SqlStore,
};

use crate::{
    shops::{self, FEW, Shops, request},
    table::Row,
};

/// Rounds of either, by turns.
const ROUNDS: usize = 5;
const MAILS: usize = 500;
/// Percent of what the source of mails does.
const GOAL: f64 = 80.0;
/// What the source adds to the length that it is told: its header.
const SOURCE_HEADER: usize = 200;

/// A relay that takes every mail and forgets it. Dropped, it ends.
struct Sink {
    child: Child,
    place: String,
}

pub async fn measure(shops: &mut Shops, verbose: bool) -> Vec<Row> {
    let (Some(sink), Some(source)) = (tool("smtp-sink"), tool("smtp-source")) else {
        let why = "not measured: smtp-source and smtp-sink are missing (Debian: apt-get install postfix)";
        return vec![Row::note("Mails drained a second, compared with smtp-source", why)];
    };
    // Due at once.
    let reset = ResetPolicy { hold: SignedDuration::ZERO, ..ResetPolicy::default() };
    let rules = Rules { reset, ..Rules::default() };
    let service = shops::open(&shops.new_shop("mails", FEW).await, rules).await;
    let mut customers = 1..;
    let size = size(&service, &mut customers).await;
    let sink = Sink::start(&sink);
    let url = MailUrl::parse(&format!("smtp://{}", sink.place)).unwrap();
    let relay = mailer(Transport::new(&url, Duration::from_mins(1)).unwrap());
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ROUNDS {
        queue(&service, MAILS, &mut customers).await;
        let (here, there) = (drain(&service, &relay, MAILS).await, send(&source, &sink.place, size));
        if verbose {
            eprintln!("  {MAILS} mails drained in {here:?}, sent by smtp-source in {there:?}");
        }
        ours += here;
        theirs += there;
    }
    let mails = f64::from(u32::try_from(ROUNDS * MAILS).unwrap());
    let (rate, their_rate) = (mails / ours.as_secs_f64(), mails / theirs.as_secs_f64());
    let percent = 100.0 * rate / their_rate;
    vec![Row::new(
        format!("Mails drained a second, compared with smtp-source, {mails} mails of {size} bytes"),
        format!("≥ {GOAL} %"),
        format!("{percent:.0} % ({rate:.0} and {their_rate:.0})"),
        percent >= GOAL,
    )]
}

fn tool(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/usr/local/sbin"]
        .map(|folder| Path::new(folder).join(name))
        .into_iter()
        .find(|p| p.exists())
}

fn mailer(transport: Transport) -> Mailer {
    Mailer { transport, key: TokenKey::new([7; KEY_LEN]), owner: "figures".to_owned() }
}

/// How large a mail is.
async fn size(service: &Service<SqlStore>, customers: &mut impl Iterator<Item = i64>) -> usize {
    let memory = Memory::default();
    queue(service, 1, customers).await;
    drain(service, &mailer(Transport::Memory(memory.clone())), 1).await;
    memory.mails()[0].bytes().len()
}

/// Queues so many mails, to customers who had none before.
async fn queue(service: &Service<SqlStore>, mut mails: usize, customers: &mut impl Iterator<Item = i64>) {
    while mails > 0 {
        let customer = CustomerId(customers.next().unwrap());
        if service.start_reset(customer, None, request()).await.unwrap().is_ok() {
            mails -= 1;
        }
    }
}

/// Delivers everything that waits.
async fn drain(service: &Service<SqlStore>, mailer: &Mailer, mails: usize) -> Duration {
    let started = Instant::now();
    let report = service.deliver_due(mailer, &|| true, &mut |_| ()).await.unwrap();
    assert_eq!(report.accepted as usize, mails, "not every mail was taken: {report:?}");
    started.elapsed()
}

fn send(source: &Path, place: &str, size: usize) -> Duration {
    let (mails, length) = (MAILS.to_string(), size.saturating_sub(SOURCE_HEADER).to_string());
    let mut command = Command::new(source);
    command.args(["-d", "-s", "1", "-m", &mails, "-l", &length, "-f", "support@luma.example"]);
    command.args(["-t", "customer@mail.example", &format!("inet:{place}")]);
    let started = Instant::now();
    assert!(command.status().unwrap().success(), "smtp-source failed");
    started.elapsed()
}

impl Sink {
    fn start(program: &Path) -> Self {
        let place = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap().to_string();
        let mut command = Command::new(program);
        if nix::unistd::geteuid().is_root() {
            // It refuses to work as root.
            command.args(["-u", "nobody"]);
        }
        let child = command.args([&place, "100"]).stdout(Stdio::null()).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(&place).is_err() {
            assert!(Instant::now() < end, "smtp-sink does not answer");
            thread::sleep(Duration::from_millis(10));
        }
        Self { child, place }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
