"""Working time: which days and hours the city's offices work, and when a number of working days is over.

Palangka Raya keeps Waktu Indonesia Barat (Asia/Pontianak), seven hours ahead of UTC without summer time since 1988, so a fixed offset is
exact and needs no time-zone database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Final

from shared.events import CalendarPublished

WIB: Final = timezone(timedelta(hours=7), "WIB")
SATURDAY: Final = 5
SEARCH_DAYS_MAX: Final = 4000  # no target of an SOP is longer than ten years


@dataclass(frozen=True, slots=True)
class OfficeYear:
    """The days off of one year and the office hours, in minutes after midnight WIB."""

    days_off: frozenset[date]
    opens_minute: int
    closes_minute: int


DEFAULT_YEAR: Final = OfficeYear(frozenset(), 8 * 60, 16 * 60)


@dataclass(frozen=True)
class Calendar:
    """The published years; a year nobody published has weekends off and the default hours."""

    years: Mapping[int, OfficeYear] = field(default_factory=dict)

    def with_year(self, published: CalendarPublished) -> "Calendar":
        """Returns the calendar with one year replaced."""
        days_off = frozenset(date.fromisoformat(holiday.date) for holiday in published.holidays)
        year = OfficeYear(days_off, published.opens_minute, published.closes_minute)
        return Calendar({**self.years, published.year: year})

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
        if day.weekday() >= SATURDAY or day in year.days_off:
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
