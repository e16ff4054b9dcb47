"""Seals: with one signature a sender answers for a whole batch of events, and each of them stays provable alone.

The events of a batch are the leaves of a small tree (RFC 6962); the sender signs its size and root as a log signs a checkpoint, under the
name `<city>/<sender>`. A seal is one event's way to that root and the signature, in bytes: version, the key's id (4), index and size (2
each), the way's hashes (32 each), the signature (64). An entry holds it as base64url without padding.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from shared.proof.checkpoint import Checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import KEY_ID_BYTES, SIGNATURE_BYTES, SignerKey, VerifierKey
from shared.proof.merkle import HASH_BYTES, Node, inclusion_proof, inclusion_root, node_hash, proof_length, range_root
from shared.proof.strict import read_base64url

VERSION: Final = 1
BATCH_EVENTS_MAX: Final = 512
# Version, key id, index, size; then the hashes and the signature.
_HEAD: Final = struct.Struct(f">B{KEY_ID_BYTES}sHH")
SEAL_BYTES_MAX: Final = _HEAD.size + (BATCH_EVENTS_MAX - 1).bit_length() * HASH_BYTES + SIGNATURE_BYTES
SEAL_PATTERN: Final = rf"^[A-Za-z0-9_-]{{{-(-(_HEAD.size + SIGNATURE_BYTES) * 4 // 3)},{-(-SEAL_BYTES_MAX * 4 // 3)}}}$"
_MALFORMED: Final = "malformed-seal"


class Seal(NamedTuple):
    """One event's place in a signed batch; `index` counts from 0."""

    key_id: bytes
    place: int
    size: int
    path: tuple[bytes, ...]
    signature: bytes

    def to_bytes(self) -> bytes:
        """Returns the seal as it travels beside its event."""
        return _HEAD.pack(VERSION, self.key_id, self.place, self.size) + b"".join(self.path) + self.signature

    def is_of(self, key: VerifierKey, leaf: bytes) -> bool:
        """Says whether it is the key's seal of the event with this leaf hash."""
        root = inclusion_root(leaf, self.place, self.size, self.path)
        return _is_signed(key, batch_text(key.name, self.size, root), self.signature)


def batch_text(name: str, size: int, root: bytes) -> bytes:
    """Returns what a sender signs of a batch."""
    return Checkpoint(name, size, root).to_text()


@lru_cache(maxsize=1024)
def _is_signed(key: VerifierKey, text: bytes, signature: bytes) -> bool:
    # The events of a batch have the same text and signature: it is looked at once.
    return key.is_valid(text, signature)


def seal_batch(leaves: Sequence[bytes], signer: SignerKey) -> list[Seal]:
    """Returns the seals of up to `BATCH_EVENTS_MAX` events, given by their leaf hashes, in their order."""
    size, node = len(leaves), _nodes(leaves)
    if not 1 <= size <= BATCH_EVENTS_MAX:
        message = f"a batch has 1 to {BATCH_EVENTS_MAX} events"
        raise ValueError(message)
    key = signer.verifier
    signature = signer.sign(batch_text(key.name, size, range_root(node, 0, size)))
    return [Seal(key.id, index, size, inclusion_proof(node, index, size), signature) for index in range(size)]


def _nodes(leaves: Sequence[bytes]) -> Node:
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[place], below[place + 1]) for place in range(0, len(below) - 1, 2)])
    return lambda level, index: levels[level][index]


def read_seal(raw: bytes) -> Seal:
    """Reads a seal, which has one spelling; raises `ProofError` (`malformed-seal`)."""
    if not _HEAD.size + SIGNATURE_BYTES <= len(raw) <= SEAL_BYTES_MAX:
        raise ProofError(_MALFORMED, f"{len(raw)} bytes")
    version, key_id, index, size = _HEAD.unpack_from(raw)
    if version != VERSION:
        raise ProofError(_MALFORMED, f"version {version}")
    if not index < size <= BATCH_EVENTS_MAX:
        raise ProofError(_MALFORMED, f"event {index} of a batch of {size}")
    hashes = raw[_HEAD.size : -SIGNATURE_BYTES]
    if len(hashes) != proof_length(index, size) * HASH_BYTES:
        raise ProofError(_MALFORMED, f"{len(hashes)} bytes of hashes for event {index} of {size}")
    path = tuple(hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES))
    return Seal(key_id, index, size, path, raw[-SIGNATURE_BYTES:])


def seal_bytes(text: str) -> bytes:
    """Returns the bytes of a seal's text; raises `ProofError` (`malformed-seal`)."""
    return read_base64url(text, _MALFORMED, "the seal")
