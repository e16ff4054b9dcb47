"""Working time: due dates fall on the close of office, minutes add up, and days off, other hours and the turn of the year count."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import SEARCH_DAYS_MAX, WIB, Calendar
from shared.events import CalendarPublished, Holiday
from tests.strategies import QUICK, calendars

PLAIN = Calendar()
HOLIDAYS = {"2026-12-24": "collective-leave", "2026-12-25": "national"}
NEW_YEAR = CalendarPublished(year=2027, holidays=(Holiday(date="2027-01-01", kind="national"),), opens_minute=480, closes_minute=960)
PUBLISHED = CalendarPublished(
    year=2026,
    holidays=tuple(Holiday(date=day, kind=kind) for day, kind in HOLIDAYS.items()),  # type: ignore[arg-type]  # one of the two kinds
    opens_minute=450,
    closes_minute=930,
)
CITY = PLAIN.with_year(PUBLISHED).with_year(NEW_YEAR)

minutes_of_three_years = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
some_calendar = st.sampled_from([PLAIN, CITY]) | calendars


def local(text: str) -> datetime:
    """Returns an instant of the city's own clock, for example `2026-11-24 08:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-23 08:00", 1, "2026-11-24 16:00"),
        ("2026-11-23 23:59", 1, "2026-11-24 16:00"),
        ("2026-11-23 08:00", 3, "2026-11-26 16:00"),
        ("2026-11-27 08:00", 1, "2026-11-30 16:00"),
        ("2026-11-28 12:00", 1, "2026-11-30 16:00"),
        ("2026-11-29 12:00", 5, "2026-12-04 16:00"),
        ("2026-11-23 08:00", 0, "2026-11-23 16:00"),
        ("2026-11-23 15:59", 0, "2026-11-23 16:00"),
        ("2026-11-23 16:00", 0, "2026-11-24 16:00"),
        ("2026-11-27 17:00", 0, "2026-11-30 16:00"),
    ],
)
def test_due_at_the_close_of_office(start: str, days: int, due: str) -> None:
    """A number of working days is over at the close of office of the last one; the day it begins does not count."""
    assert PLAIN.due_at(local(start), days) == local(due)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-12-22 10:00", 1, "2026-12-23 15:30"),
        ("2026-12-23 10:00", 1, "2026-12-28 15:30"),
        ("2026-12-24 10:00", 0, "2026-12-28 15:30"),
        ("2026-12-31 10:00", 1, "2027-01-04 16:00"),
        ("2026-12-31 10:00", 2, "2027-01-05 16:00"),
        ("2027-12-31 10:00", 1, "2028-01-03 16:00"),
    ],
)
def test_holidays_and_the_turn_of_the_year(start: str, days: int, due: str) -> None:
    """Holidays and collective leave do not count, each year has its own hours, and a year nobody published has the default ones."""
    assert CITY.due_at(local(start), days) == local(due)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-23 08:00", "2026-11-23 16:00", 480),
        ("2026-11-23 07:00", "2026-11-23 17:00", 480),
        ("2026-11-23 09:00", "2026-11-23 09:30", 30),
        ("2026-11-27 15:00", "2026-11-30 09:00", 120),
        ("2026-11-28 08:00", "2026-11-29 16:00", 0),
        ("2026-11-23 16:00", "2026-11-24 08:00", 0),
        ("2026-11-24 08:00", "2026-11-23 08:00", 0),
        ("2026-11-23 09:00", "2026-11-23 09:00", 0),
    ],
)
def test_working_minutes(start: str, end: str, minutes: int) -> None:
    """Only office hours count, nights and weekends do not, and time never runs backwards."""
    assert PLAIN.working_minutes(local(start), local(end)) == minutes


def test_a_later_calendar_replaces_the_year() -> None:
    """A calendar of the same year published later holds instead of the earlier one, and the others stay."""
    longer = PUBLISHED.model_copy(update={"holidays": (Holiday(date="2026-11-24", kind="national"),)})
    again = CITY.with_year(longer)
    assert again.hours(date(2026, 11, 24)) is None
    assert again.hours(date(2026, 12, 25)) is not None
    assert again.hours(date(2027, 1, 1)) is None


@QUICK
@given(some_calendar, minutes_of_three_years, minutes_of_three_years, minutes_of_three_years)
def test_minutes_add_up_over_adjacent_intervals(calendar: Calendar, first: datetime, second: datetime, third: datetime) -> None:
    """The minutes of two adjacent intervals are the minutes of both together."""
    start, middle, end = sorted((first, second, third))
    parts = calendar.working_minutes(start, middle) + calendar.working_minutes(middle, end)
    assert parts == calendar.working_minutes(start, end)


@QUICK
@given(some_calendar, minutes_of_three_years, st.integers(0, 20_000))
def test_adding_minutes_is_the_inverse_of_counting_them(calendar: Calendar, start: datetime, minutes: int) -> None:
    """So many minutes after an instant, exactly so many have passed, and a minute earlier not yet."""
    end = calendar.add_working_minutes(start, minutes)
    assert end >= start
    assert calendar.working_minutes(start, end) == minutes
    if minutes:
        assert calendar.working_minutes(start, end - timedelta(minutes=1)) == minutes - 1


@QUICK
@given(some_calendar, minutes_of_three_years, st.integers(0, 60))
def test_due_dates_are_closes_of_office_and_in_order(calendar: Calendar, start: datetime, days: int) -> None:
    """A due date is a close of office after its start, so many working days on, and one more day is never due earlier."""
    due = calendar.due_at(start, days)
    last_minute = due - timedelta(minutes=1)  # an office may close at midnight
    hours = calendar.hours(last_minute.astimezone(WIB).date())
    assert hours is not None
    assert due == hours[1] > start
    assert calendar.due_at(start, days + 1) >= due
    if days:
        assert calendar.due_at(start, days + 1) > due
        assert calendar.working_days_between(start, last_minute) == days


@QUICK
@given(some_calendar, minutes_of_three_years, st.integers(-2000, 2000))
def test_the_zone_of_an_instant_does_not_matter(calendar: Calendar, start: datetime, minutes: int) -> None:
    """The same instant told in another zone gives the same answers."""
    same = start.astimezone(WIB)
    end = start + timedelta(minutes=minutes)
    assert calendar.due_at(same, 3) == calendar.due_at(start, 3)
    assert calendar.working_minutes(same, end) == calendar.working_minutes(start, end.astimezone(WIB))


def test_a_calendar_without_working_days_still_answers() -> None:
    """Where no day is ever worked, a due date lies years ahead, and nothing runs for ever."""
    start = local("2026-11-23 08:00")
    never = Calendar(dict.fromkeys(range(2026, 2050), CITY.years[2026]))
    object.__setattr__(never, "hours", lambda _day: None)
    assert never.due_at(start, 1) == start + timedelta(days=SEARCH_DAYS_MAX)
    assert never.add_working_minutes(start, 1) == start + timedelta(days=SEARCH_DAYS_MAX)


def test_an_office_opens_before_it_closes() -> None:
    """A calendar whose office closes before it opens cannot be published, for its deadlines would never come."""
    with pytest.raises(ValueError, match="opens before it closes"):
        CalendarPublished(year=2026, holidays=(), opens_minute=960, closes_minute=480)


def walked_minutes(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Counts the office minutes between two instants day by day."""
    day, last, total = start.astimezone(WIB).date(), end.astimezone(WIB).date(), timedelta()
    while day <= last:
        if hours := calendar.hours(day):
            total += max(timedelta(), min(hours[1], end) - max(hours[0], start))
        day += timedelta(days=1)
    return int(total.total_seconds() // 60)


def test_an_office_that_closes_at_midnight_is_open_until_then() -> None:
    """Given an office that is open around the clock, when a minute of a working day passes, also its first or last one, then it counts."""
    calendar = Calendar().with_year(CalendarPublished(year=2026, holidays=(), opens_minute=0, closes_minute=1440))
    for start in (local("2026-11-24 00:00"), local("2026-11-24 23:59")):
        assert calendar.working_minutes(start, start + timedelta(minutes=1)) == 1
    assert calendar.add_working_minutes(local("2026-11-24 00:00"), 1440) == local("2026-11-25 00:00")


@QUICK
@given(some_calendar, minutes_of_three_years, st.integers(-(10**6), 10**14))
def test_counting_in_blocks_is_counting_day_by_day(calendar: Calendar, start: datetime, microseconds: int) -> None:
    """Office time in blocks of days gives the minutes that a walk over every day gives, to the microsecond at either end."""
    end = start + timedelta(microseconds=microseconds)
    assert calendar.working_minutes(start, end) == walked_minutes(calendar, start, end)


@QUICK
@given(some_calendar, minutes_of_three_years, st.integers(1, 200_000))
def test_the_last_added_minute_is_needed(calendar: Calendar, start: datetime, minutes: int) -> None:
    """Between the start and the instant so many office minutes later lie just as many, and just before it one less."""
    end = calendar.add_working_minutes(start, minutes)
    assert walked_minutes(calendar, start, end) == minutes
    assert walked_minutes(calendar, start, end - timedelta(microseconds=1)) == minutes - 1


@QUICK
@given(some_calendar, minutes_of_three_years, st.integers(0, 60))
def test_a_due_date_is_the_close_of_its_day(calendar: Calendar, start: datetime, days: int) -> None:
    """As many working days begin after the start's day, and the due date is that last one's close, however often it is asked."""
    due = calendar.due_at(start, days)
    assert due == calendar.due_at(start, days)
    hours = calendar.hours(due.astimezone(WIB).date())
    assert hours
    assert due == hours[1]
    assert calendar.working_days_between(start, due) == days or (days == 0 and calendar.working_days_between(start, due) == 1)
