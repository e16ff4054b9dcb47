"""Whether an application may be submitted, completed, corrected, withdrawn or closed."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import rules
from shared.sop.applicants import KUASA, Filer, applicant_refusal, end_refusal, filing_problem, given_problem, giving_refusal
from shared.sop.checks.parts import Check, step_problem
from shared.sop.handing import Problem, first, handing_problems
from shared.sop.model import FactValue, Sop


def _submitted(case: Case, event: e.AnyEvent, data: e.ApplicationSubmitted, city: City) -> str:
    if case.submitted_at:
        return "already-submitted"
    sop = city.sops.get(data.sop)
    if sop is None:
        return "unknown-sop"
    if not city.is_in_force(sop.name):
        return "sop-not-in-force"
    by = Filer(event.role, event.agency, event.authid)
    return first(submission_problems(sop, by, data, city.today))[0]


def submission_problems(sop: Sop, by: Filer, data: e.ApplicationSubmitted, day: str) -> list[Problem]:
    """Returns everything that is wrong with a submission under its SOP on a local date, in the order in which it would be refused."""
    filing = filing_problem(by, data, day)
    declared = {fact.name: fact.value for fact in data.facts}
    asked = [item.code for item in sop.required(declared)]
    return [
        *([(filing, "filing")] if filing else []),
        *_facts_problems(sop, declared),
        *handing_problems([item.requirement for item in data.attachments], asked),
    ]


def _facts_problems(sop: Sop, declared: Mapping[str, FactValue]) -> list[Problem]:
    known = sop.fact_by_name
    unknown = [("fact-unknown", name) for name in declared if name not in known]
    invalid = [("fact-invalid", name) for name, value in declared.items() if name in known and rules.fact_problem(known[name], value)]
    return [*unknown, *invalid, *(("fact-missing", name) for name in known if name not in declared)]


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


def _power_given(case: Case, event: e.AnyEvent, data: e.RepresentationGiven, city: City) -> str:
    refused = giving_refusal(case, event.role, event.authid)
    return refused or given_problem(case, data.attorney, data.power, data.valid_until, city.today)


def _power_ended(case: Case, event: e.AnyEvent, data: e.RepresentationEnded, _city: City) -> str:
    if (data.reason == "laid-down") != (event.role == KUASA):
        return "not-allowed"
    return end_refusal(case, event.role, event.authid)


def _closed(case: Case, _event: e.AnyEvent, data: e.ApplicationClosed, _city: City) -> str:
    return "" if rules.silence(case) == data.reason else "nothing-to-close"


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ApplicationSubmitted: _submitted,
    e.ApplicationCompleted: _completed,
    e.RepresentationGiven: _power_given,
    e.RepresentationEnded: _power_ended,
    e.CorrectionSubmitted: _corrected,
    e.ApplicationWithdrawn: _withdrawn,
    e.ApplicationClosed: _closed,
}
