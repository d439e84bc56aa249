//! A shop that moves from a file to a server, and is stopped on the way.

use keydesk::{
    domain::copy::{CopyOrder, CopyProgress},
    domain::{command::Asked, operation::OpKey},
    store::sql::{SqlStore, copy},
};

use crate::{
    Database, address,
    shop::{mina, open, start, with_key},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_stopped_goes_on() {
    Box::pin(tell()).await;
}

/// The same for whoever has no runtime.
pub fn run() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(tell());
}

async fn tell() {
    let (file, server) = (Database::file(), Database::server().await);
    let (Database::File(folder), Database::Server(database)) = (&file, &server) else { panic!("a file and a server") };
    let (shop, ids) = open(file.open().await, &["a@example.com", "b@example.com"]).await;
    let queued = shop.service.start_reset(ids[0], None, with_key("k1")).await.unwrap().unwrap();
    shop.store().clone().close().await;

    let asked = Asked { at: start(), by: mina().by, reason: "T-9".into(), op_key: OpKey::from_random([0; 16]) };
    let (order, to) = (CopyOrder { asked, from: folder.path().join("shop.db") }, address(&database.url()));
    let (heard, seen) = tokio::sync::oneshot::channel();
    let mut heard = Some(heard);
    let stop_when_all_is_there = |progress: CopyProgress| {
        if matches!(progress, CopyProgress::Compared(..)) {
            heard.take().map(|heard| heard.send(()));
        }
    };
    tokio::select! {
        _ = seen => {}
        done = copy(&order, &to, stop_when_all_is_there) => panic!("{done:?}"),
    }
    let done = copy(&order, &to, |_| ()).await.unwrap();
    assert_eq!((done.rows("customers"), done.rows("operations"), done.mails), (2, 1, 1));
    assert!(done.went_on_from.is_some());
    let again = copy(&order, &to, |_| ()).await.unwrap_err().why.to_string();
    assert!(again.contains("is not empty") && again.contains("was completed"), "{again}");

    let there = SqlStore::open_server(&to).await.unwrap();
    let there = crate::shop::Shop::new(there, 8);
    assert_eq!(there.service.start_reset(ids[0], None, with_key("k1")).await.unwrap(), Ok(queued));
    assert_eq!(there.service.verify_audit().await.unwrap().broken, None);
}
