//! What is asked of those who send something.

use axum::{
    body::Body,
    http::{Method, header},
};

use crate::front::{FORM, Front, at};

/// Pages with a form, and the fields that it has.
const FORMS: [(&str, &str); 4] = [
    ("/sign-in", "email=a%40b.co&password=x"),
    ("/sign-out", ""),
    ("/forgot", "email=a%40b.co"),
    ("/reset", "password=x&password_again=x"),
];

fn status(reply: &crate::front::Reply) -> u16 {
    reply.status.as_u16()
}

async fn csrf(front: &Front) -> String {
    let page = front.get("/sign-in").await;
    let csrf = page.cookie("__Host-csrf").unwrap();
    assert!(page.body.contains(&format!("name=\"csrf\" value=\"{csrf}\"")), "{}", page.body);
    csrf
}

fn with(csrf: &str, fields: &str) -> String {
    format!("csrf={csrf}&{fields}").trim_end_matches('&').to_owned()
}

#[tokio::test]
async fn a_form_is_ours_or_nothing_happens() {
    let front = Front::open().await;
    let (csrf, other) = (csrf(&front).await, csrf(&front).await);
    for (path, fields) in FORMS {
        let send = |origin: &'static [(&str, &str)], cookie: &str, field: &str| {
            let request = at(Method::POST, path).header(header::CONTENT_TYPE, FORM);
            let request = request.header(header::COOKIE, format!("__Host-csrf={cookie}"));
            let request = origin.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let request = request.body(Body::from(with(field, fields))).unwrap();
            async { status(&front.ask(request).await) }
        };
        let ours: &[(&str, &str)] = &[("sec-fetch-site", "same-origin"), ("origin", "null")];
        let by_origin: &[(&str, &str)] = &[("origin", "https://luma.example")];
        assert_ne!(send(ours, &csrf, &csrf).await, 403, "{path}");
        assert_ne!(send(by_origin, &csrf, &csrf).await, 403, "{path}");
        assert_eq!(send(ours, &csrf, &other).await, 403, "{path}");
        assert_eq!(send(ours, "", "").await, 403, "{path}");
        assert_eq!(send(ours, "x", "x").await, 403, "{path}");
        let foreign: [&[(&str, &str)]; 5] = [
            &[],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://luma.example")],
            &[("sec-fetch-site", "same-site")],
        ];
        for origin in foreign {
            assert_eq!(send(origin, &csrf, &csrf).await, 403, "{path} {origin:?}");
        }
    }
}

#[tokio::test]
async fn every_field_is_there_once() {
    let front = Front::open().await;
    let csrf = csrf(&front).await;
    for (path, fields) in FORMS {
        let right = with(&csrf, fields);
        let mut wrong = vec![format!("{right}&{right}"), format!("{right}&next=%2F"), format!("{right}&csrf={csrf}")];
        // Without one of its fields.
        wrong.extend(fields.split('&').filter(|field| !field.is_empty()).map(|field| {
            let rest: Vec<&str> = fields.split('&').filter(|other| *other != field).collect();
            with(&csrf, &rest.join("&"))
        }));
        wrong.push(format!("{right}&website=99"));
        for body in wrong {
            assert_eq!(status(&front.post(path, &csrf, body.clone()).await), 400, "{path} {body}");
        }
        let multipart = at(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, format!("__Host-csrf={csrf}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        assert_eq!(status(&front.ask(multipart.body(Body::from(right)).unwrap()).await), 415, "{path}");
    }
}

#[tokio::test]
async fn a_program_sends_one_object_of_json() {
    let front = Front::open().await;
    let send = |media_type: &'static str, body: &str| {
        let request = at(Method::PUT, "/rest/V1/customers/password").header(header::CONTENT_TYPE, media_type);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        async { front.ask(request).await }
    };
    for body in [
        "",
        "[]",
        r#"["a@b.co", "email_reset", null]"#,
        r#"{"email": "a@b.co"}"#,
        r#"{"email": "a@b.co", "template": "other"}"#,
        r#"{"email": "a@b.co", "email": "c@d.co", "template": "email_reset"}"#,
        r#"{"email": "a@b.co", "template": "email_reset", "admin": true}"#,
        r#"{"email": ["a@b.co"], "template": "email_reset"}"#,
        r#"{"email": "a@b.co", "template": "email_reset", "websiteId": 99}"#,
        r#"{"email": "a b@b.co", "template": "email_reset"}"#,
    ] {
        let reply = send("application/json", body).await;
        assert_eq!(status(&reply), 400, "{body}");
        assert!(!reply.body.contains("b.co"), "{body}");
    }
    let right = r#"{"email": "a@b.co", "template": "email_reset"}"#;
    for media_type in ["text/plain", FORM, ""] {
        assert_eq!(status(&send(media_type, right).await), 415, "{media_type}");
    }
}

#[tokio::test]
async fn what_was_typed_wrongly_is_shown_as_text() {
    let front = Front::open().await;
    let csrf = csrf(&front).await;
    let body = with(&csrf, "email=%22%3E%3Cscript%3E%E2%80%AEx");
    let reply = front.post("/forgot", &csrf, body).await;
    assert_eq!(status(&reply), 422);
    assert!(reply.body.contains("&#34;&#62;&#60;script&#62;&#60;U+202E&#62;x"), "{}", reply.body);
    assert!(reply.body.contains("role=\"alert\"") && reply.body.contains("aria-describedby=\"message\""));
}
