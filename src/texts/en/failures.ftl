### What the database did not do. $reason is what the database itself said, $said a whole sentence about it.

failure-unreachable = { $said }
failure-unusable = { $said }
failure-busy = The database was busy for too long. Nothing was done; try again.
failure-not-written = The database could not be written: { $reason }. Nothing was done.
failure-damaged = The database is damaged: { $reason }. Nothing was done; restore it from a backup.
failure-in-the-way = Others changed the same at the same moment, several times over. Nothing was done; try again.
failure-cancelled = The search was cancelled.
failure-unknown = It is not known whether the action was done: { $reason }. Look at the customer's history before you repeat it.
failure-duplicate-email = There is already a customer with this e-mail address on this website.
failure-not-allowed = The database refused: the role that keydesk uses may not do this ({ $reason }). Nothing was done.
failure-not-copied = { $said }
failure-other = The database refused: { $reason }. Nothing was done.
