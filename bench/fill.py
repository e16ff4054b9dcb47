"""Databases of a given size, made by the server itself from one real permit: the same bytes and tables as the city's own."""

from collections.abc import Iterable
from typing import Any, Final

import psycopg

from bench import corpus
from bench.corpus import Template
from bench.world import ENTRIES_PER_PERMIT, publications, register
from shared.envelope import Stamp, canonical, make_entry, read_entry
from shared.kit.kafka import Record
from shared.kit.ledger import Ledger
from shared.kit.settings import topic_of
from shared.kit.stage import LEDGER, Stage
from shared.kit.store import Stored

POSITION_OF_A_TEMPLATE: Final = '"ledger":{"position":1,'
SAMPLES: Final = 50

_TABLES: Final = """
CREATE TABLE bench_codes (number bigint PRIMARY KEY, code text NOT NULL, tail text NOT NULL);
CREATE TABLE bench_template (
    place int PRIMARY KEY, sender text NOT NULL, version bigint NOT NULL, topic text NOT NULL, event text NOT NULL, entry text NOT NULL
);
"""

# Every entry of every permit: its position, and its event's and its own text under the permit's code.
_TOLD: Final = """
WITH placed AS (
    SELECT c.number, c.code, c.tail, t.*, %(base)s + c.number * 5 + t.place + 1 AS position FROM bench_codes c CROSS JOIN bench_template t
), told AS (
    SELECT position, code AS subject, place + 1 AS sequence, sender, version, topic, code || '/' || sender || '/' || version AS event_id,
        convert_to(replace(event, %(tail)s, tail), 'UTF8') AS event,
        convert_to(replace(replace(entry, %(tail)s, tail), %(mark)s, '"ledger":{"position":' || position || ','), 'UTF8') AS entry
    FROM placed ORDER BY number, place
)
"""
_LEDGER: Final = (
    """
    INSERT INTO ledger_events (originator_id, originator_version, topic, state, notification_id)
    SELECT subject, sequence, topic, entry, position FROM told
    """,
    """
    INSERT INTO leaves (position, leaf_hash, event_id, event_digest)
    SELECT position, sha256('\\x00'::bytea || entry), event_id, sha256(event) FROM told
    """,
)
_STAGE: Final = (
    """
    INSERT INTO entries (position, subject, sequence, event_id, refused, raw)
    SELECT position, subject, sequence, event_id, '', entry FROM told
    """,
    """
    INSERT INTO stage_events (originator_id, originator_version, topic, state, notification_id)
    SELECT subject, version, topic, event, %(own)s + row_number() OVER (ORDER BY position) FROM told WHERE sender = %(sender)s
    """,
    """
    INSERT INTO views (subject, sequence, digest, row)
    SELECT subject, sequence, %(digest)s, %(view)s::jsonb FROM told WHERE sequence = 5
    """,
)


def begin(ledger: Ledger, stages: Iterable[Stage]) -> int:
    """Has a new ledger enter the city's rules and the stages read them; returns the ledger's head."""
    register(ledger)
    ledger.ingest([Record(topic_of("catalogue"), number, raw) for number, raw in enumerate(publications())])
    entries = [read_entry(raw) for raw in ledger.entries(0, 100)]
    for stage in stages:
        stage.apply(entries)
    return ledger.head


def fill_ledger(ledger: Ledger, database_url: str, made: Template, permits: int) -> None:
    """Enters so many permits behind the ledger's head."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        _prepare(connection, made, permits)
        parameters = _parameters(made, ledger.head)
        for statement in _LEDGER:
            connection.execute((_TOLD + statement).encode(), parameters)
        _finish(connection, ("ledger_events", "leaves"))
    ledger.load()
    _check(ledger.store.after(ledger.head - SAMPLES, SAMPLES), ledger.head)


def fill_stage(stage: Stage, database_url: str, made: Template, permits: int, view: dict[str, Any]) -> None:
    """Applies so many permits behind the stage's position, with its own events and the view rows of ended applications."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        _prepare(connection, made, permits)
        own = stage.store.head()
        text = canonical(view).decode()
        parameters = {**_parameters(made, stage.position), "own": own, "sender": stage.sender, "digest": bytes(32), "view": text}
        for statement in _STAGE:
            connection.execute((_TOLD + statement).encode(), parameters)
        _finish(connection, ("entries", "stage_events", "views"))
    with stage.store.transaction() as cursor:
        stage.store.track(cursor, LEDGER, stage.position + permits * ENTRIES_PER_PERMIT)
    stage.load()


def _prepare(connection: psycopg.Connection[Any], made: Template, permits: int) -> None:
    connection.execute(_TABLES.encode())
    with connection.cursor() as cursor, cursor.copy("COPY bench_codes (number, code, tail) FROM STDIN") as copy:
        for number in range(permits):
            code = corpus.code_of(number)
            copy.write_row((number, code, corpus.tail_of(code)))
    rows = []
    for place, (sender, topic, raw) in enumerate(zip(made.senders, made.types, made.events, strict=True)):
        version = sum(other == sender for other in made.senders[: place + 1])
        entry = make_entry(raw, Stamp(1, place + 1, made.recordedtime)).raw
        rows.append((place, sender, version, topic, raw.decode(), entry.decode()))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO bench_template VALUES (%s, %s, %s, %s, %s, %s)", rows)
    connection.execute("ANALYZE bench_codes, bench_template")


def _parameters(made: Template, base: int) -> dict[str, Any]:
    return {"base": base, "tail": corpus.tail_of(made.code.decode()), "mark": POSITION_OF_A_TEMPLATE}


def _finish(connection: psycopg.Connection[Any], tables: Iterable[str]) -> None:
    """Leaves nothing for the server to tidy up while something is measured."""
    connection.execute("DROP TABLE bench_codes, bench_template")
    for table in tables:
        connection.execute(f"VACUUM (ANALYZE, FREEZE) {table}".encode())


def _check(rows: list[Stored], head: int) -> None:
    corpus.check([row.raw for row in rows])
    last = read_entry(rows[-1].raw)
    if last.stamp.position != head or rows[-1].position != head or last.subject != rows[-1].subject:
        raise RuntimeError("the filled ledger does not hold what it should")
