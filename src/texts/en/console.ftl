### The console: what surrounds the table and the record, the table, popups.

## Header.

header-stopped = mail stopped: { $answer }
header-no-worker = no mail worker
header-held = { $mails } held
header-waiting = { $mails } waiting
header-next = next { $when }

## Search field.

find-hint = name, e-mail, phone or ID
find-not-searched = not searched
find-searching = searching...
find-of = { $count } of { $total }
find-all = { $total } customers
find-nobody = Nobody is found by this search.

## What goes on, and what can be taken back.

going-so-far = { $what }, { $span } so far
going-reading = Reading the record anew. Esc gives up.
undo-leaves = Reset mail to { $email } leaves in { $left }
undo-left = undo ({ $left })
too-small = keydesk needs 60x15, this is { $size }.
too-small-way-on = Make the window larger, or { $key } to quit.

## Table of customers.

never = never
welcome-nobody = There are no customers in { $database }.
welcome-import = Take customers over:
welcome-demo = Try a demo shop:
welcome-open = Open another database:
welcome-leave = Leave:

## Orders of the table; at most 30 columns.

sort-best = best match, then newest
sort-name-up = name, A to Z
sort-name-down = name, Z to A
sort-email-up = e-mail, A to Z
sort-email-down = e-mail, Z to A
sort-id = ID, lowest first
sort-newest = account, newest first
sort-oldest = account, oldest first
sort-last-in = last sign-in, latest first

## Popups.

popup-help = Keys and search
popup-help-search = Search
popup-help-filter = Filter of the audit log
popup-preview = Preview of the mail that a reset sends
popup-mail = Mail, as the customer gets it
popup-entry = Entry of the audit log
popup-searches = Saved searches
popup-columns = Columns
popup-sort = Sort by
popup-commands = Commands
popup-nothing-to-revoke = Nothing to revoke
popup-no-command = No such command.
popup-more = more: { $key }
popup-more-of = { NUMBER($n) } more: { $key }

## Keys in the last line whose meaning is no command.

hint-yes = yes
hint-no = no
hint-next = next
hint-press = press
hint-run = run
hint-choose = choose
hint-scroll = scroll
hint-show-hide = show or hide
hint-sort = sort
hint-to-table = to the table
hint-to-entries = to the entries
hint-clear = clear, back
hint-cancel = cancel
hint-next-tab = next tab
hint-filter = filter
