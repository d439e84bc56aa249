//! Finding a customer and opening the record.

use std::time::Duration;

use crate::{
    domain::{
        customer::{Candidate, Customer, CustomerId},
        find::{Count, FindPage, Page, PageFrom, Sort},
        query::Query,
        website::Website,
    },
    service::Service,
    store::{Cancel, Store, StoreResult},
};

/// How long a search may take before it shows what it has; it then goes on from there. A frame
/// must be painted within 16 ms of the key that caused it.
pub const SEARCH_BUDGET: Duration = Duration::from_millis(7);

/// The same for a command, which nobody watches: it starts anew less often.
const COMMAND_BUDGET: Duration = Duration::from_secs(2);

/// Whom a command means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This one.
    One(CustomerId),
    /// Nobody.
    Nobody,
    /// Somebody with this id, but on another website than the one asked for.
    Elsewhere(Candidate),
    /// Several, one per website.
    Several(Vec<Candidate>),
}

impl<S: Store> Service<S> {
    /// Whether there is no customer yet: the console then says how to get some.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_empty(&self) -> StoreResult<bool> {
        self.store.is_empty().await
    }

    /// One page of a search, within [`SEARCH_BUDGET`].
    ///
    /// # Errors
    /// When the database cannot be read, or `cancel` was given.
    pub async fn find(
        &self,
        query: Query,
        sort: Sort,
        from: PageFrom,
        limit: u32,
        cancel: &Cancel,
    ) -> StoreResult<Page> {
        let request = FindPage { query, sort, from, limit, budget: SEARCH_BUDGET, now: self.clock.now() };
        self.store.find(&request, cancel).await
    }

    /// A page of a search however long it takes to fill it: for commands, which print once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find_all_of_page(&self, query: Query, sort: Sort, from: PageFrom, limit: u32) -> StoreResult<Page> {
        self.fill_page(query, sort, from, limit, COMMAND_BUDGET).await
    }

    /// A page that is looked for again and again, for `budget` each time, until it is full.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn fill_page(
        &self,
        query: Query,
        sort: Sort,
        from: PageFrom,
        limit: u32,
        budget: Duration,
    ) -> StoreResult<Page> {
        let (cancel, now) = (Cancel::default(), self.clock.now());
        let mut request = FindPage { query, sort, from, limit, budget, now };
        let mut page = self.store.find(&request, &cancel).await?;
        while page.partial {
            request.limit = limit.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(limit));
            let Some(next) = page.next.clone().filter(|_| request.limit > 0) else { break };
            request.from = PageFrom::After(next);
            let more = self.store.find(&request, &cancel).await?;
            page.rows.extend(more.rows);
            page.cursors.extend(more.cursors);
            (page.next, page.partial) = (more.next, more.partial);
        }
        Ok(page)
    }

    /// How many customers a search finds.
    ///
    /// # Errors
    /// When the database cannot be read, or `cancel` was given.
    pub async fn count(&self, query: &Query, cancel: &Cancel) -> StoreResult<Count> {
        self.store.count(query, self.clock.now(), cancel).await
    }

    /// The whole record, with the base URL that its links get; none when nobody has this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(&self, id: CustomerId) -> StoreResult<Option<Customer>> {
        let customer = self.store.customer(id, self.rules.reset.limits, self.clock.now()).await?;
        Ok(customer.map(|customer| Customer { website: self.rules.website(customer.website.clone()), ..customer }))
    }

    /// Whom an id or an e-mail address means.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn who(&self, text: &str, website: Option<&str>) -> StoreResult<Found> {
        if let Ok(id) = text.parse() {
            return Ok(self.open(CustomerId(id)).await?.map_or(Found::Nobody, |customer| on(customer, website)));
        }
        let candidates = self.store.by_email(text, website).await?;
        Ok(match candidates.as_slice() {
            [] => Found::Nobody,
            [one] => Found::One(one.id),
            _ => Found::Several(candidates),
        })
    }
}

/// A customer that was named by id, if on the website asked for.
fn on(customer: Customer, website: Option<&str>) -> Found {
    let Customer { id, email, website: Website { code, .. }, .. } = customer;
    match website {
        Some(wanted) if !code.as_str().eq_ignore_ascii_case(wanted) => {
            Found::Elsewhere(Candidate { id, email, website: code })
        }
        _ => Found::One(id),
    }
}
