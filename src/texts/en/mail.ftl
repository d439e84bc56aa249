### Mails to customers, in the language of the website. Lines of at most 72 columns.

# A moment; $time is such as 14:03.
mail-moment = { $year }-{ NUMBER($month, minimumIntegerDigits: 2) }-{ NUMBER($day, minimumIntegerDigits: 2) } { $time } UTC
mail-hello = Hello,

## The mail that brings a link. The account's address stands below who asked.

mail-reset-subject = Reset your { $website } password
mail-reset-by-staff = Our support staff asked for a new password for this account:
mail-reset-by-customer =
    Someone, hopefully you, asked on the sign-in page for a new password
    for this account:
mail-reset-open = To choose a new password, open this link:
mail-reset-button = Choose a new password
mail-reset-or-open = Or open this link:
mail-reset-until = It works once, until { $until }.
mail-reset-unwanted = If you do not want a new password, ignore this mail: nothing changes.
mail-reset-never-asked = Our staff never ask for your password, nor for this link.

## The notice that a password was changed. The account's address stands below when.

mail-changed-subject = Your { $website } password was changed
mail-changed-at = The password of this account was changed at { $at }:
mail-changed-by-you = If that was you, there is nothing to do.
mail-changed-by-others =
    If it was not you, choose a new password at once, and then call our
    support staff. This is where you ask for a link to choose one:
mail-changed-never-asked = Our staff never ask for your password, nor for a link out of a mail.
