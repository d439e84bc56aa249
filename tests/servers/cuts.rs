//! The line to the server is cut at every byte: what was said is what is stored.

use keydesk::{domain::customer::CustomerId, store::StoreError};

use crate::{
    postgres::Server,
    proxy::{Cut, Proxy, Way},
    shop::{furnish, hold, open, request, runtime},
    trials::{Trials, is_long},
};

/// Places on each way in the short form.
const PLACES: usize = 30;
const WHO: CustomerId = CustomerId(1);

#[test]
fn a_line_cut_anywhere_in_a_reset() {
    let server = Server::shared();
    let database = server.database();
    runtime().block_on(async {
        furnish(&database, 20).await;
        // One that is not cut: opening the shop, and a reset.
        let proxy = Proxy::postgres(server.folder(), None);
        let far = open(&database.url_through(proxy.address.path())).await;
        far.start_reset(WHO, None, request("whole-0-00000")).await.unwrap().unwrap();
        let whole = proxy.passed();
        let (mut done, mut undone, mut at_open, mut found_out) = (vec!["whole-0-00000".to_owned()], Vec::new(), 0, 0);
        let mut count = 0;
        for way in [Way::ToServer, Way::FromServer] {
            let step = if is_long() { 1 } else { whole[way as usize].div_ceil(PLACES) };
            for after in (1..=whole[way as usize]).rev().step_by(step) {
                count += 1;
                let key = format!("cut-{}-{after:05}", way as usize);
                let proxy = Proxy::postgres(server.folder(), Some(Cut { way, after, reset: false }));
                let url = database.url_through(proxy.address.path());
                let Ok(store) = keydesk::store::sql::SqlStore::open_server(&crate::shop::address(&url)).await else {
                    at_open += 1;
                    continue;
                };
                let far = crate::shop::desk(store, keydesk::clock::Clock::default());
                match far.start_reset(WHO, None, request(&key)).await {
                    Ok(queued) => {
                        queued.unwrap();
                        found_out += u32::from(proxy.connections() > 1);
                        done.push(key);
                    }
                    // The server is there all the time, and can be asked.
                    Err(StoreError::Unknown(why)) => panic!("{key}: {why}"),
                    Err(_) => undone.push(key),
                }
                let next = format!("next-{}-{after:05}", way as usize);
                far.start_reset(WHO, None, request(&next)).await.unwrap().unwrap();
                done.push(next);
            }
        }
        hold(&database.url(), |sql| database.psql(sql), &done, &undone).await;
        assert!(found_out > 0 && !undone.is_empty(), "{found_out} {undone:?}");
        let more = format!(
            "Of {whole:?} bytes to and from the server; {at_open} while it was opened; {} were said not to be done, \
             {found_out} were done on another connection or found to be done.",
            undone.len()
        );
        Trials::new("resets whose line was cut", count).passed(more);
    });
}
