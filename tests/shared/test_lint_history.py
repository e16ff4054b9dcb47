"""Steps that never changed what came out are found in enough applications, and only those."""

from dataclasses import replace

import pytest

from services.cli.sop_history import past_of
from services.cli.sop_text import Found, check_json
from shared import events as e
from shared.events import VisitReportedV1
from shared.sop.lint_history import DECIDED_MIN, history_findings, step_records
from shared.sop.past import History, by_type, changed_step, from_entries
from tests.builders import PBG, REKLAME, catalogue
from tests.builders import History as Application
from tests.shared.test_simulate import CODES, STRAIGHT, feed, history_of

FINDING = e.Finding(requirement="desain", reason="tidak-terbaca")


def past(count: int) -> History:
    """Returns so many billboards that all went straight through."""
    history = from_entries(feed(Application(REKLAME).begin().finish()), "reklame-permanen")
    return replace(history, cases=history.cases * count)


def changed(history: History, step: str, *, decided: bool = True) -> History:
    """Returns the history in which one application more had this step change something."""
    case = replace(history.cases[0], changed=frozenset({step}), decided=decided)
    return replace(history, cases=(*history.cases[1:], case))


def places(history: History) -> set[str]:
    """Returns the steps that are found."""
    return {finding.place.removeprefix("steps/") for finding in history_findings(history)}


def test_steps_that_never_changed_anything_are_found() -> None:
    """Given enough decided applications that went straight through, every judging step is found: no charge, payment or decision is."""
    assert places(past(DECIDED_MIN)) == {"struktur-ruang", "lalin", "lapangan"}
    (first, *_) = history_findings(past(DECIDED_MIN))
    assert (first.code, first.severity, first.sop) == ("never-changed", "advice", REKLAME)
    assert f"0 of {DECIDED_MIN}" in first.says.en
    assert "5.0 %" in first.says.en
    assert "5,0 %" in first.says.id


def test_too_few_applications_say_nothing() -> None:
    """One application less than the rule of three needs for one in twenty, and nothing is found."""
    assert places(past(DECIDED_MIN - 1)) == set()
    assert [record.cases for record in step_records(past(DECIDED_MIN - 1))] == [DECIDED_MIN - 1] * 3


def test_one_change_is_enough_to_keep_a_step() -> None:
    """Given one application in which the step asked for a correction, it is not found; the others still are."""
    assert places(changed(past(DECIDED_MIN + 1), "lalin")) == {"struktur-ruang", "lapangan"}


def test_withdrawn_applications_do_not_count() -> None:
    """What was withdrawn was never decided, so it neither keeps a step nor fills the number."""
    assert places(changed(past(DECIDED_MIN), "lalin", decided=False)) == set()


def test_a_step_that_a_rule_did_costs_nobody_time() -> None:
    """Given that a rule does the step for these facts, it is not judged."""
    history = past(DECIDED_MIN)
    by_rule = history.cases[0].sop.step_by_code["lalin"].model_copy(update={"automatic": True})
    steps = tuple(by_rule if step.code == "lalin" else step for step in history.cases[0].sop.steps)
    sop = history.cases[0].sop.model_copy(update={"steps": steps})
    sop.__dict__.pop("step_by_code", None)
    assert "lalin" not in places(replace(history, cases=tuple(replace(case, sop=sop) for case in history.cases)))


@pytest.mark.parametrize(
    ("data", "step"),
    [
        (e.ReviewCompleted(step="a", round=1, result="passed"), ""),
        (e.ReviewCompleted(step="a", round=1, result="findings", findings=(FINDING,)), "a"),
        (e.ReviewCompleted(step="a", round=1, result="rejected", reasons=("tata-ruang",)), "a"),
        (e.RecommendationIssued(step="a", number="1/A/2026", opinion="agree"), ""),
        (e.RecommendationIssued(step="a", number="1/A/2026", opinion="conditional", conditions=("lampu-tanda",)), "a"),
        (e.RecommendationIssued(step="a", number="1/A/2026", opinion="reject"), "a"),
        (e.ExternalRecorded(step="a", round=1, result="rejected", source="laboratorium", number="1/A/2026", read_on="2026-11-24"), "a"),
        (e.VisitReported(step="a", visit=1, result="failed", failed_items=("b",), evidence=()), "a"),
        (e.VisitReported(step="a", visit=1, result="passed", evidence=()), ""),
        (VisitReportedV1(step="a", visit=1, passed=False, evidence=()), "a"),
    ],
)
def test_what_changes_something_is_read_from_the_entries(data: e.Data, step: str) -> None:
    """A rejection, a request to correct, a condition and a failed visit change something; a result without any of it does not."""
    assert changed_step(data) == step


def test_the_ledger_tells_it_by_type() -> None:
    """Given applications of two types, one corrected, each type has its own history, and the correcting step is known."""
    corrected = Application(PBG).begin()
    corrected.must(e.ApplicationCompleted(step="lengkap"))
    finding = e.Finding(requirement="dokumen-lingkungan", reason="tidak-terbaca")
    corrected.must(e.ReviewCompleted(step="lingkungan", round=1, result="findings", findings=(finding,)))
    corrected.finish()
    found = by_type(feed(corrected, Application(REKLAME, code="PKY-F8XS-9HEJ-W7W0-0").begin().finish()))
    assert {name: [case.changed for case in history.cases] for name, history in found.items()} == {
        "pbg-usaha": [frozenset({"lingkungan"})],
        "reklame-permanen": [frozenset()],
    }


def test_a_log_tells_only_of_the_steps_that_its_map_names() -> None:
    """A log knows no results: a step is judged where the map says which activities show a change, when they follow the step."""
    history = history_of(*[STRAIGHT] * DECIDED_MIN)
    assert step_records(replace(history, tells=frozenset())) == []
    assert places(replace(history, tells=frozenset({"saran"}))) == {"saran"}
    assert set(CODES) > {"saran"}


def test_the_answer_has_findings_and_figures() -> None:
    """The command's JSON holds the findings and, for each judging step, in how many applications it was done and changed something."""
    tree = check_json(Found((), (), None, past_of([past(DECIDED_MIN)])))["history"]
    assert [item["code"] for item in tree["findings"]] == ["never-changed"] * 3
    assert {(item["step"], item["cases"], item["changed"]) for item in tree["steps"]} >= {("lalin", DECIDED_MIN, 0)}
    assert tree["decided_min"] == DECIDED_MIN
    assert catalogue()[REKLAME].name == tree["steps"][0]["sop"]
