//! Why a request was not answered as it was meant.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    service::{hashing::NotHashed, sign_in::NotDone},
    store::{Store, StoreError},
    texts::Texts,
    web::{
        News, Site, answer,
        pages::{Frame, Notice},
        routes::Kind,
    },
};

/// What came in the way. None of them tells more than whoever asks knows already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Keys that are doubled, unknown or missing; a Host that is none; text that is not UTF-8.
    Malformed,
    /// No access token, or one that does not work (any more).
    NoToken,
    /// An integration's key and secret that do not fit.
    NotAnIntegration,
    /// A customer's address and password that do not fit.
    WrongPassword,
    /// The form was not ours, or not ours any more.
    Forged,
    /// Nothing is there.
    NotFound,
    /// It is there, but is asked for in another way.
    WrongMethod,
    /// The body took too long.
    TooSlow,
    /// A link that does not work (any more).
    LinkDead,
    /// The body is too large.
    TooLarge,
    /// The body is of another type.
    WrongType,
    /// An address that no mail can be sent to.
    NoAddress,
    /// A Host that is no website of this shop.
    Misdirected,
    /// Asked too often; how long to wait.
    TooOften(SignedDuration),
    /// Too many passwords are looked at, at this moment.
    Busy,
    /// The database cannot be used at this moment.
    Unavailable,
    /// We made a mistake.
    Broken,
}

/// Seconds after which somebody is asked to come again, where nothing is known better.
const SOON: i64 = 5;

impl Problem {
    /// Until when, from `now` on, nothing can be asked.
    pub(super) fn until(next: Timestamp, now: Timestamp) -> Self {
        Self::TooOften(next.duration_since(now))
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NoToken | Self::NotAnIntegration | Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::LinkDead => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoAddress => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn sentence(self, texts: Texts) -> String {
        match self {
            Self::Malformed => texts.page_problem_malformed(),
            Self::NoToken => texts.page_problem_no_token(),
            Self::NotAnIntegration => texts.page_problem_not_an_integration(),
            Self::WrongPassword => texts.page_problem_wrong_password(),
            Self::Forged => texts.page_problem_forged(),
            Self::NotFound => texts.page_problem_not_found(),
            Self::WrongMethod => texts.page_problem_wrong_method(),
            Self::TooSlow => texts.page_problem_too_slow(),
            Self::LinkDead => texts.page_problem_link_dead(),
            Self::TooLarge => texts.page_problem_too_large(),
            Self::WrongType => texts.page_problem_wrong_type(),
            Self::NoAddress => texts.page_problem_no_address(),
            Self::Misdirected => texts.page_problem_misdirected(),
            Self::TooOften(_) => texts.page_problem_too_often(),
            Self::Busy => texts.page_problem_busy(),
            Self::Unavailable => texts.page_problem_unavailable(),
            Self::Broken => texts.page_problem_broken(),
        }
    }

    /// Seconds to wait.
    fn retry_after(self) -> Option<i64> {
        match self {
            Self::TooOften(wait) => Some(wait.as_secs().saturating_add(1).max(1)),
            Self::Busy | Self::Unavailable => Some(SOON),
            _ => None,
        }
    }

    /// The answer, to programs in English; `shop` is the name of the website where it is known.
    pub(super) fn answer(self, kind: Kind, texts: Texts, shop: Option<&str>) -> Response {
        let sentence = |texts| self.sentence(texts);
        let mut response = match kind {
            // Magento answers what does not work (any more) with 400.
            Kind::Api if matches!(self, Self::LinkDead | Self::NoAddress) => {
                answer::json(StatusCode::BAD_REQUEST, &json!({"message": sentence(Texts::default())}))
            }
            Kind::Api => answer::json(self.status(), &json!({"message": sentence(Texts::default())})),
            Kind::Page | Kind::File => {
                let frame = Frame { texts, shop: shop.unwrap_or_default() };
                let dead = self == Self::LinkDead;
                let (title, to, called) = if dead {
                    (texts.page_new_password_dead(), "/forgot", texts.page_new_password_ask_again())
                } else {
                    (texts.page_problem_title(), "/", texts.page_problem_way_on())
                };
                let sentence = sentence(texts);
                let notice = Notice { frame, title: &title, role: "alert", sentence: &sentence, way_on: (to, &called) };
                answer::text(self.status(), answer::HTML, notice.render().unwrap_or(sentence))
            }
        };
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        match self {
            Self::NoToken => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"customers\""))
            }
            Self::NotAnIntegration => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"integrations\""))
            }
            _ => None,
        };
        response
    }
}

impl<S: Store> Site<S> {
    /// What visitors are told when the database fails; whoever runs the storefront gets the rest.
    pub(super) fn failed(&self, error: StoreError) -> Problem {
        self.tell(News::Failed(error));
        Problem::Unavailable
    }

    /// The same where passwords are hashed too.
    pub(super) fn not_done(&self, problem: NotDone) -> Problem {
        match problem {
            NotDone::NotHashed(NotHashed::Busy | NotHashed::Failed) => Problem::Busy,
            NotDone::Store(error) => self.failed(error),
        }
    }
}
