//! Every fault at every step of the dialogue.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::SignedDuration;
use keydesk::{
    domain::mail_state::{MailId, MailState},
    service::delivery::DeliveryReport,
    store::Outbox,
};

use crate::{
    LONG, deliver, mailer, promises, reset,
    shop::Shop,
    smtp::{Fault, Script, Server, Step},
    trials::{Dice, Trials, is_long},
    unlimited,
};

const SHORT: Duration = Duration::from_millis(700);
/// How much later than its deadline a try may end on a busy machine.
const SLACK: Duration = Duration::from_secs(4);
const LOGIN: &str = "shop:the%20canary%20sings@";
const LANES: usize = 4;

/// What a try comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// The relay has it.
    Taken,
    /// It is tried again.
    Later,
    /// It is a dead letter.
    Refused,
    /// The queue waits for us to be let in.
    Stopped,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    step: Step,
    /// None: nobody listens.
    fault: Option<Fault>,
    /// The fault meets the second mail of a connection.
    kept: bool,
}

impl Cell {
    fn expected(self) -> Class {
        let Some(fault) = self.fault else { return Class::Later };
        let about_us = matches!(self.step, Step::Greeting | Step::Ehlo | Step::StartTls | Step::Auth);
        let no = matches!(fault, Fault::Permanent | Fault::Echo);
        match (self.step, fault) {
            // Another connection is made at once.
            (Step::Mail, _) if self.kept && fault != Fault::Injected => Class::Taken,
            // Refused at EHLO; only a silent relay hides that.
            (Step::Quit, Fault::Hang | Fault::Drip) | (Step::StartTls, Fault::Escapes) => Class::Later,
            // Without its list of what the relay can do there is no AUTH.
            (Step::Quit, _) | (Step::Ehlo, Fault::WrongYes) | (_, Fault::LoginNeeded) => Class::Stopped,
            (_, Fault::Escapes)
            | (Step::Greeting, Fault::WrongYes)
            | (Step::Body | Step::LastLine | Step::Dot, Fault::Injected) => Class::Taken,
            _ if no && about_us => Class::Stopped,
            // Only this sender is refused: mails of other websites go on.
            (Step::Mail, _) if no => Class::Later,
            _ if no => Class::Refused,
            _ => Class::Later,
        }
    }

    /// Copies that the relay has in the end.
    fn copies(self) -> usize {
        match self.expected() {
            Class::Taken => 1,
            Class::Refused => usize::from(self.step == Step::Dot),
            Class::Later | Class::Stopped => 1 + usize::from(self.step == Step::Dot),
        }
    }

    /// The relay, as a client waits, may never come to an end.
    fn deadline(self) -> Duration {
        let slow = self.step == Step::StartTls || matches!(self.fault, Some(Fault::Hang | Fault::Drip));
        match slow {
            // A kept connection that is silent gets a quarter of it.
            true if self.kept && self.step == Step::Mail => 3 * SHORT,
            true => SHORT,
            false => LONG,
        }
    }
}

/// All there are, some of them on kept connections.
fn cells(dice: &mut Dice) -> Vec<Cell> {
    let steps = Step::ALL.into_iter().chain([Step::Body, Step::LastLine, Step::Quit]);
    let on_kept = [Step::Mail, Step::Rcpt, Step::Data, Step::Body, Step::LastLine, Step::Dot];
    let mut cells = vec![Cell { step: Step::Greeting, fault: None, kept: false }];
    for step in steps {
        for fault in Fault::ALL {
            let kept = on_kept.contains(&step) && dice.below(2) == 0;
            cells.push(Cell { step, fault: Some(fault), kept });
        }
    }
    cells
}

fn class(report: &DeliveryReport) -> Class {
    match report {
        DeliveryReport { stopped: Some(_), .. } => Class::Stopped,
        DeliveryReport { accepted: 1, .. } => Class::Taken,
        DeliveryReport { retried: 1, .. } => Class::Later,
        DeliveryReport { refused: 1, .. } => Class::Refused,
        other => panic!("{other:?}"),
    }
}

/// What the database keeps of the relay's words.
async fn is_harmless(shop: &Shop, id: MailId, sent: &[Vec<u8>], case: &str) {
    let line = shop.service.store().mail(id, shop.now()).await.unwrap().unwrap();
    let relay = line.relay.as_str();
    assert!(!relay.is_empty() && relay.chars().count() <= 520, "{case}: {relay:?}");
    assert!(!relay.chars().any(|c| c.is_control() || c == '\u{202e}'), "{case}: {relay:?}");
    let told = format!("{line:?}");
    let base64 = data_encoding::BASE64.encode(b"\0shop\0the canary sings");
    assert!(!told.contains("canary") && !told.contains(&base64), "{case}: {told}");
    for mail in sent {
        assert!(!told.contains(&promises::token_in(mail)[..12]), "{case}: {told}");
    }
}

async fn state(shop: &Shop, id: MailId) -> MailState {
    shop.service.store().mail(id, shop.now()).await.unwrap().unwrap().state
}

/// One cell: a mail meets the fault, and again when the fault is gone. Gives the mails and copies.
async fn try_cell(shop: &Shop, customer: i64, cell: Cell) -> (Vec<MailId>, Vec<Vec<u8>>) {
    let tls = cell.step == Step::StartTls;
    let fault = cell.fault.map(|fault| (cell.step, fault, usize::from(cell.kept)));
    let mut server = Server::refusing(Script { fault, starttls: tls, auth: "PLAIN", ..Script::default() });
    if cell.fault.is_some() {
        server.listen();
    }
    let faulty = mailer(LOGIN, server.address, if tls { "?tls=required" } else { "" }, cell.deadline());
    let mut mails = Vec::new();
    if cell.kept {
        mails.push(reset(shop, customer % 50 + 1).await);
        assert_eq!(deliver(shop, &faulty).await.accepted, 1, "{cell:?}");
    }
    let mail = reset(shop, customer).await;
    mails.push(mail);
    let begin = Instant::now();
    let report = deliver(shop, &faulty).await;
    let took = begin.elapsed();
    assert!(took < cell.deadline() + SLACK, "{cell:?} took {took:?}");
    assert_eq!(class(&report), cell.expected(), "{cell:?}: {:?}", shop.service.store().mail(mail, shop.now()).await);
    let case = format!("{cell:?}");
    is_harmless(shop, mail, &server.seen().mails, &case).await;
    if tls {
        let heard = String::from_utf8_lossy(&server.seen().bytes).to_uppercase();
        assert!(!heard.contains("AUTH") && !heard.contains("MAIL FROM"), "{case}: {heard}");
    }
    if cell.fault.is_none() {
        server.listen();
    }
    shop.clock.advance(SignedDuration::from_mins(6));
    let good = mailer(LOGIN, server.address, "", LONG);
    let again = u32::from(matches!(cell.expected(), Class::Later | Class::Stopped));
    assert_eq!(deliver(shop, &good).await.accepted, again, "{case}");
    let end = if cell.expected() == Class::Refused { MailState::Refused } else { MailState::Accepted };
    assert_eq!(state(shop, mail).await, end, "{case}");
    // And the next one, over what may be the same connection.
    let next = reset(shop, customer).await;
    assert_eq!(deliver(shop, if tls || again == 1 { &good } else { &faulty }).await.accepted, 1, "{case}: the next");
    mails.push(next);
    let copies = server.seen().mails;
    assert_eq!(copies.len(), cell.copies() + 1 + usize::from(cell.kept), "{case}: {report:?}");
    (mails, copies)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_at_every_step_ends_as_the_table_says() {
    let rounds = if is_long() { 3 } else { 1 };
    let mut cells = Vec::new();
    for (_, mut dice) in Trials::new("", rounds).each() {
        cells.extend(self::cells(&mut dice));
    }
    let lanes = (0..LANES).map(|lane| {
        let mine: Vec<Cell> = cells.iter().skip(lane).step_by(LANES).copied().collect();
        tokio::spawn(async move {
            let shop = unlimited().await;
            let (mut mails, mut copies) = (Vec::new(), Vec::new());
            for (n, cell) in mine.into_iter().enumerate() {
                let (asked, arrived) = try_cell(&shop, i64::try_from(n % 50).unwrap() + 1, cell).await;
                mails.extend(asked.into_iter().map(|mail| mail.0));
                copies.extend(arrived);
            }
            promises::hold(&shop.database, &mails, &copies).await
        })
    });
    let (mut mails, mut extra) = (0, 0);
    for tally in join_all(lanes).await {
        let tally = tally.unwrap();
        mails += tally.mails;
        extra += tally.extra_copies;
    }
    let trials = Trials::new("faults of relays", u32::try_from(cells.len()).unwrap());
    trials.passed(format!("{mails} mails arrived, {extra} of them twice"));
}
