"""What verification says of pools of places: opened and changed by their owner, reserved, granted and given back by rule; pure."""

from collections.abc import Sequence
from typing import Literal

from shared import events as e
from shared.case import Case
from shared.draft import Desk, Draft
from shared.quota import PREFIX, Quota
from shared.reasons import checked
from shared.sop import objections
from shared.sop.model import Step
from shared.sop.permit import STATES_OVER
from shared.sop.places import quota_pool

Reason = Literal["refused", "withdrawn", "closed", "permit-ended"]


def open_quota(name: str, agency: str, capacity: int) -> Draft:
    """Returns that a pool has so many places."""
    return Draft(e.QuotaOpened(quota=name, agency=agency, capacity=capacity), agency)


def change_quota(name: str, agency: str, capacity: int, reason: str) -> Draft:
    """Returns that a pool has another number of places."""
    return Draft(e.QuotaChanged(quota=name, capacity=capacity, reason=checked("capacity", reason)), agency)


def react(case: Case, desk: Desk) -> Sequence[Draft]:
    """Reserves places for the steps that need some, says when an application has them, and gives back what has no more use."""
    for step in case.sop.quota_steps if case.sop else ():
        name = quota_pool(step, case)
        quota = desk.city.quotas.get(name)
        asked = any(isinstance(said, e.QuotaReserved | e.QuotaReleased) and said.application == case.code for said in desk.asked)
        if quota is None or asked or not desk.speaks_for(quota.agency):
            continue
        reason = ended(case)
        if reason and (case.code in quota.reserved or case.code in quota.waiting):
            released = e.QuotaReleased(quota=name, application=case.code, reason=reason)
            return (Draft(released, quota.agency, PREFIX + name),)
        if step.code in case.ready and (draft := _next(case, step, quota)):
            return (draft,)
    return ()


def _next(case: Case, step: Step, quota: Quota) -> Draft | None:
    if step.quota is None:
        return None
    places = step.quota.places(case.facts)
    if case.code in quota.reserved:
        return Draft(e.QuotaGranted(step=step.code, quota=quota.name, places=places), step.agency)
    if case.code in quota.waiting and not quota.fits(case.code, places):
        return None
    reserved = e.QuotaReserved(quota=quota.name, application=case.code, step=step.code, places=places)
    return Draft(reserved, quota.agency, PREFIX + quota.name)


def ended(case: Case) -> Reason | None:
    """Returns why an application has no more use for its places, None while it has."""
    if case.permit is not None:
        # A permit that was revoked, or whose renewal was refused, may yet stand again: its places wait until that is settled.
        over = case.permit.state in STATES_OVER and case.renewal is None and not objections.may_still_come(case)
        return "permit-ended" if over else None
    return case.outcome if case.outcome in ("refused", "withdrawn", "closed") else None  # type: ignore[return-value]  # mypy does not narrow
