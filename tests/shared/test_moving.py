"""Running applications on a newer version of their SOP: never worse for the applicant, and what is done stays done."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared import events as e
from shared.city import City
from shared.sop import moving, rules
from shared.sop.change import Change
from shared.sop.model import Sop
from tests.builders import APPLICANT_ID, PBG, REKLAME, SIGNER_ID, SKP, History, catalogue, good_answer, make_city
from tests.sops import alterations, with_fields, with_step, without_step
from tests.strategies import QUICK

OLD = catalogue()[REKLAME]
BASIS = OLD.legal_bases[0].code
DESIGN = "desain"


def newer(sop: Sop = OLD, **fields: object) -> Sop:
    """Returns the next version of an SOP with other fields."""
    return with_fields(sop, version=sop.version + 1, **fields)


def lighter() -> Sop:
    """Returns a newer version that asks for less and promises more."""
    fewer = tuple(item for item in OLD.requirements if item.code != DESIGN)
    read = tuple(step.model_copy(update={"reads": tuple(code for code in step.reads if code != DESIGN)}) for step in OLD.steps)
    return newer(requirements=fewer, steps=read, promise_working_days=OLD.promise_working_days - 1)


def city_with(*sops: Sop) -> City:
    """Returns the city with more SOPs."""
    known = make_city()
    return City(known.senders, {**known.sops, **{sop.name: sop for sop in sops}}, contract=e.CONTRACT)


def started(*sops: Sop) -> History:
    """Returns an application of the older version that is complete."""
    return History(REKLAME, city=city_with(*sops)).begin().must(e.ApplicationCompleted(step="lengkap"))


def move(history: History, after: Sop, **fields: object) -> str:
    """Moves an application as the head of its agency; returns the verdict."""
    data = e.ApplicationMovedToSop(sop=after.name, legal_basis=BASIS)
    return history.say(data, **{"role": "head", "agency": OLD.owner, "authid": SIGNER_ID, **fields})


def test_an_application_moves_to_a_lighter_version() -> None:
    """Given a version that asks for less, when the head moves an application, then it goes on there and finishes."""
    after = lighter()
    history = started(after)
    found = moving.consequences(history.case, after)
    assert (found.requirements_dropped, found.worse) == ((DESIGN,), ())
    assert move(history, after) == ""
    assert history.case.sop_name == after.name
    assert history.case.steps["lengkap"].result == "passed"
    assert history.finish().case.outcome == "issued"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"role": "officer"}, "not-allowed"),
        ({"agency": "pupr"}, "wrong-agency"),
        ({"role": "applicant", "authid": APPLICANT_ID}, "not-allowed"),
    ],
)
def test_only_the_head_of_the_owner_moves(fields: dict[str, str], code: str) -> None:
    """Nobody else may move an application, not even its applicant."""
    after = lighter()
    assert move(started(after), after, **fields) == code


def test_a_burden_keeps_an_application_where_it_is() -> None:
    """A longer promise, a new hurdle or a document that was not handed in leaves the application on its version."""
    longer = newer(promise_working_days=OLD.promise_working_days + 5)
    asked = newer(requirements=(*OLD.requirements, OLD.requirements[0].model_copy(update={"code": "surat-baru"})))
    for after in (longer, asked):
        history = started(after)
        assert move(history, after) == "worse-for-applicant"
        assert history.case.sop_name == REKLAME


def test_a_burden_for_others_keeps_nobody_back() -> None:
    """A document that only some have to hand in is no burden for who need not."""
    pbg = catalogue()[PBG]
    condition = {"fact": "lantai", "at_least": 9}
    more = pbg.requirements[0].model_validate(
        {"code": "kajian-tinggi", "title": {"id": "Kajian", "en": "Study"}, "issued_by": "pemohon", "when": condition}
    )
    after = newer(pbg, requirements=(*pbg.requirements, more))
    low = History(PBG).begin().case
    high = History(PBG).begin({**low.facts, "lantai": 12}).case
    assert moving.move_refusal(low, after) == ""
    assert moving.move_refusal(high, after) == "worse-for-applicant"


def test_open_corrections_of_what_is_no_longer_asked_are_dropped() -> None:
    """A request for correction keeps only what the newer version asks for; with nothing left the review counts as passed."""
    after = lighter()
    history = started(after)
    step = next(step.code for step in OLD.steps if DESIGN in step.reads and step.kind == "review")
    for code in list(history.case.ready):
        if code != step:
            continue
        found = (e.Finding(requirement=DESIGN, reason="tidak-terbaca"),)
        history.must(e.ReviewCompleted(step=step, round=1, result="findings", findings=found))
    while rules.CORRECTION_REQUEST not in history.case.ready:
        other = next(code for code in history.case.ready)
        history.must(e.ReviewCompleted(step=other, round=1, result="passed"))
    history.must(e.CorrectionRequested(round=1, findings=rules.open_findings(history.case)))
    assert move(history, after) == ""
    assert history.case.correction is None
    assert history.case.findings == {}
    assert history.case.steps[step].result == "passed"
    assert rules.CORRECTION not in history.case.ready
    assert history.finish().case.outcome == "issued"


def test_a_decision_under_way_is_finished_under_its_own_version() -> None:
    """Once the decision is drafted, or a rejection stands, the application no longer moves."""
    after = lighter()
    history = started(after)
    while history.case.draft is None:
        history.must(good_answer(history.case, next(iter(history.case.ready))))
    assert move(history, after) == "sop-move-too-late"


def test_a_move_goes_forward_within_a_type() -> None:
    """Another permit type, the same version, one not in force and a basis that the version does not have are refused."""
    after = lighter()
    history = started(after)
    case = history.case
    assert moving.move_refusal(case, catalogue()[SKP]) == "sop-not-newer"
    assert moving.move_refusal(case, OLD) == "sop-not-newer"
    data = e.ApplicationMovedToSop(sop=after.name, legal_basis="tidak-ada")
    assert history.say(data, role="head", agency=OLD.owner, authid=SIGNER_ID) == "legal-basis-unknown"
    later = started(after)
    later.city = City(later.city.senders, later.city.sops, in_force_from={after.name: "2999-01-01"}, contract=e.CONTRACT)
    assert move(later, after) == "sop-not-in-force"


def test_a_step_that_does_not_apply_is_passed_over() -> None:
    """For the facts of a case an SOP has no conditions, and what needed a step that does not apply needs what that one needed."""
    pbg = catalogue()[PBG]
    facts = History(PBG).begin().case.facts
    plain = moving.for_facts(pbg, facts)
    assert all(step.when is None for step in plain.steps)
    assert {step.code for step in plain.steps} == {step.code for step in pbg.steps if step.when is None or step.when.holds(facts)}
    known = {step.code for step in plain.steps}
    assert all(set(step.needs) <= known for step in plain.steps)


def test_a_removed_step_is_spared() -> None:
    """A version without a step moves the application past it."""
    gone = next(step for step in OLD.steps if step.kind == "visit")
    after = newer(without_step(OLD, gone.code))
    history = started(after)
    assert moving.consequences(history.case, after).steps_dropped == (gone.code,)
    assert move(history, after) == ""
    assert history.finish().case.outcome == "issued"


def test_a_step_done_is_not_done_again_as_another() -> None:
    """A version that makes a review a recommendation takes whoever has the review before them, and leaves where they are those who passed it."""
    review = next(step for step in OLD.steps if step.kind == "review")
    after = newer(with_step(OLD, review.code, kind="recommendation"))
    before = started(after)
    assert moving.move_refusal(before.case, after) == ""
    passed = started(after).must(e.ReviewCompleted(step=review.code, round=1, result="passed"))
    assert move(passed, after) == "worse-for-applicant"
    assert moving.consequences(passed.case, after).worse == (f"step-kind steps/{review.code}",)


@st.composite
def cases_and_versions(draw: st.DrawFn) -> tuple[History, Sop]:
    """An application somewhere on its way, and a newer version of its SOP with something altered."""
    altered = draw(alterations(OLD))
    after = with_fields(altered, version=2, permit_type=OLD.permit_type, steps=altered.steps or OLD.steps)
    if draw(st.booleans()):
        after = with_step(after, after.steps[0].code, target_working_days=0)
    history = History(REKLAME, city=city_with(after)).begin()
    for _ in range(draw(st.integers(0, 8))):
        if history.case.ready:
            history.must(good_answer(history.case, next(iter(history.case.ready))))
    return history, after


def completed_by_rule() -> tuple[History, Sop]:
    """Returns a complete application, and a newer version whose first step is a rule."""
    after = newer(with_step(OLD, OLD.steps[0].code, kind="rule"))
    return started(after), after


@QUICK
@example(completed_by_rule())
@given(cases_and_versions())
def test_no_move_that_stands_leaves_an_applicant_worse_off(given_: tuple[History, Sop]) -> None:
    """For any newer version and any moment: a move that stands asks for nothing more, and nothing done well is asked for again."""
    history, after = given_
    before = history.case
    worse: tuple[Change, ...] = moving.worse_changes(before, after)
    verdict = moving.move_refusal(before, after)
    if verdict:
        return
    assert worse == ()
    moved = moving.moved(before, after)
    assert {item.code for item in after.required(before.facts)} <= set(before.requirements)
    assert after.promise_working_days <= OLD.promise_working_days
    kept = {code for code, state in before.steps.items() if state.result != "findings" and code in after.step_by_code}
    assert kept <= set(moved.steps)
    assert (moved.submitted_at, moved.completed_at, moved.turns, moved.charges) == (
        before.submitted_at,
        before.completed_at,
        before.turns,
        before.charges,
    )
