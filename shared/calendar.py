"""Working time: which days and hours the city's offices work, and when a number of working days is over.

Palangka Raya keeps Waktu Indonesia Barat (Asia/Pontianak), seven hours ahead of UTC without summer time since 1988, so a fixed offset is
exact and needs no time-zone database.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Final

from shared.events import CalendarPublished, ForceMajeureDeclared, ForceMajeureEnded

WIB: Final = timezone(timedelta(hours=7), "WIB")
SATURDAY: Final = 5
SEARCH_DAYS_MAX: Final = 4000  # no target of an SOP is longer than ten years
DECREE_DAYS_MAX: Final = 366  # what is longer is no emergency; further days of such a decree count


MICROSECONDS: Final = 1_000_000
MINUTE_MICROSECONDS: Final = 60 * MICROSECONDS
# Office time is counted in blocks of days, so that no span is walked day by day, and only the blocks that are asked for are made.
FIRST_DAY: Final = date(1970, 1, 1)
EPOCH: Final = datetime.combine(FIRST_DAY, time(), WIB).astimezone(UTC)
BLOCK_DAYS: Final = 512
OfficeTime = tuple[int, int]  # a block, and the office microseconds that had passed in it


@dataclass(frozen=True, slots=True)
class OfficeYear:
    """The days off of one year and the office hours, in minutes after midnight WIB."""

    days_off: frozenset[date]
    opens_minute: int
    closes_minute: int


DEFAULT_YEAR: Final = OfficeYear(frozenset(), 8 * 60, 16 * 60)


@dataclass(frozen=True, slots=True)
class Decree:
    """Days on which clocks stand still by decree: for everybody, or for these agencies, or in these national systems only."""

    number: str
    legal_basis: str
    reason: str
    from_day: date
    until_day: date
    agencies: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()

    def stops(self, party: str, system: str) -> bool:
        """Says whether it stands for a party's work on an application of a system of record."""
        return (not self.agencies or party in self.agencies) and (not self.systems or system in self.systems)


@dataclass(frozen=True)
class Calendar:
    """The published years, and the decrees that stop clocks; a year nobody published has weekends off and the default hours.

    The calendar itself counts every working day; `running` gives the one by which the clocks of some parties run.
    """

    years: Mapping[int, OfficeYear] = field(default_factory=dict)
    decrees: tuple[Decree, ...] = ()
    stopped: frozenset[date] = frozenset()

    def with_year(self, published: CalendarPublished) -> "Calendar":
        """Returns the calendar with one year replaced."""
        days_off = frozenset(date.fromisoformat(holiday.date) for holiday in published.holidays)
        year = OfficeYear(days_off, published.opens_minute, published.closes_minute)
        return replace(self, years={**self.years, published.year: year})

    def with_decree(self, declared: ForceMajeureDeclared) -> "Calendar":
        """Returns the calendar with one decree more; a number that is known changes nothing."""
        if self.decree(declared.number):
            return self
        first, last = date.fromisoformat(declared.from_day), date.fromisoformat(declared.until_day)
        decree = Decree(declared.number, declared.legal_basis, declared.reason, first, last, declared.agencies, declared.systems)
        return replace(self, decrees=(*self.decrees, decree))

    def with_end(self, ended: ForceMajeureEnded) -> "Calendar":
        """Returns the calendar in which a decree ends earlier."""
        last = date.fromisoformat(ended.last_day)
        decrees = tuple(
            replace(decree, until_day=min(last, decree.until_day)) if decree.number == ended.number else decree for decree in self.decrees
        )
        return replace(self, decrees=decrees) if decrees != self.decrees else self

    def decree(self, number: str) -> Decree | None:
        """Returns a decree by its number, None where there is none."""
        return next((decree for decree in self.decrees if decree.number == number), None)

    def running(self, parties: Iterable[str], system: str) -> "Calendar":
        """Returns the calendar by which the clocks of these parties run together: a day stands still if it does for each of them."""
        if not self.decrees:
            return self
        key = (tuple(parties), system)
        if key not in self._known_running:
            days = [self._stopped_days(party, system) for party in key[0]]
            stopped = frozenset.intersection(*days) if days else frozenset()
            self._known_running[key] = Calendar(self.years, self.decrees, stopped) if stopped else self
        return self._known_running[key]

    def _stopped_days(self, party: str, system: str) -> frozenset[date]:
        return frozenset(
            decree.from_day + timedelta(days=number)
            for decree in self.decrees
            if decree.stops(party, system)
            for number in range(min((decree.until_day - decree.from_day).days + 1, DECREE_DAYS_MAX))
        )

    @cached_property
    def _known_running(self) -> dict[tuple[tuple[str, ...], str], "Calendar"]:
        return {}

    def hours(self, day: date) -> tuple[datetime, datetime] | None:
        """Returns when the offices open and close that day, or None on a day off."""
        known = self._known_hours
        if day not in known:
            known[day] = self._hours(day)
        return known[day]

    @cached_property
    def _known_hours(self) -> dict[date, tuple[datetime, datetime] | None]:
        # Every deadline of every open application asks for the same few days after every entry.
        return {}

    def _hours(self, day: date) -> tuple[datetime, datetime] | None:
        year = self.years.get(day.year, DEFAULT_YEAR)
        if day.weekday() >= SATURDAY or day in year.days_off or day in self.stopped:
            return None
        midnight = datetime.combine(day, time(), WIB)
        return midnight + timedelta(minutes=year.opens_minute), midnight + timedelta(minutes=year.closes_minute)

    def due_at(self, start: datetime, working_days: int) -> datetime:
        """Returns the close of office of the n-th working day after the day of `start`; zero days: the next close of office."""
        day = start.astimezone(WIB).date()
        if working_days <= 0 and (hours := self.hours(day)) and hours[1] > start:
            return hours[1].astimezone(UTC)
        key = day, max(1, working_days)
        if key not in self._known_due:
            self._known_due[key] = self._close_after(*key)
        return self._known_due[key] or start.astimezone(UTC) + timedelta(days=SEARCH_DAYS_MAX)

    @cached_property
    def _known_due(self) -> dict[tuple[date, int], datetime | None]:
        # As with the hours: the targets of all SOPs are a few numbers of days, counted from the few days on which steps became ready.
        return {}

    def _close_after(self, day: date, left: int) -> datetime | None:
        """Returns the close of the n-th working day after a day, None where there are not as many."""
        for _ in range(SEARCH_DAYS_MAX):
            day += timedelta(days=1)
            if hours := self.hours(day):
                left -= 1
                if not left:
                    return hours[1].astimezone(UTC)
        return None

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """Returns the office minutes between two instants, zero when `end` is not later."""
        return self.minutes_between(self.office_time(start), self.office_time(end))

    def office_time(self, instant: datetime) -> OfficeTime:
        """Returns the office time of an instant: the block of days it is in, and the office microseconds of that block until then."""
        since = instant - EPOCH
        block, day = divmod(since.days, BLOCK_DAYS)
        before, opens, closes = self._block(block)[day]
        of_day = since.seconds * MICROSECONDS + since.microseconds
        return block, before + (closes - opens if of_day >= closes else of_day - opens if of_day > opens else 0)

    def minutes_between(self, start: OfficeTime, end: OfficeTime) -> int:
        """Returns the whole office minutes between two office times, zero when the second is not later."""
        if end <= start:
            return 0
        passed = end[1] - start[1]
        for block in range(start[0], end[0]):
            passed += self._block(block)[BLOCK_DAYS][0]
        return passed // MINUTE_MICROSECONDS

    def _block(self, block: int) -> list[tuple[int, int, int]]:
        """Returns for each day of a block the office microseconds before it, and its opening and closing; last the whole block's."""
        return self._known_blocks.get(block) or self._made_block(block)

    def _made_block(self, block: int) -> list[tuple[int, int, int]]:
        found, before = [], 0
        for number in range(block * BLOCK_DAYS, (block + 1) * BLOCK_DAYS):
            hours = self.hours(FIRST_DAY + timedelta(days=number))
            opens = _of_day(hours[0]) if hours else 0
            # An office may close at midnight, which is the first minute of another day.
            closes = opens + (hours[1] - hours[0]) // timedelta(microseconds=1) if hours else 0
            found.append((before, opens, closes))
            before += closes - opens
        self._known_blocks[block] = [*found, (before, 0, 0)]
        return self._known_blocks[block]

    @cached_property
    def _known_blocks(self) -> dict[int, list[tuple[int, int, int]]]:
        return {}

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Returns how many working days begin after the day of `start`, up to the day of `end`."""
        day, last, count = start.astimezone(WIB).date(), end.astimezone(WIB).date(), 0
        while day < last:
            day += timedelta(days=1)
            count += self.hours(day) is not None
        return count

    def add_working_minutes(self, start: datetime, minutes: int) -> datetime:
        """Returns the instant at which that many office minutes after `start` have passed."""
        if minutes <= 0:
            return start.astimezone(UTC)
        first, passed = self.office_time(start)
        passed += minutes * MINUTE_MICROSECONDS
        for block in range(first, first + SEARCH_DAYS_MAX // BLOCK_DAYS):
            days = self._block(block)
            if passed <= days[BLOCK_DAYS][0]:
                # The last day before which less had passed: of a weekend and its Friday evening that is the Friday.
                day = bisect_left(days, (passed,)) - 1
                before, opens, _ = days[day]
                return EPOCH + timedelta(days=block * BLOCK_DAYS + day, microseconds=opens + passed - before)
            passed -= days[BLOCK_DAYS][0]
        return start.astimezone(UTC) + timedelta(days=SEARCH_DAYS_MAX)


def begin_of_day(day: str, days_later: int = 0) -> datetime:
    """Returns the first moment of a local date, or of the day so many days after it."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days_later), time(), WIB).astimezone(UTC)


def _of_day(instant: datetime) -> int:
    return (instant.hour * 60 + instant.minute) * MINUTE_MICROSECONDS
