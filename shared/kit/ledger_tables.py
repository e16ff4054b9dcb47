"""The rows that the ledger writes beside its entries, in the transaction of an append; `schema.sql` of the ledger makes the tables."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Cursor
from psycopg.rows import DictRow

from shared.envelope import Entry, event_digest, leaf_hash
from shared.kit.kafka import Record


def write_leaves(cursor: Cursor[DictRow], entries: Sequence[Entry], digests: Mapping[str, bytes]) -> None:
    """Stores each entry's leaf hash and its event's digest; `digests` are those already known, by event id."""
    cursor.execute(
        "INSERT INTO leaves (position, leaf_hash, event_id, event_digest) SELECT * FROM unnest(%b::int8[], %b::bytea[], %b::text[], %b::bytea[])",
        (
            [entry.stamp.position for entry in entries],
            [leaf_hash(entry.raw) for entry in entries],
            [entry.event.id for entry in entries],
            [digests.get(entry.event.id) or event_digest(entry.event_raw) for entry in entries],
        ),
    )


def write_held(cursor: Cursor[DictRow], held: Mapping[str, Record], released: Sequence[str]) -> None:
    """Stores events that wait for an earlier number of their sender, and forgets those that wait no longer."""
    for event_id, record in held.items():
        cursor.execute(
            "INSERT INTO held_events (event_id, topic, raw, seal) VALUES (%s, %s, %s, %s) ON CONFLICT (event_id) DO NOTHING",
            (event_id, record.topic, record.value, record.seal),
        )
    if released:
        cursor.execute("DELETE FROM held_events WHERE event_id = ANY(%b)", (list(released),))


def write_timers(cursor: Cursor[DictRow], running: Sequence[tuple[str, datetime]], over: Sequence[str]) -> None:
    """Stores when each subject is due next, and removes those for which nothing runs."""
    if running:
        cursor.execute(
            "INSERT INTO timers (subject, due_at) SELECT * FROM unnest(%b::text[], %b::timestamptz[])"
            " ON CONFLICT (subject) DO UPDATE SET due_at = excluded.due_at",
            ([name for name, _ in running], [due for _, due in running]),
        )
    if over:
        cursor.execute("DELETE FROM timers WHERE subject = ANY(%b)", (list(over),))
