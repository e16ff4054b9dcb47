"""Working time: which days and hours the city's offices work, and when a number of working days is over.

Palangka Raya keeps Waktu Indonesia Barat (Asia/Pontianak), seven hours ahead of UTC without summer time since 1988, so a fixed offset is
exact and needs no time-zone database.
"""

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
        left = working_days
        for _ in range(SEARCH_DAYS_MAX):
            hours = self.hours(day)
            if hours and left <= 0 and hours[1] > start:
                return hours[1].astimezone(UTC)
            day += timedelta(days=1)
            if left > 0 and self.hours(day):
                left -= 1
        return start.astimezone(UTC) + timedelta(days=SEARCH_DAYS_MAX)

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """Returns the office minutes between two instants, zero when `end` is not later."""
        day, last, total = start.astimezone(WIB).date(), end.astimezone(WIB).date(), timedelta()
        while day <= last:
            if hours := self.hours(day):
                total += max(timedelta(), min(hours[1], end) - max(hours[0], start))
            day += timedelta(days=1)
        return int(total.total_seconds() // 60)

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
        day, left, begin = start.astimezone(WIB).date(), timedelta(minutes=minutes), start
        for _ in range(SEARCH_DAYS_MAX):
            if (hours := self.hours(day)) and begin < hours[1]:
                begin = max(begin, hours[0])
                available = hours[1] - begin
                if left <= available:
                    return (begin + left).astimezone(UTC)
                left -= available
            day += timedelta(days=1)
        return start.astimezone(UTC) + timedelta(days=SEARCH_DAYS_MAX)
