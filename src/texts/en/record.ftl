### A customer's record.

record-reading = Reading the record...
record-stale = As it was before. { $problem }
record-customers = Customers
record-number = Customer #{ $id }

## Buttons, as the manual names them, and below each what there is to know; see also obstacles.

button-reset = Reset Password
button-force = Force Sign In
button-cancel = Cancel link
button-preview = Preview
button-unlock = Unlock
button-retry = Try again
button-cancel-mail = Cancel mail
button-alive = { $what } alive
button-one-live = one is live
left-of = { $left } left

## Account.

section-account = Account
section-reset = Reset
section-tokens = Access tokens
section-history = History
password-never = never chosen
password-set = set
password-wrong = set, { NUMBER($n) } wrong tries

## Reset.

budget-of = { NUMBER($used) } of { NUMBER($max) } this hour
budget-unlimited = { NUMBER($used) } this hour
budget-no-limit = no limit
next-in = next in { $left }
next-now = next now
asked-by = { $when } by { $who }
none-yet = none yet
link-is-pending = made when its mail leaves
link-is-live = live, ends { $when }
link-is-used = used { $when }
link-is-expired = expired { $when }
link-is-cancelled = cancelled { $when }
link-is-superseded = superseded { $when }
mail-was-accepted = accepted by the relay
mail-was-refused = refused by the relay
mail-was-taken-back = taken back, never left
mail-was-superseded = superseded, never left

## Access tokens; issued and used at most 17 columns, the end at most 14.

tokens-alive = { NUMBER($tokens) } alive, { $sessions }
tokens-none-alive = None is alive.
tokens-never = No integration ever obtained one.
token-issued = issued { $when }
token-used = used { $when }
token-never-used = never used
token-ends = ends { $when }
token-no-expiry = no expiry

## History.

history-none = Nothing was done to this account yet.
history-mail = { $noun } { $id } { $what }
history-mail-link = { $noun } { $id } { $what }, link { $link }
history-mail-used = { $noun } { $id } { $what }, link used { $at }
history-mail-tried = { $noun } { $id } { $tried }: { $relay }
history-mail-next = { $noun } { $id } { $tried }, next { $next }: { $relay }

## What stands in the way of a button, in at most 18 columns.

obstacle-being-done = being done
obstacle-website = website not set up
obstacle-email = e-mail not valid
obstacle-never-had-tokens = never had tokens
obstacle-nothing-alive = nothing alive
obstacle-no-link = none live
obstacle-notice = a notice
obstacle-not-locked = not locked
obstacle-no-retry = not possible

## The same for who asks all the same; stands behind a name and a colon.

blocked-until = Not yet: the next reset mail is possible at { $next }.
blocked-being-done = This customer's last action is still being done.
blocked-website = Not possible: the website has no sender or base URL.
blocked-email = Not possible: the stored e-mail address is not valid.
blocked-never-had-tokens = Force Sign In revokes the OAuth access tokens that integrations obtained for a customer. No integration ever obtained one for this customer: accounts made in the storefront or by an admin have none. There is nothing to revoke.
blocked-nothing-alive = Nothing to revoke: no access token and no session is alive.
