"""How charges, payments and the decision change a case."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shared import events as e
from shared.case_model import Case, Charge, Draft, Permit
from shared.folding.parts import UNPAID_OUTCOMES, Handler, done, end, note, owing
from shared.sop.model import Sop


def _charged(case: Case, event: e.AnyEvent, data: e.ChargeAssessed, _sops: Mapping[str, Sop], at: str) -> Case:
    charge = Charge(data.step, data.number, data.basis, data.amount_rupiah, at)
    return done(case, event, data.step, "passed", at).having(charges=(*case.charges, charge))


def _paid(case: Case, _event: e.AnyEvent, data: e.PaymentConfirmed, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    receipts = {receipt for charge in case.charges for receipt in charge.receipts} | {remedy.receipt for remedy in case.remedies}
    if data.receipt in receipts:
        return None
    charge = next((item for item in case.charges if item.number == data.charge), None)
    if charge is None:
        return note(owing(case, data.amount_rupiah, data.receipt), "payment of an unknown charge")
    if case.outcome in UNPAID_OUTCOMES or charge.void:
        return owing(case, data.amount_rupiah, data.receipt)
    before, paid = charge.paid_rupiah, charge.paid_rupiah + data.amount_rupiah
    updated = replace(charge, paid_rupiah=paid, receipts=(*charge.receipts, data.receipt))
    changed = case.having(charges=tuple(updated if item is charge else item for item in case.charges))
    return owing(changed, max(0, paid - charge.amount_rupiah) - max(0, before - charge.amount_rupiah), data.receipt)


def _drafted(case: Case, event: e.AnyEvent, data: e.DecisionDrafted, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    draft = Draft(data.outcome, data.reasons, event.authid)
    return case.having(draft=draft) if draft != case.draft else None


def _returned(case: Case, _event: e.AnyEvent, _data: e.DecisionReturned, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return case.having(draft=None) if case.draft else None


def _issued(case: Case, event: e.AnyEvent, data: e.PermitIssued, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = Permit(data.number, data.valid_from, data.valid_until, deemed=False)
    return end(done(case, event, data.step, "passed", at), "issued", at, permit=permit)


def _refused_application(case: Case, event: e.AnyEvent, data: e.ApplicationRefused, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end(done(case, event, data.step, "refused", at), "refused", at, outcome_reasons=data.reasons)


def _deemed_granted(case: Case, _event: e.AnyEvent, data: e.PermitDeemedGranted, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end(case, "deemed-granted", at, permit=Permit(data.number, data.valid_from, data.valid_until, deemed=True))


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ChargeAssessed: _charged,
    e.PaymentConfirmed: _paid,
    e.DecisionDrafted: _drafted,
    e.DecisionReturned: _returned,
    e.PermitIssued: _issued,
    e.ApplicationRefused: _refused_application,
    e.PermitDeemedGranted: _deemed_granted,
}
