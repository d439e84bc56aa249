//! What can be typed behind `keydesk`.

use std::path::PathBuf;

use clap::{
    ArgAction, Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use jiff::Timestamp;

use crate::{
    config::{Flags, value},
    domain::{
        access_token::{Scope, TokenId},
        audit::{ActionFilter, AuditFilter},
        customer::CustomerId,
        email::EmailAddress,
        find::{Sort, SortKey},
        mail_state::MailId,
        operation::OpKey,
        operator::Operator,
        outbox::MailStage,
        query::period,
    },
    service::Request,
};

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

Environment: KEYDESK_CONFIG, KEYDESK_DATABASE, KEYDESK_MAIL, KEYDESK_BASE_URL";

const MAIL_HELP: &str =
    "Hand mails over here: smtps://USER@HOST, smtp://localhost, sendmail: or maildir:DIR (without a password)";
const DEMO_DIR_HELP: &str = "Folder of the shop; without it keydesk/demo in $XDG_DATA_HOME or ~/.local/share";

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
    /// Use this database: sqlite:PATH
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Hand mails over to this relay, program or folder.
    #[arg(long, global = true, value_name = "URL", help = MAIL_HELP)]
    pub mail: Option<String>,
    /// Write actions down for this person instead of the signed-in one
    #[arg(long, global = true, value_name = "NAME", value_parser = operator)]
    pub operator: Option<Operator>,
    /// Answer in JSON, errors too
    #[arg(long, global = true)]
    pub json: bool,
}

impl Global {
    /// The flags that are settings.
    #[must_use]
    pub fn flags(&self) -> Flags {
        Flags { config: self.config.clone(), database: self.database.clone(), mail: self.mail.clone() }
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
    /// Look over configuration, database, files, relay and queue; change nothing
    Doctor(DoctorArgs),
    /// Copy the database to a new file while everybody goes on working
    Backup(BackupArgs),
    /// Put a backup in the place of the database, with its links, mails and sessions ended
    Restore(RestoreArgs),
    /// Take customers over from a file: Magento's "Customers Main File", or an export
    Import(ImportArgs),
    /// Write customers to such a file, without anything that opens an account
    Export(ExportArgs),
    /// Make the database, or bring an older one up to date
    Migrate,
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
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
    /// Read or verify the audit log
    Audit {
        /// Which.
        #[command(subcommand)]
        command: AuditCommand,
    },
}

/// `demo`
#[derive(Args)]
pub struct DemoArgs {
    /// How many customers a new shop gets [default: 10000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000_000))]
    pub customers: Option<u32>,
    /// The same seed makes the same shop
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder of the shop.
    #[arg(long, value_name = "DIR", help = DEMO_DIR_HELP)]
    pub dir: Option<PathBuf>,
    /// What time it is in the shop, such as 2026-11-20T12:00:00Z; without it the real time
    #[arg(long, value_name = "TIME")]
    pub now: Option<Timestamp>,
    /// Only make the shop
    #[arg(long)]
    pub no_console: bool,
}

/// Whom a command means.
#[derive(Args)]
pub struct Who {
    /// Id or e-mail address of the customer
    #[arg(value_parser = trimmed)]
    pub who: String,
    /// Website's code, where an e-mail address is known on several
    #[arg(long, value_name = "CODE")]
    pub website: Option<String>,
}

/// What goes with every action.
#[derive(Args)]
pub struct Action {
    /// Why, such as a ticket, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
    /// Say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do it once, however often it is asked for with this key; the key of another action is refused
    #[arg(long, value_name = "KEY", value_parser = op_key)]
    pub op_key: Option<OpKey>,
}

impl Action {
    /// The request as an operator makes it.
    #[must_use]
    pub fn request(&self, by: &Operator) -> Request {
        Request { by: by.clone(), reason: self.reason.clone(), op_key: self.op_key.clone() }
    }
}

/// `doctor`
#[derive(Args)]
pub struct DoctorArgs {
    /// Look also at every index, reference, audit entry and the search index; takes longer
    #[arg(long)]
    pub full: bool,
    /// Do not connect to the mail relay
    #[arg(long)]
    pub no_relay: bool,
}

/// `backup`
#[derive(Args)]
pub struct BackupArgs {
    /// The file to make; never one that is there
    pub file: PathBuf,
    /// Why, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
}

/// `restore`
#[derive(Args)]
pub struct RestoreArgs {
    /// The backup
    pub file: PathBuf,
    /// Put a database that is there aside, under another name
    #[arg(long)]
    pub replace: bool,
    /// Revoke every access token: those that were revoked after the backup was made would work again
    #[arg(long)]
    pub revoke_tokens: bool,
    /// Why, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
    /// Read the backup, say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `customers`
#[derive(Args)]
pub struct CustomersArgs {
    /// Words that must all match, and filters: email: name: phone: id: group: website: is: has: created:
    pub query: Vec<String>,
    /// Most customers in one answer
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Go on where another answer ended: its "next"
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// Order
    #[arg(long, value_enum, default_value_t)]
    pub sort: SortWord,
    /// Largest, latest, last letter first
    #[arg(long)]
    pub desc: bool,
}

impl CustomersArgs {
    /// The order asked for.
    #[must_use]
    pub const fn order(&self) -> Sort {
        Sort { key: self.sort.key(), descending: self.desc }
    }
}

/// What customers are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SortWord {
    /// Whoever begins with what was typed, then the newest
    #[default]
    Best,
    /// Id
    Id,
    /// Family name, given name
    Name,
    /// E-mail address
    Email,
    /// When the account was made
    Created,
    /// Last sign-in
    LastSignIn,
}

impl SortWord {
    const fn key(self) -> SortKey {
        match self {
            Self::Best => SortKey::Best,
            Self::Id => SortKey::Id,
            Self::Name => SortKey::Name,
            Self::Email => SortKey::Email,
            Self::Created => SortKey::Created,
            Self::LastSignIn => SortKey::LastSignIn,
        }
    }
}

/// `reset-password`
#[derive(Args)]
pub struct ResetPasswordArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Who,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

/// `cancel-reset`
#[derive(Args)]
pub struct CancelResetArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Who,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

/// `unlock`
#[derive(Args)]
pub struct UnlockArgs {
    /// Whom.
    #[command(flatten)]
    pub who: Who,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

/// `force-sign-in`
#[derive(Args)]
pub struct ForceSignInArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Who,
    /// What to end: access tokens, browser sessions, or both
    #[arg(long, value_enum, default_value_t)]
    pub scope: ScopeWord,
    /// Revoke this one token only; `show` lists them
    #[arg(long, value_name = "ID", conflicts_with = "scope", value_parser = clap::value_parser!(i64).range(1..))]
    pub token: Option<i64>,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

impl ForceSignInArgs {
    /// What is to end.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match (self.token, self.scope) {
            (Some(id), _) => Scope::Token(TokenId(id)),
            (None, ScopeWord::Tokens) => Scope::Tokens,
            (None, ScopeWord::Sessions) => Scope::Sessions,
            (None, ScopeWord::All) => Scope::All,
        }
    }
}

/// What Force Sign In ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ScopeWord {
    /// Every access token
    #[default]
    Tokens,
    /// Every browser session of the storefront
    Sessions,
    /// Tokens and sessions
    All,
}

/// `import`
#[derive(Args)]
pub struct ImportArgs {
    /// The file, comma-separated values in UTF-8; - is standard input
    pub file: PathBuf,
    /// Put rows that are not taken here instead of FILE.rejects.csv; never over a file
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Make the websites that the file names and the shop does not have
    #[arg(long)]
    pub create_websites: bool,
    /// Where their links point: scheme and host
    #[arg(long, value_name = "URL", requires = "create_websites", value_parser = value::base_url)]
    pub base_url: Option<String>,
    /// Whom their mails come from
    #[arg(long, value_name = "ADDRESS", requires = "create_websites", value_parser = EmailAddress::parse)]
    pub sender: Option<EmailAddress>,
    /// Why, such as a ticket, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
    /// Read and check everything, write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `export`
#[derive(Args)]
pub struct ExportArgs {
    /// The file, which must not be there yet; - is standard output
    pub file: PathBuf,
    /// Whom: words and filters, as for `customers`; without it everybody
    pub query: Vec<String>,
    /// Order
    #[arg(long, value_enum, default_value = "id")]
    pub sort: SortWord,
    /// Largest, latest, last letter first
    #[arg(long)]
    pub desc: bool,
    /// Why, such as a ticket, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
}

impl ExportArgs {
    /// The order asked for.
    #[must_use]
    pub const fn order(&self) -> Sort {
        Sort { key: self.sort.key(), descending: self.desc }
    }
}

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

/// `audit ...`
#[derive(Subcommand)]
pub enum AuditCommand {
    /// List entries, newest first
    List(AuditListArgs),
    /// Check that nobody changed or removed an entry
    Verify,
}

/// `audit list`
#[derive(Args)]
pub struct AuditListArgs {
    /// Only what was done to this customer
    #[arg(long, value_name = "ID", value_parser = customer_id)]
    pub customer: Option<CustomerId>,
    /// Only what this operator did
    #[arg(long, value_name = "NAME", value_parser = operator)]
    pub by: Option<Operator>,
    /// Only this action, such as reset.start, or all that begin so, such as mail.
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// Only from this time on: 2026-11-20T12:00:00Z, or a day, month or year in UTC
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<Timestamp>,
    /// Only before this time, or up to the end of this day, month or year
    #[arg(long, value_name = "TIME", value_parser = until)]
    pub until: Option<Timestamp>,
    /// Most entries in one answer
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Only entries older than this one
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    pub before: Option<i64>,
}

impl AuditListArgs {
    /// What is asked for.
    #[must_use]
    pub fn filter(&self) -> AuditFilter {
        AuditFilter {
            customer: self.customer,
            operator: self.by.clone(),
            action: self.action.as_deref().map(ActionFilter::new),
            from: self.since,
            to: self.until,
        }
    }
}

/// Blanks around an id or address come from copying it.
fn trimmed(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("an id or e-mail address is needed") } else { Ok(text.to_owned()) }
}

fn operator(text: &str) -> Result<Operator, &'static str> {
    Operator::new(text).ok_or("a name is needed")
}

/// Longest reason, in characters.
const MAX_REASON: usize = 200;

/// A reason as it goes into the audit log: what would break its line or hide in it is refused.
fn reason(text: &str) -> Result<String, String> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if text.contains(breaks) || text.chars().count() > MAX_REASON {
        return Err(format!("a reason is one line of at most {MAX_REASON} characters, without control characters"));
    }
    Ok(text.to_owned())
}

fn op_key(text: &str) -> Result<OpKey, &'static str> {
    OpKey::new(text).ok_or("use 1 to 128 visible ASCII characters")
}

fn id(text: &str) -> Result<i64, &'static str> {
    text.parse().ok().filter(|id| *id > 0).ok_or("an id is a whole number from 1")
}

fn stage() -> impl TypedValueParser<Value = MailStage> {
    PossibleValuesParser::new(MailStage::ALL.map(MailStage::word))
        .try_map(|word| MailStage::from_word(&word).ok_or("there is no such state"))
}

const NO_TIME: &str = "a time is 2026-11-20T12:00:00Z, 2026-11-20, 2026-11 or 2026";

fn since(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().ok().or_else(|| period(text).map(|(first, _)| first)).ok_or(NO_TIME)
}

fn until(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().ok().or_else(|| period(text).map(|(_, after)| after)).ok_or(NO_TIME)
}

fn mail_id(text: &str) -> Result<MailId, &'static str> {
    id(text).map(MailId)
}

fn customer_id(text: &str) -> Result<CustomerId, &'static str> {
    id(text).map(CustomerId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

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
            "keydesk show 1 --operator \u{20}",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
