"""What a database holds, read once and put back later: filling tables that are there costs a tenth of making them and living through it."""

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import Cursor, sql
from psycopg.rows import TupleRow, tuple_row

from shared.kit.store import Store

COLUMNS: Final = (
    "SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid"
    " WHERE relnamespace = 'public'::regnamespace AND attnum > 0 ORDER BY relname, attnum"
)
TABLES: Final = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
COUNTERS: Final = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Contents:
    """The rows of every table, where each counter stands, and the columns of tables and indexes to which they belong."""

    shape: list[tuple[Any, ...]]
    rows: dict[str, bytes]
    counters: list[tuple[Any, ...]]

    def fill_if_fit(self, store: Store) -> bool:
        """Puts these rows in the place of all that is there, if the database has the same tables and indexes; says whether it has."""
        with store.transaction() as cursor:
            reader = _reader(cursor)
            if reader.execute(COLUMNS).fetchall() != self.shape:
                return False
            for table, rows in self.rows.items():
                name = sql.Identifier(table)
                reader.execute(sql.SQL("DELETE FROM {}").format(name))
                if rows:
                    with reader.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(name)) as copy:
                        copy.write(rows)
            for counter, last in self.counters:
                reader.execute("SELECT setval(quote_ident(%s)::regclass, %s, %s)", (counter, last or 1, last is not None))
        return True


def contents(store: Store) -> Contents:
    """Reads everything that a database holds."""
    with store.transaction() as cursor:
        reader = _reader(cursor)
        shape = reader.execute(COLUMNS).fetchall()
        tables = [row[0] for row in reader.execute(TABLES).fetchall()]
        return Contents(shape, {table: _rows(reader, table) for table in tables}, reader.execute(COUNTERS).fetchall())


def _reader(cursor: Cursor[Any]) -> Cursor[TupleRow]:
    connection: psycopg.Connection[Any] = cursor.connection
    return connection.cursor(row_factory=tuple_row)


def _rows(reader: Cursor[TupleRow], table: str) -> bytes:
    name = sql.Identifier(table)
    if reader.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(name)).fetchone() is None:
        return b""
    with reader.copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(name)) as copy:
        return b"".join(bytes(part) for part in copy)
