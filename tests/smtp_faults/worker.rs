//! Workers that are killed, or stopped for longer than they hold a mail, in the middle of one.

use std::{
    fs::File,
    process::{Child, Stdio},
    time::{Duration, Instant, SystemTime},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, SqliteConnection};

use crate::{
    desk::Desk,
    promises,
    smtp::{Fault, Script, Server, Step},
    trials::{Trials, so_many},
};

const PATIENCE: Duration = Duration::from_mins(1);

fn desk(server: &Server, customers: u32) -> Desk {
    Desk::new(customers, &format!("url = \"smtp://{}\"", server.address))
}

fn watch(desk: &Desk) -> Child {
    desk.command(&["mail", "deliver", "--watch"]).stdout(Stdio::null()).spawn().unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// As if more time had passed than a claim holds, and than a worker may be silent.
async fn time_passes(desk: &Desk) {
    let mut db = SqliteConnection::connect(&format!("sqlite:{}", desk.database().display())).await.unwrap();
    let run_out = "UPDATE outbox SET lease_until = 1 WHERE lease_until IS NOT NULL";
    sqlx::query(run_out).execute(&mut db).await.unwrap();
    sqlx::query("UPDATE outbox SET next_at = 1 WHERE state = 'queued'").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    if let Ok(lock) = File::options().write(true).open(desk.path("keydesk.db.worker")) {
        lock.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
}

async fn waiting(desk: &Desk) -> i64 {
    let mut db = SqliteConnection::connect(&format!("sqlite:{}", desk.database().display())).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM outbox WHERE state = 'queued'").fetch_one(&mut db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_workers_lose_no_mail_and_send_at_most_one_copy_each() {
    let kills = so_many(15, 200);
    let server = Server::start(Script { slowness: Duration::from_millis(8), ..Script::default() });
    let desk = desk(&server, 50);
    let mut mails = Vec::new();
    let trials = Trials::new("workers killed", kills);
    for (n, mut dice) in trials.each() {
        // Between one and three mails; killed from before the first to after the last.
        for _ in 0..=dice.below(3) {
            mails.push(desk.reset((n + u32::try_from(mails.len()).unwrap()) % 50 + 1));
        }
        let before = server.seen().connections;
        let mut worker = watch(&desk);
        let end = Instant::now() + Duration::from_secs(5);
        while server.seen().connections == before && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(dice.moment(Duration::from_millis(130))).await;
        signal(&worker, Signal::SIGKILL);
        worker.wait().unwrap();
        time_passes(&desk).await;
    }
    while waiting(&desk).await > 0 {
        assert!(desk.run(&["mail", "deliver"]).status.success());
    }
    let tally = promises::hold(&desk.database(), &mails, &server.seen().mails).await;
    assert!(tally.extra_copies <= kills as usize);
    let chain = desk.run(&["audit", "verify"]);
    assert!(chain.status.success(), "{chain:?}");
    trials.passed(format!("{} mails, {} of them twice", tally.mails, tally.extra_copies));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_was_stopped_for_too_long_does_not_spoil_what_another_did() {
    let trials = Trials::new("workers stopped", so_many(4, 40));
    let (mut mails, mut extra) = (0, 0);
    for (_, mut dice) in trials.each() {
        // An answer that takes its time, so that the worker is not stopped while it writes: nobody
        // else could write then.
        let step = dice.pick(&[Step::Greeting, Step::Mail, Step::Rcpt, Step::Data, Step::Body, Step::Dot]);
        let server = Server::start(Script { fault: Some((step, Fault::Drip, 0)), ..Script::default() });
        let desk = desk(&server, 20);
        let acknowledged = [desk.reset(1), desk.reset(2)];
        let mut stopped = watch(&desk);
        let end = Instant::now() + PATIENCE;
        while !server.reached(step) {
            assert!(Instant::now() < end, "the worker does not begin");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        signal(&stopped, Signal::SIGSTOP);
        time_passes(&desk).await;
        let mut other = watch(&desk);
        let end = Instant::now() + PATIENCE;
        while waiting(&desk).await > 0 {
            assert!(Instant::now() < end, "nobody takes over");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        signal(&stopped, Signal::SIGCONT);
        for worker in [&mut other, &mut stopped] {
            signal(worker, Signal::SIGTERM);
            worker.wait().unwrap();
        }
        let tally = promises::hold(&desk.database(), &acknowledged, &server.seen().mails).await;
        assert!(tally.mails == 2 && tally.extra_copies <= 1, "{tally:?}");
        assert!(desk.run(&["audit", "verify"]).status.success());
        mails += tally.mails;
        extra += tally.extra_copies;
    }
    trials.passed(format!("{mails} mails, {extra} of them twice"));
}
