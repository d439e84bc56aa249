//! Where customers belong: websites and groups by name, made where the shop does not have them.

use std::collections::HashMap;

use super::ImportPlan;
use crate::{
    domain::{
        customer_file::GroupName,
        website::{Group, GroupId, NewWebsite, Website, WebsiteId},
    },
    store::{Store, StoreResult},
};

/// In a dry run, what is not there yet has this number, which nothing in a database has.
const NOT_MADE: i64 = 0;
/// Language of the mails of a website that is made.
const LANGUAGE: &str = "en";

/// Ids of websites by code, lower case, and of groups by name.
pub(super) struct Places {
    websites: HashMap<String, WebsiteId>,
    groups: HashMap<String, GroupId>,
}

impl Places {
    pub(super) fn new(websites: &[Website], groups: &[Group]) -> Self {
        Self {
            websites: websites.iter().map(|one| (one.code.as_str().to_ascii_lowercase(), one.id)).collect(),
            groups: groups.iter().map(|one| (one.name.as_str().to_owned(), one.id)).collect(),
        }
    }

    /// The website with this code.
    pub(super) async fn website(
        &mut self,
        store: &impl Store,
        plan: &ImportPlan,
        code: &str,
    ) -> StoreResult<WebsiteId> {
        if let Some(id) = self.websites.get(code) {
            return Ok(*id);
        }
        let Some(new) = plan.new_websites.as_ref().filter(|_| !plan.dry_run) else {
            return Ok(WebsiteId(NOT_MADE));
        };
        let website = NewWebsite {
            code: code.to_owned(),
            name: code.to_owned(),
            base_url: new.base_url.clone(),
            sender_name: code.to_owned(),
            sender_email: new.sender.clone(),
            language: LANGUAGE.to_owned(),
        };
        let id = match store.insert_website(&website).await {
            Ok(id) => id,
            // Another import may have made it a moment ago.
            Err(error) => {
                let known = store.websites().await?;
                known.iter().find(|known| known.code.as_str() == code).map(|known| known.id).ok_or(error)?
            }
        };
        self.websites.insert(code.to_owned(), id);
        Ok(id)
    }

    /// The group with this name.
    pub(super) async fn group(
        &mut self,
        store: &impl Store,
        plan: &ImportPlan,
        name: &GroupName,
    ) -> StoreResult<GroupId> {
        let name = name.as_str();
        if let Some(id) = self.groups.get(name) {
            return Ok(*id);
        }
        if plan.dry_run {
            return Ok(GroupId(NOT_MADE));
        }
        let id = match store.insert_group(name).await {
            Ok(id) => id,
            Err(error) => {
                let known = store.groups().await?;
                known.iter().find(|known| known.name.as_str() == name).map(|known| known.id).ok_or(error)?
            }
        };
        self.groups.insert(name.to_owned(), id);
        Ok(id)
    }
}
