"""What the checks share."""

from collections.abc import Callable
from typing import Any, Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import objections
from shared.sop.model import Sop, Step

# (case, event, its data, city) -> a refusal code, empty when it stands.
Check = Callable[[Case, e.AnyEvent, Any, City], str]

RULE_ROLE: Final = "rule"


def step_problem(case: Case, event: e.AnyEvent, code: str, *kinds: str) -> str:
    """Returns why an agency's event does not fit a step of one of these kinds now, empty when it does."""
    if case.sop is None or code not in case.sop.step_by_code:
        return "step-unknown"
    step = case.sop.step_by_code[code]
    if step.kind not in kinds:
        return "wrong-step"
    if code not in case.ready:
        return "step-done" if code in case.steps and case.steps[code].result != "findings" else "step-not-ready"
    if event.agency not in step.agencies:
        return "wrong-agency"
    return _by_whom(case, event, step)


def basis_problem(sop: Sop | None, basis: str) -> str:
    """Returns that a legal basis is none of an SOP's own, empty when it is one or none is named."""
    known = {item.code for item in sop.legal_bases} if sop else set()
    return "" if not basis or basis in known else "legal-basis-unknown"


def _by_whom(case: Case, event: e.AnyEvent, step: Step) -> str:
    by_rule = objections.by_rule(case, step)
    if (event.role == RULE_ROLE) == by_rule:
        return ""
    return "not-by-hand" if by_rule else "not-by-rule"
