//! The queue of mails.

use clap::{ArgAction, Args, Subcommand};

use super::{
    actions::Action,
    values::{customer_id, mail_id, stage},
};
use crate::domain::{customer::CustomerId, mail_state::MailId, outbox::MailStage};

/// `mail ...`
#[derive(Subcommand)]
pub enum MailCommand {
    /// The commands that work on the queue as it stands in the database.
    #[command(flatten)]
    Twin(MailTwin),
    /// Hand over what is due
    Deliver {
        /// Go on until interrupted
        #[arg(long, action = ArgAction::SetTrue)]
        watch: bool,
        /// Make links with this key file from now on, because the one before it is lost
        #[arg(long, action = ArgAction::SetTrue)]
        new_key: bool,
    },
}

/// The commands on mails that only need the database.
#[derive(Subcommand)]
pub enum MailTwin {
    /// List mails, newest first
    List {
        /// Only mails that stand here
        #[arg(long, value_name = "STATE", value_parser = stage())]
        state: Option<MailStage>,
        /// Only mails to this customer
        #[arg(long, value_name = "ID", value_parser = customer_id)]
        customer: Option<CustomerId>,
        /// Most mails in one answer
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Only mails older than this one
        #[arg(long, value_name = "ID", value_parser = mail_id)]
        before: Option<MailId>,
    },
    /// Show one mail
    Show {
        /// Its id
        #[arg(value_parser = mail_id)]
        id: MailId,
    },
    /// Send a mail again now that was refused, given up, or waits for a later try
    Retry(MailActionArgs),
    /// Take back the reset of one mail: the mail while it is held, else its link
    Cancel(MailActionArgs),
}

/// `mail retry`, `mail cancel`
#[derive(Args)]
pub struct MailActionArgs {
    /// Id of the mail
    #[arg(value_parser = mail_id)]
    pub id: MailId,
    /// How.
    #[command(flatten)]
    pub action: Action,
}
