"""What national systems say of applications of their types: mirrored once, newest by their own time, and compared with the city."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.case_model import Mirrored
from shared.fields import to_timestamp
from shared.mirrors import DIVERGENCES, OPEN, STATUSES, divergence, mirroring, national_state
from tests.builders import COMMITMENT, MONDAY_MORNING, PBG, SKP, History
from tests.strategies import QUICK

LINK = {"role": "national", "authid": "n" * 43}


def said(status: e.NationalStatus, hours: int, system: e.NationalSystem = "simbg") -> e.NationalRecorded:
    """Returns a status that a national system gave so many hours after the first Monday morning."""
    moment = to_timestamp(MONDAY_MORNING + timedelta(hours=hours))
    return e.NationalRecorded(system=system, number=COMMITMENT, status=status, happened_at=moment)


def mirrored(*statuses: e.NationalRecorded) -> History:
    """Returns a building permit of the national system with these statuses."""
    history = History(PBG).begin()
    for status in statuses:
        assert history.say(status, **LINK) == ""
    return history


def test_a_status_is_kept_beside_the_case_and_decides_nothing() -> None:
    """What the national system says changes neither whose turn it is nor the outcome, and is kept with both times."""
    before = History(PBG).begin().case
    case = mirrored(said("issued", 0)).case
    assert (case.outcome, case.parties, dict(case.ready)) == ("", before.parties, dict(before.ready))
    assert [(item.status, item.number) for item in case.mirrored] == [("issued", COMMITMENT)]
    assert divergence(case) == "national-ahead"


def test_a_fact_of_another_system_or_said_twice_changes_nothing() -> None:
    """A fact is never refused; one that does not fit is an anomaly, and the mirror stays as it was."""
    history = mirrored(said("received", 0), said("received", 0), said("issued", 1, "oss"))
    assert [item.status for item in history.case.mirrored] == ["received"]
    assert len(history.case.anomalies) == 2
    assert History(SKP).begin().must(said("received", 0)).case.mirrored == ()


@given(st.permutations([("received", 0), ("in-process", 1), ("refused", 2), ("issued", 3)]))
@QUICK
def test_what_comes_late_does_not_turn_the_mirror_back(order: Sequence[tuple[e.NationalStatus, int]]) -> None:
    """In whatever order statuses arrive, the newest by the national system's own time counts."""
    state = national_state(mirrored(*(said(status, hours) for status, hours in order)).case)
    assert state is not None
    assert state.status == "issued"


@given(st.sampled_from(sorted(STATUSES)), st.sampled_from(("", "issued", "deemed-granted", "refused", "withdrawn", "closed")))
@QUICK
def test_the_two_agree_or_differ_in_a_named_way(status: str, outcome: str) -> None:
    """A divergence has a name of the list; while both are open, or both ended alike, there is none."""
    case = History(PBG).begin().case.having(outcome=outcome, mirrored=(Mirrored(status, to_timestamp(MONDAY_MORNING), ""),))
    found = divergence(case)
    assert found in ("", *DIVERGENCES)
    if not outcome:
        assert found == ("" if status in OPEN else "national-ahead")
    if status == "issued" and outcome in ("issued", "deemed-granted"):
        assert found == ""
    if status in OPEN and outcome:
        assert found == "ours-ahead"


def test_mirrors_are_measured_by_system() -> None:
    """Applications of the city's own types are left out; the lag runs from the national moment to our entry."""
    late = mirrored(said("received", -3))
    (found,) = mirroring([late.case, History(PBG).begin().case, History(SKP).begin().case])
    assert (found.system, found.applications, found.mirrored, found.statuses) == ("simbg", 2, 1, 1)
    assert 180 <= found.lag_minutes_median <= 190
    assert dict(found.divergences) == dict.fromkeys(DIVERGENCES, 0)
