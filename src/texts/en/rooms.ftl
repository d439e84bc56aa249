### The audit log and the mails.

audit-title = Audit log
audit-hint = operator:mina action:reset customer:1 since:2026-11
audit-not-filtered = not filtered
audit-newest-first = newest first
audit-nothing = No entry is like this.
rows-reading = reading...
chain-unchecked = The chain was not checked yet:
chain-verifies = verifies it.
chain-checking = Checking the chain: { $entries } so far.
chain-holds = { $entries }, the chain holds.
chain-broken = The chain is broken: { $at }. { $entries } before hold.
chain-unread = The chain could not be checked: { $problem }

## Mails.

mails-title = Mails
mails-queue = Queue
tab-all = all
tab-waiting = waiting
queue-stopped = Stopped, tried again in { $left }: { $why }
queue-held = { NUMBER($n) } held
queue-due = { NUMBER($n) } due
queue-sending = { NUMBER($n) } being sent
queue-retrying = { NUMBER($n) } to be tried again
queue-nothing = nothing waits
queue-next = next in { $left }
queue-dead = { NUMBER($n) } refused or given up
queue-nobody = Nobody delivers mails now. { $queue }
mails-never = No mail was ever queued.
mails-none = No mail stands here.
try-in = in { $left }
try-now = now
