"""Whether an acknowledgement of an SOP version, or a waiver of its quiz, may stand."""

from datetime import date, timedelta
from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop.checks.parts import RULE_ROLE, Check
from shared.sop.knowledge import WAIVER_DAYS_MAX
from shared.sop.people import ACTING_HEAD, HEAD
from shared.sop.rules import APPLICANT


def _problem(event: e.AnyEvent, sop_name: str, city: City) -> str:
    sop = city.sops.get(sop_name)
    if sop is None:
        return "unknown-sop"
    if event.role == RULE_ROLE or not event.authid:
        return "not-by-rule"
    return "" if event.agency in sop.working_agencies else "wrong-agency"


def _acknowledged(_case: Case, event: e.AnyEvent, data: e.SopAcknowledged, city: City) -> str:
    if event.role in (APPLICANT, "partner"):
        return "not-allowed"
    if problem := _problem(event, data.sop, city):
        return problem
    return "sop-already-acknowledged" if event.authid in city.acknowledged.get(data.sop, {}) else ""


def _waived(_case: Case, event: e.AnyEvent, data: e.SopWaived, city: City) -> str:
    if problem := _problem(event, data.sop, city):
        return problem
    if event.role not in (HEAD, ACTING_HEAD):
        return "not-allowed"
    if data.officer == event.authid:
        return "waiver-own"
    if data.officer in city.acknowledged.get(data.sop, {}):
        return "sop-already-acknowledged"
    last = (date.fromisoformat(city.today) + timedelta(days=WAIVER_DAYS_MAX)).isoformat() if city.today else ""
    return "" if city.today <= data.valid_until <= last else "waiver-days"


CHECKS: Final[dict[type[e.Data], Check]] = {e.SopAcknowledged: _acknowledged, e.SopWaived: _waived}
