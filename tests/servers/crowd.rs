//! A hundred operators at once on one server, each a process of its own.

use std::{
    fmt::Write,
    fs, thread,
    time::{Duration, Instant},
};

use keydesk::{
    domain::{access_token::Scope, customer::CustomerId},
    service::Service,
    store::{StoreError, sql::SqlStore},
};

use crate::{
    postgres::Server,
    shop::{actor, furnish, hold, open, request, runtime, variable},
    trials::{Dice, Times, Trials, is_long, so_many},
};

const CUSTOMERS: u32 = 500;
/// How long an operator thinks between two actions.
const THINKING: Duration = Duration::from_millis(500);

/// What 99 of 100 actions must stay below, and all of them.
const USUAL: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(1);

#[test]
fn a_hundred_operators_on_one_server() {
    let server = Server::with(&["max_connections=400"]);
    let database = server.database();
    runtime().block_on(furnish(&database, CUSTOMERS.into()));
    let logs = tempfile::tempdir().unwrap();
    let seconds = so_many(6, 60);
    let trials = Trials::new("operators at once on a server", so_many(20, 100));
    let log = |n: u32| logs.path().join(n.to_string());
    let operators: Vec<_> = trials
        .each()
        .map(|(n, mut dice)| {
            let variables = [
                ("DATABASE", database.url()),
                ("LOG", log(n).display().to_string()),
                ("SECONDS", seconds.to_string()),
                ("NAME", format!("operator-{n}")),
                ("SEED", dice.bits().to_string()),
            ];
            actor("crowd::act_an_operator", &variables).spawn().unwrap()
        })
        .collect();
    let (mut done, mut first, mut times) = (Vec::new(), Times::default(), Times::default());
    for (operator, n) in operators.into_iter().zip(0..) {
        let ended = operator.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        for (line, place) in fs::read_to_string(log(n)).unwrap().lines().zip(0..) {
            let (micros, key) = line.split_once(' ').unwrap();
            let times = if place == 0 { &mut first } else { &mut times };
            times.0.push(Duration::from_micros(micros.parse().unwrap()));
            done.extend((!key.is_empty()).then(|| key.to_owned()));
        }
    }
    runtime().block_on(hold(&database.url(), |sql| database.psql(sql), &done, &[]));
    let deadlocks = database.psql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    let is_quick = times.per_mille(990) < USUAL && times.per_mille(1000) < LONGEST;
    assert!(!is_long() || is_quick, "{times}");
    // All of them start at once, which people do not.
    let changes = done.len();
    trials.passed(format!(
        "In {seconds} s they made {changes} changes, all there; {deadlocks} deadlocks; first actions {first}; all others {times}."
    ));
}

/// Works until its time is over and notes how long each action took and, if it changed
/// something, its key. A failure of any kind ends it with an error.
#[test]
#[ignore = "acted out by the hundred in the test above"]
fn act_an_operator() {
    let mut dice = Dice::new(variable("SEED").parse().unwrap());
    let end = Instant::now() + Duration::from_secs(variable("SECONDS").parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let service = runtime.block_on(open(&variable("DATABASE")));
    let mut notes = String::new();
    while Instant::now() < end {
        // Half as long to twice as long, so that they do not march in step.
        thread::sleep(THINKING / 2 + dice.moment(THINKING));
        let key = format!("{}-{}", variable("NAME"), dice.bits());
        let began = Instant::now();
        let changed = runtime.block_on(act(&service, &mut dice, &key)).unwrap();
        let micros = began.elapsed().as_micros();
        writeln!(notes, "{micros} {}", if changed { &key } else { "" }).unwrap();
    }
    fs::write(variable("LOG"), notes).unwrap();
}

/// Does something; true when it changed something.
async fn act(service: &Service<SqlStore>, dice: &mut Dice, key: &str) -> Result<bool, StoreError> {
    let request = request(key);
    // Every other time one of a few whom everybody is busy with.
    let many = if dice.below(2) == 0 { 20 } else { u64::from(CUSTOMERS) };
    let who = CustomerId(1 + i64::try_from(dice.below(many)).unwrap());
    Ok(match dice.below(6) {
        0 | 1 => service.open(who).await?.is_none(),
        2 => service.cancel_reset(who, request).await?.is_ok(),
        3 => service.force_sign_in(who, None, Scope::All, request).await?.is_ok(),
        _ => service.start_reset(who, None, request).await?.is_ok(),
    })
}
