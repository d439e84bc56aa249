//! Whole visits: signing in and out, forgetting a password and choosing another.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use data_encoding::BASE64;
use jiff::SignedDuration;
use keydesk::{
    domain::{customer_token::CustomerToken, server_address::ServerAddress},
    service::{Rules, redeem::Chosen},
    store::{
        Outbox, Storefront,
        sql::{SqlStore, postgres::migrate},
    },
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    front::{FORM, Front, Reply},
    postgres::Database,
    shop::{Shop, VERONICA, mina},
};

/// Each visit to a storefront over a file and over a server.
macro_rules! visits {
    ($($name:ident,)+) => {
        mod in_a_file {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Front::open().await).await;
            })+
        }

        mod on_a_server {
            $(#[tokio::test]
            async fn $name() {
                let database = crate::postgres::Server::shared().database();
                super::$name(super::front_over(&database).await).await;
            })+
        }
    };
}

visits! {
    signing_in_and_out,
    a_link_gives_a_new_password_once,
    forgetting_a_password,
    an_integration_acts_for_a_customer,
}

async fn front_over(database: &Database<'_>) -> Front {
    let address = ServerAddress::parse(&database.url()).unwrap();
    migrate(&address).await.unwrap();
    let store = SqlStore::open_server(&address).await.unwrap();
    Front::of(Shop::over(store, tempfile::tempdir().unwrap(), 3, Rules::default()).await).await
}

/// Host of her website.
const HERS: &str = "luma.localhost:8080";
const EMAIL: &str = "roni_cost@example.com";
const PASSWORD: &str = "calm-hill-4";
const NEW: &str = "vivid-sea-7";

/// A browser with its cookies.
struct Visitor<'a> {
    front: &'a Front,
    cookies: Vec<(&'static str, String)>,
}

impl<'a> Visitor<'a> {
    async fn new(front: &'a Front) -> Self {
        let mut visitor = Self { front, cookies: Vec::new() };
        visitor.get("/sign-in").await;
        visitor
    }

    fn cookie(&self, name: &str) -> &str {
        self.cookies.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::builder().uri(path).header(header::HOST, HERS), String::new()).await
    }

    async fn post(&mut self, path: &str, fields: &str) -> Reply {
        let request = Request::builder().method(Method::POST).uri(path).header(header::HOST, HERS);
        let request = request.header("sec-fetch-site", "same-origin").header(header::CONTENT_TYPE, FORM);
        let body = format!("csrf={}&{fields}", self.cookie("__Host-csrf"));
        self.send(request, body).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Reply {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).body(Body::from(body)).unwrap();
        let reply = self.front.ask(request).await;
        for name in ["__Host-csrf", "__Host-session", "__Host-reset"] {
            if let Some(value) = reply.cookie(name) {
                self.cookies.retain(|(known, _)| *known != name);
                if !value.is_empty() {
                    self.cookies.push((name, value));
                }
            }
        }
        reply
    }

    async fn sign_in(&mut self, password: &str) -> Reply {
        self.post("/sign-in", &format!("email=+{}+&password={password}", EMAIL.replace('@', "%40"))).await
    }
}

fn leads_to(reply: &Reply, path: &str) {
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, path), "{reply:?}");
}

/// The storefront when she has chosen her password an hour ago.
async fn known(front: Front) -> Front {
    let token = link(&front).await;
    let chosen = front.shop.service.choose_password(&token, &PASSWORD.into()).await.unwrap();
    assert!(matches!(chosen, Chosen::Set(_)));
    front.shop.clock.advance(SignedDuration::from_hours(1));
    front
}

/// A link that works, as the worker makes it.
async fn link(front: &Front) -> CustomerToken {
    let service = &front.shop.service;
    let queued = service.start_reset(VERONICA, None, mina()).await.unwrap().unwrap();
    let token = CustomerToken::new(VERONICA, service.entropy().bytes());
    let until = front.shop.now() + SignedDuration::from_hours(1);
    service
        .store()
        .make_link(queued.customer, queued.reset, &token.digest(), until, front.shop.now())
        .await
        .unwrap()
        .unwrap();
    token
}

async fn signing_in_and_out(front: Front) {
    let front = known(front).await;
    let mut visitor = Visitor::new(&front).await;
    leads_to(&visitor.get("/").await, "/sign-in");
    leads_to(&visitor.get("/account").await, "/sign-in");
    let wrong = visitor.sign_in("wrong").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("value=\"roni_cost@example.com\"") && !wrong.body.contains("wrong\""), "{wrong:?}");
    leads_to(&visitor.sign_in(PASSWORD).await, "/account");
    let first = visitor.cookie("__Host-session").to_owned();
    assert!(visitor.get("/account").await.body.contains("<dd id=\"name\">Veronica Costello</dd>"));
    leads_to(&visitor.get("/").await, "/account");
    // Whoever signs in once more has another session, and the first is over.
    leads_to(&visitor.sign_in(PASSWORD).await, "/account");
    let mut left_behind = Visitor { front: &front, cookies: vec![("__Host-session", first)] };
    leads_to(&left_behind.get("/account").await, "/sign-in");
    let kept = visitor.cookie("__Host-session").to_owned();
    leads_to(&visitor.post("/sign-out", "").await, "/sign-in");
    assert!(visitor.cookies.is_empty());
    visitor.cookies.push(("__Host-session", kept));
    leads_to(&visitor.get("/account").await, "/sign-in");
    assert_eq!(visitor.cookie("__Host-session"), "", "a session that is over is cleared away");
}

async fn a_link_gives_a_new_password_once(front: Front) {
    let front = known(front).await;
    let token = link(&front).await;
    let path = format!("/r/{}", token.text().expose_secret());
    let mut elsewhere = Visitor::new(&front).await;
    leads_to(&elsewhere.sign_in(PASSWORD).await, "/account");
    let mut visitor = Visitor::new(&front).await;
    for _ in 0..100 {
        leads_to(&visitor.get(&path).await, "/reset");
        assert_eq!(visitor.get("/reset").await.status, 200);
    }
    let short = visitor.post("/reset", "password=a&password_again=a").await;
    assert_eq!(short.status, 422);
    assert!(short.body.contains("<li>Use at least 6 characters.</li>"), "{short:?}");
    assert!(short.body.contains("aria-describedby=\"password-problems\""), "{short:?}");
    let differ = visitor.post("/reset", &format!("password={NEW}&password_again=b")).await;
    assert_eq!(differ.status, 422);
    assert!(
        differ.body.contains("id=\"again-problem\" role=\"alert\">The two passwords are not the same."),
        "{differ:?}"
    );
    leads_to(&visitor.post("/reset", &format!("password={NEW}&password_again={NEW}")).await, "/reset/done");
    assert_eq!(visitor.cookie("__Host-reset"), "");
    leads_to(&visitor.get("/account").await, "/sign-in");
    leads_to(&elsewhere.get("/account").await, "/sign-in");
    // Used, unknown and none at all look the same.
    visitor.get(&path).await;
    let used = visitor.get("/reset").await;
    visitor.get(&format!("/r/2.{}", "A".repeat(43))).await;
    let unknown = visitor.get("/reset").await;
    let none = visitor.get("/reset").await;
    assert_eq!((used.status.as_u16(), &used.body), (410, &unknown.body));
    assert_eq!(unknown.body, none.body);
    assert!(used.body.contains("<a href=\"/forgot\">"), "{used:?}");
    assert_eq!(visitor.sign_in(PASSWORD).await.status, 401);
    leads_to(&visitor.sign_in(NEW).await, "/account");
}

/// Asking writes a request down, and too much asking does not.
async fn forgetting_a_password(front: Front) {
    let mut visitor = Visitor::new(&front).await;
    for email in [EMAIL, "nobody@example.com"] {
        leads_to(&visitor.post("/forgot", &format!("email={email}")).await, "/forgot/sent");
        let again = visitor.post("/forgot", &format!("email={email}")).await;
        assert_eq!((again.status.as_u16(), again.header("retry-after")), (429, "601"), "{email}");
    }
    assert!(visitor.get("/forgot/sent").await.body.contains("role=\"status\""));
    let waiting = front.shop.service.store().waiting_requests(9).await.unwrap();
    assert_eq!(
        waiting.iter().map(|request| request.address.as_str()).collect::<Vec<_>>(),
        [EMAIL, "nobody@example.com"]
    );
}

async fn an_integration_acts_for_a_customer(front: Front) {
    let front = known(front).await;
    let login = front.shop.service.add_integration("Mobile shop", "", mina()).await.unwrap().unwrap();
    let basic =
        format!("Basic {}", BASE64.encode(format!("{}:{}", login.key, login.secret.expose_secret()).as_bytes()));
    let call = async |verb: Method, path: &str, authorization: &str, body: Value| {
        let request = Request::builder().method(verb).uri(format!("/rest/V1{path}")).header(header::HOST, HERS);
        let request = request.header(header::AUTHORIZATION, authorization);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let reply = front.ask(request.body(Body::from(body.to_string())).unwrap()).await;
        (reply.status.as_u16(), serde_json::from_str::<Value>(&reply.body).unwrap())
    };
    let (issue, me, revoke) =
        ("/integration/customer/token", "/customers/me", "/integration/customer/revoke-customer-token");
    let wrong = json!({"username": EMAIL, "password": "wrong"});
    assert_eq!(call(Method::POST, issue, &basic, wrong).await.0, 401);
    let right = json!({"username": EMAIL, "password": PASSWORD});
    assert_eq!(call(Method::POST, issue, "Basic eDp5", right.clone()).await.0, 401);
    let (status, token) = call(Method::POST, issue, &basic, right).await;
    assert_eq!(status, 200);
    assert_eq!(CustomerToken::parse(token.as_str().unwrap()).unwrap().customer(), VERONICA);
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    let (status, account) = call(Method::GET, me, &bearer, Value::Null).await;
    assert_eq!((status, &account["email"], &account["lastname"]), (200, &json!(EMAIL), &json!("Costello")));
    let keys: Vec<&str> = account.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["created_at", "email", "firstname", "group_id", "id", "lastname", "middlename", "website_id"],
        "what Magento's customers/me has"
    );
    assert_eq!(call(Method::POST, revoke, &bearer, Value::Null).await, (200, json!(true)));
    assert_eq!(call(Method::GET, me, &bearer, Value::Null).await.0, 401);
    // A password by program, with what stands behind the link's last slash.
    let token = link(&front).await;
    let text = token.text().expose_secret().to_owned();
    let reset = |email: &str, token: &str| json!({"email": email, "resetToken": token, "newPassword": NEW});
    let secret = text.split_once('.').unwrap().1;
    for (email, token) in [("nobody@example.com", text.as_str()), (EMAIL, secret), (EMAIL, "x")] {
        assert_eq!(call(Method::POST, "/customers/resetPassword", "", reset(email, token)).await.0, 400, "{email}");
    }
    let done = call(Method::POST, "/customers/resetPassword", "", reset("Roni_Cost@example.com", &text)).await;
    assert_eq!(done, (200, json!(true)));
    assert_eq!(call(Method::POST, "/customers/resetPassword", "", reset(EMAIL, &text)).await.0, 400, "it is used");
}
