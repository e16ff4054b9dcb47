"""What a renewal asks and which steps it takes; pure functions of the case and of what its holder declares.

A renewal asks for what the SOP asks again, for what has run out by the permit's last day, and for what a changed fact makes necessary; what has not
changed is not asked for (PP 28/2025, article 219(4)). When a renewal is possible at all is for `permit_refusal`.
"""

from collections.abc import Collection, Mapping
from typing import Final

from shared import events as e
from shared.calendar import WIB
from shared.case_model import Case
from shared.fields import to_instant
from shared.sop import rules
from shared.sop.handing import first, handing_problems
from shared.sop.model import FactValue, Requirement, Sop
from shared.sop.permit import valid_until

IF_CHANGED: Final = "if-changed"
LOOKING: Final = (*rules.REVIEW_KINDS, "visit")


def asked(case: Case, facts: Mapping[str, FactValue]) -> tuple[Requirement, ...]:
    """Returns the requirements that have to be handed in for a renewal with these facts, in the SOP's order."""
    required = case.sop.required(facts) if case.sop else ()
    return tuple(item for item in required if item.on_renewal == "again" or item.code not in case.requirements or _has_run_out(case, item))


def _has_run_out(case: Case, item: Requirement) -> bool:
    if not item.valid_months or case.permit is None:
        return False
    handed_on = to_instant(case.requirements[item.code].at).astimezone(WIB).date().isoformat()
    return valid_until(handed_on, item.valid_months) < case.permit.valid_until


def problem(case: Case, data: e.RenewalRequested) -> tuple[str, str]:
    """Returns the code of the first thing wrong with a request and what it is about, empty strings when nothing is."""
    sop = case.sop
    if sop is None or sop.renewal is None:
        return "renewal-not-offered", ""
    declared = {fact.name: fact.value for fact in data.facts}
    for name, value in declared.items():
        if name not in sop.fact_by_name:
            return "fact-unknown", name
        if name not in sop.renewal.facts:
            return "fact-fixed", name
        if rules.fact_problem(sop.fact_by_name[name], value):
            return "fact-invalid", name
    facts = {**case.facts, **declared}
    needed = sorted(item.code for item in asked(case, facts))
    if_changed = {item.code for item in sop.required(facts) if item.on_renewal == IF_CHANGED}
    return first(handing_problems([item.requirement for item in data.attachments], needed, if_changed))


def steps_of(sop: Sop, handed: Collection[str]) -> tuple[str, ...]:
    """Returns the steps that a renewal takes: those of the SOP's renewal, and the reviews and visits that read a document handed in because it changed."""
    changed = {code for code in handed if sop.requirement_by_code[code].on_renewal == IF_CHANGED}
    always = {sop.steps[0].code, sop.decision_step.code, *(sop.renewal.steps if sop.renewal else ())}
    return tuple(step.code for step in sop.steps if step.code in always or (step.kind in LOOKING and not changed.isdisjoint(step.reads)))
