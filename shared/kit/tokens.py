"""Bearer tokens: who acts, in which role, for which agency; minted by the local stack until a sign-in provider does.

A token is `<payload>.<signature>`, both base64url: canonical JSON and HMAC-SHA-256 over it. The person's name in it never leaves the
process: events carry an HMAC of person and application (`authid`), which links nothing across applications.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

import orjson
from pydantic import StringConstraints

from shared.envelope import canonical
from shared.proof.strict import to_base64url
from shared.refusals import Refusal

PersonalNumber = Annotated[str, StringConstraints(min_length=1, max_length=100)]  # under which somebody signs in
ROLES: Final = (
    "applicant",
    "partner",
    "kuasa",  # who acts for somebody else, by a power of attorney
    "counter",  # who helps people to file at the service counter
    "national",  # a link to national systems of record, those that its token names
    "officer",
    "team-leader",
    "head",
    "superior",
    "treasurer",
    "pdp-officer",
    "catalogue-owner",
    "auditor",
    "inspector",
    "operator",
    "custodian",  # who decides, with somebody else, which keys seal what senders say
    "feed",
    "service",
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or system by its local name, a role, for officers an agency, and for a link the national systems it speaks for."""

    person: str
    role: str
    agency: str = ""
    systems: tuple[str, ...] = ()

    def authid(self, city_key: bytes, subject: str) -> str:
        """Returns the person's identity for one subject: HMAC-SHA-256 in base64url, 43 characters."""
        return keyed(city_key, f"{self.person}\n{subject}")

    def ledger_name(self, city_key: bytes) -> str:
        """Returns the name under which idempotency keys are kept."""
        return keyed(city_key, f"{self.person}\n*")


def keyed(key: bytes, text: str) -> str:
    """Returns HMAC-SHA-256 of a text in base64url without padding."""
    return to_base64url(hmac.digest(key, text.encode(), hashlib.sha256))


def mint(actor: Actor, key: bytes, expires: datetime) -> str:
    """Returns a token for the actor."""
    systems = {"systems": list(actor.systems)} if actor.systems else {}
    payload = canonical(
        {"agency": actor.agency, "expires": int(expires.timestamp()), "person": actor.person, "role": actor.role, **systems}
    )
    return f"{to_base64url(payload)}.{to_base64url(hmac.digest(key, payload, hashlib.sha256))}"


def read_token(token: str, key: bytes, now: datetime) -> Actor:
    """Returns the actor of a token; raises `Refusal("not-signed-in")` when it is forged, unreadable or expired."""
    payload_text, _, signature_text = token.partition(".")
    try:
        payload = base64.urlsafe_b64decode(payload_text + "=" * (-len(payload_text) % 4))
        signature = base64.urlsafe_b64decode(signature_text + "=" * (-len(signature_text) % 4))
        if not hmac.compare_digest(signature, hmac.digest(key, payload, hashlib.sha256)):
            raise Refusal("not-signed-in")
        fields = orjson.loads(payload)
        actor = Actor(fields["person"], fields["role"], fields["agency"], tuple(fields.get("systems", ())))
    except (ValueError, KeyError, TypeError):
        raise Refusal("not-signed-in") from None
    if actor.role not in ROLES or fields["expires"] < now.timestamp():
        raise Refusal("not-signed-in")
    return actor
