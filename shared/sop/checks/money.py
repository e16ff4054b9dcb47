"""Whether a charge, its payment code, or the comparison of a day may stand; payments and refunds are facts and always do."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.money import DEPOSIT, charge_rupiah, deposit_refusal, reduction_refusal
from shared.sop.checks.parts import Check, basis_problem, step_problem


def _charged(case: Case, event: e.AnyEvent, data: e.ChargeAssessed | e.DepositRequired, _city: City) -> str:
    problem = step_problem(case, event, data.step, "charge")
    if problem or case.sop is None:
        return problem
    step = case.sop.step_by_code[data.step]
    if (step.charge is not None and step.charge.basis == DEPOSIT) != isinstance(data, e.DepositRequired):
        return "wrong-step"
    tariff = charge_rupiah(step, case)
    if tariff is not None and tariff != data.amount_rupiah:
        return "amount-differs"
    return "charge-number-taken" if any(charge.number == data.number for charge in case.charges) else ""


def _coded(case: Case, _event: e.AnyEvent, data: e.PaymentCodeIssued, _city: City) -> str:
    charge = next((item for item in case.charges if item.number == data.charge), None)
    if charge is None:
        return "charge-unknown"
    return "code-known" if charge.code else "nothing-to-pay" if not charge.open_rupiah else ""


def _reduced(case: Case, event: e.AnyEvent, data: e.ChargeReduced, _city: City) -> str:
    return reduction_refusal(case, data.charge, data.amount_rupiah, event.agency) or basis_problem(case.sop, data.legal_basis)


def _settled(case: Case, event: e.AnyEvent, data: e.DepositReleased | e.DepositForfeited, _city: City) -> str:
    basis = data.legal_basis if isinstance(data, e.DepositForfeited) else ""
    return deposit_refusal(case, data.charge, event.agency) or basis_problem(case.sop, basis)


def _reconciled(_case: Case, _event: e.AnyEvent, data: e.DayReconciled, city: City) -> str:
    return "" if data.day < city.today else "day-not-over"


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ChargeAssessed: _charged,
    e.DepositRequired: _charged,
    e.ChargeReduced: _reduced,
    e.PaymentCodeIssued: _coded,
}
AFTER_THE_END: Final[dict[type[e.Data], Check]] = {e.DepositReleased: _settled, e.DepositForfeited: _settled}
CITY_CHECKS: Final[dict[type[e.Data], Check]] = {e.DayReconciled: _reconciled}
