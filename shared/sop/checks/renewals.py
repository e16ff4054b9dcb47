"""Whether a permit may be renewed."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import renewal
from shared.sop.applicants import applicant_refusal
from shared.sop.checks.parts import Check
from shared.sop.permit import RENEWAL, permit_refusal


def _requested(case: Case, event: e.AnyEvent, data: e.RenewalRequested, city: City) -> str:
    return applicant_refusal(case, event.role, event.authid, city.today) or permit_refusal(case, RENEWAL) or renewal.problem(case, data)[0]


CHECKS: Final[dict[type[e.Data], Check]] = {e.RenewalRequested: _requested}
