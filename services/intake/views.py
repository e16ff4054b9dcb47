"""Intake's live view: the desk's row of each application."""

from typing import Any, Final

from shared.case import Case
from shared.city import City
from shared.keeping import Keeps
from shared.queue import queue_row

KEEPS: Final[Keeps] = "open"


def project(case: Case, city: City) -> dict[str, Any] | None:
    """Returns the row of a case."""
    row = queue_row(case, city.calendar, "intake")
    if row is not None:
        row["correction"] = [finding.requirement for finding in case.correction.findings] if case.correction else []
    return row
