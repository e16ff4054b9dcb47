"""What past applications took, step by step, in office minutes: read from another system's log or from the ledger's entries."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from shared import events as e
from shared.calendar import WIB, Calendar, OfficeYear
from shared.case import Case, empty_case, fold
from shared.case_model import StepState
from shared.city import City, fold_city, is_city_subject
from shared.code import is_code
from shared.envelope import Entry
from shared.fields import Frozen, Slug, to_instant
from shared.office_clock import OfficeClock
from shared.sop.model import FactValue, Sop, Step
from shared.xes import XesCase, XesLog

OTHERS_KINDS: Final = ("payment", "outsider", "quota")  # no agency has the case in these steps
OPEN_CASES: Final = "still open"
UNKNOWN_STEPS: Final = "events of activities that no step stands for"
OTHER_TYPES: Final = "of another permit type"


@dataclass(frozen=True, slots=True)
class Done:
    """A step of a past application: when it was over on the office clock, and how long it took since its needs were done.

    `minutes` are the agency's; `others_minutes` passed while the applicant or an outsider had it. `work_minutes` is the most that the work
    itself can have taken: the time since the same officer's previous completion, if that is less than `minutes`.
    """

    finished: int
    minutes: int
    others_minutes: int = 0
    work_minutes: int = 0
    officer: str = ""


@dataclass(frozen=True, slots=True)
class PastCase:
    """A past application: when it came (office minute and day of the clock), under which SOP, and its steps.

    `changed` are the steps that changed something: rejected, asked for a correction, failed a visit or added a condition. `decided` says
    whether it came to a decision or was closed, and not withdrawn.
    """

    name: str
    sop: Sop
    arrived: int
    arrived_day: int
    done: Mapping[str, Done] = field(hash=False)
    facts: Mapping[str, FactValue] = field(hash=False, default_factory=dict)
    changed: frozenset[str] = frozenset()
    decided: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """Past applications on one office clock; `left_out` counts what was not taken, by reason.

    `tells` are the steps of which the history says whether they changed something; None: all.
    """

    cases: tuple[PastCase, ...]
    clock: OfficeClock
    left_out: Mapping[str, int] = field(hash=False, default_factory=dict)
    tells: frozenset[str] | None = None


class Office(Frozen):
    """The office hours and days off of the place where a log was kept."""

    utc_offset_minutes: Annotated[int, Field(ge=-840, le=840)]
    opens_minute: Annotated[int, Field(ge=0, le=1439)]
    closes_minute: Annotated[int, Field(ge=1, le=1440)]
    days_off: tuple[date, ...] = ()


class HistoryMap(Frozen):
    """What a log's activities are in the words of an SOP: which step each belongs to, and how a closed case is known.

    Activities of one step are its parts and repetitions: the last of them completes it. Attributes of a case say when it was closed
    (`closed_by`; without it every case is, with its last event) and from when the promise of so many days counts (`promise_from`).
    `changed_by` says which activities, when they follow a step, show that it changed something; of other steps the log does not tell.
    """

    language: Literal[1]
    sop: str
    activities: Annotated[Mapping[str, Slug], Field(min_length=1)]
    closed_by: str = ""
    promise_days: Annotated[int, Field(ge=0, le=4000)] = 0
    promise_from: str = ""
    changed_by: Mapping[Slug, tuple[str, ...]] = {}
    office: Office


# Steps and what they need


def ancestors(sop: Sop) -> dict[str, frozenset[str]]:
    """Returns for each step all that has to be done before it, however far back."""
    found: dict[str, frozenset[str]] = {}
    for step in sop.steps:
        found[step.code] = frozenset(step.needs).union(*(found[need] for need in step.needs))
    return found


# From another system's log


def from_log(log: XesLog, mapping: HistoryMap, sop: Sop) -> History:
    """Returns the closed cases of a log; a case comes with its first event."""
    office = mapping.office
    # The wall clock of that place is read as the city's, so that its office hours are hours of the calendar.
    shift = timedelta(minutes=office.utc_offset_minutes) - (WIB.utcoffset(None) or timedelta())
    times = [event.time + shift for case in log.cases for event in case.events]
    if not times:
        return History((), OfficeClock(Calendar(), date(2000, 1, 1), date(2000, 1, 1)))
    first, last = min(times).astimezone(WIB).date(), max(times).astimezone(WIB).date()
    year = OfficeYear(frozenset(office.days_off), office.opens_minute, office.closes_minute)
    clock = OfficeClock(Calendar(dict.fromkeys(range(first.year, last.year + 4), year)), first, last)
    left_out: Counter[str] = Counter()
    cases = [found for case in log.cases if case.events and (found := _logged(case, mapping, sop, clock, shift, left_out)) is not None]
    return History(tuple(_with_work(cases)), clock, left_out, frozenset(mapping.changed_by))


def _logged(case: XesCase, mapping: HistoryMap, sop: Sop, clock: OfficeClock, shift: timedelta, left_out: Counter[str]) -> PastCase | None:
    if mapping.closed_by and mapping.closed_by not in case.attributes:
        left_out[OPEN_CASES] += 1
        return None
    finished: dict[str, tuple[int, str]] = {}
    changed: set[str] = set()
    for event in sorted(case.events, key=lambda event: event.time):
        code = mapping.activities.get(event.activity, "")
        changed.update(step for step, shown_by in mapping.changed_by.items() if event.activity in shown_by and step in finished)
        if code:
            finished[code] = (clock.at(event.time + shift), event.resource)
        else:
            left_out[UNKNOWN_STEPS] += 1
    came = min(event.time for event in case.events) + shift
    arrived = clock.at(came)
    return PastCase(case.name, sop, arrived, clock.day(came), _durations(sop, arrived, finished), changed=frozenset(changed))


def _durations(sop: Sop, arrived: int, finished: Mapping[str, tuple[int, str]]) -> dict[str, Done]:
    before = ancestors(sop)
    found: dict[str, Done] = {}
    for step in sop.steps:
        if step.code in finished:
            end, officer = finished[step.code]
            start = _ready(before[step.code], end, arrived, finished)
            minutes, others = (0, end - start) if step.kind in OTHERS_KINDS else (end - start, 0)
            found[step.code] = Done(end, minutes, others, minutes, officer)
    return found


def _ready(before: Iterable[str], end: int, arrived: int, finished: Mapping[str, tuple[int, str]]) -> int:
    # A need that was over later than the step itself was no need in this case.
    return max((finished[need][0] for need in before if need in finished and finished[need][0] <= end), default=arrived)


def _with_work(cases: Iterable[PastCase]) -> Iterator[PastCase]:
    """Bounds the work of each step by the time since its officer's previous completion."""
    kept = list(cases)
    busy: dict[str, list[int]] = {}
    for case in kept:
        for done in case.done.values():
            insort(busy.setdefault(done.officer, []), done.finished)
    for case in kept:
        yield replace(case, done={code: _bounded(done, busy[done.officer]) for code, done in case.done.items()})


def _bounded(done: Done, completions: list[int]) -> Done:
    index = bisect_left(completions, done.finished)
    if not done.officer or not index:
        return done
    return replace(done, work_minutes=min(done.minutes, done.finished - completions[index - 1]))


# From the ledger's entries


@dataclass(slots=True)
class _Open:
    """An application while its entries are read: the case, since when steps are ready, and the spans in which they were."""

    case: Case
    since: dict[str, datetime] = field(default_factory=dict)
    spans: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


def from_entries(entries: Iterable[Entry], permit_type: str) -> History:
    """Returns the ended applications of a permit type, each under the SOP that it pinned; entries in the ledger's order."""
    return _of_type(*_opened(entries), permit_type)


def by_type(entries: Iterable[Entry]) -> dict[str, History]:
    """Returns the ended applications of every permit type, as `from_entries` does for one."""
    city, cases = _opened(entries)
    return {name: _of_type(city, cases, name) for name in sorted({item.case.sop.permit_type for item in cases.values() if item.case.sop})}


def _opened(entries: Iterable[Entry]) -> tuple[City, dict[str, _Open]]:
    city, cases = City(), dict[str, _Open]()
    for entry in entries:
        if is_city_subject(entry.subject):
            city = fold_city(city, entry)
        if is_code(entry.subject):
            _take(cases.setdefault(entry.subject, _Open(empty_case(entry.subject))), entry, city)
    return city, cases


def _of_type(city: City, cases: Mapping[str, _Open], permit_type: str) -> History:
    ended, left_out = list[_Open](), Counter[str]()
    for item in cases.values():
        if item.case.sop is None or item.case.sop.permit_type != permit_type:
            left_out[OTHER_TYPES] += item.case.sop is not None
        elif item.case.outcome:
            ended.append(item)
        else:
            left_out[OPEN_CASES] += 1
    days = [to_instant(moment).astimezone(WIB).date() for item in ended for moment in (item.case.submitted_at, item.case.ended_at)]
    clock = OfficeClock(city.calendar, min(days, default=date(2000, 1, 1)), max(days, default=date(2000, 1, 1)))
    return History(tuple(_with_work(_folded(item, clock) for item in ended)), clock, +left_out)


def _take(item: _Open, entry: Entry, city: City) -> None:
    before = item.case
    item.case = fold(before, entry, city.sops)
    moment = entry.recorded
    if code := "" if entry.stamp.refused else changed_step(entry.event.data):
        item.changed.add(code)
    for code in before.ready:
        if code not in item.case.ready and code in item.since:
            item.spans.setdefault(code, []).append((item.since.pop(code), moment))
    for code in item.case.ready:
        item.since.setdefault(code, moment)


def _folded(item: _Open, clock: OfficeClock) -> PastCase:
    case, sop = item.case, item.case.sop
    if sop is None:
        raise ValueError("an application without an SOP has no steps")
    came = to_instant(case.submitted_at)
    arrived = clock.at(came)
    states = {code: state for code, state in case.steps.items() if code in sop.step_by_code}
    finished = {code: (clock.at(to_instant(state.at)), _officer(sop.step_by_code[code], state)) for code, state in states.items()}
    found = _durations(sop, arrived, finished)
    for code, done in found.items():
        if sop.step_by_code[code].kind not in OTHERS_KINDS:
            # What passed without the step being anybody's here was the applicant's, who had a list to answer.
            held = sum(clock.at(end) - clock.at(start) for start, end in item.spans.get(code, ()))
            minutes = min(held, done.minutes)
            found[code] = replace(done, minutes=minutes, others_minutes=done.minutes - minutes, work_minutes=minutes)
    decided = case.outcome != "withdrawn"
    return PastCase(case.code, sop, arrived, clock.day(came), found, case.facts, frozenset(item.changed), decided)


def changed_step(data: e.Data) -> str:
    """Returns the step that by this event changes something for its application, empty if none does."""
    match data:
        case e.ReviewCompleted(result="findings" | "rejected") | e.ExternalRecorded(result="rejected"):
            return data.step
        case e.RecommendationIssued(opinion="conditional" | "reject"):
            return data.step
        case e.VisitReported(result="failed") | e.VisitReportedV1(passed=False):
            return data.step
        case _:
            return ""


def _officer(step: Step, state: StepState) -> str:
    # A rule has no hands: its completions bound nobody's work.
    return "" if step.automatic else state.authid
