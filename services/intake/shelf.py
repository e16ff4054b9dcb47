"""Where saved applications lie: a row for each with nothing of its writer's words, and these sealed in the vault until it is erased."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.intake.unfinished import Unfinished
from shared.kit.stage import Stage
from shared.kit.stage_model import Transaction
from shared.kit.store import Row
from shared.kit.tables import Answered, read_answers, write_answers
from shared.kit.vault import Vault
from shared.refusals import Refusal

ERASED_AT_ONCE: Final = 100
BODY: Final = "draft"  # the name of a saved application in the vault
PREFIX: Final = "draft:"  # of its subject there


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved application without its words: under which SOP it was begun, how often it was changed, and when last."""

    draft: str
    sop: str
    version: int
    changed: datetime

    def erased_after(self, days: int) -> datetime:
        """Returns when it is erased, if nobody changes it."""
        return self.changed + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Order:
    """One command about drafts: whose they are (keyed), and the key and digest by which a repeat is known."""

    owner: str
    key: str
    digest: bytes


class Shelf:
    """The saved applications of one intake; every method is one transaction."""

    def __init__(self, stage: Stage, vault: Vault) -> None:
        self._stage = stage
        self._vault = vault

    def put(self, order: Order, draft: str, sop: str, body: Unfinished, most: int) -> str:
        """Keeps a new draft; returns its id, the earlier one's for a repeat. Raises `Refusal` for one more than `most`."""
        with self._stage.store.transaction() as cursor:
            # Two at once of the same person: the second one counts the first.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (order.owner,))
            if earlier := _answered(cursor, order):
                return earlier
            found = cursor.execute("SELECT count(*) AS drafts FROM drafts WHERE owner = %s", (order.owner,)).fetchone()
            if found and found["drafts"] >= most:
                raise Refusal("too-many-drafts", str(most))
            cursor.execute(
                "INSERT INTO drafts (draft, owner, sop, version, changed) VALUES (%s, %s, %s, 1, %s)",
                (draft, order.owner, sop, self._stage.clock.now()),
            )
            self._seal(cursor, draft, body)
            _answer(cursor, order, draft)
        return draft

    def change(self, order: Order, draft: str, versions: Callable[[int], bool], body: Unfinished, sop: str) -> None:
        """Replaces what stands in a draft of a version that fits; `sop` is under which it goes on if its permit type is another one."""
        with self._stage.store.transaction() as cursor:
            if _answered(cursor, order):
                return
            kept = _locked(cursor, order.owner, draft, versions)
            begun_under = kept["sop"] if kept["sop"].partition("@")[0] == body.permit_type else sop
            cursor.execute(
                "UPDATE drafts SET sop = %s, version = version + 1, changed = %s WHERE draft = %s",
                (begun_under, self._stage.clock.now(), draft),
            )
            cursor.execute("DELETE FROM vault_values WHERE subject = %s", (PREFIX + draft,))
            self._seal(cursor, draft, body)
            _answer(cursor, order, draft)

    def throw_away(self, order: Order, draft: str, versions: Callable[[int], bool]) -> None:
        """Erases a draft of a version that fits."""
        with self._stage.store.transaction() as cursor:
            if _answered(cursor, order):
                return
            _locked(cursor, order.owner, draft, versions)
            self._erase(cursor, [draft])
            _answer(cursor, order, draft)

    def take(self, cursor: Transaction, owner: str, draft: str, version: int) -> None:
        """Erases a draft in the transaction of its submission; raises `Refusal` when it was changed meanwhile."""
        _locked(cursor, owner, draft, lambda stored: stored == version)
        self._erase(cursor, [draft])

    def read(self, owner: str, draft: str) -> tuple[Kept, Unfinished]:
        """Returns a draft of this owner; raises `Refusal("unknown-draft")`, also for somebody else's."""
        rows = self._stage.store.rows("SELECT draft, sop, version, changed FROM drafts WHERE draft = %s AND owner = %s", (draft, owner))
        words = next(iter(self._vault.read(PREFIX + draft).values()), None) if rows else None
        if words is None:
            raise Refusal("unknown-draft", draft)
        return Kept(**rows[0]), Unfinished.model_validate_json(words[1])

    def listed(self, owner: str, after: str, limit: int) -> list[Kept]:
        """Returns a page of the drafts of this owner."""
        rows = self._stage.store.rows(
            "SELECT draft, sop, version, changed FROM drafts WHERE owner = %s AND draft > %s ORDER BY draft LIMIT %s", (owner, after, limit)
        )
        return [Kept(**row) for row in rows]

    def erase_silent(self, days: int) -> int:
        """Erases drafts that nobody has changed for so many days, at most a batch; returns how many."""
        before = self._stage.clock.now() - timedelta(days=days)
        with self._stage.store.transaction() as cursor:
            rows = cursor.execute(
                "SELECT draft FROM drafts WHERE changed < %s ORDER BY changed LIMIT %s FOR UPDATE SKIP LOCKED", (before, ERASED_AT_ONCE)
            ).fetchall()
            self._erase(cursor, [row["draft"] for row in rows])
        return len(rows)

    def _seal(self, cursor: Transaction, draft: str, body: Unfinished) -> None:
        committed, disclosed = self._vault.commit(BODY, body.model_dump_json(exclude_defaults=True))
        self._vault.keep(cursor, [(PREFIX + draft, BODY, committed, disclosed)])

    def _erase(self, cursor: Transaction, drafts: list[str]) -> None:
        for draft in drafts:
            self._vault.erase(cursor, PREFIX + draft)
            cursor.execute("DELETE FROM drafts WHERE draft = %s", (draft,))
            # As in `Vault.forget`: the digest of a body covers what a person wrote.
            cursor.execute("UPDATE idempotency SET digest = '' WHERE subject = %s", (PREFIX + draft,))


def _locked(cursor: Transaction, owner: str, draft: str, versions: Callable[[int], bool]) -> Row:
    row = cursor.execute("SELECT sop, version FROM drafts WHERE draft = %s AND owner = %s FOR UPDATE", (draft, owner)).fetchone()
    if row is None:
        raise Refusal("unknown-draft", draft)
    if not versions(row["version"]):
        raise Refusal("draft-changed")
    return row


def _answered(cursor: Transaction, order: Order) -> str:
    """Returns the draft of an earlier command under the same key, empty for a new one; raises `Refusal` for another body."""
    earlier = read_answers(cursor, [(order.owner, order.key)]).get((order.owner, order.key))
    if earlier is None:
        return ""
    if earlier.digest and earlier.digest != order.digest:
        raise Refusal("idempotency-key-reused")
    return earlier.subject.removeprefix(PREFIX)


def _answer(cursor: Transaction, order: Order, draft: str) -> None:
    write_answers(cursor, {(order.owner, order.key): Answered(order.digest, PREFIX + draft, "")})
