//! The command line: the headless twin of every action of the console.
//!
//! A command reads its arguments, asks the [`Service`] and gives one [`Answer`]: an outcome with
//! its exit code, lines for people and the same facts as JSON for programs. Nothing here prints
//! but [`out::Out`].

pub mod answer;
pub mod args;
pub mod audit;
pub mod backup;
pub mod cancel_reset;
pub mod copy;
pub mod cursor;
pub mod customers;
pub mod deliver;
pub mod doctor;
pub mod export;
pub mod force_sign_in;
pub mod import;
pub mod integrations;
pub mod mail;
pub mod man;
pub mod new_file;
pub mod operator;
pub mod out;
pub mod progress;
pub mod reset_password;
pub mod restore;
pub mod show;
pub mod table;
pub mod unlock;
pub mod usage;
pub mod who;

use crate::{
    cli::{answer::Answer, args::Twin},
    domain::operator::Operator,
    service::Service,
    store::Store,
};

/// What every command works with.
#[derive(Clone, Debug)]
pub struct Ctx<S> {
    /// The use cases over the shop's database.
    pub service: Service<S>,
    /// Whom actions are written down for.
    pub operator: Operator,
}

/// Runs a command that only needs the database.
pub async fn run<S: Store>(ctx: &Ctx<S>, command: &Twin) -> Answer {
    let answer = match command {
        Twin::Customers(args) => customers::run(ctx, args).await,
        Twin::Show(who) => show::run(ctx, who).await,
        Twin::ResetPassword(args) => reset_password::run(ctx, args).await,
        Twin::CancelReset(args) => cancel_reset::run(ctx, args).await,
        Twin::Unlock(args) => unlock::run(ctx, args).await,
        Twin::ForceSignIn(args) => force_sign_in::run(ctx, args).await,
        Twin::Integrations { command } => integrations::run(ctx, command).await,
        Twin::Audit { command } => audit::run(ctx, command).await,
    };
    answer.unwrap_or_else(|early| early)
}
