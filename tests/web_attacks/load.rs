//! Many at once, and some who never finish.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    thread,
    time::{Duration, Instant},
};

use crate::{
    http::{Ask, Connection},
    storefront::{NO_LIMITS, Storefront, VERONICA},
    trials::Times,
};

/// Connections that stop in the middle of a request.
const HALF_OPEN: usize = 200;
/// How long they may stay.
const STAY: Duration = Duration::from_secs(10);
/// How long nobody else may wait for a page while they do.
const QUICK: Duration = Duration::from_millis(500);

#[test]
fn whoever_never_finishes_is_put_out_and_disturbs_nobody() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let mut visitor = storefront.visitor();
    visitor.get("/sign-in");
    let whole = visitor.filled("/sign-in", &[("email", VERONICA), ("password", "wrong")]);
    let whole = visitor.dressed(whole).bytes(&storefront.host());
    let head = whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    // In the middle of the head, of the body, and before the first byte.
    let stops = [head / 2, head + 10, 0, head + 2];
    let begun = Instant::now();
    let half: Vec<_> = (0..HALF_OPEN)
        .map(|n| {
            let mut connection = Connection::open(storefront.port()).unwrap();
            connection.send(&whole[..stops[n % stops.len()]]).unwrap();
            connection
        })
        .collect();
    let mut times = Times::default();
    for _ in 0..50 {
        let start = Instant::now();
        assert_eq!(visitor.get("/sign-in").status, 200);
        times.0.push(start.elapsed());
    }
    println!("pages beside {HALF_OPEN} half-open connections: {times}");
    assert!(times.per_mille(990) < QUICK, "{times}");
    for (n, connection) in half.into_iter().enumerate() {
        let left = (STAY + Duration::from_millis(500)).saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
        connection.stream().set_read_timeout(Some(left)).unwrap();
        let mut answer = Vec::new();
        let end = connection.stream().read_to_end(&mut answer);
        let is_open = end.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        assert!(!is_open, "connection {n}, stopped at byte {}, is open after {:?}", stops[n % 4], begun.elapsed());
    }
    println!("all closed after {:?}", begun.elapsed());
}

/// Whoever sends a byte from time to time does not stay longer for it.
#[test]
fn whoever_drips_is_put_out_too() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let begun = Instant::now();
    let mut connection = Connection::open(storefront.port()).unwrap();
    connection.send(b"GET /sign-in HTTP/1.1\r\nX-Drip: ").unwrap();
    connection.stream().set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    loop {
        let drip = connection.send(b"x");
        let mut byte = [0];
        match connection.stream().read(&mut byte) {
            Ok(1) => {}
            Err(error) if drip.is_ok() && matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            _ => break,
        }
        assert!(begun.elapsed() < STAY + Duration::from_secs(1), "it drips and drips");
    }
}

/// Whoever asks and asks and never reads an answer does not keep a place for it.
#[test]
fn whoever_does_not_read_is_put_out_too() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let connection = Connection::open(storefront.port()).unwrap();
    let asks = Ask::get("/style.css").bytes(&storefront.host()).repeat(100);
    connection.stream().set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let (begun, mut sent) = (Instant::now(), 0);
    loop {
        match connection.stream().write(&asks) {
            Ok(len) => sent += len,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
        assert!(begun.elapsed() < 3 * STAY, "it does not read, and stays");
    }
    println!("put out after {:?} and {sent} bytes that were not answered", begun.elapsed());
}

/// So much memory may two hundred sign-ins take at once, whatever the number of cores: 19 MiB for
/// each password that is looked at, and the rest of it all.
fn most_memory() -> u64 {
    let cores = thread::available_parallelism().unwrap().get() as u64;
    (19 * cores + 64) * 1024
}

/// The most memory that the storefront ever had, in KiB.
fn peak(storefront: &Storefront) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", storefront.process())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn two_hundred_sign_ins_at_once_take_no_more_memory_than_there_is() {
    let storefront = Storefront::open(20, &format!("{NO_LIMITS}[sign_in]\nmax_failures = 0\n"));
    let mut visitor = storefront.visitor();
    visitor.get("/sign-in");
    let before = peak(&storefront);
    let clients: Vec<_> = (0..200)
        .map(|_| {
            let mut visitor = visitor.clone();
            thread::spawn(move || visitor.post("/sign-in", &[("email", VERONICA), ("password", "wrong-sea-7")]))
        })
        .collect();
    // Pages are still there, and quick.
    let start = Instant::now();
    assert_eq!(visitor.get("/forgot").status, 200);
    let page = start.elapsed();
    let (mut refused, mut busy) = (0_i64, 0);
    for client in clients {
        let reply = client.join().unwrap();
        match reply.status {
            401 => refused += 1,
            503 => {
                assert!(reply.header("retry-after").parse::<u32>().unwrap() > 0, "{reply}");
                busy += 1;
            }
            _ => panic!("{reply}"),
        }
    }
    let grown = peak(&storefront) - before;
    println!("200 sign-ins at once: {refused} refused, {busy} sent away, {grown} KiB more, a page in {page:?}");
    assert!(grown <= most_memory(), "{grown} KiB of {}", most_memory());
    assert!(refused >= 64 && page < Duration::from_secs(2), "{refused} {page:?}");
    let counted = storefront.number("SELECT max(failed_sign_ins) FROM customers");
    assert_eq!(counted, refused, "whoever was sent away was not looked at, and counts as nothing wrong");
    assert_eq!(visitor.post("/sign-in", &[("email", VERONICA), ("password", "wrong")]).status, 401);
}

/// More connections than there is room for: those that are there are served, and the others when
/// there is room again.
#[test]
fn a_crowd_of_idle_connections_is_let_go() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let mut kept = Vec::new();
    for _ in 0..100 {
        let mut connection = Connection::open(storefront.port()).unwrap();
        connection.send(&Ask::get("/sign-in").bytes(&storefront.host())).unwrap();
        assert_eq!(connection.read(false).unwrap().status, 200);
        kept.push(connection);
    }
    let begun = Instant::now();
    for connection in kept {
        connection.stream().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let end = connection.stream().read(&mut [0]);
        assert!(matches!(end, Ok(0)), "{end:?} after {:?}", begun.elapsed());
    }
    println!("idle connections closed after {:?}", begun.elapsed());
}
