"""The stage runner: commands and entries in, own events out, views beside them, everything in one transaction.

A stage decides on what the ledger has entered plus its own events still on the way, stores its event and answers at once. After every
entry it asks its domain "which of my steps is ready and not done?", so nothing has to be remembered between entries.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

from psycopg import Cursor
from psycopg.rows import DictRow
from pydantic import ValidationError

from shared.calendar import WIB
from shared.case import Case, empty_case
from shared.city import City, fold_city, is_city_subject
from shared.code import is_code
from shared.draft import Commit, Context, Desk, Draft, Identify
from shared.envelope import ContractError, Entry, encode
from shared.events import AnyEvent, ApplicationSubmitted, Data, make_event
from shared.fields import to_timestamp
from shared.keeping import drop_at
from shared.kit.clock import Clock, FeedClock
from shared.kit.pruning import HistoryMissing, drop_due, write_endings
from shared.kit.relay import RELAY
from shared.kit.stage_model import Command, Decide, Definition, PositionGap, Said, Work, place_of
from shared.kit.store import Row, Store, Stored, StoreError
from shared.kit.subjects import Known, Subjects, load_city
from shared.kit.tables import Answered, ViewRow, read_answers, view_row, write_answers, write_dead_letter, write_entries, write_views
from shared.kit.telemetry import Metrics, log
from shared.kit.tokens import Actor
from shared.kit.vault import Vault
from shared.quota import FULL, PREFIX, concerned, holders
from shared.refusals import Refusal
from shared.sop.admissible import admissible
from shared.sop.checks.parts import RULE_ROLE
from shared.sop.places import quota_pool
from shared.sop.rules import is_parked
from shared.upcast import for_contract

LEDGER: Final = "ledger"
REACTIONS_MAX: Final = 20
AnswerT = TypeVar("AnswerT")


class Stage:
    """One running service's state; every public method takes the lock, so at most one transaction runs at a time."""

    def __init__(
        self,
        definition: Definition,
        sender: str,
        city_name: str,
        store: Store,
        clock: Clock,
        metrics: Metrics,
        *,
        city_key: bytes,
        vault: Vault | None,
        subjects_max: int,
    ) -> None:
        self.definition = definition
        self.sender = sender
        self.store = store
        self.clock = clock
        self.metrics = metrics
        self.vault = vault
        self.city_key = city_key
        self._source = f"/{city_name}/{sender}"
        self._lock = threading.RLock()
        self._subjects = Subjects(store, sender, subjects_max)
        self.city = City()
        self.position = 0
        self.held: set[str] = set()
        self.reacting = True
        self.on_events: Callable[[Sequence[Stored]], None] = lambda _events: None
        self.on_cases: Callable[[Sequence[Case]], None] = lambda _cases: None
        self.on_outcomes: Callable[[Sequence[tuple[str, str]]], None] = lambda _outcomes: None

    def load(self) -> None:
        """Reads position, city and held subjects from the store; called at the start and after a lost connection."""
        with self._lock:
            self._subjects.clear()
            self.position = self.store.tracked(LEDGER)
            self.city = load_city(self.store)
            rows = self.store.rows("SELECT DISTINCT subject FROM dead_letters WHERE solved IS NULL AND subject <> ''")
            self.held = {row["subject"] for row in rows}

    def case(self, subject: str) -> Case:
        """Returns the case as this stage decides on it."""
        with self._lock:
            return self._subjects.get(subject, self.city.sops).to_decide_on(self.sender, self.city.sops, self._now)

    def knows(self, subject: str) -> bool:
        """Says whether this stage has anything of a subject: entries, own events still on the way, or what it could not apply."""
        with self._lock:
            known = self._subjects.get(subject, self.city.sops)
            return bool(known.case.sequence or known.pending or subject in self.held)

    def is_pending(self, subject: str) -> bool:
        """Says whether own events of a subject wait for the ledger (menunggu dicatat)."""
        with self._lock:
            return bool(self._subjects.get(subject, self.city.sops).pending)

    def _now(self) -> str:
        return to_timestamp(self.clock.now())

    def today(self) -> date:
        """Returns the date in the city by this stage's clock."""
        return self.clock.now().astimezone(WIB).date()

    def _on_today(self, city: City) -> City:
        return city.on(self.today().isoformat())

    # Commands

    def command(self, subject: str, actor: Actor, key: str, digest: bytes, decide: Decide) -> Said:
        """Decides one command and stores what it says; raises `Refusal`. The same actor, key and digest gets the same answer."""
        answer = self.commands([Command(subject, actor, key, digest, decide)])[0]
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def commands(self, commands: Sequence[Command]) -> list[Said | Refusal]:
        """Decides many commands in one transaction; each gets its own answer, and a refused one leaves nothing."""
        return self._run(lambda: self._in_transaction(commands))

    def _in_transaction(self, commands: Sequence[Command]) -> list[Said | Refusal]:
        names = [command.actor.ledger_name(self.city_key) for command in commands]
        self._work.answered = read_answers(self._cursor, [(name, command.key) for name, command in zip(names, commands, strict=True)])
        answers: list[Said | Refusal] = []
        for name, command in zip(names, commands, strict=True):
            try:
                answers.append(self._decide(name, command))
            except Refusal as refusal:
                answers.append(refusal)
        return answers

    def _run(self, body: Callable[[], AnswerT]) -> AnswerT:
        with self._lock:
            with self.store.transaction() as cursor:
                self._cursor, self._work = cursor, Work(self._on_today(self.city), self.position)
                answer = body()
                self._write(cursor, self._work)
            self._committed(self._work)
        return answer

    def _decide(self, name: str, command: Command) -> Said:
        subject, work = command.subject, self._work
        if earlier := work.answered.get((name, command.key)):
            # Once the person was forgotten there is no digest left to compare with: the key then only says that it was used.
            if earlier.digest and earlier.digest != command.digest:
                raise Refusal("idempotency-key-reused")
            return Said(earlier.subject, (earlier.event_id,), repeated=True)
        if subject in self.held:
            raise Refusal("held", subject)
        if command.fresh:
            work.known[subject] = Known(empty_case(subject))
        before, kept = self._known(subject, work), list[tuple[str, str, str, str]]()
        said: list[AnyEvent] = []
        try:
            context = Context(self._committing(subject, kept), work.city, self._identifying(subject))
            for draft in command.decide(before.to_decide_on(self.sender, work.city.sops, self._now), context):
                said.append(self._say(draft.subject or subject, draft, work, command.actor))  # noqa: PERF401 - what was said before a refusal is undone
            command.also(self._cursor)
        except ValidationError as error:
            self._undo(subject, before, len(said), work)
            raise Refusal("malformed", place_of(error)) from None
        except Refusal:
            self._undo(subject, before, len(said), work)
            raise
        work.kept += kept
        work.touched[subject] = None
        self._react(subject, work)
        answer = Answered(command.digest, subject, said[0].id)
        work.answered[(name, command.key)] = work.new_answers[(name, command.key)] = answer
        return Said(subject, tuple(event.id for event in said))

    def _committing(self, subject: str, kept: list[tuple[str, str, str, str]]) -> Commit:
        def commit(name: str, value: str) -> str:
            if self.vault is None:
                message = "this service keeps no disclosures"
                raise RuntimeError(message)
            committed, disclosed = self.vault.commit(name, value)
            kept.append((subject, name, committed, disclosed))
            return committed

        return commit

    def _identifying(self, subject: str) -> Identify:
        return lambda person: Actor(person, "officer").authid(self.city_key, subject)

    def _undo(self, subject: str, before: Known, said: int, work: Work) -> None:
        work.known[subject] = before
        del work.events[len(work.events) - said :]

    def _known(self, subject: str, work: Work) -> Known:
        known = work.known.get(subject)
        return known if known is not None else self._subjects.get(subject, work.city.sops)

    def _say(self, subject: str, draft: Draft, work: Work, actor: Actor | None = None) -> AnyEvent:
        """Numbers a draft, asks whether it may stand, and puts it into the outbox; raises `Refusal`."""
        known, at = self._known(subject, work), self._now()
        if not (known.case.sequence or known.pending or isinstance(draft.data, ApplicationSubmitted)) and is_code(subject):
            raise Refusal("unknown-code", subject)  # also of one that was dropped here: its numbers are not known until it is taken back
        case = known.to_decide_on(self.sender, work.city.sops, lambda: at)
        data = for_contract(draft.data, work.city.contract)
        if work.city.contract < data.SINCE_CONTRACT:
            raise Refusal("contract-not-raised", data.NAME)
        agency = draft.agency or (actor.agency if actor else "")
        if agency and not work.city.speaks_for(self.sender, agency):
            raise Refusal("wrong-agency", agency)
        fields: dict[str, Any] = {"agency": agency} if agency else {}
        if actor:
            fields["authid"] = actor.authid(self.city_key, subject)
        try:
            event = make_event(
                data,
                basis=known.case.sequence,
                id=f"{subject}/{self.sender}/{known.number + 1}",
                role=actor.role if actor else RULE_ROLE,
                source=self._source,
                subject=subject,
                time=at,
                **fields,
            )
        except ValidationError as error:
            raise Refusal("malformed", place_of(error)) from None
        code = admissible(case, event, work.city)
        if code and code != FULL:  # a full pool refuses in the ledger's order only: its refusal there is a place in the queue
            raise Refusal(code, getattr(data, "step", ""))
        raw = encode(event)
        work.known[subject] = known.saying(event)
        work.events.append(Stored(0, subject, event.number, event.type, raw))
        return event

    def _react(self, subject: str, work: Work) -> None:
        """Says what the domain's rules say now, until they have nothing more to say."""
        if not self.reacting or subject in self.held or not is_code(subject):
            return
        for _ in range(REACTIONS_MAX):
            case = self._known(subject, work).to_decide_on(self.sender, work.city.sops, self._now)
            if is_parked(case, self.sender):
                return
            drafts = self.definition.react(case, Desk(self.sender, work.city, self._asked(case, work)))
            if not drafts:
                return
            for draft in drafts:
                try:
                    self._say(draft.subject or subject, draft, work)
                except Refusal as refusal:
                    log().warning("a rule's event was refused at home", subject=subject, code=refusal.code, event_type=draft.data.NAME)
                    return

    def _asked(self, case: Case, work: Work) -> tuple[Data, ...]:
        """Returns what this sender has said of the case's pools and the ledger has not entered yet."""
        pools = [quota_pool(step, case) for step in case.sop.quota_steps] if case.sop else []
        return tuple(event.data for pool in pools for event in self._known(PREFIX + pool, work).pending)

    def open(self, drafts: Sequence[tuple[str, Draft]]) -> None:
        """Says by rule what a service has to say at its first start, unless it has said something before; raises `Refusal`."""
        self._run(partial(self._open, drafts))

    def _open(self, drafts: Sequence[tuple[str, Draft]]) -> None:
        for subject, draft in drafts:
            if not self._known(subject, self._work).number:
                self._say(subject, draft, self._work)

    # Entries

    def apply(self, entries: Iterable[Entry]) -> int:
        """Applies the entries that follow; returns how many were new. Raises `PositionGap` when one is missing in between.

        An entry that cannot be applied becomes a dead letter in the same transaction and holds its subject only. A version this release
        does not know raises `ContractError`: the service stops there and says which release it needs.
        """
        with self._lock:
            fresh = self._next_ones(entries)
            if not fresh:
                return 0
            work = Work(self.city, fresh[-1].stamp.position)
            outcomes: list[tuple[str, str]] = []
            self._prepare(fresh)
            with self.store.transaction() as cursor:
                for entry in fresh:
                    self._apply_one(entry, work)
                    if entry.event.sender == self.sender:
                        outcomes.append((entry.event.id, entry.stamp.refused))
                work.city = self._on_today(work.city)  # the entries may have moved a training city's clock
                for subject in {**work.touched, **work.woken}:
                    self._guarded(subject, work, partial(self._react, subject, work))
                if work.city.calendar is not self.city.calendar:
                    self._redraw_open(cursor, work)
                # Other systems' histories are the ledger's and the auditors'; no stage decides on them.
                write_entries(
                    cursor, [entry for entry in fresh if not entry.subject.startswith("legacy:") or entry.event.sender == self.sender]
                )
                self._write(cursor, work)
                if self.vault is not None:
                    self.vault.forget(cursor, fresh)
                self.store.track(cursor, LEDGER, work.position)
            # A new sender, or a pool that was opened, may be what open applications waited for.
            rules_changed = work.city.senders is not self.city.senders or work.city.quotas.keys() != self.city.quotas.keys()
            self._committed(work)
            self._observe(fresh)
        self.on_outcomes(outcomes)
        if rules_changed and self.reacting:
            self.react_to_all()
        return len(fresh)

    def _prepare(self, entries: Sequence[Entry]) -> None:
        """Has at hand what the store knows of the entries' subjects, by two statements instead of two for each."""
        for entry in entries:
            if entry.stamp.sequence == 1 and entry.event.sender != self.sender:
                self._subjects.begin(entry.subject)
        self._subjects.prepare((entry.subject for entry in entries), self.city.sops)

    def _next_ones(self, entries: Iterable[Entry]) -> list[Entry]:
        fresh: list[Entry] = []
        expected = self.position + 1
        for entry in entries:
            if entry.stamp.position < expected:
                continue
            if entry.stamp.position > expected:
                raise PositionGap
            fresh.append(entry)
            expected += 1
        return fresh

    def _apply_one(self, entry: Entry, work: Work) -> None:
        subject = entry.subject
        _ = entry.event  # an unknown version must stop the service here, before anything is skipped
        if is_city_subject(subject):
            before, work.city = work.city, fold_city(work.city, entry)
            work.woken.update(dict.fromkeys(concerned(before.quotas, work.city.quotas, entry.current.data)))
        if isinstance(self.clock, FeedClock):
            self.clock.advance(entry.recorded)
        self._own_copy(entry, work)
        if is_code(subject):
            self._guarded(subject, work, lambda: self._fold_one(entry, work), entry)
        elif entry.event.sender == self.sender:
            work.known[subject] = self._known(subject, work).after(entry, self.sender, work.city.sops)

    def _redraw_open(self, cursor: Cursor[DictRow], work: Work) -> None:
        """Has the row of every application that somebody has to do with made anew: its due dates follow the calendar, so a row says the same whenever it was written."""
        rows = cursor.execute("SELECT subject FROM views WHERE row->>'outcome' = '' OR row->'tasks' <> '[]'").fetchall()
        work.redrawn.update(dict.fromkeys(row["subject"] for row in rows))

    def _fold_one(self, entry: Entry, work: Work) -> None:
        subject = entry.subject
        known = self._known(subject, work)
        if entry.stamp.sequence > 1 and not known.case.sequence:
            raise HistoryMissing(subject)
        work.known[subject] = known.after(entry, self.sender, work.city.sops)
        work.touched[subject] = None

    def _own_copy(self, entry: Entry, work: Work) -> None:
        """Takes back an own event that an older backup of this database has lost."""
        event = entry.event
        if event.sender != self.sender:
            return
        if event.number > self._known(entry.subject, work).number:
            work.events.append(Stored(0, entry.subject, event.number, event.type, entry.event_raw))

    def _guarded(self, subject: str, work: Work, step: Callable[[], None], entry: Entry | None = None) -> None:
        if subject in self.held:
            return
        try:
            step()
        except (ContractError, HistoryMissing, *StoreError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a bug raises must hold this subject only
            log().exception("a subject is held", subject=subject)
            origin = f"ledger/{entry.stamp.position if entry else work.position}/{subject}"
            work.letters.append((origin, subject, "held", type(error).__name__, entry.raw if entry else b""))
            self.held.add(subject)

    def react_to_all(self) -> None:
        """Asks the domain again about every open application and every holder of a place; for a start and when senders or pools changed."""
        rows = self.store.rows("SELECT subject FROM views WHERE row->>'outcome' = ''")
        subjects = list(dict.fromkeys((*(row["subject"] for row in rows), *holders(self.city.quotas))))
        for start in range(0, len(subjects), 500):
            self._run(partial(self._react_each, subjects[start : start + 500]))

    def _react_each(self, subjects: Sequence[str]) -> None:
        for subject in subjects:
            self._guarded(subject, self._work, partial(self._react, subject, self._work))
            if subject in self._work.known:
                self._work.touched[subject] = None

    def redrive(self, subject: str) -> bool:
        """Folds a held subject anew and, when that works, releases it; returns whether it did."""
        with self._lock:
            self.held.discard(subject)
            self._subjects.clear()
            try:
                self._run(lambda: self._redrive_in_transaction(subject))
            except Exception:  # noqa: BLE001 - it stays held and the log says why
                log().exception("a held subject could not be re-driven", subject=subject)
                self.held.add(subject)
            return subject not in self.held

    def _redrive_in_transaction(self, subject: str) -> None:
        self._work.known[subject] = self._subjects.get(subject, self.city.sops)
        self._work.touched[subject] = None
        self._react(subject, self._work)
        self._cursor.execute("UPDATE dead_letters SET solved = now() WHERE subject = %s AND solved IS NULL", (subject,))

    # What ended long ago

    def drop_ended(self) -> int:
        """Drops a batch of applications that ended long ago; returns how many."""
        with self._lock:
            with self.store.transaction() as cursor:
                dropped = drop_due(cursor, self.store, self.sender, self.clock.now(), self.store.tracked(RELAY))
            self._subjects.forget(dropped)
        self.metrics.dropped.inc(len(dropped))
        return len(dropped)

    def take_back(self, subject: str, entries: Sequence[Entry]) -> int:
        """Keeps a dropped application again, from the ledger's entries up to this stage's position; returns how many were lacking."""
        return self._run(partial(self._take_back, subject, entries))

    def _take_back(self, subject: str, entries: Sequence[Entry]) -> int:
        known = self._known(subject, self._work)
        if known.case.sequence or subject in self.held:
            return 0
        lacking = [entry for entry in entries if entry.stamp.position <= self.position]
        for entry in lacking:
            known = known.after(entry, self.sender, self._work.city.sops)
        self._work.known[subject] = known
        self._work.touched[subject] = None
        write_entries(self._cursor, lacking)
        return len(lacking)

    # Writing

    def _write(self, cursor: Cursor[DictRow], work: Work) -> None:
        if work.events:
            first = self.store.append(cursor, work.events)
            work.events = [event._replace(position=first + index) for index, event in enumerate(work.events)]
        if self.vault is not None:
            self.vault.keep(cursor, work.kept)
        write_answers(cursor, work.new_answers)
        self._write_views(cursor, work)
        for letter in work.letters:
            write_dead_letter(cursor, *letter)

    def _write_views(self, cursor: Cursor[DictRow], work: Work) -> None:
        rows: list[ViewRow] = []
        for subject in work.touched | work.redrawn:
            self._guarded(subject, work, partial(self._add_view_row, subject, work, rows))
        write_views(cursor, rows)
        write_endings(cursor, work.endings)

    def _add_view_row(self, subject: str, work: Work, rows: list[ViewRow]) -> None:
        known = self._known(subject, work)
        view = self.definition.project(known.case, work.city)
        if view is not None:
            rows.append(view_row(subject, known.case.sequence, view))
        if over := drop_at(known.case, self.definition.keeps):
            work.endings.append((subject, over))

    def _committed(self, work: Work) -> None:
        self._subjects.put(work.known)
        if work.events:
            # Before the position moves: who sees the new position must not find the relay idle.
            self.on_events(work.events)
        self.city, self.position = work.city, work.position
        self.on_cases([known.case for subject in work.touched if (known := work.known.get(subject))])
        for _, _, code, _, _ in work.letters:
            self.metrics.dead_letters.labels(code).inc()

    def _observe(self, entries: Sequence[Entry]) -> None:
        self.metrics.entries.inc(len(entries))
        self.metrics.position.set(self.position)
        delay = (self.clock.now() - entries[-1].recorded).total_seconds()
        self.metrics.delay.observe(max(0.0, delay))

    def live_rows(self, after: str, limit: int, subject: str = "") -> tuple[int, list[Row]]:
        """Returns rows of the live view as they are stored, in order of subject, and the position at which they stood so."""
        with self._lock:
            if subject:
                statement, parameters = "SELECT subject, sequence, digest, row FROM views WHERE subject = %s", (subject,)
                return self.position, self.store.rows(statement, parameters)
            statement = "SELECT subject, sequence, digest, row FROM views WHERE subject > %s ORDER BY subject LIMIT %s"
            return self.position, self.store.rows(statement, (after, limit))

    def outcome(self, event_id: str) -> tuple[str, str, int]:
        """Returns `received`, `entered` or `refused`, the refusal code, and the ledger position (0 while received)."""
        subject = event_id.rsplit("/", 2)[0]
        rows = self.store.rows("SELECT position, refused FROM entries WHERE subject = %s AND event_id = %s", (subject, event_id))
        if not rows:
            return "received", "", 0
        refused = rows[0]["refused"]
        return ("refused" if refused else "entered"), refused, rows[0]["position"]
