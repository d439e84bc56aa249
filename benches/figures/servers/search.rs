//! From a key in the search field to its painted frame.

use super::{Servers, place};
use crate::{
    console::Console,
    samples::Samples,
    search::{WARM_MAX, tell_slowest, type_all},
    shops::{FEW, customers, newest_id},
    table::Row,
};

impl Servers {
    /// Every prefix of two hundred targets in each shop, typed twice: the first time reads what the
    /// server has not in its memory yet.
    pub async fn search(&mut self, verbose: bool) -> Vec<Row> {
        let own = if self.named.is_empty() { Some(self.new_shop(FEW).await) } else { None };
        let urls = own.as_ref().map_or_else(|| self.named.clone(), |own| vec![own.url()]);
        let mut rows = Vec::new();
        for url in urls {
            let mut console = Console::start(&place(&url)).await;
            let name = customers(newest_id(&console.service).await);
            for round in ["first", "second"] {
                let strokes = type_all(&mut console).await;
                if verbose {
                    tell_slowest(&strokes);
                }
                let times: Samples = strokes.iter().map(|stroke| stroke.took).collect();
                let partial = strokes.iter().filter(|stroke| stroke.partial).count();
                let slow = strokes.iter().filter(|stroke| stroke.took > WARM_MAX).count();
                let figure = format!("Key to painted frame on a server, {name}, typed a {round} time");
                rows.push(Row::note(
                    format!("{figure}, {} keystrokes", times.len()),
                    format!("{times}; {slow} over 16 ms; {partial} first painted in part"),
                ));
                rows.push(Row::within(format!("{figure}, p99"), WARM_MAX, times.p99()));
            }
        }
        rows
    }
}
