"""Custody: every party's office minutes are exact, and the parts add up to the whole."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.calendar import Calendar
from shared.case_model import Turn
from shared.custody import custody
from shared.fields import to_timestamp
from tests.builders import MONDAY_MORNING
from tests.strategies import QUICK, calendars

PARTIES = st.sampled_from([(), ("pupr",), ("dishub",), ("applicant",), ("outsider:lab",), ("dishub", "pupr")])


@st.composite
def turns(draw: st.DrawFn) -> tuple[Turn, ...]:
    """Turns at any microsecond, one after another."""
    steps = draw(st.lists(st.tuples(st.integers(0, 4 * 86_400_000_000), PARTIES), min_size=1, max_size=8))
    found, at = [], MONDAY_MORNING
    for number, (after, parties) in enumerate(steps, 1):
        at += timedelta(microseconds=after)
        found.append(Turn(number, to_timestamp(at), parties))
    return tuple(found)


@QUICK
@given(turns(), calendars, st.integers(0, 10 * 86_400_000_000))
def test_the_parts_of_single_turns_add_up_to_the_whole(spans: tuple[Turn, ...], calendar: Calendar, after: int) -> None:
    """Each party alone, several together and nobody at all are the whole running time, to the minute, whatever the seconds."""
    start, last = MONDAY_MORNING, max(turn.at for turn in spans)
    until = start + timedelta(days=40, microseconds=after)
    found = custody(spans, calendar, until)

    alone = sum(part.alone_minutes for part in found.parts)
    assert alone + found.together_minutes + found.nobody_minutes == found.whole_minutes
    assert to_timestamp(until) >= last
    first = spans[0]
    assert found.whole_minutes == calendar.working_minutes(_instant(first), until)
    if all(len(turn.parties) == 1 for turn in spans):
        assert sum(part.working_minutes for part in found.parts) == found.whole_minutes


def _instant(turn: Turn):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the instant of a turn
    from shared.fields import to_instant

    return to_instant(turn.at)


def test_half_minutes_are_not_lost() -> None:
    """Many short turns of half a minute each are together as long as the time that has passed."""
    spans = tuple(
        Turn(number, to_timestamp(MONDAY_MORNING + timedelta(seconds=30 * number)), ("pupr",) if number % 2 else ("dishub",))
        for number in range(120)
    )

    found = custody(spans, Calendar(), MONDAY_MORNING + timedelta(hours=1))

    assert sum(part.working_minutes for part in found.parts) == 60


def test_days_of_a_decree_are_told_apart() -> None:
    """Office minutes on which a decree stopped a party's clock are counted as such, and for that party alone."""
    decree = e.ForceMajeureDeclared(
        number="188/1", legal_basis="uu-24-2007", reason="banjir", from_day="2026-11-24", until_day="2026-11-24", agencies=("pupr",)
    )
    spans = (Turn(1, to_timestamp(MONDAY_MORNING), ("dishub", "pupr")),)

    found = custody(spans, Calendar().with_decree(decree), MONDAY_MORNING + timedelta(days=2), "city")

    assert {part.party: (part.working_minutes, part.stopped_minutes) for part in found.parts} == {"dishub": (960, 0), "pupr": (960, 480)}


def test_nothing_begun_is_nothing() -> None:
    """Before the first turn nobody had anything."""
    assert custody((), Calendar(), MONDAY_MORNING).parts == ()
