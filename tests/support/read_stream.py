"""Reads mails from standard input, each behind a line with its length, with Python's own parser.

Prints for each, as one line of JSON, what `read_mails.py` prints, and what only shows in bytes.
"""

import json
import sys
from email import policy
from email.parser import BytesParser

while length := sys.stdin.buffer.readline():
    raw = sys.stdin.buffer.read(int(length))
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    text = mail.get_body(("plain",)).get_content()
    print(json.dumps({
        "defects": [str(defect) for part in mail.walk() for defect in part.defects]
        + [str(defect) for value in mail.values() for defect in getattr(value, "defects", [])],
        "headers": mail.keys(),
        "to": [address.addr_spec for address in mail["To"].addresses],
        "from": [address.addr_spec for address in mail["From"].addresses],
        "id": mail["Message-ID"],
        "parts": [part.get_content_type() for part in mail.walk()],
        "link": next((line for line in text.splitlines() if line.startswith(("https://", "http://"))), None),
        "longest": max(map(len, raw.split(b"\r\n"))),
        "stray": len(raw.replace(b"\r\n", b"").translate(None, bytes(set(range(256)) - {10, 13}))),
    }), flush=True)
