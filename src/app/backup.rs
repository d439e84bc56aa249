//! Making and restoring backups.

use std::{
    io::{IsTerminal, stderr},
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::{
    app::{Shop, configuration, delivery::asked_to_stop, operator},
    cli::{
        answer::{Answer, Answered, Outcome},
        args::{BackupArgs, Global, RestoreArgs},
        backup,
        out::Out,
        restore,
    },
    clock::{Clock, Entropy},
    domain::{backup::Restore, command::Asked, database::Place, operation::OpKey},
    service::Request,
    store::{Cancel, StoreResult, sql},
};

/// How often somebody who watches is told that it goes on.
const STILL: Duration = Duration::from_secs(5);

/// How long work that is to stop may take for it; what then goes on only reads.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// Runs `keydesk backup`.
pub(super) async fn back_up(shop: &Shop, args: &BackupArgs, out: &mut Out) -> Answered {
    let request = Request { by: shop.ctx.operator.clone(), reason: args.reason.clone(), op_key: None };
    let cancel = Cancel::default();
    let made =
        Box::pin(watched("Copying", out, &cancel, shop.ctx.service.back_up(request, &args.file, &cancel))).await?;
    Ok(backup::made(&args.file, &made?))
}

/// Runs `keydesk restore`.
pub(super) async fn put_back(global: &Global, args: &RestoreArgs, out: &mut Out) -> Answered {
    let (config, by) = (configuration(global)?, operator(global)?);
    let op_key = OpKey::from_random(Entropy::System.bytes());
    let order = Restore {
        asked: Asked { at: Clock::system().now(), by, reason: args.reason.clone(), op_key },
        from: std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone()),
        replace: args.replace,
        revoke_tokens: args.revoke_tokens,
    };
    let Place::File(database) = &config.database else {
        let message = "keydesk restores databases in a file. For one on a server use the server's own means, such as \
                       pg_restore. Nothing was done.";
        return Err(Answer::not_done(Outcome::Failed, "not_copied", message));
    };
    if args.dry_run {
        return Ok(restore::planned(database, &sql::plan_restore(database, &order).await?));
    }
    let done = watched("Restoring", out, &Cancel::default(), sql::restore(database, &order)).await?;
    Ok(restore::restored(database, &done?))
}

/// Waits for long work, says now and then that it goes on, and gives it up when asked to: what
/// was begun is then removed.
async fn watched<T>(
    what: &str,
    out: &mut Out,
    cancel: &Cancel,
    work: impl Future<Output = StoreResult<T>>,
) -> Result<StoreResult<T>, Answer> {
    let began = Instant::now();
    let mut still = interval_at(began + STILL, STILL);
    still.set_missed_tick_behavior(MissedTickBehavior::Skip);
    tokio::pin!(work);
    let mut stop = std::pin::pin!(asked_to_stop());
    loop {
        tokio::select! {
            biased;
            done = &mut work => return Ok(done),
            asked = &mut stop => {
                cancel.cancel();
                // What was done in the last moment counts.
                if let Ok(Ok(done)) = timeout(LAST_MOMENT, &mut work).await {
                    return Ok(Ok(done));
                }
                let why = asked.map_or_else(|error| error.to_string(), |()| "it was interrupted".to_owned());
                return Err(Answer::not_done(Outcome::Failed, "interrupted", format!("Nothing was done: {why}.")));
            }
            _ = still.tick() => if stderr().is_terminal() {
                out.progress(&format!("{what} for {} s ...", began.elapsed().as_secs()));
            }
        }
    }
}
