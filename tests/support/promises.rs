//! The promises about mails, held against the database and against what arrived.

use std::{collections::BTreeMap, path::Path};

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use sqlx::{Connection, Row, SqliteConnection};

/// A mail with its transfer encodings undone, as far as links need it.
pub fn text_of(mail: &[u8]) -> String {
    let mail = String::from_utf8(mail.to_vec()).unwrap();
    let undone = |part: &str| match part.strip_prefix("base64").and_then(|rest| rest.split_once("\r\n\r\n")) {
        Some((_, behind)) => {
            let (body, rest) = behind.split_once("--").unwrap_or((behind, ""));
            let bytes: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            String::from_utf8(BASE64.decode(&bytes).unwrap()).unwrap() + rest
        }
        None => part.replace("=\r\n", "").replace("=3D", "="),
    };
    mail.split("Content-Transfer-Encoding: ").map(undone).collect()
}

/// The secret in a mail's link.
pub fn token_in(mail: &[u8]) -> String {
    let text = text_of(mail);
    let (_, link) = text.split_once("/r/").expect("the link is in the mail");
    let (_, token) = link.split_once('.').unwrap();
    token.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}

/// Left part of a mail's Message-ID.
pub fn id_in(mail: &[u8]) -> String {
    let text = String::from_utf8_lossy(mail);
    let (_, id) = text.split_once("Message-ID: <").unwrap();
    id.split('@').next().unwrap().to_owned()
}

/// How many mails there were, and how many copies too many.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub mails: usize,
    pub extra_copies: usize,
}

/// Fails unless every acknowledged mail is at its end and, if it is called accepted, arrived; all
/// copies of it are the same bytes, with the one token of its reset if it brings one; nothing arrived that is not in
/// the database; and no customer has two live links.
pub async fn hold(database: &Path, acknowledged: &[i64], arrived: &[Vec<u8>]) -> Tally {
    let mut db = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    let rows = sqlx::query(
        "SELECT o.id, o.message_id, o.state, CASE o.template WHEN 'reset' THEN r.token_digest END \
         FROM outbox o JOIN password_resets r ON r.id = o.reset_id",
    );
    let mut known = BTreeMap::new();
    for row in rows.fetch_all(&mut db).await.unwrap() {
        let (id, message_id, state): (i64, String, String) = (row.get(0), row.get(1), row.get(2));
        known.insert(message_id, (id, state, row.get::<Option<String>, _>(3)));
    }
    let mut copies: BTreeMap<String, Vec<&Vec<u8>>> = BTreeMap::new();
    for mail in arrived {
        copies.entry(id_in(mail)).or_default().push(mail);
    }
    for (message_id, copies) in &copies {
        let (_, _, digest) = known.get(message_id).expect("a mail arrived that nobody asked for");
        assert!(copies.iter().all(|copy| *copy == copies[0]), "copies of {message_id} differ");
        let is_notice = message_id.starts_with("changed-");
        let token = (!is_notice).then(|| HEXLOWER.encode(&Sha256::digest(token_in(copies[0]))));
        assert_eq!(digest, &token, "{message_id} has the link of another reset");
    }
    for id in acknowledged {
        let (message_id, (_, state, _)) = known.iter().find(|(_, (known, ..))| known == id).expect("a reset is lost");
        assert_ne!(state, "queued", "mail {id} never ends");
        assert!(state != "accepted" || copies.contains_key(message_id), "mail {id} did not arrive");
    }
    let twice: Vec<i64> = sqlx::query_scalar(
        "SELECT customer_id FROM password_resets NOT INDEXED WHERE used_at IS NULL AND cancelled_at IS NULL \
         AND superseded_at IS NULL GROUP BY customer_id HAVING count(*) > 1",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    assert!(twice.is_empty(), "two live links: {twice:?}");
    db.close().await.unwrap();
    Tally { mails: copies.len(), extra_copies: arrived.len() - copies.len() }
}
