### Why an action was not done.

refusal-too-soon = Not sent: the last reset mail was requested too short a time ago. The next one is allowed at { $next }.
refusal-too-many = Not sent: this hour's reset mails are used up. The next one is allowed at { $next }.
refusal-email-unusable = Not sent: the stored e-mail address is not valid. Correct the customer's record first.
refusal-website-incomplete = Not sent: website { $website } has no sender or base URL. Set them first.
refusal-nothing-to-cancel = Nothing to cancel: there is no live link and no waiting mail.
refusal-already-sent = Too late to undo: the mail has left. Cancel the link instead; it works until used.
refusal-never-had-tokens = Nothing to revoke: no integration ever obtained a token for this customer. Ordinary accounts have none; to end browser sessions choose the scope "sessions".
refusal-no-such-token = Not revoked: this customer has no such token.
refusal-not-locked = Nothing to unlock: the customer is not locked.
refusal-no-such-mail = Not done: there is no such mail.
refusal-not-retried = Not sent again: { $why }.
refusal-notice-stays = Not taken back: this mail tells the customer that the password was changed, and has no link to cancel.
refusal-link-dead = Not done: this link does not work (any more). Ask for a new one.
refusal-staff-link-lives = Not sent: a link that staff sent still works.
refusal-integration-exists = Not added: there is an integration of this name. Remove it first, or choose another name.
refusal-no-such-integration = Not done: there is no integration of this name.
refusal-no-such-customer = Not done: the customer no longer exists.
refusal-customer-changed = Not done: the customer was changed meanwhile. Look at the record and confirm again.
refusal-op-key-reused = Not done: this operation key was already used for another action.

## Why a mail is not sent again by hand; stands in refusal-not-retried.

no-retry-link-used = the customer has already used its link
no-retry-link-expired = its link has run out. Start a new reset
no-retry-cancelled = it was taken back. Another link needs a new reset
no-retry-superseded = a newer reset took its place
no-retry-accepted = the relay has already accepted it. Another link needs a new reset
no-retry-sending = a worker is handing it over right now. Look again in a moment
no-retry-held = it is held so that it can be taken back, and leaves at { $until }
no-retry-due = it is due already and leaves as soon as a worker takes it
