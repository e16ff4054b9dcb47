"""Checkpoints (C2SP tlog-checkpoint): a log's name, the size of its tree and the root, as the text of a signed note."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from shared.proof.errors import ProofError
from shared.proof.keys import VerifierKey
from shared.proof.merkle import HASH_BYTES
from shared.proof.note import Note, open_note
from shared.proof.strict import read_base64, read_number, to_base64

CHECKPOINT_BYTES_MAX: Final = 64 * 1024
_MALFORMED: Final = "malformed-checkpoint"
_LINES_MIN: Final = 3


class Checkpoint(NamedTuple):
    """What a log says about its tree; extension lines are kept and mean nothing here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def to_text(self) -> bytes:
        """Returns the text of the note."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, to_base64(self.root), *self.extensions)).encode()


class Signed(NamedTuple):
    """A checkpoint whose log has signed it, with its note and the witnesses known to the reader who have."""

    checkpoint: Checkpoint
    note: Note
    witnesses: tuple[VerifierKey, ...]


def read_checkpoint(text: bytes) -> Checkpoint:
    """Reads a note's text as a checkpoint; raises `ProofError` (`malformed-checkpoint`)."""
    if len(text) > CHECKPOINT_BYTES_MAX:
        raise ProofError(_MALFORMED, f"{len(text)} bytes, at most {CHECKPOINT_BYTES_MAX}")
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise ProofError(_MALFORMED, f"byte {error.start}: not UTF-8") from None
    if lines.pop() != "" or len(lines) < _LINES_MIN or not all(lines):
        raise ProofError(_MALFORMED, "not three or more lines with something on each")
    origin, size, root, *extensions = lines
    read = Checkpoint(origin, read_number(size, _MALFORMED, "line 2"), read_base64(root, _MALFORMED, "line 3"), tuple(extensions))
    if len(read.root) != HASH_BYTES:
        raise ProofError(_MALFORMED, f"line 3: a root has {HASH_BYTES} bytes")
    return read


def open_checkpoint(raw: bytes, log: VerifierKey, witnesses: Iterable[VerifierKey] = ()) -> Signed:
    """Reads a checkpoint that its log has signed under its own name.

    Raises `ProofError`: those of `open_note` and `read_checkpoint`, `unknown-signer` without the log's signature, `wrong-origin`.
    """
    opened = open_note(raw, (log, *witnesses))
    if log not in opened.signed_by:
        raise ProofError("unknown-signer", f"not signed by {log.name}")
    checkpoint = read_checkpoint(opened.note.text)
    if checkpoint.origin != log.name:
        raise ProofError("wrong-origin", f"the checkpoint is not of {log.name}")
    return Signed(checkpoint, opened.note, tuple(key for key in opened.signed_by if key != log))


def origin_of(city: str, clock: str) -> str:
    """Returns the name of a city's log; that of a training city, whose time is played, says so."""
    return f"{city}/ledger/training" if clock == "feed" else f"{city}/ledger"
