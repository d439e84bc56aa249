//! Pages are in the language of the website, and in no other.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use keydesk::web::{Kind, ROUTES};

use crate::front::{Front, Reply, media_type, method, path};

/// Host of the demo's website in Korea.
const KOREAN: &str = "kr.luma.localhost:8080";
/// What is no word of a language.
const NAMES: [&str; 4] = ["Luma Korea", "name@example.com", "HTTP Basic", "{ $n }"];

/// A text without the names in it.
fn without_names(text: &str) -> String {
    NAMES.iter().fold(text.to_owned(), |text, name| text.replace(name, ""))
}

/// What stands outside of tags.
fn shown(page: &str) -> String {
    page.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect()
}

fn is_korean(reply: &Reply, what: &str) {
    let said = without_names(&shown(&reply.body));
    assert!(reply.body.contains("<html lang=\"ko\">"), "{what}: {}", reply.body);
    assert!(said.contains(|c: char| ('가'..='힣').contains(&c)), "{what}: {said}");
    assert!(!said.contains(|c: char| c.is_ascii_alphabetic()), "{what}: {said}");
}

#[tokio::test]
async fn whatever_is_asked_of_a_korean_website_is_answered_in_korean() {
    let front = Front::open().await;
    let mut pages = 0;
    for route in ROUTES.iter().filter(|route| route.kind == Kind::Page) {
        let (verb, path) = (method(route.verb), path(route));
        let asked = |method: Method| {
            let request = Request::builder().method(method).uri(&path).header(header::HOST, KOREAN);
            request.header(header::CONTENT_TYPE, media_type(route.kind)).header("sec-fetch-site", "same-origin")
        };
        let with_csrf = || asked(verb.clone()).header(header::COOKIE, "csrf=x; __Host-csrf=x");
        for (n, request) in [
            asked(verb.clone()).body(Body::empty()),
            asked(Method::PATCH).body(Body::empty()),
            asked(verb.clone()).body(Body::from(vec![b'a'; 16 * 1024 + 1])),
            with_csrf().body("csrf=x&email=nobody&password=x".into()),
            with_csrf().body("csrf=x&email=nobody".into()),
        ]
        .into_iter()
        .enumerate()
        {
            let reply = front.ask(request.unwrap()).await;
            if reply.status != StatusCode::SEE_OTHER {
                is_korean(&reply, &format!("{verb} {path}, request {n}: {}", reply.status));
                pages += 1;
            }
        }
    }
    assert!(pages > 30, "{pages}");
    let nowhere = Request::builder().uri("/nowhere").header(header::HOST, KOREAN).body(Body::empty());
    is_korean(&front.ask(nowhere.unwrap()).await, "/nowhere");
}

#[tokio::test]
async fn programs_get_english_from_every_website() {
    let front = Front::open().await;
    let request = Request::builder().uri("/rest/V1/customers/me").header(header::HOST, KOREAN).body(Body::empty());
    let reply = front.ask(request.unwrap()).await;
    assert!(reply.body.contains("The access token does not work"), "{reply:?}");
}

/// The pages that only a customer sees say nothing else either.
#[test]
fn pages_have_no_words_but_the_catalogues_and_those_are_korean() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut templates = 0;
    for entry in std::fs::read_dir(root.join("src/web/templates")).unwrap() {
        let page = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let pieces = page.split('{').map(|piece| piece.rsplit_once('}').map_or(piece, |(_, text)| text));
        let own = shown(&format!("<>{}", pieces.collect::<String>()));
        assert!(!own.contains(|c: char| c.is_alphabetic()), "{own}");
        templates += 1;
    }
    assert!(templates > 5);
    for line in std::fs::read_to_string(root.join("src/texts/ko/pages.ftl")).unwrap().lines() {
        let said = without_names(line.split_once(" = ").map_or("", |(_, said)| said));
        assert!(!said.contains(|c: char| c.is_ascii_alphabetic()), "{line}");
    }
}
