"""Whether something may be done with a permit that was issued."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.permit_model import Permit
from shared.sop.applicants import applicant_refusal
from shared.sop.checks.parts import Check, basis_problem
from shared.sop.model import Sop
from shared.sop.permit import CORRECT, DRAFT_CORRECTION, DUPLICATE, RETURN_CORRECTION, SURRENDER, permit_refusal

_PERMIT_COMMANDS: Final[dict[type[e.Data], str]] = {
    e.WarningIssued: "warn-holder",
    e.PermitSuspended: "suspend-permit",
    e.PermitReinstated: "reinstate-permit",
    e.PermitRevoked: "revoke-permit",
    e.PermitAnnulled: "annul-permit",
    e.PermitCorrectionDrafted: DRAFT_CORRECTION,
    e.PermitCorrectionReturned: RETURN_CORRECTION,
    e.PermitCorrected: CORRECT,
    e.PermitSurrendered: SURRENDER,
    e.PermitDuplicateIssued: DUPLICATE,
}
_BY_THE_HOLDER: Final = (e.PermitSurrendered, e.PermitDuplicateIssued)


def _differs(permit: Permit, data: e.Data) -> str:
    """Returns that an event does not follow from the permit as it stands, empty when it does."""
    if isinstance(data, e.WarningIssued) and data.level != len(permit.warnings) + 1:
        return "warning-level"
    if isinstance(data, e.PermitRevoked | e.PermitAnnulled) and set(data.reasons) <= set(permit.overruled):
        return "overruled-before"
    if isinstance(data, e.PermitDuplicateIssued) and data.duplicate != len(permit.duplicates) + 1:
        return "stale"
    if isinstance(data, e.PermitCorrected):
        said, slip = (data.field, data.reason, data.document), permit.slip
        return "" if slip and said == (slip.field, slip.reason, slip.document) else "draft-differs"
    return ""


def _by_whom(case: Case, event: e.AnyEvent, sop: Sop, day: str) -> str:
    if isinstance(event.data, _BY_THE_HOLDER):
        return applicant_refusal(case, event.role, event.authid, day)
    return "" if event.agency == sop.owner else "wrong-agency"


def _permit_changed(case: Case, event: e.AnyEvent, data: e.Data, city: City) -> str:
    if case.sop is None or case.permit is None:
        return "no-permit"
    return (
        _by_whom(case, event, case.sop, city.today)
        or permit_refusal(case, _PERMIT_COMMANDS[type(data)], event.authid)
        or _differs(case.permit, data)
        or basis_problem(case.sop, getattr(data, "legal_basis", ""))
    )


CHECKS: Final[dict[type[e.Data], Check]] = dict.fromkeys(_PERMIT_COMMANDS, _permit_changed)
