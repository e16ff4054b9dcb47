"""The autopilot's payers and treasurers: who pays when and how much, by which number, what is paid at a counter, and what is paid back.

No draw and no name of a move depends on the application's code, which is another one in every city: so the same seed plays the same.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from deploy.training.chance import between, digest, weighted
from deploy.training.moves import Move, Script, head_of
from deploy.training.ticks import TICKS_A_DAY
from shared.case_model import Charge
from shared.kit.tokens import Actor
from shared.money import DEPOSIT, is_held, payable
from shared.sop import rules
from shared.sop.model import Step
from shared.sop.objections import GRANTED, may_still_come
from shared.sop.permit import STATES_OVER

BANK: Final = "bank"
CASHIER: Final = Actor("bendahara kas daerah", "treasurer", "bpkad")
PAYS: Final = (
    ("pays", 0.66),
    ("at-a-counter", 0.08),
    ("overpays", 0.06),
    ("splits", 0.08),
    ("wrong-reference", 0.06),
    ("withdraws", 0.02),
    ("silent", 0.04),
)
OVERPAID_RUPIAH: Final = 50_000
CROSSING_PAYMENT_SHARE: Final = 0.5  # the money is on its way although the application has ended
REST_AFTER_TICKS: Final = 2
REDUCED_SHARE: Final = 0.16
EXEMPT_SHARE: Final = 0.05
FORFEITED_SHARE: Final = 0.3
INSPECTED_AFTER_TICKS: Final = 2 * TICKS_A_DAY
REFUND_AFTER_TICKS: Final = 2 * TICKS_A_DAY


def payment_moves(script: Script, step: Step, applicant: Actor) -> Iterable[Move]:
    """Returns what an applicant does about the first charge that is not paid in full."""
    charge = _unpaid(script)
    if charge is None:
        return
    if lowered := _reduction(script, charge):
        yield lowered
        return
    # Whoever had an unpaid charge closed, objected and was heard pays.
    heard = any(item.against == "closing" and item.state in GRANTED for item in script.case.objections)
    does = "pays" if heard else weighted(PAYS, script.chance(step.code, "pays"))
    within = TICKS_A_DAY * max(1, step.applicant_working_days)
    at = script.later(script.case.ready[step.code].at, between(1, within, script.chance(step.code, "when")))
    if does == "withdraws":
        yield script.move(at, "intake/withdraw", applicant, turn="payment")
    elif does == "at-a-counter" or (does != "silent" and not charge.code):  # where nobody gives codes, everybody goes to the counter
        yield _at_a_counter(script, step, at, charge)
    elif does == "splits" and not charge.paid_rupiah:
        yield from _paid(script, at, charge, charge.open_rupiah // 2, applicant)
    elif does == "splits":
        yield from _paid(script, script.later(script.known.changed_at, REST_AFTER_TICKS), charge, charge.open_rupiah, applicant)
    elif does == "wrong-reference":
        yield from _paid(script, at, charge, charge.open_rupiah, applicant, wrong=True)
    elif does != "silent":
        yield from _paid(script, at, charge, charge.open_rupiah + (OVERPAID_RUPIAH if does == "overpays" else 0), applicant)


def crossing_payment(script: Script, applicant: Actor) -> Iterable[Move]:
    """Returns money that arrives after a withdrawal or a closing: the treasury records it, and the city owes it back."""
    charge, case = _unpaid(script), script.case
    if charge is None or case.outcome not in ("withdrawn", "closed") or case.remedies:
        return
    if charge.code and script.chance("crossing-payment") < CROSSING_PAYMENT_SHARE:
        yield from _paid(script, script.later(case.ended_at, TICKS_A_DAY), charge, charge.open_rupiah, applicant)


def _reduction(script: Script, charge: Charge) -> Move | None:
    """Returns how the head of the assessing agency lowers a charge, for some to nothing, before anything was paid on it."""
    sop = script.case.sop
    drawn = script.chance(charge.step, "reduced")
    if sop is None or charge.basis == DEPOSIT or charge.reduced_from or charge.paid_rupiah or drawn >= REDUCED_SHARE:
        return None
    step = sop.step_by_code[charge.step]
    amount = 0 if drawn < EXEMPT_SHARE else charge.amount_rupiah // 2
    body: dict[str, Any] = {"amount_rupiah": amount, "reason": "kegiatan-sosial", "legal_basis": sop.legal_bases[0].code}
    at = script.later(script.known.changed_at, 1)
    return script.move(at, "issuance/reduce-charge", script.head(step.agency, at), turn=charge.step, charge=charge.number, **body)


def deposit_moves(script: Script) -> Iterable[Move]:
    """Returns what the head of the assessing agency does with a deposit once its permit is over."""
    case = script.case
    if case.permit is None or case.sop is None or case.permit.state not in STATES_OVER or may_still_come(case):
        return
    at = script.later(case.permit.state_at, INSPECTED_AFTER_TICKS)
    for charge in case.charges:
        if not is_held(case, charge):
            continue
        head, told = head_of(case.sop.step_by_code[charge.step].agency), {"turn": charge.step, "charge": charge.number}
        if script.chance(charge.step, "forfeited") < FORFEITED_SHARE:
            basis = case.sop.legal_bases[0].code
            yield script.move(at, "issuance/forfeit-deposit", head, reason="tidak-dibongkar", legal_basis=basis, **told)
        else:
            yield script.move(at, "issuance/release-deposit", head, reason="sudah-dibongkar", **told)


def refund_moves(script: Script) -> Iterable[Move]:
    """Returns how a treasurer pays back what is owed."""
    sop = script.case.sop
    step = sop.step_by_code.get(rules.payment_step(script.case)) if sop else None
    if step is None:
        return
    at = script.later(script.known.changed_at, REFUND_AFTER_TICKS)
    for index, item in enumerate(script.case.remedies):
        if item not in payable(script.case):
            continue
        number = f"SP2D/{digest(script.seed, script.key, index, item.open_rupiah)[:12].upper()}"
        of = {"receipt": item.receipt} if item.receipt else {}
        turn = f"{index}.{item.open_rupiah}"
        yield script.move(at, "treasury/pay-refund", _treasurer(step), turn=turn, number=number, **of)


def _unpaid(script: Script) -> Charge | None:
    return next((charge for charge in script.case.charges if charge.open_rupiah), None)


def _paid(script: Script, at: datetime, charge: Charge, rupiah: int, applicant: Actor, *, wrong: bool = False) -> Iterable[Move]:
    """Returns a payment at the bank; a wrong number is the right one mistyped at its end."""
    times = sum(payment.charge == charge.number for payment in script.case.payments)
    number = charge.number[:-1] + ("0" if charge.number[-1] != "0" else "1") if wrong else charge.number
    yield script.move(at, f"{BANK}/pay", applicant, turn=f"{charge.step}.{times}", charge=number, rupiah=rupiah, meant=charge.number)


def _at_a_counter(script: Script, step: Step, at: datetime, charge: Charge) -> Move:
    receipt = f"STS/{digest(script.seed, script.key, charge.step)[:12].upper()}"
    return script.move(
        at,
        "treasury/confirm-payment",
        _treasurer(step),
        turn=charge.step,
        charge=charge.number,
        receipt=receipt,
        amount_rupiah=charge.open_rupiah,
    )


def _treasurer(step: Step) -> Actor:
    return Actor(f"bendahara {step.agency}", "treasurer", step.agency)
