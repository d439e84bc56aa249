"""A real SMTP server (aiosmtpd): relay.py FOLDER [CERTIFICATE KEY [implicit]]

Prints its port, writes each mail to FOLDER/N.eml, ends with its standard input. With a
certificate it insists on STARTTLS (or TLS from the first byte) and on signing in as shop/p@ss.
"""

import asyncio
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

folder, *tls = sys.argv[1:]
context = None
if tls:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls[0], tls[1])
implicit = len(tls) > 2


class Handler:
    taken = 0

    async def handle_DATA(self, server, session, envelope):
        self.taken += 1
        head = f"X-From: {envelope.mail_from}\r\nX-To: {','.join(envelope.rcpt_tos)}\r\n"
        Path(folder, f"{self.taken}.eml").write_bytes(head.encode() + envelope.original_content)
        return f"250 2.0.0 Ok: taken as {self.taken}"


def sign_in(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"shop", b"p@ss"), handled=False)


options = {}
if tls:
    options = {"authenticator": sign_in, "auth_required": True}
    options |= {"auth_require_tls": False} if implicit else {"tls_context": context, "require_starttls": True}


async def main():
    loop = asyncio.get_running_loop()
    handler = Handler()
    server = await loop.create_server(
        lambda: SMTP(handler, **options), "127.0.0.1", 0, ssl=context if implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
