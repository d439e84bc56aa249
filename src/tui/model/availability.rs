//! Which actions are possible now, and what stands in the way of the others.

use crate::{
    domain::{customer::Customer, email::EmailAddress, time_text},
    tui::{
        command::Action,
        layout,
        model::{Focus, Model},
    },
};

/// Whether a command can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// There is nothing that it could mean; it is not shown.
    Absent,
    /// Yes.
    Ready,
    /// Not now, for this reason of a few words.
    Blocked(String),
}

impl Model {
    /// Whether `action` can be asked for now.
    #[must_use]
    pub fn availability(&self, action: Action) -> Availability {
        use Availability::{Absent, Ready};
        let present = |there: bool| if there { Ready } else { Absent };
        match action {
            Action::Open => present(self.list.selected_id().is_some() && self.focus == Focus::Table),
            Action::Copy => present(self.target().is_some()),
            Action::Undo => present(self.undo.iter().any(|undo| undo.send_at > self.now)),
            Action::Reset | Action::ForceSignIn | Action::CancelLink => self.on_target(action),
            Action::NextPane => present(layout::is_wide(self.area) && self.list.selected_id().is_some()),
            Action::PreviousPane => present(self.is_side_by_side() && self.focus == Focus::Detail),
            Action::Quit => present(self.is_root()),
            Action::Back => present(!self.is_root()),
            _ => Ready,
        }
    }

    /// Whether there is nothing to go back from, popups aside.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.detail.is_none() && self.focus == Focus::Table && self.list.field.text().is_empty()
    }

    fn on_target(&self, action: Action) -> Availability {
        let Some(id) = self.target() else { return Availability::Absent };
        if self.is_writing(id) {
            return Availability::Blocked("being done".to_owned());
        }
        self.target_record().map_or(Availability::Ready, |record| self.availability_for(action, record))
    }

    /// Whether `action` can be done to the customer with this record.
    #[must_use]
    pub fn availability_for(&self, action: Action, record: &Customer) -> Availability {
        if self.is_writing(record.id) {
            return Availability::Blocked("being done".to_owned());
        }
        let blocked = match action {
            Action::Reset => self.reset_blocked(record),
            Action::ForceSignIn => force_blocked(record),
            _ => cancel_blocked(record),
        };
        blocked.map_or(Availability::Ready, Availability::Blocked)
    }

    fn reset_blocked(&self, record: &Customer) -> Option<String> {
        if record.website.sender_email.is_none() || record.website.base_url.is_none() {
            return Some("website not set up".to_owned());
        }
        if EmailAddress::parse(record.email.as_str()).is_err() {
            return Some("e-mail not valid".to_owned());
        }
        let blocked = record.budget.blocked.filter(|blocked| blocked.next() > self.now)?;
        Some(format!("next in {}", time_text::countdown(blocked.next().duration_since(self.now))))
    }
}

/// Why there is nothing that Force Sign In could end, in a few words.
fn force_blocked(record: &Customer) -> Option<String> {
    if !record.ever_had_tokens {
        Some("never had tokens".to_owned())
    } else if record.alive.tokens == 0 && record.alive.sessions == 0 {
        Some("nothing alive".to_owned())
    } else {
        None
    }
}

fn cancel_blocked(record: &Customer) -> Option<String> {
    let live = record.last_reset.as_ref().is_some_and(|reset| reset.link.is_live());
    (!live).then(|| "none live".to_owned())
}
