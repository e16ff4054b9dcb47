"""An estimate knows only what was over before it was asked, holds about as often as it says, and beats plain methods on the real log."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import Calendar
from shared.estimate import WHOLE, History, Settings, distribution, estimate, level_permille
from shared.resampling import quantile
from shared.scoring import (
    CASE_WEIGHT,
    Question,
    Score,
    calibrated,
    choose,
    pinball,
    plain_methods,
    proven,
    questions,
    score,
    wilson,
)
from shared.tracks import MINUTES_A_DAY, Asked, Loads, Mark, Track, asked_at, asked_of, from_entries, mark_of, minute_of
from tests.builders import MONDAY_MORNING, PBG, SKP, catalogue, make_event, make_line, publication
from tests.builders import History as Application
from tests.receipt import LOG, evaluation

NOW = 200 * MINUTES_A_DAY
ALL = Settings(("desk", "channel", "load", "promise"), 10, 60)
STEPS, DESKS, CHANNELS = ("a", "b", "c"), ("x", "y"), ("web", "post")


@st.composite
def tracks(draw: st.DrawFn, ended_after: int = 0) -> Track:
    """Draws a track of a few marks; with a bound, one that ends after it."""
    arrived = draw(st.integers(ended_after, NOW * 2))
    gaps = draw(st.lists(st.integers(0, 30 * MINUTES_A_DAY), min_size=1, max_size=5))
    marks, minute = [], arrived
    for gap in gaps:
        marks.append(Mark(minute, draw(st.sampled_from(STEPS)), draw(st.sampled_from(DESKS))))
        minute += gap
    ended = draw(st.none() | st.just(minute)) if not ended_after else minute + 1
    return Track(f"t{arrived}", "k", draw(st.sampled_from(CHANNELS)), tuple(marks), ended, arrived + 50 * MINUTES_A_DAY)


def steady(count: int = 300, days: int = 10) -> list[Track]:
    """Returns one case a day that takes between one and so many days, in turn, at one desk."""
    found = []
    for number in range(count):
        start = number * MINUTES_A_DAY
        end = start + (number * 7 % days + 1) * MINUTES_A_DAY
        found.append(Track(str(number), "k", "web", (Mark(start, "a", "x"),), end, start + 30 * MINUTES_A_DAY))
    return found


def question(now: int, since: int = 0, step: str = "a", desk: str = "x") -> Asked:
    """Returns a question about an application that has stood at a step for so many minutes."""
    return Asked("k", "web", now, now - since, Mark(now - since, step, desk), 5, now + 30 * MINUTES_A_DAY)


@given(st.lists(tracks(), max_size=12), st.lists(tracks(ended_after=NOW), max_size=12), st.sampled_from([ALL, Settings(()), Settings()]))
def test_what_ends_after_the_question_changes_nothing(past: list[Track], future: list[Track], settings: Settings) -> None:
    """Adding cases that end after the moment of asking does not change what is answered, to the last digit."""
    loads = Loads(past)
    known = [track for track in past if track.ended is not None and track.ended <= NOW]

    for step in STEPS:
        asked = question(NOW, 3 * MINUTES_A_DAY, step)
        alone = distribution(asked, History(known, loads), settings)
        assert distribution(asked, History([*past, *future], loads), settings) == alone
        assert estimate(asked, History([*past, *future], loads), settings) == estimate(asked, History(known, loads), settings)


@given(st.lists(tracks(), max_size=12), st.lists(tracks(ended_after=NOW), max_size=6))
def test_plain_methods_do_not_look_ahead_either(past: list[Track], future: list[Track]) -> None:
    """The methods that it is compared with are under the same rule."""
    loads = Loads(past)
    before = plain_methods(past, History(past, loads))
    after = plain_methods([*past, *future], History([*past, *future], loads))

    for name in before:
        assert before[name](question(NOW, 100)) == after[name](question(NOW, 100))


@given(st.lists(tracks(), max_size=25), st.integers(0, 40 * MINUTES_A_DAY), st.sampled_from([ALL, Settings()]))
def test_a_distribution_is_one(past: list[Track], since: int, settings: Settings) -> None:
    """Its weights sum up to the whole or there is none, every remaining time is still to come, and a range has its ends in order."""
    history = History(past, Loads(past))
    asked = question(NOW, since)

    found = distribution(asked, history, settings)

    assert not found or abs(sum(weight for _, weight in found) - WHOLE) <= len(found)
    assert all(left > 0 for left, _ in found)
    answer = estimate(asked, history, settings)
    assert answer is None or 0 < answer.p50_minutes <= answer.p90_minutes


def test_the_longer_it_stands_the_less_is_left() -> None:
    """Of cases that take one to ten days, one that has stood for eight has at most two before it."""
    history = History(steady(), Loads(steady()))

    fresh = estimate(question(NOW), history, Settings())
    old = estimate(question(NOW, 8 * MINUTES_A_DAY), history, Settings())

    assert fresh is not None
    assert old is not None
    assert (fresh.p50_minutes, fresh.p90_minutes) == (5 * MINUTES_A_DAY, 9 * MINUTES_A_DAY)
    assert old.p90_minutes == 2 * MINUTES_A_DAY


def test_a_desk_of_its_own_pace_is_believed_as_far_as_it_is_known() -> None:
    """A desk that always takes a day counts fully where it is well known, hardly where one case is all; an unknown type has no range."""
    quick = [Track(f"q{n}", "k", "web", (Mark(n * 600, "a", "quick"),), n * 600 + MINUTES_A_DAY) for n in range(100)]
    once = Track("once", "k", "web", (Mark(0, "a", "once"),), MINUTES_A_DAY)
    known = [*steady(), *quick, once]
    history = History(known, Loads(known))

    assert _p50(history, "quick") == MINUTES_A_DAY
    assert _p50(history, "once") > MINUTES_A_DAY
    assert estimate(replace(question(NOW), kind="other"), history, Settings()) is None


def _p50(history: History, desk: str) -> int:
    found = estimate(question(NOW, 0, "a", desk), history, Settings(("desk",), 10))
    assert found is not None
    return found.p50_minutes


def test_calibration_makes_the_levels_hold() -> None:
    """Where a range that was read too low would have held too rarely, the calibrated levels hold for half and for nine of ten."""
    past = steady()
    loads, history = Loads(past), History(past, Loads(past))
    asked = questions(past[100:250], loads)

    settings = calibrated(choose(asked, history), asked, history)
    held = score("", lambda item: estimate(item, history, settings), asked)

    assert abs(held.within_p50.permille - 500) < 120
    assert abs(held.within_p90.permille - 900) < 60


@given(st.integers(-1000, 1000), st.lists(st.integers(-1000, 1000), min_size=1, max_size=30), st.sampled_from([500, 900]))
def test_the_quantile_has_the_least_pinball_loss(said: int, values: list[int], permille: int) -> None:
    """No answer loses less on a set of times than their own quantile."""

    def loss(answer: int) -> int:
        return sum(pinball(answer, value, permille) for value in values)

    assert loss(quantile(values, permille)) <= loss(said)


def test_wilson_is_the_known_interval() -> None:
    """Eight of ten: 49.0 to 94.3 percent, as in textbooks; nothing known, nothing said."""
    assert wilson(0.8, 10) == (800, 490, 943)
    assert wilson(0.8, 0) == (0, 0, 1000)
    assert score("none", lambda _: None, []).cases == 0


def test_levels_and_loads_are_counted() -> None:
    """A time's level is the share that is shorter, ties by half; a load counts who came and was not over."""
    assert level_permille([(1, 50), (2, 25), (3, 25)], 2) == 625
    loads = Loads([Track("a", "k", "", (Mark(10, "a", ""),), 20), Track("b", "k", "", (Mark(15, "a", ""),))])
    assert [loads.at(minute) for minute in (5, 10, 15, 20)] == [0, 1, 2, 1]


def test_a_question_knows_the_step_reached_by_then() -> None:
    """Asked between two marks, an application stands at the first; before it came and after its end there is nothing to ask."""
    track = Track("a", "k", "web", (Mark(10, "a", "x"), Mark(20, "b", "y")), 30)

    found = asked_at(track, 15, 1)

    assert found is not None
    assert found.mark == Mark(10, "a", "x")
    assert asked_at(track, 5, 1) is None
    assert asked_at(track, 30, 1) is None


def test_the_ledger_gives_tracks_and_questions() -> None:
    """An application of the ledger leaves a mark at each step that it waited for, ends with its outcome, and can be asked about before."""
    application = Application(PBG).begin()
    entries = [make_line(make_event(publication(sop), subject=f"sop:{sop.permit_type}")) for sop in catalogue().values()]
    first = asked_of(application.case, MONDAY_MORNING + timedelta(days=1), 3, Calendar())
    application.finish()

    (track,) = from_entries([*entries, *application.entries])

    assert first is not None
    assert first.mark == track.marks[0]
    assert first.promised == track.promised == minute_of(Calendar().due_at(MONDAY_MORNING, 20))
    steps = [mark.step for mark in track.marks]
    assert steps == [code for code in dict.fromkeys(steps) if code in application.case.steps]
    assert (steps[0], steps[-1]) == ("lengkap", "tetap")
    assert track.ended is not None
    assert track.ended >= track.marks[-1].minute
    assert mark_of(application.case) is None
    assert asked_of(application.case, MONDAY_MORNING, 3, Calendar()) is None
    assert [item.kind for item in from_entries([*entries, *Application(SKP).begin().entries])] == ["skp-penelitian"]


def test_a_calibration_has_to_prove_itself() -> None:
    """Given a history whose later part is like the earlier, levels that help are used; given a later part to which they do harm, they are not."""
    log = steady(400)
    loads = Loads(log)
    history, plain = History(log, loads), Settings((), p50_permille=800, p90_permille=950)
    earlier, later = questions(log[100:200], loads), questions(log[200:300], loads)
    used = proven(plain, earlier, later, history)
    assert used != plain
    assert used == calibrated(plain, [*earlier, *later], history)
    slower = [item._replace(left_minutes=item.left_minutes + 9 * MINUTES_A_DAY) for item in later]
    assert proven(plain, earlier, slower, history) == plain


@pytest.mark.skipif(not LOG.exists(), reason=f"the real log is not here: {LOG}")
def test_on_the_real_log_it_beats_plain_methods_and_holds() -> None:
    """On the rest of the receipt log it loses less than whole durations, the promise and the age, and holds about as often as it says."""
    found = evaluation()

    ours, *plain = found.scores
    assert [item.method for item in found.scores] == ["similar", "durations", "promise", "age"]
    for other in plain:
        assert ours.p50_loss_minutes < other.p50_loss_minutes
        assert ours.p90_loss_minutes < other.p90_loss_minutes
    assert ours.within_p90.low_permille <= 900 <= ours.within_p90.high_permille
    assert abs(ours.within_p50.permille - 500) <= 120
    closed, *plain_closed = found.closed_scores
    assert all(closed.p50_loss_minutes < other.p50_loss_minutes for other in plain_closed)
    assert all(closed.p90_loss_minutes < other.p90_loss_minutes for other in plain_closed)
    assert (found.first_cases, found.rest_cases, found.open_cases) == (860, 574, 92)


def test_a_score_counts_each_case_once() -> None:
    """A case that was asked often weighs as much as one that was asked once."""
    often = [Question(question(NOW), 10, CASE_WEIGHT // 2), Question(question(NOW), 10, CASE_WEIGHT // 2)]
    once = [Question(question(NOW), 10**6, CASE_WEIGHT)]

    found: Score = score("", plain_methods(steady(), History(steady(), Loads(steady())))["durations"], [*often, *once])
    assert (found.cases, found.questions, found.within_p90.permille) == (2, 3, 500)
