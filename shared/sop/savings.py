"""What a change of SOP saves: each application before and after it, gathered by agency and step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from shared.office_clock import OfficeClock
from shared.resampling import median, p90
from shared.sop.model import QUEUE, Sop, Step
from shared.sop.past import OTHERS_KINDS, PastCase
from shared.sop.replays import Plan, Replayed, Spell

APPLICANT: Final = "applicant"
WHOLE: Final = "*"


@dataclass(frozen=True, slots=True)
class Pair:
    """An application before and after a change, with everybody's time and with the agencies' alone, by which promises are kept."""

    case: PastCase
    planned: Plan
    before: Replayed
    after: Replayed
    promise_before: Replayed
    promise_after: Replayed


class Row(NamedTuple):
    """What changes for a step, an agency (`step` is `*`), or whole applications (both are `*`), in office minutes.

    `before` and `after` are how long it has an application. `saved` is, for a step, how much earlier it is over; for an agency, how much
    less it has the application; for the whole, how much earlier the application ends. Late is against the step's target or the promise,
    before the change against those of the old SOP.
    """

    agency: str
    step: str
    cases: int
    before_median_minutes: int
    after_median_minutes: int
    saved_median_minutes: int
    saved_p90_minutes: int
    saved_total_minutes: int
    late_before: int
    late_after: int


class Gathered(NamedTuple):
    """A row before it is summed up: a value for each application that it is about."""

    agency: str
    step: str
    indexes: Sequence[int]
    before: Sequence[int]
    after: Sequence[int]
    saved: Sequence[int]
    late_before: Sequence[bool]
    late_after: Sequence[bool]

    def row(self) -> Row:
        """Returns the row."""
        return Row(
            self.agency,
            self.step,
            len(self.indexes),
            median(self.before),
            median(self.after),
            median(self.saved),
            p90(self.saved),
            sum(self.saved),
            sum(self.late_before),
            sum(self.late_after),
        )

    def saved_of_all(self, cases: int) -> list[int]:
        """Returns what every application saves, nothing for those that the row is not about."""
        values = [0] * cases
        for index, saved in zip(self.indexes, self.saved, strict=True):
            values[index] = saved
        return values


def party(step: Step) -> str:
    """Returns who has an application in a step: its agency, the applicant who pays, the outsider, or the queue for a place."""
    if step.kind == "payment":
        return APPLICANT
    return step.outsider or (QUEUE if step.kind == "quota" else step.agency)


def gathered(pairs: Sequence[Pair], sop: Sop, clock: OfficeClock) -> list[Gathered]:
    """Returns whole applications first, then each agency followed by its steps in the SOP's order."""
    agencies = dict.fromkeys(party(step) for step in sop.steps)
    agencies |= dict.fromkeys(party(step) for pair in pairs for step in pair.planned.old.steps)
    found = [_whole(pairs, clock)]
    for agency in agencies:
        found.append(_of_agency(pairs, agency))
        found += [_of_step(pairs, step, clock) for step in sop.steps if party(step) == agency]
    return [item for item in found if item.indexes]


def is_late(case: PastCase, by_promise: Replayed, sop: Sop, clock: OfficeClock) -> bool:
    """Says whether an application ends after the promise of an SOP, the applicant's and outsiders' time left out."""
    return end(by_promise, case.arrived) > clock.due(case.arrived, sop.promise_working_days, case.arrived_day)


def end(replayed: Replayed, arrived: int) -> int:
    """Returns when the last step is over."""
    return max((spell.finished for spell in replayed.values()), default=arrived)


def _whole(pairs: Sequence[Pair], clock: OfficeClock) -> Gathered:
    before = [end(pair.before, pair.case.arrived) - pair.case.arrived for pair in pairs]
    after = [end(pair.after, pair.case.arrived) - pair.case.arrived for pair in pairs]
    saved = [old - new for old, new in zip(before, after, strict=True)]
    late_before = [is_late(pair.case, pair.promise_before, pair.planned.old, clock) for pair in pairs]
    late_after = [is_late(pair.case, pair.promise_after, pair.planned.change.sop, clock) for pair in pairs]
    return Gathered(WHOLE, WHOLE, range(len(pairs)), before, after, saved, late_before, late_after)


def _of_agency(pairs: Sequence[Pair], agency: str) -> Gathered:
    found = []
    for index, pair in enumerate(pairs):
        before = _held(pair.before, pair.planned.old.step_by_code, agency)
        after = _held(pair.after, pair.planned.change.sop.step_by_code, agency)
        if before or after:
            found.append((index, _covered(before), _covered(after)))
    no_promise = [False] * len(found)
    saved = [before - after for _, before, after in found]
    indexes, old, new = ([item[place] for item in found] for place in range(3))
    return Gathered(agency, WHOLE, indexes, old, new, saved, no_promise, no_promise)


def _held(replayed: Replayed, steps: dict[str, Step], agency: str) -> list[tuple[int, int]]:
    return [_own(spell, steps[code]) for code, spell in replayed.items() if party(steps[code]) == agency]


def _own(spell: Spell, step: Step) -> tuple[int, int]:
    return spell.ready, spell.finished if step.kind in OTHERS_KINDS else spell.finished - spell.others_minutes


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    total = last = 0
    for start, finish in sorted(spans):
        total += max(0, finish - max(start, last))
        last = max(last, finish)
    return total


def _of_step(pairs: Sequence[Pair], step: Step, clock: OfficeClock) -> Gathered:
    found: list[tuple[int, int, int, int, bool, bool]] = []
    for index, pair in enumerate(pairs):
        old = {code: pair.before[code] for code in pair.planned.parts[step.code] if code in pair.before}
        new = pair.after.get(step.code)
        if old and new:
            steps = pair.planned.old.step_by_code
            own, now = [_own(spell, steps[code]) for code, spell in old.items()], _own(new, step)
            saved = max(spell.finished for spell in old.values()) - new.finished
            late = any(_is_over(_own(spell, steps[code]), steps[code], clock) for code, spell in old.items())
            found.append((index, sum(last - first for first, last in own), now[1] - now[0], saved, late, _is_over(now, step, clock)))
    return Gathered(party(step), step.code, *_columns(found))


def _columns(
    found: Sequence[tuple[int, int, int, int, bool, bool]],
) -> tuple[list[int], list[int], list[int], list[int], list[bool], list[bool]]:
    return (
        [item[0] for item in found],
        [item[1] for item in found],
        [item[2] for item in found],
        [item[3] for item in found],
        [item[4] for item in found],
        [item[5] for item in found],
    )


def _is_over(span: tuple[int, int], step: Step, clock: OfficeClock) -> bool:
    return step.kind not in OTHERS_KINDS and span[1] > clock.due(span[0], step.target_working_days)
