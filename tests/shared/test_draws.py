"""Visits honestly arranged: days offered and chosen, the first standing after silence, and inspectors drawn blindly."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inspection import domain
from shared import events as e
from shared.case_model import Case
from shared.refusals import Refusal
from shared.sop import rules
from shared.sop.draws import POOL_MIN, SLOT, drawn, involved
from tests.builders import APPLICANT_ID, COMMITMENT, OFFICER_ID, REKLAME, SIGNER_ID, History
from tests.strategies import QUICK

STEP = "lapangan"
DATES = ("2026-12-07", "2026-12-08", "2026-12-09")
AGENCIES = ("pupr", "dishub")


def ready() -> History:
    """Returns an application that waits for its site visit."""
    return History(REKLAME).begin().until(STEP)


def offer(dates: tuple[str, ...] = DATES) -> e.VisitOffered:
    """Returns days of which the applicant has two working days to choose one."""
    return e.VisitOffered(step=STEP, visit=1, dates=dates, agencies=AGENCIES, assignment_letter="ST/1", answer_working_days=2)


def choose(date: str) -> e.VisitSlotChosen:
    """Returns the applicant's choice."""
    return e.VisitSlotChosen(step=STEP, visit=1, date=date)


def test_the_applicant_chooses_one_of_the_days() -> None:
    """While days are offered it is the applicant's turn; the chosen one is the visit's, under the letter of the offer."""
    history = ready().must(offer())
    assert history.case.parties == (rules.APPLICANT,)
    assert history.say(offer()) == "visit-pending"
    assert history.say(choose("2026-12-10")) == "slot-not-offered"
    assert history.say(choose(DATES[1]), authid=OFFICER_ID) == "not-yours"

    history.must(choose(DATES[1]))

    (visit,) = history.case.visits
    assert (visit.date, visit.letter, visit.agencies, visit.state) == (DATES[1], "ST/1", AGENCIES, "scheduled")
    assert history.case.parties == tuple(sorted(AGENCIES))
    assert history.say(choose(DATES[0])) == "no-offer"


def test_without_an_answer_the_first_day_stands() -> None:
    """When the days to answer have passed by the ledger's clock, the first day is the visit's, and it is too late to choose."""
    history = ready().must(offer())
    passed = history.wait_days(4)
    assert (SLOT, "applicant") in [(item.step, item.kind) for item in passed]
    assert [visit.date for visit in history.case.visits] == [DATES[0]]
    assert history.say(choose(DATES[1])) == "no-offer"


def test_an_offer_names_different_days_of_the_next_visit() -> None:
    """The same day twice, another number or not all agencies of the step are refused."""
    history = ready()
    assert history.say(offer((DATES[0], DATES[0]))) == "slots-equal"
    assert history.say(offer().model_copy(update={"visit": 2})) == "wrong-visit"
    assert history.say(offer().model_copy(update={"agencies": ("pupr",)})) == "agencies-differ"


def test_a_chosen_visit_is_drawn_once_by_each_agency() -> None:
    """Each agency of a joint visit draws its own inspectors once, and nobody who has judged the application."""
    history = ready().must(offer(), choose(DATES[0]))
    assert OFFICER_ID in involved(history.case)
    data = e.InspectorsDrawn(step=STEP, visit=1, pool=4, warned=False, inspectors=("G" * 43,), persons=(COMMITMENT,))
    assert history.say(data.model_copy(update={"inspectors": (OFFICER_ID,)})) == "inspector-involved"
    assert history.say(data.model_copy(update={"visit": 2})) == "wrong-visit"
    history.must(data)
    assert history.say(data) == "already-drawn"
    assert history.say(data.model_copy(update={"inspectors": ("H" * 43,)}), agency="dishub") == ""
    assert (history.case.visits[0].inspectors, history.case.visits[0].drawn_by) == (("G" * 43, "H" * 43), ("pupr", "dishub"))


def draw(case: Case, people: list[str], count: int = 2) -> e.InspectorsDrawn:
    """Returns what inspection says when a head names a pool."""
    (draft,) = domain.draw_inspectors(case, STEP, people, count, lambda person: person * 43, lambda _name, _value: COMMITMENT)
    assert isinstance(draft.data, e.InspectorsDrawn)
    return draft.data


def test_a_small_pool_is_drawn_from_with_a_warning() -> None:
    """Fewer than four candidates, after those who have judged, are drawn from with a warning; too few to go are refused."""
    case = ready().must(offer(), choose(DATES[0])).case
    full, few = draw(case, list("GHIJK")), draw(case, ["G", "H", "I", OFFICER_ID[0]])
    assert (full.pool, full.warned) == (5, False)
    assert (few.pool, few.warned) == (3, True)
    assert POOL_MIN == 4
    with pytest.raises(Refusal, match="pool-too-small"):
        draw(case, ["G", OFFICER_ID[0], SIGNER_ID[0], APPLICANT_ID[0]][:2])


@QUICK
@given(st.permutations("GHIJKLMN"), st.integers(1, 5), st.integers(1, 10**6))
def test_nobody_steers_the_draw(people: list[str], count: int, position: int) -> None:
    """The order in which candidates are named changes nothing, and the same visit is drawn the same way again."""
    case = replace(ready().case, position=position)
    first = drawn(case, STEP, 1, people, count)
    assert first == drawn(case, STEP, 1, sorted(people), count)
    assert len(set(first)) == count
    assert set(first) <= set(people)


def test_everybody_is_drawn_about_as_often() -> None:
    """Over many applications no candidate is drawn twice as often as another."""
    base = ready().case
    counts: Counter[str] = Counter()
    for position in range(1000):
        counts.update(drawn(replace(base, position=position), STEP, 1, "GHIJK", 2))
    assert sum(counts.values()) == 2000
    assert min(counts.values()) > 320
    assert max(counts.values()) < 480


def test_a_second_visit_looks_at_the_failed_items_only() -> None:
    """After a failed visit the next one is offered again, and what failed stays with the visit that found it."""
    history = ready().must(offer(), choose(DATES[0]))
    failed = e.VisitReported(step=STEP, visit=1, result="failed", failed_items=("titik-sesuai",), evidence=())
    history.must(failed)
    assert history.case.visits[0].failed_items == ("titik-sesuai",)
    again = offer().model_copy(update={"visit": 2})
    assert history.say(again) == ""
    history.must(e.VisitSlotChosen(step=STEP, visit=2, date=DATES[0]))
    assert rules.items_to_visit(history.case, STEP) == ("titik-sesuai",)
    other = next(item.code for item in history.city.sops[REKLAME].step_by_code[STEP].checklist if item.code != "titik-sesuai")
    with pytest.raises(Refusal, match="findings-missing"):
        domain.report_visit(history.case, STEP, 2, "failed", [other], (), "", lambda _name, _value: COMMITMENT)
