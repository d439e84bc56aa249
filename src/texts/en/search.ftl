### Searching: what the search and the filter understand, and what is wrong with what was typed.

## In the help; what is typed stands in front.

search-words = all words, in name, e-mail or phone
search-field = a word in that field only
search-id = the customer with this number
search-group = of this group, of this website
search-is = or unconfirmed, active, disabled
search-has = with live access tokens
search-created = also >= < <=, a month, a year
filter-operator = what this operator did; quotes hold words together
filter-action = also force, lock, unlock, password, token, integration, mail, record, cancel, undo
filter-customer = what was done to this customer
filter-since = from this day, month or year on, UTC
filter-until = up to the end of this day, month or year

## What is wrong.

query-unknown-field = there is no field "{ $field }"; fields are email, name, phone, id, group, website, is, has, created
query-no-value = "{ $field }:" wants a value behind it
query-bad-value = "{ $field }:{ $value }" is not known; { $wanted }
query-too-long = a search has at most { NUMBER($most) } characters
query-too-many-words = a search has at most { NUMBER($most) } words
query-wants-phone = a phone has digits
query-wants-id = an id is a whole number
query-wants-one = a customer has only one, and one is asked for already
query-wants-is = try is:locked, is:unconfirmed, is:active or is:disabled
query-wants-has = try has:tokens
query-wants-created = try created:2026-01, created:>2026-01-31 or created:<=2026
filter-unknown-field = there is no field "{ $field }"; fields are operator, action, customer, since, until
filter-no-field = "{ $word }" wants a field in front, such as operator:{ $word }; others are action, customer, since, until
filter-twice = "{ $field }:" is there twice, and an entry has only one
filter-too-long = a filter has at most { NUMBER($most) } characters
filter-wants-operator = it is a name as the log shows it
filter-wants-action = try reset, force, lock, unlock, password, token, integration, mail, record, cancel, undo, or a word such as reset.start
filter-wants-customer = a customer is a whole number, such as customer:1
filter-wants-since = try since:2026-11-01, a month or a year
filter-wants-until = try until:2026-11-30, a month or a year
