"""The event store and everything that is written in the same transaction with it.

`eventsourcing` keeps the events (text ids, topic = CloudEvents type, state = the event's own bytes) and its tracking; the append is ours,
inside the caller's transaction: positions are given under an advisory lock, so they are gapless and insert order is commit order.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
from eventsourcing.persistence import DataError, PersistenceError, StoredEvent, Tracking
from eventsourcing.postgres import PostgresFactory, PostgresProcessRecorder
from eventsourcing.utils import Environment
from psycopg import Cursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, tuple_row
from psycopg.sql import SQL, Composed, Identifier

from shared.kit.ending import ProcessEnds

APPEND_LOCK: Final = 0x4A454A414B  # "JEJAK"
SINGLE_PROCESS_LOCK: Final = APPEND_LOCK + 1
REBUILD_LOCK: Final = APPEND_LOCK + 2
StoreError = (PersistenceError, psycopg.Error)
ValueRefused = (DataError, psycopg.DataError)  # the database answers, and does not take a value
Row = dict[str, Any]


class Stored(NamedTuple):
    """One stored event: its place in the store, stream, number in the stream, CloudEvents type and bytes."""

    position: int
    subject: str
    version: int
    type: str
    raw: bytes


class Recorder(PostgresProcessRecorder):
    """The library's recorder with an append that runs in the caller's transaction."""

    def _table(self) -> Composed:
        return SQL("{}.{}").format(Identifier(self.datastore.schema), Identifier(self.events_table_name))

    def append(self, cursor: Cursor[DictRow], events: Sequence[StoredEvent], *, head: int | None = None) -> int:
        """Appends the events and returns the position of the first; `head` is the position the caller remembers as the last.

        Raises `HeadMoved` when somebody else appended since.
        """
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        found = cursor.execute(SQL("SELECT COALESCE(max(notification_id), 0) AS head FROM {}").format(self._table())).fetchone()
        stored_head = int(found["head"]) if found else 0
        if head is not None and head != stored_head:
            raise HeadMoved(head, stored_head)
        cursor.execute(
            SQL(
                "INSERT INTO {} (originator_id, originator_version, topic, state, notification_id)"
                " SELECT * FROM unnest(%b::text[], %b::int8[], %b::text[], %b::bytea[], %b::int8[])"
            ).format(self._table()),
            (
                [str(event.originator_id) for event in events],
                [event.originator_version for event in events],
                [event.topic for event in events],
                [event.state for event in events],
                list(range(stored_head + 1, stored_head + 1 + len(events))),
            ),
        )
        return stored_head + 1


class HeadMoved(ProcessEnds):
    """Another process appended: this one must give up its place."""

    def __init__(self, remembered: int, stored: int) -> None:
        super().__init__(
            f"Somebody else appended to this database: position {stored} is stored and this process remembers {remembered} as the last."
            " It gives up its place; started anew, it takes the place again or waits for it."
        )


class Store:
    """One service's database."""

    def __init__(self, database_url: str, name: str) -> None:
        self.name = name
        self._url = database_url
        parts = conninfo_to_dict(database_url)
        environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts.get("dbname", "")),
            "POSTGRES_HOST": str(parts.get("host", "")),
            "POSTGRES_PORT": str(parts.get("port", 5432)),
            "POSTGRES_USER": str(parts.get("user", "")),
            "POSTGRES_PASSWORD": str(parts.get("password", "")),
            "POSTGRES_POOL_SIZE": "1",
            "POSTGRES_MAX_OVERFLOW": "5",
            "POSTGRES_CONNECT_TIMEOUT": "10",
            "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "60",
            "ORIGINATOR_ID_TYPE": "text",
            "PROCESS_RECORDER_TOPIC": f"{__name__}:Recorder",
        }
        self._factory = PostgresFactory(Environment(name, environment))
        recorder = self._factory.process_recorder()
        if not isinstance(recorder, Recorder):
            message = "the store needs its own recorder"
            raise TypeError(message)
        self.recorder = recorder
        self.events = recorder._table()  # noqa: SLF001 - one table, named by the library

    def create(self, *schemas: Path) -> None:
        """Creates the kit's tables and the given schema files'; safe to repeat."""
        kit = Path(__file__).with_name("schema.sql")
        with self.transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
            for schema in (kit, *schemas):
                cursor.execute(schema.read_bytes())

    @contextmanager
    def transaction(self) -> Iterator[Cursor[DictRow]]:
        """One transaction; commits at the end, rolls back on any exception."""
        with self.recorder.datastore.transaction(commit=True) as cursor:
            yield cursor

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Runs one reading statement."""
        with self.recorder.datastore.cursor() as cursor:
            return cursor.execute(statement.encode(), parameters).fetchall()

    def append(self, cursor: Cursor[DictRow], events: Sequence[Stored], *, head: int | None = None) -> int:
        """Appends events (their `position` is ignored) and returns the position of the first."""
        stored = [StoredEvent(event.subject, event.version, event.type, event.raw) for event in events]
        return self.recorder.append(cursor, stored, head=head)

    def track(self, cursor: Cursor[DictRow], upstream: str, position: int) -> None:
        """Records the position up to which an upstream was applied; it only moves forward."""
        self.recorder._insert_tracking(cursor, Tracking(upstream, position))  # noqa: SLF001 - the library's hook for a caller's transaction

    def tracked(self, upstream: str) -> int:
        """Returns the tracked position of an upstream, 0 at first."""
        return self.recorder.max_tracking_id(upstream) or 0

    def head(self) -> int:
        """Returns the position of the last stored event, 0 when there is none."""
        return self.recorder.max_notification_id() or 0

    def after(self, position: int, limit: int) -> list[Stored]:
        """Returns the stored events after a position."""
        return self._select(SQL("WHERE notification_id > %s ORDER BY notification_id LIMIT %s"), (position, limit))

    def stream(self, subject: str, *, after_version: int = 0) -> list[Stored]:
        """Returns a subject's stored events in order."""
        return self._select(
            SQL("WHERE originator_id = %s AND originator_version > %s ORDER BY originator_version"), (subject, after_version)
        )

    def streams(self, subjects: Sequence[str]) -> list[Stored]:
        """Returns many subjects' stored events, each subject's in order."""
        return self._select(SQL("WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version"), (list(subjects),))

    def _select(self, clause: SQL, parameters: tuple[object, ...]) -> list[Stored]:
        statement = SQL("SELECT notification_id, originator_id, originator_version, topic, state FROM {} {}").format(self.events, clause)
        with self.recorder.datastore.cursor() as cursor:
            cursor.row_factory = tuple_row  # type: ignore[assignment]  # the library's cursors give dictionaries
            found: list[Any] = cursor.execute(statement, parameters, binary=True).fetchall()
        return [Stored._make(row) for row in found]

    def close(self) -> None:
        """Closes the pool."""
        self._factory.close()


class SingleProcess:
    """A session lock on the database: one process of a sender is active, a second one waits; another `lock` is for another kind of work."""

    def __init__(self, database_url: str, lock: int = SINGLE_PROCESS_LOCK) -> None:
        self._url = database_url
        self._lock = lock
        self._connection: psycopg.Connection[Any] | None = None

    def acquire(self) -> bool:
        """Tries to become the active process; False while another one is."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        found = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (self._lock,)).fetchone()
        return bool(found and found[0])

    def held(self) -> bool:
        """Says whether the session that holds the lock is still there."""
        if self._connection is None or self._connection.closed:
            return False
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def release(self) -> None:
        """Gives the lock back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
