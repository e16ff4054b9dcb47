"""What the ledger has judged is read faster and means the same."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import events as e
from shared.envelope import ContractError, Stamp, canonical, decode, encode, make_entry, read_entry
from tests.builders import make_event
from tests.strategies import DATA, QUICK, events

STAMP = Stamp(7, 3, "2026-11-24T01:02:03.000004Z")


def judged(raw: bytes) -> e.AnyEvent:
    """Returns an event as every reader of the ledger reads it."""
    return read_entry(make_entry(raw, STAMP).raw).event


@pytest.mark.parametrize("data", e.EVENTS, ids=lambda data: data.__name__)
@settings(QUICK, max_examples=12)
@given(draw=st.data())
def test_a_judged_event_is_the_event(data: type[e.Data], draw: st.DataObject) -> None:
    """Of every class, what is read from an entry equals what the strict door has read, part by part, and gives the same bytes."""
    raw = encode(draw.draw(events(DATA[data])))
    strict, fast = decode(raw), judged(raw)
    assert fast == strict
    assert (type(fast), type(fast.data), repr(fast)) == (type(strict), type(strict.data), repr(strict))
    assert encode(fast) == raw


@pytest.mark.parametrize(
    ("name", "value"),
    [("basis", "11"), ("basis", 1.5), ("role", None), ("data", []), ("data", {}), ("nik", "6271"), ("specversion", "0.3"), ("source", 5)],
)
def test_another_shape_is_still_no_event(name: str, value: object) -> None:
    """An entry whose event has another shape or other types is not read, judged or not."""
    raw = canonical({**orjson.loads(encode(make_event(e.ApplicationWithdrawn(reason="batal")))), name: value})
    with pytest.raises(ContractError, match="invalid-event"):
        judged(raw)
