"""What happens while somebody has an application whom no agency can hurry: here the laboratory that tests a depot's water."""

from datetime import timedelta

import pytest

from shared import events as e
from shared.calendar import Calendar
from shared.sop import deadlines, rules
from tests.builders import OFFICER_ID, History, good_answer

SLHS = "slhs-depot-air@1"
LAB = rules.OUTSIDER + "laboratorium"
CALENDAR = Calendar()


def at_the_laboratory() -> History:
    """Returns an application whose other reviews are done, so that only the laboratory has it."""
    history = History(SLHS).begin({})
    while set(history.case.ready) != {"lab"}:
        history.must(good_answer(history.case, next(code for code in history.case.ready if code != "lab")))
    return history


def result(history: History, said: str) -> e.ExternalRecorded:
    """Returns what the laboratory's report says."""
    return e.ExternalRecorded.model_validate(
        {"step": "lab", "round": history.case.round, "result": said, "source": "laboratorium", "number": "LHU/1", "read_on": "2026-12-01"}
    )


def test_the_outsider_has_it_and_no_agency_does() -> None:
    """It is the laboratory's turn, no deadline of an agency runs, and silence grants nothing."""
    history = at_the_laboratory()
    assert history.case.parties == (LAB,)
    assert deadlines.clock(history.case, CALENDAR) == ()


def test_the_wait_is_nobodys_delay() -> None:
    """Weeks at the laboratory add nothing to the agencies' time."""
    history = at_the_laboratory()
    before = deadlines.agency_minutes(history.case, CALENDAR, history.now)
    assert deadlines.agency_minutes(history.case, CALENDAR, history.now + timedelta(days=60)) == before


def test_its_result_goes_on_to_the_recommendation() -> None:
    """A good result opens the next step, and a permit is issued in the end."""
    history = at_the_laboratory().must(result(at_the_laboratory(), "passed"))
    assert history.case.ready.keys() == {"rekomendasi"}
    assert history.finish().case.outcome == "issued"


def test_a_bad_result_ends_in_a_refusal_with_its_reason() -> None:
    """After it nothing but the decision is ready, and no permit can be drafted."""
    history = at_the_laboratory()
    history.must(result(history, "rejected"))
    assert (tuple(history.case.ready), history.case.outcome_reasons) == (("tetap",), ("outsider-rejects",))
    assert history.say(e.DecisionDrafted(step="tetap", outcome="issue")) == "must-refuse"


@pytest.mark.parametrize("step", ["ikl", "tidak-ada"])
def test_a_result_of_no_outsiders_step_changes_nothing(step: str) -> None:
    """It is a fact, so it is entered; the case lists it as an anomaly and stays as it is."""
    history = at_the_laboratory()
    before = history.case
    history.must(result(history, "passed").model_copy(update={"step": step}))
    assert history.case.ready == before.ready
    assert history.case.anomalies == (f"external.recorded at {history.case.sequence}",)


def test_who_may_record_it() -> None:
    """An officer of the step's agency is offered to record the result; another agency's is not."""
    case = at_the_laboratory().case
    assert case.sop is not None
    agency = case.sop.step_by_code["lab"].agency
    assert [(item.command, item.refusal) for item in rules.next_actions(case, "officer", agency, OFFICER_ID) if item.step] == [
        ("record-external", "")
    ]
    assert rules.command_refusal(case, "record-external", "lab", "officer", "dlh", OFFICER_ID) == "wrong-agency"
