"""Whether a hand-over, a declared conflict, a second look or an acting appointment may stand."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop.applicants import FILING_ROLES
from shared.sop.checks.parts import Check, step_problem
from shared.sop.objections import SUPERIOR, SUPERIOR_AGENCY
from shared.sop.people import CONFLICT, assign_refusal, reassign_refusal, recheck_refusal

_ASSIGNABLE: Final = ("review", "recommendation")


def _assigned(case: Case, event: e.AnyEvent, data: e.ReviewAssigned, _city: City) -> str:
    return step_problem(case, event, data.step, *_ASSIGNABLE) or assign_refusal(case, data.step, data.officer)


def _reassigned(case: Case, event: e.AnyEvent, data: e.ReviewReassigned, _city: City) -> str:
    return step_problem(case, event, data.step, *_ASSIGNABLE) or reassign_refusal(case, data.step, data.officer)


def _conflict(case: Case, event: e.AnyEvent, _data: e.ConflictDeclared, _city: City) -> str:
    if not event.authid or event.role in FILING_ROLES:
        return "not-allowed"
    if event.authid in case.conflicts:
        return CONFLICT
    agencies = {agency for step in case.sop.steps for agency in step.agencies} if case.sop else set()
    return "" if event.agency in agencies else "wrong-agency"


def _recheck(case: Case, event: e.AnyEvent, data: e.RecheckAllowed, _city: City) -> str:
    return step_problem(case, event, data.step, "review") or recheck_refusal(case, data.step, data.requirement)


def _acting(_case: Case, event: e.AnyEvent, data: e.ActingAppointed, _city: City) -> str:
    # A head with a conflict of interest reports it to the superior, who has somebody else decide (UU 30/2014, articles 42 and 43).
    by_superior = (event.role, event.agency) == (SUPERIOR, SUPERIOR_AGENCY)
    if event.agency and event.agency != data.agency and not by_superior:
        return "wrong-agency"
    return "" if data.valid_from <= data.valid_until else "acting-days"


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ReviewAssigned: _assigned,
    e.ReviewReassigned: _reassigned,
    e.ConflictDeclared: _conflict,
    e.RecheckAllowed: _recheck,
}
CITY_CHECKS: Final[dict[type[e.Data], Check]] = {e.ActingAppointed: _acting}
