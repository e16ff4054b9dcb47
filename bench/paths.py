"""Rows 3, 4 and 5: appending, replaying and receiving, each beside the barest loop that moves the same bytes."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from psycopg.sql import SQL

from bench import corpus
from bench.measure import Cost, Figure, Loop, Meter, alternate, compared, heap_aside, measured
from bench.servers import server_facts, servers
from bench.world import World
from deploy.local import environment, postgres
from deploy.local.layout import Stack
from shared.case import Case, empty_case, fold
from shared.envelope import Entry, read_entry
from shared.kit.kafka import BATCH_RECORDS_MAX, POLL_MS, Publisher, Record, client_options, subscribe
from shared.kit.settings import LEDGER_TOPIC, Settings
from shared.kit.store import Store, Stored
from shared.sop.model import Sop

PER_TRANSACTION: Final = 500
PAGE_ROWS: Final = 1000
# The bare SELECT is so short that the server's CPU, told in hundredths of a second, would be a guess.
SELECTS: Final = 5
RECEIVE_SECONDS_MAX: Final = 120.0
COLUMNS: Final = "originator_id, originator_version, topic, state, notification_id"
COPY_TYPES: Final = ("text", "int8", "text", "bytea", "int8")
EVENTS_TABLE: Final = "ledger_events"


def run(chosen: frozenset[str], rounds: int, *, quick: bool) -> tuple[list[Figure], dict[str, str]]:
    """Measures the chosen of rows 3, 4 and 5; returns the servers' settings too."""
    permits = 2_000 if quick else 10_000
    figures: list[Figure] = []
    with servers(with_kafka="5" in chosen) as stack:
        facts = server_facts(stack)
        world = World(stack)
        made = corpus.template(world)
        sops = world.ledger.city.sops
        world.close()
        rows = corpus.stored(made, 1, permits, 1)
        corpus.check([row.raw for row in rows[:: len(rows) // 50]])
        meter = Meter({"PostgreSQL": postgres.running_pid(stack) or 0})
        with heap_aside():
            if "3" in chosen:
                figures += _append(stack, rows, rounds, meter)
            if "4" in chosen:
                figures += _replay(stack, rows, rounds, meter, sops)
            if "5" in chosen:
                figures += _receive(stack, rows, rounds)
    return figures, facts


# Row 3


def _append(stack: Stack, rows: Sequence[Stored], rounds: int, meter: Meter) -> tuple[Figure, Figure]:
    url = postgres.database_url(stack, "ledger")
    store = Store(url, "ledger")
    with psycopg.connect(url, autocommit=True) as admin, psycopg.connect(url) as bare:
        admin.execute("CREATE TABLE raw_events (LIKE ledger_events INCLUDING ALL)")

        def emptied(step: Callable[[], None]) -> Cost:
            admin.execute("TRUNCATE raw_events, ledger_events, ledger_tracking")
            return measured(len(rows), step, meter)

        raw, ours = alternate(rounds, lambda: emptied(lambda: _copy(bare, rows)), lambda: emptied(lambda: _append_all(store, rows)))
        admin.execute("DROP TABLE raw_events")
    store.close()
    bare_loop = Loop("COPY (binary), 500 rows a transaction", raw)
    our_loop = Loop("Store.append and Store.track, 500 rows a transaction", ours)
    return compared(("3", "append with tracking / raw COPY", 0.5), bare_loop, our_loop, "row")


def _append_all(store: Store, rows: Sequence[Stored]) -> None:
    for start in range(0, len(rows), PER_TRANSACTION):
        with store.transaction() as cursor:
            first = store.append(cursor, rows[start : start + PER_TRANSACTION], head=start)
            store.track(cursor, "bench", first + PER_TRANSACTION)


def _copy(connection: psycopg.Connection[Any], rows: Sequence[Stored], table: str = "raw_events") -> None:
    statement = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(SQL(table), SQL(COLUMNS))
    for start in range(0, len(rows), PER_TRANSACTION):
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(COPY_TYPES)
            for row in rows[start : start + PER_TRANSACTION]:
                copy.write_row((row.subject, row.version, row.type, row.raw, row.position))
        connection.commit()


# Row 4


def _replay(stack: Stack, rows: Sequence[Stored], rounds: int, meter: Meter, sops: Mapping[str, Sop]) -> list[Figure]:
    url = postgres.database_url(stack, "ledger")
    store = Store(url, "ledger")
    with psycopg.connect(url, autocommit=True) as bare:
        bare.execute("TRUNCATE ledger_events")
        _copy(bare, rows, EVENTS_TABLE)
        bare.execute("VACUUM ANALYZE ledger_events")
        count = len(rows)
        raw, ours = alternate(
            rounds,
            lambda: measured(count * SELECTS, lambda: _select(bare), meter),
            lambda: measured(count, lambda: _typed(store), meter),
        )
        folded = [measured(count, lambda: _fold(store, sops), meter) for _ in range(rounds)]
    store.close()
    bare_loop = Loop("SELECT (binary), one page of 1,000 after the other", raw)
    our_loop = Loop("Store.after, read_entry and decode, pages of 1,000", ours)
    fold_loop = Loop("the same and the fold to cases", folded)
    figures = compared(("4", "replay to typed events / raw SELECT", 0.2), bare_loop, our_loop, "entry")
    with_fold = compared(("4", "replay folded to cases / raw SELECT", 0.0), bare_loop, fold_loop, "entry")
    return [*figures, with_fold[0]]


def _select(connection: psycopg.Connection[Any]) -> None:
    statement = SQL("SELECT {} FROM ledger_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s").format(SQL(COLUMNS))
    with connection.cursor(binary=True) as cursor:
        for _ in range(SELECTS):
            after = 0
            while page := cursor.execute(statement, (after, PAGE_ROWS)).fetchall():
                after = page[-1][4]


def _entries(store: Store) -> Iterator[Entry]:
    after = 0
    while page := store.after(after, PAGE_ROWS):
        for row in page:
            entry = read_entry(row.raw)
            _ = entry.event  # decoded here, as a reader does
            yield entry
        after = page[-1].position


def _typed(store: Store) -> None:
    deque(_entries(store), maxlen=0)


def _fold(store: Store, sops: Mapping[str, Sop]) -> None:
    cases: dict[str, Case] = {}
    for entry in _entries(store):
        known = cases.get(entry.subject)
        cases[entry.subject] = fold(known if known is not None else empty_case(entry.subject), entry, sops)


# Row 5


def settings_of(stack: Stack, name: str) -> Settings:
    """Returns the settings of one of the city's processes."""
    values = environment.read_environment(stack.env_file(name))
    return Settings.model_validate({name.removeprefix("JEJAK_").lower(): value for name, value in values.items()})


def _receive(stack: Stack, rows: Sequence[Stored], rounds: int) -> tuple[Figure, Figure]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_publish(settings_of(stack, "ledger"), rows))
        settings = settings_of(stack, "tracker")
        raw, ours = alternate(
            rounds, lambda: runner.run(_bare_consumer(settings, len(rows))), lambda: runner.run(_subscription(settings, len(rows)))
        )
    bare_loop = Loop("AIOKafkaConsumer.getmany, up to 500 records", raw)
    our_loop = Loop("shared.kit.kafka.subscribe, read_entry and decode, up to 500 records", ours)
    return compared(("5", "FastStream batch path with decoding / bare aiokafka", 0.35), bare_loop, our_loop, "record")


async def _publish(settings: Settings, rows: Sequence[Stored]) -> None:
    publisher = Publisher(settings, LEDGER_TOPIC)
    headers = [("content-type", b"application/cloudevents+json")]
    for start in range(0, len(rows), PER_TRANSACTION):
        await publisher.publish([(row.raw, headers) for row in rows[start : start + PER_TRANSACTION]])
    await publisher.close()


async def _bare_consumer(settings: Settings, count: int) -> Cost:
    partition = TopicPartition(LEDGER_TOPIC, 0)
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **client_options(settings))
    consumer.assign([partition])
    await consumer.start()
    try:
        consumer.seek(partition, 0)
        clock = Stopwatch(count)
        while not clock.done.is_set():
            found = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS_MAX)
            clock.add(sum(len(records) for records in found.values()))
    finally:
        await consumer.stop()
    return clock.cost()


async def _subscription(settings: Settings, count: int) -> Cost:
    clock = Stopwatch(count)

    async def receive(records: Sequence[Record]) -> None:
        decoded = [read_entry(record.value).event for record in records]
        clock.add(len(decoded))

    broker = subscribe(settings, receive, topic=LEDGER_TOPIC, pace_seconds=0.0, offset_of=lambda _topic: 0)
    await broker.start()
    try:
        await asyncio.wait_for(clock.done.wait(), RECEIVE_SECONDS_MAX)
    finally:
        await broker.stop()
    return clock.cost()


class Stopwatch:
    """Counts records from the first batch on; what connecting and joining a group cost is not part of a loop."""

    def __init__(self, count: int) -> None:
        self.done = asyncio.Event()
        self._left = count
        self._counted = 0
        self._begun: tuple[float, float] | None = None
        self._ended = (0.0, 0.0)

    def add(self, records: int) -> None:
        """Notes a batch; the first one only starts the clock."""
        if not records or self.done.is_set():
            return
        self._left -= records
        if self._begun is None:
            self._begun = _clocks()
        else:
            self._counted += records
        if self._left <= 0:
            self._ended = _clocks()
            self.done.set()

    def cost(self) -> Cost:
        """Returns the cost of the counted records in this process."""
        if self._begun is None or not self._counted:
            raise RuntimeError("too few records came to be measured")
        return Cost(self._counted, self._ended[0] - self._begun[0], self._ended[1] - self._begun[1])


def _clocks() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()
