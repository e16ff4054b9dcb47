"""Whether an application may be submitted, completed, corrected, withdrawn or closed."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import rules
from shared.sop.applicants import KUASA, applicant_refusal, end_refusal, filing_problem
from shared.sop.checks.parts import Check, step_problem
from shared.sop.model import Sop


def _submitted(case: Case, event: e.AnyEvent, data: e.ApplicationSubmitted, city: City) -> str:
    if case.submitted_at:
        return "already-submitted"
    sop = city.sops.get(data.sop)
    if sop is None:
        return "unknown-sop"
    if not city.is_in_force(sop.name):
        return "sop-not-in-force"
    return filing_problem(event, data, city.today) or facts_problem(sop, data)[0] or attachments_problem(sop, data)[0]


def facts_problem(sop: Sop, data: e.ApplicationSubmitted) -> tuple[str, str]:
    """Returns the code and the fact's name of the first wrong declared fact, empty strings when all are right."""
    declared = {fact.name: fact.value for fact in data.facts}
    for name, value in declared.items():
        definition = sop.fact_by_name.get(name)
        if definition is None:
            return "fact-unknown", name
        if rules.fact_problem(definition, value):
            return "fact-invalid", name
    missing = next((fact.name for fact in sop.facts if fact.name not in declared), "")
    return ("fact-missing", missing) if missing else ("", "")


def attachments_problem(sop: Sop, data: e.ApplicationSubmitted) -> tuple[str, str]:
    """Returns the code and the requirement of the first missing or unknown attachment, empty strings when all are right."""
    facts = {fact.name: fact.value for fact in data.facts}
    return rules.handing_problem([item.requirement for item in data.attachments], [item.code for item in sop.required(facts)])


def _completed(case: Case, event: e.AnyEvent, data: e.ApplicationCompleted, _city: City) -> str:
    problem = step_problem(case, event, data.step, "completeness")
    if problem or case.sop is None:
        return problem
    required = {item.code for item in case.sop.required(case.facts)}
    return "" if required <= set(case.requirements) else "requirement-missing"


def _corrected(case: Case, event: e.AnyEvent, data: e.CorrectionSubmitted, city: City) -> str:
    if case.correction is None:
        return "no-correction-open"
    if theirs := applicant_refusal(case, event.role, event.authid, city.today):
        return theirs
    if data.round != case.correction.round:
        return "wrong-round"
    asked = {finding.requirement for finding in case.correction.findings}
    given = [item.requirement for item in data.attachments]
    if not set(given) <= asked or len(set(given)) != len(given):
        return "not-asked-for"
    return "" if asked <= set(given) else "correction-incomplete"


def _withdrawn(case: Case, event: e.AnyEvent, _data: e.ApplicationWithdrawn, city: City) -> str:
    return applicant_refusal(case, event.role, event.authid, city.today)


def _power_ended(case: Case, event: e.AnyEvent, data: e.RepresentationEnded, _city: City) -> str:
    if (data.reason == "laid-down") != (event.role == KUASA):
        return "not-allowed"
    return end_refusal(case, event.role, event.authid)


def _closed(case: Case, _event: e.AnyEvent, data: e.ApplicationClosed, _city: City) -> str:
    return "" if rules.silence(case) == data.reason else "nothing-to-close"


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ApplicationSubmitted: _submitted,
    e.ApplicationCompleted: _completed,
    e.RepresentationEnded: _power_ended,
    e.CorrectionSubmitted: _corrected,
    e.ApplicationWithdrawn: _withdrawn,
    e.ApplicationClosed: _closed,
}
