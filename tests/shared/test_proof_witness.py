"""What a witness signs and refuses: the statuses of C2SP, forks kept as evidence, never backwards, and no bytes that break it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kit.witness_folder import WitnessError, WitnessFolder, follow, new_key
from shared.proof.checkpoint import Checkpoint, open_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import WITNESS, SignerKey, make_signer
from shared.proof.merkle import consistency_proof, range_root
from shared.proof.note import Note, sign_note
from shared.proof.strict import to_base64
from shared.proof.tile import node_of
from shared.proof.witness import (
    PROOF_HASHES_MAX,
    REQUEST_BYTES_MAX,
    Cosigned,
    Refused,
    Request,
    Witnesses,
    read_answer,
    read_request,
    read_size,
    witness,
)

LOG = make_signer("kota/ledger", b"s" * 32)
OTHER_KEY = make_signer("kota/ledger", b"o" * 32)
ME = make_signer("kampus/saksi", b"w" * 32, WITNESS)
THEM = make_signer("pers/saksi", b"p" * 32, WITNESS)
LOGS = {LOG.name: LOG.verifier}
LEAVES_MAX = 200
Leaves = Sequence[bytes]


def leaves(count: int, fork_at: int = LEAVES_MAX) -> Leaves:
    """Returns the leaf hashes of a log, with others from `fork_at` on."""
    return [bytes([number, number >= fork_at]) + b"l" * 30 for number in range(count)]


def note(grown: Leaves, signer: SignerKey = LOG, name: str = LOG.name) -> Note:
    """Returns the signed checkpoint of a log."""
    size = len(grown)
    return sign_note(Checkpoint(name, size, range_root(node_of(lambda _: list(grown), size), 0, size)).to_text(), signer)


def request(old: int, grown: Leaves) -> bytes:
    """Returns what a log sends: its checkpoint, and how it has grown from a size."""
    proof = consistency_proof(node_of(lambda _: list(grown), len(grown)), old, len(grown)) if 0 < old < len(grown) else ()
    return Request(old, proof, note(grown)).to_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a witness that follows the log."""
    new_key(tmp_path / "w", "kampus/saksi")
    follow(tmp_path / "w", LOG.verifier.to_text())
    return tmp_path / "w"


def refusal(opened: WitnessFolder, raw: bytes, seconds: int = 100) -> tuple[int, str, int | None]:
    """Returns with which status, code and size a witness refuses."""
    with pytest.raises(Refused) as found:
        opened.add_checkpoint(raw, lambda: seconds)
    return found.value.status, found.value.code, found.value.size


def test_it_signs_what_has_grown_and_remembers_it_after_a_restart(folder: Path) -> None:
    """Given a log that grows, then each checkpoint is signed with its time, again too, and a restarted witness goes on where it was."""
    opened = WitnessFolder(folder)
    for old, size, seconds in ((0, 3, 100), (3, 3, 101), (3, 64, 105)):
        line = opened.add_checkpoint(request(old, leaves(size)), lambda now=seconds: now)  # type: ignore[misc]
        signature = read_answer(line.encode(), note(leaves(size)), opened.signer.verifier)
        assert int.from_bytes(signature.value[:8], "big") == seconds
        kept = (folder / "logs/kota%2Fledger.checkpoint").read_bytes()
        assert open_checkpoint(kept, LOG.verifier, [opened.signer.verifier]).checkpoint.size == size
    opened.close()
    again = WitnessFolder(folder)
    assert [(key, held.checkpoint.size if held else None) for key, held in again.followed()] == [(LOG.verifier, 64)]
    assert refusal(again, request(0, leaves(70))) == (409, "other-size", 64)
    again.add_checkpoint(request(64, leaves(70)), lambda: 106)
    again.close()


def test_it_refuses_with_the_statuses_of_the_protocol(folder: Path) -> None:
    """Given a checkpoint of 20 signed, then each wrong request has its status, nothing of it is signed, and what is held stays."""
    opened = WitnessFolder(folder)
    opened.add_checkpoint(request(0, leaves(20)), lambda: 100)
    held = opened.followed()
    foreign = make_signer("desa/ledger", b"f" * 32)
    for raw, expected in (
        (b"", (400, "malformed-request", None)),
        (request(30, leaves(25)), (400, "old-after-new", None)),
        (Request(20, (), note(leaves(25), OTHER_KEY)).to_bytes(), (403, "unknown-signer", None)),
        (request(20, leaves(25)).replace(to_base64(LOG.verifier.id).encode()[:5], b"AAAAA"), (403, "unknown-signer", None)),
        (Request(0, (), note(leaves(25), foreign, foreign.name)).to_bytes(), (404, "unknown-log", None)),
        (request(10, leaves(25)), (409, "other-size", 20)),
        (request(10, leaves(15)), (409, "other-size", 20)),
        (request(0, leaves(15)), (409, "other-size", 20)),
        (Request(20, (), note(leaves(25))).to_bytes(), (422, "wrong-proof", None)),
        (Request(20, (b"x" * 32,), note(leaves(20))).to_bytes(), (422, "wrong-proof", None)),
    ):
        assert refusal(opened, raw) == expected
    assert opened.followed() == held
    opened.close()


def test_both_sides_of_a_fork_are_kept(folder: Path) -> None:
    """Given a signed tree, when the log signs another of the same size or a larger one, then it is refused, and both signed notes are there."""
    opened = WitnessFolder(folder)
    opened.add_checkpoint(request(0, leaves(20)), lambda: 100)
    same, larger = leaves(20, fork_at=5), leaves(33, fork_at=5)
    assert refusal(opened, request(20, same)) == (409, "forked", 20)
    assert refusal(opened, request(0, same)) == (409, "forked", 20)
    assert refusal(opened, request(20, larger)) == (422, "wrong-proof", None)
    evidence = sorted((folder / "logs/kota%2Fledger.evidence").iterdir())
    assert [(file.name.rsplit("-", 1)[0], file.suffix) for file in evidence] == [
        ("forked", ".held"),
        ("forked", ".refused"),
        ("wrong-proof", ".held"),
        ("wrong-proof", ".refused"),
    ]
    roots = [open_checkpoint(file.read_bytes(), LOG.verifier).checkpoint for file in evidence]
    assert [each.size for each in roots] == [20, 20, 20, 33]
    assert roots[0].root != roots[1].root
    opened.close()


def test_of_a_hundred_split_views_none_is_signed(folder: Path) -> None:
    """Given a signed tree, when a hundred other pasts are signed by the log with their own proofs, then none is cosigned."""
    opened = WitnessFolder(folder)
    opened.add_checkpoint(request(0, leaves(120)), lambda: 100)
    statuses = [refusal(opened, request(120, leaves(100 + number, fork_at=number)))[0] for number in range(1, 101)]
    assert sorted(set(statuses)) == [400, 409, 422]
    assert [held.checkpoint.size for _, held in opened.followed() if held] == [120]
    opened.close()


def test_it_signs_nothing_backwards_in_time(folder: Path) -> None:
    """Given a signature at a time, when the clock is behind it, then nothing is signed until it is there again."""
    opened = WitnessFolder(folder)
    opened.add_checkpoint(request(0, leaves(3)), lambda: 100)
    assert refusal(opened, request(3, leaves(4)), 99) == (503, "clock-behind", None)
    opened.add_checkpoint(request(3, leaves(4)), lambda: 100)
    opened.close()


def test_what_cannot_be_kept_is_not_signed(folder: Path) -> None:
    """Given a folder that cannot be written, when a checkpoint comes, then there is no signature, and later it is signed as if it were new."""
    opened = WitnessFolder(folder)
    blocked = folder / "logs/.kota%2Fledger.checkpoint.part"
    blocked.mkdir()
    with pytest.raises(OSError, match="part"):
        opened.add_checkpoint(request(0, leaves(3)), lambda: 100)
    assert [held for _, held in opened.followed()] == [None]
    blocked.rmdir()
    opened.add_checkpoint(request(0, leaves(4)), lambda: 100)
    opened.close()


def test_a_witness_that_may_have_forgotten_does_not_start(folder: Path, tmp_path: Path) -> None:
    """A second process, a damaged checkpoint, another's checkpoint, a log's key and no folder are each refused with a sentence."""
    opened = WitnessFolder(folder)
    opened.add_checkpoint(request(0, leaves(3)), lambda: 100)
    with pytest.raises(WitnessError, match="runs already"):
        WitnessFolder(folder)
    opened.close()
    kept = folder / "logs/kota%2Fledger.checkpoint"
    for content in (b"", kept.read_bytes()[:-9], note(leaves(3)).to_bytes()):
        kept.write_bytes(content)
        with pytest.raises(WitnessError, match="a rollback goes unseen"):
            WitnessFolder(folder)
    for act, what in (
        (lambda: new_key(folder, "kampus/saksi"), "there already"),
        (lambda: new_key(tmp_path / "x", "two words"), "cannot name a witness"),
        (lambda: follow(folder, ME.verifier.to_text()), "not the public key of a log"),
        (lambda: follow(folder, OTHER_KEY.verifier.to_text()), "Another key"),
        (lambda: WitnessFolder(tmp_path / "nowhere"), "There is no witness"),
    ):
        with pytest.raises(WitnessError, match=what):
            act()
    (folder / "witness.key").write_text(LOG.to_text(), encoding="ascii")
    with pytest.raises(WitnessError, match="a log's key"):
        WitnessFolder(folder)


REQUESTS = st.binary(max_size=300) | st.text(max_size=300).map(str.encode)


def decided(raw: bytes) -> Cosigned | Refused:
    """Returns what a witness that has signed nothing yet decides."""
    try:
        return witness(raw, LOGS, {}, ME, 100)
    except Refused as refused:
        return refused


@settings(max_examples=300)
@given(REQUESTS, st.integers(0, 600), st.integers(0, 255))
def test_no_bytes_break_a_witness(noise: bytes, place: int, byte: int) -> None:
    """Whatever arrives, then a witness signs it as it is or refuses it with a code; one changed byte of a request is never signed as another tree."""
    valid = request(0, leaves(9))
    changed = valid[: place % len(valid)] + bytes([byte]) + valid[place % len(valid) + 1 :]
    for raw in (noise, valid[:place] + noise, changed, noise + valid):
        found = decided(raw)
        if isinstance(found, Refused):
            assert found.status in (400, 403, 404, 409, 422)
        else:
            assert found.held.note.text == note(leaves(9)).text
            assert len(found.held.note.signatures) == 2


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=PROOF_HASHES_MAX))
def test_requests_have_one_spelling(old: int, hashes: list[bytes]) -> None:
    """A request that is written is read as the same, and writing it again gives the same bytes."""
    made = Request(old, tuple(hashes), note(leaves(5)))
    assert read_request(made.to_bytes()) == made


@pytest.mark.parametrize(
    "raw",
    [
        b"old 01\n\n",
        b"old -1\n\n",
        b"old  1\n\n",
        b"old 1\r\n\n",
        b"Old 1\n\n",
        b"old 9223372036854775808\n\n",
        b"old 1\nAAAA\n\n",
        b"old 1\n" + f"{to_base64(bytes(32))}\n".encode() * 64 + b"\n",
        b"old 1\n" + b"x" * REQUEST_BYTES_MAX,
        "old \u0661\n\n".encode(),
    ],
)
def test_other_spellings_are_refused(raw: bytes) -> None:
    """Leading zeros, signs, spaces, other digits, short or too many hashes and too many bytes are refused."""
    with pytest.raises(ProofError, match="malformed-request"):
        read_request(raw + note(leaves(5)).to_bytes())


def test_an_answer_counts_only_with_the_witness_own_signature() -> None:
    """Given a checkpoint, then another witness's line, another tree's, a size and noise are no signature of this witness."""
    mine = witness(request(0, leaves(9)), LOGS, {}, ME, 100).line
    theirs = witness(request(0, leaves(9)), LOGS, {}, THEM, 100).line
    other_tree = witness(request(0, leaves(8)), LOGS, {}, ME, 100).line
    assert read_answer((theirs + other_tree + mine).encode(), note(leaves(9)), ME.verifier).name == ME.name
    for raw in (b"", b"\n", b"12\n", theirs.encode(), other_tree.encode(), mine.encode()[:-1], b"\xff\n", mine.encode() + b"\n"):
        with pytest.raises(ProofError):
            read_answer(raw, note(leaves(9)), ME.verifier)
    assert read_size(b"20\n") == 20
    for raw in (b"20", b"020\n", b"-1\n", b"\n", b"99999999999999999999\n", b"\xff\n"):
        with pytest.raises(ProofError, match="malformed-size"):
            read_size(raw)


def test_a_quorum_counts_keys_and_not_names() -> None:
    """Given a checkpoint with two witnesses' signatures, then as many as are asked for must be there, and one key under two names is one."""
    first = witness(request(0, leaves(9)), LOGS, {}, ME, 100).held.note
    both = first._replace(signatures=(*first.signatures, witness(request(0, leaves(9)), LOGS, {}, THEM, 100).held.note.signatures[-1]))
    keys = (ME.verifier, THEM.verifier)
    assert Witnesses(keys, 2).check(both.to_bytes(), LOG.verifier).witnesses == keys
    with pytest.raises(ProofError, match="few-witnesses"):
        Witnesses(keys, 2).check(first.to_bytes(), LOG.verifier)
    alias = make_signer("lain/saksi", ME.seed, WITNESS)
    twice = first._replace(signatures=(*first.signatures, witness(request(0, leaves(9)), LOGS, {}, alias, 100).held.note.signatures[-1]))
    with pytest.raises(ProofError, match="few-witnesses"):
        Witnesses((ME.verifier, alias.verifier), 2).check(twice.to_bytes(), LOG.verifier)
