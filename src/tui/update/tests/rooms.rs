//! The audit log, the mails, and what is read before something is done.

use super::*;
use crate::{
    domain::{
        audit::{ActionFilter, AuditFilter, ChainBreak, ChainReport, Verifier, Walk},
        command::{MailRetried, Unlocked},
        mail_state::MailId,
        outbox::{MailFilter, MailStage},
    },
    tui::{
        fixtures::{entry, mail_text, mails},
        model::room::{Chain, Room},
    },
};

fn selected(bench: &Bench) -> i64 {
    match bench.model.room.as_ref() {
        Some(Room::Audit(room)) => room.feed.selected_row().map_or(0, |entry| entry.seq),
        Some(Room::Mails(room)) => room.feed.selected_row().map_or(0, |mail| mail.id.0),
        None => 0,
    }
}

fn audit_asks(effects: &[Effect]) -> Vec<(AuditFilter, Option<i64>)> {
    let ask = |effect: &Effect| match effect {
        Effect::Ask(_, Ask::Audit { filter, before, .. }) => Some((filter.clone(), *before)),
        _ => None,
    };
    effects.iter().filter_map(ask).collect()
}

mod ways {
    use super::*;

    #[test]
    fn escape_leads_back_over_every_room_and_record() {
        let mut bench = bench();
        bench.press("j enter a o m o");
        assert_eq!((bench.model.target(), bench.model.behind.len()), (Some(CustomerId(1)), 4));
        bench.press("esc");
        assert!(matches!(bench.model.room, Some(Room::Mails(_))) && bench.model.focus == Focus::Room);
        bench.press("esc");
        assert_eq!(bench.model.target_record().map(|record| record.id), Some(CustomerId(1)));
        bench.press("esc");
        assert!(matches!(bench.model.room, Some(Room::Audit(_))) && selected(&bench) == 250);
        bench.press("q");
        assert_eq!(bench.model.target_record().map(|record| record.id), Some(CustomerId(2)), "where one began");
        assert!(bench.model.room.is_none());
        bench.press("esc");
        assert!(bench.model.is_root());
    }

    #[test]
    fn a_record_from_a_room_stands_alone_and_the_search_leads_home() {
        let mut bench = Bench::new(160, 40);
        bench.press("a o");
        assert!(!bench.model.is_side_by_side() && bench.model.screen().table.height == 0);
        bench.press("/");
        assert!(bench.model.behind.is_empty() && bench.model.detail.is_none());
        assert_eq!(bench.model.focus, Focus::Search);
    }

    #[test]
    fn a_customer_who_is_gone_leads_back_to_the_room() {
        let mut bench = bench();
        bench.press("a");
        bench.answers = false;
        bench.press("o");
        let ticket = asked(&bench, Slot::Record);
        bench.reply(ticket, Reply::Record(Box::new(Ok(None))));
        assert!(matches!(bench.model.room, Some(Room::Audit(_))));
        assert!(toast(&bench).contains("no longer exists"), "{}", toast(&bench));
    }

    #[test]
    fn actions_on_customers_are_not_possible_in_rooms() {
        for room in ["a", "m"] {
            let mut bench = bench();
            bench.press(room).drain();
            bench.press("r f s U p").wait(600);
            assert!(bench.model.overlays.is_empty() && bench.model.intent.is_none(), "{room}");
        }
    }
}

mod audit {
    use super::*;

    #[test]
    fn newest_first_and_older_ones_as_they_come_near() {
        let mut bench = bench();
        bench.press("a");
        assert_eq!(selected(&bench), 250);
        bench.press("G");
        assert_eq!(selected(&bench), 151);
        bench.press("G G");
        assert_eq!(selected(&bench), 1);
        bench.press("g");
        assert_eq!(selected(&bench), 250);
    }

    #[test]
    fn the_filter_is_live_and_what_is_wrong_asks_for_nothing() {
        let mut bench = bench();
        bench.press("a /");
        bench.answers = false;
        bench.drain();
        bench.type_in("customer:3");
        let filter = AuditFilter { customer: Some(CustomerId(3)), ..AuditFilter::default() };
        assert_eq!(audit_asks(&bench.drain()), [(filter, None)]);
        bench.type_in(" who:x");
        assert!(audit_asks(&bench.drain()).is_empty());
        let Some(Room::Audit(room)) = &bench.model.room else { panic!("no audit log") };
        assert!(room.problem.as_ref().unwrap().as_str().contains("there is no field \"who\""));
    }

    #[test]
    fn only_the_newest_of_several_filters_is_asked_for() {
        let mut bench = bench();
        bench.press("a /");
        bench.answers = false;
        bench.drain();
        bench.paste("action:mail").type_in(".").type_in("x");
        assert_eq!(audit_asks(&bench.drain()).len(), 1, "the others wait");
        let ticket = asked(&bench, Slot::Audit);
        bench.reply(ticket, Reply::Audit(Ok(vec![entry(2)])));
        let asks = audit_asks(&bench.drain());
        assert_eq!(asks.len(), 1);
        assert_eq!(asks[0].0.action, Some(ActionFilter::Is("mail.x".into())));
        let ticket = asked(&bench, Slot::Audit);
        bench.reply(ticket, Reply::Audit(Ok(Vec::new())));
        assert_eq!(selected(&bench), 0);
    }

    #[test]
    fn escape_clears_the_filter_before_it_leaves() {
        let mut bench = bench();
        bench.press("a /").type_in("customer:3").press("enter j esc");
        let Some(Room::Audit(room)) = &bench.model.room else { panic!("no audit log") };
        assert!(room.field.text().is_empty() && room.filter == AuditFilter::default());
        bench.press("esc");
        assert!(bench.model.is_root());
    }

    #[test]
    fn an_entry_is_read_whole_and_leads_to_its_customer() {
        let mut bench = bench();
        bench.press("a enter");
        assert!(matches!(bench.model.overlays.last(), Some(Overlay::Entry { entry, .. }) if entry.seq == 250));
        bench.press("enter");
        assert_eq!(bench.model.target_record().map(|record| record.id), Some(CustomerId(1)));
        bench.press("esc");
        assert_eq!((selected(&bench), bench.model.overlays.len()), (250, 0));
    }

    #[test]
    fn new_entries_come_by_themselves_and_nothing_is_drawn_without_them() {
        let mut bench = bench();
        bench.press("a j");
        bench.wait(1);
        bench.answers = false;
        bench.wait(5000);
        let ticket = asked(&bench, Slot::Audit);
        bench.model.dirty = false;
        bench.wait(400);
        assert!(!bench.model.dirty, "looking again shows no spinner");
        let log = |newest: i64| Reply::Audit(Ok((newest - 99..=newest).rev().map(entry).collect()));
        bench.reply(ticket, log(250));
        assert!(!bench.model.dirty);
        bench.wait(5000);
        let ticket = asked(&bench, Slot::Audit);
        bench.reply(ticket, log(252));
        assert!(bench.model.dirty && selected(&bench) == 249, "the selection stays on its entry");
    }

    #[test]
    fn the_check_goes_on_stretch_by_stretch_also_elsewhere() {
        let mut bench = bench();
        bench.press("a");
        bench.answers = false;
        bench.drain();
        bench.press("v v");
        assert!(matches!(bench.drain().as_slice(), [Effect::Ask(_, Ask::AuditChain(_))]), "asked once");
        bench.press("esc");
        let ticket = asked(&bench, Slot::Chain);
        bench.reply(ticket, Reply::AuditChain(Ok(Walk::Going(Verifier::default()))));
        let ticket = asked(&bench, Slot::Chain);
        let at = ChainBreak::Changed { seq: 7 };
        let report = ChainReport { entries: 6, head: String::new(), broken: Some(at.clone()) };
        bench.reply(ticket, Reply::AuditChain(Ok(Walk::Ended(report))));
        assert_eq!(bench.model.chain, Some(Chain::Broken { entries: 6, at }));
        assert!(toast(&bench).contains("entry 7 of the audit log was changed"), "{}", toast(&bench));
    }
}

mod letters {
    use super::*;

    #[test]
    fn the_tabs_ask_for_their_mails() {
        let mut bench = bench();
        bench.press("m");
        bench.answers = false;
        bench.drain();
        bench.press("tab");
        let filter = MailFilter { stage: Some(MailStage::Queued), ..MailFilter::default() };
        assert!(
            matches!(bench.drain().as_slice(), [Effect::Ask(_, Ask::Mails { filter: f, before: None, .. })] if *f == filter)
        );
        bench.press("h h");
        let Some(Room::Mails(room)) = &bench.model.room else { panic!("no mails") };
        assert_eq!(room.tab, 0);
    }

    #[test]
    fn a_mail_is_tried_again_after_a_yes_with_its_reason() {
        let mut bench = bench();
        bench.press("m j t y").wait(300);
        assert!(bench.writes().is_empty(), "keys of the first moment decide nothing");
        bench.press("tab").type_in("T-9").press("tab y");
        let writes = bench.writes();
        let wanted = Write::RetryMail { customer: CustomerId(3), mail: MailId(4), reason: "T-9".into() };
        assert!(matches!(writes.as_slice(), [(_, write)] if *write == wanted), "{writes:?}");
        let was = MailState::Queued;
        let done = MailRetried {
            customer: CustomerId(3),
            mail: MailId(4),
            email: text("gildong.hong@example.kr"),
            reset: ResetId(4),
            was,
        };
        bench.answers = false;
        bench.reply(writes[0].0, Reply::MailRetried(Ok(Ok(done))));
        assert!(toast(&bench).contains("is due now"), "{}", toast(&bench));
        assert!(bench.model.requests.running(Slot::Mails).is_some(), "the list is read again");
    }

    #[test]
    fn a_mail_that_cannot_be_tried_again_says_why_without_a_question() {
        let mut bench = bench();
        bench.press("m");
        for (key, why) in
            [("t", "is held so that it can be taken back"), ("j j t", "handing it over"), ("j t", "already accepted")]
        {
            bench.press(key);
            assert!(toast(&bench).contains(why), "{}", toast(&bench));
            assert!(bench.model.overlays.is_empty());
            bench.wait(600);
        }
        bench.press("j t").wait(300).press("y");
        assert!(matches!(bench.writes().as_slice(), [(_, Write::RetryMail { mail: MailId(1), .. })]));
    }

    #[test]
    fn a_mail_that_was_read_can_be_tried_again_at_once() {
        let mut bench = bench();
        bench.press("m j enter t").wait(300);
        assert_eq!(bench.model.overlays.len(), 1);
        bench.press("y");
        assert!(matches!(bench.writes().as_slice(), [(_, Write::RetryMail { mail: MailId(4), .. })]));
    }

    #[test]
    fn a_mail_is_taken_back_with_its_own_reset() {
        let mut bench = bench();
        bench.press("m j c").wait(300).press("y");
        let wanted = Write::CancelMail { customer: CustomerId(3), mail: MailId(4), reason: String::new() };
        assert!(matches!(bench.writes().as_slice(), [(_, write)] if *write == wanted));
    }

    #[test]
    fn a_notice_is_not_taken_back_and_says_why() {
        let mut bench = bench();
        bench.press("m j j j c");
        assert!(toast(&bench).contains("Not taken back: this mail tells the customer"), "{}", toast(&bench));
        assert!(bench.model.overlays.is_empty() && bench.writes().is_empty());
    }

    #[test]
    fn a_question_about_a_mail_needs_that_mail_to_be_selected_still() {
        let mut bench = bench();
        bench.press("m j");
        bench.answers = false;
        bench.press("t");
        let ticket = asked(&bench, Slot::Record);
        if let Some(Room::Mails(room)) = &mut bench.model.room {
            room.feed.selected = 0;
        }
        bench.reply(ticket, Reply::Record(Box::new(Ok(Some(record(3))))));
        assert!(bench.model.overlays.is_empty());
    }

    #[test]
    fn a_text_that_comes_late_is_not_shown_over_another_mail() {
        let mut bench = bench();
        bench.press("m");
        bench.answers = false;
        bench.press("enter j");
        let ticket = asked(&bench, Slot::MailText);
        bench.reply(ticket, Reply::MailText(Ok(Some(mail_text()))));
        assert!(bench.model.overlays.is_empty());
    }

    #[test]
    fn the_selection_stays_on_its_mail_when_a_new_one_comes() {
        let mut bench = bench();
        bench.press("m j");
        bench.answers = false;
        bench.wait(3100);
        let queue = QueueState { waiting: 2, worker: true, ..QueueState::default() };
        let ticket = asked(&bench, Slot::Queue);
        bench.reply(ticket, Reply::Queue(Ok(queue)));
        let ticket = asked(&bench, Slot::Mails);
        let newer = std::iter::once(mail(6, MailState::Queued, "")).chain(mails()).collect();
        bench.reply(ticket, Reply::Mails(Ok(newer)));
        assert_eq!(selected(&bench), 4);
    }

    #[test]
    fn the_next_try_is_counted_down() {
        let mut bench = bench();
        bench.press("m");
        bench.wait(1);
        bench.model.dirty = false;
        bench.wait(999);
        assert!(bench.model.dirty);
        bench.press("tab tab");
        bench.wait(1);
        bench.answers = false;
        bench.model.dirty = false;
        bench.wait(999);
        assert!(!bench.model.dirty, "refused mails are not tried again");
    }
}

mod before {
    use super::*;

    #[test]
    fn the_preview_opens_above_the_question_and_gives_it_back_as_it_was() {
        let mut bench = bench();
        bench.press("r").wait(300).press("tab").type_in("T-4711").press("tab tab p");
        assert!(matches!(bench.model.overlays.as_slice(), [Overlay::Confirm(_), Overlay::Mail { fate: None, .. }]));
        bench.press("y enter j");
        assert!(bench.writes().is_empty(), "a preview decides nothing");
        bench.press("esc y");
        assert_eq!(confirm(&bench).reason.text(), "T-4711");
        assert!(bench.writes().is_empty(), "keys that were meant for the preview decide nothing either");
        bench.wait(300).press("y");
        assert!(matches!(bench.writes().as_slice(), [(_, write)] if *write == start_reset("T-4711")));
    }

    #[test]
    fn p_is_a_letter_in_the_reason() {
        let mut bench = bench();
        bench.press("r").wait(300).press("tab").type_in("pp");
        assert_eq!((confirm(&bench).reason.text(), bench.model.overlays.len()), ("pp", 1));
    }

    #[test]
    fn a_preview_that_comes_late_is_not_shown() {
        let mut bench = bench();
        bench.press("r").wait(300);
        bench.answers = false;
        bench.press("p esc");
        let ticket = asked(&bench, Slot::Preview);
        bench.press("enter").press("?");
        bench.reply(ticket, Reply::Preview(Ok(Ok(mail_text()))));
        assert!(matches!(bench.model.overlays.as_slice(), [Overlay::Help { .. }]));
    }

    #[test]
    fn the_mail_is_previewed_from_the_record_too() {
        let mut bench = bench();
        bench.press("enter p");
        assert!(matches!(bench.model.overlays.as_slice(), [Overlay::Mail { fate: None, .. }]));
        bench.press("q");
        assert!(bench.model.overlays.is_empty() && bench.model.detail.is_some());
    }

    #[test]
    fn whoever_is_locked_is_unlocked_after_a_yes() {
        let mut bench = bench();
        bench.press("j j enter U").wait(300).press("y");
        let writes = bench.writes();
        let wanted = Write::Unlock { customer: CustomerId(3), version: Version(7), reason: String::new() };
        assert!(matches!(writes.as_slice(), [(_, write)] if *write == wanted), "{writes:?}");
        let done = Unlocked { customer: CustomerId(3), until: now(), failed_sign_ins: 6 };
        bench.reply(writes[0].0, Reply::Unlocked(Ok(Ok(done))));
        assert!(toast(&bench).contains("can sign in again"), "{}", toast(&bench));
    }

    #[test]
    fn whoever_is_not_locked_needs_no_question() {
        let mut bench = bench();
        bench.press("enter U");
        assert!(bench.model.overlays.is_empty());
        assert!(toast(&bench).contains("not locked"), "{}", toast(&bench));
    }
}
