//! Operation keys: an action is done once, and what a lost answer was can be asked for.

use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::{
    Columns, SqlStore, from_micros,
    sqlite::{self, WriteTx},
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

/// The answer of an action, as it is kept beside its key.
pub(super) trait Answer: Sized {
    fn write(&self) -> Value;
    fn read(value: &Value) -> Option<Self>;
}

/// An action under its key.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    pub asked: &'a Asked,
    pub customer: CustomerId,
    /// What is done, with whatever distinguishes it from the same action with other arguments.
    pub action: &'a str,
}

impl Operation<'_> {
    /// The answer that was given to this key before, if any.
    pub(super) async fn earlier<T: Answer>(
        self,
        connection: &mut SqliteConnection,
    ) -> StoreResult<Option<Result<T, Refusal>>> {
        let row = sqlx::query("SELECT customer_id, action, answer FROM operations WHERE op_key = $1");
        let row = row.bind(self.asked.op_key.as_str().to_owned());
        let Some(row) = row.fetch_optional(connection).await.map_err(|e| sqlite::error(&e))? else { return Ok(None) };
        if row.text("action")? != self.action || row.int("customer_id")? != self.customer.0 {
            return Ok(Some(Err(Refusal::OpKeyReused)));
        }
        let answer = serde_json::from_str(&row.text("answer")?).ok().as_ref().and_then(T::read);
        answer
            .map(|answer| Some(Ok(answer)))
            .ok_or_else(|| StoreError::Damaged("a stored answer cannot be read".to_owned()))
    }

    /// Ends the transaction of an action: notes its answer under the key and commits, or undoes
    /// a refused one. When the commit fails, the key tells on a new connection whether it was
    /// done all the same: a failed commit can be a lasting one.
    pub(super) async fn settle<T: Answer>(
        self,
        store: &SqlStore,
        mut tx: WriteTx,
        done: Result<T, Refusal>,
    ) -> ActionResult<T> {
        let Ok(answer) = &done else {
            tx.roll_back().await?;
            return Ok(done);
        };
        let note =
            sqlx::query("INSERT INTO operations (customer_id, op_key, action, answer, at) VALUES ($1, $2, $3, $4, $5)");
        let note = note.bind(self.customer.0).bind(self.asked.op_key.as_str().to_owned()).bind(self.action.to_owned());
        let note = note.bind(answer.write().to_string()).bind(self.asked.at.as_microsecond());
        note.execute(tx.on()).await.map_err(|e| sqlite::error(&e))?;
        match tx.commit().await {
            Ok(()) => Ok(done),
            Err(failed) => self.find_out(store, failed).await,
        }
    }

    async fn find_out<T: Answer>(self, store: &SqlStore, failed: StoreError) -> ActionResult<T> {
        match self.asked_again(store).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(failed),
            Err(why) => Err(StoreError::Unknown(format!("the database failed while it was written ({why})"))),
        }
    }

    /// The answer under the key after a failed commit. What it is only counts once another write
    /// has succeeded: what was not flushed may still stand in the file behind its valid end,
    /// where it would come to life when the next program reads the file anew.
    async fn asked_again<T: Answer>(self, store: &SqlStore) -> StoreResult<Option<Result<T, Refusal>>> {
        let mut tx = store.write().await?;
        let answer = self.earlier(tx.on()).await?;
        let note = "INSERT INTO operations (customer_id, op_key, action, answer, at) VALUES (0, '', '', '', 0)";
        for sql in [note, "DELETE FROM operations WHERE op_key = ''"] {
            sqlx::query(sql).execute(tx.on()).await.map_err(|e| sqlite::error(&e))?;
        }
        tx.commit().await?;
        Ok(answer)
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
