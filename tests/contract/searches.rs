//! Searches of every kind: by beginnings, fragments, filters and marks, in every order, page by page.

use jiff::SignedDuration;
use keydesk::{
    domain::{
        access_token::NewAccessToken,
        customer::{CustomerId, NewCustomer},
        find::{Count, CursorKey, PageFrom, Sort, SortKey},
        name::PersonName,
        query::Query,
        website::{GroupId, WebsiteId},
    },
    store::{Cancel, Store},
};

use crate::shop::{Shop, customer, mina, open, start};

const EVERYBODY: i64 = 1_010;
/// A name of many grams, which half of them have: more than are looked at without narrowing them first.
const LONG: &str = "Wolfeschlegelsteinhausenberger";

const ORDERS: [SortKey; 6] =
    [SortKey::Best, SortKey::Id, SortKey::Name, SortKey::Email, SortKey::Created, SortKey::LastSignIn];

/// Many who are found by the same words, all but the last in the gram index.
async fn shop<S: Store>(store: S) -> (Shop<S>, Vec<CustomerId>) {
    let (shop, _) = open(store, &["veronica@luma.example"]).await;
    let numbered = |n: i64| NewCustomer {
        name: PersonName::new(&format!("Nora{}", n % 7), if n % 2 == 0 { LONG } else { "Fielding" }),
        created_at: start().saturating_add(SignedDuration::from_mins(n)).unwrap(),
        last_sign_in_at: (n % 3 == 0).then_some(start()),
        confirmed: n % 5 != 0,
        locked_until: (n % 9 == 0).then(|| start().saturating_add(SignedDuration::from_mins(30)).unwrap()),
        phone: String::new(),
        ..customer(WebsiteId(1 + n % 2), GroupId(1), &format!("nora.{n:04}@example.com"))
    };
    let new: Vec<NewCustomer> = (0..EVERYBODY).map(numbered).collect();
    let mut ids = shop.store().insert_customers(shop.store().batch(&new)).await.unwrap();
    while shop.store().tidy().await.unwrap() {}
    let apart = NewCustomer { phone: String::new(), ..numbered(EVERYBODY) };
    ids.push(shop.service.add_customer(apart, mina()).await.unwrap().unwrap());
    let integration = shop.store().insert_integration("Mobile shop", start()).await.unwrap();
    let token = |n: usize| NewAccessToken {
        customer: ids[n],
        integration,
        digest: format!("digest {n}"),
        scopes: String::new(),
        created_at: start(),
        last_used_at: None,
        expires_at: None,
    };
    shop.store().insert_tokens(&[token(0), token(9), token(18)]).await.unwrap();
    (shop, ids)
}

/// All whom a query finds, by pages of so many from either end.
async fn paged<S: Store>(shop: &Shop<S>, query: &Query, sort: Sort, backwards: bool, limit: u32) -> Vec<CustomerId> {
    let (mut all, mut from) = (Vec::new(), if backwards { PageFrom::End } else { PageFrom::Start });
    loop {
        let page = shop.service.find_all_of_page(query.clone(), sort, from, limit).await.unwrap();
        all.extend(page.rows.iter().map(|row| row.id));
        if backwards {
            let new = all.len() - page.rows.len();
            all[new..].reverse();
        }
        match page.next {
            Some(next) if backwards => from = PageFrom::Before(next),
            Some(next) => from = PageFrom::After(next),
            None => break,
        }
    }
    if backwards {
        all.reverse();
    }
    all
}

/// Tells it on an empty database.
pub async fn tell<S: Store>(store: S) {
    let (shop, ids) = shop(store).await;
    let every = |n: usize| ids.len().div_ceil(n);
    let (on_kr, named) = (ids.len() / 2, every(2));
    for (typed, found) in [
        ("", ids.len() + 1),
        ("nora.", ids.len()),
        ("wolfes nora", named),
        ("schlegelsteinhausen", named),
        ("ra.0519", 1),
        ("nora.1010", 1),
        ("website:kr", on_kr),
        ("website:kr group:general eldin", on_kr),
        ("is:locked", every(9)),
        ("is:locked nora", every(9)),
        ("has:tokens", 3),
        ("has:tokens is:locked", 3),
        ("nobody at all", 0),
    ] {
        let query = Query::parse(typed).unwrap();
        for key in ORDERS {
            for descending in [false, true] {
                let sort = Sort { key, descending };
                let forwards = paged(&shop, &query, sort, false, 300).await;
                assert_eq!(forwards.len(), found, "{typed:?} by {key:?}");
                let backwards = paged(&shop, &query, sort, true, 400).await;
                assert_eq!(forwards, backwards, "{typed:?} by {key:?}, descending {descending}");
            }
        }
        let count = shop.service.count(&query, &Cancel::default()).await.unwrap();
        let exact = if found > 1_000 && !typed.is_empty() { Count::AtLeast(1_000) } else { Count::Exact(found as u64) };
        assert!(count == exact || matches!(count, Count::About(_)), "{typed:?}: {count:?}");
    }
    // Whoever has the id that was typed comes first, and is counted once.
    let typed = ids[ids.len() - 1].0.to_string();
    let query = Query::parse(&typed).unwrap();
    let page = shop.service.find_all_of_page(query.clone(), Sort::default(), PageFrom::Start, 5).await.unwrap();
    assert_eq!((page.rows[0].id, &page.cursors[0].key), (ids[ids.len() - 1], &CursorKey::Id));
    let all = paged(&shop, &query, Sort::default(), false, 50).await;
    assert_eq!(shop.service.count(&query, &Cancel::default()).await.unwrap(), Count::Exact(all.len() as u64));
}
