//! Customers who stand apart from the gram index, because they were written since it last took any
//! in. Searches look at each of them.

use super::{Searcher, Wanted, by_id::Window, candidates::Candidates};
use crate::store::StoreResult;

/// So many are read at once. There are more only where nobody takes them in.
const MOST: i64 = 2_000;

/// Those whose text has the word `$4`, of at most `$3` from the id `$1` on and below `$2`; how many and
/// which there were before that, and the last id of all.
macro_rules! apart {
    ($direction:literal) => {
        concat!(
            "WITH s AS MATERIALIZED (SELECT customer_id, names, email, phone FROM search_texts \
             WHERE apart IS NOT NULL AND customer_id >= $1 AND customer_id < $2 ORDER BY customer_id",
            $direction,
            " LIMIT +$3), l AS MATERIALIZED (SELECT max(customer_id) AS last FROM search_texts), \
             e AS MATERIALIZED (SELECT count(*) AS looked_at, min(customer_id) AS least, max(customer_id) AS most FROM s), \
             f AS MATERIALIZED (SELECT customer_id FROM s \
             WHERE strpos(names, $4) > 0 OR strpos(email, $4) > 0 OR strpos(phone, $4) > 0) \
             SELECT COALESCE(l.last, 0) AS last, e.looked_at, e.least, e.most, f.customer_id \
             FROM l CROSS JOIN e LEFT JOIN f ON TRUE"
        )
    };
}

/// Smallest first and largest first.
const APART: [&str; 2] = [apart!(""), apart!(" DESC")];

/// Those of a window.
#[derive(Debug)]
pub(super) struct Apart {
    /// The ids whose customers were looked at.
    pub window: Window,
    pub candidates: Candidates,
    /// The largest id of all customers.
    pub last: i64,
}

impl Searcher<'_> {
    /// Reads those of a window from its beginning on: mostly all of them.
    pub(super) async fn apart(&mut self, wanted: &Wanted, window: Window) -> StoreResult<Apart> {
        let longest = wanted.terms.iter().map(crate::domain::search_text::Term::needle).max_by_key(String::len);
        let [ascending, descending] = APART;
        let text = if window.descending { descending } else { ascending };
        let query = sqlx::query(text).bind(window.low).bind(window.high).bind(MOST).bind(longest.unwrap_or_default());
        let rows = self.rows(query).await?;
        let (mut ids, mut seen, mut last) = (Vec::new(), window, 0);
        for row in &rows {
            ids.extend(row.maybe_int("customer_id")?);
            last = row.int("last")?;
            if row.int("looked_at")? >= MOST {
                seen = if window.descending {
                    Window { low: row.maybe_int("least")?.unwrap_or(window.low), ..window }
                } else {
                    Window { high: row.maybe_int("most")?.map_or(window.high, |most| most.saturating_add(1)), ..window }
                };
            }
        }
        Ok(Apart { window: seen, candidates: Candidates::of_ids(ids), last })
    }
}
