"""One process of the raw limit: the rows of one of the city's databases by COPY, its records sent and consumed undecoded, nothing else.

It is told on standard input what to move, says `ready` when everything is in memory and connected, moves it at the next line, and prints
what that cost.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson
import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from shared.kit.kafka import BATCH_BYTES_MAX, BATCH_RECORDS_MAX, POLL_MS

ROWS_PER_TRANSACTION: Final = 500
HEADERS: Final = [("content-type", b"application/cloudevents+json"), ("traceparent", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01")]


@dataclass(frozen=True)
class Plan:
    """What one process moves: rows by table, its own events from a table to a topic, and how many records of which topics."""

    database_url: str
    tables: dict[str, int]
    events_table: str
    topic: str
    events: int
    consumed: dict[str, int]
    kafka: dict[str, Any] = field(default_factory=dict)

    def to_line(self) -> bytes:
        """Returns the plan as one line."""
        return orjson.dumps(asdict(self)) + b"\n"


@dataclass(frozen=True, slots=True)
class Table:
    """A table like one of the city's, and the rows to copy into it."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Sequence[TupleRow]


def main() -> None:
    """Runs one process of the raw limit."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    plan = Plan(**orjson.loads(sys.stdin.buffer.readline()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(plan))


async def _run(plan: Plan) -> None:
    connection = psycopg.connect(plan.database_url)
    tables = [_like(connection, name, count) for name, count in plan.tables.items() if count]
    values = _values(connection, plan) if plan.events else []
    producer = AIOKafkaProducer(enable_idempotence=True, acks="all", max_batch_size=BATCH_BYTES_MAX, **plan.kafka)
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **plan.kafka)
    consumer.assign([TopicPartition(topic, 0) for topic in plan.consumed])
    await producer.start()
    await consumer.start()
    for topic in plan.consumed:
        consumer.seek(TopicPartition(topic, 0), 0)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    cpu = time.process_time()
    await asyncio.gather(
        asyncio.to_thread(_copy, connection, tables), _send(producer, plan.topic, values), _consume(consumer, sum(plan.consumed.values()))
    )
    print(time.process_time() - cpu, flush=True)
    await producer.stop()
    await consumer.stop()
    for table in tables:
        connection.execute(SQL("DROP TABLE {}").format(Identifier(table.name)))
    connection.commit()
    connection.close()


def _like(connection: psycopg.Connection[Any], name: str, count: int) -> Table:
    """Makes a table like the city's, with its indexes, and takes as many of the city's own newest rows.

    Where the city wrote a row more often than there are rows now, a row comes again under another key.
    """
    copy_name = f"raw_{name}"
    connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(copy_name)))
    connection.execute(SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(Identifier(copy_name), Identifier(name)))
    columns = connection.execute(
        "SELECT column_name, udt_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        (name,),
    ).fetchall()
    names, types = tuple(row[0] for row in columns), tuple(row[1] for row in columns)
    listed = SQL(", ").join(
        SQL("{}::text").format(Identifier(column)) if kind == "jsonb" else Identifier(column) for column, kind in columns
    )
    found: list[TupleRow] = connection.execute(
        SQL("SELECT {} FROM {} ORDER BY ctid DESC LIMIT {}").format(listed, Identifier(name), count), binary=True
    ).fetchall()
    if not found:
        found = connection.execute("SELECT DISTINCT originator_id, now() FROM ledger_events LIMIT %s", (count,)).fetchall()
    connection.commit()
    return Table(copy_name, names, types, [_row(found[index % len(found)], types, index // len(found)) for index in range(count)])


def _row(row: TupleRow, types: tuple[str, ...], again: int) -> TupleRow:
    values = [Jsonb(value, dumps=str.encode) if kind == "jsonb" else value for value, kind in zip(row, types, strict=True)]
    if again:
        values[0] = f"{values[0]}#{again}"
    return tuple(values)


def _values(connection: psycopg.Connection[Any], plan: Plan) -> list[bytes]:
    statement = SQL("SELECT state FROM {} ORDER BY notification_id DESC LIMIT {}").format(Identifier(plan.events_table), plan.events)
    values = [bytes(row[0]) for row in connection.execute(statement, binary=True)]
    connection.commit()
    return values


def _copy(connection: psycopg.Connection[Any], tables: Sequence[Table]) -> None:
    for table in tables:
        statement = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            Identifier(table.name), SQL(", ").join(map(Identifier, table.columns))
        )
        for start in range(0, len(table.rows), ROWS_PER_TRANSACTION):
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types(table.types)
                for row in table.rows[start : start + ROWS_PER_TRANSACTION]:
                    copy.write_row(row)
            connection.commit()


async def _send(producer: AIOKafkaProducer, topic: str, values: Sequence[bytes]) -> None:
    waiting = []
    for start in range(0, len(values), BATCH_RECORDS_MAX):
        batch = producer.create_batch()
        for value in values[start : start + BATCH_RECORDS_MAX]:
            if batch.append(key=None, value=value, timestamp=None, headers=HEADERS) is None:
                waiting.append(await producer.send_batch(batch, topic, partition=0))
                batch = producer.create_batch()
                batch.append(key=None, value=value, timestamp=None, headers=HEADERS)
        waiting.append(await producer.send_batch(batch, topic, partition=0))
    await asyncio.gather(*waiting)


async def _consume(consumer: AIOKafkaConsumer, count: int) -> None:
    while count > 0:
        found = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS_MAX)
        count -= sum(len(records) for records in found.values())


if __name__ == "__main__":
    main()
