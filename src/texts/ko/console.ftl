header-stopped = 메일 중단: { $answer }
header-no-worker = 메일 작업자 없음
header-held = { $mails } 보류
header-waiting = { $mails } 대기
header-next = 다음 { $when }

find-hint = 이름, 이메일, 전화번호 또는 ID
find-not-searched = 검색 안 함
find-searching = 검색 중...
find-of = 전체 { $total } 중 { $count }
find-all = 전체 고객 { $total }
find-nobody = 검색 결과가 없습니다.

going-so-far = { $what }, { $span } 경과
going-reading = 고객 정보를 다시 읽는 중입니다. Esc를 누르면 중단합니다.
undo-leaves = { $email } 재설정 메일: { $left } 후 발송
undo-left = 되돌리기 ({ $left })
too-small = 60x15 이상이 필요합니다(현재 { $size }).
too-small-way-on = 창을 키우거나 { $key } 키로 종료하십시오.

never = 없음
welcome-nobody = { $database }: 고객이 없습니다.
welcome-import = 고객 가져오기:
welcome-demo = 데모 상점 사용해 보기:
welcome-open = 다른 데이터베이스 열기:
welcome-leave = 종료:

sort-best = 정확도순, 다음 최신순
sort-name-up = 이름, 오름차순
sort-name-down = 이름, 내림차순
sort-email-up = 이메일, 오름차순
sort-email-down = 이메일, 내림차순
sort-id = ID, 작은 번호부터
sort-newest = 가입일, 최신순
sort-oldest = 가입일, 오래된 순
sort-last-in = 최근 접속순

popup-help = 키와 검색
popup-help-search = 검색
popup-help-filter = 감사 로그 필터
popup-preview = 재설정 메일 미리보기
popup-mail = 고객이 받는 메일
popup-entry = 감사 로그 항목
popup-searches = 저장된 검색
popup-columns = 열
popup-sort = 정렬 기준
popup-commands = 명령
popup-nothing-to-revoke = 폐기할 토큰 없음
popup-no-command = 그런 명령이 없습니다.
popup-more = 더 보기: { $key }
popup-more-of = { $n }개 더: { $key }

hint-yes = 예
hint-no = 아니요
hint-next = 다음
hint-press = 확인
hint-run = 실행
hint-choose = 선택
hint-scroll = 스크롤
hint-show-hide = 표시/숨김
hint-sort = 정렬
hint-to-table = 표로
hint-to-entries = 항목으로
hint-clear = 지우기, 뒤로
hint-cancel = 취소
hint-next-tab = 다음 탭
hint-filter = 필터
