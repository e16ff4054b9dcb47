"""How long a service keeps an application after its end: the one rule by which it lets go, and by which a comparison knows what may be absent."""

from datetime import datetime, timedelta
from typing import Final, Literal

from shared.calendar import begin_of_day
from shared.case_model import Case
from shared.fields import to_instant
from shared.money import is_unsettled
from shared.sop import after_issue
from shared.sop.objections import may_still_come
from shared.sop.permit import STATES_OVER

KEPT: Final = timedelta(days=30)

# `open`: until the application has ended. `money`: also while a refund is owed or a deposit is held. `permits`: also while its permit is in force.
# `all`: for ever.
Keeps = Literal["open", "money", "permits", "all"]


def drop_at(case: Case, keeps: Keeps) -> datetime | None:
    """Returns when a service may let go of a case: 30 days after the last entry of one that has ended and is visited no more; None for what it keeps.

    A refused one has not ended for it as long as an objection or appeal may still come or waits for its answer.
    """
    if keeps == "all" or not case.recorded or (case.submitted_at and not case.outcome) or may_still_come(case):
        return None
    if keeps == "money" and is_unsettled(case):
        return None
    if after_issue.still_open(case):
        return None  # somebody has still to visit
    last = to_instant(case.recorded)
    if keeps == "permits" and case.permit is not None and case.permit.state not in STATES_OVER:
        until = _end_of_validity(case.permit.valid_until)
        if until is None:
            return None
        last = max(last, until)
    return last + KEPT


def _end_of_validity(valid_until: str) -> datetime | None:
    """Returns the end of a permit's last day; None for a permit without end."""
    return begin_of_day(valid_until, 1) if valid_until else None
