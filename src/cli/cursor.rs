//! A place in a search as opaque text, to be handed back with `--after`.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::domain::{
    customer::CustomerId,
    find::{Cursor, CursorKey, Sort},
};

/// Why a cursor cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// It was made by something else, or cut off.
    #[error("--after is not a cursor. Use the \"next\" of an earlier answer as it is.")]
    NotACursor,
    /// It belongs to other words or another order.
    #[error("--after is the cursor of another search. Repeat the search and its order as they were, or leave it out.")]
    AnotherSearch,
}

/// The cursor as text, bound to the search that it belongs to.
#[must_use]
pub fn encode(cursor: &Cursor, query: &str, sort: Sort) -> String {
    let key = match &cursor.key {
        CursorKey::Id => "i".to_owned(),
        CursorKey::Number(number) => format!("n{number}"),
        CursorKey::Text(text) => format!("t{text}"),
    };
    let text = format!("{}.{}.{}.{key}", search(query, sort), cursor.tier, cursor.id.0);
    BASE64URL_NOPAD.encode(text.as_bytes())
}

/// Reads a cursor back.
///
/// # Errors
/// When it is none, or belongs to another search.
pub fn decode(text: &str, query: &str, sort: Sort) -> Result<Cursor, CursorError> {
    let text = BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or(CursorError::NotACursor)?;
    let (bound_to, place) = text.split_once('.').ok_or(CursorError::NotACursor)?;
    let cursor = read(place).ok_or(CursorError::NotACursor)?;
    if bound_to == search(query, sort) { Ok(cursor) } else { Err(CursorError::AnotherSearch) }
}

fn read(place: &str) -> Option<Cursor> {
    let mut parts = place.splitn(3, '.');
    let tier = parts.next()?.parse().ok()?;
    let id = CustomerId(parts.next()?.parse().ok()?);
    let key = parts.next()?;
    let key = match (key, key.strip_prefix('n'), key.strip_prefix('t')) {
        ("i", ..) => CursorKey::Id,
        (_, Some(number), _) => CursorKey::Number(number.parse().ok()?),
        (.., Some(text)) => CursorKey::Text(text.to_owned()),
        _ => return None,
    };
    Some(Cursor { tier, key, id })
}

/// What tells one search from another. No secret and no proof: it only catches mistakes.
fn search(query: &str, sort: Sort) -> String {
    let words: Vec<&str> = query.split_whitespace().collect();
    let digest = Sha256::digest(format!("{:?} {} {}", sort.key, sort.descending, words.join(" ")));
    HEXLOWER.encode(&digest).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::find::SortKey;
    use proptest::prelude::*;

    const BY_NAME: Sort = Sort { key: SortKey::Name, descending: false };

    fn cursor(key: CursorKey) -> Cursor {
        Cursor { tier: 4, key, id: CustomerId(48_210) }
    }

    #[test]
    fn a_cursor_comes_back() {
        for key in
            [CursorKey::Id, CursorKey::Number(-5), CursorKey::Text("홍.길동 t".into()), CursorKey::Text(String::new())]
        {
            let cursor = cursor(key);
            let text = encode(&cursor, "ver cos", BY_NAME);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{text}");
            assert_eq!(decode(&text, " ver  cos", BY_NAME), Ok(cursor));
        }
    }

    #[test]
    fn a_cursor_of_another_search_is_refused() {
        let text = encode(&cursor(CursorKey::Id), "ver", BY_NAME);
        let descending = Sort { descending: true, ..BY_NAME };
        assert_eq!(decode(&text, "vera", BY_NAME), Err(CursorError::AnotherSearch));
        assert_eq!(decode(&text, "ver", descending), Err(CursorError::AnotherSearch));
        assert_eq!(decode(&text, "ver", Sort::default()), Err(CursorError::AnotherSearch));
        for wrong in [
            "",
            "x",
            "%%%",
            "bm9uc2Vuc2U",
            &BASE64URL_NOPAD.encode(b"12345678.4.x.i"),
            &BASE64URL_NOPAD.encode(b"a.1.1.q"),
        ] {
            assert_eq!(decode(wrong, "ver", BY_NAME), Err(CursorError::NotACursor), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_given_nothing_breaks(text in any::<String>()) {
            prop_assert!(decode(&text, "ver", BY_NAME).is_err());
        }
    }
}
