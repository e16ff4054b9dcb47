"""The estimate beside the promise: from the newest decided applications, kept as entries are applied, and silent where they are too few."""

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.tracker import past as module
from services.tracker.document import document
from services.tracker.past import NEWEST, Past
from services.tracker.views import case_of
from shared import events as e
from shared.case import Case, empty_case
from shared.code import make_code
from shared.estimate import SIMILAR_MIN
from shared.fields import to_instant
from shared.tracks import mark_of, marks_of
from tests.builders import CODE, MONDAY_MORNING, REKLAME, History, good_answer, make_city
from tests.services.tracker.states import row_of, tree_of
from tests.services.tracker.test_page import page, read

LONG_AGO = MONDAY_MORNING - timedelta(days=400)


def decided(number: int, *, withdrawn: bool = False) -> History:
    """Returns a billboard that came so many days after the first one and took a day more or less for each review than its neighbours."""
    code = make_code(number + 1)
    history = History(REKLAME, code=code, case=empty_case(code), now=LONG_AGO + timedelta(days=number * 3)).begin()
    while history.case.ready and not withdrawn:
        history.now += timedelta(days=number % 3)
        history.must(good_answer(history.case, next(iter(history.case.ready))))
    return history.must(e.ApplicationWithdrawn(reason="batal-usaha")) if withdrawn else history


def past_of(cases: Sequence[Case]) -> Past:
    """Returns what a tracker knows that has applied these."""
    past = Past()
    for case in cases:
        past.take([case])
    return past


MANY = sorted((decided(number).case for number in range(30)), key=lambda case: case.ended_at)


def test_a_range_is_told_from_enough_decided_applications() -> None:
    """Given as many as are needed, half are over first and nine of ten later; given one less, nothing is told."""
    open_one = History(REKLAME).begin().until("struktur-ruang")
    found = past_of(MANY[:SIMILAR_MIN]).estimate(open_one.case, open_one.now)
    assert found
    assert 0 < found.p50_minutes <= found.p90_minutes
    assert found.similar == SIMILAR_MIN
    assert past_of(MANY[: SIMILAR_MIN - 1]).estimate(open_one.case, open_one.now) is None


def test_what_was_not_decided_or_is_known_already_counts_once_at_most() -> None:
    """Withdrawn applications tell nothing, and one that is touched again after its end is not counted twice."""
    open_one = History(REKLAME).begin().until("struktur-ruang")
    withdrawn = [decided(100 + number, withdrawn=True).case for number in range(30)]
    known = MANY[: SIMILAR_MIN - 1]
    again = past_of([*known, *withdrawn, *known, known[-1]])
    assert again.estimate(open_one.case, open_one.now) is None


def test_an_ended_application_is_not_estimated() -> None:
    """What has been decided takes no more time."""
    assert past_of(MANY).estimate(decided(1).case, MONDAY_MORNING) is None


def test_a_starting_tracker_knows_what_a_running_one_does() -> None:
    """Given the rows of the live view instead of the entries, the same is told, and later ends are added by listening."""
    histories = sorted((decided(number) for number in range(30)), key=lambda history: history.case.ended_at)
    rows = [{"subject": history.code, "row": row_of(history)} for history in reversed(histories[:25])]
    store = SimpleNamespace(rows=lambda statement, parameters: rows if (statement, parameters[0]) == (NEWEST, REKLAME) else [])
    stage = cast("Any", SimpleNamespace(city=make_city(), store=store, on_cases=None))
    started = Past()
    started.attach(stage)
    stage.on_cases([history.case for history in histories])
    open_one = History(REKLAME).begin().until("struktur-ruang")
    assert started.estimate(open_one.case, open_one.now) == past_of(MANY).estimate(open_one.case, open_one.now)


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a bound, older applications go, at each step, and the estimate follows the newer ones."""
    monkeypatch.setattr(module, "KEPT_MAX", 25)
    open_one = History(REKLAME).begin().until("struktur-ruang")
    bounded, newest = past_of(MANY), past_of(MANY[5:])
    assert bounded.estimate(open_one.case, open_one.now) == newest.estimate(open_one.case, open_one.now)


@pytest.mark.parametrize("step", ["lengkap", "struktur-ruang", "lapangan", "skpd", "bayar", "tetap"])
def test_where_an_application_stands_is_told_by_its_row(step: str) -> None:
    """Without corrections the place that the row tells is the one that the entries tell."""
    history = History(REKLAME).begin().until(step)
    row = case_of(CODE, row_of(history), history.city.sops[REKLAME])
    mark = mark_of(history.case)
    assert mark
    assert (marks_of(row)[-1].minute, marks_of(row)[-1].step) == (mark.minute, mark.step)
    assert marks_of(row) == marks_of(history.case)


@pytest.mark.parametrize("tongue", ["id", "en"])
def test_the_page_tells_the_range_beside_the_promise_or_that_too_little_is_known(tongue: str) -> None:
    """The sentence names both days and how many applications it rests on; without enough of them the page says so."""
    history = History(REKLAME).begin().until("struktur-ruang")
    tree = document(history.code, row_of(history), history.city, history.now, [], past_of(MANY).estimate)
    told = {**tree_of(history), "estimate": tree["estimate"]}
    text = read(page(told, tongue)).text
    assert tree["estimate"]["similar"] == 30
    assert to_instant(tree["estimate"]["half_by"]) <= to_instant(tree["estimate"]["nine_of_ten_by"])
    assert {"id": "Perkiraan, bukan janji", "en": "An estimate, no promise"}[tongue] in text
    thin = read(page(tree_of(history), tongue)).text
    assert {"id": "Belum cukup permohonan sejenis", "en": "Too few applications of this type"}[tongue] in thin
