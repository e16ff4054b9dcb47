"""What the treasury says: a charge's payment code, money that arrived, refunds paid, a day compared with the bank; pure."""

from collections.abc import Sequence
from typing import Final

from services.treasury.statement import Comparison
from shared import events as e
from shared.case import Case
from shared.code import CodeError, parse_code
from shared.draft import Desk, Draft
from shared.money import owed, payable
from shared.refusals import Refusal
from shared.sop import rules

AGENCY: Final = "bpkad"
CODE_PREFIX: Final = "PKY-"


def application_of(charge: str) -> str:
    """Returns the application whose charge bears a number: its kind, the application's own code, and from the second charge on a count.

    Empty for any other number.
    """
    _kind, _, rest = charge.partition("/")
    tail, slash, count = rest.partition("/")
    if slash and not (count.isascii() and count.isdigit()):
        return ""
    try:
        return parse_code(CODE_PREFIX + tail)
    except CodeError:
        return ""


def issue_code(charge: str, code: str, qr: str) -> Sequence[Draft]:
    """Returns the code that the gateway gave for a charge."""
    return (Draft(e.PaymentCodeIssued.of(charge=charge, code=code, qr=qr), AGENCY),)


def confirm_payment(case: Case, charge: str, receipt: str, amount_rupiah: int, *, paid_on: str = "", channel: str = "") -> Sequence[Draft]:
    """Returns that money reached the treasury; it is recorded even after the application has ended, and then refunded."""
    if not any(item.number == charge for item in case.charges):
        raise Refusal("charge-unknown", "charge")
    if any(receipt == item.receipt for item in case.payments):
        raise Refusal("receipt-known", "receipt")
    agency = case.sop.step_by_code[rules.payment_step(case)].agency if case.sop and rules.payment_step(case) else ""
    said = e.PaymentConfirmed.of(charge=charge, receipt=receipt, amount_rupiah=amount_rupiah, paid_on=paid_on, channel=channel)
    return (Draft(said, agency),)


def pay_refund(case: Case, receipt: str, number: str) -> Sequence[Draft]:
    """Returns that what is owed for a receipt was paid back, or without a receipt, what had been kept until the end."""
    found = next((item for item in owed(case) if item.receipt == receipt), None)
    if found is None:
        raise Refusal("no-refund-owed", "receipt")
    if found not in payable(case):
        raise Refusal("refusal-not-settled", "receipt")
    return (Draft(e.RefundPaid.of(number=number, amount_rupiah=found.open_rupiah, receipt=receipt)),)


def reconcile(day: str, digest: str, found: Comparison) -> Sequence[Draft]:
    """Returns what the comparison of a day found, in counts and sums."""
    counts = {name: len(found.of(name)) for name in Comparison.KINDS}
    sums = {f"{name}_rupiah": sum(line.rupiah for line in found.of(name)) for name in Comparison.KINDS}
    return (Draft(e.DayReconciled(day=day, statement=digest, **counts, **sums), AGENCY),)


def react(_case: Case, _desk: Desk) -> Sequence[Draft]:
    """Says nothing by rule: a payment code comes from the gateway, and money from outside."""
    return ()
