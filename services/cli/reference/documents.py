"""The OpenAPI and AsyncAPI documents of every service, as a running one serves them, made without running one."""

import importlib
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.cli.stack import SERVICES
from shared import asyncapi
from shared.kit.settings import LEDGER_TOPIC, Settings, topic_of

KEY_BYTES: Final = 32
NOWHERE: Final = "postgresql://nobody@127.0.0.1:1/nothing"


@cache
def openapi(service: str) -> dict[str, Any]:
    """Returns the OpenAPI document of a service."""
    with tempfile.TemporaryDirectory() as folder:
        app, _ = importlib.import_module(f"services.{service}.app").build(_settings(service, Path(folder)))
        document: dict[str, Any] = app.openapi()
    return document


@cache
def asyncapi_of(service: str) -> dict[str, Any]:
    """Returns the AsyncAPI document of a service, deployed under its own name."""
    topic = topic_of("{sender}" if service == asyncapi.LEDGER else service)
    return asyncapi.document(service, topic, LEDGER_TOPIC)


def files() -> dict[str, str]:
    """Returns every document by its file name."""
    made = {f"openapi/{service}.json": _pretty(openapi(service)) for service in SERVICES}
    return made | {f"asyncapi/{service}.json": _pretty(asyncapi_of(service)) for service in SERVICES}


def _settings(service: str, folder: Path) -> Settings:
    key = folder / "key"
    key.write_bytes(bytes(KEY_BYTES))
    return Settings(
        service=service,
        sender=service,
        port=1,
        database_url=NOWHERE,
        kafka_servers="127.0.0.1:1",
        kafka_user=service,
        kafka_password="",
        ledger_url="http://127.0.0.1:1",
        senders_file=folder / "senders.json",
        city_key_file=key,
        tokens_key_file=key,
        kek_file=key,
    )


def _pretty(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=False) + "\n"
