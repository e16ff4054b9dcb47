"""The ledger's engine: records of all senders' topics into entries, one transaction a batch, and the clock's own events.

One process is active; each append checks that the stored head is the one remembered. The offsets of the topics are kept in the same
transaction, so that a restored database reads again what it has lost.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from psycopg import Cursor
from psycopg.rows import DictRow

from shared import events as e
from shared.city import CITY_SUBJECTS, City, fold_city, is_city_subject
from shared.code import is_code
from shared.envelope import (
    ContractError,
    Entry,
    Stamp,
    decode,
    encode,
    event_digest,
    leaf_hash,
    make_entry,
    read_entry,
)
from shared.fields import to_timestamp
from shared.keyring import seal_problem
from shared.kit.clock import Clock, FeedClock
from shared.kit.kafka import Record
from shared.kit.ledger_tables import write_held, write_leaves, write_timers
from shared.kit.settings import sender_of
from shared.kit.store import HeadMoved, Store, Stored
from shared.kit.tables import write_dead_letter
from shared.kit.telemetry import Metrics, log
from shared.proof.strict import to_base64url

SENDER: Final = "ledger"
DUE_SUBJECTS_MAX: Final = 200
SAID_PER_SUBJECT_MAX: Final = 20
HELD_ALARM: Final = timedelta(minutes=10)


class Judge(Protocol):
    """The ledger service's domain, as the engine calls it."""

    def new_subject(self, name: str) -> Any: ...  # noqa: ANN401, D102 - the domain's own class
    def judge(self, event: e.AnyEvent, topic_sender: str, city_name: str, subject: Any, city: City, now: datetime) -> Any: ...  # noqa: ANN401, D102 - the same
    def due_events(self, case: Any, city: City, now: datetime) -> tuple[e.Data, ...]: ...  # noqa: ANN401, D102 - the same
    def next_due(self, case: Any, city: City) -> datetime | None: ...  # noqa: ANN401, D102 - the same


@dataclass
class _Batch:
    """What one transaction changes; thrown away when it fails."""

    head: int
    city: City
    recorded: datetime
    today: str
    subjects: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    digests: dict[str, bytes] = field(default_factory=dict)
    letters: list[tuple[str, str, str, str, bytes]] = field(default_factory=list)
    held: dict[str, Record] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    offsets: dict[str, int] = field(default_factory=dict)
    repeats: int = 0


class Ledger:
    """The city's order. Every public method takes the lock."""

    def __init__(self, store: Store, judge: Judge, city_name: str, clock: Clock, metrics: Metrics, *, subjects_max: int) -> None:
        self.store = store
        self.clock = clock
        self.metrics = metrics
        self._judge = judge
        self._city_name = city_name
        self._source = f"/{city_name}/{SENDER}"
        self._subjects_max = subjects_max
        self._subjects: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.RLock()
        self.city = City()
        self.head = 0
        self._recorded = datetime.min.replace(tzinfo=UTC)
        self._held: dict[str, Record] = {}
        self._offsets: dict[str, int] = {}
        self.on_entries: Callable[[Sequence[Stored]], None] = lambda _entries: None
        self.on_head_moved: Callable[[HeadMoved], object] = lambda _moved: None

    def load(self) -> None:
        """Reads head, city, held events and topic offsets from the store."""
        with self._lock:
            self._subjects.clear()
            self.head = self.store.head()
            last = self.store.after(self.head - 1, 1) if self.head else []
            self._recorded = read_entry(last[0].raw).recorded if last else self.clock.now()
            if isinstance(self.clock, FeedClock):
                self.clock.advance(self._recorded)
            self.city = self._load_city()
            rows = self.store.rows("SELECT event_id, topic, raw, seal FROM held_events")
            self._held = {row["event_id"]: Record(row["topic"], -1, bytes(row["raw"]), seal=bytes(row["seal"])) for row in rows}
            self.metrics.held.set(len(self._held))
            self.metrics.position.set(self.head)

    def _load_city(self) -> City:
        rows = self.store.rows(
            "SELECT state FROM ledger_events WHERE originator_id LIKE ANY(%s) ORDER BY notification_id",
            ([f"{prefix}%" for prefix in CITY_SUBJECTS],),
        )
        city = City()
        for row in rows:
            city = fold_city(city, read_entry(bytes(row["state"])))
        return city

    def topic_offset(self, topic: str) -> int:
        """Returns the next offset of a sender's topic that this database has not seen."""
        if topic not in self._offsets:
            self._offsets[topic] = self.store.tracked(topic)
        return self._offsets[topic]

    # Judging

    def ingest(self, records: Sequence[Record]) -> None:
        """Judges a batch of records and enters what may be entered, in one transaction."""
        with self._lock:
            batch = self._new_batch()
            fresh = [record for record in records if record.offset >= self.topic_offset(record.topic)]
            read = [_read(record) for record in fresh]
            self._prepare(event.subject for event in read if not isinstance(event, ContractError))
            for record, event in zip(fresh, read, strict=True):
                self._judge_one(record, event, batch)
                batch.offsets[record.topic] = record.offset + 1
            self._commit(batch)

    def _new_batch(self) -> _Batch:
        recorded = max(self._recorded, self.clock.now())
        return _Batch(self.head, self.city, recorded, self.city.at(recorded).today)

    def _judge_one(self, record: Record, event: e.AnyEvent | ContractError, batch: _Batch) -> None:
        if isinstance(event, ContractError):
            self._reject(record, "", event.code, event.detail, batch)
            return
        sender = sender_of(record.topic)
        keys = batch.city.keyring.of(sender)
        if fault := seal_problem(keys, record.value, record.seal, batch.today):
            self._reject(record, event.subject, fault, event.id, batch)
            return
        subject = self._subject(event.subject, batch)
        verdict = self._judge.judge(event, sender, self._city_name, subject, batch.city, batch.recorded)
        if verdict.kind == "reject":
            self._reject(record, event.subject, verdict.code, event.id, batch)
        elif verdict.kind == "number-known":
            self._repeat_or_forgery(record, event, batch)
        elif verdict.kind == "hold":
            batch.held[event.id] = record
        else:
            # Of a sender without keys nobody could say whether it is a seal.
            seal = to_base64url(record.seal) if keys else ""
            self._enter(event, record.value, batch, refused=verdict.code, seal=seal)
            self._release(event, batch)

    def _reject(self, record: Record, subject: str, code: str, detail: str, batch: _Batch) -> None:
        log().warning("rejected", topic=record.topic, offset=record.offset, code=code)
        origin = f"{record.topic}/{record.offset}" if record.offset >= 0 else f"held/{detail}"
        batch.letters.append((origin, subject, code, detail, record.value))

    def _repeat_or_forgery(self, record: Record, event: e.AnyEvent, batch: _Batch) -> None:
        known = batch.digests.get(event.id)
        if known is None:
            rows = self.store.rows("SELECT event_digest FROM leaves WHERE event_id = %s", (event.id,))
            known = bytes(rows[0]["event_digest"]) if rows else None
        if known is None or known == event_digest(record.value):
            batch.repeats += 1
        else:
            self._reject(record, event.subject, "number-taken", event.id, batch)

    def _enter(self, event: e.AnyEvent, raw: bytes, batch: _Batch, *, refused: str = "", seal: str = "") -> None:
        subject = self._subject(event.subject, batch)
        batch.head += 1
        entry = make_entry(raw, Stamp(batch.head, subject.sequence + 1, to_timestamp(batch.recorded), refused, seal), event)
        batch.entries.append(entry)
        batch.digests[event.id] = event_digest(raw)
        if is_city_subject(event.subject):
            batch.city = fold_city(batch.city, entry)
        batch.subjects[event.subject] = subject.after(entry, batch.city)

    def _release(self, event: e.AnyEvent, batch: _Batch) -> None:
        """Judges the events that waited for this number."""
        following = f"{event.subject}/{event.sender}/{event.number + 1}"
        record = batch.held.pop(following, None) or self._held.get(following)
        if record is not None and following not in batch.released:
            batch.released.append(following)
            self._judge_one(record, _read(record), batch)

    def _subject(self, name: str, batch: _Batch) -> Any:  # noqa: ANN401 - the domain's own class
        subject = batch.subjects.get(name) or self._subjects.get(name)
        if subject is None:
            self._prepare((name,))
        return subject or self._subjects[name]

    def _prepare(self, names: Iterable[str]) -> None:
        """Has at hand what the store knows of many subjects, by one statement."""
        missing = [name for name in dict.fromkeys(names) if name not in self._subjects]
        if not missing:
            return
        found = {name: self._judge.new_subject(name) for name in missing}
        for stored in self.store.streams(missing):
            found[stored.subject] = found[stored.subject].after(read_entry(stored.raw), self.city)
        self._subjects.update(found)

    # The clock's own events

    def say(self, subject: str, data: e.Data) -> None:
        """Enters an event of the ledger's own."""
        self.decide(subject, lambda _city: data)

    def decide(self, subject: str, rule: Callable[[City], e.Data], **said_by: str) -> None:
        """Enters what a rule says under the city's rules of this moment, with `role` and `authid` of who asked; raises the rule's `Refusal`."""
        with self._lock:
            batch = self._new_batch()
            self._say(subject, rule(self.city), batch, **said_by)
            self._commit(batch)

    def _say(self, name: str, data: e.Data, batch: _Batch, **said_by: str) -> None:
        subject = self._subject(name, batch)
        event = e.make_event(
            data,
            basis=subject.sequence,
            id=f"{name}/{SENDER}/{subject.numbers.get(SENDER, 0) + 1}",
            source=self._source,
            subject=name,
            time=to_timestamp(batch.recorded),
            **{"role": "rule", **said_by},
        )
        self._enter(event, encode(event), batch)

    def tick(self, until: datetime) -> int:
        """Says what has fallen due up to a time; returns how many events that were.

        In a training city the clock steps to each due time on the way, so that months pass in their order.
        """
        said = 0
        while True:
            with self._lock:
                rows = self.store.rows(
                    "SELECT subject, due_at FROM timers WHERE due_at <= %s ORDER BY due_at, subject LIMIT %s", (until, DUE_SUBJECTS_MAX)
                )
                if not rows:
                    break
                if isinstance(self.clock, FeedClock):
                    rows = [row for row in rows if row["due_at"] == rows[0]["due_at"]]
                    self.clock.advance(rows[0]["due_at"])
                batch = self._new_batch()
                for row in rows:
                    self._say_due(row["subject"], batch)
                said += len(batch.entries)
                self._commit(batch, checked=[row["subject"] for row in rows])
        if isinstance(self.clock, FeedClock):
            self.clock.advance(until)
        return said

    def _say_due(self, name: str, batch: _Batch) -> None:
        for _ in range(SAID_PER_SUBJECT_MAX):
            due = self._judge.due_events(self._subject(name, batch).case, batch.city, batch.recorded)
            if not due:
                return
            for data in due:
                self._say(name, data, batch)

    # Writing

    def _commit(self, batch: _Batch, checked: Sequence[str] = ()) -> None:
        changed_offsets = {topic: offset for topic, offset in batch.offsets.items() if offset > self.topic_offset(topic)}
        if not (batch.entries or batch.letters or batch.held or batch.released or changed_offsets or checked):
            return
        stored = [Stored(0, entry.subject, entry.stamp.sequence, entry.event.type, entry.raw) for entry in batch.entries]
        with self.store.transaction() as cursor:
            if stored:
                self._append(cursor, stored)
                write_leaves(cursor, batch.entries, batch.digests)
            write_held(cursor, batch.held, batch.released)
            self._write_timers(cursor, {*batch.subjects, *checked}, batch)
            for letter in batch.letters:
                write_dead_letter(cursor, *letter)
            for topic, offset in changed_offsets.items():
                self.store.track(cursor, topic, offset)
        first = self.head + 1
        self._remember(batch, changed_offsets)
        if stored:
            self.on_entries([item._replace(position=first + index) for index, item in enumerate(stored)])

    def _append(self, cursor: Cursor[DictRow], stored: Sequence[Stored]) -> None:
        try:
            self.store.append(cursor, stored, head=self.head)
        except HeadMoved as moved:
            # Told here, because who asked may be a door or the subscription, which only answer their own caller.
            self.on_head_moved(moved)
            raise

    def _write_timers(self, cursor: Cursor[DictRow], names: set[str], batch: _Batch) -> None:
        if batch.city.calendar is not self.city.calendar:
            # Every running deadline may move: look at all of them again.
            cursor.execute("UPDATE timers SET due_at = %s WHERE due_at > %s", (batch.recorded, batch.recorded))
        running, over = [], []
        for name in sorted(names):
            if is_code(name):
                due = self._judge.next_due(self._subject(name, batch).case, batch.city)
                running.append((name, due)) if due else over.append(name)
        write_timers(cursor, running, over)

    def _remember(self, batch: _Batch, offsets: dict[str, int]) -> None:
        self.head, self.city, self._recorded = batch.head, batch.city, batch.recorded
        self._offsets.update(offsets)
        self._held.update(batch.held)
        for event_id in batch.released:
            self._held.pop(event_id, None)
        for name, subject in batch.subjects.items():
            self._subjects[name] = subject
            self._subjects.move_to_end(name)
        while len(self._subjects) > self._subjects_max:
            self._subjects.popitem(last=False)
        self.metrics.entries.inc(len(batch.entries))
        self.metrics.position.set(self.head)
        self.metrics.held.set(len(self._held))
        self.metrics.repeats.inc(batch.repeats)
        for entry in batch.entries:
            if entry.stamp.refused:
                self.metrics.refused.labels(entry.stamp.refused).inc()
        for _, _, code, _, _ in batch.letters:
            self.metrics.dead_letters.labels(code).inc()

    # Recovery

    def restore(self, entries: Sequence[Entry]) -> int:
        """Takes entries back byte for byte that an older backup of this database has lost; returns how many.

        Raises `ContractError` when they do not follow or differ from what is stored.
        """
        with self._lock:
            batch = self._new_batch()
            for entry in entries:
                if entry.stamp.position <= self.head:
                    self._compare(entry)
                    continue
                decode(entry.event_raw)  # judged by a ledger that this one has no memory of: its bytes are looked at anew
                subject = self._subject(entry.subject, batch)
                if entry.stamp.position != batch.head + 1 or entry.stamp.sequence != subject.sequence + 1:
                    raise ContractError("sequence-broken", f"position {entry.stamp.position} after {batch.head}")
                batch.head += 1
                batch.recorded = max(batch.recorded, entry.recorded)
                batch.entries.append(entry)
                if is_city_subject(entry.subject):
                    batch.city = fold_city(batch.city, entry)
                batch.subjects[entry.subject] = subject.after(entry, batch.city)
            restored = len(batch.entries)
            self._commit(batch)
        return restored

    def _compare(self, entry: Entry) -> None:
        rows = self.store.rows("SELECT leaf_hash FROM leaves WHERE position = %s", (entry.stamp.position,))
        if not rows or bytes(rows[0]["leaf_hash"]) != leaf_hash(entry.raw):
            raise ContractError("sequence-broken", f"position {entry.stamp.position} was published with other bytes")

    def skip_number(self, subject: str, sender: str, number: int) -> None:
        """Gives up a number that can never arrive and judges what waited behind it."""
        with self._lock:
            batch = self._new_batch()
            known = self._subject(subject, batch)
            if known.numbers.get(sender, 0) + 1 != number:
                raise ContractError("sequence-broken", f"the next number of {sender} is {known.numbers.get(sender, 0) + 1}")
            waiting = f"{subject}/{sender}/{number + 1}"
            if waiting not in self._held:
                # While nothing waits behind it, the number may be one that its sender has yet to use.
                raise ContractError("sequence-broken", f"{waiting} does not wait")
            self._say(subject, e.NumberSkipped(sender=sender, number=number, reason="never-arrives"), batch)
            batch.released.append(waiting)
            self._judge_one(self._held[waiting], _read(self._held[waiting]), batch)
            self._commit(batch)

    def entries(self, after: int, limit: int) -> list[bytes]:
        """Returns entries after a position."""
        return [stored.raw for stored in self.store.after(after, limit)]

    def history(self, subject: str) -> list[bytes]:
        """Returns a subject's entries."""
        return [stored.raw for stored in self.store.stream(subject)]


def _read(record: Record) -> e.AnyEvent | ContractError:
    """Returns the record's event, or why it is none."""
    try:
        return decode(record.value)
    except ContractError as error:
        return error
