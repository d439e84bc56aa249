### The storefront's pages, in the language of the website.

## What several pages say.

page-email = E-mail address
page-website = Website
page-to-sign-in = Sign In

## The sign-in page.

page-sign-in-title = Sign In
page-sign-in-password = Password
page-sign-in-button = Sign In
page-sign-in-forgot = Forgot Your Password?

## The account page.

page-account-title = My Account
page-account-name = Name
page-account-button = Sign Out

## Asking for a link.

page-forgot-title = Forgot Your Password?
page-forgot-intro = Type the e-mail address of your account. We mail you a link with which you choose a new password.
page-forgot-button = Reset My Password
page-forgot-sent-title = Look at Your Mail
page-forgot-sent = If this address belongs to an account here, a mail with a link is on its way to it. That can take some minutes; look among unwanted mail, too.

## Choosing a new password.

page-new-password-title = Choose a New Password
page-new-password-intro = It replaces the old one of this account, and ends every session that is signed in.
page-new-password-password = New password
page-new-password-password-again = New password, once more
page-new-password-button = Reset Password
page-new-password-differ = The two passwords are not the same. Type the new password twice.
page-new-password-done-title = Your New Password Is Set
page-new-password-done = Sign in with it from now on. The old password and this link no longer work.
page-new-password-dead = This Link Does Not Work
page-new-password-ask-again = Ask for a new link

## What is wrong with a password.

page-password-too-short = Use at least { $n } characters.
page-password-too-long = Use at most { $n } bytes.
page-password-white-space = Do not use spaces.
page-password-too-few-classes = Use at least { $n } of these: digits, capital letters, small letters, other characters.
page-password-is-email = Do not use your e-mail address.
page-password-common = This password is among the most common ones. Choose another.

## What came in the way. Programs get these in English.

page-problem-title = That Did Not Work
page-problem-way-on = To the start
page-problem-malformed = The request cannot be understood, so nothing was done.
page-problem-no-token = The access token does not work (any more). Sign the customer in again to obtain another.
page-problem-not-an-integration = Name the integration's key and secret by HTTP Basic.
page-problem-wrong-password = This did not open an account: e-mail address or password are wrong, or the account is closed for the moment. Try again a little later, or choose a new password.
page-problem-forged = This form is too old or came from elsewhere, so nothing was done. Load the page again and fill it in once more.
page-problem-not-found = There is no such page.
page-problem-wrong-method = This page cannot be asked for in this way, so nothing was done.
page-problem-too-slow = The request took too long to arrive, so nothing was done. Try again.
page-problem-link-dead = This link does not work (any more): it was used, replaced, taken back, or its time has run out. If it was open here for more than a quarter of an hour, open it in the mail once more.
page-problem-too-large = The request is too large, so nothing was done.
page-problem-wrong-type = The request is of a type that is not understood, so nothing was done.
page-problem-no-address = Enter an e-mail address such as name@example.com.
page-problem-misdirected = There is no shop at this address.
page-problem-too-often = Too many mails were asked for from here or for this address. Nothing was sent now; try again a little later.
page-problem-busy = Too many people sign in at this moment. Nothing was done; try again in a few seconds.
page-problem-unavailable = The shop cannot be reached at this moment. Try again in a few seconds.
page-problem-broken = Something went wrong on our side. Try again.
