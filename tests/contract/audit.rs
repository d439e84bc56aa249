//! The audit log by who, what, to whom and when.

use keydesk::{
    domain::{
        access_token::Scope,
        audit::{ActionFilter, AuditFilter},
        operator::Operator,
    },
    service::Request,
    store::Store,
};

use crate::shop::{Shop, minutes, of_customer, open, start};

/// Every filter finds what a filter by hand finds, alone and together, page by page.
pub async fn tell<S: Store>(store: S) {
    let (shop, ids) = open(store, &["a@example.com", "b@example.com", "c@example.com"]).await;
    for round in 0..12 {
        shop.clock.advance(minutes(11));
        let by = |name: &str| Request::by(Operator::new(name).unwrap());
        let id = ids[round % 3];
        let who = if round % 4 == 0 { "joon" } else { "mina" };
        shop.service.start_reset(id, None, by(who)).await.unwrap().unwrap();
        if round % 2 == 0 {
            shop.service.cancel_reset(id, by("mina")).await.unwrap().unwrap();
        }
        shop.service.force_sign_in(id, None, Scope::All, by("mina.b")).await.unwrap().unwrap();
    }
    let all = entries(&shop, &AuditFilter::default()).await;
    assert_eq!(all.len(), 30);
    let at = |n: i64| start().saturating_add(minutes(n)).unwrap();
    let operators = [None, Operator::new("mina"), Operator::new("nobody")];
    let actions = [None, Some("reset."), Some("reset.start"), Some("reset"), Some("force_sign_in"), Some("f.")];
    let times = [(None, None), (Some(at(40)), None), (None, Some(at(77))), (Some(at(40)), Some(at(77)))];
    let mut found = 0;
    for customer in [None, Some(ids[1])] {
        for operator in &operators {
            for action in actions {
                for (from, to) in times {
                    let filter = AuditFilter {
                        customer,
                        operator: operator.clone(),
                        action: action.map(ActionFilter::new),
                        from,
                        to,
                    };
                    let fits = |seq: &i64| fits(&all[usize::try_from(30 - seq).unwrap()].1, &filter, action);
                    let wanted: Vec<i64> = all.iter().map(|(seq, _)| *seq).filter(fits).collect();
                    let listed: Vec<i64> = entries(&shop, &filter).await.into_iter().map(|(seq, _)| seq).collect();
                    assert_eq!(listed, wanted, "{filter:?}");
                    found += wanted.len();
                }
            }
        }
    }
    assert!(found > 300, "the filters let too little through to judge them: {found}");
    let other = entries(&shop, &of_customer(ids[1])).await;
    assert!(other.iter().all(|(_, entry)| entry.customer == Some(ids[1])));
}

/// All that fit, three at a time.
async fn entries<S: Store>(shop: &Shop<S>, filter: &AuditFilter) -> Vec<(i64, keydesk::domain::audit::EntryLine)> {
    let mut all = Vec::new();
    loop {
        let before = all.last().map(|(seq, _)| *seq);
        let page = shop.service.audit_entries(filter, before, 3).await.unwrap();
        let is_last = page.len() < 3;
        all.extend(page.into_iter().map(|entry| (entry.seq, entry)));
        if is_last {
            return all;
        }
    }
}

fn fits(entry: &keydesk::domain::audit::EntryLine, filter: &AuditFilter, action: Option<&str>) -> bool {
    filter.customer.is_none_or(|id| entry.customer == Some(id))
        && filter.operator.as_ref().is_none_or(|by| by.name() == &entry.operator)
        && action.is_none_or(|word| match word.strip_suffix('.') {
            Some(stem) => entry.action.as_str().split_once('.').is_some_and(|(before, _)| before == stem),
            None => entry.action.as_str() == word,
        })
        && filter.from.is_none_or(|from| entry.at >= from)
        && filter.to.is_none_or(|to| entry.at < to)
}
