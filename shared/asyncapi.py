"""What a service hears and says on Kafka as an AsyncAPI 3.0.0 document, made from the contract, so that it cannot differ from the code."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from shared.events import EVENTS, Data
from shared.schemas import ENTRY, entry_schema, event_schema, schema_name

VERSION: Final = "3.0.0"
JSON_SCHEMA: Final = "application/schema+json;version=draft-2020-12"
CLOUDEVENTS: Final = "application/cloudevents+json"
LEDGER: Final = "ledger"
ENTRIES: Final = "entries"
EVENTS_CHANNEL: Final = "events"
SCHEMA_URN: Final = "urn:jejak-izin:schema:"


def document(service: str, topic: str, ledger_topic: str) -> dict[str, Any]:
    """Returns the document of a service: `topic` is where its events stand before the ledger has entered them."""
    said = tuple(data for data in EVENTS if service in data.SAID_BY)
    made = _of_the_ledger(topic, ledger_topic) if service == LEDGER else _of_a_stage(topic, ledger_topic, said)
    channels, operations, messages = made
    return {
        "asyncapi": VERSION,
        "info": {"title": f"Jejak Izin: {service}", "version": "1", "description": f"What {service} hears and says on Kafka."},
        "defaultContentType": CLOUDEVENTS,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": _schemas(EVENTS)},
    }


Parts = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def _of_a_stage(topic: str, ledger_topic: str, said: Sequence[type[Data]]) -> Parts:
    channels = {ENTRIES: _channel(ledger_topic, "The city's order: every entry, kept for ever.", [ENTRY])}
    operations = {"hearEntries": _operation("receive", ENTRIES, [ENTRY], "Applies every entry, in order of position.")}
    messages = {ENTRY: _entry_message()}
    if said:
        names = [schema_name(data) for data in said]
        channels[EVENTS_CHANNEL] = _channel(topic, "What this service says, before the ledger has entered or refused it.", names)
        operations["sayEvents"] = _operation("send", EVENTS_CHANNEL, names, "Proposes events to the ledger.")
        messages |= {schema_name(data): _event_message(data) for data in said}
    return channels, operations, messages


def _of_the_ledger(topic: str, ledger_topic: str) -> Parts:
    proposed = tuple(data for data in EVENTS if data.SAID_BY - {LEDGER})
    names = [schema_name(data) for data in proposed]
    senders = _channel(topic, "What one sender proposes; each sender writes its own topic and no other.", names)
    senders["parameters"] = {"sender": {"description": "The sender's registered name."}}
    channels = {EVENTS_CHANNEL: senders, ENTRIES: _channel(ledger_topic, "The city's order: every entry, kept for ever.", [ENTRY])}
    operations = {
        "hearEvents": _operation("receive", EVENTS_CHANNEL, names, "Judges what every sender proposes."),
        "sayEntries": _operation("send", ENTRIES, [ENTRY], "Publishes each entry, its own events among them."),
    }
    return channels, operations, {ENTRY: _entry_message()} | {schema_name(data): _event_message(data) for data in proposed}


def _channel(address: str, description: str, messages: Sequence[str]) -> dict[str, Any]:
    return {
        "address": address,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"partitions": 1, "bindingVersion": "0.5.0"}},
    }


def _operation(action: str, channel: str, messages: Sequence[str], summary: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _event_message(data: type[Data]) -> dict[str, Any]:
    name = schema_name(data)
    summary = " ".join((data.__doc__ or "").split())
    return {
        "name": data.type_name(),
        "title": data.LABELS[1],
        "summary": summary,
        "contentType": CLOUDEVENTS,
        "tags": [{"name": data.KIND}],
        "payload": {"schemaFormat": JSON_SCHEMA, "schema": {"$ref": f"#/components/schemas/{name}/schema"}},
    }


def _entry_message() -> dict[str, Any]:
    return {
        "name": ENTRY,
        "title": "entry",
        "summary": "One line of the ledger: an event's bytes and what the ledger adds to them.",
        "contentType": "application/json",
        "payload": {"schemaFormat": JSON_SCHEMA, "schema": {"$ref": f"#/components/schemas/{ENTRY}/schema"}},
    }


def _schemas(events: Sequence[type[Data]]) -> dict[str, Any]:
    """Returns the schemas in their own dialect, with every reference written from the root of this document."""
    made = {schema_name(data): _embedded_event(data) for data in events} | {ENTRY: _embedded(ENTRY, entry_schema())}
    return {name: {"schemaFormat": JSON_SCHEMA, "schema": schema} for name, schema in made.items()}


@cache
def _embedded_event(data: type[Data]) -> Any:  # noqa: ANN401 - a JSON schema
    return _embedded(schema_name(data), event_schema(data))


def _embedded(name: str, part: Any) -> Any:  # noqa: ANN401 - any part of a JSON schema
    if isinstance(part, list):
        return [_embedded(name, item) for item in part]
    if not isinstance(part, dict):
        return part
    # Readers of these documents resolve references against the whole document, not against a schema's identifier.
    kept = {key: _embedded(name, value) for key, value in part.items() if key not in ("$id", "$schema")}
    if isinstance(reference := part.get("$ref"), str):
        kept["$ref"] = _from_the_root(name, reference)
    return kept


def _from_the_root(name: str, reference: str) -> str:
    if reference.startswith("#/"):
        return f"#/components/schemas/{name}/schema/{reference.removeprefix('#/')}"
    return f"#/components/schemas/{reference.removeprefix(SCHEMA_URN)}/schema"
