"""Letting go of applications that ended long ago, in small batches. What comes for one later is taken back from the ledger first.

An application goes whole or not at all: its entries, its row and its own events, in one transaction. Own events go only when they are
published and entered, and never the last one of the store, whose position says which one is next.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL

from shared.kit.store import Store

DROPPED_AT_ONCE: Final = 100
_DUE: Final = SQL(
    "SELECT subject FROM endings WHERE drop_at <= %(now)s"
    " AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE dead_letters.subject = endings.subject AND solved IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM views WHERE views.subject = endings.subject AND views.row->>'outcome' = '')"
    " AND NOT EXISTS (SELECT 1 FROM {events} AS own WHERE own.originator_id = endings.subject AND ("
    "  own.notification_id > %(relayed)s OR own.notification_id >= (SELECT max(notification_id) FROM {events})"
    "  OR NOT EXISTS (SELECT 1 FROM entries WHERE entries.subject = own.originator_id"
    "   AND entries.event_id = own.originator_id || '/' || %(sender)s || '/' || own.originator_version)))"
    " ORDER BY drop_at LIMIT %(limit)s"
)


class HistoryMissing(Exception):  # noqa: N818 - says what was met
    """An entry came for an application whose earlier ones were dropped here: the ledger's feed has them."""

    def __init__(self, subject: str) -> None:
        super().__init__(subject)
        self.subject = subject


def write_endings(cursor: Cursor[DictRow], endings: Sequence[tuple[str, datetime]]) -> None:
    """Notes from when on applications may be dropped."""
    if endings:
        cursor.execute(
            "INSERT INTO endings (subject, drop_at) SELECT * FROM unnest(%b::text[], %b::timestamptz[])"
            " ON CONFLICT (subject) DO UPDATE SET drop_at = excluded.drop_at",
            ([subject for subject, _ in endings], [instant for _, instant in endings]),
        )


def drop_due(cursor: Cursor[DictRow], store: Store, sender: str, now: datetime, relayed: int) -> list[str]:
    """Drops applications whose time has come, at most a batch; returns which. `relayed` is the relay's saved position."""
    wanted = {"now": now, "relayed": relayed, "sender": sender, "limit": DROPPED_AT_ONCE}
    subjects = [row["subject"] for row in cursor.execute(_DUE.format(events=store.events), wanted).fetchall()]
    if subjects:
        # The rows first: a rebuild that holds their table then still finds the entries of whatever it sees there.
        for statement in (
            SQL("DELETE FROM views WHERE subject = ANY(%s)"),
            SQL("DELETE FROM entries WHERE subject = ANY(%s)"),
            SQL("DELETE FROM {events} WHERE originator_id = ANY(%s)").format(events=store.events),
            SQL("DELETE FROM endings WHERE subject = ANY(%s)"),
        ):
            cursor.execute(statement, (subjects,))
    return subjects
