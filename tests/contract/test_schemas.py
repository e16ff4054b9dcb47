"""The published JSON Schemas: current, valid themselves, and true of the golden events and of any other."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from shared import events as e
from shared.envelope import encode
from shared.schemas import ENTRY, schema_name, schemas
from tests.golden import renew
from tests.strategies import QUICK, events, json_values

SCHEMAS = schemas()
REGISTRY: Registry[Any] = Registry().with_contents((schema["$id"], schema) for schema in SCHEMAS.values())
TYPES = {data.type_name(): schema_name(data) for data in e.EVENTS}


VALIDATORS = {name: Draft202012Validator(schema, registry=REGISTRY) for name, schema in SCHEMAS.items()}


def golden(name: str) -> dict[str, Any]:
    """Returns the golden event of a schema."""
    raw = (renew.EVENTS / f"id.jejakizin.{name}.json").read_bytes()
    return dict(orjson.loads(raw))


def test_published_schemas_are_current() -> None:
    """The files of the reference are exactly what the models say now, no more and no fewer."""
    published = {path.name.removesuffix(".json"): path.read_bytes() for path in renew.SCHEMAS.glob("*.json")}
    expected = {name: renew.schema_bytes(schema) for name, schema in SCHEMAS.items()}
    assert published == expected, "run: python -m tests.golden.renew"


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_valid_themselves(name: str) -> None:
    """Each schema is a valid JSON Schema 2020-12 whose every object is closed or is the free content of an SOP."""
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["additionalProperties"] is False
    assert DRAFT202012.create_resource(SCHEMAS[name]).id() == f"urn:jejak-izin:schema:{name}"


@pytest.mark.parametrize("name", TYPES.values())
def test_golden_events_are_valid(name: str) -> None:
    """Every golden event and its entries, standing and refused, are valid by the published schemas."""
    VALIDATORS[name].validate(golden(name))
    for line in renew.entries(orjson.dumps(golden(name), option=orjson.OPT_SORT_KEYS)):
        VALIDATORS[ENTRY].validate(orjson.loads(line))


@pytest.mark.parametrize("name", TYPES.values())
def test_changed_golden_events_are_not_valid(name: str) -> None:
    """An unknown key, a missing one, a null, another version and a float are errors to the schemas as they are to the models."""
    event = golden(name)
    required = SCHEMAS[name]["required"]
    changed: list[dict[str, Any]] = [
        {**event, "catatan": "x"},
        {**event, "data": {**event["data"], "catatan": "x"}},
        {**event, "type": event["type"][:-1] + "9"},
        {**event, "agency": None},
        {**event, "basis": 0.5},
        *({key: value for key, value in event.items() if key != missing} for missing in required),
    ]
    assert [tree for tree in changed if VALIDATORS[name].is_valid(tree)] == []


@QUICK
@given(events())
def test_any_valid_event_is_valid_by_its_schema(event: e.AnyEvent) -> None:
    """What the models accept, the schemas accept."""
    VALIDATORS[TYPES[event.type]].validate(orjson.loads(encode(event)))


@QUICK
@given(json_values)
def test_schemas_refuse_other_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """A JSON value that is no event is no event to any schema."""
    assert not any(known.is_valid(value) for known in VALIDATORS.values())
