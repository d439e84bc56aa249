//! The storefront, with the mail worker beside it.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::sync::{mpsc, watch};

use crate::{
    app::{Shop, delivery},
    cli::{
        answer::{Answer, Answered, Outcome},
        deliver,
        out::Out,
    },
    config::{
        Config,
        serve::{Listen, Proxy},
    },
    domain::website::Website,
    service::{delivery as mails, doctor},
    store::sql::SqlStore,
    web::{self, Listener, Peer, Site, Trusts},
};

/// How often the same trouble is told.
const AGAIN: Duration = Duration::from_mins(1);

/// What is told while the storefront is open.
enum News {
    Mails(mails::News),
    Web(web::News),
}

/// Runs `keydesk serve`: until it is asked to stop, and then finishes what is at work.
pub(super) async fn run(shop: &Shop, out: &mut Out) -> Answered {
    let service = &shop.ctx.service;
    let websites = service.websites().await?;
    let bases = base_urls(&websites)?;
    let key = delivery::link_key(&shop.config, service.entropy())?;
    let (site, web_news) = Site::new(service.clone(), key, trusts(shop));
    let mailer = match &shop.config.mail {
        mail if mail.worker && mail.url.is_some() => Some(delivery::mailer(shop, false).await?),
        _ => None,
    };
    let listener = listener(&shop.config.serve.listen).await?;
    let opened = opened(&listener, &bases, &shop.config);
    let (tell, told) = mpsc::unbounded_channel();
    let (ask, asked) = watch::channel(false);
    let wait = delivery::apart(delivery::until_asked(ask));
    let service = service.clone();
    let (tell_mails, until) = (tell.clone(), asked.clone());
    let mails = async move {
        if let Some(mailer) = mailer {
            service.run_worker(mailer, until, &mut |news| drop(tell_mails.send(News::Mails(news)))).await;
        }
    };
    let work = delivery::apart(async { tokio::join!(mails, open(site, web_news, listener, asked, tell)) });
    let print = async {
        out.answer(&opened);
        print(told, out).await;
    };
    // Work ends when somebody asks for it, or breaks off: then nobody has to ask.
    let (worked, ()) = tokio::join!(work, print);
    worked?;
    wait.await??;
    Ok(Answer::sentence(Outcome::Done, "Stopped.", json!({})))
}

/// The storefront itself, and what it tells.
async fn open(
    site: Arc<Site<SqlStore>>,
    mut news: mpsc::Receiver<web::News>,
    listener: Listener,
    asked: watch::Receiver<bool>,
    tell: mpsc::UnboundedSender<News>,
) {
    let pass_on = async move {
        while let Some(news) = news.recv().await {
            let _ = tell.send(News::Web(news));
        }
    };
    // The last news comes when nobody is left who could tell any.
    tokio::join!(web::run(site, listener, asked), pass_on);
}

async fn print(mut told: mpsc::UnboundedReceiver<News>, out: &mut Out) {
    let mut last: Option<(Instant, Vec<String>)> = None;
    while let Some(news) = told.recv().await {
        let answer = match news {
            News::Mails(news) => deliver::news(news),
            News::Web(news) => trouble(news),
        };
        let is_known = last.as_ref().is_some_and(|(at, lines)| *lines == answer.lines && at.elapsed() < AGAIN);
        if !is_known {
            out.answer(&answer);
            last = Some((Instant::now(), answer.lines));
        }
    }
}

fn trouble(news: web::News) -> Answer {
    match news {
        web::News::Failed(error) => error.into(),
        web::News::NotAccepted(error) => {
            let message = format!("A connection could not be taken: {error}. The storefront goes on.");
            Answer::not_done(Outcome::Failed, "connection", message)
        }
        web::News::Broke => {
            let message = "An answer could not be made because of a mistake in keydesk. The storefront goes on.";
            Answer::not_done(Outcome::Failed, "mistake", message)
        }
    }
}

fn opened(listener: &Listener, bases: &[&str], config: &Config) -> Answer {
    let address = listener.address();
    let at = address.strip_prefix("http://").unwrap_or(&address);
    let message = format!("Serving {}. Listening on {at}.", bases.join(", "));
    let notes = notes(&address, bases, config);
    let facts = json!({"address": address, "websites": bases, "notes": notes});
    notes.into_iter().fold(Answer::sentence(Outcome::Done, message, facts), Answer::and_line)
}

/// What does not keep the storefront from opening, but is seldom meant.
fn notes(address: &str, bases: &[&str], config: &Config) -> Vec<String> {
    let mut notes = Vec::new();
    if config.mail.url.is_none() {
        notes.push("It is not set where mails go, so they wait. Set mail.url, KEYDESK_MAIL or --mail.");
    } else if !config.mail.worker {
        notes.push(
            "mail.worker is false, so mails wait for \"keydesk mail deliver --watch\" or a console that delivers.",
        );
    }
    if address.starts_with("unix:") && !config.serve.trusted_proxies.contains(&Proxy::Unix) {
        notes.push(
            "serve.trusted_proxies does not name \"unix\", so it is not known where requests come from, and resets \
             are limited by e-mail address alone.",
        );
    }
    let lost = bases.iter().filter(|base| !doctor::keeps_cookies(base)).map(|base| {
        format!(
            "Browsers keep no cookie of {base}, so nobody can sign in there. Put a proxy with https before it, and \
             correct the base URL."
        )
    });
    notes.into_iter().map(str::to_owned).chain(lost).collect()
}

/// Base URLs of the websites, each once; without any nobody could be answered.
fn base_urls(websites: &[Website]) -> Result<Vec<&str>, Answer> {
    let mut seen = HashSet::new();
    let bases: Vec<&str> =
        websites.iter().filter_map(|website| website.base_url.as_deref()).filter(|base| seen.insert(*base)).collect();
    if bases.is_empty() {
        let message = if websites.is_empty() {
            "This shop has no website yet, so nobody could be answered. Take customers over first: \
             keydesk import FILE --create-websites --base-url URL"
        } else {
            "No website of this shop has a base URL, so nobody could be answered. Set base_url in the configuration \
             file, or KEYDESK_BASE_URL."
        };
        return Err(Answer::not_done(Outcome::Failed, "no_website", message));
    }
    Ok(bases)
}

async fn listener(listen: &Listen) -> Result<Listener, Answer> {
    let listening = match listen {
        Listen::Tcp(at) => Listener::tcp(*at).await,
        Listen::Unix(path) => Listener::unix(path),
        Listen::Systemd => Listener::systemd(),
    };
    listening.map_err(|error| {
        let message = format!(
            "{error} Name another address with --listen, KEYDESK_LISTEN or serve.listen; without a proxy in front, \
             base_url must name its port."
        );
        Answer::not_done(Outcome::Failed, "listen", message)
    })
}

fn trusts(shop: &Shop) -> Trusts {
    let proxies = shop.config.serve.trusted_proxies.clone();
    Arc::new(move |peer| match peer {
        Peer::Ip(ip) => proxies.iter().any(|proxy| proxy.covers(ip)),
        Peer::Socket => proxies.contains(&Proxy::Unix),
    })
}
