### States, kinds and actions, in a word or two.

## Whether a customer can sign in.

status-active = active
status-unconfirmed = unconfirmed
status-locked = locked
status-locked-left = locked { $left }
status-disabled = disabled

## Where a mail stands.

mail-queued = queued
mail-sending = being sent
mail-held = held
mail-retry = retry { NUMBER($n) }
mail-accepted = accepted
mail-refused = refused
mail-given-up = given up
mail-taken-back = taken back
mail-superseded = superseded
mail-tried = { $n ->
    [0] never tried
    [1] tried once
   *[other] tried { $n } times
}

## What a mail is for: as a title, and in a sentence.

mail-kind-reset = Reset link
mail-kind-changed = Password changed
mail-noun-reset = mail
mail-noun-changed = notice

## Where a link stands, in a word.

link-pending = pending
link-live = live
link-used = used
link-expired = expired
link-cancelled = cancelled
link-superseded = superseded

## Languages by their codes.

language-name = { $code ->
    [en] English
    [de] German
    [fr] French
    [ko] Korean
   *[other] { $code }
}

## What the audit log writes down; at most 16 columns.

audit-reset-start = Reset Password
audit-reset-undo = Reset taken back
audit-reset-cancel = Link cancelled
audit-force-sign-in = Force Sign In
audit-mail-accepted = Mail accepted
audit-mail-refused = Mail refused
audit-mail-expired = Mail given up
audit-mail-retry = Mail tried again
audit-customer-add = Record added
audit-customer-change = Record changed
audit-customer-delete = Record deleted
audit-customer-unlock = Unlocked
audit-customer-import = File imported
audit-customer-export = File exported
audit-reset-not-sent = Asked, not sent
audit-password-set = Password chosen
audit-customer-lock = Locked
audit-token-issue = Token issued
audit-token-revoke = Tokens returned
audit-integration-add = Integration new
audit-integration-remove = Integration gone
audit-backup-made = Backup made
audit-database-restored = Backup restored
audit-database-copied = Shop copied

## Where the audit log does not hold.

chain-gap = entry { $seq } of the audit log is missing
chain-previous = entry { $seq } of the audit log does not follow the entry before it
chain-changed = entry { $seq } of the audit log was changed after it was written
