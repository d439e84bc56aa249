search-words = 이름, 이메일, 전화에 모두 있는 단어
search-field = 해당 필드에만 있는 단어
search-id = 이 번호의 고객
search-group = 이 그룹, 이 웹사이트의 고객
search-is = 또는 unconfirmed, active, disabled
search-has = 유효한 액세스 토큰이 있는 고객
search-created = >= < <=, 월, 연도도 가능
filter-operator = 이 담당자의 작업. 따옴표로 단어를 묶습니다
filter-action = force, lock, unlock, password, token, integration, mail, record, cancel, undo도 가능
filter-customer = 이 고객에 대한 작업
filter-since = 이 날짜, 월, 연도부터 (UTC)
filter-until = 이 날짜, 월, 연도의 끝까지

query-unknown-field = "{ $field }" 필드가 없습니다. 필드: email, name, phone, id, group, website, is, has, created
query-no-value = "{ $field }:" 뒤에 값을 입력하십시오
query-bad-value = "{ $field }:{ $value }" 값을 알 수 없습니다. { $wanted }
query-too-long = 검색어는 최대 { $most }자입니다
query-too-many-words = 검색어는 최대 { $most }단어입니다
query-wants-phone = 전화번호에는 숫자가 있어야 합니다
query-wants-id = ID는 정수입니다
query-wants-one = 고객마다 하나뿐이며 이미 지정했습니다
query-wants-is = 예: is:locked, is:unconfirmed, is:active, is:disabled
query-wants-has = 예: has:tokens
query-wants-created = 예: created:2026-01, created:>2026-01-31, created:<=2026
filter-unknown-field = "{ $field }" 필드가 없습니다. 필드: operator, action, customer, since, until
filter-no-field = "{ $word }" 앞에 필드가 필요합니다. 예: operator:{ $word }. 그 밖에 action, customer, since, until
filter-twice = "{ $field }:" 필드가 두 번 있습니다. 항목에는 하나만 있습니다
filter-too-long = 필터는 최대 { $most }자입니다
filter-wants-operator = 로그에 표시된 이름을 입력하십시오
filter-wants-action = 예: reset, force, lock, unlock, password, token, integration, mail, record, cancel, undo 또는 reset.start
filter-wants-customer = 고객은 정수입니다. 예: customer:1
filter-wants-since = 예: since:2026-11-01, 월, 연도
filter-wants-until = 예: until:2026-11-30, 월, 연도
