"""The known tricks with time are counted by agency and step, from the case alone, and nothing else is."""

from datetime import timedelta

from hypothesis import given

from shared import events as e
from shared.calendar import Calendar
from shared.fields import to_instant
from shared.sop import rules
from shared.tricks import LATE_CORRECTION, PARKING, SECOND_LOOK, count, tricks
from tests.builders import OFFICER_ID, REKLAME, History, good_answer
from tests.strategies import QUICK
from tests.walks import walks

STEP, AGENCY = "struktur-ruang", "pupr"
CALENDAR = Calendar()


def in_review() -> History:
    """Returns an application in review, with three working days to go."""
    return History(REKLAME).begin().until(STEP)


def at_the_limit(history: History) -> History:
    """Lets the review's time pass, but for half an hour."""
    due = CALENDAR.due_at(to_instant(history.case.ready[STEP].at), 3)
    history.wait_until(due - timedelta(minutes=30))
    return history


def passed() -> e.ReviewCompleted:
    """Returns a review without findings."""
    return e.ReviewCompleted(step=STEP, round=1, result="passed")


def found(requirement: str, round_: int = 1) -> e.ReviewCompleted:
    """Returns a review that asks for one correction."""
    return e.ReviewCompleted(step=STEP, round=round_, result="findings", findings=(e.Finding(requirement=requirement, reason="kabur"),))


def counted(history: History) -> list[tuple[str, str, str]]:
    """Returns the tricks of the reviewed step."""
    return [item for item in tricks(history.case, CALENDAR) if item[2] == STEP]


def test_a_review_in_good_time_is_no_trick() -> None:
    """What is done early, or late, or with findings early, is counted as nothing here."""
    assert counted(in_review().must(passed())) == []
    assert counted(in_review().must(found("hak-lahan"))) == []
    late = in_review()
    late.wait_days(20)
    assert counted(late.must(passed())) == []


def test_a_step_done_untouched_at_the_limit_is_parked() -> None:
    """Nobody did anything about it, then it was done in the last tenth of its time; an assigned one was not left lying."""
    assert counted(at_the_limit(in_review()).must(passed())) == [(PARKING, AGENCY, STEP)]
    assigned = in_review().must(e.ReviewAssigned(step=STEP, officer=OFFICER_ID))
    assert counted(at_the_limit(assigned).must(passed())) == []


def test_a_correction_asked_for_at_the_limit_is_counted() -> None:
    """Findings in the last tenth of the time are the trick of the late correction, whoever had touched it."""
    assigned = in_review().must(e.ReviewAssigned(step=STEP, officer=OFFICER_ID))
    assert counted(at_the_limit(assigned).must(found("hak-lahan"))) == [(LATE_CORRECTION, AGENCY, STEP)]


def test_a_second_look_is_counted_once() -> None:
    """What was accepted and is asked for again counts, with the head's reason recorded."""
    history = in_review().must(e.ReviewCompleted(step="lalin", round=1, result="passed"), found("hak-lahan"))
    history.must(good_answer(history.case, rules.CORRECTION_REQUEST)).must(good_answer(history.case, rules.CORRECTION))
    history.must(e.RecheckAllowed(step=STEP, requirement="gambar-konstruksi", reason="informasi-baru"), found("gambar-konstruksi", 2))

    assert counted(history) == [(SECOND_LOOK, AGENCY, STEP)]
    assert count([history.case, history.case], CALENDAR)[(SECOND_LOOK, AGENCY, STEP)] == 2


@QUICK
@given(walks())
def test_counts_name_agencies_and_steps_of_the_sop_only(history: History) -> None:
    """Whatever happened, a trick is of an agency that has the step; no identity is in it."""
    sop = history.case.sop
    assert sop is not None
    for name, agency, step in tricks(history.case, CALENDAR):
        assert name in (LATE_CORRECTION, SECOND_LOOK, PARKING)
        assert agency in sop.step_by_code[step].agencies
