"""Whether a permit may come to another holder."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop.checks.parts import Check
from shared.sop.handing import first, handing_problems
from shared.sop.permit import ACCEPT_TRANSFER, OFFER_TRANSFER, TRANSFER_COMMANDS, permit_refusal

CONFIRM, REFUSE = TRANSFER_COMMANDS


def _offered(case: Case, event: e.AnyEvent, data: e.TransferOffered, _city: City) -> str:
    if event.authid != case.submitter:
        return "not-yours"
    return permit_refusal(case, OFFER_TRANSFER) or ("transfer-to-oneself" if data.to == case.submitter else "")


def _accepted(case: Case, event: e.AnyEvent, data: e.TransferAccepted, _city: City) -> str:
    return permit_refusal(case, ACCEPT_TRANSFER, event.authid) or documents_problem(case, data)[0]


def documents_problem(case: Case, data: e.TransferAccepted) -> tuple[str, str]:
    """Returns the code and the requirement of the first missing or unknown document, empty strings when all are there."""
    wanted = case.sop.transfer.documents if case.sop and case.sop.transfer else ()
    return first(handing_problems([item.requirement for item in data.attachments], wanted))


def _by_the_agency(case: Case, event: e.AnyEvent, data: e.TransferRefused | e.PermitTransferred, _city: City) -> str:
    if case.sop is None or event.agency != case.sop.owner:
        return "wrong-agency" if case.sop else "no-permit"
    if isinstance(data, e.TransferRefused):
        return permit_refusal(case, REFUSE)
    refusal = permit_refusal(case, CONFIRM)
    offered = case.permit.transfer if case.permit else None
    return refusal or ("" if offered and offered.to == data.to else "stale")


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.TransferOffered: _offered,
    e.TransferAccepted: _accepted,
    e.TransferRefused: _by_the_agency,
    e.PermitTransferred: _by_the_agency,
}
