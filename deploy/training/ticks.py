"""When a training city's clock stands still and people act: twice on every working day of its calendar; pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from shared.calendar import WIB, Calendar

# Half an hour after the offices open, and as long after the midday break.
AFTER_OPENING: Final = (timedelta(minutes=30), timedelta(hours=5, minutes=30))
TICKS_A_DAY: Final = len(AFTER_OPENING)
SEARCH_DAYS_MAX: Final = 800


def day_ticks(calendar: Calendar, day: date) -> tuple[datetime, ...]:
    """Returns the ticks of a day, none on a day off."""
    hours = calendar.hours(day)
    return tuple((hours[0] + after).astimezone(UTC) for after in AFTER_OPENING) if hours else ()


def ticks_from(calendar: Calendar, start: datetime) -> Iterator[datetime]:
    """Yields the ticks at or after an instant."""
    first = start.astimezone(WIB).date()
    for days in range(SEARCH_DAYS_MAX):
        yield from (tick for tick in day_ticks(calendar, first + timedelta(days=days)) if tick >= start)


def tick_at_or_after(calendar: Calendar, start: datetime) -> datetime:
    """Returns the first tick at or after an instant."""
    return next(ticks_from(calendar, start))


def ticks_later(calendar: Calendar, start: datetime, count: int) -> datetime:
    """Returns the tick that is so many ticks after an instant: one is the next tick later than it."""
    found = ticks_from(calendar, start + timedelta(microseconds=1))
    for _ in range(count - 1):
        next(found)
    return next(found)
