"""Whether the personal data behind an application may be held or erased."""

from datetime import timedelta
from typing import Final

from shared import events as e
from shared.calendar import WIB
from shared.case import Case
from shared.city import City
from shared.fields import to_instant
from shared.sop import rules
from shared.sop.checks.parts import Check

DATA_PROTECTION_ROLE: Final = "pdp-officer"


def _hold_placed(case: Case, event: e.AnyEvent, data: e.LegalHoldPlaced, _city: City) -> str:
    if problem := _data_protection_problem(case, event):
        return problem
    return "hold-known" if data.number in case.legal_holds else ""


def _hold_lifted(case: Case, event: e.AnyEvent, data: e.LegalHoldLifted, _city: City) -> str:
    if problem := _data_protection_problem(case, event):
        return problem
    return "" if data.number in case.legal_holds else "hold-unknown"


def _forgotten(case: Case, event: e.AnyEvent, _data: e.SubjectForgotten, _city: City) -> str:
    if problem := _data_protection_problem(case, event):
        return problem
    if not case.outcome:
        return "still-open"
    if case.open_objection:
        return "objection-pending"
    if case.legal_holds:
        return "legal-hold"
    # A sender's clock may run up to a day ahead of the ledger's, so a whole day has to lie between.
    day_before = to_instant(event.time).astimezone(WIB).date() - timedelta(days=1)
    return "permit-in-force" if rules.permit_in_force(case, day_before) else ""


def _data_protection_problem(case: Case, event: e.AnyEvent) -> str:
    if event.role != DATA_PROTECTION_ROLE:
        return "not-allowed"
    return "already-forgotten" if case.forgotten_at else ""


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.LegalHoldPlaced: _hold_placed,
    e.LegalHoldLifted: _hold_lifted,
    e.SubjectForgotten: _forgotten,
}
