//! `keydesk customers`

use serde_json::{Value, json};

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome},
        args::CustomersArgs,
        cursor, table,
    },
    domain::{
        customer::CustomerRow,
        find::{Count, PageFrom},
        query::Query,
        safe_text::SafeText,
        search_text::fold,
    },
    store::{Cancel, Store},
};

/// Finds customers, a page at a time.
///
/// # Errors
/// The answer to give when the search or its cursor is wrong, or the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &CustomersArgs) -> Answered {
    let (text, order) = (args.query.join(" "), args.order());
    let query = query(ctx, &text).await?;
    let from = match &args.after {
        None => PageFrom::Start,
        Some(after) => cursor::decode(after, &text, order)
            .map(PageFrom::After)
            .map_err(|error| Answer::usage("cursor", error.to_string()))?,
    };
    let page = ctx.service.find_all_of_page(query.clone(), order, from, args.limit).await?;
    let count = ctx.service.count(&query, &Cancel::default()).await?;
    let next = page.next.map(|next| cursor::encode(&next, &text, order));
    let shop_is_empty = page.rows.is_empty() && ctx.service.is_empty().await?;
    Ok(answer(&page.rows, next.as_deref(), count, shop_is_empty))
}

/// Reads a search.
///
/// # Errors
/// The answer to give when it is wrong.
pub(super) async fn query<S: Store>(ctx: &Ctx<S>, text: &str) -> Result<Query, Answer> {
    let query = Query::parse(text)
        .map_err(|error| Answer::usage("query", format!("The search cannot be run: {error}. Nothing was done.")))?;
    check_names(ctx, &query).await?;
    Ok(query)
}

/// A website or group that does not exist is a mistake, not a search that finds nobody.
async fn check_names<S: Store>(ctx: &Ctx<S>, query: &Query) -> Result<(), Answer> {
    if let Some(code) = &query.website {
        let codes: Vec<SafeText> = ctx.service.websites().await?.into_iter().map(|website| website.code).collect();
        check_name("website", code, &codes, str::to_ascii_lowercase)?;
    }
    if let Some(name) = &query.group {
        let names: Vec<SafeText> = ctx.service.store().groups().await?.into_iter().map(|group| group.name).collect();
        check_name("group", name, &names, fold)?;
    }
    Ok(())
}

fn check_name(what: &str, wanted: &str, known: &[SafeText], folded: impl Fn(&str) -> String) -> Result<(), Answer> {
    if known.iter().any(|name| folded(name.as_str()) == wanted) {
        return Ok(());
    }
    let names: Vec<&str> = known.iter().map(SafeText::as_str).collect();
    let there_are = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let message = format!("There is no {what} \"{wanted}\"; there are: {there_are}. Nothing was done.");
    Err(Answer::usage("query", message).with("valid", names))
}

fn answer(rows: &[CustomerRow], next: Option<&str>, count: Count, shop_is_empty: bool) -> Answer {
    let mut lines = if rows.is_empty() { Vec::new() } else { table(rows) };
    lines.push(match rows.len() {
        0 if shop_is_empty => {
            "There are no customers yet. \"keydesk import FILE\" takes them over, \"keydesk demo\" makes a shop to try."
                .to_owned()
        }
        0 => "Nobody found.".to_owned(),
        shown => format!("{shown} of {}.", in_words(count)),
    });
    if let Some(next) = next {
        lines.push(format!("The next ones: repeat it with --after {next}"));
    }
    let customers: Vec<Value> = rows.iter().map(row).collect();
    let (value, exact) = match count {
        Count::Exact(value) => (value, true),
        Count::AtLeast(value) | Count::About(value) => (value, false),
    };
    let facts = json!({"customers": customers, "next": next, "count": {"value": value, "exact": exact}});
    Answer::lines(Outcome::Done, lines, facts)
}

fn table(rows: &[CustomerRow]) -> Vec<String> {
    let rows: Vec<[String; 7]> = rows
        .iter()
        .map(|row| {
            [
                row.id.0.to_string(),
                row.name.to_string(),
                row.email.to_string(),
                row.website.to_string(),
                row.group.to_string(),
                row.tokens.to_string(),
                row.status.word().to_owned(),
            ]
        })
        .collect();
    table::table(["ID", "NAME", "E-MAIL", "WEBSITE", "GROUP", "TOKENS", "STATUS"], &rows)
}

fn row(row: &CustomerRow) -> Value {
    json!({
        "id": row.id.0,
        "email": row.email.as_str(),
        "name": row.name.as_str(),
        "website": row.website.as_str(),
        "group": row.group.as_str(),
        "status": row.status.word(),
        "tokens": row.tokens,
    })
}

fn in_words(count: Count) -> String {
    match count {
        Count::Exact(value) => value.to_string(),
        Count::AtLeast(value) => format!("more than {}", value.saturating_sub(1)),
        Count::About(value) => format!("about {value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::customer::{CustomerId, Status};

    fn hong() -> CustomerRow {
        CustomerRow {
            id: CustomerId(7),
            name: "홍길동".into(),
            email: "hong@example.kr".into(),
            website: "kr".into(),
            group: "General".into(),
            status: Status::Active,
            tokens: 3,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            last_sign_in_at: None,
        }
    }

    #[test]
    fn a_name_is_known_as_the_search_knows_it() {
        let groups: [SafeText; 2] = ["General".into(), "Großhandel".into()];
        assert_eq!(check_name("group", "grosshandel", &groups, fold), Ok(()));
        let wrong = check_name("group", "vip", &groups, fold).unwrap_err();
        assert_eq!(wrong.outcome.exit_code(), 2);
        assert_eq!(wrong.lines, ["There is no group \"vip\"; there are: General, Großhandel. Nothing was done."]);
        assert!(check_name("website", "b2b", &[], str::to_ascii_lowercase).unwrap_err().lines[0].contains("none"));
    }

    #[test]
    fn programs_get_customers_cursor_and_count() {
        let json = answer(&[hong()], Some("abc"), Count::About(10_000_000), false).json();
        assert_eq!(
            json,
            json!({
                "outcome": "done",
                "customers": [{"id": 7, "email": "hong@example.kr", "name": "홍길동", "website": "kr",
                    "group": "General", "status": "active", "tokens": 3}],
                "next": "abc",
                "count": {"value": 10_000_000, "exact": false},
            })
        );
        assert_eq!(answer(&[], None, Count::Exact(0), false).json()["next"], Value::Null);
    }

    #[test]
    fn people_get_a_table_and_a_sentence() {
        let lines = answer(&[hong()], Some("abc"), Count::AtLeast(1001), false).lines;
        assert_eq!(
            lines,
            [
                "ID  NAME    E-MAIL           WEBSITE  GROUP    TOKENS  STATUS",
                "7   홍길동  hong@example.kr  kr       General  3       active",
                "1 of more than 1000.",
                "The next ones: repeat it with --after abc",
            ]
        );
        assert_eq!(answer(&[], None, Count::Exact(0), false).lines, ["Nobody found."]);
        assert!(answer(&[], None, Count::Exact(0), true).lines[0].contains("keydesk demo"));
    }
}
