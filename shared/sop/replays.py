"""Replays past applications under an SOP: each step as long as it took then, begun when this SOP lets it begin.

With a capacity, the steps of an agency wait for one of so many officers, first come, first served; without one they wait for nobody.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace
from typing import Final, Literal, NamedTuple

from shared.office_clock import OfficeClock
from shared.sop.model import Sop, Step
from shared.sop.past import OTHERS_KINDS, Done, PastCase, ancestors

MergedTakes = Literal["longest", "sum"]


class Spell(NamedTuple):
    """When a step was ready and over on the office clock, and how much of that the applicant or an outsider had it."""

    ready: int
    finished: int
    others_minutes: int


Replayed = Mapping[str, Spell]


@dataclass(frozen=True, slots=True)
class Change:
    """An SOP to replay under: which old steps each merged step is made of, and how long a merged step takes."""

    sop: Sop
    merged: Mapping[str, tuple[str, ...]]
    merged_takes: MergedTakes = "longest"


@dataclass(frozen=True, slots=True)
class Plan:
    """A change as it meets the applications of one old SOP: all that is worked out once for all of them."""

    change: Change
    old: Sop
    parts: Mapping[str, tuple[str, ...]]
    before: Mapping[str, frozenset[str]]
    old_before: Mapping[str, frozenset[str]]


def plan(old: Sop, change: Change) -> Plan:
    """Returns a change's plan for applications of an old SOP."""
    parts = {
        step.code: tuple(code for code in change.merged.get(step.code, (step.code,)) if code in old.step_by_code)
        for step in change.sop.steps
    }
    return Plan(change, old, parts, ancestors(change.sop), ancestors(old))


def unchanged(old: Sop) -> Plan:
    """Returns the plan that replays an SOP's applications as they were."""
    return plan(old, Change(old, {}))


# What an application has to go through

_TOTAL: Final[Mapping[MergedTakes, Callable[[Iterable[int]], int]]] = {"longest": max, "sum": sum}


@dataclass(frozen=True, slots=True)
class Work:
    """A step of one application under a plan: how long, and which of the application's steps have to be over first.

    With each need stands how many minutes before its end it no longer holds the step up, which is 0 unless a merged step is needed of
    which this application, in its history, waited for a part only.
    """

    step: Step
    minutes: int
    others_minutes: int
    work_minutes: int
    needs: Mapping[str, int]


def works(case: PastCase, planned: Plan, clock: OfficeClock) -> list[Work]:
    """Returns the application's steps in the order of the SOP.

    A step that the application did not have then it does not have now; one that its SOP did not know takes its target. A need that was over
    later than its step in this very application, although the old SOP asked for it, is no need of this application.
    """
    found: list[Work] = []
    present: list[str] = []
    for step in planned.change.sop.steps:
        length = _length(case, step, planned, clock)
        if length is None:
            continue
        before = planned.before[step.code]
        held = ((code, _freed_before_end(case, code, step.code, planned)) for code in present if code in before)
        needs = {code: minutes for code, minutes in held if minutes is not None}
        found.append(Work(step, *length, needs))
        present.append(step.code)
    return found


def _length(case: PastCase, step: Step, planned: Plan, clock: OfficeClock) -> tuple[int, int, int] | None:
    parts = planned.parts[step.code]
    dones = [case.done[code] for code in parts if code in case.done]
    if dones:
        if step.automatic and not any(planned.old.step_by_code[code].automatic for code in parts):
            return 0, max(done.others_minutes for done in dones), 0
        return _together(dones, planned.change.merged_takes)
    if parts or (step.when is not None and not step.when.holds(case.facts)):
        return None
    if step.automatic:
        return 0, 0, 0
    target = step.applicant_working_days if step.kind == "payment" else step.target_working_days
    minutes = target * clock.minutes_a_day
    return (0, minutes, 0) if step.kind in OTHERS_KINDS else (minutes, 0, minutes)


def _together(dones: Sequence[Done], takes: MergedTakes) -> tuple[int, int, int]:
    total = _TOTAL[takes]
    minutes = total([done.minutes for done in dones])
    # Work does not end with a hand-over: all parts are still done, within the time that the merged step takes.
    work = min(minutes, sum(done.work_minutes for done in dones))
    return minutes, total([done.others_minutes for done in dones]), work


def _freed_before_end(case: PastCase, need: str, code: str, planned: Plan) -> int | None:
    """Returns how long before the end of a need a step may begin, None if the need is none of this application."""
    done = case.done
    after = [part for part in planned.parts[code] if part in done]
    parts = [part for part in planned.parts[need] if part in done]
    ignored = [part for part in parts if after and all(_is_ignored(case, part, item, planned) for item in after)]
    if not ignored:
        return 0
    if len(ignored) == len(parts):
        return None
    total = _TOTAL[planned.change.merged_takes]
    whole = total([done[part].minutes + done[part].others_minutes for part in parts])
    return whole - total([done[part].minutes + done[part].others_minutes for part in parts if part not in ignored])


def _is_ignored(case: PastCase, need: str, code: str, planned: Plan) -> bool:
    return need in planned.old_before[code] and case.done[need].finished > case.done[code].finished


# Without and with queues


def alone(arrived: int, steps: Iterable[Work]) -> dict[str, Spell]:
    """Returns when each step is over where nobody waits for an officer."""
    spells: dict[str, Spell] = {}
    for work in steps:
        ready = max((_free(spells[need], early) for need, early in work.needs.items()), default=arrived)
        spells[work.step.code] = Spell(ready, ready + work.minutes + work.others_minutes, work.others_minutes)
    return spells


def queued(cases: Sequence[tuple[int, Sequence[Work]]], capacity: Mapping[str, int]) -> list[dict[str, Spell]]:
    """Returns when each step of each application is over, where agencies with a capacity have so many officers and no more.

    Such a step waits for a free officer, then takes its work; a step of another agency takes as long as it took.
    """
    officers = {agency: [0] * count for agency, count in capacity.items()}
    spells: list[dict[str, Spell]] = [{} for _ in cases]
    waiting = [{work.step.code: set(work.needs) for work in steps} for _, steps in cases]
    by_code = [{work.step.code: work for work in steps} for _, steps in cases]
    events = [(arrived, index, code) for index, (arrived, _) in enumerate(cases) for code, needs in waiting[index].items() if not needs]
    heapify(events)
    while events:
        ready, index, code = heappop(events)
        work = by_code[index][code]
        finished = _served(ready, work, officers.get(work.step.agency)) + work.others_minutes
        spells[index][code] = Spell(ready, finished, work.others_minutes)
        for following, needs in waiting[index].items():
            if code in needs:
                needs.remove(code)
                if not needs:
                    start = max(_free(spells[index][need], early) for need, early in by_code[index][following].needs.items())
                    heappush(events, (start, index, following))
    return spells


def _free(spell: Spell, minutes_before_end: int) -> int:
    return max(spell.ready, spell.finished - minutes_before_end)


def _served(ready: int, work: Work, officers: list[int] | None) -> int:
    if officers is None or work.step.automatic or work.step.kind in OTHERS_KINDS:
        return ready + work.minutes
    finished = max(ready, officers[0]) + work.work_minutes
    heapreplace(officers, finished)
    return finished
