### The questions before an action.

ask-reset = Send { $name } a link to choose a new password?
ask-cancel-link = Make the reset link of { $name } useless?
ask-unlock = Let { $name } sign in again now?
ask-retry = Send the { $noun } to { $name } again now?
ask-take-back = Take back the mail to { $name }?
ask-cancel-mail = Make the link in the mail to { $name } useless?
ask-revoke = Revoke { $tokens } of { $name }?
ask-end-sessions = End { $sessions } of { $name }?
ask-revoke-and-end = Revoke { $tokens } and end { $sessions } of { $name }?

## Facts.

fact-budget = this is { NUMBER($n) } of { NUMBER($max) } this hour
fact-link = { $host }, { $life }, one use
fact-link-stops = the link that is live now stops working
fact-asked = asked for { $when } by { $who }
fact-mail-held = has not left; it is taken back if there is still time
fact-mail-left = has left; only the link in it stops working
fact-locked = until { $until }, { $left } left
fact-forgotten = { $wrong }, forgotten then
fact-password-stays = The password stays as it is.
fact-state = { $state }, { $tried }
fact-retry-notice = It says that the password was changed; the queue goes on for it.
fact-retry = The same mail with the same link; the queue goes on for it.
fact-cancel-sending = It is being sent and may still arrive; the link in it will not work.
fact-cancel-queued = It does not leave, and its link never works.
fact-cancel-left = It has left and may arrive; the link in it will not work.
fact-disabled = The account is switched off: a new password will not let them in.
fact-unconfirmed = The e-mail address is not confirmed yet.
warn-tokens = Integrations that act for this customer stop working until they sign in again. Go on only if you know how the shop's integrations authenticate.
warn-sessions = The customer is signed out of the storefront everywhere and must sign in again.

## What Force Sign In ends.

scope-one-token = the access token
scope-tokens = all { $tokens }
scope-all = everything: { $tokens }, { $sessions }
scope-only = only { $name } ({ $scopes })
scope-only-issued = only { $name }, issued { $when } ({ $scopes })
reason-hint = Tab to type one, such as a ticket

## Buttons.

yes-send = Send
no-send = Do not send
yes-sign-out = Sign out
yes-revoke = Revoke
yes-take-back = Take it back
yes-cancel-link = Cancel the link
no-leave = Leave it
