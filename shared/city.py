"""What holds in the city at a position of the ledger: senders and their keys, SOPs, calendar, pools of places and contract number, folded from entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from shared.calendar import WIB, Calendar
from shared.envelope import Entry, canonical
from shared.events import (
    ActingAppointed,
    AnyEvent,
    CalendarPublished,
    ContractRaised,
    ForceMajeureDeclared,
    ForceMajeureEnded,
    SenderKeyAdded,
    SenderKeyProposed,
    SenderKeyRevoked,
    SenderRegistered,
    SenderRevoked,
    SopAcknowledged,
    SopDrafted,
    SopDraftReturned,
    SopPublished,
    SopWaived,
    SopWithdrawn,
)
from shared.keyring import EMPTY, Keyring, fold_keys
from shared.quota import PREFIX, Quota, fold_quota
from shared.sop.model import Sop, content_digest, newest_versions, read_sop

# What the subjects of the city's rules begin with; whatever reads the rules from a store asks for these.
CITY_SUBJECTS: Final = ("sop:", "calendar:", "sender:", "contract:", "agency:", PREFIX)


def sop_subject(sop_name: str) -> str:
    """Returns the stream in which everything about a permit type's SOP stands."""
    return f"sop:{sop_name.partition('@')[0]}"


def agency_subject(agency: str) -> str:
    """Returns the stream in which an agency's acting officials are appointed."""
    return f"agency:{agency}"


def treasury_subject(day: str) -> str:
    """Returns the stream in which a day's payments are compared with the bank's statement; it holds no rule of the city."""
    return f"treasury:{day}"


@dataclass(frozen=True, slots=True)
class SopDraft:
    """A proposed version: what was drafted, by whom, and the reasons for which it was returned, if it was."""

    data: SopDrafted
    authid: str
    returned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiver:
    """Until when a head lets somebody of an agency work under a version without the quiz."""

    agency: str
    reason: str
    valid_until: str


@dataclass(frozen=True)
class City:
    """The rules in force; total over entries, like the fold of a case.

    `acknowledged` and `waivers` have, for each version, persons by their identity in the stream of its permit type; an acknowledgement
    names the agency for which the person acted then. `today` is the local date on which something is asked or judged (`on`); without
    one, no version that holds from a day is in force.
    """

    senders: Mapping[str, SenderRegistered] = field(default_factory=dict)
    sops: Mapping[str, Sop] = field(default_factory=dict)
    published_at: Mapping[str, str] = field(default_factory=dict)
    in_force_from: Mapping[str, str] = field(default_factory=dict)
    drafts: Mapping[str, SopDraft] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    acknowledged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    waivers: Mapping[str, Mapping[str, Waiver]] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    contract: int = 1
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    acting: Mapping[str, ActingAppointed] = field(default_factory=dict)
    revoked: Mapping[str, SenderRegistered] = field(default_factory=dict)
    keyring: Keyring = EMPTY
    today: str = ""

    def at(self, instant: datetime) -> "City":
        """Returns the city on the local date of an instant."""
        return self.on(instant.astimezone(WIB).date().isoformat())

    def on(self, today: str) -> "City":
        """Returns the city on a local date: every verdict and command asks for it, so without `replace`, which takes four times as long."""
        if today == self.today:
            return self
        city = object.__new__(City)
        object.__setattr__(city, "__dict__", {**self.__dict__, "today": today})
        return city

    def is_in_force(self, sop_name: str) -> bool:
        """Says whether new applications may pin a version today."""
        known = sop_name in self.sops and sop_name not in self.withdrawn
        return known and self.in_force_from.get(sop_name, "") <= self.today

    def current_sops(self) -> tuple[Sop, ...]:
        """Returns the newest version of each permit type that is in force today."""
        newest = newest_versions(sop for sop in self.sops.values() if self.is_in_force(sop.name))
        return tuple(sop for _, sop in sorted(newest.items()))

    def coming_sops(self) -> tuple[tuple[Sop, str], ...]:
        """Returns the published versions that hold from a later day, with that day, the nearest first."""
        coming = [(day, name) for name, day in self.in_force_from.items() if day > self.today and name not in self.withdrawn]
        return tuple((self.sops[name], day) for day, name in sorted(coming))

    def acting_head(self, agency: str) -> ActingAppointed | None:
        """Returns who acts in the place of an agency's head today, None where nobody does."""
        found = self.acting.get(agency)
        return found if found is not None and found.valid_from <= self.today <= found.valid_until else None

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
    """Returns the city after one more entry; refused entries (but for the queue of a full pool) and other subjects change nothing."""
    if entry.subject.startswith(PREFIX):
        quotas = fold_quota(city.quotas, entry.current.data, entry.stamp.refused)
        return city if quotas is city.quotas else replace(city, quotas=quotas)
    if entry.stamp.refused or not is_city_subject(entry.subject):
        return city
    return _apply(city, entry.current, entry.stamp.recordedtime)


def _apply(city: City, event: AnyEvent, at: str) -> City:  # noqa: PLR0911 - one line for each event
    data = event.data
    match data:
        case SenderRegistered() | SenderRevoked():
            return _with_sender(city, data)
        case SenderKeyProposed() | SenderKeyAdded() | SenderKeyRevoked():
            return replace(city, keyring=fold_keys(city.keyring, event))
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
        case _:
            return _apply_sop(city, event, at)


def _apply_sop(city: City, event: AnyEvent, at: str) -> City:
    data = event.data
    match data:
        case SopDrafted():
            return replace(city, drafts={**city.drafts, data.sop: SopDraft(data, event.authid)})
        case SopDraftReturned() if data.sop in city.drafts:
            returned = replace(city.drafts[data.sop], returned=data.reasons)
            return replace(city, drafts={**city.drafts, data.sop: returned})
        case SopPublished():
            return _published(city, data, at)
        case SopWithdrawn():
            return replace(city, withdrawn=city.withdrawn | {data.sop})
        case _:
            return _apply_knowledge(city, event)


def _apply_knowledge(city: City, event: AnyEvent) -> City:
    data = event.data
    match data:
        case SopAcknowledged():
            knowing = {**city.acknowledged.get(data.sop, {}), event.authid: event.agency}
            return replace(city, acknowledged={**city.acknowledged, data.sop: knowing})
        case SopWaived():
            waived = {**city.waivers.get(data.sop, {}), data.officer: Waiver(event.agency, data.reason, data.valid_until)}
            return replace(city, waivers={**city.waivers, data.sop: waived})
        case _:
            return city


def _with_sender(city: City, data: SenderRegistered | SenderRevoked) -> City:
    known = city.senders.get(data.name)
    senders = {name: sender for name, sender in city.senders.items() if name != data.name}
    if isinstance(data, SenderRevoked):
        return replace(city, senders=senders, revoked={**city.revoked, data.name: known} if known else city.revoked)
    revoked = {name: sender for name, sender in city.revoked.items() if name != data.name}
    return replace(city, senders={**senders, data.name: data}, revoked=revoked)


def _published(city: City, data: SopPublished, at: str) -> City:
    sop = published_sop(data)
    if sop is None:
        return city
    return replace(
        city,
        sops={**city.sops, sop.name: sop},
        published_at={**city.published_at, sop.name: at},
        in_force_from={**city.in_force_from, sop.name: data.in_force_from} if data.in_force_from else city.in_force_from,
        drafts={name: draft for name, draft in city.drafts.items() if name != sop.name},
    )


def published_sop(data: SopPublished | SopDrafted) -> Sop | None:
    """Returns the SOP inside a draft or publication, None when content, digest and name do not agree."""
    content = canonical(data.content)
    try:
        sop = read_sop(content)
    except ValidationError:
        return None
    return sop if content_digest(content) == data.digest and sop.name == data.sop else None
