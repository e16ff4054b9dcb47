"""How long applications took lately, kept in memory as entries are applied: what a page's estimate is read from, without asking the store."""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from services.tracker.views import case_of
from shared.case import Case
from shared.estimate import SIMILAR_MIN, History, Range, Settings, estimate
from shared.fields import to_instant
from shared.kit.stage import Stage
from shared.tracks import Asked, Loads, Track, marks_of, minute_of

# What was withdrawn, or closed because nobody answered, does not say how long a decision takes.
DECIDED: Final = ("issued", "refused", "deemed-granted")
# At each step of a type: so few that a page reads them at once, and lately, because a city changes.
KEPT_MAX: Final = 200
NEWEST: Final = (
    "SELECT subject, row FROM views WHERE row->>'sop_name' = %s AND row->>'ended_at' <> '' ORDER BY row->>'ended_at' DESC LIMIT %s"
)
SETTINGS: Final = Settings()


class Past:
    """The newest decided applications of each permit type; every end that the ledger enters is added, once."""

    def __init__(self) -> None:
        self._history = History((), Loads(()))
        self._lock = threading.Lock()
        # The ledger's time never goes back: only an end at the very last time can come twice.
        self._last = ""
        self._codes_at_last: set[str] = set()

    def attach(self, stage: Stage) -> None:
        """Reads what the tracker has already, then listens to what it applies."""
        self.take(
            case_of(row["subject"], row["row"], sop)
            for name, sop in stage.city.sops.items()
            for row in stage.store.rows(NEWEST, (name, KEPT_MAX))
        )
        stage.on_cases = self.take

    def take(self, cases: Iterable[Case]) -> None:
        """Adds those that were decided since, in the order in which they ended."""
        decided = [case for case in cases if case.outcome in DECIDED]
        for case in sorted(decided, key=lambda case: (case.ended_at, case.code)):
            with self._lock:
                self._add(case)

    def _add(self, case: Case) -> None:
        marks = marks_of(case)
        if case.ended_at < self._last or case.code in self._codes_at_last or case.sop is None or not marks:
            return
        if case.ended_at > self._last:
            self._last, self._codes_at_last = case.ended_at, set()
        self._codes_at_last.add(case.code)
        self._history.add(Track(case.code, case.sop.permit_type, "", marks, minute_of(to_instant(case.ended_at))), KEPT_MAX)

    def estimate(self, case: Case, now: datetime) -> Range | None:
        """Returns how long an open application will still take, with how many like it; None when it has ended or too few are known."""
        marks = marks_of(case)
        if case.sop is None or case.outcome or not marks:
            return None
        asked = Asked(case.sop.permit_type, "", minute_of(now), marks[0].minute, marks[-1], 0)
        with self._lock:
            alike = len(self._history.ages(asked))
            found = estimate(asked, self._history, SETTINGS) if alike >= SIMILAR_MIN else None
        return found._replace(similar=alike) if found else None
