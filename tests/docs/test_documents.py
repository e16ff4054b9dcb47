"""The documents of every service: valid by their own standards, complete, and the ones that a running service answers."""

from typing import Any

import httpx
import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from openapi_spec_validator import validate

from services.cli.reference import documents
from services.cli.stack import SERVICES
from shared.events import EVENTS
from shared.kit.http import Health, Site, make_app
from shared.kit.openapi import serve_asyncapi
from shared.kit.telemetry import Metrics
from shared.refusals import REFUSALS
from shared.schemas import ENTRY, schema_name

WITHOUT_BODY = frozenset({"submit_draft", "redrive", "revoke_sender", "restore_sender", "set_notice_aside"})


def operations(service: str) -> list[dict[str, Any]]:
    """Returns every door of a service as its document describes it."""
    return [operation for path in documents.openapi(service)["paths"].values() for operation in path.values()]


def references(part: object) -> list[str]:
    """Returns every reference in a part of a document."""
    if isinstance(part, list):
        return [reference for item in part for reference in references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [reference for value in part.values() for reference in references(value)]


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_is_valid(service: str) -> None:
    """Each service's doors are a valid OpenAPI document."""
    document = documents.openapi(service)
    validate(document)
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize("service", SERVICES)
def test_operations_are_named_once(service: str) -> None:
    """No two doors of a service have the same name."""
    names = [operation["operationId"] for operation in operations(service)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("service", SERVICES)
def test_refusals_are_declared(service: str) -> None:
    """Every door declares that it may refuse, as problem+json, and none promises FastAPI's own form."""
    for operation in operations(service):
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Refused"}
        assert "422" not in operation["responses"]
    refused = documents.openapi(service)["components"]["responses"]["Refused"]
    assert list(refused["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("service", SERVICES)
def test_bodies_are_described(service: str) -> None:
    """Every door that takes a body says what stands in it, and every command names its key."""
    for path in documents.openapi(service)["paths"].values():
        for method, operation in path.items():
            if method == "post" and operation["operationId"] not in WITHOUT_BODY:
                assert operation["requestBody"]["content"]["application/json"]["schema"], operation["operationId"]
            if "commands" in operation.get("tags", ()):
                assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]


@pytest.mark.parametrize("service", SERVICES)
def test_asyncapi_is_valid(service: str) -> None:
    """Each service's AsyncAPI document is read by another program, and every reference in it leads somewhere."""
    document = documents.asyncapi_of(service)
    assert ApplicationSchema.model_validate(document).asyncapi == "3.0.0"
    for reference in references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"ledger"}))
def test_a_stage_says_its_own_events_and_hears_the_ledger(service: str) -> None:
    """A stage proposes over its own topic exactly the events that the contract gives it, and hears the ledger's entries alone."""
    document = documents.asyncapi_of(service)
    said = {schema_name(data) for data in EVENTS if service in data.SAID_BY}
    heard = {operation["channel"]["$ref"] for operation in document["operations"].values() if operation["action"] == "receive"}
    assert heard == {"#/channels/entries"}
    assert document["channels"]["entries"]["address"] == "permits.ledger.v1"
    assert set(document["channels"].get("events", {}).get("messages", ())) == said
    if said:
        assert document["channels"]["events"]["address"] == f"permits.{service}.v1"


def test_the_ledger_hears_everybody_and_says_entries() -> None:
    """The ledger judges what every sender proposes and publishes entries, its own events among them."""
    document = documents.asyncapi_of("ledger")
    actions = {operation["channel"]["$ref"]: operation["action"] for operation in document["operations"].values()}
    assert actions == {"#/channels/events": "receive", "#/channels/entries": "send"}
    proposed = {schema_name(data) for data in EVENTS if data.SAID_BY - {"ledger"}}
    assert set(document["channels"]["events"]["messages"]) == proposed
    assert set(document["channels"]["entries"]["messages"]) == {ENTRY}


async def test_a_service_answers_its_documents() -> None:
    """A running service answers both documents, and a refusal of it has the form that they declare."""
    site = Site("intake", Metrics(), Health(), bytes(32), bytes(32))
    app = make_app(site, "Jejak Izin: intake")
    serve_asyncapi(app, lambda: documents.asyncapi_of("intake"))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city") as client:
        heard_and_said = (await client.get("/asyncapi.json")).json()
        schema = (await client.get("/openapi.json")).json()["components"]["schemas"]["Problem"]
        answer = await client.get("/nowhere")

    assert heard_and_said == documents.asyncapi_of("intake")
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(schema["required"]) <= set(answer.json())
    assert answer.json()["code"] in REFUSALS
