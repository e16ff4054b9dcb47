"""Signed notes (C2SP signed-note): a text, an empty line, and one line for each signature; one spelling only."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from shared.proof.errors import ProofError
from shared.proof.keys import KEY_ID_BYTES, LOG, SignerKey, VerifierKey, is_key_name
from shared.proof.strict import read_base64, to_base64

NOTE_BYTES_MAX: Final = 256 * 1024
SIGNATURES_MAX: Final = 64
_DASH: Final = "\u2014 "
_MALFORMED: Final = "malformed-note"


class Signature(NamedTuple):
    """One signature line: the key's name and id, and the bytes that its kind of key makes."""

    name: str
    key_id: bytes
    value: bytes

    def to_line(self) -> str:
        """Returns the line without its end."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.value)}"


class Note(NamedTuple):
    """A text that ends with a newline, and its signatures, at least one where it was read."""

    text: bytes
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Returns the note as it is sent."""
        return self.text + b"\n" + "".join(f"{signature.to_line()}\n" for signature in self.signatures).encode()


class Opened(NamedTuple):
    """A note at least one of whose signatures is of a known key, and valid."""

    note: Note
    signed_by: tuple[VerifierKey, ...]


def sign_note(text: bytes, signer: SignerKey) -> Note:
    """Returns a note with the signature of a log's key; raises `ProofError` (`malformed-note`) when the text cannot be a note's."""
    if signer.kind != LOG:
        raise ProofError("malformed-key", "a witness signs with its time")
    return read_note(Note(text, (Signature(signer.name, signer.verifier.id, signer.sign(text)),)).to_bytes())


def cosign_note(note: Note, witness: SignerKey, seconds: int) -> Note:
    """Returns a note with a witness's signature added; `seconds` since 1970."""
    added = Signature(witness.name, witness.verifier.id, witness.cosign(note.text, seconds))
    return note._replace(signatures=(*note.signatures, added))


def read_note(raw: bytes) -> Note:
    """Reads a note without looking at its signatures; raises `ProofError` (`malformed-note`)."""
    text, lines = _parts(raw)
    if len(lines) > SIGNATURES_MAX:
        raise ProofError(_MALFORMED, f"{len(lines)} signatures, at most {SIGNATURES_MAX}")
    return Note(text.encode(), tuple(_read_signature(line, number) for number, line in enumerate(lines, 1)))


def _parts(raw: bytes) -> tuple[str, list[str]]:
    if len(raw) > NOTE_BYTES_MAX:
        raise ProofError(_MALFORMED, f"{len(raw)} bytes, at most {NOTE_BYTES_MAX}")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise ProofError(_MALFORMED, f"byte {error.start}: not UTF-8") from None
    control = next((place for place, each in enumerate(whole) if each < " " and each != "\n"), None)
    if control is not None:
        raise ProofError(_MALFORMED, f"character {control}: a control character")
    text, separator, signatures = whole.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise ProofError(_MALFORMED, "no text, empty line and signatures")
    return f"{text}\n", signatures.removesuffix("\n").split("\n")


def _read_signature(line: str, number: int) -> Signature:
    place = f"signature {number}"
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not is_key_name(name):
        raise ProofError(_MALFORMED, f"{place}: not a dash, a key's name and base64")
    raw = read_base64(encoded, _MALFORMED, place)
    if len(raw) <= KEY_ID_BYTES:
        raise ProofError(_MALFORMED, f"{place}: no signature after the key's id")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def open_note(raw: bytes, keys: Iterable[VerifierKey]) -> Opened:
    """Reads a note that a known key has signed; signatures of unknown keys are passed over.

    Raises `ProofError`: `malformed-note`, `wrong-signature` when one of a known key is not valid, `unknown-signer` when none is known.
    """
    note = read_note(raw)
    return Opened(note, signers(note, tuple(keys)))


def signers(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Returns which of the keys have signed a note; raises `ProofError` (`wrong-signature`, `unknown-signer`)."""
    known = {(key.name, key.id): key for key in keys}
    found: dict[VerifierKey, None] = {}
    for number, signature in enumerate(note.signatures, 1):
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.is_valid(note.text, signature.value):
            raise ProofError("wrong-signature", f"signature {number}, of {signature.name}, is not valid")
        found[key] = None
    if not found:
        raise ProofError("unknown-signer", f"none of the {len(note.signatures)} signatures is of a known key")
    return tuple(found)
