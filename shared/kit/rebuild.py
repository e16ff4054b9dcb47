"""Live views made anew from the ledger beside those in use, compared with them row by row, and put in their place in one transaction.

While it folds, the service goes on: only for the last entries, the comparison and the exchange its inbox waits at the table's lock.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from shared.envelope import Entry, read_entry
from shared.kit.feed import HEAD_HEADER, PAGE_ENTRIES
from shared.kit.stage import LEDGER
from shared.kit.store import REBUILD_LOCK, Row, SingleProcess, Store
from shared.kit.tables import view_row, write_views
from shared.replay import Folding, Project

LIVE: Final = "views"
REBUILT: Final = "views_rebuilt"
NEAR_ENTRIES: Final = 500
APPROACHES_MAX: Final = 50
TIMEOUT_SECONDS: Final = 20.0
Progress = Callable[[int, int], None]


class RebuildError(Exception):
    """The views cannot be rebuilt now; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found: rows made, the position they stand at, and the subjects that differed, were missing or were surplus."""

    rows: int
    position: int
    differing: tuple[str, ...]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Says whether the live views were right already."""
        return not (self.differing or self.missing or self.surplus)


class LedgerReader:
    """The ledger's feed for a command: pages of entries between two positions."""

    def __init__(self, ledger_url: str, token: str) -> None:
        self._client = httpx.Client(base_url=ledger_url, headers={"authorization": f"Bearer {token}"}, timeout=TIMEOUT_SECONDS)

    def between(self, after: int, until: int) -> Iterator[list[Entry]]:
        """Yields the entries after a position up to another; raises `RebuildError` when the ledger cannot give them."""
        while after < until:
            try:
                answer = self._client.get("/v1/entries", params={"after": after, "limit": min(PAGE_ENTRIES, until - after)})
                answer.raise_for_status()
            except httpx.HTTPError as error:
                raise RebuildError(f"The ledger cannot be read ({type(error).__name__}). Start it, then run the command again.") from None
            entries = [read_entry(line) for line in answer.content.split(b"\n") if line]
            if not entries:
                raise RebuildError(
                    f"The ledger ends at {answer.headers[HEAD_HEADER]}, before what this service has applied. Restore the ledger first."
                )
            yield entries
            after = entries[-1].stamp.position

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


def rebuild(database_url: str, project: Project, reader: LedgerReader, progress: Progress) -> Rebuilt:
    """Rebuilds the live views of a service whose process may be running; `progress` gets the position reached and the one to reach.

    Raises `RebuildError` or a `StoreError`; the live views are then as they were.
    """
    place = SingleProcess(database_url, REBUILD_LOCK)
    try:
        if not place.acquire():
            raise RebuildError("Another rebuild of these views is running. Wait until it has ended.")
        store = Store(database_url, "stage")
        try:
            return _rebuild(store, _Making(project), reader, progress)
        finally:
            store.close()
    finally:
        place.release()


def _rebuild(store: Store, making: "_Making", reader: LedgerReader, progress: Progress) -> Rebuilt:
    with store.transaction() as cursor:
        cursor.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(REBUILT)))
        cursor.execute(SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(Identifier(REBUILT), Identifier(LIVE)))
    try:
        _approach(store, making, reader, progress)
        with store.transaction() as cursor:
            return _exchange(cursor, store, making, reader)
    finally:
        with store.transaction() as cursor:
            cursor.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(REBUILT)))


class _Making:
    """The views being made: everything folded so far, and the applications whose rows are not written yet."""

    def __init__(self, project: Project) -> None:
        self.folding = Folding()
        self._project = project
        self._changed: dict[str, None] = {}

    def take(self, entries: Iterable[Entry]) -> None:
        """Folds entries."""
        for entry in entries:
            calendar = self.folding.city.calendar
            if subject := self.folding.take(entry):
                self._changed[subject] = None
            if self.folding.city.calendar is not calendar:
                # Due dates follow the calendar, of what waits for somebody in an ended application too.
                self._changed.update(dict.fromkeys(self.folding.cases))

    def write(self, cursor: Cursor[DictRow]) -> None:
        """Writes the rows of what has changed."""
        rows = []
        for subject in self._changed:
            case = self.folding.cases[subject]
            row = self._project(case, self.folding.city)
            if row is not None:
                rows.append(view_row(subject, case.sequence, row))
        write_views(cursor, rows, REBUILT)
        self._changed.clear()


def _approach(store: Store, making: _Making, reader: LedgerReader, progress: Progress) -> None:
    """Folds until the service is only a few entries ahead; each time its position is read anew, because it moves on."""
    for _ in range(APPROACHES_MAX):
        goal = store.tracked(LEDGER)
        if goal - making.folding.position <= NEAR_ENTRIES and making.folding.position:
            return
        for entries in reader.between(making.folding.position, goal):
            making.take(entries)
            with store.transaction() as cursor:
                making.write(cursor)
            progress(making.folding.position, goal)
        if making.folding.position == goal:
            return
    raise RebuildError("The service moves on faster than its views can be rebuilt. Run the command again at a quieter time.")


def _exchange(cursor: Cursor[DictRow], store: Store, making: _Making, reader: LedgerReader) -> Rebuilt:
    # From here on the inbox waits: what it has committed is what both tables must show.
    cursor.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(Identifier(LIVE)))
    for entries in reader.between(making.folding.position, store.tracked(LEDGER)):
        making.take(entries)
    making.write(cursor)
    # What the service has dropped it has no entries of, and it stays dropped.
    cursor.execute(
        SQL("DELETE FROM {} AS made WHERE NOT EXISTS (SELECT 1 FROM entries WHERE entries.subject = made.subject)").format(
            Identifier(REBUILT)
        )
    )
    found = _differences(cursor)
    counted = cursor.execute(SQL("SELECT count(*) AS rows FROM {}").format(Identifier(REBUILT))).fetchone()
    _swap(cursor)
    by_kind = {kind: tuple(row["subject"] for row in found if row["kind"] == kind) for kind in ("differing", "missing", "surplus")}
    return Rebuilt(counted["rows"] if counted else 0, making.folding.position, **by_kind)


def _differences(cursor: Cursor[DictRow]) -> Sequence[Row]:
    return cursor.execute(
        SQL(
            "SELECT subject, CASE WHEN live.digest IS NULL THEN 'missing'"
            " WHEN made.digest IS NULL THEN 'surplus' ELSE 'differing' END AS kind"
            " FROM {} AS live FULL JOIN {} AS made USING (subject)"
            # The row itself as well: a row altered by hand may still have its old digest beside it.
            " WHERE (live.sequence, live.digest, live.row) IS DISTINCT FROM (made.sequence, made.digest, made.row)"
            " ORDER BY subject"
        ).format(Identifier(LIVE), Identifier(REBUILT))
    ).fetchall()


def _swap(cursor: Cursor[DictRow]) -> None:
    """Puts the new table in the old one's place; its indexes, made with it, get the old ones' names."""
    names = _index_names(cursor, LIVE)
    made = _index_names(cursor, REBUILT)
    cursor.execute(SQL("DROP TABLE {}").format(Identifier(LIVE)))
    cursor.execute(SQL("ALTER TABLE {} RENAME TO {}").format(Identifier(REBUILT), Identifier(LIVE)))
    for definition, name in names.items():
        cursor.execute(SQL("ALTER INDEX {} RENAME TO {}").format(Identifier(made[definition]), Identifier(name)))


def _index_names(cursor: Cursor[DictRow], table: str) -> dict[str, str]:
    """Returns the names of a table's indexes by what they index, how and where."""
    rows = cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s", (table,)
    ).fetchall()
    return {row["indexdef"].partition(" USING ")[2]: row["indexname"] for row in rows}
