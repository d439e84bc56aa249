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
    reads: JoinSet<Done>,
    writes: JoinSet<Done>,
    cancels: HashMap<Ticket, Cancel>,
}

impl<S: Store> Performer<S> {
    /// Nothing is under way yet.
    pub fn new(service: Service<S>, operator: Operator) -> Self {
        Self { service, operator, reads: JoinSet::new(), writes: JoinSet::new(), cancels: HashMap::new() }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.service.clock().now()
    }

    /// Starts to read something.
    pub fn ask(&mut self, ticket: Ticket, ask: Ask) {
        let service = self.service.clone();
        let cancel = Cancel::default();
        self.cancels.insert(ticket, cancel.clone());
        let started = Instant::now();
        self.reads.spawn(async move {
            let reply = read(&service, ask, &cancel).await;
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
        let service = self.service.clone();
        let operator = self.operator.clone();
        let started = Instant::now();
        self.writes.spawn(async move {
            let reply = act(&service, operator, write).await;
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

async fn read<S: Store>(service: &Service<S>, ask: Ask, cancel: &Cancel) -> Reply {
    match ask {
        Ask::Page { query, sort, from, limit } => {
            Reply::Page(answer(service.find(query, sort, from, limit, cancel).await))
        }
        Ask::Count(query) => Reply::Count(answer(service.count(&query, cancel).await)),
        Ask::Total => Reply::Total(answer(service.count(&Query::default(), cancel).await)),
        Ask::Record(id) => Reply::Record(Box::new(answer(service.open(id).await))),
        Ask::Websites => Reply::Websites(answer(service.websites().await)),
        Ask::Queue => Reply::Queue(answer(service.queue().await)),
        Ask::Audit { filter, before, limit } => {
            Reply::Audit(answer(service.audit_entries(&filter, before, limit).await))
        }
        Ask::AuditChain(verifier) => Reply::AuditChain(answer(service.walk_audit(verifier).await)),
        Ask::Mails { filter, before, limit } => Reply::Mails(answer(service.mails(filter, before, limit).await)),
        Ask::MailText(id) => Reply::MailText(answer(service.mail_text(id).await)),
        Ask::Preview(id) => Reply::Preview(outcome(service.preview_reset(id).await)),
    }
}

async fn act<S: Store>(service: &Service<S>, by: Operator, write: Write) -> Reply {
    let request = |reason| Request { by, reason, op_key: None };
    match write {
        Write::StartReset { customer, version, reason } => {
            Reply::ResetQueued(outcome(service.start_reset(customer, Some(version), request(reason)).await))
        }
        Write::UndoReset { customer, reset } => {
            Reply::ResetCancelled(outcome(service.undo_reset(customer, reset, request(String::new())).await))
        }
        Write::CancelReset { customer, reason } => {
            Reply::ResetCancelled(outcome(service.cancel_reset(customer, request(reason)).await))
        }
        Write::ForceSignIn { customer, version, scope, reason } => {
            Reply::SignInForced(outcome(service.force_sign_in(customer, Some(version), scope, request(reason)).await))
        }
        Write::Unlock { customer, version, reason } => {
            Reply::Unlocked(outcome(service.unlock(customer, Some(version), request(reason)).await))
        }
        Write::RetryMail { mail, reason, .. } => {
            Reply::MailRetried(outcome(service.retry_mail(mail, request(reason)).await))
        }
        Write::CancelMail { mail, reason, .. } => {
            Reply::ResetCancelled(outcome(service.cancel_mail(mail, request(reason)).await))
        }
    }
}

fn answer<T>(result: StoreResult<T>) -> Answer<T> {
    result.map_err(|error| problem(&error))
}

fn outcome<T>(result: ActionResult<T>) -> Outcome<T> {
    result.map_err(|error| problem(&error))
}

fn problem(error: &StoreError) -> Problem {
    match error {
        StoreError::Cancelled => Problem::Cancelled,
        other => Problem::Failed(SafeText::new(&other.to_string())),
    }
}
