"""The field types: one spelling of every value, no other script's digits, no float, no null."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared import events as e
from shared import fields
from shared.envelope import ContractError, canonical, decode, encode
from shared.fields import INTEGER_MAX, JSON_DEPTH_MAX, is_subject, to_instant, to_timestamp
from tests.builders import CODE, make_event
from tests.golden.renew import examples
from tests.strategies import QUICK, codes, json_trees

EXAMPLES = {event.type: event for event in examples()}
OPTIONAL_ATTRIBUTES = [name for name, field in e.Event.model_fields.items() if not field.is_required()]
OPTIONAL_DATA = [(data, name) for data in e.EVENTS for name, field in data.model_fields.items() if not field.is_required()]
ALL_FIELDS = [(data, name) for data in e.EVENTS for name in data.model_fields]


def accepts(field_type: Any, value: Any) -> bool:  # noqa: ANN401 - any type of a field, any value
    """Says whether a field type takes a value."""
    try:
        TypeAdapter(field_type).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def with_value(event: e.AnyEvent, place: str, name: str, value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Returns the event's canonical bytes with one field written out."""
    tree = orjson.loads(encode(event))
    target = tree["data"] if place == "data" else tree
    return canonical({**tree, "data": {**target, name: value}} if place == "data" else {**tree, name: value})


@pytest.mark.parametrize(("data", "name"), OPTIONAL_DATA, ids=str)
def test_defaults_of_data_may_not_be_written_out(data: type[e.Data], name: str) -> None:
    """The default of an optional field is invalid when it is written out, so an absent value has one spelling."""
    default = data.model_fields[name].get_default()
    written = with_value(EXAMPLES[data.type_name()], "data", name, list(default) if isinstance(default, tuple) else default)
    with pytest.raises(ContractError, match="invalid-event"):
        decode(written)


@pytest.mark.parametrize("name", OPTIONAL_ATTRIBUTES)
def test_defaults_of_attributes_may_not_be_written_out(name: str) -> None:
    """The same holds for the optional attributes of the envelope."""
    assert e.Event.model_fields[name].get_default() == ""
    with pytest.raises(ContractError, match="invalid-event"):
        decode(with_value(EXAMPLES["id.jejakizin.permit.issued.v1"], "event", name, ""))


def test_the_default_of_a_part_may_not_be_written_out() -> None:
    """A finding without a note has no note, not an empty one."""
    assert e.Finding(requirement="desain", reason="kabur").note == ""
    with pytest.raises(ValidationError):
        e.Finding(requirement="desain", reason="kabur", note="")


@pytest.mark.parametrize(("data", "name"), ALL_FIELDS, ids=str)
def test_null_is_no_value_of_any_field(data: type[e.Data], name: str) -> None:
    """A null is refused in every field of every event, required or optional."""
    with pytest.raises(ContractError, match="invalid-event"):
        decode(with_value(EXAMPLES[data.type_name()], "data", name, None))


@pytest.mark.parametrize("name", e.Event.model_fields)
def test_null_is_no_value_of_any_attribute(name: str) -> None:
    """A null is refused in every attribute of the envelope."""
    with pytest.raises(ContractError):
        decode(with_value(EXAMPLES["id.jejakizin.permit.issued.v1"], "event", name, None))


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        (fields.Timestamp, "2026-11-24T01:02:03Z"),
        (fields.Timestamp, "2026-11-24T01:02:03.000Z"),
        (fields.Timestamp, "2026-11-24T01:02:03.000004+00:00"),
        (fields.Timestamp, "2026-11-24 01:02:03.000004Z"),
        (fields.Timestamp, "2026-02-30T01:02:03.000004Z"),
        (fields.Timestamp, "2026-11-24T24:00:00.000000Z"),
        (fields.Timestamp, "2026-11-24T01:02:60.000000Z"),
        (fields.Timestamp, "9999-12-31T23:59:59.999999Z"),
        (fields.Timestamp, "\u0662\u0660\u0662\u0666-11-24T01:02:03.000004Z"),
        (fields.Timestamp, "2026-11-24T01:02:03.000004Z\n"),
        (fields.LocalDate, "2026-02-29"),
        (fields.LocalDate, "20260228"),
        (fields.LocalDate, "2026-W09-6"),
        (fields.LocalDate, "0001-01-01"),
        (fields.Slug, "Besar"),
        (fields.Slug, "dua--garis"),
        (fields.Slug, "-depan"),
        (fields.Slug, "dua kata"),
        (fields.Slug, "é"),
        (fields.Slug, "a" * 65),
        (fields.Slug, "a\n"),
        (fields.Measure, "01"),
        (fields.Measure, "1."),
        (fields.Measure, ".5"),
        (fields.Measure, "-1"),
        (fields.Measure, "1e5"),
        (fields.Measure, "\u0661\u0662"),
        (fields.Measure, "NaN"),
        (fields.Kelurahan, "62.72.01.1001"),
        (fields.Kelurahan, "62.71.\u0660\u0661.1001"),
        (fields.Rupiah, -1),
        (fields.Rupiah, 10**15 + 1),
        (fields.Rupiah, True),
        (fields.Rupiah, 1.0),
        (fields.Rupiah, "1"),
        (fields.Count, INTEGER_MAX + 1),
        (fields.Ordinal, 0),
        (fields.EventId, f"{CODE}/intake/0"),
        (fields.EventId, f"{CODE}/intake/01"),
        (fields.ApplicationCode, "PKY-36BS-2WSW-K54E-G"),
        (fields.ApplicationCode, CODE.lower()),
        (fields.Subject, "PKY-36BS-2WSW-K54E-G"),
        (fields.Subject, "calendar:\u0662\u0660\u0662\u0666"),
        (fields.ActivityLabel, ""),
        (fields.ActivityLabel, "a\0b"),
        (fields.ActivityLabel, "a" * 201),
        (fields.SopVersion, "reklame@0"),
        (fields.SopVersion, "a" * 70 + "@1"),
    ],
)
def test_other_spellings_are_refused(field_type: Any, value: Any) -> None:  # noqa: ANN401 - any type of a field, any value
    """A value has one spelling: no other form of the same time, number or code, and no other script's digits, is taken."""
    assert not accepts(field_type, value)


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        (fields.Timestamp, "2026-11-24T01:02:03.000004Z"),
        (fields.LocalDate, "2028-02-29"),
        (fields.Slug, "a"),
        (fields.Slug, "gambar-konstruksi-2"),
        (fields.Measure, "0"),
        (fields.Measure, "12.5"),
        (fields.Measure, "999999999.9999"),
        (fields.Rupiah, 10**15),
        (fields.Count, INTEGER_MAX),
        (fields.ApplicationCode, CODE),
        (fields.Subject, "legacy:lama/case-1.a_B"),
        (fields.EventId, f"{CODE}/intake/1"),
        (fields.OfficialNumber, "503/0123/REK/2026"),
        (fields.ActivityLabel, "T02 Check confirmation of receipt"),
    ],
)
def test_right_spellings_are_taken(field_type: Any, value: Any) -> None:  # noqa: ANN401 - any type of a field, any value
    """The bounds and patterns let the values of real cases through."""
    assert accepts(field_type, value)


def test_a_declared_value_keeps_its_kind() -> None:
    """A yes is not the number one, a count not a measure, and each comes back as what it was."""
    values: tuple[bool | int | str, ...] = (True, False, 0, 1, "1", "1.0", "ya")
    declared = tuple(e.DeclaredFact(name=f"n{index}", value=value) for index, value in enumerate(values))
    submitted = EXAMPLES["id.jejakizin.application.submitted.v2"].data
    said = decode(encode(make_event(submitted.model_copy(update={"facts": declared}))))
    assert isinstance(said.data, e.ApplicationSubmitted)
    assert [(type(fact.value), fact.value) for fact in said.data.facts] == [(type(value), value) for value in values]


@pytest.mark.parametrize(
    "content",
    [
        {"a": 1.5},
        {"a": [{"b": float("nan")}]},
        {"a": INTEGER_MAX + 1},
        {"a": -INTEGER_MAX - 1},
        {"é": 1},
        {"a": {"b\0": 1}},
        {"a": "b\0"},
        {"a": "\ud800"},
        {"a": (1,)},
        {"a": b"1"},
        {"a": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_trees_without_a_canonical_form_are_refused(content: Any) -> None:  # noqa: ANN401 - any tree
    """The content of an SOP holds only what one JSON text says: no float, no large integer, no other keys, no zero character."""
    assert not accepts(fields.JsonTree, content)


def test_trees_are_bounded_in_depth() -> None:
    """A tree nested deeper than any SOP is refused, whatever its size."""
    tree: dict[str, Any] = {}
    for _ in range(JSON_DEPTH_MAX - 1):
        tree = {"a": tree}
    assert accepts(fields.JsonTree, tree)
    assert not accepts(fields.JsonTree, {"a": tree})


@QUICK
@given(json_trees)
def test_any_json_without_floats_is_a_tree(tree: dict[str, Any]) -> None:
    """Any other JSON tree is taken as it is."""
    assert TypeAdapter(fields.JsonTree).validate_python(tree, strict=True) == tree


@QUICK
@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)), st.integers(-12, 12))  # noqa: DTZ001 - the zone is drawn beside it
def test_timestamps_and_instants_are_the_same(local: datetime, hours: int) -> None:
    """An instant of any zone written as a timestamp and read again is the same instant, in UTC."""
    instant = local.replace(tzinfo=timezone(timedelta(hours=hours)))
    text = to_timestamp(instant)
    assert to_instant(text) == instant
    assert to_instant(text).utcoffset() == timedelta()
    assert to_timestamp(to_instant(text)) == text
    assert accepts(fields.Timestamp, text)


@pytest.mark.parametrize("text", ["", "2026-11-24", "2026-11-24T01:02:03Z", "2026-11-24T01:02:03.00000+7", "x" * 27])
def test_other_texts_are_no_instants(text: str) -> None:
    """What is no timestamp of the contract is a `ValueError`, never another time."""
    with pytest.raises(ValueError, match="timestamp"):
        to_instant(text)


@QUICK
@given(codes)
def test_every_code_is_a_subject(code: str) -> None:
    """An application's code is a subject in its one spelling only."""
    assert is_subject(code)
    assert not is_subject(code.lower())
    assert not is_subject(f"{code}\n")


@pytest.mark.parametrize(
    "text", ["", "sop:", "sop:A", "calendar:26", "calendar:2026\n", "legacy:lama", "legacy:lama/a/b", "lain:x", " sop:a"]
)
def test_other_texts_are_no_subjects(text: str) -> None:
    """A subject is one of the known kinds, whole."""
    assert not is_subject(text)


def test_frozen_parts_cannot_be_changed() -> None:
    """An event and its parts cannot be changed after they were made, and equal ones have equal hashes."""
    event = EXAMPLES["id.jejakizin.visit.reported.v2"]
    with pytest.raises(ValidationError):
        event.data.step = "lain"  # type: ignore[attr-defined]  # the point of the test
    assert hash(event) == hash(decode(encode(event)))
