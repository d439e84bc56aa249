//! Customers added, changed and deleted: for imports, and for a shop's own programs.

use crate::{
    domain::{
        command::{AddCustomer, ChangeCustomer, DeleteCustomer},
        customer::{CustomerId, NewCustomer, Version},
    },
    service::{Request, Service},
    store::{ActionResult, Store},
};

impl<S: Store> Service<S> {
    /// Adds a customer.
    ///
    /// # Errors
    /// When the database fails, or the address is taken on that website; a rule that says no is
    /// the inner result.
    pub async fn add_customer(&self, data: NewCustomer, request: Request) -> ActionResult<CustomerId> {
        self.store.add_customer(&AddCustomer { asked: self.asked(request), data }).await
    }

    /// Replaces what is known of a customer but its website. `version` is the record as it was
    /// read. What ends with it, see [`crate::store::Customers::change_customer`].
    ///
    /// # Errors
    /// When the database fails, or the new address is taken on the website; a rule that says no
    /// is the inner result.
    pub async fn change_customer(
        &self,
        customer: CustomerId,
        version: Version,
        data: NewCustomer,
        request: Request,
    ) -> ActionResult<Version> {
        self.store.change_customer(&ChangeCustomer { asked: self.asked(request), customer, version, data }).await
    }

    /// Deletes a customer. The audit log and what became of the mails stay.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn delete_customer(&self, customer: CustomerId, request: Request) -> ActionResult<()> {
        self.store.delete_customer(&DeleteCustomer { asked: self.asked(request), customer }).await
    }
}
