"""The city's days for lateness, in one place, and what may be said about a missed deadline; the days are demo values.

After a deadline of an agency was missed: so many working days later the head of the agency hears of it (level 1), then the city secretary
(level 2), as long as the step is not done. For `CONTEST_WORKING_DAYS` the agency may contest the breach; until then it is not published.
"""

from typing import Final

from shared.case_model import Breach, Case

ESCALATES_AFTER_WORKING_DAYS: Final = (3, 7)  # counted from the missed deadline: to the head, to the city secretary
CONTEST_WORKING_DAYS: Final = 5
PUBLISHED_STATES: Final = ("published", "upheld")


def breach_of(case: Case, step: str, round_: int, agency: str) -> Breach | None:
    """Returns a case's breach, None when there is no such one."""
    return next((item for item in case.breaches if (item.step, item.round, item.agency) == (step, round_, agency)), None)


def contest_refusal(case: Case, step: str, round_: int, agency: str) -> str:
    """Returns why an agency may not contest a breach, empty when it may."""
    breach = breach_of(case, step, round_, agency)
    if breach is None:
        return "breach-unknown"
    if breach.state == "published":
        return "contest-too-late"
    return "" if breach.state == "open" else "breach-contested"


def ruling_refusal(case: Case, step: str, round_: int, agency: str) -> str:
    """Returns why the inspectorate may not rule on a breach, empty when it may."""
    breach = breach_of(case, step, round_, agency)
    if breach is None:
        return "breach-unknown"
    return "" if breach.state == "contested" else "breach-not-contested"
