mail-moment = { $year }년 { $month }월 { $day }일 { $time } (UTC)
mail-hello = 안녕하세요.

mail-reset-subject = { $website } 암호 재설정 안내
mail-reset-by-staff = 고객 지원 담당자가 다음 계정의 암호 재설정을 요청했습니다.
mail-reset-by-customer =
    로그인 페이지에서 다음 계정의 암호 재설정이 요청되었습니다.
    본인이 요청하신 것이 맞는지 확인해 주세요.
mail-reset-open = 새 암호를 설정하시려면 다음 링크를 열어 주세요.
mail-reset-button = 새 암호 설정
mail-reset-or-open = 또는 다음 링크를 열어 주세요.
mail-reset-until = 이 링크는 { $until }까지 한 번만 사용할 수 있습니다.
mail-reset-unwanted =
    새 암호를 원하지 않으시면 이 메일을 무시하셔도 됩니다.
    지금 사용하시는 암호는 바뀌지 않습니다.
mail-reset-never-asked = 저희 직원은 고객님의 암호나 이 링크를 절대 묻지 않습니다.

mail-changed-subject = { $website } 암호가 변경되었습니다
mail-changed-at = 다음 계정의 암호가 { $at }에 변경되었습니다.
mail-changed-by-you = 본인이 변경하셨다면 별도의 조치가 필요하지 않습니다.
mail-changed-by-others =
    본인이 변경하지 않으셨다면 바로 새 암호를 설정하신 후 고객 지원
    담당자에게 전화해 주세요. 새 암호를 설정할 링크는 다음 페이지에서
    요청하실 수 있습니다.
mail-changed-never-asked = 저희 직원은 고객님의 암호나 메일에 있는 링크를 절대 묻지 않습니다.
