"""Signed notes, their keys, checkpoints, witnesses' signatures and receipts: one spelling each, everything else refused."""

import base64
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.envelope import leaf_hash
from shared.proof.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import LOG, WITNESS, VerifierKey, cosigned_seconds, cosigned_text, make_signer, read_signer, read_verifier
from shared.proof.merkle import inclusion_proof, root_of_leaves
from shared.proof.note import SIGNATURES_MAX, Note, Signature, cosign_note, open_note, read_note, sign_note
from shared.proof.receipt import PROOF_HASHES_MAX, Receipt, check_receipt, read_receipt
from shared.proof.tile import node_of

# The keys and notes by which implementations of signed notes compare themselves.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n".encode()
ENOCHS_LINE = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n".encode()
# The examples of the C2SP texts.
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
""".encode()
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()

CITY = make_signer("palangka-raya/ledger", b"c" * 32)
UNIVERSITY = make_signer("witness.example/university", b"w" * 32, WITNESS)
LEAVES = [leaf_hash(str(number).encode()) for number in range(7)]


def receipt(index: int = 3, extra: bytes | None = b"3") -> Receipt:
    """Returns a receipt of one of seven leaves, cosigned by a university."""
    node = node_of(lambda _tile: LEAVES, len(LEAVES))
    note = sign_note(Checkpoint(CITY.name, len(LEAVES), root_of_leaves(LEAVES)).to_text(), CITY)
    return Receipt(index, inclusion_proof(node, index, len(LEAVES)), cosign_note(note, UNIVERSITY, 1_700_000_000), extra)


def code_of(function: Callable[..., Any], *arguments: Any) -> str:  # noqa: ANN401 - any function of the proofs
    """Returns the code with which a function refuses, empty when it does not."""
    try:
        function(*arguments)
    except ProofError as error:
        return error.code if str(error) == f"{error.code}: {error.detail}" else "the code is not told"
    return ""


# Keys


def test_keys_are_those_of_other_implementations() -> None:
    """A known secret key gives its known public key and its known signature, and both keep their text forms."""
    signer, public = read_signer(PETER_SECRET), read_verifier(PETER)
    assert signer.verifier == public
    assert (public.to_text(), signer.to_text()) == (PETER, PETER_SECRET)
    assert sign_note(TEXT, signer).to_bytes() == TEXT + b"\n" + PETERS_LINE
    assert PETER_SECRET.rpartition("+")[2] not in repr(signer)


@pytest.mark.parametrize(("text", "read"), [(PETER, read_verifier), (PETER_SECRET, read_signer)])
def test_a_mangled_key_is_refused(text: str, read: Callable[[str], object]) -> None:
    """No part of a key's text, and no text with one character changed, is a key."""
    parts = {text[start:end] for start in range(len(text)) for end in range(start + 1, len(text) + 1)} - {text}
    changed = {f"{text[:place]}{chr(ord(each) + 1)}{text[place + 1 :]}" for place, each in enumerate(text)}
    assert {code_of(read, each) for each in parts | changed} == {"malformed-key"}


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.replace("c74f20a3", "C74F20A3"),
        "x" * 600,
    ],
)
def test_a_key_of_another_kind_length_or_spelling_is_refused(text: str) -> None:
    """A key with too many bytes, of an unknown kind, or with its id in capitals is refused even where its id fits."""
    assert code_of(read_verifier, text) == "malformed-key"


@pytest.mark.parametrize(
    ("name", "seed", "kind"), [("two words", b"k" * 32, LOG), ("a", b"k", LOG), ("a", b"k" * 32, 6), ("", b"k" * 32, LOG)]
)
def test_no_key_is_made_that_could_not_be_read(name: str, seed: bytes, kind: int) -> None:
    """A key needs a name without spaces, 32 bytes and a known kind."""
    assert code_of(make_signer, name, seed, kind) == "malformed-key"


# Notes


@pytest.mark.parametrize("raw", [POEM, SOFA, TEXT + b"\n" + PETERS_LINE + ENOCHS_LINE])
def test_notes_of_the_texts_are_read_and_written_alike(raw: bytes) -> None:
    """The examples of the specifications are read, and written again they are the same bytes."""
    assert read_note(raw).to_bytes() == raw


def test_signatures_of_known_keys_count_and_others_are_passed_over() -> None:
    """A note opens for who knows one of its keys; who knows none, or finds a known key's signature wrong, refuses it."""
    raw, peter, enoch = TEXT + b"\n" + PETERS_LINE + ENOCHS_LINE, read_verifier(PETER), read_verifier(ENOCH)
    assert open_note(raw, (peter,)).signed_by == (peter,)
    assert open_note(raw + PETERS_LINE, (enoch, peter)).signed_by == (peter, enoch)
    assert code_of(open_note, raw, ()) == "unknown-signer"
    assert code_of(open_note, raw, (VerifierKey("PeterNeumann", LOG, enoch.public),)) == "unknown-signer"
    assert code_of(open_note, raw.replace(b"answer", b"anzwer"), (peter,)) == "wrong-signature"
    forged = Note(TEXT, (Signature(peter.name, peter.id, b"s" * 64), *read_note(raw).signatures[1:]))
    assert code_of(open_note, forged.to_bytes(), (peter, enoch)) == "wrong-signature"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        TEXT,
        TEXT + b"\n",
        TEXT + b"\n" + PETERS_LINE[:-1],
        b"\x01" + TEXT + b"\n" + PETERS_LINE,
        b"\r" + TEXT + b"\n" + PETERS_LINE,
        b"\xff" + TEXT + b"\n" + PETERS_LINE,
        TEXT + b"\n" + PETERS_LINE + b"Unexpected line.\n",
        TEXT + b"\n" + PETERS_LINE.replace(b"PeterNeumann", b"Peter Neumann"),
        TEXT + b"\n" + PETERS_LINE.replace(b"PeterNeumann", b"Peter+Neumann"),
        TEXT + b"\n" + PETERS_LINE.replace(b"PeterNeumann ", b""),
        TEXT + b"\n" + PETERS_LINE.replace(b"=", b""),
        TEXT + b"\n" + PETERS_LINE.replace(b"nAM=", b"nAN="),
        TEXT + b"\n" + "— PeterNeumann x08gow==\n".encode(),
        TEXT + b"\n" + PETERS_LINE.replace("—".encode(), b"-"),
        TEXT + b"\n" + PETERS_LINE * (SIGNATURES_MAX + 1),
        b"a" * 300_000 + b"\n\n" + PETERS_LINE,
    ],
)
def test_what_is_no_note_is_refused(raw: bytes) -> None:
    """A note without signatures, its last newline or UTF-8, with control characters, strange lines or another base64 is refused."""
    assert code_of(read_note, raw) == "malformed-note"


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp", "Cs"), exclude_characters="+"), min_size=1, max_size=40
)
texts = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30), min_size=1, max_size=6).map(
    lambda lines: "".join(f"{line}\n" for line in lines).encode()
)


@settings(max_examples=30, deadline=None)
@given(texts, names, st.binary(min_size=32, max_size=32), st.lists(st.tuples(names, st.binary(min_size=5, max_size=80)), max_size=4))
def test_what_is_signed_opens(text: bytes, name: str, seed: bytes, others: list[tuple[str, bytes]]) -> None:
    """Any text of lines signed by any key opens for its public key, beside whatever other signatures, and is read as it was written."""
    signer = make_signer(name, seed)
    note = sign_note(text, signer)
    more = note._replace(signatures=(*note.signatures, *(Signature(other, raw[:4], raw[4:]) for other, raw in others)))
    assert read_note(more.to_bytes()) == more
    assert open_note(note.to_bytes(), (signer.verifier,)).signed_by == (signer.verifier,)
    assert read_verifier(signer.verifier.to_text()) == signer.verifier
    assert read_signer(signer.to_text()).verifier == signer.verifier


# Checkpoints and witnesses


def test_the_checkpoint_of_the_texts_is_read() -> None:
    """The example of the specification is read and written alike, and its witness's time is the one that the text gives."""
    note = read_note(SOFA)
    checkpoint = read_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root[:2].hex()) == ("example.com/behind-the-sofa", 20852163, "0ac5")
    assert checkpoint.to_text() == note.text
    assert cosigned_seconds(note.signatures[1].value) == 1679315147
    assert cosigned_text(note.text, 1679315147) == b"cosignature/v1\ntime 1679315147\n" + note.text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"a\n1\n",
        SOFA.partition(b"\n\n")[0],
        b"a\n01\n" + base64.b64encode(bytes(32)) + b"\n",
        b"a\n-1\n" + base64.b64encode(bytes(32)) + b"\n",
        b"a\n9223372036854775808\n" + base64.b64encode(bytes(32)) + b"\n",
        b"a\n" + b"9" * 5000 + b"\n" + base64.b64encode(bytes(32)) + b"\n",
        b"a\n1\n" + base64.b64encode(bytes(31)) + b"\n",
        b"a\n1\n" + base64.b64encode(bytes(32)).rstrip(b"=") + b"\n",
        b"\n1\n" + base64.b64encode(bytes(32)) + b"\n",
        b"a\n1\n" + base64.b64encode(bytes(32)) + b"\n\n",
        b"\xff\n1\n" + base64.b64encode(bytes(32)) + b"\n",
        "a\n\u0661\n".encode() + base64.b64encode(bytes(32)) + b"\n",
        b"a\n1\n" + base64.b64encode(bytes(32)) + b"\n" + b"x" * 70_000 + b"\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: bytes) -> None:
    """Missing lines, sizes with leading zeros or too many digits, roots of another length, empty lines: refused."""
    assert code_of(read_checkpoint, text) == "malformed-checkpoint"


def test_a_checkpoint_opens_for_its_own_log_only() -> None:
    """A checkpoint counts when the log named in it signed it; another log's, or one that a witness alone signed, does not."""
    raw = receipt().note.to_bytes()
    signed = open_checkpoint(raw, CITY.verifier, (UNIVERSITY.verifier,))
    assert (signed.checkpoint.size, signed.witnesses) == (7, (UNIVERSITY.verifier,))
    assert open_checkpoint(raw, CITY.verifier).witnesses == ()
    other = make_signer("elsewhere/ledger", b"e" * 32)
    stolen = sign_note(read_note(raw).text, other).to_bytes()
    assert code_of(open_checkpoint, stolen, other.verifier) == "wrong-origin"
    alone = Note(read_note(raw).text, read_note(raw).signatures[1:]).to_bytes()
    assert code_of(open_checkpoint, alone, CITY.verifier, (UNIVERSITY.verifier,)) == "unknown-signer"


def test_a_witness_signs_its_time_too() -> None:
    """A witness's signature holds for its text and its time only, and a witness's key signs nothing without a time."""
    note = receipt().note
    value = note.signatures[1].value
    assert UNIVERSITY.verifier.is_valid(note.text, value)
    assert not UNIVERSITY.verifier.is_valid(note.text, (1_700_000_001).to_bytes(8, "big") + value[8:])
    assert not UNIVERSITY.verifier.is_valid(note.text, (2**63).to_bytes(8, "big") + value[8:])
    assert not UNIVERSITY.verifier.is_valid(note.text + b"x\n", value)
    assert not UNIVERSITY.verifier.is_valid(note.text, value[8:])
    assert code_of(sign_note, note.text, UNIVERSITY) == "malformed-key"


# Receipts


def test_a_receipt_is_read_as_it_was_written() -> None:
    """A receipt has the lines of the specification, is read as it was written, with and without extra data, and proves its leaf."""
    given_ = receipt()
    lines = given_.to_bytes().decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra Mw==", "index 3"]
    assert lines[3:7] == [base64.b64encode(each).decode() for each in given_.proof] + [""]
    for each in (given_, receipt(extra=None), receipt(extra=b"")):
        assert read_receipt(each.to_bytes()) == each
        assert check_receipt(each, LEAVES[3], CITY.verifier, (UNIVERSITY.verifier,)).witnesses == (UNIVERSITY.verifier,)
    assert code_of(check_receipt, given_, LEAVES[4], CITY.verifier) == "wrong-proof"


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("@v1", "@v2"),
        ("extra Mw==", "extra Mx=="),
        ("extra Mw==", "extras Mw=="),
        ("index 3", "index 03"),
        ("index 3", "index 9223372036854775808"),
        ("index 3\n", ""),
        ("index 3\n", "index 3\n" + "A" * 43 + "=\n" + "QQ==\n"),
        ("index 3\n", "index 3\n" + ("A" * 43 + "=\n") * (PROOF_HASHES_MAX + 1)),
        ("index 3\n", "index 3\né\n"),
        ("index 3\n", "index 3\n\n"),
        ("index 3\n", "index 3\n" + "A" * 600_000),
    ],
)
def test_what_is_no_receipt_is_refused(part: str, other: str) -> None:
    """Another version, another base64, another index, hashes of another length or too many: refused; so is a line left out or added."""
    raw = receipt().to_bytes().decode().replace(part, other, 1).encode()
    assert code_of(lambda: check_receipt(read_receipt(raw), LEAVES[3], CITY.verifier)) in (
        "malformed-receipt",
        "wrong-origin",
        "wrong-signature",
    )


@given(st.integers(0, len(receipt().to_bytes()) * 8 - 1))
def test_a_flipped_bit_of_a_receipt_proves_nothing_else(bit: int) -> None:
    """Given a receipt, when any bit is flipped, then it is refused, or what it proves is the same: another key's signature was flipped."""
    raw = bytearray(receipt().to_bytes())
    raw[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(ProofError):
        read = read_receipt(bytes(raw))
        assert read.extra is not None
        signed = check_receipt(read, leaf_hash(read.extra), CITY.verifier)
        assert (read.index, read.extra, signed.note.text) == (3, b"3", receipt().note.text)


@given(st.binary(max_size=200) | st.tuples(st.integers(0, 900), st.integers(0, 900), st.binary(max_size=20)))
def test_no_parser_fails_otherwise_than_with_a_code(garbled: bytes | tuple[int, int, bytes]) -> None:
    """Any bytes, and any note, checkpoint or receipt with a part cut out and bytes put in, are read as they stand or refused with a code."""
    for whole in (receipt().to_bytes(), SOFA, POEM):
        raw = garbled if isinstance(garbled, bytes) else whole[: garbled[0]] + garbled[2] + whole[garbled[0] + garbled[1] :]
        for read in (read_note, read_receipt):
            with contextlib.suppress(ProofError):
                assert read(raw).to_bytes() == raw
        with contextlib.suppress(ProofError):
            assert read_checkpoint(raw).to_text() == raw
        for read_key in (read_verifier, read_signer):
            with contextlib.suppress(ProofError):
                assert read_key(raw.decode("latin-1")).to_text().encode("latin-1") == raw
