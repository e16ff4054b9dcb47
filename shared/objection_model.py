"""What is known of an objection or an appeal: the part of a case that its applicant has begun."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.events import Contested


@dataclass(frozen=True, slots=True)
class Opinion:
    """A proposed answer to an objection or appeal, and who has drafted it."""

    result: str
    reasons: tuple[str, ...]
    authid: str


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection (`keberatan`) or appeal (`banding`) against an act of a round: `open`, `granted`, `rejected` or `deemed-granted`.

    `reasons` are those of the answer, `authid` is who answered; `allowed` are people who may draft it although they had a part, each for a reason.
    """

    kind: Literal["keberatan", "banding"]
    number: str
    round: int
    grounds: tuple[str, ...]
    statement: str
    at: str
    state: str = "open"
    decided_at: str = ""
    reasons: tuple[str, ...] = ()
    authid: str = ""
    against: Contested = "refusal"
    opinion: Opinion | None = None
    allowed: Mapping[str, str] = field(default_factory=dict)
