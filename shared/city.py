"""What holds in the city at a position of the ledger: senders, SOPs, the calendar and the contract number, folded from their entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from pydantic import ValidationError

from shared.calendar import Calendar
from shared.envelope import Entry, canonical
from shared.events import (
    ActingAppointed,
    CalendarPublished,
    ContractRaised,
    Data,
    ForceMajeureDeclared,
    ForceMajeureEnded,
    SenderRegistered,
    SenderRevoked,
    SopPublished,
    SopWithdrawn,
)
from shared.sop.model import Sop, content_digest, read_sop

# What the subjects of the city's rules begin with; whatever reads the rules from a store asks for these.
CITY_SUBJECTS: Final = ("sop:", "calendar:", "sender:", "contract:", "agency:")


@dataclass(frozen=True)
class City:
    """The rules in force; total over entries, like the fold of a case."""

    senders: Mapping[str, SenderRegistered] = field(default_factory=dict)
    sops: Mapping[str, Sop] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    calendar: Calendar = field(default_factory=Calendar)
    contract: int = 1
    acting: Mapping[str, ActingAppointed] = field(default_factory=dict)

    def current_sops(self) -> tuple[Sop, ...]:
        """Returns the newest version of each permit type that was not withdrawn."""
        newest: dict[str, Sop] = {}
        for sop in self.sops.values():
            known = newest.get(sop.permit_type)
            if sop.name not in self.withdrawn and (known is None or known.version < sop.version):
                newest[sop.permit_type] = sop
        return tuple(newest[permit_type] for permit_type in sorted(newest))

    def acting_on(self, agency: str, day: date) -> ActingAppointed | None:
        """Returns who acts in the place of an agency's head on a day, None where nobody does."""
        found = self.acting.get(agency)
        return found if found is not None and found.valid_from <= day.isoformat() <= found.valid_until else None

    def speaks_for(self, sender: str, agency: str) -> bool:
        """Says whether a sender may speak for an agency: named, or `*` while no other sender of its stage names that agency."""
        registered = self.senders.get(sender)
        if registered is None:
            return False
        if not agency or agency in registered.agencies:
            return True
        named_elsewhere = any(
            other.stage == registered.stage and agency in other.agencies for name, other in self.senders.items() if name != sender
        )
        return "*" in registered.agencies and not named_elsewhere


def is_city_subject(subject: str) -> bool:
    """Says whether a subject belongs to the city's rules rather than to an application or an old history."""
    return subject.startswith(CITY_SUBJECTS)


def fold_city(city: City, entry: Entry) -> City:
    """Returns the city after one more entry; refused entries and those about other subjects change nothing."""
    if entry.stamp.refused or not is_city_subject(entry.subject):
        return city
    return _apply(city, entry.current.data)


def _apply(city: City, data: Data) -> City:  # noqa: PLR0911 - one line for each event
    match data:
        case SenderRegistered() | SenderRevoked():
            others = {name: sender for name, sender in city.senders.items() if name != data.name}
            return replace(city, senders={**others, data.name: data} if isinstance(data, SenderRegistered) else others)
        case ContractRaised():
            return replace(city, contract=max(city.contract, data.contract))
        case CalendarPublished():
            return replace(city, calendar=city.calendar.with_year(data))
        case ForceMajeureDeclared():
            return replace(city, calendar=city.calendar.with_decree(data))
        case ForceMajeureEnded():
            return replace(city, calendar=city.calendar.with_end(data))
        case ActingAppointed():
            return replace(city, acting={**city.acting, data.agency: data})
        case SopPublished():
            sop = published_sop(data)
            return replace(city, sops={**city.sops, sop.name: sop}) if sop else city
        case SopWithdrawn():
            return replace(city, withdrawn=city.withdrawn | {data.sop})
        case _:
            return city


def published_sop(data: SopPublished) -> Sop | None:
    """Returns the SOP inside a publication, None when content, digest and name do not agree."""
    content = canonical(data.content)
    try:
        sop = read_sop(content)
    except ValidationError:
        return None
    return sop if content_digest(content) == data.digest and sop.name == data.sop else None
