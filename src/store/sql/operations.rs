//! Operation keys: an action is done once, and what a lost answer was can be asked for.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    SqlStore,
    connection::{Connection, from_micros, sql},
    database::{Held, again},
};
use crate::{
    domain::{
        access_token::Alive,
        command::{Asked, MailRetried, ResetCancelled, ResetQueued, SignInForced, Unlocked},
        customer::{CustomerId, Version},
        mail_state::{MailId, MailState},
        refusal::Refusal,
        reset::ResetId,
        safe_text::SafeText,
        storefront::PasswordSet,
    },
    store::{ActionResult, StoreError, StoreResult},
};

/// Waits for whoever is using the same key at the moment.
const BEGIN: &str = "INSERT INTO operations (customer_id, op_key, action, answer, at) VALUES ($1, $2, $3, '', $4) \
     ON CONFLICT DO NOTHING";
/// Between two questions to a database that is away.
const PAUSE: Duration = Duration::from_millis(250);

/// The answer of an action, as it is kept beside its key.
pub(super) trait Answer: Sized + Send + Sync {
    fn write(&self) -> Value;
    fn read(value: &Value) -> Option<Self>;
}

/// An action that is done once under its key.
pub(super) trait Act: Sync {
    /// What is answered when it was done.
    type Done: Answer;

    /// The key, and what is kept beside it.
    fn operation(&self) -> Operation<'_>;

    /// Does it, in a transaction that is undone when it is refused.
    fn act(&self, connection: &mut Connection) -> impl Future<Output = ActionResult<Self::Done>> + Send;
}

/// What an action keeps beside its key.
pub(super) struct Operation<'a> {
    pub asked: &'a Asked,
    pub customer: CustomerId,
    /// What is done, with whatever distinguishes it from the same action with other arguments.
    pub action: Cow<'a, str>,
}

impl SqlStore {
    /// Does an action in one transaction with its answer; asked again with the same key, gives that
    /// answer. When the commit fails, the key tells on a new connection whether it was done all the
    /// same: a failed commit can be a lasting one.
    pub(super) async fn act<A: Act>(&self, act: &A) -> ActionResult<A::Done> {
        again(|| self.act_once(act)).await
    }

    async fn act_once<A: Act>(&self, act: &A) -> ActionResult<A::Done> {
        let operation = act.operation();
        let mut tx = self.write().await?;
        tx.on().hold(Held::Customer(operation.customer)).await?;
        if !operation.begin(tx.on()).await? {
            let earlier = operation.earlier(tx.on()).await?;
            tx.roll_back().await?;
            return Ok(earlier);
        }
        let done = act.act(tx.on()).await?;
        if let Ok(answer) = &done {
            operation.note(tx.on(), answer).await?;
        }
        if done.is_err() {
            tx.roll_back().await?;
            return Ok(done);
        }
        match tx.commit().await {
            Ok(()) => Ok(done),
            Err(failed) => operation.find_out(self, failed).await,
        }
    }
}

impl Operation<'_> {
    /// Takes the key. False when it is used already, by this customer's or, where a database can
    /// tell, by any other action.
    async fn begin(&self, connection: &mut Connection) -> StoreResult<bool> {
        let begin = sql(BEGIN).bind(self.customer.0).bind(self.asked.op_key.as_str()).bind(self.action.as_ref());
        Ok(begin.bind(self.asked.at.as_microsecond()).execute(connection).await? == 1)
    }

    /// Notes the answer under the key.
    async fn note(&self, connection: &mut Connection, answer: &impl Answer) -> StoreResult<()> {
        let note = sql("UPDATE operations SET answer = $3 WHERE customer_id = $1 AND op_key = $2");
        let note = note.bind(self.customer.0).bind(self.asked.op_key.as_str()).bind(answer.write().to_string());
        note.execute(connection).await.map(|_| ())
    }

    /// The answer that was given to this key before.
    async fn earlier<T: Answer>(&self, connection: &mut Connection) -> ActionResult<T> {
        let row = sql("SELECT action, answer FROM operations WHERE customer_id = $1 AND op_key = $2");
        let row = row.bind(self.customer.0).bind(self.asked.op_key.as_str()).fetch_optional(connection).await?;
        let Some(row) = row else { return Ok(Err(Refusal::OpKeyReused)) };
        if row.text("action")? != self.action {
            return Ok(Err(Refusal::OpKeyReused));
        }
        let answer = serde_json::from_str(&row.text("answer")?).ok().as_ref().and_then(T::read);
        answer.map(Ok).ok_or_else(|| StoreError::Damaged("a stored answer cannot be read".to_owned()))
    }

    /// What became of a transaction whose commit failed. A server that went away is waited for: it
    /// may be replaced by another within seconds.
    async fn find_out<T: Answer>(&self, store: &SqlStore, failed: StoreError) -> ActionResult<T> {
        let until = Instant::now() + store.patience();
        loop {
            match self.asked_again(store).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => return Err(undone(failed)),
                Err(_) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
                Err(why) => {
                    return Err(StoreError::Unknown(format!("the database failed while it was written ({why})")));
                }
            }
        }
    }

    /// The answer under the key after a failed commit.
    ///
    /// A server may still be working on that commit: whoever takes the same key waits for its end.
    /// And in a file, what the answer is only counts once another write has succeeded: what was not
    /// flushed may still stand behind the valid end of its log, where it would come to life when the
    /// next program reads the file anew.
    async fn asked_again<T: Answer>(&self, store: &SqlStore) -> StoreResult<Option<Result<T, Refusal>>> {
        let mut tx = store.write().await?;
        let answer = if self.begin(tx.on()).await? {
            let undo = sql("DELETE FROM operations WHERE customer_id = $1 AND op_key = $2");
            undo.bind(self.customer.0).bind(self.asked.op_key.as_str()).execute(tx.on()).await?;
            None
        } else {
            sql(BEGIN).bind(0_i64).bind("").bind("").bind(0_i64).execute(tx.on()).await?;
            sql("DELETE FROM operations WHERE customer_id = 0 AND op_key = ''").execute(tx.on()).await?;
            Some(self.earlier(tx.on()).await?)
        };
        tx.commit().await?;
        Ok(answer)
    }
}

/// What is said of a failed commit that is known to have written nothing.
fn undone(failed: StoreError) -> StoreError {
    match failed {
        StoreError::Unknown(_) => StoreError::Unreachable(
            "The database server went away while it was written, and nothing was done. Try again.".to_owned(),
        ),
        known => known,
    }
}

impl Answer for ResetQueued {
    fn write(&self) -> Value {
        json!({
            "customer": self.customer.0, "email": self.email.as_str(), "reset": self.reset.0, "mail": self.mail.0,
            "send_at": self.send_at.as_microsecond(), "superseded": self.superseded,
        })
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            customer: CustomerId(value.get("customer")?.as_i64()?),
            email: SafeText::new(value.get("email")?.as_str()?),
            reset: ResetId(value.get("reset")?.as_i64()?),
            mail: MailId(value.get("mail")?.as_i64()?),
            send_at: from_micros(value.get("send_at")?.as_i64()?),
            superseded: value.get("superseded")?.as_bool()?,
        })
    }
}

impl Answer for ResetCancelled {
    fn write(&self) -> Value {
        json!({
            "customer": self.customer.0, "reset": self.reset.0, "undone": self.undone,
            "mail_may_arrive": self.mail_may_arrive, "restored": self.restored,
        })
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            customer: CustomerId(value.get("customer")?.as_i64()?),
            reset: ResetId(value.get("reset")?.as_i64()?),
            undone: value.get("undone")?.as_bool()?,
            mail_may_arrive: value.get("mail_may_arrive")?.as_bool()?,
            restored: value.get("restored")?.as_bool()?,
        })
    }
}

impl Answer for SignInForced {
    fn write(&self) -> Value {
        let alive = |alive: Alive| json!([alive.tokens, alive.sessions]);
        json!({ "customer": self.customer.0, "ended": alive(self.ended), "left": alive(self.left) })
    }

    fn read(value: &Value) -> Option<Self> {
        let count = |value: &Value, n: usize| u32::try_from(value.get(n)?.as_u64()?).ok();
        let alive = |value: &Value| Some(Alive { tokens: count(value, 0)?, sessions: count(value, 1)? });
        Some(Self {
            customer: CustomerId(value.get("customer")?.as_i64()?),
            ended: alive(value.get("ended")?)?,
            left: alive(value.get("left")?)?,
        })
    }
}

impl Answer for CustomerId {
    fn write(&self) -> Value {
        self.0.into()
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_i64().map(Self)
    }
}

impl Answer for Version {
    fn write(&self) -> Value {
        self.0.into()
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_i64().map(Self)
    }
}

/// Done, and nothing to say about it.
impl Answer for () {
    fn write(&self) -> Value {
        Value::Null
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_null()
    }
}

impl Answer for Unlocked {
    fn write(&self) -> Value {
        json!({
            "customer": self.customer.0, "until": self.until.as_microsecond(), "failed_sign_ins": self.failed_sign_ins,
        })
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            customer: CustomerId(value.get("customer")?.as_i64()?),
            until: from_micros(value.get("until")?.as_i64()?),
            failed_sign_ins: u32::try_from(value.get("failed_sign_ins")?.as_u64()?).ok()?,
        })
    }
}

impl Answer for PasswordSet {
    fn write(&self) -> Value {
        json!({
            "customer": self.customer.0, "reset": self.reset.0, "mail": self.mail.0, "sessions": self.sessions,
            "unlocked": self.unlocked,
        })
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            customer: CustomerId(value.get("customer")?.as_i64()?),
            reset: ResetId(value.get("reset")?.as_i64()?),
            mail: MailId(value.get("mail")?.as_i64()?),
            sessions: u32::try_from(value.get("sessions")?.as_u64()?).ok()?,
            unlocked: value.get("unlocked")?.as_bool()?,
        })
    }
}

impl Answer for MailRetried {
    fn write(&self) -> Value {
        json!({
            "customer": self.customer.0, "mail": self.mail.0, "email": self.email.as_str(), "reset": self.reset.0,
            "was": self.was.word(),
        })
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            customer: CustomerId(value.get("customer")?.as_i64()?),
            mail: MailId(value.get("mail")?.as_i64()?),
            email: SafeText::new(value.get("email")?.as_str()?),
            reset: ResetId(value.get("reset")?.as_i64()?),
            was: MailState::from_word(value.get("was")?.as_str()?)?,
        })
    }
}
