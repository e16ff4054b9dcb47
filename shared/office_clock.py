"""Counts office minutes along one line, so that a thousand histories are replayed with whole numbers instead of dates."""

from bisect import bisect_right
from datetime import date, datetime, timedelta
from typing import Final

from shared.calendar import WIB, Calendar

MINUTES_AN_HOUR: Final = 60
DAYS_AHEAD: Final = 800  # deadlines of the last day still lie on the line: no target of an SOP is longer than 400 working days


class OfficeClock:
    """The office minutes since the first day, and the deadlines on that line; instants outside it count as its nearest end."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        self._first = first
        self._opens: list[int] = []
        self._lengths: list[int] = []
        self._before: list[int] = []
        self._working: list[int] = []  # the indexes of the working days
        passed = 0
        for index in range((last - first).days + DAYS_AHEAD):
            day = first + timedelta(days=index)
            hours = calendar.hours(day)
            opens, closes = (_minute(hours[0]), _minute(hours[1])) if hours else (0, 0)
            self._opens.append(opens)
            self._lengths.append(closes - opens)
            self._before.append(passed)
            passed += closes - opens
            if closes > opens:
                self._working.append(index)
        # What a working day is worth where minutes are shown as days.
        self.minutes_a_day = self._lengths[self._working[0]] if self._working else 24 * MINUTES_AN_HOUR

    def at(self, instant: datetime) -> int:
        """Returns the office minutes from the first day to an instant."""
        local = instant.astimezone(WIB)
        index = (local.date() - self._first).days
        if index < 0:
            return 0
        if index >= len(self._before):
            return self._before[-1] + self._lengths[-1]
        since = local.hour * MINUTES_AN_HOUR + local.minute - self._opens[index]
        return self._before[index] + min(max(since, 0), self._lengths[index])

    def day(self, instant: datetime) -> int:
        """Returns the number of an instant's day in the city, the first day's being 0."""
        return (instant.astimezone(WIB).date() - self._first).days

    def due(self, minute: int, working_days: int, day: int = -1) -> int:
        """Returns the close of the n-th working day after the day of a minute; zero days: the next close. What ends then is in time.

        The minute at which an evening, a weekend and the next morning meet is of the day that closes, unless the day is given.
        """
        known = day if day >= 0 else self._working[max(bisect_right(self._working, minute - 1, key=self._before.__getitem__) - 1, 0)]
        rank = bisect_right(self._working, known) - 1
        if working_days <= 0 and (rank < 0 or self._close(self._working[rank]) <= minute):
            working_days = 1
        return self._close(self._working[min(rank + working_days, len(self._working) - 1)])

    def _close(self, index: int) -> int:
        return self._before[index] + self._lengths[index]

    def days(self, minutes: int) -> float:
        """Returns office minutes as working days."""
        return minutes / self.minutes_a_day


def _minute(instant: datetime) -> int:
    local = instant.astimezone(WIB)
    return local.hour * MINUTES_AN_HOUR + local.minute
