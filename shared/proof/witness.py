"""What a witness decides (C2SP tlog-witness): whether it signs that a checkpoint is one with all it has signed before; pure.

A request is `old <size>`, the hashes of the consistency proof, an empty line and the checkpoint. Who witnesses keeps the answer's record
before the answer is sent; how, is not the business of this module.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from shared.proof.checkpoint import CHECKPOINT_BYTES_MAX, Checkpoint, Signed, open_checkpoint, read_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import LOG, SignerKey, VerifierKey, cosigned_seconds
from shared.proof.merkle import EMPTY_ROOT, HASH_BYTES, check_consistency
from shared.proof.note import Note, Signature, cosign_note, read_note
from shared.proof.strict import read_base64, read_number, to_base64

PROOF_HASHES_MAX: Final = 63
REQUEST_BYTES_MAX: Final = CHECKPOINT_BYTES_MAX + 16 * 1024
ANSWER_BYTES_MAX: Final = 16 * 1024
SIZE_TYPE: Final = "text/x.tlog.size"
_OLD: Final = "old "
_MALFORMED: Final = "malformed-request"


class Request(NamedTuple):
    """A checkpoint with the hashes that show how it has grown from one of the size `old`."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def to_bytes(self) -> bytes:
        """Returns the request's body."""
        lines = (f"{_OLD}{self.old}", *(to_base64(each) for each in self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + self.note.to_bytes()


class Held(NamedTuple):
    """The last checkpoint that a witness has cosigned for a log: its note with both signatures, and the time of its own."""

    checkpoint: Checkpoint
    note: Note
    seconds: int


class Cosigned(NamedTuple):
    """A checkpoint that a witness signs: what it keeps before it answers, and the answer."""

    held: Held
    line: str


class Refused(Exception):  # noqa: N818 - an answer
    """A checkpoint that a witness does not sign: the HTTP status, a stable code and where.

    `size` is that of the last one it signed, where that is the answer (409). `against` is the checkpoint's note, without others'
    signatures, where it does not agree with the held one: both are evidence.
    """

    def __init__(self, status: int, code: str, detail: str, size: int | None = None, against: Note | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.size = size
        self.against = against


class Witnesses(NamedTuple):
    """The witnesses that somebody trusts, and how many of them must have signed."""

    keys: tuple[VerifierKey, ...] = ()
    needed: int = 0

    def check(self, raw: bytes, log: VerifierKey) -> Signed:
        """Reads a checkpoint that its log and enough witnesses have signed; raises `ProofError`: those of `open_checkpoint`, `few-witnesses`."""
        signed = open_checkpoint(raw, log, self.keys)
        # One key counts once, under however many names.
        found = len({key.public for key in signed.witnesses})
        if found < self.needed:
            raise ProofError("few-witnesses", f"signed by {found} of the {len(self.keys)} witnesses, and {self.needed} are asked for")
        return signed


def read_request(raw: bytes) -> Request:
    """Reads a request without checking what it says; raises `ProofError` (`malformed-request`, `malformed-note`)."""
    if len(raw) > REQUEST_BYTES_MAX:
        raise ProofError(_MALFORMED, f"more than {REQUEST_BYTES_MAX} bytes")
    head, separator, note = raw.partition(b"\n\n")
    try:
        first, *hashes = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise ProofError(_MALFORMED, f"byte {error.start}: not ASCII") from None
    if not separator or not first.startswith(_OLD):
        raise ProofError(_MALFORMED, "not an old size, hashes, an empty line and a checkpoint")
    if len(hashes) > PROOF_HASHES_MAX:
        raise ProofError(_MALFORMED, f"{len(hashes)} hashes, at most {PROOF_HASHES_MAX}")
    old = read_number(first.removeprefix(_OLD), _MALFORMED, "the old size")
    proof = tuple(read_base64(line, _MALFORMED, f"hash {number}") for number, line in enumerate(hashes, 1))
    if any(len(each) != HASH_BYTES for each in proof):
        raise ProofError(_MALFORMED, f"a hash has {HASH_BYTES} bytes")
    return Request(old, proof, read_note(note))


def witness(raw: bytes, logs: Mapping[str, VerifierKey], held: Mapping[str, Held], signer: SignerKey, seconds: int) -> Cosigned:
    """Returns what a witness with these logs and last checkpoints, both by origin, answers at a time (`seconds` since 1970).

    Raises `Refused`: 400 (`malformed-...`, `old-after-new`), 403 (`unknown-signer`, `wrong-signature`), 404 (`unknown-log`), 409 (`other-size`,
    `forked`), 422 (`wrong-proof`), 503 (`clock-behind`).
    """
    try:
        request = read_request(raw)
        stated = read_checkpoint(request.note.text)
    except ProofError as error:
        raise Refused(400, error.code, error.detail) from None
    log = logs.get(stated.origin)
    if log is None:
        raise Refused(404, "unknown-log", "this witness does not follow the log")
    try:
        checkpoint, note, _ = open_checkpoint(request.note.to_bytes(), log)
    except ProofError as error:
        raise Refused(403, error.code, error.detail) from None
    # Others' signatures are neither checked nor kept.
    own = note._replace(signatures=tuple(each for each in note.signatures if (each.name, each.key_id) == (log.name, log.id))[:1])
    last = held.get(checkpoint.origin)
    _check_grown(request, checkpoint, own, last)
    if last is not None and seconds < last.seconds:
        raise Refused(503, "clock-behind", "the clock is behind the last cosignature; nothing is signed backwards in time")
    cosigned = cosign_note(own, signer, seconds)
    return Cosigned(Held(checkpoint, cosigned, seconds), f"{cosigned.signatures[-1].to_line()}\n")


def _check_grown(request: Request, checkpoint: Checkpoint, note: Note, last: Held | None) -> None:
    """Checks that a signed checkpoint goes on from the last one; raises `Refused`."""
    size, root = (last.checkpoint.size, last.checkpoint.root) if last else (0, EMPTY_ROOT)
    if request.old > checkpoint.size:
        raise Refused(400, "old-after-new", f"the old size {request.old} is above the checkpoint's {checkpoint.size}")
    # Two trees of one size, both signed, are the proof of a fork, whatever the request says of the old size.
    if checkpoint.size == size and checkpoint.root != root:
        raise Refused(409, "forked", f"another tree of {size} entries was cosigned before", size, note if last else None)
    if request.old != size:
        raise Refused(409, "other-size", f"the last cosigned checkpoint has {size} entries", size)
    try:
        if size in (0, checkpoint.size):
            if request.proof:
                raise ProofError("wrong-proof", "from an empty tree, or to the same, there are no hashes")
        else:
            check_consistency(size, root, checkpoint.size, checkpoint.root, request.proof)
    except ProofError as error:
        raise Refused(422, "wrong-proof", error.detail, against=note if last else None) from None


def read_held(raw: bytes, log: VerifierKey, signer: SignerKey) -> Held:
    """Reads back what a witness has kept; raises `ProofError` when it is not a checkpoint of the log that this witness has signed."""
    checkpoint, note, witnesses = open_checkpoint(raw, log, (signer.verifier,))
    if signer.verifier not in witnesses:
        raise ProofError("unknown-signer", f"not signed by {signer.name}")
    return Held(checkpoint, note, max(seconds for key, _, seconds in cosignatures(note, (signer.verifier,)) if key == signer.verifier))


def check_followed(key: VerifierKey) -> None:
    """Checks that a key is one that signs a log; raises `ProofError` (`malformed-key`)."""
    if key.kind != LOG:
        raise ProofError("malformed-key", f"{key.name} is a witness's key, not a log's")


def cosignatures(note: Note, witnesses: Sequence[VerifierKey]) -> list[tuple[VerifierKey, Signature, int]]:
    """Returns the valid cosignatures of known witnesses with their times in seconds since 1970; others are passed over."""
    known = {(key.name, key.id): key for key in witnesses}
    found = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None and key.is_valid(note.text, signature.value):
            found.append((key, signature, cosigned_seconds(signature.value)))
    return found


def read_answer(raw: bytes, note: Note, key: VerifierKey) -> Signature:
    """Returns a witness's signature out of its answer to a checkpoint.

    Raises `ProofError`: `malformed-note`, `wrong-signature` when none of the lines is this witness's valid signature of that checkpoint.
    """
    found = cosignatures(read_note(note.text + b"\n" + raw), (key,))
    if not found:
        raise ProofError("wrong-signature", f"the answer has no valid signature of {key.name}")
    return found[0][1]


def read_size(raw: bytes) -> int:
    """Reads the answer to a wrong old size; raises `ProofError` (`malformed-size`)."""
    text = raw.decode("ascii", "replace")
    return read_number(text.removesuffix("\n") if text.endswith("\n") else "", "malformed-size", "the size")
