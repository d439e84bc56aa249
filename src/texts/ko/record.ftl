record-reading = 고객 정보를 읽는 중...
record-stale = 이전에 읽은 내용입니다. { $problem }
record-customers = 고객
record-number = 고객 #{ $id }

button-reset = 암호 재설정
button-force = 강제 로그인
button-cancel = 링크 취소
button-preview = 미리보기
button-unlock = 잠금 해제
button-retry = 다시 시도
button-cancel-mail = 메일 취소
button-alive = { $what } 유효
button-one-live = 1개 유효
left-of = { $left } 남음

section-account = 계정
section-reset = 암호 재설정
section-tokens = 액세스 토큰
section-history = 이력
password-never = 설정한 적 없음
password-set = 설정됨
password-wrong = 설정됨, { $n }회 틀림

budget-of = 1시간 내 { $used }/{ $max }회
budget-unlimited = 1시간 내 { $used }회
budget-no-limit = 제한 없음
next-in = 다음 { $left } 후
next-now = 지금 가능
asked-by = { $when }, { $who }
none-yet = 아직 없음
link-is-pending = 메일 발송 시 생성
link-is-live = 유효, { $when } 만료
link-is-used = { $when } 사용
link-is-expired = { $when } 만료
link-is-cancelled = { $when } 취소
link-is-superseded = { $when } 대체
mail-was-accepted = 릴레이가 접수
mail-was-refused = 릴레이가 거부
mail-was-taken-back = 회수, 발송 안 됨
mail-was-superseded = 대체, 발송 안 됨

tokens-alive = { $tokens }개 유효, { $sessions }
tokens-none-alive = 유효한 토큰이 없습니다.
tokens-never = 토큰을 발급받은 통합이 없습니다.
token-issued = { $when } 발급
token-used = { $when } 사용
token-never-used = 사용 안 함
token-ends = { $when } 만료
token-no-expiry = 만료 없음

history-none = 이 계정에 대한 작업 이력이 없습니다.
history-mail = { $noun } { $id }: { $what }
history-mail-link = { $noun } { $id }: { $what }, 링크 { $link }
history-mail-used = { $noun } { $id }: { $what }, 링크 사용 { $at }
history-mail-tried = { $noun } { $id }: { $tried }: { $relay }
history-mail-next = { $noun } { $id }: { $tried }, 다음 { $next }: { $relay }

obstacle-being-done = 처리 중
obstacle-website = 웹사이트 미설정
obstacle-email = 잘못된 이메일
obstacle-never-had-tokens = 토큰 없음
obstacle-nothing-alive = 유효한 것 없음
obstacle-no-link = 유효한 것 없음
obstacle-notice = 알림 메일
obstacle-not-locked = 잠기지 않음
obstacle-no-retry = 불가능

blocked-until = 아직 안 됩니다: 다음 재설정 메일은 { $next }부터 보낼 수 있습니다.
blocked-being-done = 이 고객의 이전 작업이 아직 처리 중입니다.
blocked-website = 할 수 없습니다: 웹사이트에 발신자 또는 기본 URL이 없습니다.
blocked-email = 할 수 없습니다: 저장된 이메일 주소가 올바르지 않습니다.
blocked-never-had-tokens = 강제 로그인은 통합이 고객을 위해 발급받은 OAuth 액세스 토큰을 폐기합니다. 이 고객의 토큰을 발급받은 통합은 없습니다. 스토어프론트나 관리자가 만든 계정에는 토큰이 없습니다. 폐기할 토큰이 없습니다.
blocked-nothing-alive = 폐기할 것이 없습니다: 유효한 액세스 토큰도 세션도 없습니다.
