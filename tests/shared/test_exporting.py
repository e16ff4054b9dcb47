"""What leaves the ledger for process mining: XES that reads back the same, and OCEL 2.0 whose every reference is there."""

import io

import jsonschema
import orjson
from hypothesis import given
from hypothesis import strategies as st

from shared import exporting
from shared.events import LegacyRecorded
from shared.fields import to_timestamp
from shared.xes import read_log
from tests.builders import CODE, MONDAY_MORNING, REKLAME, History, make_event, make_line
from tests.strategies import QUICK
from tests.walks import walks

# The shape that the OCEL 2.0 specification gives its JSON form (Berti et al. 2024, section 7.2); written down here from its text.
NAMED = {"type": "object", "required": ["name", "attributes"], "properties": {"name": {"type": "string"}, "attributes": {"type": "array"}}}
RELATED = {"type": "array", "items": {"type": "object", "required": ["objectId", "qualifier"]}}
OCEL = {
    "type": "object",
    "required": ["objectTypes", "eventTypes", "objects", "events"],
    "additionalProperties": False,
    "properties": {
        "objectTypes": {"type": "array", "items": NAMED},
        "eventTypes": {"type": "array", "items": NAMED},
        "objects": {"type": "array", "items": {"type": "object", "required": ["id", "type"], "properties": {"relationships": RELATED}}},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "time"],
                "properties": {
                    "id": {"type": "string"},
                    "time": {"type": "string", "format": "date-time"},
                    "attributes": {"type": "array", "items": {"type": "object", "required": ["name", "value"]}},
                    "relationships": RELATED,
                },
            },
        },
    },
}


def legacy(activity: str, performer: str = "resource21") -> LegacyRecorded:
    """Returns an event of another system's history."""
    happened = to_timestamp(MONDAY_MORNING)
    return LegacyRecorded(
        log="0" * 64,
        case_index=0,
        event_index=0,
        events_total=1,
        activity=activity,
        lifecycle="complete",
        happened_at=happened,
        performer=performer,
        channel="web",
    )


@QUICK
@given(walks())
def test_an_xes_log_reads_back_the_same(history: History) -> None:
    """Given any history, then what the project's own reader finds in the log are the entries that stand, in their order."""
    log = read_log(io.BytesIO(b"".join(exporting.xes([(CODE, history.entries)]))))
    standing = [entry for entry in history.entries if not entry.stamp.refused]
    (case,) = log.cases
    assert case.name == CODE
    assert [event.time for event in case.events] == [entry.recorded for entry in standing]
    assert [event.activity.split()[0] for event in case.events] == [entry.event.data.NAME for entry in standing]
    assert [event.resource for event in case.events] == [entry.event.authid for entry in standing]
    assert [event.attributes["jejak:sequence"] for event in case.events] == [str(entry.stamp.sequence) for entry in standing]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Cs")), min_size=1, max_size=40))
def test_any_activity_of_another_system_is_written_safely(activity: str) -> None:
    """Given quotes, brackets and any other letters in an activity's name, then the log reads back with the very name."""
    subject = "legacy:lama/kasus-1"
    line = make_line(make_event(legacy(activity), subject=subject))
    (case,) = read_log(io.BytesIO(b"".join(exporting.xes([(subject, [line])])))).cases
    assert (case.name, case.events[0].activity, case.events[0].resource) == (subject, activity, "resource21")


@QUICK
@given(walks())
def test_an_ocel_log_has_the_shape_and_every_object(history: History) -> None:
    """Given any history, then the log has the shape of OCEL 2.0, and every reference and type that it names is there once."""
    log = orjson.loads(b"".join(exporting.ocel(history.entries)))
    jsonschema.validate(log, OCEL)
    objects = [item["id"] for item in log["objects"]]
    assert len(objects) == len(set(objects))
    assert {item["objectId"] for event in log["events"] for item in event["relationships"]} == set(objects)
    assert {item["type"] for item in log["objects"]} <= {item["name"] for item in log["objectTypes"]}
    assert {event["type"] for event in log["events"]} == {item["name"] for item in log["eventTypes"]}
    assert len(log["events"]) == sum(not entry.stamp.refused for entry in history.entries)


def test_a_paid_permit_has_its_charge_and_permit() -> None:
    """Given an application with a levy, then its charge is one object for who assessed it and who paid it, and its permit is one."""
    log = orjson.loads(b"".join(exporting.ocel(History(REKLAME).begin().finish().entries)))
    kinds = [item["type"] for item in log["objects"]]
    assert (kinds.count("application"), kinds.count("permit")) == (1, 1)
    paid = {rel["objectId"] for event in log["events"] if event["type"].startswith("payment") for rel in event["relationships"]}
    assert paid & {item["id"] for item in log["objects"] if item["type"] == "charge"}
