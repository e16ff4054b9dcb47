"""What the nation allows at most for a permit type: working days and charges; and where an SOP goes beyond it; pure.

Days: by how many the promise exceeds the national limit.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import orjson

from shared.fields import Frozen, Rupiah, Slug
from shared.sop.findings import Finding, found
from shared.sop.legal import Register
from shared.sop.model import SopParts, WorkingDays


class Cap(Frozen):
    """The national limits of one permit type, each where there is one, and the regulation that sets them."""

    permit_type: Slug
    working_days_max: WorkingDays | None = None
    charge_rupiah_max: Rupiah | None = None
    legal_basis: Slug
    source: Literal["read", "memory"]


class Caps(Frozen):
    """All national limits that are known."""

    caps: tuple[Cap, ...]


def read_caps(tree: Any) -> tuple[Cap, ...]:  # noqa: ANN401 - any tree that a file may hold
    """Reads the limits from a file's tree; raises `pydantic.ValidationError`."""
    return Caps.model_validate_json(orjson.dumps(tree)).caps


def cap_findings(sop: SopParts, caps: Sequence[Cap], register: Register) -> Iterator[Finding]:
    """Yields a promise that is longer and charges that may be higher than the nation allows."""
    for cap in caps:
        if cap.permit_type != sop.permit_type:
            continue
        regulation = register.by_code.get(cap.legal_basis)
        number = regulation.number if regulation else cap.legal_basis
        if cap.working_days_max is not None and sop.promise_working_days > cap.working_days_max:
            over = sop.promise_working_days - cap.working_days_max
            most, promise = cap.working_days_max, sop.promise_working_days
            yield found("over-national-days", sop.name, "promise_working_days", over, promise=promise, most=most, number=number)
        for step in sop.steps:
            rule = step.charge
            if rule and cap.charge_rupiah_max is not None and not (rule.method == "fixed" and rule.unit_rupiah <= cap.charge_rupiah_max):
                most, place = cap.charge_rupiah_max, f"steps/{step.code}/charge"
                yield found("over-national-charge", sop.name, place, step=step.code, most=most, number=number)
