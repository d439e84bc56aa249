page-email = 이메일 주소
page-website = 웹사이트
page-to-sign-in = 로그인

page-sign-in-title = 로그인
page-sign-in-password = 암호
page-sign-in-button = 로그인
page-sign-in-forgot = 암호를 잊으셨나요?

page-account-title = 내 계정
page-account-name = 이름
page-account-button = 로그아웃

page-forgot-title = 암호를 잊으셨나요?
page-forgot-intro = 계정의 이메일 주소를 입력해 주세요. 새 암호를 설정할 수 있는 링크를 메일로 보내 드립니다.
page-forgot-button = 암호 재설정
page-forgot-sent-title = 메일을 확인해 주세요
page-forgot-sent = 이 주소로 가입된 계정이 있으면 링크가 담긴 메일을 보내 드립니다. 도착까지 몇 분 걸릴 수 있으며, 스팸 메일함도 확인해 주세요.

page-new-password-title = 새 암호 설정
page-new-password-intro = 이 계정의 기존 암호가 새 암호로 바뀌며, 로그인된 모든 세션이 종료됩니다.
page-new-password-password = 새 암호
page-new-password-password-again = 새 암호 확인
page-new-password-button = 암호 재설정
page-new-password-differ = 두 암호가 서로 다릅니다. 새 암호를 두 번 입력해 주세요.
page-new-password-done-title = 새 암호가 설정되었습니다
page-new-password-done = 이제 새 암호로 로그인해 주세요. 이전 암호와 이 링크는 더 이상 사용할 수 없습니다.
page-new-password-dead = 사용할 수 없는 링크입니다
page-new-password-ask-again = 새 링크 요청

page-password-too-short = { $n }자 이상 입력해 주세요.
page-password-too-long = { $n }바이트 이하로 입력해 주세요.
page-password-white-space = 공백은 사용할 수 없습니다.
page-password-too-few-classes = 숫자, 대문자, 소문자, 기타 문자 중 { $n }가지 이상을 사용해 주세요.
page-password-is-email = 이메일 주소는 암호로 사용할 수 없습니다.
page-password-common = 가장 흔히 쓰이는 암호 중 하나입니다. 다른 암호를 선택해 주세요.

page-problem-title = 요청을 처리하지 못했습니다
page-problem-way-on = 처음으로
page-problem-malformed = 요청을 이해할 수 없어 아무것도 처리하지 않았습니다.
page-problem-no-token = 액세스 토큰을 사용할 수 없습니다. 고객이 다시 로그인하게 하여 새 토큰을 발급받아 주세요.
page-problem-not-an-integration = 통합의 키와 비밀 키를 HTTP Basic으로 보내 주세요.
page-problem-wrong-password = 로그인하지 못했습니다. 이메일 주소나 암호가 올바르지 않거나 계정이 일시적으로 잠겨 있습니다. 잠시 후 다시 시도하거나 새 암호를 설정해 주세요.
page-problem-forged = 이 양식은 너무 오래되었거나 다른 곳에서 전송되어 아무것도 처리하지 않았습니다. 페이지를 다시 열고 한 번 더 작성해 주세요.
page-problem-not-found = 없는 페이지입니다.
page-problem-wrong-method = 이 페이지는 이 방식으로 요청할 수 없어 아무것도 처리하지 않았습니다.
page-problem-too-slow = 요청이 도착하는 데 시간이 너무 오래 걸려 아무것도 처리하지 않았습니다. 다시 시도해 주세요.
page-problem-link-dead = 이 링크는 사용할 수 없습니다. 이미 사용되었거나, 새 링크로 대체되었거나, 취소되었거나, 유효 기간이 지났습니다. 이 페이지를 15분 넘게 열어 두셨다면 메일에서 링크를 다시 열어 주세요.
page-problem-too-large = 요청이 너무 커서 아무것도 처리하지 않았습니다.
page-problem-wrong-type = 지원하지 않는 형식의 요청이어서 아무것도 처리하지 않았습니다.
page-problem-no-address = 올바른 이메일 주소를 입력해 주세요. 예: name@example.com
page-problem-misdirected = 이 주소에는 상점이 없습니다.
page-problem-too-often = 여기에서 또는 이 주소로 요청된 메일이 너무 많습니다. 이번에는 보내지 않았습니다. 잠시 후 다시 시도해 주세요.
page-problem-busy = 지금 로그인하는 사람이 너무 많습니다. 아무것도 처리하지 않았습니다. 몇 초 후 다시 시도해 주세요.
page-problem-unavailable = 지금 상점에 연결할 수 없습니다. 몇 초 후 다시 시도해 주세요.
page-problem-broken = 저희 쪽에 문제가 발생했습니다. 다시 시도해 주세요.
