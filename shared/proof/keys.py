"""The keys of signed notes (C2SP signed-note and tlog-cosignature), Ed25519: their names, ids, text forms and signatures.

A key signs either notes themselves (type 1) or, as a witness, a checkpoint and the time at which it was the newest it had seen (type 4).
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.proof.errors import ProofError
from shared.proof.strict import NUMBER_MAX, read_base64, to_base64

LOG: Final = 1
WITNESS: Final = 4
KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 4
TIME_BYTES: Final = 8
SIGNATURE_BYTES: Final = 64
KEY_TEXT_CHARACTERS_MAX: Final = 512
NAME_CHARACTERS_MAX: Final = 255
_KEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_PREFIX: Final = "PRIVATE+KEY+"


def is_key_name(name: str) -> bool:
    """Says whether a text may name a key: not empty, without spaces, plus signs and control characters."""
    return 0 < len(name) <= NAME_CHARACTERS_MAX and not any(each.isspace() or each == "+" or each < " " for each in name)


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True)
class VerifierKey:
    """A public key by name; `kind` is `LOG` or `WITNESS`."""

    name: str
    kind: int
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """The four bytes that name the key in a signature."""
        return _key_id(self.name, self.kind, self.public)

    def to_text(self) -> str:
        """Returns the form in which a public key is handed out (vkey)."""
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"

    def is_valid(self, text: bytes, value: bytes) -> bool:
        """Says whether `value`, of a signature line with this key's name and id, is this key's signature of a note's text."""
        signed = text
        if self.kind == WITNESS:
            if len(value) != TIME_BYTES + SIGNATURE_BYTES or cosigned_seconds(value) > NUMBER_MAX:
                return False
            signed, value = cosigned_text(text, cosigned_seconds(value)), value[TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, repr=False)
class SignerKey:
    """A secret key by name; `seed` is the Ed25519 secret of 32 bytes."""

    name: str
    kind: int
    seed: bytes

    @cached_property
    def _secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> VerifierKey:
        """The public key of this one."""
        return VerifierKey(self.name, self.kind, self._secret.public_key().public_bytes_raw())

    def to_text(self) -> str:
        """Returns the form in which a secret key is kept (skey)."""
        return f"{_PREFIX}{self.name}+{self.verifier.id.hex()}+{to_base64(bytes([self.kind]) + self.seed)}"

    def sign(self, text: bytes) -> bytes:
        """Returns the signature of a note's text, by a key of the kind `LOG`."""
        return self._secret.sign(text)

    def cosign(self, text: bytes, seconds: int) -> bytes:
        """Returns time and signature of a checkpoint's text, by a key of the kind `WITNESS`; `seconds` since 1970."""
        return seconds.to_bytes(TIME_BYTES, "big") + self._secret.sign(cosigned_text(text, seconds))


def cosigned_text(text: bytes, seconds: int) -> bytes:
    """Returns the bytes that a witness signs."""
    return b"cosignature/v1\ntime %d\n%b" % (seconds, text)


def cosigned_seconds(value: bytes) -> int:
    """Returns the time in a witness's signature, in seconds since 1970."""
    return int.from_bytes(value[:TIME_BYTES], "big")


def make_signer(name: str, seed: bytes, kind: int = LOG) -> SignerKey:
    """Makes a secret key of 32 random bytes; raises `ProofError` (`malformed-key`)."""
    if not is_key_name(name) or kind not in (LOG, WITNESS) or len(seed) != KEY_BYTES:
        raise ProofError("malformed-key", "name, kind or length")
    return SignerKey(name, kind, seed)


def read_verifier(text: str) -> VerifierKey:
    """Reads a public key; raises `ProofError` (`malformed-key`)."""
    name, key_id, kind, public = _read_key(text)
    try:
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise ProofError("malformed-key", "no point of the curve") from None
    key = VerifierKey(name, kind, public)
    if key.id != key_id:
        raise ProofError("malformed-key", "the id is not that of the name and the key")
    return key


def read_signer(text: str) -> SignerKey:
    """Reads a secret key; raises `ProofError` (`malformed-key`), which says nothing of the secret."""
    if not text.startswith(_PREFIX):
        raise ProofError("malformed-key", "a secret key begins with PRIVATE+KEY+")
    name, key_id, kind, seed = _read_key(text.removeprefix(_PREFIX))
    key = SignerKey(name, kind, seed)
    if key.verifier.id != key_id:
        raise ProofError("malformed-key", "the id is not that of the name and the key")
    return key


def _read_key(text: str) -> tuple[str, bytes, int, bytes]:
    match = _KEY.fullmatch(text) if len(text) <= KEY_TEXT_CHARACTERS_MAX else None
    if match is None or not is_key_name(match[1]):
        raise ProofError("malformed-key", "not name+id+key")
    raw = read_base64(match[3], "malformed-key", "the key")
    if len(raw) != 1 + KEY_BYTES or raw[0] not in (LOG, WITNESS):
        raise ProofError("malformed-key", "neither an Ed25519 key of a log nor of a witness")
    return match[1], bytes.fromhex(match[2]), raw[0], raw[1:]
