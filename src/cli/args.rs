//! What can be typed behind `keydesk`.

mod actions;
mod audit;
mod customers;
mod demo;
mod integrations;
mod mail;
mod upkeep;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use actions::{Action, CancelResetArgs, ForceSignInArgs, ResetPasswordArgs, ScopeWord, UnlockArgs};
pub use audit::{AuditCommand, AuditListArgs};
pub use customers::{CustomersArgs, ExportArgs, ImportArgs, SortWord, Who};
pub use demo::{DemoArgs, DemoCommand, PlayArgs, RecordArgs};
pub use integrations::{IntegrationAction, IntegrationsCommand};
pub use mail::{MailActionArgs, MailCommand, MailTwin};
pub use upkeep::{BackupArgs, CopyArgs, DoctorArgs, ManArgs, MigrateArgs, RestoreArgs, ServeArgs};

use crate::{config::Flags, domain::operator::Operator};
use values::operator;

/// What stands under the help of every command.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong usage or configuration
  3  refused by the shop's rules
  4  not found
  5  ambiguous
  6  database or mail relay unreachable
  7  import: done, but for rows that were rejected
  128+n  the console was left because of signal n

Environment: KEYDESK_CONFIG, KEYDESK_DATABASE, KEYDESK_MAIL, KEYDESK_BASE_URL, KEYDESK_LISTEN, KEYDESK_LANG";

const DATABASE_HELP: &str = "Use this database: sqlite:PATH, or postgres://USER@HOST/DATABASE (without a password)";

const MAIL_HELP: &str =
    "Hand mails over here: smtps://USER@HOST, smtp://localhost, sendmail: or maildir:DIR (without a password)";

/// Gives customers their accounts back: find one, send a password reset, revoke access tokens.
/// Without a command it opens the console.
#[derive(Parser)]
#[command(name = "keydesk", bin_name = "keydesk", version, color = clap::ColorChoice::Never, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do; none = the console.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings and habits that go with every command.
    #[command(flatten)]
    pub global: Global,
}

/// What goes with every command.
#[derive(Args)]
pub struct Global {
    /// Read this configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use this database.
    #[arg(long, global = true, value_name = "URL", help = DATABASE_HELP)]
    pub database: Option<String>,
    /// Hand mails over to this relay, program or folder.
    #[arg(long, global = true, value_name = "URL", help = MAIL_HELP)]
    pub mail: Option<String>,
    /// Write actions down for this person instead of the signed-in one
    #[arg(long, global = true, value_name = "NAME", value_parser = operator)]
    pub operator: Option<Operator>,
    /// Speak this language, such as ko, whatever settings and locale say
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<String>,
    /// Answer in JSON, errors too
    #[arg(long, global = true)]
    pub json: bool,
}

impl Global {
    /// The flags that are settings.
    #[must_use]
    pub fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            database: self.database.clone(),
            mail: self.mail.clone(),
            lang: self.lang.clone(),
            ..Flags::default()
        }
    }
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Make a demo shop and open the console on it
    Demo(DemoArgs),
    /// The commands that work on the shop's database.
    #[command(flatten)]
    Twin(Twin),
    /// Look at the mail queue, or deliver it
    Mail {
        /// What of it.
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Open the storefront: pages for customers, a web API for integrations
    ///
    /// It speaks HTTP, to a proxy in front of it that does the TLS, and answers for the hosts that the
    /// websites' base URLs name. It delivers mails as well unless mail.worker is false. Ctrl-C or
    /// SIGTERM end it once what is at work is finished.
    Serve(ServeArgs),
    /// Look over configuration, database, files, relay and queue; change nothing
    Doctor(DoctorArgs),
    /// Copy the database to a new file while everybody goes on working
    Backup(BackupArgs),
    /// Put a backup in the place of the database, with its links, mails and sessions ended
    Restore(RestoreArgs),
    /// Move a whole shop from a file to a database server, and compare both row by row
    ///
    /// Nobody may work on the file meanwhile. Nothing in it is changed, and all is taken over as it is,
    /// but for links: none that was mailed before works on the server. A copy that was stopped goes on
    /// where it was when the same command is run again; until it is complete nobody can open the
    /// server's database.
    Copy(CopyArgs),
    /// Take customers over from a file: Magento's "Customers Main File", or an export
    Import(ImportArgs),
    /// Write customers to such a file, without anything that opens an account
    Export(ExportArgs),
    /// Make the database, or bring an older one up to date
    ///
    /// On a server it makes the tables in a database that is there, as the role that is to own them.
    Migrate(MigrateArgs),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write a page for each command as well
    Man(ManArgs),
}

/// The commands that work on the shop's database.
#[derive(Subcommand)]
pub enum Twin {
    /// Find customers
    Customers(CustomersArgs),
    /// Show a customer's whole record
    Show(Who),
    /// Mail a customer a link to choose a new password
    ResetPassword(ResetPasswordArgs),
    /// Take a reset back: its mail while it is held, else its link
    CancelReset(CancelResetArgs),
    /// Take off the lock that too many wrong passwords put on a customer
    Unlock(UnlockArgs),
    /// Revoke a customer's access tokens, so that integrations must ask again
    ForceSignIn(ForceSignInArgs),
    /// Add, list or remove programs that may obtain access tokens for customers
    Integrations {
        /// Which.
        #[command(subcommand)]
        command: IntegrationsCommand,
    },
    /// Read or verify the audit log
    Audit {
        /// Which.
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[cfg(test)]
mod tests {
    use super::{values::MAX_REASON, *};
    use crate::domain::{
        access_token::{Scope, TokenId},
        audit::ActionFilter,
        integration::MAX_NAME,
    };
    use clap::CommandFactory;
    use jiff::Timestamp;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_is_the_console() {
        let cli = parse("keydesk --database sqlite:a.db").unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.global.flags().database.as_deref(), Some("sqlite:a.db"));
    }

    #[test]
    fn a_demo_is_a_shop_unless_a_script_is_played() {
        let demo = |line: &str| match parse(line).unwrap().command {
            Some(Command::Demo(args)) => args,
            _ => panic!("another command"),
        };
        assert!(demo("keydesk demo --seed 7 --no-console").command.is_none());
        let played = demo("keydesk demo play a.toml --speed 2").command;
        assert!(matches!(played, Some(DemoCommand::Play(args)) if args.speed.to_string() == "2"));
    }

    #[test]
    fn global_flags_may_stand_behind_the_command() {
        let cli = parse("keydesk show 1 --json --operator mina").unwrap();
        assert!(cli.global.json);
        assert_eq!(cli.global.operator, Operator::new("mina"));
    }

    #[test]
    fn a_token_is_a_scope_of_its_own() {
        let scope = |line: &str| match parse(line).unwrap().command {
            Some(Command::Twin(Twin::ForceSignIn(args))) => args.scope(),
            _ => panic!("another command"),
        };
        assert_eq!(scope("keydesk force-sign-in 1"), Scope::Tokens);
        assert_eq!(scope("keydesk force-sign-in 1 --scope all"), Scope::All);
        assert_eq!(scope("keydesk force-sign-in 1 --token 7"), Scope::Token(TokenId(7)));
        assert!(parse("keydesk force-sign-in 1 --token 7 --scope all").is_err());
    }

    #[test]
    fn blanks_around_an_address_do_not_count() {
        let cli = Cli::try_parse_from(["keydesk", "show", " \ta@b.co\n"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Twin(Twin::Show(who))) if who.who == "a@b.co"));
        assert!(Cli::try_parse_from(["keydesk", "show", " "]).is_err());
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let give = |reason: &str| Cli::try_parse_from(["keydesk", "cancel-reset", "1", "--reason", reason]);
        for good in ["", "T-4711: 본인 확인", &"ä".repeat(MAX_REASON)] {
            assert!(give(good).is_ok(), "{good}");
        }
        for bad in ["a\nb", "a\tb", "\u{1b}[31m", "a\u{2028}b", &"ä".repeat(MAX_REASON + 1)] {
            assert!(give(bad).err().unwrap().to_string().contains("one line of at most 200 characters"), "{bad}");
        }
    }

    #[test]
    fn the_name_of_an_integration_is_one_line_of_visible_characters() {
        let give = |what: &str, name: &str| Cli::try_parse_from(["keydesk", "integrations", what, name]);
        for good in ["ERP sync", "창고", &"ä".repeat(MAX_NAME)] {
            assert!(give("add", good).is_ok(), "{good}");
        }
        for bad in
            ["", " ", " ERP", "ERP ", "a\nb", "a\u{1b}[31m", "a\u{202e}b", "a\u{200b}b", &"ä".repeat(MAX_NAME + 1)]
        {
            assert!(give("add", bad).err().unwrap().to_string().contains("one line of 1 to 100 visible"), "{bad:?}");
        }
        assert!(give("remove", "ERP\u{202e}").is_ok(), "what got in another way can be removed");
        assert!(give("remove", "").is_err());
    }

    #[test]
    fn a_day_is_meant_whole() {
        let filter = |line: &str| match parse(line).unwrap().command {
            Some(Command::Twin(Twin::Audit { command: AuditCommand::List(args) })) => args.filter(),
            _ => panic!("another command"),
        };
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let day = filter("keydesk audit list --since 2026-11-20 --until 2026-11-20 --action mail. --by mina");
        assert_eq!((day.from, day.to), (at("2026-11-20T00:00:00Z"), at("2026-11-21T00:00:00Z")));
        assert_eq!((day.action, day.operator), (Some(ActionFilter::Under("mail.".into())), Operator::new("mina")));
        let exact = filter("keydesk audit list --until 2026-11-20T12:00:00Z");
        assert_eq!((exact.from, exact.to), (None, at("2026-11-20T12:00:00Z")));
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            "keydesk show",
            "keydesk mail",
            "keydesk customers --limit 0",
            "keydesk customers --sort size",
            "keydesk reset-password 1 --op-key ä",
            "keydesk mail show x",
            "keydesk mail list --state delivered",
            "keydesk audit list --since soon",
            "keydesk mail show -1",
            "keydesk demo --now yesterday",
            "keydesk demo --customers 0",
            "keydesk demo --customers 10 record a.toml",
            "keydesk demo record",
            "keydesk demo play a.toml --speed 0",
            "keydesk demo play a.toml --speed NaN",
            "keydesk show 1 --operator \u{20}",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
