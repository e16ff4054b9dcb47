"""The rows that every service keeps beside its events, written many at a time in the caller's transaction; `schema.sql` makes the tables."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor
from psycopg.rows import DictRow

from shared.envelope import Entry, canonical

ViewRow = tuple[str, int, bytes, str]  # subject, sequence, digest, canonical text


@dataclass(frozen=True, slots=True)
class Answered:
    """What an earlier command under the same key said."""

    digest: bytes
    subject: str
    event_id: str


def write_entries(cursor: Cursor[DictRow], entries: Sequence[Entry]) -> None:
    """Stores applied entries."""
    cursor.execute(
        "INSERT INTO entries (position, subject, sequence, event_id, refused, raw)"
        " SELECT * FROM unnest(%b::int8[], %b::text[], %b::int8[], %b::text[], %b::text[], %b::bytea[])",
        (
            [entry.stamp.position for entry in entries],
            [entry.subject for entry in entries],
            [entry.stamp.sequence for entry in entries],
            [entry.event.id for entry in entries],
            [entry.stamp.refused for entry in entries],
            [entry.raw for entry in entries],
        ),
    )


def view_row(subject: str, sequence: int, view: Mapping[str, Any]) -> ViewRow:
    """Returns a view as its row, with the digest of its canonical text."""
    text = canonical(view)
    return subject, sequence, hashlib.sha256(text).digest(), text.decode()


def read_answers(cursor: Cursor[DictRow], keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Answered]:
    """Returns what was answered before under these (actor, key) pairs."""
    rows = cursor.execute(
        "SELECT actor, key, digest, subject, event_id FROM idempotency"
        " WHERE (actor, key) IN (SELECT * FROM unnest(%b::text[], %b::text[]))",
        ([name for name, _ in keys], [key for _, key in keys]),
    ).fetchall()
    return {(row["actor"], row["key"]): Answered(bytes(row["digest"]), row["subject"], row["event_id"]) for row in rows}


def write_answers(cursor: Cursor[DictRow], answers: Mapping[tuple[str, str], Answered]) -> None:
    """Stores what was answered under each (actor, key)."""
    if not answers:
        return
    cursor.execute(
        "INSERT INTO idempotency (actor, key, digest, subject, event_id)"
        " SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::text[], %b::text[])",
        (
            [name for name, _ in answers],
            [key for _, key in answers],
            [answer.digest for answer in answers.values()],
            [answer.subject for answer in answers.values()],
            [answer.event_id for answer in answers.values()],
        ),
    )


def write_views(cursor: Cursor[DictRow], rows: Sequence[ViewRow], table: str = "views") -> None:
    """Upserts view rows."""
    if not rows:
        return
    statement = (
        f"INSERT INTO {table} (subject, sequence, digest, row)"  # noqa: S608 - one of two constant table names
        " SELECT subject, sequence, digest, row::jsonb FROM unnest(%b::text[], %b::int8[], %b::bytea[], %b::text[])"
        " AS given (subject, sequence, digest, row)"
        " ON CONFLICT (subject) DO UPDATE SET sequence = excluded.sequence, digest = excluded.digest, row = excluded.row"
    )
    cursor.execute(
        statement.encode(), ([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows])
    )


def write_dead_letter(cursor: Cursor[DictRow], origin: str, subject: str, code: str, detail: str, raw: bytes) -> None:
    """Stores a dead letter once per origin (topic and offset, or entry); a subject that is held again is no longer solved."""
    cursor.execute(
        "INSERT INTO dead_letters (origin, subject, code, detail, raw) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (origin) DO UPDATE SET solved = NULL WHERE dead_letters.code = 'held'",
        (origin, subject, code, detail, raw),
    )
