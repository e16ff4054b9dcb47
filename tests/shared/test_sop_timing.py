"""How long an SOP takes if nobody is late."""

from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.calendar import Calendar
from shared.fields import to_instant
from shared.sop import deadlines
from shared.sop.model import FactValue, Sop, Step
from shared.sop.timing import LongestPath, longest_path, longest_path_working_days
from tests.builders import FACTS, PBG, REKLAME, SKP, History, catalogue
from tests.sops import rewritten, with_step
from tests.strategies import QUICK

SOPS = catalogue()


def test_every_promise_of_the_catalogue_covers_its_longest_way() -> None:
    """No shipped SOP promises less than what its agencies need if nobody is late."""
    assert {name: longest_path_working_days(SOPS[name]) for name in (PBG, REKLAME, SKP)} == {PBG: 20, REKLAME: 8, SKP: 3}
    assert all(longest_path_working_days(sop) <= sop.promise_working_days for sop in SOPS.values())


def test_the_critical_steps_are_those_of_the_longest_way() -> None:
    """Of parallel reviews only the longest is critical."""
    assert longest_path(SOPS[REKLAME]) == LongestPath(8, ("lengkap", "struktur-ruang", "lapangan", "skpd", "bayar", "tetap"))
    slower = with_step(SOPS[REKLAME], "lalin", target_working_days=4)
    assert longest_path(slower) == LongestPath(9, ("lengkap", "lalin", "lapangan", "skpd", "bayar", "tetap"))


def test_facts_say_which_steps_count() -> None:
    """A conditional step counts only where its condition holds on the declared facts."""
    facts: dict[str, FactValue] = {"topik-sensitif": False, "lama-bulan": 6}
    assert longest_path_working_days(SOPS[SKP], facts) == 1
    assert longest_path_working_days(SOPS[SKP], {**facts, "topik-sensitif": True}) == 3


def test_the_wait_for_applicant_and_outsiders_is_counted_apart() -> None:
    """Payment and an outsider's work take no time of the agencies, but of the applicant."""
    sop = SOPS[REKLAME]
    assert longest_path(sop, with_waits=True).working_days == 8 + 10
    outside = with_step(sop, "struktur-ruang", kind="outsider", outsider="laboratorium", target_working_days=30)
    assert longest_path(outside).working_days == 2 + 3 + 1 + 1
    assert longest_path(outside, with_waits=True).working_days == 30 + 3 + 1 + 10 + 1


def test_it_agrees_with_the_expected_end_of_a_case() -> None:
    """An application that has just become complete is expected to end so many working days later."""
    calendar = Calendar()
    for name in FACTS:
        sop = SOPS[name]
        case = History(name).begin().must(e.ApplicationCompleted(step="lengkap")).case
        due = calendar.due_at(to_instant(case.recorded), longest_path_working_days(sop, FACTS[name]))
        assert deadlines.expected_end(case, calendar) == due, name


@QUICK
@given(rewritten(), st.sets(st.integers(0, 20)))
def test_a_longest_way_is_a_way(sop: Sop, left_out: set[int]) -> None:
    """It ends with the decision, each of its steps waits for the one before, however far, and its days add up."""

    def applies(step: Step) -> bool:
        return sop.steps.index(step) not in left_out or step is sop.decision_step

    found = longest_path(sop, applies=applies)
    assert found.steps[-1] == sop.decision_step.code
    assert set(found.steps) <= {step.code for step in sop.steps if applies(step)}
    waiting = [step for step in sop.steps if step.code in found.steps and step.kind not in ("payment", "outsider")]
    assert found.working_days == sum(step.target_working_days for step in waiting)
    assert found.working_days <= longest_path(sop).working_days <= longest_path(sop, with_waits=True).working_days
