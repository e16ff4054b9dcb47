"""How a permit comes to another holder."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shared import events as e
from shared.case_model import Case
from shared.folding.parts import Handler, aside, handed_in
from shared.permit_model import Transfer, Transferred
from shared.sop.model import Sop
from shared.sop.permit import STATES_OVER


def _offered(case: Case, _event: e.AnyEvent, data: e.TransferOffered, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.state in STATES_OVER or permit.accepted_transfer:
        return None
    return case.having(permit=replace(permit, transfer=Transfer(data.to, at)))


def _accepted(case: Case, event: e.AnyEvent, data: e.TransferAccepted, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.transfer is None or permit.transfer.to != event.authid:
        return None
    disclosed = tuple(item.commitment for item in data.disclosures)
    accepted = replace(permit.transfer, accepted_at=at, requirements=handed_in(case, data.attachments, at), disclosed=disclosed)
    return case.having(permit=replace(permit, transfer=accepted))


def _refused(case: Case, _event: e.AnyEvent, data: e.TransferRefused, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.transfer is None:
        return None
    over = Transferred("refused", at, data.reasons)
    return case.having(permit=replace(permit, transfer=None, transfers=(*permit.transfers, over)))


def _transferred(case: Case, _event: e.AnyEvent, data: e.PermitTransferred, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    transfer = permit.accepted_transfer if permit else None
    if permit is None or transfer is None or transfer.to != data.to:
        return None
    return case.having(
        submitter=data.to,
        # The power of attorney was given by the holder before, who is here no longer, and neither is who had filed.
        representation=None,
        filed_by="",
        stood_aside=aside(case, case.submitter, case.filed_by, case.representation.authid if case.representation else ""),
        disclosed=transfer.disclosed,
        acts=(),  # what became of a renewal concerned the holder before
        requirements={**case.requirements, **transfer.requirements},
        permit=replace(permit, transfer=None, transfers=(*permit.transfers, Transferred("transferred", at))),
    )


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.TransferOffered: _offered,
    e.TransferAccepted: _accepted,
    e.TransferRefused: _refused,
    e.PermitTransferred: _transferred,
}
