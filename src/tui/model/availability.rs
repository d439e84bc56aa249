//! Which actions are possible now, and what stands in the way of the others.

use jiff::Timestamp;

use crate::{
    domain::{customer::Customer, email::EmailAddress, time_text},
    tui::{
        command::Action,
        layout,
        model::{Focus, Model},
        words,
    },
};

/// Whether a command can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// There is nothing that it could mean; it is not shown.
    Absent,
    /// Yes.
    Ready,
    /// Not now.
    Blocked(Obstacle),
}

/// What stands in the way of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The customer's last action is not finished.
    BeingDone,
    /// The website has no sender or no address for links.
    WebsiteIncomplete,
    /// Mail cannot be sent to the stored address.
    EmailUnusable,
    /// A limit of resets, until this time.
    Until(Timestamp),
    /// No integration ever obtained a token.
    NeverHadTokens,
    /// No token and no session is alive.
    NothingAlive,
    /// There is no live link and no waiting mail.
    NoLink,
}

impl Obstacle {
    /// What the button says, in a few words.
    #[must_use]
    pub fn words(self, now: Timestamp) -> String {
        match self {
            Self::BeingDone => "being done".to_owned(),
            Self::WebsiteIncomplete => "website not set up".to_owned(),
            Self::EmailUnusable => "e-mail not valid".to_owned(),
            Self::Until(next) => format!("next in {}", words::left(next, now)),
            Self::NeverHadTokens => "never had tokens".to_owned(),
            Self::NothingAlive => "nothing alive".to_owned(),
            Self::NoLink => "none live".to_owned(),
        }
    }

    /// What is said to who asks for the action all the same.
    #[must_use]
    pub fn sentence(self) -> String {
        let fixed = match self {
            // A sentence that stays for a while must stay true: no countdown.
            Self::Until(next) => {
                return format!("Not yet: the next reset mail is possible at {}.", time_text::second(next));
            }
            Self::BeingDone => "This customer's last action is still being done.",
            Self::WebsiteIncomplete => "Not possible: the website has no sender or base URL.",
            Self::EmailUnusable => "Not possible: the stored e-mail address is not valid.",
            Self::NeverHadTokens => {
                "Force Sign In revokes the OAuth access tokens that integrations obtained for a customer. \
                 No integration ever obtained one for this customer: accounts made in the storefront or by \
                 an admin have none. There is nothing to revoke."
            }
            Self::NothingAlive => "Nothing to revoke: no access token and no session is alive.",
            Self::NoLink => "Nothing to cancel: there is no live link and no waiting mail.",
        };
        fixed.to_owned()
    }
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
            return Availability::Blocked(Obstacle::BeingDone);
        }
        self.target_record().map_or(Availability::Ready, |record| self.availability_for(action, record))
    }

    /// Whether `action` can be done to the customer with this record.
    #[must_use]
    pub fn availability_for(&self, action: Action, record: &Customer) -> Availability {
        if self.is_writing(record.id) {
            return Availability::Blocked(Obstacle::BeingDone);
        }
        let blocked = match action {
            Action::Reset => self.reset_blocked(record),
            Action::ForceSignIn => force_blocked(record),
            _ => cancel_blocked(record),
        };
        blocked.map_or(Availability::Ready, Availability::Blocked)
    }

    fn reset_blocked(&self, record: &Customer) -> Option<Obstacle> {
        if record.website.sender_email.is_none() || record.website.base_url.is_none() {
            return Some(Obstacle::WebsiteIncomplete);
        }
        if EmailAddress::parse(record.email.as_str()).is_err() {
            return Some(Obstacle::EmailUnusable);
        }
        let blocked = record.budget.blocked.filter(|blocked| blocked.next() > self.now)?;
        Some(Obstacle::Until(blocked.next()))
    }
}

/// Why there is nothing that Force Sign In could end.
fn force_blocked(record: &Customer) -> Option<Obstacle> {
    if !record.ever_had_tokens {
        Some(Obstacle::NeverHadTokens)
    } else if record.alive.tokens == 0 && record.alive.sessions == 0 {
        Some(Obstacle::NothingAlive)
    } else {
        None
    }
}

fn cancel_blocked(record: &Customer) -> Option<Obstacle> {
    let live = record.last_reset.as_ref().is_some_and(|reset| reset.link.is_live());
    (!live).then_some(Obstacle::NoLink)
}
