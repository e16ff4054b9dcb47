"""The city as an auditor reads it: every entry of the ledger's feed folded into the rules in force and the applications; pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from deploy.training.moves import Known
from shared.case import empty_case, fold
from shared.city import City, fold_city, is_city_subject
from shared.code import is_code
from shared.envelope import Entry
from shared.events import ApplicationMovedToSop, DecisionReturned, LegalHoldPlaced, PermitDeemedGranted, PermitIssued

LEDGER: Final = "ledger"


class Watch:
    """What the feed has read so far."""

    def __init__(self) -> None:
        self.position = 0
        self.city = City()
        self.applications: dict[str, Known] = {}
        self.said: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        self.permits = 0
        self.ended: set[str] = set()

    def read(self, entries: Iterable[Entry]) -> set[str]:
        """Folds the entries that follow; returns the applications that they are about."""
        touched: set[str] = set()
        for entry in entries:
            if entry.stamp.position != self.position + 1:
                continue
            self.position += 1
            self.said[entry.event.sender] += 1
            if entry.stamp.refused:
                self.refused[entry.stamp.refused] += 1
            else:
                self.types[entry.event.data.NAME] += 1
            if is_city_subject(entry.subject):
                self.city = fold_city(self.city, entry)
            elif is_code(entry.subject):
                self._read_application(entry)
                touched.add(entry.subject)
        return touched

    def _read_application(self, entry: Entry) -> None:
        known = self.applications.get(entry.subject) or Known(empty_case(entry.subject))
        case = fold(known.case, entry, self.city.sops)
        stands = not entry.stamp.refused
        changed_at, returned, held = known.changed_at, known.drafts_returned, known.held_once
        # A move to another SOP is nobody's work on the application: it makes nobody begin anew.
        if stands and entry.event.sender != LEDGER and not isinstance(entry.event.data, ApplicationMovedToSop):
            changed_at = entry.stamp.recordedtime
        if stands and isinstance(entry.event.data, DecisionReturned):
            returned += 1
        if stands and isinstance(entry.event.data, LegalHoldPlaced):
            held = True
        if stands and isinstance(entry.event.data, PermitIssued | PermitDeemedGranted):
            self.permits += 1
        if case.outcome:
            self.ended.add(entry.subject)
        else:
            self.ended.discard(entry.subject)  # a granted objection has it go on
        self.applications[entry.subject] = Known(case, changed_at, returned, held, self.city.acting)
