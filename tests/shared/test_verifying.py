"""Verifying a whole log from outside: what was signed is accepted, and whatever else it is made of is found out, with its place."""

import random
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import events as e
from shared.envelope import Stamp, encode, leaf_hash, make_entry, read_entry
from shared.proof.checkpoint import Checkpoint
from shared.proof.errors import ProofError
from shared.proof.merkle import EMPTY_ROOT
from shared.proof.note import sign_note
from shared.proof.tile import WIDTH
from shared.verifying import FAULTS_MAX, Fault, Known, Verified, read_known, verify_log
from tests.builders import make_event
from tests.signed_logs import OTHER, SIGNER, Files, city, entry, files


def verified(made: Files, known: Known | None = None) -> Verified:
    """Verifies a log that lies in files."""
    return verify_log(made.get, SIGNER.verifier, known)


def faults(found: Verified) -> list[tuple[str, str]]:
    """Returns places and codes of what is wrong."""
    assert (found.known is None) == bool(found.faults)
    return [(fault.place, fault.code) for fault in found.faults]


def known_at(size: int) -> Known:
    """Returns what a verification of so many entries keeps, out of its file."""
    known = verified(files(city(size))).known
    assert known is not None
    return read_known(known.to_bytes(), SIGNER.verifier)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_a_log_as_it_was_signed_is_accepted(size: int) -> None:
    """Given a log of any size, then all its entries are accepted, and progress is told up to the last."""
    told: list[tuple[int, int]] = []
    found = verify_log(files(city(size)).get, SIGNER.verifier, tell=lambda done, of: told.append((done, of)))
    assert faults(found) == []
    assert (found.entries, found.checkpoint and found.checkpoint.size) == (size, size)
    assert told[-1:] == ([(size, size)] if size else [])


@pytest.mark.parametrize(("before", "after"), [(0, 700), (1, 2), (250, 700), (256, 512), (300, 300), (600, 700)])
def test_a_later_verification_goes_on_from_an_earlier_one(before: int, after: int) -> None:
    """Given what was verified before, then only what is new is read, and the same is known in the end as if all had been."""
    read: list[str] = []

    def reading(path: str) -> bytes | None:
        read.append(path)
        return made.get(path)

    made = files(city(after))
    found = verify_log(reading, SIGNER.verifier, known_at(before))
    assert faults(found) == []
    assert found.entries == after - before
    assert found.known is not None
    assert found.known.to_bytes() == known_at(after).to_bytes()
    assert "tile/entries/000" not in read or before < WIDTH


def rewritten(entries: list[bytes], place: int, change: Callable[[dict[str, Any]], None]) -> list[bytes]:
    """Returns the entries with one of them changed."""
    tree = orjson.loads(entries[place])
    change(tree)
    return [*entries[:place], orjson.dumps(tree, option=orjson.OPT_SORT_KEYS), *entries[place + 1 :]]


def renumber(entries: list[bytes]) -> list[bytes]:
    """Returns entries with positions counted anew, as somebody would who hides what was taken out."""
    found = [read_entry(each) for each in entries]
    return [make_entry(one.event_raw, one.stamp._replace(position=place)).raw for place, one in enumerate(found, 1)]


TRICKS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], list[tuple[str, str]]]] = {
    "deleted": (
        lambda all_: all_[:99] + all_[100:],
        [("position 100", "position-broken"), ("position 106", "sequence-broken"), ("position 106", "number-broken")],
    ),
    "deleted and renumbered": (
        lambda all_: renumber(all_[:99] + all_[100:]),
        [("position 106", "sequence-broken"), ("position 106", "number-broken")],
    ),
    "doubled": (
        lambda all_: all_[:100] + all_[99:],
        [("position 101", "position-broken"), ("position 101", "sequence-broken"), ("position 101", "number-broken")],
    ),
    "back-dated": (
        lambda all_: rewritten(all_, 99, lambda tree: tree["ledger"].update(recordedtime="2026-11-24T01:00:01.000000Z")),
        [("position 100", "time-broken")],
    ),
    "renamed": (
        lambda all_: rewritten(all_, 99, lambda tree: tree["event"].update(id="sender:s1/ledger/x")),
        [("position 100", "wrong-event-id"), ("position 107", "number-broken")],
    ),
    "written otherwise": (
        lambda all_: [*all_[:99], all_[99].replace(b'"specversion":"1.0"', b'"specversion": "1.0"'), *all_[100:]],
        [("position 100", "not-canonical")],
    ),
    "no entry": (
        lambda all_: [*all_[:99], b"{}", *all_[100:]],
        [("position 100", "not-an-entry"), ("position 107", "sequence-broken"), ("position 107", "number-broken")],
    ),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_entries_that_do_not_follow_are_found_even_where_they_are_signed(trick: str) -> None:
    """Given a log whose owner took out, doubled, back-dated or rewrote an entry and signed it all, then the place is told, once."""
    change, expected = TRICKS[trick]
    assert faults(verified(files(change(list(city(300)))))) == expected


def test_swapped_entries_are_found() -> None:
    """Two entries of different subjects in the other order break the positions, though each subject's own sequence is whole."""
    swapped = list(city(300))
    swapped[98], swapped[99] = swapped[99], swapped[98]
    assert {code for _, code in faults(verified(files(swapped)))} == {"position-broken"}


def test_a_rewritten_past_is_found_from_the_last_verified_checkpoint() -> None:
    """Given a log that its owner rewrote wholly, well numbered and well signed, then an earlier verification's file finds it out."""
    known = known_at(300)
    changed = [*city(10)[:9], entry(10, 9, 1, 1, 0).raw, *(entry(n + 1, 20 + n, 1, 1, n // 10).raw for n in range(10, 400))]
    assert faults(verified(files(changed))) == []
    assert ("checkpoint", "wrong-root") in faults(verified(files(changed), known))
    assert faults(verified(files(city(200)), known_at(300))) == [("checkpoint", "rolled-back")]
    altered = [*city(280), entry(281, 50, 1, 1, 30).raw, *city(400)[281:]]
    assert faults(verified(files(altered), known_at(300)))[0] == ("position 281", "altered-since")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_random_mutations_are_found_from_the_last_verified_checkpoint(seed: int) -> None:
    """Given any change to the entries up to the last verified checkpoint, signed anew by the log's own key, then it is found."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    all_ = list(city(330))
    one, two = dice.randrange(300), dice.randrange(300)
    kind = dice.choice(["delete", "swap", "repeat", "alter", "cut"])
    if kind == "delete":
        all_ = renumber(all_[:one] + all_[one + 1 :])
    elif kind == "swap" and one != two:
        all_[one], all_[two] = all_[two], all_[one]
        all_ = renumber(all_)
    elif kind == "repeat":
        all_ = renumber([*all_[: one + 1], *all_[one:]])
    elif kind == "alter":
        all_ = rewritten(all_, one, lambda tree: tree["event"]["data"].update(agencies=["dpmptsp"]))
    else:
        all_ = all_[:one]
    changed = all_ != list(city(330))
    assert bool(faults(verified(files(all_), known_at(300)))) == changed


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_a_changed_byte_of_any_file_is_found(seed: int) -> None:
    """Given a log's files, when a byte is changed, cut off or added in any of them, then it is not accepted."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    made = files(city(300))
    path = dice.choice(sorted(made))
    raw, place = bytearray(made[path]), dice.randrange(len(made[path]))
    kind = dice.choice(["flip", "cut", "add"])
    if kind == "flip":
        raw[place] ^= 1 << dice.randrange(8)
    elif kind == "cut":
        del raw[place]
    else:
        raw.insert(place, dice.randrange(256))
    altered = bytes(raw)
    assert faults(verified(made | {path: altered})) or altered == made[path]


def test_where_the_bytes_and_the_tree_differ_is_told() -> None:
    """Given files that were changed, then the position or the file is told; what cannot be read ends the verification."""
    made = files(city(600))
    one = made["tile/entries/000"].replace(b'"sequence":5}', b'"sequence":6}', 1)
    assert faults(verified(made | {"tile/entries/000": one})) == [
        ("position 29", "sequence-broken"),
        ("position 36", "sequence-broken"),
        ("position 29", "altered"),
    ]
    hashed = made["tile/0/000"].replace(leaf_hash(city(600)[7]), bytes(32))
    assert faults(verified(made | {"tile/0/000": hashed})) == [
        ("position 8", "altered"),
        ("tile/1/000.p/2", "wrong-tile"),
        ("checkpoint", "wrong-root"),
    ]
    assert ("tile/1/000.p/2", "wrong-tile") in faults(verified(made | {"tile/1/000.p/2": bytes(64)}))
    assert faults(verified({path: data for path, data in made.items() if path != "tile/0/001"})) == [("tile/0/001", "missing")]
    lost = {path: data for path, data in made.items() if not path.endswith("/001")}
    assert faults(verified(lost)) == [("tile/0/001", "missing"), ("tile/entries/001", "missing"), ("tile/entries/001", "unreadable")]
    without = {path: data for path, data in made.items() if path != "tile/entries/001"}
    assert faults(verified(without))[0] == ("tile/entries/001", "missing")
    assert all(code != "wrong-root" for _, code in faults(verified(without)))


def test_a_partial_file_is_also_found_in_the_full_one() -> None:
    """Given a log that has grown since its checkpoint, so that what was partial is only there in full, then it is accepted."""
    older, newer = files(city(300)), files(city(600))
    assert faults(verified({**newer, "checkpoint": older["checkpoint"], "tile/1/000.p/1": older["tile/1/000.p/1"]})) == []


@pytest.mark.parametrize(
    ("checkpoint", "code"),
    [
        (None, "missing"),
        (b"", "malformed-note"),
        (sign_note(b"kota/ledger\n", SIGNER).to_bytes(), "malformed-checkpoint"),
        (files(city(5), OTHER)["checkpoint"], "unknown-signer"),
        (sign_note(Checkpoint("kota/lain", 0, EMPTY_ROOT).to_text(), SIGNER).to_bytes(), "wrong-origin"),
    ],
)
def test_a_checkpoint_that_is_none_is_told(checkpoint: bytes | None, code: str) -> None:
    """Without a checkpoint of the log's own key nothing else is looked at."""
    made = files(city(5))
    found = verified(
        {path: data for path, data in made.items() if path != "checkpoint"} | ({"checkpoint": checkpoint} if checkpoint is not None else {})
    )
    assert faults(found) == [("checkpoint", code)]
    assert found.checkpoint is None


def test_a_number_that_was_given_up_leaves_no_gap() -> None:
    """Given a sender's number that the ledger gave up, then the next one of that sender follows; without it there is a gap."""
    skip = make_event(e.NumberSkipped(sender="intake", number=1, reason="never-arrives"), subject="sender:s0", sender="ledger", number=1)
    later = make_event(e.SenderRevoked(name="s0"), subject="sender:s0", sender="intake", number=2)
    stamp = Stamp(1, 1, "2026-11-24T01:00:00.000000Z")
    skipped = [make_entry(encode(skip), stamp).raw, make_entry(encode(later), stamp._replace(position=2, sequence=2)).raw]
    assert faults(verified(files(skipped))) == []
    assert faults(verified(files([make_entry(encode(later), stamp).raw]))) == [("position 1", "number-broken")]


def test_the_faults_are_bounded() -> None:
    """Given a log in which nothing is right, then the first faults are told and all are counted."""
    found = verified(files([b"{}"] * 500))
    assert (len(found.faults), found.faults_count) == (FAULTS_MAX, 500)
    assert found.faults[0] == Fault("position 1", "not-an-entry", "these bytes are no entry (ContractError)")


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"levels": []}, {"levels": [["zz"]]}, {"checkpoint": 5}, {"subjects": [1]}, {"position": None}]
)
def test_a_file_of_an_earlier_verification_must_agree_with_itself(change: dict[str, Any]) -> None:
    """A file of another version, with another tree, or that is none is refused."""
    raw = orjson.dumps({**orjson.loads(known_at(10).to_bytes()), **change})
    with pytest.raises(ProofError, match="malformed-state"):
        read_known(raw, SIGNER.verifier)
    with pytest.raises(ProofError):
        read_known(b"[]", SIGNER.verifier)
