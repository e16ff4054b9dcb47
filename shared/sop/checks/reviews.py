"""Whether a review, a request for correction or a recommendation may stand."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import rules
from shared.sop.checks.parts import Check, step_problem


def _assigned(case: Case, event: e.AnyEvent, data: e.ReviewAssigned, _city: City) -> str:
    return step_problem(case, event, data.step, "review", "recommendation")


def _reviewed(case: Case, event: e.AnyEvent, data: e.ReviewCompleted, _city: City) -> str:
    problem = step_problem(case, event, data.step, *rules.REVIEW_KINDS)
    if problem or case.sop is None:
        return problem
    reads = case.sop.step_by_code[data.step].reads
    if any(case.requirements[code].sequence > event.basis for code in reads if code in case.requirements):
        return "stale"
    if data.round != case.round:
        return "wrong-round"
    if (data.result == "findings") != bool(data.findings):
        return "findings-missing"
    if (data.result == "rejected") != bool(data.reasons):
        return "reasons-missing"
    return "" if all(finding.requirement in reads and finding.requirement in case.requirements for finding in data.findings) else "not-read"


def _correction_requested(case: Case, event: e.AnyEvent, data: e.CorrectionRequested, _city: City) -> str:
    if case.correction is not None:
        return "correction-open"
    step = rules.ready_step(case, rules.CORRECTION_REQUEST)
    if step is None:
        return "step-not-ready"
    if event.agency != step.agency:
        return "wrong-agency"
    if data.round != case.round:
        return "wrong-round"
    return "" if data.findings == rules.open_findings(case) else "findings-differ"


def _recommended(case: Case, event: e.AnyEvent, data: e.RecommendationIssued, _city: City) -> str:
    return step_problem(case, event, data.step, "recommendation")


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ReviewAssigned: _assigned,
    e.ReviewCompleted: _reviewed,
    e.CorrectionRequested: _correction_requested,
    e.RecommendationIssued: _recommended,
}
