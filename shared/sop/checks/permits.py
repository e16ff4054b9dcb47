"""Whether something may be done with a permit that was issued."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop.applicants import applicant_refusal
from shared.sop.checks.parts import Check
from shared.sop.permit import SURRENDER, permit_refusal

_PERMIT_COMMANDS: Final[dict[type[e.Data], str]] = {
    e.WarningIssued: "warn-holder",
    e.PermitSuspended: "suspend-permit",
    e.PermitReinstated: "reinstate-permit",
    e.PermitRevoked: "revoke-permit",
    e.PermitAnnulled: "annul-permit",
    e.PermitSurrendered: SURRENDER,
}


def _permit_changed(case: Case, event: e.AnyEvent, data: e.Data, city: City) -> str:
    if case.sop is None:
        return "no-permit"
    if isinstance(data, e.PermitSurrendered):
        return applicant_refusal(case, event.role, event.authid, city.today) or permit_refusal(case, SURRENDER)
    if event.agency != case.sop.owner:
        return "wrong-agency"
    if refusal := permit_refusal(case, _PERMIT_COMMANDS[type(data)]):
        return refusal
    if isinstance(data, e.WarningIssued) and case.permit is not None and data.level != len(case.permit.warnings) + 1:
        return "warning-level"
    basis = getattr(data, "legal_basis", "")
    return "" if not basis or any(item.code == basis for item in case.sop.legal_bases) else "legal-basis-unknown"


CHECKS: Final[dict[type[e.Data], Check]] = dict.fromkeys(_PERMIT_COMMANDS, _permit_changed)
