"""What if: past applications under another SOP, and what that would have saved, by agency and step, with its uncertainty.

Pure: the history and chance are arguments, and the same ones give the same figures.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shared.office_clock import OfficeClock
from shared.resampling import Chance, Interval, Series, intervals, median, p90
from shared.sop.past import History, PastCase
from shared.sop.replays import Change, Plan, Replayed, Work, alone, plan, queued, unchanged, works
from shared.sop.savings import Pair, Row, gathered, is_late

RESAMPLES: Final = 500
WORKING_DAYS_A_WEEK: Final = 5
_Steps = Sequence[Sequence[Work]]


@dataclass(frozen=True, slots=True)
class Officers:
    """How many officers an agency would have, and how many it has today; empty: nobody waits for an officer."""

    then: Mapping[str, int] = field(hash=False, default_factory=dict)
    today: Mapping[str, int] = field(hash=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Simulation:
    """The figures of a simulation, whole applications first, and what was assumed because the history does not say it.

    `total_intervals` belong to the rows. `invented` are steps that the history has not, `dropped` those that the new SOP has not, and
    `out_of_order` counts applications in which a step was over before one that it needed.
    """

    change: Change
    old: tuple[str, ...]
    clock: OfficeClock
    left_out: Mapping[str, int] = field(hash=False)
    officers: Officers
    rows: tuple[Row, ...]
    total_intervals: tuple[Interval, ...]
    median_interval: Interval
    p90_interval: Interval
    late_interval: Interval
    late_before_by_new_promise: int
    median_minutes_in_history: int
    invented: tuple[str, ...]
    dropped: tuple[str, ...]
    out_of_order: int


def simulate(history: History, change: Change, chance: Chance, officers: Officers, *, resamples: int = RESAMPLES) -> Simulation:
    """Replays a history of at least one application under a change; with officers, both the old SOP and the new one are replayed with queues."""
    olds = {name: unchanged(sop) for name, sop in {case.sop.name: case.sop for case in history.cases}.items()}
    news = {name: plan(planned.old, change) for name, planned in olds.items()}
    today = {agency: officers.today.get(agency) or officers_today(history, agency) for agency in officers.then}
    pairs = _pairs(history, olds, news, Officers(officers.then, today))
    found = gathered(pairs, change.sop, history.clock)
    whole = found[0]
    series = [Series(item.saved_of_all(len(pairs)), sum) for item in found]
    series += [Series(whole.saved, median), Series(whole.saved, p90), Series([int(late) for late in whole.late_after], sum)]
    *totals, median_interval, p90_interval, late_interval = intervals(series, len(pairs), chance, resamples)
    used = {part for planned in news.values() for parts in planned.parts.values() for part in parts}
    return Simulation(
        change=change,
        old=tuple(sorted(olds)),
        clock=history.clock,
        left_out=history.left_out,
        officers=Officers(officers.then, today),
        rows=tuple(item.row() for item in found),
        total_intervals=tuple(totals),
        median_interval=median_interval,
        p90_interval=p90_interval,
        late_interval=late_interval,
        late_before_by_new_promise=sum(is_late(pair.case, pair.promise_before, change.sop, history.clock) for pair in pairs),
        median_minutes_in_history=median([_minutes(case) for case in history.cases]),
        invented=tuple(step.code for step in change.sop.steps if not any(planned.parts[step.code] for planned in news.values())),
        dropped=tuple(dict.fromkeys(code for planned in olds.values() for code in planned.old.step_by_code if code not in used)),
        out_of_order=sum(_is_out_of_order(case, olds[case.sop.name]) for case in history.cases),
    )


def officers_today(history: History, agency: str) -> int:
    """Returns how many officers complete steps of an agency in a week: the median over its weeks, at least one."""
    weeks: defaultdict[int, set[str]] = defaultdict(set)
    for case in history.cases:
        for code, done in case.done.items():
            if done.officer and case.sop.step_by_code[code].agency == agency:
                weeks[done.finished // (WORKING_DAYS_A_WEEK * history.clock.minutes_a_day)].add(done.officer)
    return max(1, median([len(found) for found in weeks.values()]))


def _pairs(history: History, olds: Mapping[str, Plan], news: Mapping[str, Plan], officers: Officers) -> list[Pair]:
    old = [works(case, olds[case.sop.name], history.clock) for case in history.cases]
    new = [works(case, news[case.sop.name], history.clock) for case in history.cases]
    replays = [
        _replayed(history, old, officers.today),
        _replayed(history, new, officers.then),
        _replayed(history, _agencies_alone(old), officers.today),
        _replayed(history, _agencies_alone(new), officers.then),
    ]
    return [Pair(case, news[case.sop.name], *found) for case, *found in zip(history.cases, *replays, strict=True)]


def _replayed(history: History, steps: _Steps, capacity: Mapping[str, int]) -> Sequence[Replayed]:
    if capacity:
        return queued([(case.arrived, found) for case, found in zip(history.cases, steps, strict=True)], capacity)
    return [alone(case.arrived, found) for case, found in zip(history.cases, steps, strict=True)]


def _agencies_alone(steps: _Steps) -> _Steps:
    return [[replace(work, others_minutes=0) if work.others_minutes else work for work in found] for found in steps]


def _minutes(case: PastCase) -> int:
    return max((done.finished for done in case.done.values()), default=case.arrived) - case.arrived


def _is_out_of_order(case: PastCase, old: Plan) -> bool:
    done = case.done
    return any(done[need].finished > done[code].finished for code in done for need in old.before[code] if need in done)
