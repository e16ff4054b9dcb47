"""Signed messages: what was signed is accepted, anything else is not, and only while it is fresh."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.signing import AGE_MAX, SIGNATURE_HEADER, TIME_HEADER, is_fresh, is_signed, sign
from tests.strategies import QUICK

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


@QUICK
@given(st.binary(max_size=200), st.binary(min_size=1, max_size=20), st.integers(0, 2**40))
def test_what_was_signed_is_accepted_and_nothing_else(body: bytes, more: bytes, seconds: int) -> None:
    """A message passes under its own key, time and body alone."""
    headers = sign(KEY, seconds, body)
    at, signature = headers[TIME_HEADER], headers[SIGNATURE_HEADER]
    assert is_signed(KEY, at, signature, body)
    assert not is_signed(OTHER, at, signature, body)
    assert not is_signed(KEY, str(seconds + 1), signature, body)
    assert not is_signed(KEY, at, signature, body + more)
    assert not is_signed(KEY, at, signature[:-1] + ("0" if signature[-1] != "0" else "1"), body)


@pytest.mark.parametrize("signature", ["", "é", "0" * 63, "0" * 64])
def test_a_signature_of_any_shape_is_only_wrong(signature: str) -> None:
    """Whatever stands where the signature belongs is refused, never an error."""
    assert not is_signed(KEY, str(SECONDS), signature, b"{}")


@pytest.mark.parametrize(
    ("seconds", "fresh"),
    [(SECONDS, True), (SECONDS - 300, True), (SECONDS - 301, False), (SECONDS + 300, True), (SECONDS + 301, False)],
)
def test_freshness_has_its_bounds(seconds: int, fresh: bool) -> None:  # noqa: FBT001 - what is expected
    """A message is fresh for five minutes, in either direction of a clock that differs."""
    assert timedelta(minutes=5) == AGE_MAX
    assert is_fresh(str(seconds), NOW) is fresh


@pytest.mark.parametrize("seconds", ["", "soon", "-5", "1e9", "٣", " 5"])
def test_a_time_of_any_shape_is_only_not_fresh(seconds: str) -> None:
    """What is no time is not fresh, never an error."""
    assert not is_fresh(seconds, NOW)
