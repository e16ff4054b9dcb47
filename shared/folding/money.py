"""How charges, deposits, their codes, payments and refunds change a case."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.calendar import WIB
from shared.case_model import Act, Case, Charge, Payment, Remedy
from shared.fields import to_instant
from shared.folding.parts import Handler, done, note, owing
from shared.money import DEPOSIT, FORFEITED, RELEASED, UNPAID_OUTCOMES, is_held, kept
from shared.sop.model import Sop


def _charged(case: Case, event: e.AnyEvent, data: e.ChargeAssessed | e.DepositRequired, _sops: Mapping[str, Sop], at: str) -> Case:
    basis = data.basis if isinstance(data, e.ChargeAssessed) else DEPOSIT
    charge = Charge(data.step, data.number, basis, data.amount_rupiah, at)
    return done(case, event, data.step, "passed", at).having(charges=(*case.charges, charge))


def _reduced(case: Case, _event: e.AnyEvent, data: e.ChargeReduced, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    charge = _charge(case, data.charge)
    if charge is None or charge.void or data.amount_rupiah >= charge.amount_rupiah:
        return None
    changed = _with(case, charge, amount_rupiah=data.amount_rupiah, reduced_from=charge.reduced_from or charge.amount_rupiah)
    # What had been paid too much already is owed already.
    return owing(changed, max(0, kept(charge) - data.amount_rupiah), data.charge)


def _settled(state: str) -> Handler:
    """Returns the handler of an event that ends a deposit."""

    def handle(case: Case, _event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], _at: str) -> Case | None:  # noqa: ANN401 - two event classes
        charge = _charge(case, data.charge)
        if charge is None or not is_held(case, charge):
            return None
        changed = _with(case, charge, settled=state)
        return owing(changed, kept(charge), charge.number) if state == RELEASED else changed

    return handle


def _charge(case: Case, number: str) -> Charge | None:
    return next((item for item in case.charges if item.number == number), None)


def _with(case: Case, charge: Charge, **changes: Any) -> Case:  # noqa: ANN401 - fields of a charge
    return case.having(charges=tuple(replace(item, **changes) if item is charge else item for item in case.charges))


def _coded(case: Case, _event: e.AnyEvent, data: e.PaymentCodeIssued, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    changed = tuple(replace(item, code=data.code, qr=data.qr) if item.number == data.charge else item for item in case.charges)
    return case.having(charges=changed) if changed != case.charges else None


def _paid(case: Case, _event: e.AnyEvent, data: e.PaymentConfirmed, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if any(payment.receipt == data.receipt for payment in case.payments):
        return None
    paid_on = data.paid_on or to_instant(at).astimezone(WIB).date().isoformat()
    payment = Payment(data.charge, data.receipt, data.amount_rupiah, paid_on, data.channel)
    case = case.having(payments=(*case.payments, payment))
    charge = _charge(case, data.charge)
    if charge is None:
        return note(owing(case, data.amount_rupiah, data.receipt), "payment of an unknown charge")
    if case.outcome in UNPAID_OUTCOMES or charge.void:
        return owing(case, data.amount_rupiah, data.receipt)
    return _paid_on(case, charge, data.receipt, data.amount_rupiah)


def _paid_on(case: Case, charge: Charge, receipt: str, rupiah: int) -> Case:
    """Returns the case with so much more paid on a charge, and with what is too much owed back."""
    before, paid = charge.paid_rupiah, charge.paid_rupiah + rupiah
    changed = _with(case, charge, paid_rupiah=paid, receipts=(*charge.receipts, receipt))
    return owing(changed, max(0, paid - charge.amount_rupiah) - max(0, before - charge.amount_rupiah), receipt)


def _refunded(case: Case, _event: e.AnyEvent, data: e.RefundPaid, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    # More than is owed, or for what is not owed, changes nothing: it stands among the anomalies, and the sums show it.
    owed = next((item for item in case.remedies if item.receipt == data.receipt and item.open_rupiah >= data.amount_rupiah), None)
    if owed is None:
        return None
    paid = replace(owed, paid_rupiah=owed.paid_rupiah + data.amount_rupiah)
    return case.having(remedies=tuple(paid if item is owed else item for item in case.remedies))


def owed_no_more(case: Case, act: Act) -> Case:
    """Returns a case whose end was taken back: what it owed for that counts for the charges again, except what was paid back already."""
    for_the_act = [item for item in case.remedies if not item.receipt and item.sequence == act.sequence]
    first = act.halted.renewal.charges if act.halted else 0
    charges = (*case.charges[:first], *(replace(item, void=False) for item in case.charges[first:]))
    left = tuple(_what_was_paid(item) if item in for_the_act else item for item in case.remedies)
    changed = case.having(charges=charges, remedies=tuple(item for item in left if item.rupiah))
    changed = _paid_back_for(changed, first, sum(item.paid_rupiah for item in for_the_act))
    for item in case.remedies:
        if item.sequence > act.sequence:
            changed = _paid_meanwhile(changed, item, first)
    return changed


def _paid_meanwhile(case: Case, owed: Remedy, first: int) -> Case:
    """Returns the case with what came for one of its charges after its end paid on that charge, as far as it was not paid back."""
    payment = next((item for item in case.payments if item.receipt == owed.receipt), None)
    charge = next((item for item in case.charges[first:] if payment is not None and item.number == payment.charge), None)
    if charge is None or owed.receipt in charge.receipts or not owed.open_rupiah:
        return case
    remedies = tuple(_what_was_paid(item) if item is owed else item for item in case.remedies)
    changed = case.having(remedies=tuple(item for item in remedies if item.rupiah))
    return _paid_on(changed, charge, owed.receipt, owed.open_rupiah)


def _what_was_paid(remedy: Remedy) -> Remedy:
    return replace(remedy, rupiah=remedy.paid_rupiah)


def _paid_back_for(case: Case, first: int, rupiah: int) -> Case:
    """Returns the case with so much less paid on its charges from this one on, and with the payment to be made again."""
    if not rupiah:
        return case
    charges, left = list(case.charges), rupiah
    for index in range(first, len(charges)):
        taken = min(left, kept(charges[index]))
        charges[index] = replace(charges[index], paid_rupiah=charges[index].paid_rupiah - taken)
        left -= taken
    paying = {step.code for step in case.sop.steps if step.kind == "payment"} if case.sop else set()
    return case.having(charges=tuple(charges), steps={code: state for code, state in case.steps.items() if code not in paying})


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ChargeAssessed: _charged,
    e.DepositRequired: _charged,
    e.ChargeReduced: _reduced,
    e.PaymentCodeIssued: _coded,
    e.PaymentConfirmed: _paid,
    e.RefundPaid: _refunded,
    e.DepositReleased: _settled(RELEASED),
    e.DepositForfeited: _settled(FORFEITED),
}
