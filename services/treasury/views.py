"""The live view of the treasury: charges, payments and refunds of each application, and the refunds to pay as the desk's tasks."""

from typing import Any, Final

from shared.case import Case
from shared.city import City
from shared.keeping import Keeps
from shared.money import assessors, is_held, kept, payable, to_be_coded
from shared.queue import queue_row
from shared.sop import rules

KEEPS: Final[Keeps] = "money"


def project(case: Case, city: City) -> dict[str, Any] | None:
    """Returns the row of a case."""
    row = queue_row(case, city.calendar, "treasury")
    if row is None or case.sop is None:
        return None
    step = case.sop.step_by_code.get(rules.payment_step(case))
    agencies = [step.agency] if step else []
    tasks = [
        {
            "step": step.code if step else "",
            "kind": "refund",
            "agencies": agencies,
            "receipt": item.receipt,
            "amount_rupiah": item.open_rupiah,
        }
        for item in payable(case)
    ]
    return {
        **row,
        "agencies": agencies if tasks else [],
        "tasks": tasks,
        "charges": [[item.number, item.amount_rupiah, item.paid_rupiah, item.code] for item in case.charges],
        "payments": [[item.receipt, item.charge, item.rupiah, item.paid_on, item.channel] for item in case.payments],
        "deposits": [[item.number, kept(item), *assessors(case, item)[:1]] for item in case.charges if is_held(case, item)],
        "permit": case.permit.state if case.permit else "",
        "days": sorted({item.paid_on for item in case.payments}),
        "uncoded": bool(to_be_coded(case)),
    }
