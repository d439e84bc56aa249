//! The connection ends at any byte of the dialogue, in either direction.

use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::{
    LONG, deliver, mailer, promises,
    proxy::{Cut, Proxy, Way},
    reset,
    smtp::{Script, Server},
    trials::{Trials, is_long},
    unlimited,
};

const LANES: usize = 4;
/// The answer to the mail itself.
const LAST_ANSWER: usize = "250 2.0.0 Ok: queued as 4XyZ\r\n".len();

fn script() -> Script {
    Script { auth: "PLAIN", ..Script::default() }
}

/// Bytes of a dialogue that nothing disturbs, to the server and from it.
async fn whole() -> [usize; 2] {
    let (shop, server) = (unlimited().await, Server::start(script()));
    let proxy = Proxy::start(server.address, None).await;
    reset(&shop, 1).await;
    assert_eq!(deliver(&shop, &mailer("shop:secret@", proxy.address, "", LONG)).await.accepted, 1);
    proxy.passed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_ends_at_any_byte_loses_no_mail() {
    let [to_server, from_server] = whole().await;
    let every = if is_long() { 1 } else { 40 };
    let places = |way, end: usize, every| (0..end).step_by(every).map(move |after| (way, after));
    // The last bytes of a mail, and all answers, one by one.
    let mut cuts: Vec<_> = places(Way::ToServer, to_server, every)
        .chain(places(Way::FromServer, from_server, every.min(6)))
        .chain((to_server - 5..=to_server).map(|after| (Way::ToServer, after)))
        .chain((from_server - LAST_ANSWER..from_server).map(|after| (Way::FromServer, after)))
        .collect();
    cuts.sort_unstable_by_key(|(way, after)| (*way == Way::ToServer, *after));
    cuts.dedup();
    let lanes = (0..LANES).map(|lane| {
        let mine: Vec<_> = cuts.iter().enumerate().skip(lane).step_by(LANES).map(|(n, cut)| (n, *cut)).collect();
        tokio::spawn(async move {
            let shop = unlimited().await;
            let (mut mails, mut copies) = (Vec::new(), Vec::new());
            for (n, (way, after)) in mine {
                let server = Server::start(script());
                let cut = Cut { way, after, reset: n % 8 < 4 };
                let proxy = Proxy::start(server.address, Some(cut)).await;
                let mailer = mailer("shop:secret@", proxy.address, "", LONG);
                mails.push(reset(&shop, 1).await.0);
                let first = deliver(&shop, &mailer).await;
                // Ids grow, and mails with them: the end is known to a few bytes only.
                let at_the_end = way == Way::ToServer && after + 4 >= to_server;
                assert_eq!(first.accepted + first.retried, 1, "{cut:?}: {first:?}");
                assert!(first.retried == 1 || at_the_end, "{cut:?}: {first:?}");
                shop.clock.advance(SignedDuration::from_mins(2));
                assert_eq!(deliver(&shop, &mailer).await.accepted, first.retried, "{cut:?}");
                let arrived = server.seen().mails;
                let unanswered = way == Way::FromServer && after >= from_server - LAST_ANSWER;
                let possible = 1 + usize::from(unanswered)..=1 + usize::from(unanswered || at_the_end);
                assert!(possible.contains(&arrived.len()), "{cut:?}: {} copies", arrived.len());
                copies.extend(arrived);
            }
            promises::hold(&shop.database, &mails, &copies).await
        })
    });
    let extra: usize = join_all(lanes).await.into_iter().map(|tally| tally.unwrap().extra_copies).sum();
    let trials = Trials::new("connections cut", u32::try_from(cuts.len()).unwrap());
    trials.passed(format!(
        "{extra} mails arrived twice; a dialogue has {to_server} bytes one way, {from_server} the other"
    ));
}
