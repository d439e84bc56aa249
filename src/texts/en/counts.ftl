### So many of something.

count-mails = { $n ->
    [one] { $n } mail
   *[other] { $n } mails
}
count-entries = { $n ->
    [one] { $n } entry
   *[other] { $n } entries
}
count-tokens = { $n ->
    [one] { $n } token
   *[other] { $n } tokens
}
count-sessions = { $n ->
    [one] { $n } session
   *[other] { $n } sessions
}
count-access-tokens = { $n ->
    [one] { $n } access token
   *[other] { $n } access tokens
}
count-browser-sessions = { $n ->
    [one] { $n } browser session
   *[other] { $n } browser sessions
}
count-wrong-passwords = { $n ->
    [one] { $n } wrong password
   *[other] { $n } wrong passwords
}
count-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
count-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
