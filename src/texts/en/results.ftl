### What came of actions.

## Being done.

doing-reset = Queueing the mail
doing-take-back = Taking the mail back
doing-cancel = Cancelling the link
doing-force = Ending access
doing-unlock = Unlocking
doing-retry = Queueing the mail again

## Done, or not. $name stands in front of what a rule or the database says.

result-about = { $name }: { $text }
result-next = { $name }: not sent, the next reset mail is possible at { $next }.
result-stranded = Mail to { $email } waits: nobody delivers mails now.
result-queued = The reset mail to { $email } is queued.
result-taken-back = Taken back. The budget has its place back.
result-cancelled-late = The link is cancelled. Its mail may still arrive; the link in it does not work.
result-cancelled = The link is cancelled.
result-restored = The link before it works again.
result-revoked = { $tokens } revoked, { NUMBER($left) } left
result-ended = { $sessions } ended, { NUMBER($left) } left
result-verified = { $what }, verified.
result-unlocked = { $name } can sign in again. The wrong passwords are forgotten.
result-mail-due = The mail to { $email } is due now.
result-copied = { $email } was sent to the terminal's clipboard.
result-cancelled-by-us = Not done: it was cancelled.
result-gone = { $name } no longer exists: the record was deleted.
result-mail-gone = This mail no longer exists.
result-audit-broken = The audit log is broken: { $at }. Compare the database with a backup.
result-not-suspended = There is no shell to come back from; not suspended.
result-still-running = An action is still running. Press { $key } again when it is done.
result-mouse-ours = The mouse clicks and scrolls here. Shift and drag selects text.
result-mouse-theirs = The mouse is the terminal's: drag selects text.
result-still-searching = The search is still running. Press the key again when it is done.
