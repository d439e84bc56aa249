use super::*;
use crate::domain::{
    access_token::{Alive, TokenId},
    customer::{CustomerId, Version},
    mail_state::{MailId, MailState},
    outbox::{MailFate, MailKind, MailStage},
    reset::ResetId,
    website::{Website, WebsiteId},
};

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

fn veronica() -> Customer {
    Customer {
        id: CustomerId(1),
        version: Version(3),
        name: "Veronica Costello".into(),
        email: "roni_cost@example.com".into(),
        phone: "".into(),
        group: "General".into(),
        website: Website {
            id: WebsiteId(1),
            code: "base".into(),
            name: "Luma".into(),
            base_url: None,
            sender_name: "Luma Support".into(),
            sender_email: None,
            language: "en".into(),
        },
        created_at: at("00:00:00"),
        last_sign_in_at: None,
        status: Status::Locked { until: at("13:00:00") },
        has_password: true,
        failed_sign_ins: 6,
        locked_until: Some(at("13:00:00")),
        budget: Budget { used: 2, max: Some(5), blocked: Some(Blocked::TooSoon { next: at("12:10:00") }) },
        last_reset: Some(Reset {
            id: ResetId(5),
            requested_at: at("12:00:00"),
            requested_by: "mina".into(),
            reason: "T-4711".into(),
            link: LinkState::Used { at: at("12:09:00") },
            mail: Some(MailState::Accepted),
            relay: "250 Ok".into(),
        }),
        tokens: vec![AccessToken {
            id: TokenId(7),
            integration: "ERP sync".into(),
            scopes: "orders".into(),
            created_at: at("01:00:00"),
            last_used_at: None,
            expires_at: None,
        }],
        alive: Alive { tokens: 1, sessions: 2 },
        ever_had_tokens: true,
        history: vec![HistoryLine {
            at: at("12:00:00"),
            action: "reset.start".into(),
            operator: "mina".into(),
            reason: "".into(),
            detail: "reset 5".into(),
            mail: Some(MailFate {
                id: MailId(9),
                kind: MailKind::Reset,
                stage: MailStage::Queued,
                attempts: 2,
                next_at: Some(at("12:10:00")),
                done_at: None,
                relay: "451 later".into(),
                link: LinkState::Live { until: at("13:00:00") },
            }),
        }],
    }
}

#[test]
fn people_get_the_record_as_lines() {
    assert_eq!(
        answer(&veronica(), at("12:05:00")).lines,
        [
            "Customer          1",
            "Name              Veronica Costello",
            "E-mail            roni_cost@example.com",
            "Group             General",
            "Website           base (Luma)",
            "Status            locked until 2026-11-20 13:00:00 UTC",
            "Password          set",
            "Wrong passwords   6",
            "Created           2026-11-20 00:00:00 UTC",
            "Last sign-in      never",
            "Last reset        2026-11-20 12:00:00 UTC by mina, T-4711; link used at 2026-11-20 12:09:00 UTC; \
             mail accepted (250 Ok)",
            "Budget            2 of 5 this hour, next at 2026-11-20 12:10:00 UTC",
            "Access tokens     1",
            "Browser sessions  2",
            "  token 7: ERP sync, orders, issued 2026-11-20 01:00:00 UTC, never used, no expiry",
            "History:",
            "  2026-11-20 12:00:00 UTC: reset.start, mina, reset 5; mail queued, try 3 at 2026-11-20 12:10:00 UTC \
             (451 later), link live until 2026-11-20 13:00:00 UTC",
        ]
    );
}

#[test]
fn a_new_password_says_what_became_of_its_notice() {
    let mut set = veronica();
    set.history[0].action = "password.set".into();
    let mail = set.history[0].mail.as_mut().unwrap();
    mail.kind = MailKind::PasswordChanged;
    mail.link = LinkState::Used { at: at("12:00:00") };
    let answer = answer(&set, at("12:05:00"));
    let told = "  2026-11-20 12:00:00 UTC: password.set, mina, reset 5; \
                notice queued, try 3 at 2026-11-20 12:10:00 UTC (451 later)";
    assert_eq!(answer.lines.last().map(String::as_str), Some(told));
    assert_eq!(answer.json()["history"][0]["mail"]["kind"], "changed");
}

#[test]
fn programs_get_the_same_facts() {
    let json = answer(&veronica(), at("12:05:00")).json();
    assert_eq!(json["customer"]["status"], "locked");
    assert_eq!(json["customer"]["locked_until"], "2026-11-20T13:00:00Z");
    assert_eq!(json["reset"]["link"], "used");
    assert_eq!(json["reset"]["link_at"], "2026-11-20T12:09:00Z");
    assert_eq!(json["budget"], json!({"used": 2, "max": 5, "next_at": "2026-11-20T12:10:00Z"}));
    assert_eq!(json["tokens"][0]["id"], 7);
    assert_eq!(json["history"][0]["detail"], "reset 5");
    assert_eq!(json["history"][0]["mail"]["state"], "queued");
    assert_eq!(json["history"][0]["mail"]["relay"], "451 later");
}

#[test]
fn a_budget_opens_by_itself() {
    let later = answer(&veronica(), at("12:10:00"));
    assert!(later.lines.iter().any(|line| line == "Budget            2 of 5 this hour, next now"));
    assert_eq!(later.json()["budget"]["next_at"], Value::Null);
}

#[test]
fn an_account_without_tokens_says_whether_it_ever_had_any() {
    let ordinary = Customer { ever_had_tokens: false, alive: Alive::default(), tokens: Vec::new(), ..veronica() };
    let lines = answer(&ordinary, at("12:05:00")).lines;
    assert!(lines.iter().any(|line| line == "Access tokens     0, never had any"));
}
