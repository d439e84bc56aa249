//! Does what the console asks of the service: each request in a task of its own.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use tokio::{
    task::{JoinError, JoinSet},
    time::Instant,
};

use crate::{
    domain::{operator::Operator, query::Query, safe_text::SafeText},
    service::{Request, Service},
    store::{ActionResult, Cancel, Store, StoreError, StoreResult},
    texts::Texts,
    tui::{
        effect::{Ask, Write},
        msg::{Answer, Event, Outcome, Problem, Reply, Ticket},
    },
};

/// What a request came to, and how long it took.
pub struct Done {
    ticket: Ticket,
    took: Duration,
    reply: Reply,
}

/// The requests under way.
pub struct Performer<S> {
    service: Service<S>,
    operator: Operator,
    texts: Texts,
    reads: JoinSet<Done>,
    writes: JoinSet<Done>,
    cancels: HashMap<Ticket, Cancel>,
}

impl<S: Store> Performer<S> {
    /// Nothing is under way yet.
    pub fn new(service: Service<S>, operator: Operator, texts: Texts) -> Self {
        Self { service, operator, texts, reads: JoinSet::new(), writes: JoinSet::new(), cancels: HashMap::new() }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.service.clock().now()
    }

    /// Starts to read something.
    pub fn ask(&mut self, ticket: Ticket, ask: Ask) {
        let (service, texts) = (self.service.clone(), self.texts);
        let cancel = Cancel::default();
        self.cancels.insert(ticket, cancel.clone());
        let started = Instant::now();
        self.reads.spawn(async move {
            let reply = read(&service, texts, ask, &cancel).await;
            Done { ticket, took: started.elapsed(), reply }
        });
    }

    /// Tells a read that nobody waits for it; its reply still comes, soon.
    pub fn give_up(&self, ticket: Ticket) {
        if let Some(cancel) = self.cancels.get(&ticket) {
            cancel.cancel();
        }
    }

    /// Starts an action. Its task is never ended from outside: a half-done action would be worse
    /// than a late one.
    pub fn write(&mut self, ticket: Ticket, write: Write) {
        let (service, texts) = (self.service.clone(), self.texts);
        let operator = self.operator.clone();
        let started = Instant::now();
        self.writes.spawn(async move {
            let reply = act(&service, texts, operator, write).await;
            Done { ticket, took: started.elapsed(), reply }
        });
    }

    /// Waits for the next request to end.
    pub async fn done(&mut self) -> Result<Done, JoinError> {
        tokio::select! {
            biased;
            Some(done) = self.writes.join_next() => done,
            Some(done) = self.reads.join_next() => done,
            else => std::future::pending().await,
        }
    }

    /// A request that has ended already.
    pub fn done_already(&mut self) -> Option<Result<Done, JoinError>> {
        self.writes.try_join_next().or_else(|| self.reads.try_join_next())
    }

    /// The event of an ended request.
    pub fn take(&mut self, done: Done) -> Event {
        self.cancels.remove(&done.ticket);
        Event::Reply { ticket: done.ticket, took: done.took, reply: done.reply }
    }

    /// Gives up all reads and waits for all actions. Gives the error of one that broke.
    pub async fn finish(&mut self) -> Option<JoinError> {
        self.reads.abort_all();
        let mut broken = None;
        while let Some(done) = self.writes.join_next().await {
            broken = broken.or(done.err());
        }
        broken
    }
}

async fn read<S: Store>(service: &Service<S>, texts: Texts, ask: Ask, cancel: &Cancel) -> Reply {
    match ask {
        Ask::Page { query, sort, from, limit } => {
            Reply::Page(answer(texts, service.find(query, sort, from, limit, cancel).await))
        }
        Ask::Count(query) => Reply::Count(answer(texts, service.count(&query, cancel).await)),
        Ask::Total => Reply::Total(answer(texts, service.count(&Query::default(), cancel).await)),
        Ask::Record(id) => Reply::Record(Box::new(answer(texts, service.open(id).await))),
        Ask::Websites => Reply::Websites(answer(texts, service.websites().await)),
        Ask::Queue => Reply::Queue(answer(texts, service.queue().await)),
        Ask::Audit { filter, before, limit } => {
            Reply::Audit(answer(texts, service.audit_entries(&filter, before, limit).await))
        }
        Ask::AuditChain(verifier) => Reply::AuditChain(answer(texts, service.walk_audit(verifier).await)),
        Ask::Mails { filter, before, limit } => Reply::Mails(answer(texts, service.mails(filter, before, limit).await)),
        Ask::MailText(id) => Reply::MailText(answer(texts, service.mail_text(id).await)),
        Ask::Preview(id) => Reply::Preview(outcome(texts, service.preview_reset(id).await)),
    }
}

async fn act<S: Store>(service: &Service<S>, texts: Texts, by: Operator, write: Write) -> Reply {
    let request = |reason| Request { by, reason, op_key: None };
    match write {
        Write::StartReset { customer, version, reason } => {
            Reply::ResetQueued(outcome(texts, service.start_reset(customer, Some(version), request(reason)).await))
        }
        Write::UndoReset { customer, reset } => {
            Reply::ResetCancelled(outcome(texts, service.undo_reset(customer, reset, request(String::new())).await))
        }
        Write::CancelReset { customer, reason } => {
            Reply::ResetCancelled(outcome(texts, service.cancel_reset(customer, request(reason)).await))
        }
        Write::ForceSignIn { customer, version, scope, reason } => Reply::SignInForced(outcome(
            texts,
            service.force_sign_in(customer, Some(version), scope, request(reason)).await,
        )),
        Write::Unlock { customer, version, reason } => {
            Reply::Unlocked(outcome(texts, service.unlock(customer, Some(version), request(reason)).await))
        }
        Write::RetryMail { mail, reason, .. } => {
            Reply::MailRetried(outcome(texts, service.retry_mail(mail, request(reason)).await))
        }
        Write::CancelMail { mail, reason, .. } => {
            Reply::ResetCancelled(outcome(texts, service.cancel_mail(mail, request(reason)).await))
        }
    }
}

fn answer<T>(texts: Texts, result: StoreResult<T>) -> Answer<T> {
    result.map_err(|error| problem(texts, &error))
}

fn outcome<T>(texts: Texts, result: ActionResult<T>) -> Outcome<T> {
    result.map_err(|error| problem(texts, &error))
}

fn problem(texts: Texts, error: &StoreError) -> Problem {
    match error {
        StoreError::Cancelled => Problem::Cancelled,
        other => Problem::Failed(SafeText::new(&texts.failure(other))),
    }
}
