"""The verdict on one event: may it stand, given the case it meets? The doors ask before storing, the ledger asks in its own order.

`admissible` never raises; it returns a code of `shared/refusals.py` or an empty string. Facts always stand: the fold opens the remedy.
"""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import after_issue, rules
from shared.sop.applicants import side_refusal
from shared.sop.checks import (
    arrival,
    decisions,
    draws,
    knowledge,
    lateness,
    money,
    moves,
    objections,
    people,
    permits,
    personal,
    quotas,
    renewals,
    reviews,
    sops,
    transfers,
    visits,
)
from shared.sop.checks.parts import Check
from shared.sop.people import ACTING_HEAD, CONFLICT
from shared.upcast import upcast_data

__all__ = ["LEDGER", "admissible"]

LEDGER: Final = "ledger"
_CHECKS: Final[dict[type[e.Data], Check]] = {
    **arrival.CHECKS,
    **quotas.CHECKS,
    **reviews.CHECKS,
    **people.CHECKS,
    **lateness.CHECKS,
    **visits.CHECKS,
    **draws.CHECKS,
    **money.CHECKS,
    **money.AFTER_THE_END,
    **decisions.CHECKS,
    **objections.CHECKS,
    **permits.CHECKS,
    **renewals.CHECKS,
    **transfers.CHECKS,
    **personal.CHECKS,
    **moves.CHECKS,
}
_ALSO_AFTER_THE_END: Final[tuple[type[e.Data], ...]] = (
    e.ApplicationSubmitted,
    e.RepresentationGiven,
    e.RepresentationEnded,
    *money.AFTER_THE_END,
    *objections.CHECKS,
    *permits.CHECKS,
    *renewals.CHECKS,
    *transfers.CHECKS,
    *personal.CHECKS,
    *lateness.CHECKS,
)


def admissible(case: Case, event: e.AnyEvent, city: City) -> str:
    """Returns the refusal code of an authentic event in the ledger's order and on the city's date, empty when it stands."""
    data = upcast_data(event.data)
    if data.KIND == "fact" or event.sender == LEDGER:
        return ""
    if city.contract < event.data.SINCE_CONTRACT:
        return "contract-not-raised"
    if event.role == ACTING_HEAD and city.acting_head(event.agency) is None:
        return "not-acting"
    check = _CITY_CHECKS.get(type(data))
    if check:
        return check(case, event, data, city)
    check = _CHECKS.get(type(data))
    return (_order(case, event) or check(case, event, data, city)) if check else "wrong-stage"


def _order(case: Case, event: e.AnyEvent) -> str:
    if event.basis > case.sequence:
        return "basis-unknown"
    refused_at, _ = case.refusals.get(event.sender, (0, ""))
    if event.basis < refused_at:
        return rules.FOLLOWS_A_REFUSAL
    if event.authid in case.conflicts:
        return CONFLICT
    if own := side_refusal(case, event.role, event.authid):
        return own
    if case.outcome and not isinstance(event.data, _ALSO_AFTER_THE_END) and not _of_a_visit_after_issue(case, event.data):
        return rules.ended_code(case)
    return ""


def _of_a_visit_after_issue(case: Case, data: e.Data) -> bool:
    return isinstance(data, e.VisitScheduled | e.VisitMoved) and data.step in after_issue.expected(case)


def _always(_case: Case, _event: e.AnyEvent, _data: e.Data, _city: City) -> str:
    return ""


_CITY_CHECKS: Final[dict[type[e.Data], Check]] = {
    **sops.CHECKS,
    **knowledge.CHECKS,
    e.CalendarPublished: _always,
    **quotas.POOL_CHECKS,
    **people.CITY_CHECKS,
    **lateness.CITY_CHECKS,
    **money.CITY_CHECKS,
}
