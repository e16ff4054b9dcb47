"""JSON Schemas (2020-12) of every event version, of an entry and of the SOP language, made from the models, for readers who do not use this code.

What a schema cannot say is said by the models alone: the check character of a code, real dates, canonical form.
"""

from typing import Any, Final

from shared.events import EVENTS, Data, Event
from shared.fields import SLUG_PATTERN, TIMESTAMP_PATTERN
from shared.proof.seal import SEAL_PATTERN
from shared.sop.model import Sop
from shared.sop.plans import Goals

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ENTRY: Final = "entry"
SOP: Final = "sop.v1"
PLANS: Final = "plans.v1"
POSITION_MAX: Final = 10**15 - 1


def schema_name(data: type[Data]) -> str:
    """Returns the name of an event version's schema, for example `permit.issued.v1`."""
    return f"{data.NAME}.v{data.VERSION}"


def schemas() -> dict[str, dict[str, Any]]:
    """Returns every schema by its name."""
    return {**{schema_name(data): event_schema(data) for data in EVENTS}, ENTRY: entry_schema(), SOP: sop_schema(), PLANS: plans_schema()}


def sop_schema() -> dict[str, Any]:
    """Returns the schema of the SOP language, for editors of SOP files; whether the parts fit together only `jejak sop check` says."""
    tree = _without_noise(Sop.model_json_schema())
    head = {"$schema": DIALECT, "$id": _identifier(SOP), "title": "SOP", "x-title-id": "SOP"}
    return {**head, "description": "One permit type and version as data.", **{key: tree[key] for key in tree if key != "description"}}


def plans_schema() -> dict[str, Any]:
    """Returns the schema of a file of plans; whether it fits the catalogue only `jejak sop check` says."""
    tree = _without_noise(Goals.model_json_schema())
    head = {"$schema": DIALECT, "$id": _identifier(PLANS), "title": "Plans", "x-title-id": "Rencana"}
    return {
        **head,
        "description": "Undertakings with the permit types that each needs.",
        **{key: tree[key] for key in tree if key != "description"},
    }


def event_schema(data: type[Data]) -> dict[str, Any]:
    """Returns the schema of one event version, with what the contract knows about it beside the standard keywords."""
    tree = _without_noise(Event[data].model_json_schema())  # type: ignore[valid-type]  # a class from the registry
    tree["properties"]["type"] = {"const": data.type_name()}
    label_id, label_en = data.LABELS
    return {
        "$schema": DIALECT,
        "$id": _identifier(schema_name(data)),
        "title": label_en,
        "description": data.__doc__,
        "x-title-id": label_id,
        "x-kind": data.KIND,
        "x-said-by": sorted(data.SAID_BY),
        "x-since-contract": data.SINCE_CONTRACT,
        **{key: value for key, value in tree.items() if key != "description"},
    }


def entry_schema() -> dict[str, Any]:
    """Returns the schema of a line of the ledger: an event and what the ledger adds to it."""
    number = {"type": "integer", "minimum": 1, "maximum": POSITION_MAX}
    ledger = {
        "position": number,
        "recordedtime": {"type": "string", "pattern": TIMESTAMP_PATTERN},
        "refused": {"type": "string", "pattern": SLUG_PATTERN},
        "seal": {"type": "string", "pattern": SEAL_PATTERN},
        "sequence": number,
    }
    return {
        "$schema": DIALECT,
        "$id": _identifier(ENTRY),
        "title": "entry",
        "description": "One line of the ledger: an event in the city's order.",
        "type": "object",
        "properties": {
            "event": {"oneOf": [{"$ref": _identifier(schema_name(data))} for data in EVENTS]},
            "ledger": {
                "type": "object",
                "properties": ledger,
                "required": ["position", "recordedtime", "sequence"],
                "additionalProperties": False,
            },
        },
        "required": ["event", "ledger"],
        "additionalProperties": False,
    }


def _identifier(name: str) -> str:
    return f"urn:jejak-izin:schema:{name}"


def _without_noise(schema: dict[str, Any]) -> dict[str, Any]:
    """Drops titles that repeat a field's name, and defaults: an absent field is absent, its default may not be written out."""
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("title", "default"):
            continue
        if key in ("properties", "$defs"):
            kept[key] = {name: _without_noise(part) for name, part in value.items()}
        elif isinstance(value, dict):
            kept[key] = _without_noise(value)
        elif isinstance(value, list):
            kept[key] = [_without_noise(part) if isinstance(part, dict) else part for part in value]
        else:
            kept[key] = value
    return kept
