//! A server whose answer is lost while it commits: what was done is found out.

use keydesk::{
    domain::{audit::AuditFilter, mail_state::MailState},
    store::{
        StoreError,
        sql::{SqlStore, postgres::migrate},
    },
};

use crate::{
    address,
    postgres::Server,
    proxy::{Cut, Proxy, Way},
    shop::{Shop, open, with_key},
};

/// Bytes that follow the execution of each statement: a Close and a Sync message.
const BEHIND: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_commit_is_found_out() {
    Box::pin(tell()).await;
}

/// The same for whoever has no runtime.
pub fn run() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(tell());
}

async fn tell() {
    let database = Server::shared().database();
    migrate(&address(&database.url())).await.unwrap();
    let direct = SqlStore::open_server(&address(&database.url())).await.unwrap();
    let emails = ["a", "b", "c", "d", "e", "f"].map(|name| format!("{name}@example.com"));
    let (shop, ids) = open(direct, &emails.each_ref().map(String::as_str)).await;

    let proxy = Proxy::postgres(Server::shared().folder(), None);
    let through = SqlStore::open_server(&address(&database.url_through(proxy.address.path()))).await.unwrap();
    let far = Shop::new(through, 8);
    // How many bytes a reset takes when all its statements are prepared, there and back.
    let measured = async |(one, key), (other, other_key)| {
        far.service.start_reset(one, None, with_key(key)).await.unwrap().unwrap();
        let before = proxy.passed();
        far.service.start_reset(other, None, with_key(other_key)).await.unwrap().unwrap();
        [0, 1].map(|way| proxy.passed()[way] - before[way])
    };
    let [_, from] = measured((ids[0], "k1"), (ids[1], "k2")).await;
    assert_eq!(proxy.connections(), 1);

    // The last byte of the last answer is lost: it was done, and is said to be.
    proxy.cut(Cut { way: Way::FromServer, after: from - 1, reset: false });
    let queued = far.service.start_reset(ids[2], None, with_key("k3")).await.unwrap().unwrap();
    assert_eq!(shop.service.mail(queued.mail).await.unwrap().unwrap().state, MailState::Queued);
    assert_eq!(shop.service.start_reset(ids[2], None, with_key("k3")).await.unwrap(), Ok(queued));
    assert_eq!(proxy.connections(), 2, "another connection tells");

    // The last byte of the COMMIT is lost: nothing was done, and this is said.
    let [to, _] = measured((ids[3], "k4"), (ids[4], "k5")).await;
    proxy.cut(Cut { way: Way::ToServer, after: to - BEHIND - 1, reset: false });
    let lost = far.service.start_reset(ids[5], None, with_key("k6")).await;
    assert!(matches!(&lost, Err(StoreError::Unreachable(why)) if why.contains("nothing was done")), "{lost:?}");
    assert!(shop.record(ids[5]).await.last_reset.is_none());
    far.service.start_reset(ids[5], None, with_key("k6")).await.unwrap().unwrap();

    let entries = shop.service.audit_entries(&AuditFilter::default(), None, 10).await.unwrap();
    assert_eq!((entries.len(), shop.service.verify_audit().await.unwrap().broken), (6, None));
}
