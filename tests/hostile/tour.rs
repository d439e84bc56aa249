//! Every screen of the console, and how somebody gets there.

use crate::desk::{Answers, Desk};

/// A screen, and the way to it from an empty desk.
pub type Screen = (&'static str, fn(&mut Desk, &str));

/// Every screen. Whoever adds one adds it here; the test of screens does not let popups, rooms and
/// answers be forgotten. Of the customers, the second one can be sent mail, and the fourth is locked.
pub const SCREENS: &[Screen] = &[
    // The customers.
    ("the table", |_, _| {}),
    ("the table without an answer", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("s j enter");
    }),
    ("a shop that cannot be read", |desk, _| {
        desk.answers = Answers::Failed;
        desk.start();
    }),
    ("a search that takes long", |desk, _| {
        desk.answers = Answers::Late;
        desk.press("/").type_in("ver").press("enter j j");
    }),
    ("the search, pasted", |desk, text| {
        desk.press("/").paste(text);
    }),
    ("the search, typed", |desk, text| {
        desk.press("/").type_in(text);
    }),
    ("a search that cannot be counted", |desk, _| {
        desk.press("/").type_in("ver");
        desk.answers = Answers::Refused;
        desk.type_in("o").press("enter");
    }),
    ("a search that cannot be run", |desk, text| {
        desk.press("/").paste(&format!("is:\"{text}\""));
    }),
    ("the record", |desk, _| {
        desk.press("enter");
    }),
    ("the record's end", |desk, _| {
        desk.press("enter pgdn");
    }),
    ("what became of mails", |desk, _| {
        desk.press("enter G");
    }),
    ("a record that cannot be read", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("enter");
    }),
    ("an address that was copied", |desk, _| {
        desk.press("y");
    }),
    ("the orders", |desk, _| {
        desk.press("s");
    }),
    ("the saved searches", |desk, _| {
        desk.press("S");
    }),
    ("a saved search", |desk, _| {
        desk.press("S enter");
    }),
    ("the columns", |desk, _| {
        desk.press("C enter");
    }),
    ("the commands", |desk, text| {
        desk.press(":").paste(text);
    }),
    ("help", |desk, _| {
        desk.press("?");
    }),
    // What can be done to a customer.
    ("Reset Password", |desk, text| {
        desk.press("j r tab").paste(text);
    }),
    ("Force Sign In", |desk, text| {
        desk.press("f tab tab").paste(text);
    }),
    ("Unlock", |desk, text| {
        desk.press("j j j U tab").paste(text);
    }),
    ("Cancel link", |desk, text| {
        desk.press("c tab").type_in(text);
    }),
    ("a reset that can be undone", |desk, text| {
        desk.press("j r tab").paste(text).press("tab enter");
    }),
    ("a reset that was undone", |desk, text| {
        desk.press("j r tab").paste(text).press("tab enter u");
    }),
    ("a reset, done", |desk, _| {
        desk.press("j r y");
    }),
    ("a reset, refused", |desk, _| {
        desk.press("j r");
        desk.answers = Answers::Refused;
        desk.press("y");
    }),
    ("a reset, failed", |desk, _| {
        desk.press("j r");
        desk.answers = Answers::Failed;
        desk.press("y");
    }),
    ("ending access, done", |desk, _| {
        desk.press("f y");
    }),
    ("ending access, refused", |desk, _| {
        desk.press("f");
        desk.answers = Answers::Refused;
        desk.press("y");
    }),
    ("ending access, failed", |desk, _| {
        desk.press("f");
        desk.answers = Answers::Failed;
        desk.press("y");
    }),
    ("an unlock, done", |desk, _| {
        desk.press("j j j U y");
    }),
    ("an unlock, refused", |desk, _| {
        desk.press("j j j U");
        desk.answers = Answers::Refused;
        desk.press("y");
    }),
    ("an unlock, failed", |desk, _| {
        desk.press("j j j U");
        desk.answers = Answers::Failed;
        desk.press("y");
    }),
    ("a cancelled link, done", |desk, _| {
        desk.press("c y");
    }),
    ("a cancelled link, refused", |desk, _| {
        desk.press("c");
        desk.answers = Answers::Refused;
        desk.press("y");
    }),
    ("a cancelled link, failed", |desk, _| {
        desk.press("c");
        desk.answers = Answers::Failed;
        desk.press("y");
    }),
    ("an action that takes long", |desk, _| {
        desk.press("f");
        desk.answers = Answers::Late;
        desk.press("y j j");
    }),
    ("an action on somebody who is busy", |desk, _| {
        desk.press("f");
        desk.answers = Answers::Late;
        desk.press("y f");
    }),
    ("a reset to no address", |desk, _| {
        desk.press("r");
    }),
    ("an unlock of nobody", |desk, _| {
        desk.press("U");
    }),
    ("nothing to revoke", |desk, _| {
        desk.answers = Answers::Refused;
        desk.press("f");
    }),
    ("an action without its record", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("f");
    }),
    // The mail that a reset would send.
    ("the preview", |desk, _| {
        desk.press("j p");
    }),
    ("the preview from the record", |desk, _| {
        desk.press("j enter p");
    }),
    ("the preview from the question", |desk, _| {
        desk.press("j r p");
    }),
    ("the question behind the preview", |desk, _| {
        desk.press("j r p esc");
    }),
    ("a preview, refused", |desk, _| {
        desk.press("j");
        desk.answers = Answers::Refused;
        desk.press("p");
    }),
    ("a preview, failed", |desk, _| {
        desk.press("j r");
        desk.answers = Answers::Failed;
        desk.press("p");
    }),
    // The mails.
    ("the mails", |desk, _| {
        desk.press("m");
    }),
    ("the mails that are waiting", |desk, _| {
        desk.press("m tab");
    }),
    ("the mails that are refused", |desk, _| {
        desk.press("m tab tab");
    }),
    ("the mails that were given up", |desk, _| {
        desk.press("m tab tab tab");
    }),
    ("the mails that are accepted", |desk, _| {
        desk.press("m tab tab tab tab");
    }),
    ("mails that cannot be read", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("m");
    }),
    ("mails that cannot be read again", |desk, _| {
        desk.press("m");
        desk.answers = Answers::Failed;
        desk.press("tab");
    }),
    ("mails that take long", |desk, _| {
        desk.answers = Answers::Late;
        desk.press("m j");
    }),
    ("a waiting mail", |desk, _| {
        desk.press("m enter");
    }),
    ("a mail that is being sent", |desk, _| {
        desk.press("m j enter");
    }),
    ("an accepted mail", |desk, _| {
        desk.press("m j j enter");
    }),
    ("a mail's end", |desk, _| {
        desk.press("m enter G");
    }),
    ("a mail that is gone", |desk, _| {
        desk.press("m");
        desk.answers = Answers::Refused;
        desk.press("enter");
    }),
    ("a mail that cannot be read", |desk, _| {
        desk.press("m");
        desk.answers = Answers::Failed;
        desk.press("enter");
    }),
    ("Try again", |desk, text| {
        desk.press("m t tab").paste(text);
    }),
    ("Try again, from the mail", |desk, text| {
        desk.press("m enter t tab").paste(text);
    }),
    ("Cancel mail", |desk, text| {
        desk.press("m c tab").paste(text);
    }),
    ("Cancel the link in a mail", |desk, text| {
        desk.press("m tab tab c tab").paste(text);
    }),
    ("Cancel mail, from the mail", |desk, text| {
        desk.press("m enter c tab").paste(text);
    }),
    ("a mail tried again", |desk, _| {
        desk.press("m t y");
    }),
    ("a mail tried again, refused", |desk, _| {
        desk.press("m t");
        desk.answers = Answers::Refused;
        desk.press("y");
    }),
    ("a mail tried again, failed", |desk, _| {
        desk.press("m t");
        desk.answers = Answers::Failed;
        desk.press("y");
    }),
    ("a mail taken back", |desk, _| {
        desk.press("m c y");
    }),
    ("a mail taken back, refused", |desk, _| {
        desk.press("m c");
        desk.answers = Answers::Refused;
        desk.press("y");
    }),
    ("a mail taken back, failed", |desk, _| {
        desk.press("m c");
        desk.answers = Answers::Failed;
        desk.press("y");
    }),
    ("a mail that is not tried again", |desk, _| {
        desk.press("m j j t");
    }),
    ("a mail whose link is not cancelled", |desk, _| {
        desk.press("m j j c");
    }),
    ("a mail's address, copied", |desk, _| {
        desk.press("m y");
    }),
    ("a mail's customer", |desk, _| {
        desk.press("m o");
    }),
    ("the commands among mails", |desk, text| {
        desk.press("m :").paste(text);
    }),
    // The audit log.
    ("the audit log", |desk, _| {
        desk.press("a");
    }),
    ("an audit log that cannot be read", |desk, _| {
        desk.answers = Answers::Failed;
        desk.press("a");
    }),
    ("an audit log that takes long", |desk, _| {
        desk.answers = Answers::Late;
        desk.press("a j");
    }),
    ("a filter that is none, pasted", |desk, text| {
        desk.press("a /").paste(text);
    }),
    ("a filter that is none, typed", |desk, text| {
        desk.press("a /").type_in(text);
    }),
    ("a filter by operator", |desk, text| {
        desk.press("a /").paste(&format!("operator:\"{text}\"")).press("enter");
    }),
    ("a filter by action", |desk, text| {
        desk.press("a /").paste(&format!("action:\"{text}\"")).press("enter");
    }),
    ("a filter by customer", |desk, text| {
        desk.press("a /").paste(&format!("customer:\"{text}\"")).press("enter");
    }),
    ("a filter by since", |desk, text| {
        desk.press("a /").paste(&format!("since:\"{text}\"")).press("enter");
    }),
    ("a filter by an unknown field", |desk, text| {
        desk.press("a /").paste(&format!("foo:{text}"));
    }),
    ("a filter that cannot be answered", |desk, _| {
        desk.press("a /");
        desk.answers = Answers::Failed;
        desk.paste("operator:mina");
    }),
    ("an entry", |desk, _| {
        desk.press("a enter");
    }),
    ("an entry of keydesk", |desk, _| {
        desk.press("a j enter");
    }),
    ("an entry's end", |desk, _| {
        desk.press("a enter G");
    }),
    ("an entry's customer", |desk, _| {
        desk.press("a o");
    }),
    ("a chain that holds", |desk, _| {
        desk.press("a v");
    }),
    ("a chain being checked", |desk, _| {
        desk.press("a");
        desk.answers = Answers::Late;
        desk.press("v");
    }),
    ("a chain that is broken", |desk, _| {
        desk.press("a");
        desk.answers = Answers::Refused;
        desk.press("v");
    }),
    ("a chain that cannot be read", |desk, _| {
        desk.press("a");
        desk.answers = Answers::Failed;
        desk.press("v");
    }),
    ("the audit log, left", |desk, _| {
        desk.press("a v esc");
    }),
    ("the commands in the audit log", |desk, text| {
        desk.press("a :").paste(text);
    }),
];
