"""The golden files: bytes that a ledger may hold, read and hashed the same for ever."""

from pathlib import Path

import orjson
import pytest

from shared import events as e
from shared.city import published_sop
from shared.envelope import DATA_CLASSES, decode, encode, event_digest, leaf_hash, read_entry
from shared.upcast import UPCASTERS, upcast
from tests.golden import renew

FILES = sorted(renew.EVENTS.glob("*.json"))
HASHES = orjson.loads(renew.LEAF_HASHES.read_bytes())


def name_of(path: Path) -> str:
    """Returns the type that a golden file is named after."""
    return path.name.removesuffix(".json")


def test_every_event_version_has_a_golden_file() -> None:
    """A new event class without a golden file fails here, and no golden file stays behind without its class."""
    assert {name_of(path) for path in FILES} == set(DATA_CLASSES), "run: python -m tests.golden.renew"


def test_every_golden_file_has_its_leaf_hashes() -> None:
    """The leaf hashes are pinned for exactly the golden files."""
    assert set(HASHES) == {name_of(path) for path in FILES}, "run: python -m tests.golden.renew"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_golden_bytes_are_read_and_written_the_same(path: Path) -> None:
    """Decoding golden bytes gives the event they are named after, and encoding it gives the same bytes."""
    raw = path.read_bytes()
    event = decode(raw)
    assert (event.type, type(event.data)) == (name_of(path), DATA_CLASSES[name_of(path)])
    assert encode(event) == raw


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_leaf_hashes_are_pinned(path: Path) -> None:
    """The entries made of golden bytes, standing and refused, have the leaf hashes on file and are read back unchanged."""
    raw = path.read_bytes()
    lines = renew.entries(raw)
    assert [leaf_hash(line).hex() for line in lines] == HASHES[name_of(path)]
    for line, stamp in zip(lines, (renew.STAMP, renew.REFUSED_STAMP), strict=True):
        entry = read_entry(line)
        assert (entry.raw, entry.event_raw, entry.stamp, entry.event) == (line, raw, stamp, decode(raw))
        assert entry.subject == entry.event.subject


@pytest.mark.parametrize("event", renew.examples(), ids=lambda event: event.type)
def test_examples_still_make_the_golden_bytes(event: e.AnyEvent) -> None:
    """The models write the golden bytes from the same values; a renamed field would show here."""
    golden = orjson.loads((renew.EVENTS / f"{event.type}.json").read_bytes())
    fresh = orjson.loads(encode(event))
    if isinstance(event.data, e.SopPublishedV1 | e.SopPublished | e.SopDrafted):
        # The shipped SOP may be edited; what was published once stays as it was.
        fresh["data"] |= {"content": golden["data"]["content"], "digest": golden["data"]["digest"]}
    assert fresh == golden


def test_a_published_sop_is_readable_for_ever() -> None:
    """The SOP inside the golden publication still agrees with its digest and its name."""
    event = decode((renew.EVENTS / f"{e.SopPublished.type_name()}.json").read_bytes())
    assert isinstance(event.data, e.SopPublished)
    sop = published_sop(event.data)
    assert sop is not None
    assert sop.name == event.data.sop


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_golden_events_rise_to_the_newest_version(path: Path) -> None:
    """Every golden event, of any age, has a newest form that no upcaster changes, with the same id, subject and digest of its bytes."""
    raw = path.read_bytes()
    event = decode(raw)
    newest = upcast(event)
    assert type(newest.data) not in UPCASTERS
    assert newest.data.NAME == event.data.NAME
    assert (newest.id, newest.subject, newest.time, newest.basis) == (event.id, event.subject, event.time, event.basis)
    assert decode(encode(newest)) == newest
    assert event_digest(raw) == event_digest(encode(event))
