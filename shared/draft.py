"""What a domain wants said, before the kit gives it its number, time and identity; and what a domain may know when it reacts."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.city import City
from shared.events import Data

Commit = Callable[[str, str], str]  # (name, value) -> the commitment that an event may hold
Identify = Callable[[str], str]  # a person's number -> their identity for this subject, which an event may hold


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be said: by rule, unless a command's actor gives it another role; of the application itself, unless it names a subject."""

    data: Data
    agency: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who reacts: a sender, in a city on a local date; it speaks for an agency or it stays silent.

    `asked` is what it has said of the application's pools and the ledger has not entered yet.
    """

    sender: str
    city: City
    asked: tuple[Data, ...] = ()

    def speaks_for(self, agency: str) -> bool:
        """Says whether this sender answers for the agency."""
        return self.city.speaks_for(self.sender, agency)


@dataclass(frozen=True, slots=True)
class Context:
    """What a command may use beside the case: ways to commit to private values and to name a person, and the city on a local date."""

    commit: Commit
    city: City
    identify: Identify
