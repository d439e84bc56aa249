"""Reads every FOLDER/*.eml with Python's own parser: read_mails.py FOLDER

Prints one line per mail: defects, header names, To, Message-ID, subject, kinds of its parts, and
the first line of the text, as JSON.
"""

import json
import sys
from email import policy
from email.parser import BytesParser
from pathlib import Path

for path in sorted(Path(sys.argv[1]).glob("*.eml"), key=lambda path: int(path.stem)):
    mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    addresses = [str(address.addr_spec) for field in mail.get_all("To") for address in field.addresses]
    print(json.dumps({
        "defects": [str(defect) for part in mail.walk() for defect in part.defects]
        + [str(defect) for value in mail.values() for defect in getattr(value, "defects", [])],
        "headers": mail.keys(),
        "to": addresses,
        "from": [address.addr_spec for address in mail["From"].addresses],
        "id": mail["Message-ID"],
        "subject": mail["Subject"],
        "parts": [part.get_content_type() for part in mail.walk()],
        "text": mail.get_body(("plain",)).get_content().replace("\r\n", "\n"),
    }))
