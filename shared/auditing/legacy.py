"""Another system's history: cases in which one officer did two activities that different officers should do."""

from collections.abc import Iterator
from typing import Final

from shared.auditing.findings import ONE_OFFICER, Finding, finding
from shared.auditing.rates import Rate, rate
from shared.envelope import Entry
from shared.events import LegacyRecorded

ROLES: Final = ("T02", "T04")  # of the log of building permits that the project shows: to check a confirmation, and to determine it
_UNKNOWN: Final = "not-said"  # the performer of an event whose log names none


class TwoRoles:
    """Who did which of two activities, told by how their names begin, case by case."""

    def __init__(self, roles: tuple[str, str] = ROLES) -> None:
        self._roles = roles
        self._cases: dict[str, tuple[dict[str, int], dict[str, int]]] = {}

    def take(self, entry: Entry) -> None:
        """Remembers an event of another system's history."""
        data = entry.event.data
        if not isinstance(data, LegacyRecorded) or data.performer == _UNKNOWN:
            return
        found = self._cases.setdefault(entry.subject, ({}, {}))
        for role, officers in zip(self._roles, found, strict=True):
            if data.activity.startswith(role):
                officers.setdefault(data.performer, entry.stamp.sequence)

    def findings(self) -> Iterator[Finding]:
        """Yields a finding for each case in which one officer did both, naming the first entry of each."""
        for subject, (first, second) in self._cases.items():
            if both := sorted(first.keys() & second.keys()):
                officer = both[0]
                sequences = tuple(sorted((first[officer], second[officer])))
                yield finding(ONE_OFFICER, subject, sequences, officer=officer, first=self._roles[0], second=self._roles[1])

    def rates(self) -> list[Rate]:
        """Returns for each other system in how many of the cases with both activities one officer did both."""
        counts: dict[str, list[int]] = {}
        for subject, (first, second) in self._cases.items():
            if first and second:
                count = counts.setdefault(subject.partition("/")[0], [0, 0])
                count[0] += bool(first.keys() & second.keys())
                count[1] += 1
        return [rate(system, "+".join(self._roles), ONE_OFFICER, count, of) for system, (count, of) in sorted(counts.items())]
