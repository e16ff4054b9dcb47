"""The spellings that these formats share, each with one form only: base64 and base64url (RFC 4648, sections 4 and 5) and decimal numbers."""

import base64
import binascii
import re
from typing import Final

from shared.proof.errors import ProofError

NUMBER_MAX: Final = 2**63 - 1
_DECIMAL: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})")


def to_base64(raw: bytes) -> str:
    """Writes bytes as base64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def read_base64(text: str, code: str, place: str) -> bytes:
    """Reads base64; raises `ProofError` with the caller's code for any other alphabet, padding or set trailing bit."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProofError(code, f"{place}: not base64") from None
    if to_base64(raw) != text:
        raise ProofError(code, f"{place}: base64 in another spelling than the one")
    return raw


def to_base64url(raw: bytes) -> str:
    """Writes bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def read_base64url(text: str, code: str, place: str) -> bytes:
    """Reads base64url without padding; raises `ProofError` with the caller's code for any other alphabet, padding or set trailing bit."""
    try:
        raw = base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ProofError(code, f"{place}: not base64url") from None
    if to_base64url(raw) != text:
        raise ProofError(code, f"{place}: base64url in another spelling than the one")
    return raw


def read_number(text: str, code: str, place: str) -> int:
    """Reads a decimal number from 0 to 2^63-1 without leading zeros or signs; raises `ProofError` with the caller's code."""
    number = int(text) if _DECIMAL.fullmatch(text) else -1
    if not 0 <= number <= NUMBER_MAX:
        raise ProofError(code, f"{place}: not a decimal number up to 2^63-1")
    return number
