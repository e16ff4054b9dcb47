"""Whether a charge, its payment code, or the comparison of a day may stand; payments and refunds are facts and always do."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.money import charge_rupiah
from shared.sop.checks.parts import Check, step_problem


def _charged(case: Case, event: e.AnyEvent, data: e.ChargeAssessed, _city: City) -> str:
    problem = step_problem(case, event, data.step, "charge")
    if problem or case.sop is None:
        return problem
    tariff = charge_rupiah(case.sop.step_by_code[data.step], case)
    if tariff is not None and tariff != data.amount_rupiah:
        return "amount-differs"
    return "charge-number-taken" if any(charge.number == data.number for charge in case.charges) else ""


def _coded(case: Case, _event: e.AnyEvent, data: e.PaymentCodeIssued, _city: City) -> str:
    charge = next((item for item in case.charges if item.number == data.charge), None)
    if charge is None:
        return "charge-unknown"
    return "code-known" if charge.code else "nothing-to-pay" if not charge.open_rupiah else ""


def _reconciled(_case: Case, _event: e.AnyEvent, data: e.DayReconciled, city: City) -> str:
    return "" if data.day < city.today else "day-not-over"


CHECKS: Final[dict[type[e.Data], Check]] = {e.ChargeAssessed: _charged, e.PaymentCodeIssued: _coded}
CITY_CHECKS: Final[dict[type[e.Data], Check]] = {e.DayReconciled: _reconciled}
