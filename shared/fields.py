"""The field types of the contract: each string has a pattern, each integer bounds, so that no event can hold free text or a float.

An optional field has a default that is itself invalid when written out (`""`, `()`), so a value is either present or absent and every
event has exactly one spelling.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.code import CODE_PATTERN, is_code

INTEGER_MAX: Final = 2**53 - 1
# `[0-9]` and not `\d`, which is any script's digit in some languages; and three centuries, so that no time arithmetic leaves the calendar.
TIMESTAMP_PATTERN: Final = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"
DATE_PATTERN: Final = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
SLUG_PATTERN: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SENDER_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
MEASURE_PATTERN: Final = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?$"
SUBJECT_PATTERN: Final = (
    r"^(PKY(-[0-9A-HJKMNP-TV-Z]{4}){3}-[0-9A-HJKMNP-TV-Z]|sop:[a-z0-9-]{1,64}|calendar:[0-9]{4}|sender:[a-z0-9-]{1,40}"
    r"|agency:[a-z0-9-]{1,64}|quota:[a-z0-9-]{1,64}|treasury:[0-9]{4}-[0-9]{2}-[0-9]{2}|contract:[0-9]{1,4}|legacy:[a-z0-9-]{1,40}/[A-Za-z0-9._-]{1,80})$"
)
JSON_DEPTH_MAX: Final = 50
_SUBJECT: Final = re.compile(SUBJECT_PATTERN)
_WITHOUT_ZONE: Final = len("2026-11-24T01:02:03.000004")
_TIMESTAMP: Final = re.compile(TIMESTAMP_PATTERN)


class Frozen(BaseModel):
    """A strict, immutable part of an event: unknown keys and converted values are errors.

    Each class is built when it is first needed: a process meets few of the contract's events and need not keep validators of all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


@lru_cache(maxsize=4096)
def to_instant(text: str) -> datetime:
    """Reads a contract timestamp (`2026-11-24T01:02:03.000004Z`) as an aware UTC datetime; raises `ValueError`."""
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("a timestamp has six digits of microseconds and Z")
    return datetime.fromisoformat(text)


def to_timestamp(instant: datetime) -> str:
    """Writes an aware datetime as a contract timestamp: UTC, six digits, Z."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:_WITHOUT_ZONE] + "Z"


def _check_timestamp(text: str) -> str:
    to_instant(text)
    return text


def _check_date(text: str) -> str:
    date.fromisoformat(text)
    return text


def _check_application(text: str) -> str:
    if not is_code(text):
        raise ValueError("the check character of the code is wrong")
    return text


def _check_subject(text: str) -> str:
    if text.startswith("PKY") and not is_code(text):
        raise ValueError("the check character of the code is wrong")
    return text


def is_subject(text: str) -> bool:
    """Says whether the text names a subject of the ledger: an application code or `sop:…`, `calendar:…`, `sender:…` and so on."""
    return _SUBJECT.fullmatch(text) is not None and (not text.startswith("PKY") or is_code(text))


def _check_json(tree: dict[str, Any]) -> dict[str, Any]:
    pending: list[tuple[Any, int]] = [(tree, 1)]
    while pending:
        item, depth = pending.pop()
        if not isinstance(item, dict | list | str | int | None) or depth > JSON_DEPTH_MAX:
            raise ValueError("only JSON without floats, not nested too deep, has a canonical form here")
        if isinstance(item, int) and abs(item) > INTEGER_MAX:
            raise ValueError("an integer beyond 2^53-1 has no canonical form here")
        if isinstance(item, str) and b"\0" in item.encode():  # a lone surrogate has no bytes: a ValueError, too
            raise ValueError("no database text holds the character zero")
        if isinstance(item, dict):
            if not all(isinstance(key, str) and key.isascii() and "\0" not in key for key in item):
                raise ValueError("keys are ASCII")
            pending.extend((value, depth + 1) for value in item.values())
        elif isinstance(item, list):
            pending.extend((value, depth + 1) for value in item)
    return tree


Timestamp = Annotated[str, StringConstraints(pattern=TIMESTAMP_PATTERN), AfterValidator(_check_timestamp)]
LocalDate = Annotated[str, StringConstraints(pattern=DATE_PATTERN), AfterValidator(_check_date)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=64)]
Sender = Annotated[str, StringConstraints(pattern=SENDER_PATTERN, max_length=40)]
Subject = Annotated[str, StringConstraints(pattern=SUBJECT_PATTERN), AfterValidator(_check_subject)]
ApplicationCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN), AfterValidator(_check_application)]
EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:/._-]{5,170}/[1-9][0-9]{0,8}$")]
SopVersion = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]{0,3}$", max_length=69)]
Commitment = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
AuthId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
# 32 bytes in base64url have one spelling: the last character carries four bits.
PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
OfficialNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9./-]{2,47}$")]
PaymentCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{8,24}$")]
Kelurahan = Annotated[str, StringConstraints(pattern=r"^62\.71\.[0-9]{2}\.[0-9]{4}$")]
Measure = Annotated[str, StringConstraints(pattern=MEASURE_PATTERN)]
Count = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
Ordinal = Annotated[int, Field(ge=1, le=999_999_999)]
Rupiah = Annotated[int, Field(ge=0, le=10**15)]
Year = Annotated[int, Field(ge=1990, le=2200)]
ActivityLabel = Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,200}$")]
JsonTree = Annotated[dict[str, Any], AfterValidator(_check_json)]

Stage = Literal["catalogue", "archive", "intake", "verification", "inspection", "issuance", "treasury", "ledger"]
