"""What holds in the city at a position of the ledger: senders, SOPs, calendar, pools of places and contract number, folded from entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from shared.calendar import Calendar
from shared.envelope import Entry, canonical
from shared.events import (
    CalendarPublished,
    ContractRaised,
    Data,
    SenderRegistered,
    SenderRevoked,
    SopPublished,
    SopWithdrawn,
)
from shared.quota import PREFIX, Quota, fold_quota
from shared.sop.model import Sop, content_digest, read_sop


@dataclass(frozen=True)
class City:
    """The rules in force; total over entries, like the fold of a case."""

    senders: Mapping[str, SenderRegistered] = field(default_factory=dict)
    revoked: Mapping[str, SenderRegistered] = field(default_factory=dict)
    sops: Mapping[str, Sop] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    calendar: Calendar = field(default_factory=Calendar)
    contract: int = 1
    quotas: Mapping[str, Quota] = field(default_factory=dict)

    def current_sops(self) -> tuple[Sop, ...]:
        """Returns the newest version of each permit type that was not withdrawn."""
        newest: dict[str, Sop] = {}
        for sop in self.sops.values():
            known = newest.get(sop.permit_type)
            if sop.name not in self.withdrawn and (known is None or known.version < sop.version):
                newest[sop.permit_type] = sop
        return tuple(newest[permit_type] for permit_type in sorted(newest))

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
    return subject.startswith(("sop:", "calendar:", "sender:", "contract:", PREFIX))


def fold_city(city: City, entry: Entry) -> City:
    """Returns the city after one more entry; refused entries (but for the queue of a full pool) and other subjects change nothing."""
    if entry.subject.startswith(PREFIX):
        quotas = fold_quota(city.quotas, entry.current.data, entry.stamp.refused)
        return city if quotas is city.quotas else replace(city, quotas=quotas)
    if entry.stamp.refused or not is_city_subject(entry.subject):
        return city
    return _apply(city, entry.current.data)


def _apply(city: City, data: Data) -> City:
    match data:
        case SenderRegistered() | SenderRevoked():
            return _with_sender(city, data)
        case ContractRaised():
            return replace(city, contract=max(city.contract, data.contract))
        case CalendarPublished():
            return replace(city, calendar=city.calendar.with_year(data))
        case SopPublished():
            sop = published_sop(data)
            return replace(city, sops={**city.sops, sop.name: sop}) if sop else city
        case SopWithdrawn():
            return replace(city, withdrawn=city.withdrawn | {data.sop})
        case _:
            return city


def _with_sender(city: City, data: SenderRegistered | SenderRevoked) -> City:
    known = city.senders.get(data.name)
    senders = {name: sender for name, sender in city.senders.items() if name != data.name}
    if isinstance(data, SenderRevoked):
        return replace(city, senders=senders, revoked={**city.revoked, data.name: known} if known else city.revoked)
    revoked = {name: sender for name, sender in city.revoked.items() if name != data.name}
    return replace(city, senders={**senders, data.name: data}, revoked=revoked)


def published_sop(data: SopPublished) -> Sop | None:
    """Returns the SOP inside a publication, None when content, digest and name do not agree."""
    content = canonical(data.content)
    try:
        sop = read_sop(content)
    except ValidationError:
        return None
    return sop if content_digest(content) == data.digest and sop.name == data.sop else None
