"""Applications that were taken before others which had waited longer for the same step of the same agency."""

from collections.abc import Iterator
from typing import Final

from shared.auditing.findings import QUEUE_JUMP, Finding, finding
from shared.auditing.times import approval_step
from shared.calendar import Calendar
from shared.case_model import Case
from shared.envelope import Entry
from shared.fields import to_instant

# One that is harder, or came on the same day, is overtaken in any honest office.
OVERTAKEN_MIN: Final = 3
WAITED_WORKING_DAYS_MIN: Final = 1


class Queues:
    """Who waits for which step, in the order of the ledger; a step of a permit type at an agency is one queue."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, str], dict[str, str]] = {}

    def take(self, before: Case, after: Case, entry: Entry, calendar: Calendar) -> Iterator[Finding]:
        """Follows an entry; yields a finding where an approval came before at least `OVERTAKEN_MIN` that had waited a working day longer."""
        if before.ready is after.ready:
            return
        approved = approval_step(entry)
        for code, ready in before.ready.items():
            if code in after.ready and after.ready[code] == ready:
                continue
            queue = self._queue(before, code)
            queue.pop(entry.subject, None)
            if code == approved and (count := _overtaken(queue, ready.at, calendar)) >= OVERTAKEN_MIN:
                agency = entry.event.agency
                yield finding(
                    QUEUE_JUMP, entry.subject, (entry.stamp.sequence,), step=code, agency=agency, count=count, first=next(iter(queue))
                )
        for code, ready in after.ready.items():
            if before.ready.get(code) != ready:
                self._queue(after, code)[entry.subject] = ready.at

    def _queue(self, case: Case, code: str) -> dict[str, str]:
        step = case.sop.step_by_code.get(code) if case.sop else None
        return self._waiting.setdefault((case.sop_name.partition("@")[0], code, step.agency if step else ""), {})


def _overtaken(queue: dict[str, str], since: str, calendar: Calendar) -> int:
    own = to_instant(since)
    earlier = [at for at in queue.values() if at < since]
    return sum(calendar.working_days_between(to_instant(at), own) >= WAITED_WORKING_DAYS_MIN for at in earlier)
