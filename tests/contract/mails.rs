//! Mails that staff look at, send again and take back.

use keydesk::{
    domain::{
        audit::{ActionFilter, AuditFilter},
        customer::CustomerId,
        mail_retry::NoRetry,
        mail_state::{AfterTry, MailId, MailState, SendResult},
        outbox::{ClaimedMail, FinishMail, MailFilter, MailLine, MailStage},
        refusal::Refusal,
        reset::{LinkState, ResetId},
    },
    store::Store,
};

use crate::shop::{LEASE, Shop, mina, minutes, open, with_key};

impl<S: Store> Shop<S> {
    async fn reset(&self, id: CustomerId) -> (ResetId, MailId) {
        let queued = self.service.start_reset(id, None, mina()).await.unwrap().unwrap();
        (queued.reset, queued.mail)
    }

    /// A worker's claim.
    async fn claim(&self) -> ClaimedMail {
        self.store().claim_mail(self.now(), "worker", LEASE).await.unwrap().expect("a mail is due")
    }

    /// Makes the link and writes down what a try came to.
    async fn finish(&self, mail: &ClaimedMail, result: SendResult, after: AfterTry) -> bool {
        let end = self.now().saturating_add(minutes(24 * 60)).unwrap();
        self.store()
            .make_link(mail.customer, mail.reset, &format!("digest {}", mail.reset.0), end, self.now())
            .await
            .unwrap();
        let (id, owner, attempt) = (mail.id, mail.owner.clone(), mail.attempt);
        let finish = FinishMail { customer: mail.customer, id, owner, attempt, at: self.now(), result, after };
        self.store().finish_mail(&finish).await.unwrap()
    }

    async fn accept(&self, mail: &ClaimedMail) {
        let accepted = SendResult::Accepted("250 2.0.0 Ok".into());
        assert!(self.finish(mail, accepted, AfterTry::Done(MailState::Accepted)).await);
    }

    async fn refuse(&self, mail: &ClaimedMail) {
        let refused = SendResult::RecipientRefused("550 5.1.1 nobody".into());
        assert!(self.finish(mail, refused, AfterTry::Done(MailState::Refused)).await);
    }

    async fn retried(&self, mail: MailId) -> Result<MailState, Refusal> {
        let planned = self.service.plan_retry(mail).await.unwrap().map(|mail| mail.state);
        let done = self.service.retry_mail(mail, mina()).await.unwrap().map(|done| done.was);
        assert_eq!(planned, done, "a plan says what is then done");
        done
    }

    async fn line(&self, mail: MailId) -> MailLine {
        self.service.mail(mail).await.unwrap().unwrap()
    }

    async fn listed(&self, stage: Option<MailStage>, customer: Option<CustomerId>) -> Vec<MailId> {
        let mails = self.service.mails(MailFilter { stage, customer }, None, 100).await.unwrap();
        mails.iter().map(|mail| mail.id).collect()
    }
}

fn not(why: NoRetry) -> Result<MailState, Refusal> {
    Err(Refusal::NotRetried(why))
}

/// A mail is sent again as long as its link can work, and only when that changes something.
pub async fn tell<S: Store>(store: S, other: S) {
    let (shop, ids) = open(store, &["a@example.com", "b@example.com", "c@example.com"]).await;
    let other = Shop::new(other, 4);
    let (_, mail) = shop.reset(ids[0]).await;
    let until = shop.line(mail).await.not_before;
    assert_eq!(shop.retried(mail).await, not(NoRetry::Held { until }));
    assert_eq!(shop.retried(MailId(99)).await, Err(Refusal::NoSuchMail));
    shop.clock.advance(minutes(1));
    assert_eq!(shop.retried(mail).await, not(NoRetry::Due));
    let first = shop.claim().await;
    assert_eq!(shop.retried(mail).await, not(NoRetry::Sending));
    shop.refuse(&first).await;

    // The same mail, and whoever asks twice with one key is told the same.
    let done = shop.service.retry_mail(mail, with_key("r1")).await.unwrap().unwrap();
    assert_eq!((done.customer, done.was, done.email.as_str()), (ids[0], MailState::Refused, "a@example.com"));
    assert_eq!(other.service.retry_mail(mail, with_key("r1")).await.unwrap(), Ok(done));
    let waiting = shop.line(mail).await;
    assert_eq!((waiting.state, waiting.done_at, waiting.next_at), (MailState::Queued, None, Some(shop.now())));
    let second = shop.claim().await;
    assert_eq!((&second.message_id, &second.nonce, second.attempt), (&first.message_id, &first.nonce, 2));
    let late = SendResult::Accepted("250 late".into());
    assert!(!shop.finish(&first, late, AfterTry::Done(MailState::Accepted)).await, "the first try is over");

    // A try that failed for now waits, and can be hurried.
    let later = shop.now().saturating_add(minutes(20)).unwrap();
    assert!(shop.finish(&second, SendResult::TryAgain("451 later".into()), AfterTry::RetryAt(later)).await);
    assert!(shop.store().claim_mail(shop.now(), "worker", LEASE).await.unwrap().is_none());
    assert_eq!(shop.retried(mail).await, Ok(MailState::Queued));
    let third = shop.claim().await;
    // A relay that refuses us stops the queue; asking for one mail makes it go on.
    let until = shop.now().saturating_add(minutes(5)).unwrap();
    assert!(shop.finish(&third, SendResult::SenderRefused("535 no".into()), AfterTry::StopQueue { until }).await);
    assert_eq!(shop.retried(mail).await, Ok(MailState::Queued));
    assert_eq!(shop.service.queue().await.unwrap().stopped, None);
    shop.accept(&shop.claim().await).await;
    assert_eq!(shop.retried(mail).await, not(NoRetry::Accepted));

    let (_, given_up) = shop.reset(ids[1]).await;
    shop.clock.advance(minutes(1));
    let claimed = shop.claim().await;
    assert!(shop.finish(&claimed, SendResult::TryAgain("gone".into()), AfterTry::Done(MailState::Expired)).await);
    assert_eq!(shop.retried(given_up).await, Ok(MailState::Expired));
    shop.refuse(&shop.claim().await).await;
    shop.clock.advance(minutes(30));
    let (_, newer) = shop.reset(ids[1]).await;
    assert_eq!(shop.retried(given_up).await, not(NoRetry::Superseded));
    shop.service.cancel_reset(ids[1], mina()).await.unwrap().unwrap();
    assert_eq!(shop.retried(newer).await, not(NoRetry::Cancelled));
    assert_eq!(shop.retried(given_up).await, Ok(MailState::Refused), "its link works again");
    shop.refuse(&shop.claim().await).await;
    shop.clock.advance(minutes(25 * 60));
    assert_eq!(shop.retried(given_up).await, not(NoRetry::LinkExpired));

    let filter = AuditFilter { action: Some(ActionFilter::new("mail.retry")), ..AuditFilter::default() };
    let entries = shop.service.audit_entries(&filter, None, 10).await.unwrap();
    let told: Vec<&str> = entries.iter().rev().map(|entry| entry.detail.as_str()).collect();
    assert_eq!(
        told,
        [
            "mail 1 of reset 1 queued again, was refused",
            "mail 1 of reset 1 queued again, was queued",
            "mail 1 of reset 1 queued again, was queued",
            "mail 2 of reset 2 queued again, was expired",
            "mail 2 of reset 2 queued again, was refused",
        ]
    );
    assert_eq!(shop.service.verify_audit().await.unwrap().broken, None);
}

/// By state, by customer and by both, page by page; and in the customer's history.
pub async fn are_listed<S: Store>(store: S) {
    let (shop, ids) = open(store, &["a@example.com", "b@example.com", "c@example.com"]).await;
    let (_, accepted) = shop.reset(ids[0]).await;
    shop.clock.advance(minutes(1));
    shop.accept(&shop.claim().await).await;
    let (_, refused) = shop.reset(ids[1]).await;
    shop.clock.advance(minutes(1));
    shop.refuse(&shop.claim().await).await;
    shop.clock.advance(minutes(20));
    let (_, superseded) = shop.reset(ids[2]).await;
    shop.clock.advance(minutes(20));
    let (_, sending) = shop.reset(ids[2]).await;
    shop.clock.advance(minutes(1));
    assert_eq!(shop.claim().await.id, sending);
    let (_, queued) = shop.reset(ids[1]).await;

    let all = [queued, sending, superseded, refused, accepted];
    assert_eq!(shop.listed(None, None).await, all);
    for (stage, mails) in [
        (MailStage::Queued, vec![queued]),
        (MailStage::Sending, vec![sending]),
        (MailStage::Accepted, vec![accepted]),
        (MailStage::Refused, vec![refused]),
        (MailStage::Expired, vec![]),
        (MailStage::Cancelled, vec![]),
        (MailStage::Superseded, vec![superseded]),
    ] {
        assert_eq!(shop.listed(Some(stage), None).await, mails, "{stage:?}");
        for id in &ids {
            let mut of_one = Vec::new();
            for mail in &mails {
                of_one.extend(Some(*mail).filter(|_| shop_of(*mail, &all) == ids.iter().position(|i| i == id)));
            }
            assert_eq!(shop.listed(Some(stage), Some(*id)).await, of_one, "{stage:?} {id:?}");
        }
    }
    assert_eq!(shop.listed(None, Some(ids[1])).await, [queued, refused]);
    let of_c = MailFilter { customer: Some(ids[2]), ..MailFilter::default() };
    let page = shop.service.mails(of_c, Some(sending), 10).await.unwrap();
    assert_eq!(page.iter().map(|mail| mail.id).collect::<Vec<_>>(), [superseded]);

    // A reset in the history says what became of its mail and link since.
    let history = shop.record(ids[1]).await.history;
    let fates: Vec<_> = history.iter().map(|line| (line.action.as_str(), line.mail.as_ref())).collect();
    let (newest, oldest) = (fates[0].1.unwrap(), fates[2].1.unwrap());
    assert_eq!(
        fates.iter().map(|(action, _)| *action).collect::<Vec<_>>(),
        ["reset.start", "mail.refused", "reset.start"]
    );
    assert_eq!((newest.id, newest.stage, newest.attempts), (queued, MailStage::Queued, 0));
    assert_eq!((newest.link, newest.next_at), (LinkState::Pending, Some(shop.line(queued).await.not_before)));
    assert_eq!((oldest.id, oldest.stage, oldest.relay.as_str()), (refused, MailStage::Refused, "550 5.1.1 nobody"));
    assert_eq!((oldest.link.word(), oldest.next_at), ("superseded", None));
    assert!(fates[1].1.is_none());
}

/// Whose mail it is in [`are_listed`].
fn shop_of(mail: MailId, newest_first: &[MailId; 5]) -> Option<usize> {
    newest_first.iter().position(|id| *id == mail).map(|at| [1, 2, 2, 1, 0][at])
}

/// The first worker's key is the database's, until somebody says otherwise.
pub async fn have_one_key<S: Store>(store: S, other: S) {
    for (store, fingerprint, replace, agreed) in [
        (&store, "first", false, true),
        (&other, "first", false, true),
        (&other, "second", false, false),
        (&store, "first", false, true),
        (&other, "second", true, true),
        (&store, "second", false, true),
        (&store, "first", false, false),
    ] {
        assert_eq!(store.agree_on_key(fingerprint, replace).await.unwrap(), agreed, "{fingerprint} {replace}");
    }
}

/// One mail is taken back as its reset is: wholly while it is held, else its link ends.
pub async fn are_taken_back<S: Store>(store: S) {
    let (shop, ids) = open(store, &["a@example.com", "b@example.com"]).await;
    let (reset, held) = shop.reset(ids[0]).await;
    assert_eq!(shop.service.plan_cancel_mail(held).await.unwrap().unwrap().id, held);
    let undone = shop.service.cancel_mail(held, with_key("c1")).await.unwrap().unwrap();
    assert_eq!((undone.reset, undone.undone, undone.mail_may_arrive), (reset, true, false));
    assert_eq!(shop.service.cancel_mail(held, with_key("c1")).await.unwrap(), Ok(undone));
    assert_eq!(shop.service.cancel_mail(held, mina()).await.unwrap(), Err(Refusal::NothingToCancel));
    assert_eq!(shop.service.plan_cancel_mail(held).await.unwrap(), Err(Refusal::NothingToCancel));
    assert_eq!(shop.service.cancel_mail(MailId(99), mina()).await.unwrap(), Err(Refusal::NoSuchMail));

    let (_, refused) = shop.reset(ids[0]).await;
    let key_of_another = shop.service.cancel_mail(refused, with_key("c1")).await.unwrap();
    assert_eq!(key_of_another, Err(Refusal::OpKeyReused), "a key is for one mail");
    shop.clock.advance(minutes(1));
    shop.refuse(&shop.claim().await).await;
    let cancelled = shop.service.cancel_mail(refused, mina()).await.unwrap().unwrap();
    assert_eq!((cancelled.undone, cancelled.mail_may_arrive), (false, false), "it cannot arrive any more");
    assert_eq!(shop.line(refused).await.state, MailState::Refused, "what the relay said stays");

    // In a worker's hands: the link ends at once, and the worker's word about the mail counts.
    let (_, sending) = shop.reset(ids[1]).await;
    shop.clock.advance(minutes(1));
    let claimed = shop.claim().await;
    let cancelled = shop.service.cancel_mail(sending, mina()).await.unwrap().unwrap();
    assert!(cancelled.mail_may_arrive && !cancelled.undone);
    assert_eq!(shop.retried(sending).await, not(NoRetry::Cancelled));
    shop.accept(&claimed).await;
    let line = shop.line(sending).await;
    assert_eq!((line.state, line.link.word()), (MailState::Accepted, "cancelled"));
    assert_eq!(shop.service.cancel_mail(sending, mina()).await.unwrap(), Err(Refusal::NothingToCancel));
    assert_eq!(shop.record(ids[1]).await.budget.used, 1);
}

/// Whoever delivers says so, and is seen to.
pub async fn are_delivered_by_somebody<S: Store>(store: S, other: S) {
    let (shop, _) = open(store, &[]).await;
    assert!(!shop.service.queue().await.unwrap().worker);
    for _ in 0..2 {
        assert!(shop.store().become_worker().await.unwrap());
        assert!(shop.service.queue().await.unwrap().worker && other.queue(shop.now()).await.unwrap().worker);
    }
}
