"""Visits that follow a permit: they are scheduled, reported and signed after the end, noticed when late, and delay nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.case import Case
from shared.fields import to_instant
from shared.keeping import drop_at
from shared.queue import queue_row
from shared.sop import after_issue, deadlines, rules
from shared.sop.model import FactValue
from tests.builders import COMMITMENT, OFFICER_ID, SKP, History, good_answer

MBR = "pbg-mbr@2"
HOUSE: dict[str, FactValue] = {"luas-lantai-m2": "36", "memakai-prototipe": True}
RESEARCH: dict[str, FactValue] = {"topik-sensitif": False, "lama-bulan": 6}


def issued() -> History:
    """Returns a house's approval, which two visits follow."""
    return History(MBR).begin(HOUSE).finish()


def scheduled(number: int, step: str = "penilik", agencies: tuple[str, ...] = ("pupr",)) -> e.VisitScheduled:
    """Returns a visit with a date."""
    return e.VisitScheduled(step=step, visit=number, date="2026-12-10", agencies=agencies, assignment_letter=f"ST/{number}")


def reported(number: int, *failed: str) -> e.VisitReported:
    """Returns what the inspectors saw."""
    result = "failed" if failed else "passed"
    return e.VisitReported.of(step="penilik", visit=number, result=result, failed_items=failed, evidence=(COMMITMENT,))


def signed(number: int) -> e.VisitRecordSigned:
    """Returns the signature under a record."""
    return e.VisitRecordSigned(step="penilik", visit=number)


def test_the_permit_does_not_wait_for_them() -> None:
    """The permit is there before any of them, and each of two visits is held, signed and counted after it."""
    history = issued()
    assert (history.case.outcome, history.case.visits, history.case.parties) == ("issued", (), ())
    history.must(scheduled(1), reported(1), signed(1), scheduled(2), reported(2, "batas-lahan"), signed(2))
    assert after_issue.still_open(history.case) == ()
    assert (history.case.outcome, history.case.permit.state if history.case.permit else "") == ("issued", "valid")
    assert history.case.visits[1].failed_items == ("batas-lahan",)
    assert history.case.anomalies == ()


def test_what_may_be_done_in_which_order() -> None:
    """One visit at a time, its record signed before the next, and none beyond the number that the SOP asks for."""
    history = issued()
    assert history.say(scheduled(2)) == "wrong-visit"
    assert history.say(scheduled(1, agencies=("dishub",))) == "agencies-differ"
    assert history.say(scheduled(1), agency="dishub") == "wrong-agency"
    history.must(scheduled(1))
    assert history.say(scheduled(2)) == "visit-pending"
    history.must(
        e.VisitMoved(step="penilik", visit=1, date="2026-12-11", reason="hujan"), e.VisitMissed(step="penilik", visit=1, reason="hujan")
    )
    history.must(scheduled(2), reported(2))
    assert history.say(scheduled(3)) == "visit-pending"
    history.must(signed(2), scheduled(3), reported(3), signed(3))
    assert history.say(scheduled(4)) == "step-done"
    assert history.say(e.VisitMoved(step="penilik", visit=3, date="2026-12-12", reason="hujan")) == "wrong-visit"


def test_the_ledger_notices_lateness() -> None:
    """Each visit has its own date, counted from the permit; a late one is said once and may still be held."""
    history = issued()
    passed = history.wait_days(60)
    assert [(item.kind, item.step, item.round, item.agency) for item in passed] == [
        ("target", "penilik", 1, "pupr"),
        ("contest", "penilik", 1, "pupr"),
    ]
    history.must(scheduled(1), reported(1), signed(1))
    assert [(item.kind, item.round) for item in history.wait_days(60)] == [("target", 2), ("contest", 2)]
    assert [(item.step, item.round, item.party) for item in history.case.missed] == [("penilik", 1, "agency"), ("penilik", 2, "agency")]
    history.must(scheduled(2), reported(2), signed(2))
    assert deadlines.clock(history.case, history.city.calendar) == ()


def test_a_finding_leads_to_a_warning() -> None:
    """What a visit finds changes no permit by itself; the head answers it with a warning."""
    history = issued()
    history.must(scheduled(1), reported(1, "keselamatan"), signed(1))
    history.must(e.WarningIssued(level=1, reasons=("temuan-pemeriksaan",), answer_working_days=5))
    assert history.case.permit is not None
    assert history.case.permit.warnings[0].reasons == ("temuan-pemeriksaan",)


def test_nobody_visits_what_is_over() -> None:
    """A permit that was given back is visited no more, and nobody is late for it; a visit that took place is a fact all the same."""
    history = issued().must(scheduled(1), e.PermitSurrendered(reason="tidak-dipakai-lagi"))
    assert after_issue.expected(history.case) == {}
    assert deadlines.clock(history.case, history.city.calendar) == ()
    assert history.say(scheduled(2)) == "already-issued"
    assert history.say(reported(1)) == ""
    assert history.case.visits[0].state == "passed"


@pytest.mark.parametrize(("picked", "codes"), [(True, ("audit",)), (False, ())])
def test_the_draw_says_who_is_visited(picked: bool, codes: tuple[str, ...]) -> None:  # noqa: FBT001 - the case of the draw
    """Only the permits that the draw has picked are visited."""
    history = History("skp-penelitian@2").begin(RESEARCH)
    while not history.case.outcome:
        code = next(iter(history.case.ready))
        step = history.case.sop.step_by_code[code] if history.case.sop else None
        drawing = step is not None and step.kind == "draw"
        history.must(e.AuditDrawn(step=code, selected=picked)) if drawing else history.must(good_answer(history.case, code))
    assert tuple(after_issue.expected(history.case)) == codes


def test_silence_that_grants_is_audited() -> None:
    """Where an audit follows silence, a permit that silence granted has one visit more."""
    history = History(MBR).begin(HOUSE).must(e.ApplicationCompleted(step="lengkap"))
    history.wait_days(40)
    assert history.case.outcome == "deemed-granted"
    assert tuple(after_issue.expected(history.case)) == ("penilik", "audit")


def test_an_older_version_is_not_visited() -> None:
    """An application pinned to an SOP without such visits has none."""
    assert after_issue.still_open(History(SKP).begin().finish().case) == ()


def test_the_desk_shows_them_and_keeps_the_application() -> None:
    """Inspection's desk lists the visit with its date as long as one is to come, and lets go of the application only then."""
    history = issued()
    row = queue_row(history.case, history.city.calendar, "inspection")
    assert row is not None
    assert [(task["step"], task["agencies"], task["round"], bool(task["due"])) for task in row["tasks"]] == [("penilik", ["pupr"], 1, True)]
    others = queue_row(history.case, history.city.calendar, "verification")
    assert others is not None
    assert others["tasks"] == []
    assert drop_at(history.case, "open") is None
    history.must(scheduled(1), reported(1), signed(1), scheduled(2), reported(2), signed(2))
    dropped = drop_at(history.case, "open")
    assert dropped is not None
    assert dropped > to_instant(history.case.recorded)


COMMANDS = st.sampled_from(after_issue.COMMANDS)


@given(st.lists(COMMANDS, max_size=14), st.sampled_from(("passed", "failed")))
def test_what_is_offered_is_what_stands(commands: list[str], result: str) -> None:
    """After any commands, an offered one stands in the ledger, and a decision that is not offered does not."""
    history = issued()
    for command in commands:
        offered = {item.command: item.refusal for item in rules.next_actions(history.case, "officer", "pupr", OFFICER_ID) if item.step}
        refusal = rules.command_refusal(history.case, command, "penilik", "officer", "pupr", OFFICER_ID)
        assert offered.get(command, refusal) == refusal
        data = _commanded(history.case, command, result)
        verdict = history.say(data) if data.KIND == "decision" or not refusal else refusal
        assert verdict == refusal or (refusal and verdict)
    assert history.case.outcome == "issued"
    assert history.case.anomalies == ()


def _commanded(case: Case, command: str, result: str) -> e.Data:
    last = rules.last_visit(case, "penilik")
    number = last.number if last else 1
    match command:
        case "schedule-visit":
            return scheduled(sum(visit.step == "penilik" for visit in case.visits) + 1)
        case "move-visit":
            return e.VisitMoved(step="penilik", visit=number, date=f"2026-12-{11 + case.sequence % 15}", reason="hujan")
        case "miss-visit":
            return e.VisitMissed(step="penilik", visit=number, reason="hujan")
        case "report-visit":
            return reported(number, *(("keselamatan",) if result == "failed" else ()))
        case _:
            return signed(number)
