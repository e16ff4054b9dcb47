"""Events that the ledger has judged, read as what they mean: their shape and their types are looked at, their texts are not judged again.

Everything about an event's bytes is checked once, where they enter (`shared.envelope.decode`). Every later reader would pay for each
pattern and each check character again, five entries a permit and six readers each. The validator here is the contract's own, without those.
"""

from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

# What a core schema says about a value beyond its type; `cls` and `default` are values, not schemas.
_JUDGED: Final = frozenset({"pattern", "max_length", "min_length", "ge", "le"})
_VALUES: Final = frozenset({"cls", "default", "config", "generic_origin", "metadata"})


@lru_cache(maxsize=256)
def reader_of(adapter: TypeAdapter[Any]) -> SchemaValidator:
    """Returns the validator of the adapter's own classes that checks shape and types only; made on first use."""
    adapter.rebuild()  # its classes are built when they are first needed
    # A class brings its own complete validator along, which would be taken for each part of the schema.
    return SchemaValidator(_types_only(adapter.core_schema), _use_prebuilt=False)


def _types_only(schema: Any) -> Any:  # noqa: ANN401 - a core schema or a part of one
    if isinstance(schema, list):
        return [_types_only(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "function-after":
        return _types_only(schema["schema"])
    return {name: part if name in _VALUES else _types_only(part) for name, part in schema.items() if name not in _JUDGED}
