"""What the autopilot reads and what it wants done: a case as the ledger's feed tells it, and a command at a documented door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from deploy.training.chance import between, chance
from deploy.training.ticks import ticks_later
from shared.calendar import WIB, Calendar
from shared.case import Case
from shared.events import ActingAppointed
from shared.fields import to_instant
from shared.kit.tokens import Actor

OFFICERS: Final = 3  # in every agency
ACTING_MARGIN: Final = timedelta(days=7)  # a move may come some days after it was planned


@dataclass(frozen=True, slots=True)
class Known:
    """What the feed tells of an application: the case, when somebody else than the ledger last spoke, drafts returned so far, a hold once placed."""

    case: Case
    changed_at: str = ""
    drafts_returned: int = 0
    held_once: bool = False
    acting: Mapping[str, ActingAppointed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """One command at one door, not before `at`; its idempotency key says for ever which move it is."""

    at: datetime
    stage: str
    command: str
    actor: Actor
    body: Mapping[str, Any] = field(hash=False)
    key: str
    step: str = ""

    @property
    def order(self) -> tuple[datetime, str, str, str]:
        """What decides which of several moves of an application comes first; times alone can be equal."""
        return self.at, self.step, self.command, self.actor.agency


@dataclass(frozen=True, slots=True)
class Script:
    """An application's part of the play: its draws, its clock, and how a move of it is named."""

    seed: int
    key: str
    known: Known
    calendar: Calendar

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.known.case

    def chance(self, *about: object) -> float:
        """Returns a draw of this application."""
        return chance(self.seed, self.key, *about)

    def later(self, since: str, ticks: int) -> datetime:
        """Returns the tick that is so many ticks after a legal time."""
        return ticks_later(self.calendar, to_instant(since), ticks)

    def move(
        self,
        at: datetime,
        door: str,
        actor: Actor,
        *,
        step: str = "",
        turn: object = 1,
        **body: Any,  # noqa: ANN401 - fields of a body
    ) -> Move:
        """Returns a move at a door, `stage/command`; `turn` tells apart what happens more than once in a step."""
        stage, _, command = door.partition("/")
        content = {"step": step, **body} if step else body
        return Move(at, stage, command, actor, content, f"{self.seed}/{self.key}/{step or '-'}/{turn}/{command}", step)

    def officer(self, agency: str, *about: object) -> Actor:
        """Returns one of an agency's officers."""
        return officer(agency, between(1, OFFICERS, self.chance(*about, agency, "officer")))

    def next_officer(self, agency: str, *about: object) -> Actor:
        """Returns another one of them: who takes over."""
        return officer(agency, between(1, OFFICERS, self.chance(*about, agency, "officer")) % OFFICERS + 1)

    def head(self, agency: str, at: datetime) -> Actor:
        """Returns an agency's head, or who stands in well within the days of an appointment."""
        appointed, day = self.known.acting.get(agency), at.astimezone(WIB).date()
        if appointed is None:
            return Actor(f"kepala {agency}", "head", agency)
        first, last = date.fromisoformat(appointed.valid_from), date.fromisoformat(appointed.valid_until) - ACTING_MARGIN
        return acting_head(agency) if first <= day <= last else Actor(f"kepala {agency}", "head", agency)


def officer(agency: str, number: int) -> Actor:
    """Returns an agency's officer by number; those above `OFFICERS` have a part of their own."""
    return Actor(f"petugas {agency} {number}", "officer", agency)


def acting_head(agency: str) -> Actor:
    """Returns who stands in for an agency's head: an officer as far as signing in goes."""
    return Actor(f"sekretaris {agency}", "officer", agency)
