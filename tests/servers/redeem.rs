//! One link, eight processes that want to use it at the same moment.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::SignedDuration;
use keydesk::{
    domain::{
        command::Asked, customer::CustomerId, customer_token::CustomerToken, operation::OpKey, operator::Operator,
        refusal::Refusal, storefront::RedeemReset,
    },
    store::{Outbox, Storefront},
};
use secrecy::ExposeSecret;

use crate::{
    postgres::Server,
    shop::{actor, furnish, hold, open, request, runtime, variable},
    trials::{Trials, so_many},
};

const PROCESSES: usize = 8;
/// So long before the moment everybody hears of it.
const NOTICE: Duration = Duration::from_millis(15);

struct Racer {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

#[test]
fn of_eight_processes_that_use_a_link_one_wins() {
    let count = so_many(60, 1_000);
    let server = Server::make();
    let database = server.database();
    let trials = Trials::new("links used by eight processes at once", count);
    runtime().block_on(async {
        furnish(&database, 40).await;
        let desk = open(&database.url()).await;
        let mut racers: Vec<Racer> = (0..PROCESSES)
            .map(|_| {
                let mut process = actor("redeem::act_a_racer", &[("DATABASE", database.url())]).spawn().unwrap();
                let (to, from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
                Racer { process, to, from: BufReader::new(from) }
            })
            .collect();
        for racer in &mut racers {
            assert_eq!(racer.hear(), "ready");
        }
        let mut winners = [0; PROCESSES];
        for (n, _) in trials.each() {
            let who = CustomerId(1 + i64::from(n) % 40);
            let queued = desk.start_reset(who, None, request(&format!("link-{n}"))).await.unwrap().unwrap();
            let (token, now) = (CustomerToken::new(who, desk.entropy().bytes()), desk.clock().now());
            let end = now.saturating_add(SignedDuration::from_hours(1)).unwrap();
            desk.store().make_link(who, queued.reset, &token.digest(), end, now).await.unwrap().unwrap();
            let moment = (SystemTime::now() + NOTICE).duration_since(UNIX_EPOCH).unwrap().as_nanos();
            for racer in &mut racers {
                writeln!(racer.to, "{moment} {n} {}", token.text().expose_secret()).unwrap();
            }
            let answers: Vec<String> = racers.iter_mut().map(Racer::hear).collect();
            let won: Vec<usize> = (0..PROCESSES).filter(|at| answers[*at] == "won").collect();
            assert_eq!(won.len(), 1, "link {n}: {answers:?}");
            assert_eq!(answers.iter().filter(|answer| *answer == "dead").count(), PROCESSES - 1, "{answers:?}");
            winners[won[0]] += 1;
            // What the winner chose is what stands.
            let stands = format!("SELECT password_hash FROM customers WHERE id = {}", who.0);
            if n % 10 == 0 {
                assert!(database.psql(&stands).starts_with(&format!("$argon2id$x{n}-")));
            }
        }
        for mut racer in racers {
            drop(racer.to);
            assert!(racer.process.wait().unwrap().success());
        }
        hold(&database.url(), |sql| database.psql(sql), &[], &[]).await;
        assert_eq!(database.psql("SELECT count(*) FROM password_resets WHERE used_at IS NOT NULL"), count.to_string());
        trials.passed(format!("Won by the processes: {winners:?}."));
    });
}

impl Racer {
    /// Its next word; the test program itself says things, too.
    fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "a racer has gone");
            if let Some(word) = line.trim().strip_prefix("racer: ") {
                return word.to_owned();
            }
        }
    }
}

/// Uses each link that it is told of at the moment that it is told.
#[test]
#[ignore = "acted out eight times in the test above"]
#[allow(clippy::print_stdout, reason = "the answer goes to the test above")]
fn act_a_racer() {
    runtime().block_on(async {
        let service = open(&variable("DATABASE")).await;
        println!("\nracer: ready");
        for line in std::io::stdin().lock().lines() {
            let line = line.unwrap();
            let words: Vec<&str> = line.split(' ').collect();
            let [moment, n, secret] = words[..] else { panic!("{line}") };
            let token = CustomerToken::parse(secret).unwrap();
            let dice: [u8; 16] = service.entropy().bytes();
            let asked = Asked {
                at: service.clock().now(),
                by: Operator::customer(),
                reason: String::new(),
                op_key: OpKey::from_random(dice),
            };
            let redeem = RedeemReset {
                asked,
                customer: token.customer(),
                token_digest: token.digest(),
                password_hash: format!("$argon2id$x{n}-{}", std::process::id()).into(),
            };
            let moment = UNIX_EPOCH + Duration::from_nanos(moment.parse().unwrap());
            while let Ok(left) = moment.duration_since(SystemTime::now()) {
                std::thread::sleep(left);
            }
            match service.store().redeem_reset(&redeem).await.unwrap() {
                Ok(_) => println!("racer: won"),
                Err(Refusal::LinkDead) => println!("racer: dead"),
                Err(other) => println!("racer: {other}"),
            }
        }
    });
}
