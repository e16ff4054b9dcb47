"""How past applications went on, as an estimate needs it: when each reached which step, at which desk, and when it was over."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from shared.calendar import Calendar
from shared.case import Case, empty_case, fold
from shared.city import City, fold_city, is_city_subject
from shared.code import is_code
from shared.envelope import Entry
from shared.fields import to_instant
from shared.sop.past import HistoryMap
from shared.xes import XesLog

SECONDS_A_MINUTE: Final = 60
MINUTES_A_DAY: Final = 24 * 60


class Mark(NamedTuple):
    """From this minute on an application stood at a step, at a desk."""

    minute: int
    step: str
    desk: str


@dataclass(frozen=True, slots=True)
class Track:
    """An application's way, in minutes of all time; `ended` is None while it is open, `promised` is 0 where nothing was promised."""

    name: str
    kind: str
    channel: str
    marks: tuple[Mark, ...]
    ended: int | None = None
    promised: int = 0

    @property
    def arrived(self) -> int:
        """When it came."""
        return self.marks[0].minute


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of an open application at the moment of asking, and how many others are open then."""

    kind: str
    channel: str
    now: int
    arrived: int
    mark: Mark
    load: int
    promised: int = 0


def minute_of(instant: datetime) -> int:
    """Returns the minutes since 1970."""
    return int(instant.timestamp()) // SECONDS_A_MINUTE


def asked_at(track: Track, now: int, load: int) -> Asked | None:
    """Returns what was known of an application at a minute, None before it came or when it was over."""
    index = bisect_right(track.marks, now, key=lambda mark: mark.minute)
    if not index or (track.ended is not None and track.ended <= now):
        return None
    return Asked(track.kind, track.channel, now, track.arrived, track.marks[index - 1], load, track.promised)


class Loads:
    """How many applications were open at any minute."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        known = list(tracks)
        self._arrivals = sorted(track.arrived for track in known)
        self._ends = sorted(max(track.ended, track.arrived) for track in known if track.ended is not None)

    def at(self, minute: int) -> int:
        """Returns how many had come and were not yet over."""
        return bisect_right(self._arrivals, minute) - bisect_right(self._ends, minute)


# From another system's log


def from_log(log: XesLog, mapping: HistoryMap) -> tuple[Track, ...]:
    """Returns the cases of a log in the order in which they came; the desk is who did the last activity."""
    found = []
    for case in log.cases:
        events = sorted(case.events, key=lambda event: event.time)
        marks = tuple(
            Mark(minute_of(event.time), mapping.activities[event.activity], event.resource)
            for event in events
            if event.activity in mapping.activities
        )
        if marks:
            ended = minute_of(events[-1].time) if not mapping.closed_by else _moment(case.attributes, mapping.closed_by)
            started = _moment(case.attributes, mapping.promise_from) or marks[0].minute
            promised = (mapping.promise_days * MINUTES_A_DAY + started) if mapping.promise_days else 0
            found.append(Track(case.name, mapping.sop, case.attributes.get("channel", ""), marks, ended, promised))
    return tuple(sorted(found, key=lambda track: (track.arrived, track.name)))


def _moment(attributes: Mapping[str, str], key: str) -> int | None:
    text = attributes.get(key, "")
    return minute_of(to_instant(text)) if text else None


# From the ledger's entries


def from_entries(entries: Iterable[Entry]) -> tuple[Track, ...]:
    """Returns the applications of the ledger in the order in which they came; the desk is the party whose turn it is."""
    city, cases, marks = City(), dict[str, Case](), dict[str, list[Mark]]()
    for entry in entries:
        subject = entry.subject
        if is_city_subject(subject):
            city = fold_city(city, entry)
        if is_code(subject):
            cases[subject] = case = fold(cases.get(subject) or empty_case(subject), entry, city.sops)
            mark, known = mark_of(case), marks.setdefault(subject, [])
            if mark and (not known or known[-1] != mark):
                known.append(mark)
    found = [_folded(case, marks[code], city.calendar) for code, case in cases.items() if marks[code]]
    return tuple(sorted(found, key=lambda track: (track.arrived, track.name)))


def mark_of(case: Case) -> Mark | None:
    """Returns where an open application stands: its first ready step in the SOP's order, since it is the first; None when it has ended or is only renewed."""
    step = next(iter(case.ready), "")
    if case.outcome or case.renewal or not step:
        return None
    codes = list(case.sop.step_by_code) if case.sop else []
    earlier = codes[: codes.index(step)] if step in codes else codes
    since = max(case.ready[step].at, *(case.steps[code].at for code in earlier if code in case.steps), case.submitted_at)
    return Mark(minute_of(to_instant(since)), step, case.parties[0] if case.parties else "")


def marks_of(case: Case) -> tuple[Mark, ...]:
    """Returns where an application stood, by when its steps were over: always at the first of the SOP that could be done; the desk is its agency.

    Unlike the entries, a case does not tell of the rounds of a step; its stay is the whole of them.
    """
    if case.sop is None or not case.submitted_at:
        return ()
    steps = [step for step in case.sop.steps if step.when is None or step.when.holds(case.facts)]
    over = {code: minute_of(to_instant(state.at)) for code, state in case.steps.items() if state.result != "findings"}
    codes, now, found = {step.code for step in steps}, minute_of(to_instant(case.submitted_at)), list[Mark]()

    def is_over(code: str) -> bool:
        return code not in codes or (code in over and over[code] <= now)

    while standing := next((step for step in steps if not is_over(step.code) and all(map(is_over, step.needs))), None):
        found.append(Mark(now, standing.code, standing.agency))
        if standing.code not in over:
            break
        now = over[standing.code]
    return tuple(found)


def asked_of(case: Case, now: datetime, load: int, calendar: Calendar) -> Asked | None:
    """Returns the question about an application of the ledger, None when it has ended; `load` is how many are open."""
    mark = mark_of(case)
    if mark is None or case.sop is None:
        return None
    came = minute_of(to_instant(case.submitted_at))
    return Asked(case.sop.permit_type, case.channel, minute_of(now), came, mark, load, _promised(case, calendar))


def _folded(case: Case, marks: Iterable[Mark], calendar: Calendar) -> Track:
    kind = case.sop.permit_type if case.sop else ""
    ended = minute_of(to_instant(case.ended_at)) if case.outcome else None
    return Track(case.code, kind, case.channel, tuple(marks), ended, _promised(case, calendar))


def _promised(case: Case, calendar: Calendar) -> int:
    return minute_of(calendar.due_at(to_instant(case.submitted_at), case.sop.promise_working_days)) if case.sop else 0
