"""The search for canaries finds one in every form in which it could get out, and nothing where there is none."""

import base64
import hashlib
import html
import secrets
from collections.abc import Callable
from urllib.parse import quote

import orjson
import pytest

from tests.personal.canaries import Canaries

FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "lower case": lambda value: value.lower().encode(),
    "upper case": lambda value: value.upper().encode(),
    "JSON": orjson.dumps,
    "escaped JSON": lambda value: "".join(f"\\u{ord(character):04X}" for character in value).encode(),
    "URL": lambda value: quote(value).encode(),
    "URL, each character": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()).encode(),
    "HTML": lambda value: html.escape(value).encode(),
    "HTML, each character": lambda value: "".join(f"&#{ord(character)};" for character in value).encode(),
    "hex": lambda value: value.encode().hex().encode(),
    "upper hex": lambda value: value.encode().hex().upper().encode(),
    "upper case in hex": lambda value: value.upper().encode().hex().encode(),
    "base64": lambda value: base64.b64encode(value.encode()),
    "base64url": lambda value: base64.urlsafe_b64encode(value.encode()).rstrip(b"="),
    "base64, one further": lambda value: base64.b64encode(b"a" + value.encode() + b"zz"),
    "base64, two further": lambda value: base64.b64encode(b"ab" + value.encode() + b"z"),
    "base64 of lower case": lambda value: base64.b64encode(value.lower().encode()),
    "UTF-16": lambda value: value.encode("utf-16-le"),
    "UTF-16, the other way": lambda value: value.encode("utf-16-be"),
    "digest in hex": lambda value: hashlib.sha256(value.encode()).hexdigest().encode(),
    "digest in upper hex": lambda value: hashlib.sha256(value.encode()).hexdigest().upper().encode(),
    "digest in base64url": lambda value: base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()).rstrip(b"="),
    "digest in base64": lambda value: base64.b64encode(hashlib.sha256(value.encode()).digest()),
    "digest of lower case": lambda value: hashlib.sha256(value.lower().encode()).hexdigest().encode(),
    "digest as a value of 32 bytes": lambda value: b"\0\0\0\x20" + hashlib.sha256(value.encode()).digest(),
}
KINDS: dict[str, Callable[[Canaries], str]] = {
    "words": lambda canaries: canaries.text("Jalan Contoh"),
    "mail": Canaries.email,
    "NIK": lambda canaries: canaries.nik(7),
    "telephone": lambda canaries: canaries.phone(7),
    "code": Canaries.slug,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_a_canary_is_found_in_every_form(form: str, kind: str) -> None:
    """Given other bytes around it, when a canary of any kind stands there in any form, then it is found, and without it nothing is."""
    canaries = Canaries()
    value = KINDS[kind](canaries)
    around = b'{"name": "', b'"} ' + secrets.token_bytes(2000).hex().encode() + base64.b64encode(secrets.token_bytes(2000))
    assert canaries.found_in(around[0] + FORMS[form](value) + around[1])
    assert not canaries.found_in(around[0] + around[1])


def test_a_plain_digest_of_a_body_is_found() -> None:
    """The digest of a whole body, alone or with its path, is found: with it a NIK can be tried out."""
    canaries = Canaries()
    body = orjson.dumps({"nik": canaries.nik(1)})
    canaries.request("submit", body)
    assert canaries.found_in(hashlib.sha256(b"submit\n" + body).hexdigest().encode()) == {"plain digest"}
    assert canaries.found_in(hashlib.sha256(body).hexdigest().encode()) == {"plain digest"}


def test_a_salted_commitment_is_not_taken_for_a_digest() -> None:
    """A digest of a salt and a canary is what an event may hold."""
    canaries = Canaries()
    value = canaries.nik(1)
    assert not canaries.found_in(hashlib.sha256(secrets.token_bytes(16) + value.encode()).hexdigest().encode())
