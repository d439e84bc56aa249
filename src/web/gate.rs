//! What every request passes before a handler sees it, and every answer on its way out.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;

use crate::{
    store::Store,
    texts::Texts,
    web::{
        News, Peer, Site, headers,
        host::{Host, authority},
        problem::Problem,
        proxies::client,
        routes::Kind,
    },
};

/// Longest body, in bytes: two passwords of the longest kind, several times over.
const MAX_BODY: usize = 16 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(5);
/// How much of a body that is too large is taken, so that the client reads why it is refused.
const MAX_LINGER: usize = 1024 * 1024;
/// How long that may take.
const LINGER_TIME: Duration = Duration::from_secs(1);

/// What the gate found out about a request.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    /// Whom it is for.
    pub(super) host: Arc<Host>,
    /// Its body.
    pub(super) body: Bytes,
    /// Whom it comes from.
    pub(super) from: Option<IpAddr>,
}

/// Lets a request in whose website is known and whose body is not too large, and adds to every
/// answer what browsers have to know.
pub(super) async fn let_in<S: Store>(State(site): State<Arc<Site<S>>>, request: Request, next: Next) -> Response {
    let kind = Kind::of(request.uri().path());
    let named = authority(request.uri(), request.headers());
    let (mut response, tls) = match find_host(&site, named).await {
        Ok(host) => {
            let tls = host.is_tls();
            let texts = Texts::of(host.language());
            let answered = hand_over(&site, host, request, next).await;
            (answered.unwrap_or_else(|problem| problem.answer(kind, texts, None)), tls)
        }
        Err(problem) => (problem.answer(kind, Texts::default(), None), false),
    };
    if matches!(response.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
        // The rest of the body is not waited for.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    headers::add(response.headers_mut(), tls);
    response
}

async fn find_host<S: Store>(site: &Site<S>, named: Result<String, Problem>) -> Result<Arc<Host>, Problem> {
    let host = site.websites.at(&site.service, &named?).await.map_err(|error| site.failed(error))?;
    host.ok_or(Problem::Misdirected)
}

async fn hand_over<S: Store>(
    site: &Site<S>,
    host: Arc<Host>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let body = read(&parts.headers, body).await?;
    let peer = parts.extensions.get().copied().unwrap_or(Peer::Socket);
    let from = client(peer, &parts.headers, &site.trusts);
    parts.extensions.insert(Admitted { host, body, from });
    // In a task of its own: whoever no longer waits for the answer does not end the work.
    let answered = tokio::spawn(next.run(Request::from_parts(parts, Body::empty())));
    answered.await.map_err(|_| {
        site.tell(News::Broke);
        Problem::Broken
    })
}

/// Reads a whole body, within a size and a time.
async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Problem> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let whole = async {
        match announced {
            Some(length) if length > MAX_BODY => Err(Problem::TooLarge),
            _ => gather(&mut body).await,
        }
    };
    let read = tokio::time::timeout(BODY_TIME, whole).await.unwrap_or(Err(Problem::TooSlow));
    if read == Err(Problem::TooLarge) {
        tokio::spawn(linger(body));
    }
    read
}

async fn gather(body: &mut Body) -> Result<Bytes, Problem> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        // Trailers are nothing to us.
        if let Ok(data) = frame.map_err(|_| Problem::Malformed)?.into_data() {
            if whole.len() + data.len() > MAX_BODY {
                return Err(Problem::TooLarge);
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.into())
}

/// Takes a little more of a body that is too large, and forgets it: a client whose connection is
/// closed while it still sends may never see the answer (RFC 9112, 9.6).
async fn linger(mut body: Body) {
    let mut left = MAX_LINGER;
    let rest = async {
        while let Some(Ok(frame)) = body.frame().await {
            let taken = frame.data_ref().map_or(0, Bytes::len);
            left = left.saturating_sub(taken);
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(LINGER_TIME, rest).await;
}
