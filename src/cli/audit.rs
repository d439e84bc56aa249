//! `keydesk audit`

use serde_json::{Value, json};

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome, time},
        args::AuditCommand,
        table,
    },
    domain::{
        audit::{ChainReport, EntryLine},
        time_text,
    },
    store::Store,
};

/// Lists or verifies the audit log.
///
/// # Errors
/// The answer to give when the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, command: &AuditCommand) -> Answered {
    match command {
        AuditCommand::Verify => Ok(verified(&ctx.service.verify_audit().await?)),
        AuditCommand::List(args) => {
            let entries = ctx.service.audit_entries(&args.filter(), args.before, args.limit).await?;
            Ok(list(&entries, args.limit))
        }
    }
}

fn verified(report: &ChainReport) -> Answer {
    let facts = json!({"entries": report.entries, "head": report.head});
    match &report.broken {
        None => {
            let message = format!("The audit log holds: {} entries, head {}.", report.entries, report.head);
            Answer::sentence(Outcome::Done, message, facts)
        }
        Some(broken) => {
            let message = format!(
                "The audit log is broken: {broken}. The {} entries before hold, up to head {}. \
                 Compare the database with a backup.",
                report.entries, report.head
            );
            Answer::sentence(Outcome::Failed, message, facts).with("reason", "broken")
        }
    }
}

fn list(entries: &[EntryLine], limit: u32) -> Answer {
    let full = u32::try_from(entries.len()).is_ok_and(|shown| shown >= limit);
    let next = entries.last().filter(|_| full).map(|entry| entry.seq);
    let mut lines = if entries.is_empty() { vec!["No entries.".to_owned()] } else { table(entries) };
    lines.extend(next.map(|next| format!("Older ones: repeat it with --before {next}")));
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    Answer::lines(Outcome::Done, lines, json!({"entries": entries, "next": next}))
}

fn table(entries: &[EntryLine]) -> Vec<String> {
    let rows: Vec<[String; 7]> = entries
        .iter()
        .map(|entry| {
            [
                entry.seq.to_string(),
                time_text::second(entry.at),
                entry.operator.to_string(),
                entry.action.to_string(),
                entry.customer.map_or_else(String::new, |id| id.0.to_string()),
                entry.reason.to_string(),
                entry.detail.to_string(),
            ]
        })
        .collect();
    table::table(["NO", "TIME", "OPERATOR", "ACTION", "CUSTOMER", "REASON", "DETAIL"], &rows)
}

fn entry(entry: &EntryLine) -> Value {
    json!({
        "seq": entry.seq,
        "at": time(entry.at),
        "operator": entry.operator.as_str(),
        "action": entry.action.as_str(),
        "customer": entry.customer.map(|id| id.0),
        "reason": entry.reason.as_str(),
        "detail": entry.detail.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::ChainBreak;

    #[test]
    fn a_broken_log_fails() {
        let report = |broken| ChainReport { entries: 6, head: "ab12".into(), broken };
        let holds = verified(&report(None));
        assert_eq!((holds.outcome.exit_code(), &holds.json()["entries"]), (0, &6.into()));
        assert_eq!(holds.lines, ["The audit log holds: 6 entries, head ab12."]);
        let broken = verified(&report(Some(ChainBreak::Changed { seq: 7 })));
        assert_eq!((broken.outcome.exit_code(), &broken.json()["reason"]), (1, &"broken".into()));
        assert!(broken.lines[0].contains("entry 7 of the audit log was changed"));
    }

    #[test]
    fn a_full_page_says_how_to_go_on() {
        let line = EntryLine {
            seq: 7,
            at: jiff::Timestamp::UNIX_EPOCH,
            operator: "mina".into(),
            action: "reset.start".into(),
            customer: None,
            detail: "".into(),
            reason: "".into(),
        };
        assert_eq!(list(std::slice::from_ref(&line), 1).json()["next"], 7);
        assert_eq!(list(&[line], 2).json()["next"], Value::Null);
        assert_eq!(list(&[], 1).lines, ["No entries."]);
    }
}
