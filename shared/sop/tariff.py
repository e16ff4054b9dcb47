"""What a tariff gives for declared facts; pure."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from shared.sop.model import ChargeRule, FactValue, as_number

_EXACT: Final = Context(prec=1000)  # more digits than fifty declared facts multiplied


def tariff_rupiah(rule: ChargeRule, facts: Mapping[str, FactValue]) -> int | None:
    """Returns the charge in rupiah rounded half up, a missing measure counting as none; None when the assessing agency tells it."""
    if rule.method == "told":
        return None
    if rule.exempt_when and rule.exempt_when.holds(facts):
        return 0
    amount = Decimal(rule.unit_rupiah)
    for name in rule.factors:
        amount = _EXACT.multiply(amount, as_number(facts.get(name, 0)) or Decimal(0))
    return int(amount.to_integral_value(rounding=ROUND_HALF_UP))
