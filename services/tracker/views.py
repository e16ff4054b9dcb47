"""The tracker's live view."""

from typing import Any

from shared.case import Case, case_state
from shared.city import City


def project(case: Case, _city: City) -> dict[str, Any] | None:
    """Returns the row of a case."""
    if case.sop is None:
        return None
    return {"outcome": case.outcome, "case": case_state(case)}
