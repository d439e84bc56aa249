//! Opens the console on a shop.

use tokio::sync::watch;

use crate::{
    app::{Shop, delivery, variable},
    cli::answer::{Answer, Answered, Outcome},
    config::{
        self, Config, KeysConfig, SearchConfig,
        error::{ConfigError, Place},
    },
    domain::safe_text::SafeText,
    tui::{
        self, Abilities, End, Options, Symbols, Theme, Worker,
        keymap::{Binding, Impossible, Keymap},
        model::{SavedSearch, columns::Columns},
        terminal,
    },
};

/// The keys that the shop chose.
pub(super) fn keymap(config: &Config) -> Result<Keymap, ConfigError> {
    let binding = |keys: &KeysConfig| Binding { command: keys.command.clone(), keys: keys.keys.clone() };
    let bindings: Vec<Binding> = config.keys.iter().map(binding).collect();
    Keymap::with(&bindings).map_err(|Impossible { index, problem }| {
        let place = config.keys.get(index).map_or(Place::Variable("keys"), |keys| keys.place.clone());
        ConfigError::Value { place, problem }
    })
}

/// The columns that the shop chose.
pub(super) fn columns(config: &Config) -> Result<Columns, ConfigError> {
    let Some((names, place)) = &config.columns else { return Ok(Columns::default()) };
    Columns::named(names).map_err(|problem| ConfigError::Value { place: place.clone(), problem })
}

fn searches(config: &Config) -> Vec<SavedSearch> {
    let saved =
        |search: &SearchConfig| SavedSearch { name: SafeText::new(&search.name), query: SafeText::new(&search.query) };
    config.searches.iter().map(saved).collect()
}

/// Runs `keydesk` without a command, until the console is left.
pub(super) async fn run(shop: &Shop) -> Answered {
    terminal::check().map_err(|why| Answer::usage("no_terminal", why))?;
    let (console, can) = (shop.config.console, Abilities::of(&variable));
    let options = Options {
        operator: shop.ctx.operator.clone(),
        database: shop.config.database.short(),
        texts: console.language,
        symbols: match console.symbols {
            config::Symbols::Unicode => Symbols::Unicode,
            config::Symbols::Ascii => Symbols::Ascii,
        },
        theme: match console.theme {
            // The environment wins over the file, as everywhere.
            _ if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) => Theme::Mono,
            config::Theme::Mono => Theme::Mono,
            config::Theme::Auto => can.theme(can.is_light),
            config::Theme::Dark => can.theme(Some(false)),
            config::Theme::Light => can.theme(Some(true)),
        },
        mouse: match console.mouse {
            config::Mouse::Auto => can.mouse,
            config::Mouse::On => true,
            config::Mouse::Off => false,
        },
        title: console.title == config::Title::Shop,
        keys: keymap(&shop.config)?,
        columns: columns(&shop.config)?,
        searches: searches(&shop.config),
        slow_line: variable("SSH_CONNECTION").is_some(),
        worker: worker(shop).await?,
    };
    let end = tui::run(shop.ctx.service.clone(), options)
        .await
        .map_err(|error| Answer::not_done(Outcome::Failed, "console", error.to_string()))?;
    let outcome = match end {
        End::Asked => Outcome::Done,
        End::Signal(number) => Outcome::Signalled(number),
    };
    Ok(Answer::lines(outcome, Vec::new(), serde_json::json!({})))
}

/// What delivers mails beside the console. Where no relay is named somebody else delivers, and
/// the header says when nobody does; one that is named wrongly is told before the console opens.
async fn worker(shop: &Shop) -> Result<Option<Worker>, Answer> {
    if !shop.config.mail.worker || shop.config.mail.url.is_none() {
        return Ok(None);
    }
    let mailer = delivery::mailer(shop, false).await?;
    let (ask, asked) = watch::channel(false);
    let service = shop.ctx.service.clone();
    let task = Box::pin(async move { service.run_worker(mailer, asked, &mut |_| {}).await });
    Ok(Some(Worker { task, stop: ask }))
}
