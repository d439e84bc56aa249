//! Writing batches of rows: who is new is added, who differs is changed.

use std::collections::HashMap;

use tokio::task::JoinHandle;

use super::{ImportPlan, ImportProgress, places::Places};
use crate::{
    domain::{
        audit::Action,
        command::ChangeCustomer,
        customer::{NewCustomer, StoredCustomer},
        customer_file::{FileRow, GroupName},
        website::{Group, GroupId, Website, WebsiteId},
    },
    service::{Request, Service},
    store::{Store, StoreError, StoreResult},
};

/// How often a batch is compared anew when others change the same customers meanwhile.
const ROUNDS: usize = 3;

/// The writing of one file.
pub(super) struct Writer<'a, S: Store> {
    service: &'a Service<S>,
    plan: &'a ImportPlan,
    request: Request,
    name: &'a str,
    places: Places,
    stage: Stage,
    /// In a bulk load, customers who are made ready while those before them are written.
    coming: Option<JoinHandle<S::Batch>>,
    /// Whether the audit log says that something is written.
    written_down: bool,
    added: u64,
    changed: u64,
    unchanged: u64,
}

/// Whether anything was looked at yet, and whether that is a bulk load.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was looked at.
    Fresh,
    /// The shop had no customers: all rows are new.
    Bulk,
    /// Rows are compared.
    Compare,
}

/// What a batch comes to.
#[derive(Default)]
struct Work {
    new: Vec<(FileRow, NewCustomer)>,
    changes: Vec<(FileRow, ChangeCustomer)>,
    unchanged: u64,
}

impl<'a, S: Store> Writer<'a, S> {
    pub(super) fn new(
        service: &'a Service<S>,
        plan: &'a ImportPlan,
        request: Request,
        name: &'a str,
        websites: &[Website],
        groups: &[Group],
    ) -> Self {
        Self {
            service,
            plan,
            request,
            name,
            places: Places::new(websites, groups),
            stage: Stage::Fresh,
            coming: None,
            written_down: false,
            added: 0,
            changed: 0,
            unchanged: 0,
        }
    }

    /// Customers added, changed and unchanged so far.
    pub(super) const fn counts(&self) -> (u64, u64, u64) {
        (self.added, self.changed, self.unchanged)
    }

    /// Writes a batch.
    pub(super) async fn write(&mut self, mut rows: Vec<FileRow>) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.begin().await?;
        if self.stage == Stage::Bulk {
            return self.load(rows).await;
        }
        for _ in 0..ROUNDS {
            rows = self.round(rows).await?;
            if rows.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }

    async fn begin(&mut self) -> StoreResult<()> {
        if self.stage != Stage::Fresh {
            return Ok(());
        }
        self.stage = Stage::Compare;
        if !self.plan.dry_run && self.service.store.is_empty().await? {
            self.write_down_begin().await?;
            self.service.store.begin_bulk().await?;
            self.stage = Stage::Bulk;
            // From here on nobody else adds anybody; somebody may have just before.
            if !self.service.store.is_empty().await? {
                self.service.store.finish_bulk().await?;
                self.stage = Stage::Compare;
            }
        }
        Ok(())
    }

    /// Has these rows made ready, and writes those before them.
    async fn load(&mut self, rows: Vec<FileRow>) -> StoreResult<()> {
        let mut customers = Vec::with_capacity(rows.len());
        for row in rows {
            let website = self.places.website(&self.service.store, self.plan, &row.website).await?;
            let group = row.group.clone().unwrap_or_default();
            let group = self.places.group(&self.service.store, self.plan, &group).await?;
            customers.push(row.new_customer(website, group, self.service.clock.now()));
        }
        let store = self.service.store.clone();
        let before = self.coming.replace(tokio::task::spawn_blocking(move || store.batch(&customers)));
        self.load_batch(before).await
    }

    async fn load_batch(&mut self, batch: Option<JoinHandle<S::Batch>>) -> StoreResult<()> {
        let Some(batch) = batch else { return Ok(()) };
        let batch = batch.await.map_err(|e| StoreError::Other(e.to_string()))?;
        match self.service.store.insert_customers(batch).await {
            Ok(ids) => self.added += count(&ids),
            Err(error) => {
                self.coming = None;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Completes a bulk load, also one that ended early, and writes the import down where it
    /// did anything.
    pub(super) async fn finish(&mut self, read: &ImportProgress) -> StoreResult<()> {
        if self.stage == Stage::Bulk {
            let last = self.coming.take();
            let loaded = self.load_batch(last).await;
            self.service.store.finish_bulk().await?;
            self.stage = Stage::Compare;
            loaded?;
        }
        if !self.written_down {
            return Ok(());
        }
        let detail = format!(
            "{}: done, {} added, {} changed, {} unchanged, {} rejected",
            self.name, self.added, self.changed, self.unchanged, read.rejected
        );
        self.write_down(&detail).await
    }

    /// In front of the first of many transactions: an import that is killed shows as well.
    async fn write_down_begin(&mut self) -> StoreResult<()> {
        if !self.written_down {
            self.write_down(&format!("{}: begun", self.name)).await?;
            self.written_down = true;
        }
        Ok(())
    }

    async fn write_down(&self, detail: &str) -> StoreResult<()> {
        self.service.store.write_down(&self.service.asked(self.request.clone()), Action::CustomerImport, detail).await
    }

    /// Does what can be done for these rows, and gives back those that others got at first.
    async fn round(&mut self, rows: Vec<FileRow>) -> StoreResult<Vec<FileRow>> {
        let work = self.compare(rows).await?;
        self.unchanged += work.unchanged;
        if self.plan.dry_run {
            self.added += count(&work.new);
            self.changed += count(&work.changes);
            return Ok(Vec::new());
        }
        if !(work.new.is_empty() && work.changes.is_empty()) {
            self.write_down_begin().await?;
        }
        let mut again = self.add(work.new).await?;
        again.extend(self.change(work.changes).await?);
        Ok(again)
    }

    async fn compare(&mut self, rows: Vec<FileRow>) -> StoreResult<Work> {
        let mut placed = Vec::with_capacity(rows.len());
        for row in rows {
            let website = self.places.website(&self.service.store, self.plan, &row.website).await?;
            let group = match &row.group {
                Some(name) => Some(self.places.group(&self.service.store, self.plan, name).await?),
                None => None,
            };
            placed.push((row, website, group));
        }
        let mut stored = self.stored(&placed).await?;
        let mut work = Work::default();
        for (row, website, group) in placed {
            let Some(known) = stored.remove(&(row.email.key(), website)) else {
                let group = match group {
                    Some(group) => group,
                    None => self.places.group(&self.service.store, self.plan, &GroupName::default()).await?,
                };
                let new = row.new_customer(website, group, self.service.clock.now());
                work.new.push((row, new));
                continue;
            };
            match row.change(&known.data, group) {
                None => work.unchanged += 1,
                Some(data) => {
                    let asked = self.service.asked(self.request.clone());
                    let change = ChangeCustomer { asked, customer: known.id, version: known.version, data };
                    work.changes.push((row, change));
                }
            }
        }
        Ok(work)
    }

    /// Who of these is known already, by address and website.
    async fn stored(
        &self,
        placed: &[(FileRow, WebsiteId, Option<GroupId>)],
    ) -> StoreResult<HashMap<(String, WebsiteId), StoredCustomer>> {
        let wanted: Vec<_> = placed.iter().map(|(row, website, _)| (row.email.clone(), *website)).collect();
        let stored = self.service.store.stored_by_email(&wanted).await?;
        Ok(stored.into_iter().map(|one| ((one.data.email.key(), one.data.website), one)).collect())
    }

    async fn add(&mut self, new: Vec<(FileRow, NewCustomer)>) -> StoreResult<Vec<FileRow>> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let (rows, customers): (Vec<_>, Vec<_>) = new.into_iter().unzip();
        match self.service.store.insert_customers(self.service.store.batch(&customers)).await {
            Ok(ids) => {
                self.added += count(&ids);
                Ok(Vec::new())
            }
            // Somebody signed up meanwhile, or the same file is imported twice at once.
            Err(StoreError::DuplicateEmail) => Ok(rows),
            Err(error) => Err(error),
        }
    }

    async fn change(&mut self, changes: Vec<(FileRow, ChangeCustomer)>) -> StoreResult<Vec<FileRow>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let (rows, changes): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
        let done = self.service.store.change_customers(&changes).await?;
        let again: Vec<FileRow> =
            rows.into_iter().zip(&done).filter(|(_, done)| done.is_err()).map(|(row, _)| row).collect();
        self.changed += count(&done) - count(&again);
        Ok(again)
    }
}

fn count<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
