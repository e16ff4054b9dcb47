"""Personal data as salted commitments: what an event may hold of a value that stays in its writer's vault.

A disclosure has the form of SD-JWT (RFC 9901): base64url of the JSON array `[salt, name, value]`; the commitment is the base64url SHA-256
of that text. One salt of 128 bits per value and event, so that equal values never show.
"""

import base64
import hashlib
import re
from typing import Final

import orjson

from shared.proof.strict import to_base64url

NIK_PATTERN: Final = re.compile(r"[0-9]{16}")
SALT_BYTES: Final = 16
KUASA_NAME: Final = "kuasa-name"  # the name under which an attorney in fact's own name is disclosed


def disclosure(salt: bytes, name: str, value: str) -> str:
    """Returns the disclosure text of a value."""
    if len(salt) < SALT_BYTES:
        message = "a salt has at least 128 bits"
        raise ValueError(message)
    return to_base64url(orjson.dumps([to_base64url(salt), name, value]))


def commitment(disclosed: str) -> str:
    """Returns the commitment that an event may hold: 43 characters."""
    return to_base64url(hashlib.sha256(disclosed.encode()).digest())


def open_disclosure(disclosed: str) -> tuple[str, str]:
    """Returns name and value of a disclosure."""
    _, name, value = orjson.loads(base64.urlsafe_b64decode(disclosed + "=" * (-len(disclosed) % 4)))
    return str(name), str(value)


def is_nik(text: str) -> bool:
    """Says whether a text has the form of a NIK (national identity number): 16 digits."""
    return bool(NIK_PATTERN.fullmatch(text))
