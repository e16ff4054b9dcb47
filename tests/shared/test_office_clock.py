"""The office clock counts as the calendar does, in whole minutes along one line."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import WIB, Calendar, OfficeYear
from shared.office_clock import OfficeClock

FIRST = date(2026, 1, 1)
CALENDAR = Calendar({2026: OfficeYear(frozenset({date(2026, 1, 1), date(2026, 3, 20)}), 8 * 60, 16 * 60)})
CLOCK = OfficeClock(CALENDAR, FIRST, date(2026, 12, 31))
START = datetime(2026, 1, 1, tzinfo=WIB)
INSTANTS = st.integers(0, 364 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@given(INSTANTS, INSTANTS)
def test_the_difference_of_two_instants_is_the_time_worked_between_them(first: datetime, second: datetime) -> None:
    """Office minutes between two instants are those of the calendar, which walks day by day."""
    start, end = sorted((first, second))

    assert CLOCK.at(end) - CLOCK.at(start) == CALENDAR.working_minutes(start, end)


@given(INSTANTS, st.integers(0, 60))
def test_a_deadline_falls_where_the_calendar_puts_it(start: datetime, working_days: int) -> None:
    """Where the day is known, the close of the n-th working day is the calendar's."""
    due = CALENDAR.due_at(start, working_days)

    assert CLOCK.due(CLOCK.at(start), working_days, CLOCK.day(start)) == CLOCK.at(due)


@given(INSTANTS, st.integers(1, 60))
def test_in_office_hours_the_minute_alone_tells_the_day(start: datetime, working_days: int) -> None:
    """A minute within office hours lies in one day only, so that its deadline needs nothing else."""
    hours = CALENDAR.hours(start.date())
    if hours and hours[0] < start < hours[1]:
        assert CLOCK.due(CLOCK.at(start), working_days) == CLOCK.at(CALENDAR.due_at(start, working_days))


def test_what_lies_outside_the_line_counts_as_its_end() -> None:
    """An instant before the first day is minute 0, one long after the last is the line's end; a day is worth its office hours."""
    assert CLOCK.at(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert CLOCK.at(datetime(2090, 1, 1, tzinfo=UTC)) == CLOCK.at(datetime(2090, 1, 1, tzinfo=UTC) + timedelta(days=9)) > 0
    assert CLOCK.minutes_a_day == 480
    assert CLOCK.days(1200) == 2.5
