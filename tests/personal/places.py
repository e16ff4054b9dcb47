"""Every place of a running city in which something may have been written: its folder, its databases, its topics, its answers."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from psycopg import sql

from deploy.local import kafka, postgres
from deploy.local.layout import Stack
from services.cli.client import token

CHUNK_BYTES: Final = 4 * 1024 * 1024
# Longer than any form of a canary, so that none is cut at the end of a chunk.
OVERLAP_BYTES: Final = 512
STAGES: Final = ("intake", "verification", "inspection", "issuance", "treasury", "catalogue", "tracker")
DESKS: Final = ("intake", "verification", "inspection", "issuance", "treasury")
PAGE: Final = 1000
_BYTEA: Final = re.compile(rb"\\\\x[0-9a-f]+")
Place = tuple[str, bytes]


def files(stack: Stack, below: str = "") -> Iterator[Place]:
    """Yields every file of the city's folder: Kafka's segments, PostgreSQL's data, write-ahead log and own log, all logs, traces, settings."""
    for file in sorted((stack.data / below).rglob("*")):
        if file.is_symlink() or not file.is_file():
            continue
        name, before = f"file {file.relative_to(stack.data)}", b""
        try:
            with file.open("rb") as handle:
                while chunk := handle.read(CHUNK_BYTES):
                    if chunk.strip(b"\0"):
                        yield name, before + chunk
                    before = chunk[-OVERLAP_BYTES:]
        except FileNotFoundError:
            continue  # PostgreSQL removes its old files as it likes


def tables(stack: Stack) -> Iterator[Place]:
    """Yields every row of every table of every database, as text and as the very bytes of each value."""
    with psycopg.connect(postgres.admin_url(stack)) as connection:
        databases = [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datallowconn")]
    listing = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    for database in databases:
        with psycopg.connect(postgres.admin_url(stack, database)) as connection:
            for schema, table in connection.execute(listing).fetchall():
                yield from _copied(connection, database, schema, table, "binary")
                for place, rows in _copied(connection, database, schema, table, "text"):
                    # Numbers and times as text; bytes were seen as they are.
                    yield place, _BYTEA.sub(b"", rows)


def _copied(connection: psycopg.Connection[Any], database: str, schema: str, table: str, form: str) -> Iterator[Place]:
    statement = sql.SQL("COPY {} TO STDOUT (FORMAT {})").format(sql.Identifier(schema, table), sql.SQL(form))
    rows = bytearray()
    with connection.cursor().copy(statement) as copy:
        for row in copy:
            rows += row
            if len(rows) > CHUNK_BYTES:
                yield f"table {database}.{table}", bytes(rows)
                del rows[:-OVERLAP_BYTES]
    yield f"table {database}.{table}", bytes(rows)


def records(stack: Stack) -> list[Place]:
    """Returns every record of every topic as a consumer gets it, so out of any compression: key, value and headers."""
    client = kafka.admin_client(stack)
    try:
        topics = {found["name"]: len(found["partitions"]) for found in client.describe_topics()}
    finally:
        client.close()
    return asyncio.run(_consumed(stack, [TopicPartition(topic, number) for topic, count in topics.items() for number in range(count)]))


async def _consumed(stack: Stack, partitions: list[TopicPartition]) -> list[Place]:
    consumer = AIOKafkaConsumer(auto_offset_reset="earliest", enable_auto_commit=False, **kafka.admin_settings(stack))
    consumer.assign(partitions)
    await consumer.start()
    found: dict[str, bytearray] = {}
    try:
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for of, batch in (await consumer.getmany(timeout_ms=200, max_records=PAGE)).items():
                    into = found.setdefault(of.topic, bytearray())
                    for record in batch:
                        headers = b"".join(key.encode() + b"=" + (value or b"") + b"\n" for key, value in record.headers)
                        into += (record.key or b"") + b"\n" + (record.value or b"") + b"\n" + headers
    finally:
        await consumer.stop()
    return [(f"topic {topic}", bytes(blob)) for topic, blob in found.items()]


class Answers:
    """What every service answers about the city and its applications to those who may ask; intake's file room excepted."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._client = httpx.Client(timeout=30)
        self._headers = {
            role: {"authorization": f"Bearer {token(stack, 'penonton', role, agency)}"}
            for role, agency in (("auditor", ""), ("officer", "pupr"))
        }

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _ask(self, service: str, path: str, role: str = "auditor", **headers: str) -> httpx.Response:
        return self._client.get(f"{self._stack.url(service)}{path}", headers={**self._headers[role], **headers})

    def all(self, codes: Sequence[str]) -> Iterator[Place]:
        """Yields every answer."""
        for service in ("ledger", *STAGES):
            for path in ("/openapi.json", "/asyncapi.json", "/metrics", "/readyz", "/v1/status", "/v1/dead-letters", "/v1/views"):
                yield f"answer {service}{path}", whole(self._ask(service, path))
        for service in DESKS:
            yield f"answer {service}/v1/tasks", whole(self._ask(service, "/v1/tasks", "officer"))
        yield from self._feed()
        for code in codes:
            yield from self._application(code)

    def _feed(self) -> Iterator[Place]:
        after = 0
        while True:
            answer = self._ask("ledger", f"/v1/entries?after={after}&limit={PAGE}")
            yield "answer ledger/v1/entries", whole(answer)
            after += PAGE
            if after >= int(answer.headers["jejak-head"]):
                return

    def _application(self, code: str) -> Iterator[Place]:
        for tongue in ("id", "en"):
            page = self._ask("tracker", f"/permohonan/{code}?lang={tongue}", accept="text/html")
            assert page.status_code == httpx.codes.OK
            yield "answer tracker page", whole(page)
        for service, path in (("tracker", f"/permohonan/{code}.json"), ("tracker", f"/v1/applications/{code}")):
            yield f"answer {service} JSON", whole(self._ask(service, path))
        for path in (f"/v1/applications/{code}", f"/v1/applications/{code}/entries"):
            yield "answer ledger application", whole(self._ask("ledger", path))
        for service in DESKS:
            yield f"answer {service} application", whole(self._ask(service, f"/v1/applications/{code}"))


def whole(answer: httpx.Response) -> bytes:
    """Returns an answer with its headers."""
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    return head.encode() + answer.content
