"""Whether a review, a request for correction or a recommendation may stand."""

from collections.abc import Sequence
from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import rules
from shared.sop.checks.parts import Check, step_problem
from shared.sop.people import may_be_found, officer_refusal


def _reviewed(case: Case, event: e.AnyEvent, data: e.ReviewCompleted, _city: City) -> str:
    problem = step_problem(case, event, data.step, *rules.REVIEW_KINDS) or officer_refusal(case, data.step, event.authid)
    if problem or case.sop is None:
        return problem
    return _content_problem(case, event, data, case.sop.step_by_code[data.step].reads)


def _content_problem(case: Case, event: e.AnyEvent, data: e.ReviewCompleted, reads: Sequence[str]) -> str:
    """Returns what is wrong with a review that its officer may end now, empty when nothing is."""
    if any(case.requirements[code].sequence > event.basis for code in reads if code in case.requirements):
        return "stale"
    if data.round != case.round:
        return "wrong-round"
    if (data.result == "findings") != bool(data.findings):
        return "findings-missing"
    if (data.result == "rejected") != bool(data.reasons):
        return "reasons-missing"
    return next((code for finding in data.findings if (code := _finding_problem(case, data.step, finding.requirement, reads))), "")


def _finding_problem(case: Case, step: str, requirement: str, reads: Sequence[str]) -> str:
    if requirement not in reads or requirement not in case.requirements:
        return "not-read"
    return "" if may_be_found(case, step, requirement) else "already-accepted"


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
    return step_problem(case, event, data.step, "recommendation") or officer_refusal(case, data.step, event.authid)


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ReviewCompleted: _reviewed,
    e.CorrectionRequested: _correction_requested,
    e.RecommendationIssued: _recommended,
}
