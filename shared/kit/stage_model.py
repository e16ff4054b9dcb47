"""What a stage works with: its definition, its commands and their answers, and what one transaction has changed so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Cursor
from psycopg.rows import DictRow
from pydantic import ValidationError

from shared.case import Case
from shared.city import City
from shared.draft import Context, Desk, Draft
from shared.keeping import Keeps
from shared.kit.store import Stored
from shared.kit.subjects import Known
from shared.kit.tables import Answered
from shared.kit.tokens import Actor

if TYPE_CHECKING:
    from shared.kit.stage import Stage

View = dict[str, Any]
React = Callable[[Case, Desk], Sequence[Draft]]
Project = Callable[[Case, City], View | None]
Decide = Callable[[Case, Context], Sequence[Draft]]
Attach = Callable[["Stage"], None]
Opening = Callable[[City], Sequence[tuple[str, Draft]]]
Transaction = Cursor[DictRow]  # in which what is said is stored; a service may write beside it
Also = Callable[[Transaction], None]


def nothing_to_open(_city: City) -> Sequence[tuple[str, Draft]]:
    """Says nothing at a first start."""
    return ()


def listens_to_nothing(_stage: "Stage") -> None:
    """Keeps nothing beside the live view."""


def nothing_else(_cursor: Transaction) -> None:
    """Writes nothing beside what a command says."""


def nothing_to_tidy(_stage: "Stage") -> None:
    """Keeps nothing that has its time."""


@dataclass(frozen=True)
class Definition:
    """A service as the kit runs it: name, reaction of its domain, view of a case, schema file, what it keeps, how long it gathers entries.

    `opening` is what it says of itself (subject and draft) to a city that has nothing of it yet; `attach` may listen to its stage; `tidy` is
    called each minute, to erase what of its own has had its time.
    """

    name: str
    react: React
    project: Project
    schema: Path
    keeps: Keeps
    pace_seconds: float = 0.05
    opening: Opening = nothing_to_open
    attach: Attach = listens_to_nothing
    tidy: Attach = nothing_to_tidy


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `digest` tells its body apart under the same key; `fresh` says that its subject was made just now.

    `also` writes in the transaction of what is said, and may still refuse it.
    """

    subject: str
    actor: Actor
    key: str
    digest: bytes
    decide: Decide
    fresh: bool = False
    also: Also = nothing_else


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: the subject and the ids of its events."""

    subject: str
    event_ids: tuple[str, ...]
    repeated: bool = False


@dataclass
class Work:
    """What one transaction has changed so far; thrown away when it fails."""

    city: City
    position: int
    known: dict[str, Known] = field(default_factory=dict)
    events: list[Stored] = field(default_factory=list)
    kept: list[tuple[str, str, str, str]] = field(default_factory=list)
    touched: dict[str, None] = field(default_factory=dict)
    woken: dict[str, None] = field(default_factory=dict)
    redrawn: dict[str, None] = field(default_factory=dict)
    letters: list[tuple[str, str, str, str, bytes]] = field(default_factory=list)
    endings: list[tuple[str, datetime]] = field(default_factory=list)
    answered: dict[tuple[str, str], Answered] = field(default_factory=dict)
    new_answers: dict[tuple[str, str], Answered] = field(default_factory=dict)


class PositionGap(Exception):  # noqa: N818 - says what was met
    """An entry came whose position is not the next one: the feed has what is between."""


def place_of(error: ValidationError) -> str:
    """Returns where a value is wrong, never the value."""
    return ".".join(str(part) for part in error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"])
