//! Writing customers to a file, however many there are.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use crate::{
    domain::{
        audit::Action,
        customer::{CustomerId, StoredCustomer},
        customer_file::Sheet,
        find::{PageFrom, Sort},
        query::Query,
    },
    service::{Request, Service},
    store::{Store, StoreError, StoreResult},
};

/// Customers found and written at once. Memory holds one page.
const PAGE: u32 = 1_000;

/// Where customers are written to.
pub struct ExportFile<W> {
    /// The open file.
    pub writer: W,
    /// What goes where, for the audit log.
    pub described: String,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database fails.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Io(error),
            other => Self::Io(io::Error::other(format!("{other:?}"))),
        }
    }
}

/// Names by id: codes of websites, names of groups.
type Names = HashMap<i64, String>;

impl<S: Store> Service<S> {
    /// Writes everybody whom `query` finds to `to`, in this order, and says how many. The audit
    /// log says so before the first customer leaves. `progress` hears how many are written, page by page. Who is added or moves in the order meanwhile may
    /// be left out: it is no picture of one moment.
    ///
    /// # Errors
    /// When the database cannot be read or the file cannot be written.
    pub async fn export(
        &self,
        query: &Query,
        sort: Sort,
        request: Request,
        to: ExportFile<impl Write>,
        mut progress: impl FnMut(u64),
    ) -> Result<u64, ExportError> {
        let sheet = Sheet::new(self.store.attribute_names().await?);
        self.store.write_down(&self.asked(request), Action::CustomerExport, &to.described).await?;
        let mut file = csv::Writer::from_writer(to.writer);
        file.write_record(sheet.header())?;
        let (mut websites, mut groups) = (self.website_codes().await?, self.group_names().await?);
        let (mut from, mut written) = (PageFrom::Start, 0);
        loop {
            let page = self.find_all_of_page(query.clone(), sort, from, PAGE).await?;
            let ids: Vec<CustomerId> = page.rows.iter().map(|row| row.id).collect();
            let customers = self.store.stored_by_id(&ids).await?;
            if customers
                .iter()
                .any(|one| !websites.contains_key(&one.data.website.0) || !groups.contains_key(&one.data.group.0))
            {
                (websites, groups) = (self.website_codes().await?, self.group_names().await?);
            }
            for customer in &customers {
                file.write_record(line(&sheet, customer, &websites, &groups))?;
                written += 1;
            }
            progress(written);
            let Some(next) = page.next else { break };
            from = PageFrom::After(next);
        }
        file.flush()?;
        Ok(written)
    }

    async fn website_codes(&self) -> StoreResult<Names> {
        let websites = self.store.websites().await?;
        Ok(websites.into_iter().map(|website| (website.id.0, website.code.to_string())).collect())
    }

    async fn group_names(&self) -> StoreResult<Names> {
        let groups = self.store.groups().await?;
        Ok(groups.into_iter().map(|group| (group.id.0, group.name.to_string())).collect())
    }
}

fn line(sheet: &Sheet, customer: &StoredCustomer, websites: &Names, groups: &Names) -> Vec<String> {
    let name = |names: &Names, id| names.get(&id).cloned().unwrap_or_default();
    let (website, group) = (name(websites, customer.data.website.0), name(groups, customer.data.group.0));
    sheet.row(&customer.data, &website, &group).collect()
}
