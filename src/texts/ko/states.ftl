status-active = 활성
status-unconfirmed = 미확인
status-locked = 잠김
status-locked-left = 잠김 { $left }
status-disabled = 비활성

mail-queued = 대기
mail-sending = 전송 중
mail-held = 보류
mail-retry = 재시도 { $n }
mail-accepted = 접수
mail-refused = 거부
mail-given-up = 포기
mail-taken-back = 회수
mail-superseded = 대체
mail-tried = { $n ->
    [0] 시도 안 함
   *[other] { $n }회 시도
}

mail-kind-reset = 재설정 링크
mail-kind-changed = 암호 변경 알림
mail-noun-reset = 메일
mail-noun-changed = 알림

link-pending = 준비 중
link-live = 유효
link-used = 사용됨
link-expired = 만료
link-cancelled = 취소됨
link-superseded = 대체됨

language-name = { $code ->
    [en] 영어
    [de] 독일어
    [fr] 프랑스어
    [ko] 한국어
   *[other] { $code }
}

audit-reset-start = 암호 재설정
audit-reset-undo = 재설정 회수
audit-reset-cancel = 링크 취소
audit-force-sign-in = 강제 로그인
audit-mail-accepted = 메일 접수
audit-mail-refused = 메일 거부
audit-mail-expired = 메일 포기
audit-mail-retry = 메일 재시도
audit-customer-add = 고객 추가
audit-customer-change = 고객 변경
audit-customer-delete = 고객 삭제
audit-customer-unlock = 잠금 해제
audit-customer-import = 파일 가져오기
audit-customer-export = 파일 내보내기
audit-reset-not-sent = 요청, 미발송
audit-password-set = 암호 설정
audit-customer-lock = 계정 잠금
audit-token-issue = 토큰 발급
audit-token-revoke = 토큰 반납
audit-integration-add = 통합 추가
audit-integration-remove = 통합 제거
audit-backup-made = 백업 생성
audit-database-restored = 백업 복원
audit-database-copied = 상점 복사

chain-gap = 감사 로그의 항목 { $seq }번이 없습니다
chain-previous = 감사 로그의 항목 { $seq }번이 앞 항목과 이어지지 않습니다
chain-changed = 감사 로그의 항목 { $seq }번이 기록된 뒤에 변경되었습니다
