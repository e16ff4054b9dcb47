"""The money of an application: what a tariff charges, and what has become of every rupiah that arrived; pure."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from shared.case_model import Case, Charge, Remedy
from shared.folding.parts import UNPAID_OUTCOMES
from shared.sop.model import Step, as_number

_EXACT: Final = Context(prec=1000)  # more digits than fifty declared facts multiplied


@dataclass(frozen=True, slots=True)
class Accounts:
    """Sums in rupiah: what arrived, what pays charges, what was paid back, and what is still owed back."""

    received: int = 0
    kept: int = 0
    refunded: int = 0
    owed: int = 0

    @property
    def unaccounted(self) -> int:
        """What arrived and has become nothing: always 0, or something is wrong."""
        return self.received - self.kept - self.refunded - self.owed

    def __add__(self, other: "Accounts") -> "Accounts":
        """Returns both together."""
        return Accounts(self.received + other.received, self.kept + other.kept, self.refunded + other.refunded, self.owed + other.owed)


def accounts(case: Case) -> Accounts:
    """Returns the sums of a case."""
    # Where no permit came of it, what had been paid on charges was turned into a refund at the end.
    charges = () if case.outcome in UNPAID_OUTCOMES else case.charges
    return Accounts(
        received=sum(payment.rupiah for payment in case.payments),
        kept=sum(min(charge.paid_rupiah, charge.amount_rupiah) for charge in charges),
        refunded=sum(item.paid_rupiah for item in case.remedies),
        owed=sum(item.open_rupiah for item in case.remedies),
    )


def owed(case: Case) -> tuple[Remedy, ...]:
    """Returns the refunds that the city still owes."""
    return tuple(item for item in case.remedies if item.open_rupiah)


def to_be_coded(case: Case) -> tuple[Charge, ...]:
    """Returns the charges for which the applicant needs a payment code."""
    return () if case.outcome else tuple(item for item in case.charges if item.open_rupiah and not item.code)


def charge_rupiah(step: Step, case: Case) -> int | None:
    """Returns the charge that the tariff gives, in rupiah rounded half up; None when the assessing agency tells it."""
    rule = step.charge
    if rule is None or rule.method == "told":
        return None
    if rule.exempt_when and rule.exempt_when.holds(case.facts):
        return 0
    amount = Decimal(rule.unit_rupiah)
    for name in rule.factors:
        amount = _EXACT.multiply(amount, as_number(case.facts.get(name, 0)) or Decimal(0))
    return int(amount.to_integral_value(rounding=ROUND_HALF_UP))
