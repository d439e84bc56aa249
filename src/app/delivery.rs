//! Delivering mails: once, or as a worker that watches.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};

use crate::{
    app::Shop,
    cli::{
        answer::{Answer, Answered, Outcome},
        deliver,
        out::Out,
    },
    clock::Entropy,
    config::{Config, MailConfig, token_key},
    domain::reset::TokenKey,
    mail::{transport::Transport, url::MailUrl},
    service::delivery::{Mailer, News},
    store::Outbox,
};

/// How often a run that ends looks after the search index: longer than a minute helps nobody who runs
/// it every minute.
const TIDY_STEPS: u32 = 20;

/// Runs `keydesk mail deliver`.
pub(super) async fn run(shop: &Shop, watch: bool, new_key: bool, out: &mut Out) -> Answered {
    let mailer = mailer(shop, new_key).await?;
    if watch { worker(shop, mailer, out).await } else { once(shop, &mailer).await }
}

async fn once(shop: &Shop, mailer: &Mailer) -> Answered {
    shop.ctx.service.store().wake_queue().await?;
    let mut mails = Vec::new();
    let report = shop.ctx.service.deliver_due(mailer, &|| true, &mut |mail| mails.push(mail.clone())).await?;
    shop.ctx.service.tidy(TIDY_STEPS).await?;
    let queue = shop.ctx.service.store().queue(shop.ctx.service.clock().now()).await?;
    Ok(deliver::report(&report, &mails, &queue))
}

/// Works until it is asked to stop, and then finishes the mail at hand.
async fn worker(shop: &Shop, mailer: Mailer, out: &mut Out) -> Answered {
    let (ask, asked_for) = watch::channel(false);
    let (tell, mut told) = mpsc::unbounded_channel::<News>();
    let service = shop.ctx.service.clone();
    let work = apart(async move {
        // Nobody listening any more must not keep a mail from being delivered.
        let mut tell = |news: News| drop(tell.send(news));
        service.run_worker(mailer, asked_for, &mut tell).await;
    });
    let print = async {
        while let Some(news) = told.recv().await {
            out.answer(&deliver::news(news));
        }
    };
    let wait = apart(until_asked(ask));
    // Work ends when somebody asks for it, or breaks off: then nobody has to ask.
    let (worked, ()) = tokio::join!(work, print);
    worked?;
    wait.await??;
    Ok(Answer::sentence(Outcome::Done, "Stopped.", serde_json::json!({})))
}

/// Begins work in a task of its own: what is printed may wait for whoever reads it, and nothing
/// else waits with it.
pub(super) fn apart<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Result<T, Answer>> {
    let task = tokio::spawn(work);
    async {
        task.await.map_err(|_| {
            let message =
                "keydesk broke off because of a mistake in it. What was acknowledged is kept; start it again.";
            Answer::not_done(Outcome::Failed, "mistake", message)
        })
    }
}

/// Waits until somebody asks this process to end, and says so.
pub(super) async fn until_asked(ask: watch::Sender<bool>) -> Result<(), Answer> {
    let asked = asked_to_stop().await;
    ask.send_replace(true);
    asked.map_err(|error| Answer::not_done(Outcome::Failed, "signals", format!("Signals cannot be watched: {error}.")))
}

/// Waits until somebody asks this process to end.
pub(super) async fn asked_to_stop() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

/// How this shop's mails leave. A key that others of its links were not made with is refused
/// before it can spoil any, unless it is to be the `new_key`.
pub(super) async fn mailer(shop: &Shop, new_key: bool) -> Result<Mailer, Answer> {
    let config = &shop.config;
    let deadline = Duration::try_from(config.mail.deadline).unwrap_or(Duration::from_mins(2));
    let transport = transport(&config.mail, deadline)?;
    let key = link_key(config, shop.ctx.service.entropy())?;
    let owner = data_encoding::HEXLOWER.encode(&Entropy::System.bytes::<16>());
    let mailer = Mailer { transport, key, owner };
    if shop.ctx.service.agree_on_key(&mailer, new_key).await? {
        return Ok(mailer);
    }
    let message = format!(
        "The links of this database are made with another key than {}. No mail was made. Name that key's file in \
         token_key, or set mail.worker = false and let others deliver. If it is lost, run \"keydesk mail deliver --new-key\" \
         once: links that are out still work, and mails that were tried with the lost key are refused.",
        config.token_key.display()
    );
    Err(Answer::not_done(Outcome::Failed, "token_key", message))
}

/// The key that links are made with; made itself when it is first needed.
pub(super) fn link_key(config: &Config, entropy: &Entropy) -> Result<TokenKey, Answer> {
    token_key::load_or_create(&config.token_key, &|| entropy.bytes())
        .map_err(|error| Answer::not_done(Outcome::Failed, "token_key", error.to_string()))
}

/// The way that is configured, not used yet.
pub(super) fn transport(config: &MailConfig, deadline: Duration) -> Result<Transport, Answer> {
    let Some(url) = &config.url else {
        let message = "It is not set where mails go, so none was sent. Set mail.url in the configuration file, \
                       KEYDESK_MAIL or --mail.";
        return Err(Answer::usage("no_relay", message));
    };
    let wrong =
        |problem: String| Answer::usage("mail_url", format!("{}: {problem}. No mail was sent.", config.url_from));
    let mut url = MailUrl::parse(url.expose_secret()).map_err(|error| wrong(error.to_string()))?;
    if let Some(password) = config.password()? {
        url = url.with_password(password).map_err(|error| wrong(error.to_string()))?;
    }
    if let MailUrl::Maildir(folder) = &mut url {
        *folder = config.relative_to.join(&*folder);
    }
    Transport::new(&url, deadline).map_err(|error| wrong(error.to_string()))
}
