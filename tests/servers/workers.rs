//! Several workers share one queue, and one of them is killed with a mail in its hands.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::Child,
    thread,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, ManualClock},
    domain::{
        customer::CustomerId,
        reset::{KEY_LEN, TokenKey},
    },
    mail::{transport::Transport, url::MailUrl},
    service::delivery::{Mailer, News},
    store::sql::SqlStore,
};

use crate::{
    postgres::{Database, Server, until},
    relay::{self, Relay},
    shop::{actor, address, desk, furnish, hold, open, request, runtime, variable},
    trials::{Trials, so_many},
};

const WORKERS: usize = 4;
const MAILS: u32 = 400;

fn mailer(port: u16, owner: String) -> Mailer {
    let url = MailUrl::parse(&format!("smtp://127.0.0.1:{port}")).unwrap();
    let transport = Transport::new(&url, Duration::from_secs(10)).unwrap();
    Mailer { transport, key: TokenKey::new([7; KEY_LEN]), owner }
}

/// A worker in a process of its own.
struct Worker {
    process: Child,
    /// Says how many mails it has delivered, when its output ends.
    count: thread::JoinHandle<u32>,
}

impl Worker {
    fn start(database: &Database<'_>, relay: &Relay, n: usize) -> Self {
        let variables =
            [("DATABASE", database.url()), ("RELAY", relay.port.to_string()), ("NAME", format!("worker {n}"))];
        let mut process = actor("workers::act_a_worker", &variables).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let count = thread::spawn(move || {
            u32::try_from(lines.filter(|line| line.as_ref().unwrap().ends_with("delivered")).count()).unwrap()
        });
        Self { process, count }
    }

    /// Ends it in order.
    fn end(mut self) -> u32 {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
        self.count.join().unwrap()
    }
}

/// Asks for so many mails, each for a customer of its own.
async fn queue(database: &Database<'_>, mails: u32, round: &str) {
    let desk = open(&database.url()).await;
    for n in 1..=mails {
        let reset = desk.start_reset(CustomerId(n.into()), None, request(&format!("{round}-{n}")));
        reset.await.unwrap().unwrap();
    }
}

/// How often each mail arrived.
fn arrived(relay: &Relay) -> BTreeMap<String, u32> {
    relay::parse(relay).iter().fold(BTreeMap::new(), |mut copies, mail| {
        *copies.entry(mail["id"].as_str().unwrap().to_owned()).or_default() += 1;
        copies
    })
}

#[test]
fn four_workers_share_a_queue() {
    let server = Server::make();
    let database = server.database();
    let relay = Relay::start(None, false);
    runtime().block_on(async {
        furnish(&database, u64::from(MAILS) + 20).await;
        queue(&database, MAILS, "shared").await;
    });
    let workers: Vec<Worker> = (0..WORKERS).map(|n| Worker::start(&database, &relay, n)).collect();
    until("all mails are delivered", || {
        thread::sleep(Duration::from_millis(20));
        database.psql("SELECT count(*) FROM outbox WHERE state = 'queued'") == "0"
    });
    let shares: Vec<u32> = workers.into_iter().map(Worker::end).collect();
    let copies = arrived(&relay);
    assert_eq!(copies.len(), MAILS as usize);
    assert!(copies.values().all(|count| *count == 1), "{copies:?}");
    assert_eq!(shares.iter().sum::<u32>(), MAILS);
    assert!(shares.iter().all(|share| *share >= MAILS / 20), "somebody starves: {shares:?}");
    runtime().block_on(hold(&database.url(), |sql| database.psql(sql), &[], &[]));
    Trials::new("mails of a shared queue", MAILS).passed(format!("Delivered by the workers: {shares:?}."));
}

#[test]
fn a_worker_killed_with_a_mail_in_its_hands() {
    let server = Server::make();
    let database = server.database();
    let relay = Relay::start(None, false);
    let mails = 40;
    runtime().block_on(furnish(&database, 60));
    let trials = Trials::new("workers killed at work", so_many(4, 60));
    let (mut asked, mut lost_hold) = (0, 0);
    for (n, mut dice) in trials.each() {
        runtime().block_on(queue(&database, mails, &format!("killed-{n}")));
        asked += mails as usize;
        let mut workers: Vec<Worker> = (0..2).map(|n| Worker::start(&database, &relay, n)).collect();
        // At some moment while it holds a mail.
        let held = "SELECT count(*) FROM outbox WHERE state = 'queued' AND lease_owner = 'worker 0'";
        until("it holds a mail", || database.psql(held) != "0");
        thread::sleep(dice.moment(Duration::from_millis(60)));
        let mut killed = workers.remove(0);
        killed.process.kill().unwrap();
        killed.process.wait().unwrap();
        killed.count.join().unwrap();
        // Its mail waits for the end of its lease; nobody else's does.
        let others = "SELECT count(*) FROM outbox WHERE state = 'queued' AND COALESCE(lease_owner, '') <> 'worker 0'";
        until("the other one delivers the rest", || {
            thread::sleep(Duration::from_millis(10));
            database.psql(others) == "0"
        });
        lost_hold += database.psql(held).parse::<u32>().unwrap();
        for worker in workers {
            worker.end();
        }
        runtime().block_on(async {
            let later = Timestamp::now().saturating_add(SignedDuration::from_mins(10)).unwrap();
            let store = SqlStore::open_server(&address(&database.url())).await.unwrap();
            let desk = desk(store, Clock::Manual(ManualClock::new(later)));
            desk.deliver_due(&mailer(relay.port, "heir".to_owned()), &|| true, &mut |_| ()).await.unwrap();
        });
        assert_eq!(database.psql("SELECT count(*) FROM outbox WHERE state <> 'accepted'"), "0");
    }
    let copies = arrived(&relay);
    assert_eq!(copies.len(), asked, "a mail is lost");
    let extra = copies.values().sum::<u32>() - u32::try_from(asked).unwrap();
    assert!(extra <= lost_hold, "{extra} copies too many, and only {lost_hold} mails were in a killed worker's hands");
    runtime().block_on(hold(&database.url(), |sql| database.psql(sql), &[], &[]));
    trials.passed(format!("Of {asked} mails {lost_hold} were in their hands, and {extra} of these arrived twice."));
}

/// Delivers until its input ends, and says so of each mail.
#[test]
#[ignore = "acted out in the tests above"]
#[allow(clippy::print_stdout, reason = "the tests above count")]
fn act_a_worker() {
    runtime().block_on(async {
        let service = open(&variable("DATABASE")).await;
        let mailer = mailer(variable("RELAY").parse().unwrap(), variable("NAME"));
        let (quit, stopped) = tokio::sync::watch::channel(false);
        // Ends with the test above, however that ends.
        thread::spawn(move || {
            for _ in std::io::stdin().lock().lines() {}
            let _ = quit.send(true);
        });
        let tell = &mut |news| match news {
            News::Delivered(_) => println!("delivered"),
            other => panic!("{other:?}"),
        };
        service.run_worker(mailer, stopped, tell).await;
    });
}
