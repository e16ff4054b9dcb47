"""How the treasury and a payment gateway know each other's words: HMAC-SHA-256 over time and body under a shared key; pure."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

TIME_HEADER: Final = "x-jejak-time"
SIGNATURE_HEADER: Final = "x-jejak-signature"
AGE_MAX: Final = timedelta(minutes=5)


def sign(key: bytes, seconds: int, body: bytes) -> dict[str, str]:
    """Returns the two headers of a message sent at a time, in seconds since 1970."""
    return {TIME_HEADER: str(seconds), SIGNATURE_HEADER: _signature(key, str(seconds), body)}


def is_signed(key: bytes, seconds: str, signature: str, body: bytes) -> bool:
    """Says whether the signature is that of time and body, in a time that tells nothing about the right one."""
    return hmac.compare_digest(_signature(key, seconds, body).encode(), signature.encode())


def is_fresh(seconds: str, now: datetime) -> bool:
    """Says whether a message's time is near: an old message that somebody has kept is not taken for a new one."""
    return seconds.isascii() and seconds.isdecimal() and abs(now.timestamp() - int(seconds)) <= AGE_MAX.total_seconds()


def _signature(key: bytes, seconds: str, body: bytes) -> str:
    return hmac.digest(key, seconds.encode() + b"." + body, hashlib.sha256).hex()
