"""Receipts (C2SP tlog-proof): that an entry stands in the log, in one file that anybody can check without the log.

The entry itself goes with it, as the extra data: its leaf hash is what the proof is about.
"""

from dataclasses import dataclass
from typing import Final

from shared.proof.checkpoint import Checkpoint, Signed, open_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import VerifierKey
from shared.proof.merkle import HASH_BYTES, check_inclusion
from shared.proof.note import Note, read_note
from shared.proof.strict import read_base64, read_number, to_base64

RECEIPT_BYTES_MAX: Final = 512 * 1024
PROOF_HASHES_MAX: Final = 63
_FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
_MALFORMED: Final = "malformed-receipt"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt: the leaf's index from 0, the inclusion proof, the log's signed checkpoint, and what was sent along."""

    index: int
    proof: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Returns the receipt as a file."""
        extra = () if self.extra is None else (f"extra {to_base64(self.extra)}",)
        lines = (_FIRST_LINE, *extra, f"index {self.index}", *(to_base64(each) for each in self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + self.note.to_bytes()


def read_receipt(raw: bytes) -> Receipt:
    """Reads a receipt without checking what it says; raises `ProofError` (`malformed-receipt`, `malformed-note`)."""
    if len(raw) > RECEIPT_BYTES_MAX:
        raise ProofError(_MALFORMED, f"{len(raw)} bytes, at most {RECEIPT_BYTES_MAX}")
    head, separator, note = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise ProofError(_MALFORMED, f"byte {error.start}: not ASCII") from None
    if not separator or lines.pop(0) != _FIRST_LINE:
        raise ProofError(_MALFORMED, f"line 1: not {_FIRST_LINE}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "), _MALFORMED, "the extra data")
    if not lines or not lines[0].startswith("index "):
        raise ProofError(_MALFORMED, "no index")
    index = read_number(lines.pop(0).removeprefix("index "), _MALFORMED, "the index")
    return Receipt(index, _read_proof(lines), read_note(note), extra)


def _read_proof(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > PROOF_HASHES_MAX:
        raise ProofError(_MALFORMED, f"{len(lines)} hashes, at most {PROOF_HASHES_MAX}")
    proof = tuple(read_base64(line, _MALFORMED, f"hash {number}") for number, line in enumerate(lines, 1))
    if any(len(each) != HASH_BYTES for each in proof):
        raise ProofError(_MALFORMED, f"a hash has {HASH_BYTES} bytes")
    return proof


def check_receipt(receipt: Receipt, leaf: bytes, log: VerifierKey, witnesses: tuple[VerifierKey, ...] = ()) -> Signed:
    """Checks that a leaf hash stands in the log at the receipt's index; returns the signed checkpoint. Raises `ProofError`."""
    signed = open_checkpoint(receipt.note.to_bytes(), log, witnesses)
    tree: Checkpoint = signed.checkpoint
    check_inclusion(leaf, receipt.index, tree.size, receipt.proof, tree.root)
    return signed
