"""What FastAPI cannot see of the doors goes into their OpenAPI document here, and the AsyncAPI document is served beside it."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

PROBLEM: Final = "application/problem+json"
COMMANDS: Final = "commands"
DRAFTS: Final = "drafts"  # whatever changes one has a key; nothing of it is an event, so nothing is waited for
# What can be asked without a token; everything else under /v1 wants one. A gateway signs instead (`shared/signing.py`).
OPEN_TAGS: Final = frozenset({"applications", "public", "gateway"})
KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "The same key and body get the same answer for 30 days; another body under the same key is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}
PREFER: Final = {
    "name": "Prefer",
    "in": "header",
    "description": "`wait=N` answers once the ledger has entered or refused the event, after at most N (10) seconds.",
    "schema": {"type": "string"},
}
PROBLEM_SCHEMA: Final = {
    "title": "Problem",
    "description": "A refusal (RFC 9457): what is the matter, what to do next, and the code that docs/reference/refusals.md lists.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "about": {"type": "string"},
    },
}


def complete(app: FastAPI) -> None:
    """Has every operation of the app declare its refusals, and commands their headers."""
    _extend(app, _complete)


def describe_bodies(app: FastAPI, bodies: Mapping[str, type[BaseModel]]) -> None:
    """Adds the bodies' schemas to the OpenAPI document; `bodies` maps an operation id to its body model."""

    def described(document: dict[str, Any]) -> None:
        models = sorted(set(bodies.values()), key=lambda model: model.__name__)
        pairs: Any = [(model, "validation") for model in models]
        references, definitions = models_json_schema(pairs, ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {}).update(_without_empty_defaults(definitions.get("$defs", {})))
        for operation in _operations(document):
            model = bodies.get(operation.get("operationId", ""))
            if model:
                schema = references[(model, "validation")]
                operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}

    _extend(app, described)


def serve_asyncapi(app: FastAPI, make: Callable[[], dict[str, Any]]) -> None:
    """Serves what the service hears and says; the document is made at the first question."""
    made = cache(make)

    @app.get("/asyncapi.json", operation_id="asyncapi", tags=["reference"])
    def asyncapi() -> dict[str, Any]:
        """What this service hears and says on Kafka, as AsyncAPI 3.0.0."""
        return made()


def _extend(app: FastAPI, change: Callable[[dict[str, Any]], None]) -> None:
    plain = app.openapi

    def extended() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        document = plain()
        change(document)
        return document

    app.openapi = extended  # type: ignore[method-assign]  # FastAPI's documented way to extend its schema


def _without_empty_defaults(part: Any) -> Any:  # noqa: ANN401 - any part of a JSON schema
    # An absent text is left out; written as an empty one it is refused, so the schema may not offer it.
    if isinstance(part, dict):
        return {key: _without_empty_defaults(value) for key, value in part.items() if (key, value) != ("default", "")}
    return [_without_empty_defaults(item) for item in part] if isinstance(part, list) else part


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def _complete(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    refusal = {"description": "Refused, or not possible now.", "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    components["responses"] = {"Refused": refusal}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags = set(operation.get("tags", ()))
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"$ref": "#/components/responses/Refused"}
            if path.startswith("/v1/") and not tags & OPEN_TAGS:
                operation["security"] = [{"bearer": []}]
            if COMMANDS in tags:
                operation["parameters"] = [*operation.get("parameters", ()), KEY, PREFER]
            elif DRAFTS in tags and method != "get":
                operation["parameters"] = [*operation.get("parameters", ()), KEY]
