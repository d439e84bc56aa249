//! PostgreSQL's error codes in words.

use std::io::{self, ErrorKind};

use sqlx::Error;

use crate::store::StoreError;

/// What a failed statement means for the person who waits for it. The server's own text is only
/// kept where nothing better is known: it ends in places of the server's source.
///
/// Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(in crate::store::sql) fn error(e: &Error) -> StoreError {
    let Error::Database(cause) = e else {
        return match e {
            Error::Io(_) | Error::Protocol(_) | Error::Tls(_) => gone("the connection broke off"),
            Error::PoolTimedOut => gone("it did not answer"),
            Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_) | Error::TypeNotFound { .. } => {
                StoreError::Damaged("a stored value is not what it should be".to_owned())
            }
            other => StoreError::Other(other.to_string()),
        };
    };
    let code = cause.code().unwrap_or_default();
    match code.as_ref() {
        "40001" | "40P01" => StoreError::InTheWay,
        "55P03" | "57014" => StoreError::Busy,
        "23505" if cause.table() == Some("customer_emails") => StoreError::DuplicateEmail,
        "25006" => StoreError::NotWritten("the server is a standby, which cannot be written to".to_owned()),
        "42501" => StoreError::NotAllowed(cause.message().to_owned()),
        "42P01" | "42703" => StoreError::Unusable(
            "The tables are not those of this keydesk. As their owner, run: keydesk migrate".to_owned(),
        ),
        "53100" => StoreError::NotWritten("the server's disk is full".to_owned()),
        "53200" | "53300" | "53400" => gone("it has no room for more work now"),
        "57P01" | "57P02" | "57P03" | "57P05" => gone("it is being stopped or started"),
        "XX001" | "XX002" => StoreError::Damaged(cause.message().to_owned()),
        _ if code.starts_with("08") => gone("the connection broke off"),
        _ if code.starts_with("58") => StoreError::NotWritten(format!("input/output error ({})", cause.message())),
        _ => StoreError::Other(cause.message().to_owned()),
    }
}

fn gone(why: &str) -> StoreError {
    StoreError::Unreachable(format!("The database server cannot be reached: {why}. Nothing was done; try again."))
}

/// What the protection of the line failed of. rustls has no better way to tell than its text.
fn line(text: &str) -> String {
    let unverified = |why: &str| format!("its identity cannot be verified: {why}");
    let Some((_, why)) = text.split_once("invalid peer certificate: ") else {
        return match text {
            text if text.contains("does not support TLS") => {
                "it offers no TLS. Turn it on there, or say sslmode=disable where nobody else can listen to the line"
                    .to_owned()
            }
            text => text.to_owned(),
        };
    };
    match why {
        why if why.contains("UnknownIssuer") || why.contains("BadSignature") => unverified(
            "its certificate is of an authority that is not trusted here; name that authority's file with sslrootcert",
        ),
        why if why.contains("xpired") => unverified("its certificate has expired"),
        why if why.contains("not valid for name") || why.contains("NotValidForName") => {
            unverified("its certificate is for another name")
        }
        why => unverified(why),
    }
}

/// Why nothing was found where a server should be.
fn way(e: &io::Error) -> String {
    let text = e.to_string();
    match e.kind() {
        ErrorKind::NotFound => "its socket is not there, so it does not run or its folder is another".to_owned(),
        ErrorKind::ConnectionRefused => "nothing listens there, so it does not run or its port is another".to_owned(),
        ErrorKind::PermissionDenied => "this user may not use its socket".to_owned(),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "no network leads there".to_owned(),
        ErrorKind::TimedOut => "it does not answer".to_owned(),
        _ if text.contains("lookup address information") => "nobody knows a machine of this name".to_owned(),
        _ => line(&text),
    }
}

/// Why a server did not let us in, as the end of a sentence that begins with its name.
pub(super) fn connecting(e: &Error) -> StoreError {
    let code = match e {
        Error::Database(cause) => cause.code().unwrap_or_default().into_owned(),
        Error::Io(e) => return StoreError::Unreachable(way(e)),
        Error::Tls(e) => return StoreError::Unreachable(line(&e.to_string())),
        // What it answers is none of PostgreSQL's, or it hung up.
        Error::Protocol(_) => {
            return StoreError::Unreachable("it does not answer as a database server does".to_owned());
        }
        other => return StoreError::Unreachable(other.to_string()),
    };
    StoreError::Unreachable(match code.as_str() {
        "28P01" | "28000" => "it does not let this user in with this password".to_owned(),
        "3D000" => "it has no database of this name".to_owned(),
        "53300" => "it has no room for more connections".to_owned(),
        "57P03" => "it is just being started or stopped".to_owned(),
        _ => match e {
            Error::Database(cause) => cause.message().to_owned(),
            other => other.to_string(),
        },
    })
}
