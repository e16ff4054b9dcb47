"""The live view of inspection: the desk's row of each application."""

from typing import Any, Final

from shared.case import Case
from shared.city import City
from shared.keeping import Keeps
from shared.queue import queue_row

KEEPS: Final[Keeps] = "open"


def project(case: Case, city: City) -> dict[str, Any] | None:
    """Returns the row of a case."""
    return queue_row(case, city.calendar, "inspection")
