"""A walk over every field of the contract: no float, no free text, no personal data, and everything marked and labelled."""

import types
from collections.abc import Iterator
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from shared import events as e
from shared.envelope import ADAPTERS
from shared.fields import Frozen, JsonTree
from shared.schemas import event_schema
from shared.sop.admissible import _CHECKS, _CITY_CHECKS
from shared.upcast import DOWNCASTERS, UPCASTERS

PERSONAL: Final = (
    *("name", "nama", "nik", "ktp", "npwp", "nib", "address", "alamat", "street", "email", "mail", "phone", "telepon", "mobile"),
    *("birth", "person", "citizen", "owner", "pemilik", "applicant", "note", "text", "comment", "message", "photo", "signature"),
)
NOT_PERSONAL: Final = {
    (e.DeclaredFact, "name"): "which fact",
    (e.Disclosure, "name"): "which value stays in the vault",
    (e.SenderRegistered, "name"): "a deployment",
    (e.SenderRevoked, "name"): "a deployment",
    (e.SenderKeyProposed, "name"): "a deployment",
    (e.SenderKeyAdded, "name"): "a deployment",
    (e.SenderKeyRevoked, "name"): "a deployment",
    (e.Finding, "note"): "a salted commitment",
}
FREE_CONTENT: Final = {
    (data, "content"): "the SOP, which describes rules and no person" for data in (e.SopDrafted, e.SopPublishedV1, e.SopPublished)
}
LONG_TEXT: Final = {(e.LegacyRecorded, "activity"): "another system's label of an activity"}


def models(data: type[Frozen]) -> Iterator[type[Frozen]]:
    """Yields a model and every model inside it."""
    yield data
    for annotation in get_type_hints(data, include_extras=True).values():
        for part in parts(annotation):
            if isinstance(part, type) and issubclass(part, Frozen):
                yield from models(part)


def parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    """Yields an annotation and every annotation inside it."""
    yield annotation
    if annotation == JsonTree:
        return
    if hasattr(annotation, "__metadata__"):
        yield from parts(annotation.__origin__)
    elif get_origin(annotation) in (tuple, Union, types.UnionType):
        for part in get_args(annotation):
            yield from parts(part)


ROOTS: tuple[type[Frozen], ...] = (*e.EVENTS, e.Event)
MODELS = sorted({model for data in ROOTS for model in models(data)}, key=lambda model: model.__name__)
FIELDS = [(model, name) for model in MODELS for name in model.model_fields]


def strings(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields every string of a schema with its path."""
    if schema.get("type") == "string":
        yield path, schema
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            yield from strings(part, f"{path}/{name}")
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from strings(part, path)


def numbers(schema: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of a schema
    """Yields every number of a schema."""
    if isinstance(schema, dict):
        if schema.get("type") in ("number", "integer"):
            yield schema
        for part in schema.values():
            yield from numbers(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from numbers(part)


@pytest.mark.parametrize("data", e.EVENTS, ids=lambda data: data.__name__)
def test_numbers_are_bounded_integers(data: type[e.Data]) -> None:
    """No field of an event is a float, and every integer has both bounds, within what every JSON reader keeps exactly."""
    for schema in numbers(event_schema(data)):
        assert schema["type"] == "integer"
        assert schema["minimum"] >= 0
        assert schema["maximum"] <= 2**53 - 1


@pytest.mark.parametrize("data", e.EVENTS, ids=lambda data: data.__name__)
def test_strings_have_a_pattern_or_are_one_of_a_few(data: type[e.Data]) -> None:
    """No string of an event is free text: each has a closed pattern or is one of a few words."""
    for path, schema in strings(event_schema(data)):
        pattern = schema.get("pattern", "")
        assert "enum" in schema or "const" in schema or (pattern.startswith("^") and pattern.endswith("$")), path
        allows_spaces = bool(pattern) and "\\x00" in pattern
        assert not allows_spaces or (data, path.rpartition("/")[2]) in LONG_TEXT, path
        assert "\\d" not in pattern, f"{path}: another script's digits"


def test_objects_without_fixed_keys_are_the_content_of_sops() -> None:
    """Only a published SOP holds a tree that the contract does not spell out."""
    free = {(model, name) for model, name in FIELDS if get_type_hints(model, include_extras=True)[name] == JsonTree}
    assert free == set(FREE_CONTENT)


def test_no_field_is_named_after_personal_data() -> None:
    """No field is named like something about a person, except those that are not, each with its reason."""
    suspicious = {(model, name) for model, name in FIELDS if any(word in name.split("_") for word in PERSONAL)}
    assert suspicious == set(NOT_PERSONAL)


@pytest.mark.parametrize("data", e.EVENTS, ids=lambda data: data.__name__)
def test_every_event_is_marked_and_labelled(data: type[e.Data]) -> None:
    """Every event is a decision or a fact, says who may say it and since which contract, and has a label in both languages."""
    assert data.KIND in ("decision", "fact")
    assert data.SAID_BY
    assert 1 <= data.SINCE_CONTRACT <= e.CONTRACT
    assert all(label.strip() == label != "" for label in data.LABELS)
    assert data.__doc__
    assert data.type_name() == f"id.jejakizin.{data.NAME}.v{data.VERSION}"


def test_every_event_class_is_listed_once() -> None:
    """Every class of the contract stands in `EVENTS` exactly once, under a type of its own."""
    classes = [item for item in vars(e).values() if isinstance(item, type) and issubclass(item, e.Data) and item is not e.Data]
    assert sorted(classes, key=str) == sorted(e.EVENTS, key=str)
    assert len(ADAPTERS) == len(e.EVENTS)


def test_versions_follow_each_other() -> None:
    """The versions of an event count from 1, each but the newest rises to the next, and each but the first comes down from it."""
    for name in {data.NAME for data in e.EVENTS}:
        versions = sorted((data for data in e.EVENTS if name == data.NAME), key=lambda data: data.VERSION)
        assert [data.VERSION for data in versions] == list(range(1, len(versions) + 1))
        assert [data for data in versions if data in UPCASTERS] == versions[:-1]
        assert [data for data in versions if data in DOWNCASTERS] == versions[1:]
        assert len({data.KIND for data in versions}) == 1


def test_every_decision_has_its_check() -> None:
    """Every decision that is not the ledger's own is judged by one function; facts and the ledger's own words by none."""
    judged = [data for data in e.EVENTS if data.KIND == "decision" and "ledger" not in data.SAID_BY and data not in UPCASTERS]
    assert sorted([*_CHECKS, *_CITY_CHECKS], key=str) == sorted(judged, key=str)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_parts_of_events_are_strict(model: type[Frozen]) -> None:
    """Every part of an event is frozen, strict and closed, and its collections are tuples."""
    config = model.model_config
    assert (config["frozen"], config["strict"], config["extra"]) == (True, True, "forbid")
    for annotation in get_type_hints(model, include_extras=True).values():
        origins = {get_origin(part) for part in parts(annotation) if part != JsonTree} - {None, Literal, types.UnionType, Union}
        assert not origins & {list, set, dict, frozenset}
