span-seconds = { $n }초
span-minutes = { $n }분
span-hours = { $n }시간
span-days = { $n }일

span-ago = { $span } 전
span-ahead = { $span } 후
span-now = 지금

date-time = { $year }년 { $month }월 { $day }일 { $time } UTC
