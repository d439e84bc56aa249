//! Which actions are possible now, and what stands in the way of the others.

use jiff::Timestamp;

use crate::{
    domain::{
        customer::Customer,
        email::EmailAddress,
        mail_retry::{NoRetry, Standing},
        outbox::{MailKind, MailLine},
        refusal::Refusal,
        time_text,
    },
    texts::Texts,
    tui::{
        command::Action,
        layout,
        model::{
            Focus, Model,
            room::{Chain, Room},
        },
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
    /// The mail is a notice, which is not for anybody to take back.
    NoticeStays,
    /// No lock keeps the customer out.
    NotLocked,
    /// The mail cannot be tried again.
    NoRetry(NoRetry),
}

impl Obstacle {
    /// What the button says, in a few words.
    #[must_use]
    pub fn words(self, texts: Texts, now: Timestamp) -> String {
        match self {
            Self::BeingDone => texts.obstacle_being_done(),
            Self::WebsiteIncomplete => texts.obstacle_website(),
            Self::EmailUnusable => texts.obstacle_email(),
            Self::Until(next) => texts.next_in(words::left(texts, next, now)),
            Self::NeverHadTokens => texts.obstacle_never_had_tokens(),
            Self::NothingAlive => texts.obstacle_nothing_alive(),
            Self::NoLink => texts.obstacle_no_link(),
            Self::NoticeStays => texts.obstacle_notice(),
            Self::NotLocked => texts.obstacle_not_locked(),
            Self::NoRetry(_) => texts.obstacle_no_retry(),
        }
    }

    /// What is said to who asks for the action all the same.
    #[must_use]
    pub fn sentence(self, texts: Texts) -> String {
        match self {
            // A sentence that stays for a while must stay true: no countdown.
            Self::Until(next) => texts.blocked_until(time_text::second(next)),
            Self::NoRetry(why) => texts.not_retried(why),
            Self::BeingDone => texts.blocked_being_done(),
            Self::WebsiteIncomplete => texts.blocked_website(),
            Self::EmailUnusable => texts.blocked_email(),
            Self::NeverHadTokens => texts.blocked_never_had_tokens(),
            Self::NothingAlive => texts.blocked_nothing_alive(),
            Self::NoLink => texts.refusal(&Refusal::NothingToCancel),
            Self::NoticeStays => texts.refusal(&Refusal::NoticeStays),
            Self::NotLocked => texts.refusal(&Refusal::NotLocked),
        }
    }
}

impl Model {
    /// Whether `action` can be asked for now.
    #[must_use]
    pub fn availability(&self, action: Action) -> Availability {
        use Availability::{Absent, Ready};
        let present = |there: bool| if there { Ready } else { Absent };
        if let Some(room) = &self.room {
            return self.availability_in(room, action);
        }
        match action {
            Action::Open => present(self.list.selected_id().is_some() && self.focus == Focus::Table),
            Action::Copy => present(self.target().is_some()),
            Action::Undo => present(self.can_undo()),
            Action::RetryMail | Action::Verify | Action::OpenCustomer => Absent,
            Action::Reset | Action::ForceSignIn | Action::CancelLink | Action::Preview | Action::Unlock => {
                self.on_target(action)
            }
            Action::NextPane => {
                let beside = layout::is_wide(self.area) && self.behind.is_empty();
                present(beside && self.list.selected_id().is_some())
            }
            Action::PreviousPane => present(self.is_side_by_side() && self.focus == Focus::Detail),
            Action::Quit => present(self.is_root()),
            Action::Back => present(!self.is_root()),
            _ => Ready,
        }
    }

    fn can_undo(&self) -> bool {
        self.undo.iter().any(|undo| undo.send_at > self.now)
    }

    fn availability_in(&self, room: &Room, action: Action) -> Availability {
        use Availability::{Absent, Ready};
        let present = |there: bool| if there { Ready } else { Absent };
        let (is_audit, mail) = match room {
            Room::Audit(_) => (true, None),
            Room::Mails(room) => (false, room.feed.selected_row()),
        };
        match action {
            Action::Reset
            | Action::ForceSignIn
            | Action::Preview
            | Action::Unlock
            | Action::Quit
            | Action::Sort
            | Action::Searches
            | Action::Columns => Absent,
            Action::Open => present(match room {
                Room::Audit(room) => room.feed.selected_row().is_some(),
                Room::Mails(_) => mail.is_some(),
            }),
            Action::OpenCustomer => present(room.customer().is_some()),
            Action::Undo => present(self.can_undo()),
            Action::Audit | Action::NextPane | Action::PreviousPane => present(!is_audit),
            Action::Search | Action::Mails => present(is_audit),
            Action::Verify => present(is_audit && !matches!(self.chain, Some(Chain::Checking(_)))),
            Action::Copy => present(mail.is_some()),
            Action::RetryMail | Action::CancelLink => mail.map_or(Absent, |mail| self.availability_of(action, mail)),
            _ => Ready,
        }
    }

    /// Whether `action` can be done to this mail.
    #[must_use]
    pub fn availability_of(&self, action: Action, mail: &MailLine) -> Availability {
        if self.is_writing(mail.customer) {
            return Availability::Blocked(Obstacle::BeingDone);
        }
        let blocked = if action == Action::RetryMail {
            let queue_rests = self.queue.as_ref().is_some_and(|queue| queue.stopped.is_some());
            let standing = Standing { queue_rests, ..Standing::from(mail) };
            standing.check(self.now).err().map(Obstacle::NoRetry)
        } else if mail.kind == MailKind::PasswordChanged {
            Some(Obstacle::NoticeStays)
        } else {
            (!mail.link.is_live()).then_some(Obstacle::NoLink)
        };
        blocked.map_or(Availability::Ready, Availability::Blocked)
    }

    /// Whether there is nothing to go back from, popups aside.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.behind.is_empty()
            && self.detail.is_none()
            && self.focus == Focus::Table
            && self.list.field.text().is_empty()
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
            Action::Preview => preview_blocked(record),
            Action::Unlock => unlock_blocked(record, self.now),
            _ => cancel_blocked(record),
        };
        blocked.map_or(Availability::Ready, Availability::Blocked)
    }

    fn reset_blocked(&self, record: &Customer) -> Option<Obstacle> {
        preview_blocked(record).or_else(|| {
            let blocked = record.budget.blocked.filter(|blocked| blocked.next() > self.now)?;
            Some(Obstacle::Until(blocked.next()))
        })
    }
}

/// Why no mail can be made for the customer.
fn preview_blocked(record: &Customer) -> Option<Obstacle> {
    if record.website.sender_email.is_none() || record.website.base_url.is_none() {
        return Some(Obstacle::WebsiteIncomplete);
    }
    EmailAddress::parse(record.email.as_str()).is_err().then_some(Obstacle::EmailUnusable)
}

fn unlock_blocked(record: &Customer, now: Timestamp) -> Option<Obstacle> {
    let is_locked = record.locked_until.is_some_and(|until| until > now);
    (!is_locked).then_some(Obstacle::NotLocked)
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
