"""Seals: one signature for a batch, each event provable alone, one spelling, and nothing else accepted."""

import hashlib
import re
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.envelope import leaf_hash
from shared.proof.errors import ProofError
from shared.proof.keys import make_signer
from shared.proof.seal import BATCH_EVENTS_MAX, SEAL_BYTES_MAX, SEAL_PATTERN, Seal, read_seal, seal_batch, seal_bytes
from shared.proof.strict import to_base64url

SIGNER: Final = make_signer("palangka-raya/verification", bytes(range(32)))
# SHA-256 of the second of three seals; never to change, since entries hold seals of this form for ever.
PINNED: Final = "c67c1ec742ea4c109e295df48c8cb906fdb3b0372a85293e1bd4e74c5658f152"
STRANGER: Final = make_signer("palangka-raya/verification", bytes(range(1, 33)))


def leaves(count: int) -> list[bytes]:
    """Returns the leaf hashes of so many events."""
    return [leaf_hash(b"event %d" % number) for number in range(count)]


@pytest.mark.parametrize("size", [*range(1, 70), 255, 256, 257, BATCH_EVENTS_MAX])
def test_each_event_of_a_batch_is_provable_alone(size: int) -> None:
    """Given a batch of any size, when each seal is read from its bytes, then it is the key's seal of its own event, and its text fits an entry."""
    batch = leaves(size)
    sealed = [seal.to_bytes() for seal in seal_batch(batch, SIGNER)]
    assert all(read_seal(raw).is_of(SIGNER.verifier, leaf) for raw, leaf in zip(sealed, batch, strict=True))
    assert all(len(raw) <= SEAL_BYTES_MAX and re.fullmatch(SEAL_PATTERN, to_base64url(raw)) for raw in sealed)
    assert [seal_bytes(to_base64url(raw)) for raw in sealed] == sealed


def test_the_form_of_a_seal_is_pinned() -> None:
    """The same key and events give the same bytes in every release."""
    sealed = seal_batch(leaves(3), SIGNER)[1].to_bytes()
    assert hashlib.sha256(sealed).hexdigest() == PINNED


@given(st.integers(1, 40), st.data())
@settings(max_examples=60)
def test_a_seal_is_of_one_event_and_one_key(size: int, data: st.DataObject) -> None:
    """Given a seal, when the event, the place or the key is another one, then it is not its seal."""
    batch = leaves(size)
    place = data.draw(st.integers(0, size - 1))
    seal = seal_batch(batch, SIGNER)[place]
    assert not seal.is_of(SIGNER.verifier, leaf_hash(b"another event"))
    assert not seal.is_of(STRANGER.verifier, batch[place])
    assert all(not seal.is_of(SIGNER.verifier, other) for other in batch[:place] + batch[place + 1 :])


@given(st.integers(1, 40), st.data())
@settings(max_examples=200)
def test_no_changed_bit_of_a_seal_is_accepted(size: int, data: st.DataObject) -> None:
    """Given a seal, when one bit of it is flipped, then it cannot be read, names another key, or is no seal of the event."""
    batch = leaves(size)
    place = data.draw(st.integers(0, size - 1))
    raw = bytearray(seal_batch(batch, SIGNER)[place].to_bytes())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << (bit % 8)
    try:
        seal = read_seal(bytes(raw))
    except ProofError:
        return
    assert seal.key_id != SIGNER.verifier.id or not seal.is_of(SIGNER.verifier, batch[place])


def read_back(raw: bytes) -> bytes | str:
    """Returns the bytes of the seal that these bytes are read as, or why they are none."""
    try:
        return read_seal(raw).to_bytes()
    except ProofError as error:
        return error.code


def text_back(text: str) -> str:
    """Returns the text of the bytes that this text is read as, or why it is none."""
    try:
        return to_base64url(seal_bytes(text))
    except ProofError as error:
        return error.code


@given(st.binary(max_size=SEAL_BYTES_MAX + 10))
def test_bytes_that_are_no_seal_are_refused(raw: bytes) -> None:
    """Given any bytes, when they are read as a seal, then they are one in its own spelling or refused with a code."""
    assert read_back(raw) in (raw, "malformed-seal")


@given(st.text(max_size=60))
def test_a_text_that_is_no_seal_is_refused(text: str) -> None:
    """Given any text, when it is read as a seal's, then it is in the one spelling of its bytes or refused."""
    assert text_back(text) in (text, "malformed-seal")


@pytest.mark.parametrize("size", [0, BATCH_EVENTS_MAX + 1])
def test_a_batch_has_bounds(size: int) -> None:
    """A batch of none, or of too many, is a mistake of the caller."""
    with pytest.raises(ValueError, match="a batch has 1 to"):
        seal_batch(leaves(size), SIGNER)


def test_a_seal_of_too_large_a_batch_is_refused() -> None:
    """A seal that names more events than a batch may have is not read."""
    raw = Seal(SIGNER.verifier.id, 0, BATCH_EVENTS_MAX + 1, (bytes(32),) * 9, bytes(64)).to_bytes()
    with pytest.raises(ProofError, match="malformed-seal"):
        read_seal(raw)
