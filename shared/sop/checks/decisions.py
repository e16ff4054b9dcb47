"""Whether a decision may stand."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import objections, rules
from shared.sop.checks.parts import RULE_ROLE, Check, step_problem
from shared.sop.permit import next_term


def _drafted(case: Case, event: e.AnyEvent, data: e.DecisionDrafted, _city: City) -> str:
    problem = step_problem(case, event, data.step, "decision")
    if problem:
        return problem
    if case.draft is not None:
        return "draft-pending"
    if data.outcome == "issue":
        return "must-refuse" if rules.is_rejected(case) else ""
    if objections.reopened(case) and not rules.is_rejected(case):
        return "must-issue"
    return "" if data.reasons else "reasons-missing"


def _returned(case: Case, event: e.AnyEvent, data: e.DecisionReturned, _city: City) -> str:
    # Anybody may: a drafter who alone could sign would otherwise hold the application for ever.
    return step_problem(case, event, data.step, "decision") or ("" if case.draft else "no-draft")


def _issued(case: Case, event: e.AnyEvent, data: e.PermitIssued, _city: City) -> str:
    return "renewal-runs" if case.renewal else _granted(case, event, data.step)


def _renewed(case: Case, event: e.AnyEvent, data: e.PermitRenewed, _city: City) -> str:
    if case.renewal is None or case.permit is None or case.sop is None:
        return "no-renewal"
    term = next_term(case.permit, case.sop.validity_months)
    return _granted(case, event, data.step) or ("" if (data.valid_from, data.valid_until) == term else "stale")


def _granted(case: Case, event: e.AnyEvent, step: str) -> str:
    problem = step_problem(case, event, step, "decision")
    if problem or rules.is_rejected(case):
        return problem or "must-refuse"
    return "" if event.role == RULE_ROLE else _signer_problem(case, event, "issue")


def _refused(case: Case, event: e.AnyEvent, data: e.ApplicationRefused, _city: City) -> str:
    problem = step_problem(case, event, data.step, "decision")
    if problem:
        return problem
    return "" if event.role == RULE_ROLE else _signer_problem(case, event, "refuse")


def _signer_problem(case: Case, event: e.AnyEvent, outcome: str) -> str:
    if case.draft is None:
        return "no-draft"
    if event.authid == case.draft.authid:
        return "same-officer"
    return "draft-differs" if case.draft.outcome != outcome else ""


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.DecisionDrafted: _drafted,
    e.DecisionReturned: _returned,
    e.PermitIssued: _issued,
    e.PermitRenewed: _renewed,
    e.ApplicationRefused: _refused,
}
