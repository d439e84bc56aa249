//! Looking over a server's database without changing it, however it is.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::{Server, migrate};
use crate::{
    domain::{
        check::{Check, ShopState},
        server_address::{Host, ServerAddress, Tls},
        time_text,
    },
    store::{
        StoreError, StoreResult,
        sql::{
            audit,
            connection::{Connection, Row, from_micros, sql},
            customers, outbox,
            sqlite::Examined,
        },
    },
};

/// What to do about stored values that are not what they should be.
const RECOVER: &str = "Put a backup in its place, as the server's own means do it.";
/// Clocks that differ by more than this are told.
const APART: SignedDuration = SignedDuration::from_secs(5);
/// Rows that stand apart from the gram index: counted up to here.
const UNMERGED: i64 = 100_000;

/// Looks at the server and the shop on it; `full` at all that can be looked at. Never fails: what
/// cannot be looked at is a finding.
pub(in crate::store::sql) async fn examine(address: &ServerAddress, full: bool, now: Timestamp) -> Examined {
    let began = Instant::now();
    let opened = async {
        let server = Server::over(address)?;
        let connection = Connection::Postgres(server.read().await?);
        StoreResult::Ok((server, connection))
    };
    let (server, mut connection) = match opened.await {
        Ok(opened) => opened,
        Err(e) => {
            let advice = "Start it, or correct its address, the role or the password.";
            return Examined { checks: vec![Check::wrong("database", e.to_string(), advice)], shop: None };
        }
    };
    let mut checks = Vec::new();
    let on = &mut connection;
    checks.push(found("server", version(on, address, began).await));
    checks.push(found("tls", tls(on, address).await));
    checks.push(found("durability", durability(on).await));
    checks.push(found("server clock", clock(on, now, began).await));
    let tables = migrate::check(on).await;
    let are_ours = tables.is_ok();
    checks.push(match tables {
        Ok(()) => Check::fine("database", format!("{address}, tables {}", migrate::LATEST)),
        Err(e) => Check::wrong("database", e.to_string(), "It says what to run, and as whom."),
    });
    if !are_ours {
        return Examined { checks, shop: None };
    }
    checks.push(found("role", role(on).await));
    checks.push(found("search", apart(on).await));
    if full {
        checks.push(found("references", counts(on).await));
        checks.push(found("audit", audit_log(on).await));
    }
    let shop = match shop(&server, on, now).await {
        Ok(shop) => Some(shop),
        Err(e) => {
            checks.push(unread("shop", &e));
            None
        }
    };
    drop(connection);
    server.close();
    Examined { checks, shop }
}

/// A check, or that it could not be made.
fn found(name: &'static str, check: StoreResult<Check>) -> Check {
    check.unwrap_or_else(|e| unread(name, &e))
}

/// What could not be looked at: what the role may not read says nothing of the shop.
fn unread(name: &'static str, e: &StoreError) -> Check {
    let text = format!("it cannot be looked at: {e}");
    match e {
        StoreError::NotAllowed(_) => {
            Check::warning(name, text, "Run doctor as the owner, or as a role in keydesk_console or keydesk_readonly.")
        }
        _ => Check::wrong(name, text, RECOVER),
    }
}

async fn one(connection: &mut Connection, text: &'static str) -> StoreResult<Row> {
    sql(text).fetch_one(connection).await
}

async fn version(connection: &mut Connection, address: &ServerAddress, began: Instant) -> StoreResult<Check> {
    let took = began.elapsed().as_millis();
    let row = one(
        connection,
        "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby, \
         current_setting('transaction_read_only')::boolean AS only_reads",
    )
    .await?;
    let text = format!("PostgreSQL {}, let us in within {took} ms", row.text("version")?);
    Ok(if row.flag("standby")? || row.flag("only_reads")? {
        let advice = if address.hosts.len() > 1 {
            "Add target_session_attrs=read-write to the database's address: the server that can be written to is then found."
        } else {
            "Name the server that can be written to."
        };
        Check::wrong("server", format!("{text}; it is a standby, which cannot be written to"), advice)
    } else {
        Check::fine("server", text)
    })
}

/// Whether others can listen to the line.
async fn tls(connection: &mut Connection, address: &ServerAddress) -> StoreResult<Check> {
    let row = one(
        connection,
        "SELECT ssl, COALESCE(version, '') AS version, COALESCE(cipher, '') AS cipher FROM pg_stat_ssl \
         WHERE pid = pg_backend_pid()",
    )
    .await?;
    let line = row.flag("ssl")?.then(|| Ok(format!("{}, {}", row.text("version")?, row.text("cipher")?)));
    Ok(tls_of(address, line.transpose()?.as_deref()))
}

/// What a line that is encrypted so, or not at all, means.
fn tls_of(address: &ServerAddress, line: Option<&str>) -> Check {
    let name = "tls";
    let sockets = address.hosts.iter().all(|host| matches!(host, Host::Socket(..)));
    match line.filter(|_| address.tls == Tls::Verified) {
        Some(line) => Check::fine(name, format!("{line}; the certificate is the server's")),
        None if sockets => Check::fine(name, "a socket of this machine, which needs none"),
        None if address.is_local() => Check::fine(name, "none; the line does not leave this machine"),
        None => Check::warning(
            name,
            "none: passwords and customers can be read on their way",
            "Take sslmode=disable out of the database's address, and name the authority with sslrootcert.",
        ),
    }
}

/// Whether what is acknowledged stays, also without this server's disk.
async fn durability(connection: &mut Connection) -> StoreResult<Check> {
    let name = "durability";
    let row = one(
        connection,
        "SELECT current_setting('fsync')::boolean AS fsync, current_setting('full_page_writes')::boolean AS full_pages, \
         current_setting('synchronous_commit') AS commits, current_setting('synchronous_standby_names') AS standbys",
    )
    .await?;
    let (commits, standbys) = (row.text("commits")?, row.text("standbys")?);
    let advice = "What was acknowledged can be lost when the server stops. Set it right in postgresql.conf.";
    Ok(if !row.flag("fsync")? {
        Check::wrong(name, "fsync is off", advice)
    } else if !row.flag("full_pages")? {
        Check::wrong(name, "full_page_writes is off", advice)
    } else if commits == "off" {
        Check::wrong(name, "synchronous_commit is off", advice)
    } else if standbys.is_empty() {
        Check::fine(name, "every commit waits for the disk; no standby is waited for")
    } else if commits == "local" {
        let advice = "Set synchronous_commit to on: a standby that takes over would lack the last commits.";
        Check::warning(name, format!("synchronous_commit is local, so {standbys} is not waited for"), advice)
    } else {
        Check::fine(name, format!("every commit waits for the disk and for a standby ({standbys})"))
    })
}

/// Both clocks: times are ours, and what the server logs is its own.
async fn clock(connection: &mut Connection, now: Timestamp, began: Instant) -> StoreResult<Check> {
    let name = "server clock";
    let row = one(connection, "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint AS at").await?;
    let elapsed = SignedDuration::try_from(began.elapsed()).unwrap_or(SignedDuration::ZERO);
    let apart = row.time("at")?.duration_since(now.saturating_add(elapsed).unwrap_or(now));
    Ok(if apart.abs() <= APART {
        Check::fine(name, "as here")
    } else {
        let (span, which) = (time_text::rough(apart.abs()), if apart.is_negative() { "behind" } else { "ahead of" });
        Check::warning(name, format!("it is {span} {which} this machine's"), "Let NTP keep both clocks.")
    })
}

/// What the role may do.
async fn role(connection: &mut Connection) -> StoreResult<Check> {
    let name = "role";
    let row = one(
        connection,
        "SELECT current_user::text AS name, r.rolsuper, pg_has_role(c.relowner, 'USAGE') AS owns, \
         has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') AS reads, \
         COALESCE((SELECT string_agg(g.rolname::text, ', ' ORDER BY g.rolname) FROM pg_roles g \
         WHERE g.rolname IN ('keydesk_console', 'keydesk_worker', 'keydesk_web', 'keydesk_readonly') \
         AND pg_has_role(g.oid, 'USAGE')), '') AS groups \
         FROM pg_roles r, pg_class c WHERE r.rolname = current_user AND c.oid = 'customers'::regclass",
    )
    .await?;
    let (who, groups) = (row.text("name")?, row.text("groups")?);
    let advice = "Sign in as a role that is in one of keydesk's groups; as the owner: keydesk migrate --grants";
    Ok(if row.flag("rolsuper")? {
        Check::warning(name, format!("{who} is a superuser, which may do everything on the whole server"), advice)
    } else if row.flag("owns")? {
        Check::fine(
            name,
            format!("{who} owns the tables: it may also import, migrate and change the audit log's rules"),
        )
    } else if !row.flag("reads")? {
        Check::wrong(name, format!("{who} may not read the customers"), advice)
    } else if groups.is_empty() {
        Check::fine(name, format!("{who}, with rights of its own"))
    } else {
        Check::fine(name, format!("{who}, in {groups}"))
    })
}

/// Rows that every search looks at one by one until the index takes them in.
async fn apart(connection: &mut Connection) -> StoreResult<Check> {
    let name = "search";
    let row = sql("SELECT count(*) AS n FROM (SELECT 1 FROM search_texts WHERE apart IS NOT NULL LIMIT +$1) apart");
    let apart = row.bind(UNMERGED).fetch_one(connection).await?.int("n")?;
    Ok(if apart < UNMERGED {
        Check::fine(name, format!("{apart} customers stand apart from the index"))
    } else {
        let advice = "A mail worker takes them in while it has nothing to deliver: keydesk mail deliver --watch";
        Check::warning(name, format!("{apart} customers or more stand apart from the index: searches are slow"), advice)
    })
}

/// Every customer must be found by name and by address.
async fn counts(connection: &mut Connection) -> StoreResult<Check> {
    let name = "references";
    let customers = one(connection, "SELECT count(*) AS n FROM customers").await?.int("n")?;
    let texts = one(connection, "SELECT count(*) AS n FROM search_texts").await?.int("n")?;
    let emails = one(connection, "SELECT count(*) AS n FROM customer_emails").await?.int("n")?;
    Ok(if customers == texts && customers == emails {
        Check::fine(name, format!("all {customers} customers have a text and an address to be found by"))
    } else {
        let text = format!("{customers} customers, but {texts} texts and {emails} addresses to find them by");
        Check::wrong(
            name,
            text,
            "Adding many was not finished, or somebody else wrote. Look whether an import still runs.",
        )
    })
}

async fn audit_log(connection: &mut Connection) -> StoreResult<Check> {
    let name = "audit";
    let report = audit::chain(connection).await?;
    Ok(match report.broken {
        None => Check::fine(name, format!("the chain of {} entries holds, head {}", report.entries, report.head)),
        Some(broken) => Check::wrong(
            name,
            format!("{broken}; the {} before hold", report.entries),
            "Find out who could write as the tables' owner, and compare it with a backup.",
        ),
    })
}

async fn shop(server: &Server, connection: &mut Connection, now: Timestamp) -> StoreResult<ShopState> {
    let entry = sql("SELECT at FROM audit ORDER BY seq DESC LIMIT 1").fetch_optional(connection).await?;
    let entry = entry.map(|row| row.time("at")).transpose()?;
    let created = match one(connection, "SELECT max(created_at) AS at FROM customers").await {
        Ok(row) => row.maybe_int("at")?,
        // Who delivers mails does not know it.
        Err(StoreError::NotAllowed(_)) => None,
        Err(e) => return Err(e),
    };
    let token_key = one(connection, "SELECT token_key FROM mail_queue WHERE id = 1").await?.maybe_text("token_key")?;
    let queue = outbox::queue_state(connection, now).await?;
    let websites = customers::websites(connection).await?;
    Ok(ShopState {
        newest: entry.max(created.map(from_micros)),
        queue,
        // A worker's connection is there as long as it works.
        worker_heard: server.has_worker().await?.then_some(now),
        token_key,
        websites,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::Verdict;

    #[test]
    fn a_line_that_others_can_listen_to_is_told() {
        let verdict = |url: &str, line| tls_of(&ServerAddress::parse(url).unwrap(), line).verdict;
        assert_eq!(verdict("postgres://u@db.example/d", Some("TLSv1.3")), Verdict::Fine);
        assert_eq!(verdict("postgres://u@db.example/d?sslmode=disable", None), Verdict::Warning);
        assert_eq!(verdict("postgres://u@localhost,db.example/d?sslmode=disable", None), Verdict::Warning);
        for here in ["localhost", "127.0.0.1", "[::1]", "%2Frun"] {
            assert_eq!(verdict(&format!("postgres://u@{here}/d?sslmode=disable"), None), Verdict::Fine, "{here}");
        }
    }
}
