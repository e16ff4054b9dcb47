"""Who had an application how long, exact to the working minute; pure.

Every instant is first turned into the office minutes since the application began, and only these are subtracted: so no minute is lost or
counted twice between two turns, and the parts add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.calendar import Calendar
from shared.case_model import Case, Turn
from shared.fields import to_instant


@dataclass(frozen=True, slots=True)
class Part:
    """A party's office minutes: all of them, those in which nobody else had the application, and those stopped by decree."""

    party: str
    working_minutes: int
    alone_minutes: int
    stopped_minutes: int


@dataclass(frozen=True, slots=True)
class Custody:
    """The whole running time and its parts: each party alone, several together, nobody at all."""

    whole_minutes: int
    together_minutes: int
    nobody_minutes: int
    parts: tuple[Part, ...]


def counted_until(case: Case, now: datetime) -> datetime:
    """Returns up to when a case is counted: its end, or now as long as somebody has it, an objection after its end too."""
    if not case.outcome or case.parties:
        return now
    return max(to_instant(case.ended_at), to_instant(case.turns[-1].at)) if case.turns else to_instant(case.ended_at)


def custody(turns: Sequence[Turn], calendar: Calendar, until: datetime, system: str = "") -> Custody:
    """Returns the parties' office minutes from the first turn up to a time, in the order in which they first had the application."""
    if not turns:
        return Custody(0, 0, 0, ())
    start = to_instant(turns[0].at)
    ends = [*(to_instant(turn.at) for turn in turns[1:]), max(until, to_instant(turns[-1].at))]
    minutes: dict[str, list[int]] = {}
    together = nobody = before = 0
    for turn, end in zip(turns, ends, strict=True):
        mark = max(before, calendar.working_minutes(start, end))
        spent = mark - before
        for party in turn.parties:
            found = minutes.setdefault(party, [0, 0, 0])
            found[0] += spent
            found[1] += spent if len(turn.parties) == 1 else 0
            found[2] += (
                spent - min(spent, calendar.running((party,), system).working_minutes(to_instant(turn.at), end)) if calendar.decrees else 0
            )
        together += spent if len(turn.parties) > 1 else 0
        nobody += 0 if turn.parties else spent
        before = mark
    return Custody(before, together, nobody, tuple(Part(party, *found) for party, found in minutes.items()))
