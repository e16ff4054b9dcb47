"""One run of the feed in a city: its catalogue published, its arrivals submitted, everybody's part played to the end."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from deploy.training.arrivals import REAL_LABEL, SYNTHETIC_LABEL, Arrival, from_log, synthetic, wave_of, wave_start
from deploy.training.bank import Bank
from deploy.training.doors import LEDGER, Doors
from deploy.training.feed import Feed, Progress
from deploy.training.gateway import Line, serving
from deploy.training.money import Money, money
from deploy.training.opening import open_city
from deploy.training.permits import heir_of
from deploy.training.pools import open_pools
from deploy.training.summary import Summary, summarize
from shared.calendar import WIB, Calendar
from shared.case import Case
from shared.fields import to_instant
from shared.sop.permit import STATES_OVER
from shared.xes import XesLog

YEARS_AFTER: Final = 2  # what arrives last in a year is decided in the next, and may be renewed a year later
PUBLISHING: Final = "publish the catalogue"
FEEDING: Final = "feed applications"
Tell = Callable[[str, Progress | None], None]


@dataclass(frozen=True)
class Cast:
    """Who comes: under which label, from when to when, and the arrivals once the calendar is known."""

    label: str
    first: datetime
    years: Sequence[int]
    arrivals: Callable[[Calendar], Sequence[Arrival]]


@dataclass(frozen=True)
class Played:
    """What a run of the feed did, and what has become of its arrivals."""

    label: str
    progress: Progress
    codes: Mapping[str, str]
    outcomes: Mapping[str, str]
    summary: Summary
    refused_entries: Mapping[str, int]
    entries: int
    types: Mapping[str, int]
    longest: str = ""  # the code of the permit with the longest history
    seconds: Mapping[str, float] = field(default_factory=dict)
    money: Money = field(default_factory=Money)
    held: tuple[str, str] = ("", "")  # the code of the permit with the longest history that stands, and its holder's local name

    @property
    def nothing_new(self) -> bool:
        """Says whether an earlier run had done everything."""
        return self.progress.repeated == self.progress.arrivals and not self.progress.moves


async def play_all(doors: Doors, log: XesLog | None, seed: int, count: int, tell: Tell, line: Line) -> Played:
    """Plays a log's arrivals, or a wave of synthetic ones: the wave that an earlier run began, or the next when that one is over."""
    if log is not None:
        return await play(doors, from_log_cast(log, seed), seed, tell, line)
    now = to_instant((await doors.ask(LEDGER, "/v1/status"))["now"])
    wave = max(0, wave_of(now))
    played = await play(doors, wave_cast(wave, seed, count), seed, tell, line)
    return await play(doors, wave_cast(wave + 1, seed, count), seed, tell, line) if played.nothing_new else played


def from_log_cast(log: XesLog, seed: int) -> Cast:
    """Returns the arrivals of a log."""
    found = from_log(log, seed)
    years = range(found[0].at.year, found[-1].at.year + YEARS_AFTER + 1)
    return Cast(REAL_LABEL.format(source=f"log {log.sha256[:8]}"), found[0].at, years, lambda _calendar: found)


def wave_cast(wave: int, seed: int, count: int) -> Cast:
    """Returns a wave of made arrivals."""
    first = datetime.combine(wave_start(wave), datetime.min.time(), WIB)
    last = wave_start(wave + 1 + count // 1000)
    years = range(first.year, last.year + YEARS_AFTER + 1)
    return Cast(SYNTHETIC_LABEL, first, years, lambda calendar: synthetic(seed, count, wave, calendar))


async def play(doors: Doors, cast: Cast, seed: int, tell: Tell, line: Line) -> Played:
    """Opens the city for these arrivals and plays them to the end, with a bank beside it."""
    bank = Bank(seed)
    async with serving(bank, line):
        return await _play(doors, cast, seed, tell, (bank, line))


async def _play(doors: Doors, cast: Cast, seed: int, tell: Tell, till: tuple[Bank, Line]) -> Played:
    began = time.monotonic()
    tell(PUBLISHING, None)
    await open_city(doors, cast.first, cast.years)
    feed = Feed(doors, seed, lambda progress: tell(FEEDING, progress), till)
    await feed.settle()
    await open_pools(doors, feed.watch.city)
    await feed.settle()
    published = time.monotonic()
    arrivals = cast.arrivals(feed.watch.city.calendar)
    progress = await feed.run(arrivals)
    applications, seconds = feed.watch.applications, {PUBLISHING: published - began, FEEDING: time.monotonic() - published}
    permits = [applications[code].case for code in feed.codes.values() if applications[code].case.outcome == "issued"]
    longest = max(permits, key=lambda case: (case.sequence, case.code), default=None)
    return Played(
        cast.label,
        progress,
        feed.codes,
        {key: applications[code].case.outcome for key, code in feed.codes.items()},
        summarize(applications[code] for code in feed.codes.values()),
        feed.watch.refused,
        feed.watch.position,
        feed.watch.types,
        longest.code if longest else "",
        seconds,
        await money(doors, feed.watch, till[0]),
        _held(permits, {feed.codes[arrival.key]: arrival.person for arrival in arrivals if arrival.key in feed.codes}),
    )


def _held(permits: Sequence[Case], people: Mapping[str, str]) -> tuple[str, str]:
    """Returns the permit that stands with the longest history and its holder's local name, empty where none stands or the person is forgotten."""
    standing = [case for case in permits if case.permit and case.permit.state not in STATES_OVER and not case.forgotten_at]
    found = max(standing, key=lambda case: (case.sequence, case.code), default=None)
    if found is None or found.permit is None:
        return "", ""
    moved = any(item.result == "transferred" for item in found.permit.transfers)
    return found.code, heir_of(people[found.code]) if moved else people[found.code]
