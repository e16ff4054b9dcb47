"""Another system's log as `legacy.recorded` events, and the figures of such events as the ledger gives them back; pure.

What is made depends on the file alone (and on the city's key, for pseudonyms), so importing the same file again makes the same bytes and
the ledger drops them as repeats.
"""

import hmac
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from pydantic import ValidationError

from shared.envelope import Entry
from shared.events import Channel, Event, LegacyRecorded
from shared.fields import SLUG_PATTERN, TIMESTAMP_PATTERN, is_subject, to_instant, to_timestamp
from shared.xes import XesCase, XesEvent, XesLog

ROLE: Final = "operator"
NOT_SAID: Final = "not-said"
CHANNELS: Final[Mapping[str, Channel]] = {
    "internet": "web",
    "web": "web",
    "desk": "counter",
    "counter": "counter",
    "post": "post",
    "e-mail": "email",
    "email": "email",
    "intern": "internal",
    "internal": "internal",
}
# A log that does not say how a case came: by way of the other system.
OTHER_CHANNEL: Final[Channel] = "partner"
PSEUDONYM_CHARACTERS: Final = 12
_CODE_LIKE: Final = re.compile(r"[a-z]{0,20}[-_ ]?[0-9]{1,8}")
_SLUG: Final = re.compile(SLUG_PATTERN)
_TIMESTAMP: Final = re.compile(TIMESTAMP_PATTERN)
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")

LegacyEvent = Event[LegacyRecorded]


class ArchiveError(Exception):
    """A log that cannot become events; the message is a sentence with the place."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A log's events in the file's order, and how many performers got a pseudonym because their names might be a person's."""

    events: tuple[LegacyEvent, ...]
    pseudonyms: int


def system_name(stem: str) -> str:
    """Returns the name of a system made from a file's name; empty when nothing is left of it."""
    return _NOT_SLUG.sub("-", stem.lower()).strip("-")[:40].strip("-")


def legacy_events(log: XesLog, system: str, source: str, key: bytes) -> Mapped:
    """Returns a log's events, said by the archive; raises `ArchiveError` naming the case and event that does not fit."""
    performers = _performers(log, system, key)
    total = sum(len(case.events) for case in log.cases)
    numbers = count()
    events = []
    for case_index, case in enumerate(log.cases):
        subject = f"legacy:{system}/{case.name}"
        if not is_subject(subject):
            sentence = "its name has other characters than letters, digits, dot, hyphen and underscore, or more than 80"
            raise ArchiveError(f"Case {case_index + 1}: {sentence}. Rename it in the log.")
        made = _Maker(log.sha256, total, case, case_index, subject, source, performers)
        events += [made.event(number, event, next(numbers)) for number, event in enumerate(case.events, start=1)]
    pseudonyms = sum(name.startswith("p-") for name in performers.values())
    return Mapped(tuple(events), pseudonyms)


@dataclass(frozen=True, slots=True)
class _Maker:
    log: str
    total: int
    case: XesCase
    case_index: int
    subject: str
    source: str
    performers: Mapping[str, str]

    def event(self, number: int, event: XesEvent, event_index: int) -> LegacyEvent:
        happened = to_timestamp(event.time)
        try:
            data = LegacyRecorded.of(
                log=self.log,
                case_index=self.case_index,
                event_index=event_index,
                events_total=self.total,
                activity=event.activity,
                lifecycle=_NOT_SLUG.sub("-", event.lifecycle.lower()).strip("-") or NOT_SAID,
                happened_at=happened,
                performer=self.performers.get(event.resource, NOT_SAID),
                channel=CHANNELS.get(self.case.attributes.get("channel", "").lower(), OTHER_CHANNEL),
                due_at=_moment(self.case, "deadline"),
                closed_at=_moment(self.case, "enddate"),
            )
            return LegacyEvent(
                basis=0,
                data=data,
                id=f"{self.subject}/{self.source.rpartition('/')[2]}/{number}",
                role=ROLE,
                source=self.source,
                specversion="1.0",
                subject=self.subject,
                # The event's own time is the other system's claim; when it was entered here the ledger says.
                time=happened,
                type=LegacyRecorded.type_name(),
            )
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"])
            sentence = f"Case {self.case_index + 1}, its event {number}: {place} does not fit into the ledger"
            raise ArchiveError(f"{sentence}. Correct it in the log.") from None


def _moment(case: XesCase, name: str) -> str:
    value = case.attributes.get(name, "")
    return value if _TIMESTAMP.fullmatch(value) else ""


def _performers(log: XesLog, system: str, key: bytes) -> dict[str, str]:
    """Names each performer so that no two are mixed up and nobody's name is in it.

    A word with a number (`Resource21`) is a code and is kept in lower case; anything else may be somebody's name and becomes a pseudonym
    under the city's key, as does a code that another one equals in lower case.
    """
    found = sorted({event.resource for case in log.cases for event in case.events if event.resource})
    kept = {name: _NOT_SLUG.sub("-", name.lower()) for name in found if _CODE_LIKE.fullmatch(name.lower())}
    often = Counter(kept.values())
    return {
        name: kept[name] if name in kept and often[kept[name]] == 1 and _SLUG.fullmatch(kept[name]) else _pseudonym(name, system, key)
        for name in found
    }


def _pseudonym(name: str, system: str, key: bytes) -> str:
    return "p-" + hmac.digest(key, f"{system}\n{name}".encode(), "sha256").hex()[:PSEUDONYM_CHARACTERS]


# What the ledger gives back


@dataclass(frozen=True, slots=True)
class Figures:
    """What a system's imported history holds; a case is closed if it has an end, and late if that is after its due time."""

    cases: int
    events: int
    activities: int
    performers: int
    closed: int
    late: int
    first: str
    last: str


def figures(entries: Iterable[Entry]) -> Figures:
    """Folds entries of imported histories into their figures; refused entries and others are passed over."""
    cases: dict[str, LegacyRecorded] = {}
    activities, performers, events, first, last = set(), set(), 0, "", ""
    for entry in entries:
        data: Any = entry.event.data
        if not isinstance(data, LegacyRecorded) or entry.stamp.refused:
            continue
        events += 1
        cases[entry.subject] = data
        activities.add(data.activity)
        performers.add(data.performer)
        first, last = min(first or data.happened_at, data.happened_at), max(last, data.happened_at)
    closed = [data for data in cases.values() if data.closed_at]
    late = sum(bool(data.due_at) and to_instant(data.closed_at) > to_instant(data.due_at) for data in closed)
    named = performers - {NOT_SAID}
    return Figures(len(cases), events, len(activities), len(named), len(closed), late, first, last)
