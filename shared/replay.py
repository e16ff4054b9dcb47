"""What a replay shows: an application's history with the state after each entry, and whether the live views say the same.

Pure: entries in, plain values out. The fold is the services' own, so a replay that differs from a live view means that the view was
altered or is out of date, never that two programs count differently.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from shared.calendar import WIB, Calendar
from shared.case import Case, case_state, empty_case, fold
from shared.city import City, fold_city, is_city_subject, sop_subject
from shared.code import is_code
from shared.custody import Custody, Part, custody
from shared.envelope import ContractError, Entry, tree_digest
from shared.events import ApplicationSubmitted
from shared.fields import to_instant, to_timestamp
from shared.keeping import Keeps, drop_at
from shared.sop import deadlines, objections, rules

Project = Callable[[Case, City], Mapping[str, Any] | None]
SECONDS_A_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class ReadyStep:
    """A step that somebody has: its code, titles, parties, and when it is due (empty: no date runs)."""

    code: str
    title_id: str
    title_en: str
    parties: tuple[str, ...]
    due_at: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry and the case right after it, with what was due by the calendar in force at that position."""

    entry: Entry
    case: Case
    ready: tuple[ReadyStep, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """How long a party had the case: office minutes, working days begun after the day it came, and all the time between.

    `alone_minutes` are the office minutes in which nobody else had it, `stopped_minutes` those in which a decree stopped its clock.
    """

    party: str
    working_minutes: int
    working_days: int
    elapsed_minutes: int
    alone_minutes: int = 0
    stopped_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Replay:
    """An application's history up to a moment; `of` counts all its entries."""

    subject: str
    moments: tuple[Moment, ...]
    of: int
    calendar: Calendar

    @property
    def case(self) -> Case:
        """The case at the end of what is shown."""
        return self.moments[-1].case if self.moments else empty_case(self.subject)


def replay(subject: str, entries: Sequence[Entry], rules_entries: Iterable[Entry], of: int) -> Replay:
    """Folds an application's entries among those of the city's rules, in the ledger's order."""
    city, case, moments = City(), empty_case(subject), []
    for entry in sorted([*entries, *rules_entries], key=lambda entry: entry.stamp.position):
        if entry.subject != subject:
            city = fold_city(city, entry)
            continue
        case = fold(case, entry, city.sops)
        moments.append(Moment(entry, case, _ready(case, city.calendar)))
    return Replay(subject, tuple(moments), of, city.calendar)


def rules_subjects(entries: Sequence[Entry], until: datetime) -> tuple[str, ...]:
    """Returns the city's subjects that an application's replay needs: its SOP, and the calendars of its years, the one before and the next."""
    pinned = [entry.event.data.sop for entry in entries if isinstance(entry.event.data, ApplicationSubmitted)]
    sops = sorted({sop_subject(sop) for sop in pinned})
    if not entries:
        return ()
    # A decree of the year before may still stop clocks.
    first = entries[0].recorded.astimezone(WIB).year - 1
    last = max(until, entries[-1].recorded).astimezone(WIB).year + 1
    return (*sops, *(f"calendar:{year}" for year in range(first, last + 1)))


def _ready(case: Case, calendar: Calendar) -> tuple[ReadyStep, ...]:
    due = {deadline.step: deadline for deadline in reversed(deadlines.clock(case, calendar)) if deadline.kind in deadlines.OF_A_STEP}
    return tuple(_ready_step(case, code, due.get(code)) for code in case.ready)


def _ready_step(case: Case, code: str, deadline: deadlines.Deadline | None) -> ReadyStep:
    step = rules.ready_step(case, code)
    titles = _OWN_TITLES.get(code) or ((step.title.id, step.title.en) if step else (code, code))
    return ReadyStep(code, *titles, rules.step_parties(case, code), to_timestamp(deadline.due_at) if deadline else "")


_OWN_TITLES: Final = {
    rules.CORRECTION: ("Perbaikan oleh pemohon", "Correction by the applicant"),
    rules.CORRECTION_REQUEST: ("Permintaan perbaikan", "Request for correction"),
    objections.OBJECTION: ("Jawaban atas keberatan", "Answer to the objection"),
    objections.APPEAL: ("Jawaban atas banding", "Answer to the appeal"),
}


def state_digest(case: Case) -> str:
    """Returns SHA-256 over the canonical form of a case's whole state, in hex."""
    return tree_digest(case_state(case))


def row_digest(row: Mapping[str, Any] | None) -> str:
    """Returns SHA-256 over the canonical form of a view's row, in hex; empty for none."""
    return "" if row is None else tree_digest(row)


# Which part of a history


def read_moment(text: str) -> datetime:
    """Reads a time as people write it: `2026-11-24` (the end of that day), `2026-11-24T15:30` (city time), or with an offset or Z.

    Raises `ValueError`.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=WIB)
    return datetime(day.year, day.month, day.day, tzinfo=WIB) + timedelta(days=1, microseconds=-1)


def until(entries: Sequence[Entry], as_of: datetime | None, sequence: int | None) -> list[Entry]:
    """Returns the entries up to a legal time or a sequence, whichever comes first."""
    return [
        entry for entry in entries if (as_of is None or entry.recorded <= as_of) and (sequence is None or entry.stamp.sequence <= sequence)
    ]


# Who had it how long


def held(case: Case, calendar: Calendar, end: datetime) -> tuple[Held, ...]:
    """Returns how long each party had the case up to a time, in the order in which they first had it; two may have it at once."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for turn, following in zip(case.turns, (*case.turns[1:], None), strict=True):
        start = to_instant(turn.at)
        for party in turn.parties:
            spans.setdefault(party, []).append((start, to_instant(following.at) if following else max(start, end)))
    return tuple(_total(part, spans[part.party], calendar) for part in whole(case, calendar, end).parts)


def whole(case: Case, calendar: Calendar, end: datetime) -> Custody:
    """Returns the whole running time up to a time or the application's end, and its parts, exact to the working minute."""
    return custody(case.turns, calendar, end, case.system_of_record)


def _total(part: Part, spans: Sequence[tuple[datetime, datetime]], calendar: Calendar) -> Held:
    days = sum(calendar.working_days_between(start, end) for start, end in spans)
    elapsed = sum(((end - start) for start, end in spans), timedelta())
    return Held(
        part.party, part.working_minutes, days, int(elapsed.total_seconds() // SECONDS_A_MINUTE), part.alone_minutes, part.stopped_minutes
    )


# As JSON


def entry_json(entry: Entry) -> dict[str, Any]:
    """Returns what an entry says, as every replay lists it."""
    event, stamp = entry.event, entry.stamp
    return {
        "kind": "entry",
        "sequence": stamp.sequence,
        "position": stamp.position,
        "recorded": stamp.recordedtime,
        "event_id": event.id,
        "event_type": event.type,
        "label": {"id": event.data.LABELS[0], "en": event.data.LABELS[1]},
        "sender": event.sender,
        "agency": event.agency,
        "role": event.role,
        "said_at": event.time,
        "refused": stamp.refused,
        "data": event.data.model_dump(mode="json", exclude_defaults=True),
    }


def moment_json(moment: Moment) -> dict[str, Any]:
    """Returns an entry and the state after it."""
    case = moment.case
    state = {
        "turn": list(case.parties),
        "ready": [
            {"step": step.code, "title": {"id": step.title_id, "en": step.title_en}, "parties": list(step.parties), "due": step.due_at}
            for step in moment.ready
        ],
        "outcome": case.outcome,
        "digest": state_digest(case),
    }
    return {**entry_json(moment.entry), "state": state}


def end_json(shown: Replay, counted_until: datetime) -> dict[str, Any]:
    """Returns the state at the end, and how long each party had the case."""
    case = shown.case
    total = whole(case, shown.calendar, counted_until)
    return {
        "kind": "end",
        "subject": shown.subject,
        "sop": case.sop_name,
        "entries": len(shown.moments),
        "of": shown.of,
        "position": case.position,
        "outcome": case.outcome,
        "turn": list(case.parties),
        "counted_until": to_timestamp(counted_until),
        "held": [
            {
                "party": item.party,
                "working_minutes": item.working_minutes,
                "working_days": item.working_days,
                "elapsed_minutes": item.elapsed_minutes,
                "alone_minutes": item.alone_minutes,
                "stopped_minutes": item.stopped_minutes,
            }
            for item in held(case, shown.calendar, counted_until)
        ],
        "running": {
            "whole_minutes": total.whole_minutes,
            "together_minutes": total.together_minutes,
            "nobody_minutes": total.nobody_minutes,
        },
        "permit": case.permit.number if case.permit else "",
        "missed": len(case.missed),
        "anomalies": list(case.anomalies),
        "digest": state_digest(case),
    }


# Everything folded, and the live views beside it


@dataclass
class Folding:
    """The whole city folded forward: rules and every application, at one position."""

    city: City = field(default_factory=City)
    cases: dict[str, Case] = field(default_factory=dict)
    position: int = 0

    def take(self, entry: Entry) -> str:
        """Folds the next entry and returns the application it changed, or nothing; raises `ContractError` when one is missing before it."""
        if entry.stamp.position != self.position + 1:
            raise ContractError("sequence-broken", f"position {entry.stamp.position} after {self.position}")
        self.position = entry.stamp.position
        subject = entry.subject
        if is_city_subject(subject):
            self.city = fold_city(self.city, entry)
        if not is_code(subject):
            return ""
        self.cases[subject] = fold(self.cases.get(subject) or empty_case(subject), entry, self.city.sops)
        return subject


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A row of a live view: the digest kept with it, and the digest of what is stored there now."""

    subject: str
    sequence: int
    digest: str
    stored: str


@dataclass(frozen=True, slots=True)
class LivePage:
    """Rows of one service's live view as they stood at a position; `read_at` is that service's time."""

    service: str
    position: int
    rows: tuple[LiveRow, ...]
    read_at: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the ledger says: `altered`, `differs`, `behind`, `missing` or `surplus`, with both digests."""

    service: str
    subject: str
    kind: str
    live: str
    replayed: str


def compare_page(page: LivePage, cases: Mapping[str, Case], city: City, project: Project) -> Iterator[Difference]:
    """Yields the rows of a page that differ from the cases at the page's position."""
    for row in page.rows:
        case = cases.get(row.subject)
        replayed = row_digest(project(case, city)) if case is not None else ""
        if kind := _kind(row, case, replayed):
            yield Difference(page.service, row.subject, kind, row.stored, replayed)


def _kind(row: LiveRow, case: Case | None, replayed: str) -> str:
    if case is None or not replayed:
        return "surplus"
    if row.stored != row.digest:
        return "altered"
    if row.sequence != case.sequence:
        return "behind"
    return "" if row.stored == replayed else "differs"


def missing_rows(page: LivePage, absent: Mapping[str, Case], city: City, project: Project, keeps: Keeps) -> Iterator[Difference]:
    """Yields those of the applications without a row that should have one when the service's last page was read.

    One that the service may have let go of need not have one, and one whose every entry was refused has none anywhere.
    """
    service, read_at = page.service, to_instant(page.read_at)
    for subject, case in sorted(absent.items()):
        over = drop_at(case, keeps)
        if over is not None and over <= read_at:
            continue
        replayed = row_digest(project(case, city))
        if replayed:
            yield Difference(service, subject, "missing", "", replayed)
