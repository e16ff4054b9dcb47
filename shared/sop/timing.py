"""How long an SOP takes when nobody is late: its longest way in working days, and the steps on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.sop import graph
from shared.sop.model import WAITED_FOR, FactValue, Sop, Step

Applies = Callable[[Step], bool]


@dataclass(frozen=True, slots=True)
class LongestPath:
    """A longest way: its working days, and its critical steps in order; a step more on any of them is a day more in all."""

    working_days: int
    steps: tuple[str, ...]


def longest_path(
    sop: Sop,
    facts: Mapping[str, FactValue] | None = None,
    *,
    with_waits: bool = False,
    applies: Applies | None = None,
) -> LongestPath:
    """Returns the longest way for declared facts, or, without them, as if every conditional step applied.

    As in the expected end of a case, waiting for the applicant's payment takes no time; nor do an outsider and a queue, whom no agency can hurry.
    `with_waits` counts both. `applies` says itself which steps are part of it. Of ways that are equally long, the first of the SOP wins.
    """
    chosen = applies or (lambda step: _applies(step, facts))
    days = {step.code: step_working_days(step, with_waits=with_waits) if chosen(step) else 0 for step in sop.steps}
    working_days, path = graph.longest_path({step.code: step.needs for step in sop.steps}, days, sop.decision_step.code)
    return LongestPath(working_days, tuple(code for code in path if chosen(sop.step_by_code[code])))


def longest_path_working_days(sop: Sop, facts: Mapping[str, FactValue] | None = None) -> int:
    """Returns the working days that the agencies need if nobody is late: what the SOP can promise."""
    return longest_path(sop, facts).working_days


def step_working_days(step: Step, *, with_waits: bool = False) -> int:
    """Returns how much a step adds to its way."""
    if step.kind == "payment":
        return step.applicant_working_days if with_waits else 0
    if step.kind in WAITED_FOR and not with_waits:
        return 0
    return step.target_working_days


def _applies(step: Step, facts: Mapping[str, FactValue] | None) -> bool:
    return facts is None or step.when is None or step.when.holds(facts)
