"""Our bytes are CloudEvents 1.0 in structured mode for the official Python library."""

from pathlib import Path

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given

from shared.envelope import encode
from shared.events import AnyEvent
from shared.fields import to_instant
from tests.golden import renew
from tests.strategies import QUICK, events

STRUCTURED = {"content-type": b"application/cloudevents+json"}


def read_by_the_official_library(raw: bytes) -> dict[str, object]:
    """Returns the attributes and the data of an event as it came over Kafka."""
    event = from_kafka(KafkaMessage(headers=STRUCTURED, key=None, value=raw), JSONFormat())
    return {**event.get_attributes(), "data": event.get_data()}


def expected(raw: bytes) -> dict[str, object]:
    """Returns what the bytes say, the time as an instant."""
    tree: dict[str, object] = orjson.loads(raw)
    return {**tree, "time": to_instant(str(tree["time"]))}


@pytest.mark.parametrize("path", sorted(renew.EVENTS.glob("*.json")), ids=lambda path: path.name)
def test_golden_events_are_cloudevents(path: Path) -> None:
    """The official library reads every golden file as a valid CloudEvent with the same attributes and data."""
    raw = path.read_bytes()
    assert read_by_the_official_library(raw) == expected(raw)


@QUICK
@given(events())
def test_any_event_is_a_cloudevent(event: AnyEvent) -> None:
    """The official library finds every attribute name and value valid, whatever the event."""
    raw = encode(event)
    assert read_by_the_official_library(raw) == expected(raw)
