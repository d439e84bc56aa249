### Spans and moments.

span-seconds = { NUMBER($n) } s
span-minutes = { NUMBER($n) } min
span-hours = { NUMBER($n) } h
span-days = { NUMBER($n) } d

span-ago = { $span } ago
span-ahead = in { $span }
span-now = now

# In a sentence; $time is such as 14:03.
date-time = { $year }-{ NUMBER($month, minimumIntegerDigits: 2) }-{ NUMBER($day, minimumIntegerDigits: 2) } { $time } UTC
