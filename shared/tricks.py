"""The known tricks with time, named and counted from what the ledger holds: by agency and step, never by person; pure.

A count accuses nobody: each case may have its reason. But a step at which it is the habit shows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from shared.calendar import Calendar
from shared.case_model import Case, Finished
from shared.fields import to_instant
from shared.sop.deadlines import party_calendar

LATE_CORRECTION: Final = "late-correction"
SECOND_LOOK: Final = "second-look"
PARKING: Final = "parking"
TRICKS: Final[dict[str, tuple[str, str]]] = {
    LATE_CORRECTION: ("perbaikan diminta pada sepersepuluh waktu terakhir", "correction asked for in the last tenth of the time"),
    SECOND_LOOK: ("yang sudah diterima diminta lagi", "asked again for what had been accepted"),
    PARKING: ("didiamkan, lalu selesai tepat di batas waktu", "left untouched, then done right at the limit"),
}
KINDS: Final = ("review", "recommendation")
TENTHS: Final = 10
LAST: Final = 9


def tricks(case: Case, calendar: Calendar) -> Iterator[tuple[str, str, str]]:
    """Yields what looks like a trick in one application: its name, the agency and the step."""
    if case.sop is None:
        return
    for finished in case.finished:
        if _at_the_limit(case, calendar, finished):
            if finished.result == "findings":
                yield LATE_CORRECTION, finished.agency, finished.step
            elif not finished.touched:
                yield PARKING, finished.agency, finished.step
    for about in case.rechecks:
        step = case.sop.step_by_code.get(about.partition("/")[0])
        if step is not None:
            yield SECOND_LOOK, step.agency, step.code


def count(cases: Iterable[Case], calendar: Calendar) -> Counter[tuple[str, str, str]]:
    """Counts tricks over many applications, by name, agency and step."""
    return Counter(found for case in cases for found in tricks(case, calendar))


def _at_the_limit(case: Case, calendar: Calendar, finished: Finished) -> bool:
    """Says whether a person ended a step in time, but in the last tenth of it."""
    step = case.sop.step_by_code.get(finished.step) if case.sop else None
    if step is None or step.kind not in KINDS or not step.target_working_days:
        return False
    own, since, at = party_calendar(case, calendar, finished.agency), to_instant(finished.since), to_instant(finished.at)
    due = own.due_at(since, step.target_working_days)
    return at <= due and TENTHS * own.working_minutes(since, at) >= LAST * own.working_minutes(since, due)
