"""Whether a running application may be moved onto a newer version of its SOP."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop.checks.parts import Check, basis_problem
from shared.sop.moving import move_refusal
from shared.sop.people import HEAD


def _moved(case: Case, event: e.AnyEvent, data: e.ApplicationMovedToSop, city: City) -> str:
    after = city.sops.get(data.sop)
    if case.sop is None or after is None:
        return "unknown-sop"
    if event.role != HEAD:
        return "not-allowed"
    if event.agency != case.sop.owner:
        return "wrong-agency"
    if not city.is_in_force(data.sop):
        return "sop-not-in-force"
    return basis_problem(after, data.legal_basis) or move_refusal(case, after)


CHECKS: Final[dict[type[e.Data], Check]] = {e.ApplicationMovedToSop: _moved}
