"""How a permit lives on after it was issued."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Case
from shared.folding.parts import Handler, end_renewal, halted, objectionable, with_part
from shared.permit_model import Corrected, Duplicate, Slip, Standing, Warned
from shared.sop.model import Sop
from shared.sop.permit import STATES_OVER

ENDS_A_RENEWAL: Final = ("revoked", "annulled", "surrendered")
_ACTS: Final[Mapping[str, e.Contested]] = {"revoked": "revocation", "annulled": "annulment"}


def _warned(case: Case, event: e.AnyEvent, data: e.WarningIssued, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.state in STATES_OVER:
        return None
    warning = Warned(data.level, data.reasons, data.answer_working_days, at)
    return with_part(case, event.authid).having(permit=replace(permit, warnings=(*permit.warnings, warning)))


def _slip(case: Case, event: e.AnyEvent, data: e.PermitCorrectionDrafted, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.state in STATES_OVER or permit.slip is not None:
        return None
    return case.having(permit=replace(permit, slip=Slip(data.field, data.reason, data.document, event.authid)))


def _slip_returned(case: Case, _event: e.AnyEvent, _data: e.PermitCorrectionReturned, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    permit = case.permit
    return case.having(permit=replace(permit, slip=None)) if permit is not None and permit.slip is not None else None


def _corrected(case: Case, _event: e.AnyEvent, data: e.PermitCorrected, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.state in STATES_OVER:
        return None
    corrections = (*permit.corrections, Corrected(data.field, data.reason, at))
    return case.having(permit=replace(permit, slip=None, corrections=corrections))


def _duplicated(case: Case, _event: e.AnyEvent, data: e.PermitDuplicateIssued, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.state in STATES_OVER:
        return None
    return case.having(permit=replace(permit, duplicates=(*permit.duplicates, Duplicate(data.duplicate, data.reason, at))))


def _announced(case: Case, _event: e.AnyEvent, data: e.PermitExpiryAnnounced, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.state in STATES_OVER or data.days_before in permit.announced:
        return None
    return case.having(permit=replace(permit, announced=(*permit.announced, data.days_before)))


def _permit_state(state: str, from_states: tuple[str, ...] = ("valid", "suspended")) -> Handler:
    """Returns the handler of an event that changes what a permit is worth."""

    def handle(case: Case, event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case | None:  # noqa: ANN401 - several event classes
        if case.permit is None or case.permit.state not in from_states:
            return None
        reasons = getattr(data, "reasons", ()) or ((data.reason,) if hasattr(data, "reason") else ())
        permit = case.permit
        changed = case.having(permit=replace(permit, state=state, state_at=at, reasons=reasons))
        # What has only expired can still be renewed; what was taken or given back cannot.
        changed = (end_renewal(changed, "stopped", at) if state in ENDS_A_RENEWAL else None) or changed
        if state in _ACTS:
            before = Standing(permit.state, permit.state_at, permit.reasons)
            return objectionable(with_part(changed, event.authid), _ACTS[state], at, event.authid, before, halted(case))
        # Who gives the permit back has nothing left to object to.
        return changed.having(acts=()) if state == "surrendered" else changed

    return handle


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.WarningIssued: _warned,
    e.PermitSuspended: _permit_state("suspended", ("valid",)),
    e.PermitReinstated: _permit_state("valid", ("suspended",)),
    e.PermitRevoked: _permit_state("revoked"),
    e.PermitAnnulled: _permit_state("annulled"),
    e.PermitSurrendered: _permit_state("surrendered"),
    e.PermitExpired: _permit_state("expired"),
    e.PermitCorrectionDrafted: _slip,
    e.PermitCorrectionReturned: _slip_returned,
    e.PermitCorrected: _corrected,
    e.PermitDuplicateIssued: _duplicated,
    e.PermitExpiryAnnounced: _announced,
}
