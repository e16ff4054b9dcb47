"""The money of an application: what a tariff charges, and what has become of every rupiah that arrived; pure."""

from dataclasses import dataclass
from typing import Final

from shared.case_model import Case, Charge, Remedy
from shared.sop import objections
from shared.sop.model import Step
from shared.sop.permit import STATES_OVER
from shared.sop.tariff import tariff_rupiah

UNPAID_OUTCOMES: Final = ("withdrawn", "closed", "refused")
DEPOSIT: Final = "deposit"
RELEASED: Final = "released"
FORFEITED: Final = "forfeited"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Sums in rupiah: what arrived, what pays charges, what is held as deposit, what was paid back, and what is still owed back."""

    received: int = 0
    kept: int = 0
    held: int = 0
    refunded: int = 0
    owed: int = 0

    @property
    def unaccounted(self) -> int:
        """What arrived and has become nothing: always 0, or something is wrong."""
        return self.received - self.kept - self.held - self.refunded - self.owed

    def __add__(self, other: "Accounts") -> "Accounts":
        """Returns both together."""
        return Accounts(
            self.received + other.received,
            self.kept + other.kept,
            self.held + other.held,
            self.refunded + other.refunded,
            self.owed + other.owed,
        )


def accounts(case: Case) -> Accounts:
    """Returns the sums of a case."""
    # Where no permit came of it, what had been paid on charges was turned into a refund at the end; so is a deposit that is released,
    # and what was paid for a renewal that came to nothing.
    charges = () if case.outcome in UNPAID_OUTCOMES else [item for item in case.charges if item.settled != RELEASED and not item.void]
    return Accounts(
        received=sum(payment.rupiah for payment in case.payments),
        kept=sum(kept(item) for item in charges if item.basis != DEPOSIT or item.settled == FORFEITED),
        held=sum(kept(item) for item in charges if item.basis == DEPOSIT and not item.settled),
        refunded=sum(item.paid_rupiah for item in case.remedies),
        owed=sum(item.open_rupiah for item in case.remedies),
    )


def kept(charge: Charge) -> int:
    """Returns what of the payments is the charge's, in rupiah: all up to its amount."""
    return min(charge.paid_rupiah, charge.amount_rupiah)


def is_held(case: Case, charge: Charge) -> bool:
    """Says whether the city holds money as this deposit."""
    open_to_settle = not charge.settled and not charge.void and kept(charge) > 0
    return charge.basis == DEPOSIT and open_to_settle and case.outcome not in UNPAID_OUTCOMES


def is_unsettled(case: Case) -> bool:
    """Says whether money of a case has still to move: a refund is owed, or a deposit is held."""
    return bool(owed(case)) or any(is_held(case, charge) for charge in case.charges)


def deposit_refusal(case: Case, number: str, agency: str) -> str:
    """Returns why an agency may not end a deposit now, empty when it may: after its permit is over for good, and only its own."""
    charge = next((item for item in case.charges if item.number == number), None)
    if charge is None or not is_held(case, charge):
        return "no-deposit-held"
    if agency not in assessors(case, charge):
        return "wrong-agency"
    if case.permit is None or case.permit.state not in STATES_OVER:
        return "permit-lives"
    return "objection-possible" if objections.may_still_come(case) else ""


def reduction_refusal(case: Case, number: str, amount_rupiah: int, agency: str) -> str:
    """Returns why an agency may not lower a charge to an amount, empty when it may: its own, before the end, and never upwards."""
    charge = next((item for item in case.charges if item.number == number), None)
    if charge is None or charge.void:
        return "charge-unknown"
    if agency not in assessors(case, charge):
        return "wrong-agency"
    return "" if amount_rupiah < charge.amount_rupiah else "not-a-reduction"


def head_commands(case: Case, agency: str) -> tuple[tuple[str, str], ...]:
    """Returns what the head of an agency may do about its charges and deposits now: command and the step that assessed it."""
    ended = [item.step for item in case.charges if not deposit_refusal(case, item.number, agency)]
    lowered = [item.step for item in case.charges if item.open_rupiah and not reduction_refusal(case, item.number, 0, agency)]
    reductions = [] if case.outcome else [("reduce-charge", step) for step in lowered]
    return (*reductions, *((command, step) for step in ended for command in ("release-deposit", "forfeit-deposit")))


def assessors(case: Case, charge: Charge) -> tuple[str, ...]:
    """Returns the agencies of the step that assessed a charge."""
    step = case.sop.step_by_code.get(charge.step) if case.sop else None
    return step.agencies if step else ()


def owed(case: Case) -> tuple[Remedy, ...]:
    """Returns the refunds that the city still owes."""
    return tuple(item for item in case.remedies if item.open_rupiah)


def payable(case: Case) -> tuple[Remedy, ...]:
    """Returns the refunds that may be paid now: what a refusal or closing owes, and what came after it, only once it is settled.

    A granted objection takes the act back, and then all of that counts for the charges again.
    """
    unsettled = case.act.sequence if case.act and objections.may_still_come(case) else 0
    return tuple(item for item in owed(case) if not unsettled or item.sequence < unsettled)


def to_be_coded(case: Case) -> tuple[Charge, ...]:
    """Returns the charges for which the applicant needs a payment code."""
    return () if case.outcome else tuple(item for item in case.charges if item.open_rupiah and not item.code)


def charge_rupiah(step: Step, case: Case) -> int | None:
    """Returns the charge that the tariff gives, in rupiah rounded half up; None when the assessing agency tells it."""
    return tariff_rupiah(step.charge, case.facts) if step.charge else None
