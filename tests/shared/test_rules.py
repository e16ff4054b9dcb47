"""What an SOP says about a case: who may do what now, which deadlines run, when silence grants, what it costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.calendar import WIB, Calendar
from shared.case import Case, case_state, empty_case, fold_all
from shared.envelope import Entry
from shared.fields import to_instant, to_timestamp
from shared.money import charge_rupiah
from shared.refusals import REFUSALS
from shared.sop import deadlines, rules
from shared.sop.model import ChargeRule, FactDefinition, FactValue
from shared.sop.people import LEADING
from tests.builders import (
    APPLICANT_ID,
    CODE,
    FACTS,
    OFFICER_ID,
    PBG,
    REKLAME,
    SIGNER_ID,
    SKP,
    History,
    catalogue,
    correction,
    good_answer,
    make_city,
)
from tests.strategies import QUICK, calendars, histories
from tests.walks import SENSITIVE, walks

SOPS = catalogue()
CALENDAR = make_city().calendar
OFFICER = ("verifikator", OFFICER_ID)


def local(text: str) -> datetime:
    """Returns an instant of the city's own clock."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


def complete(sop: str, facts: dict[str, FactValue] | None = None) -> History:
    """Returns an application whose documents were complete on Monday 23 November 2026 at 08:02."""
    return History(sop).begin(facts).must(e.ApplicationCompleted(step="lengkap"))


def passed(step: str, in_round: int = 1) -> e.ReviewCompleted:
    """Returns a review that finds nothing."""
    return e.ReviewCompleted(step=step, round=in_round, result="passed")


def with_findings(step: str, requirement: str) -> e.ReviewCompleted:
    """Returns a review with one thing to correct."""
    finding = e.Finding(requirement=requirement, reason="kabur")
    return e.ReviewCompleted(step=step, round=1, result="findings", findings=(finding,))


# What follows a missed deadline, and is looked at in test_lateness.py.
AFTERWARDS = ("contest", "escalation")


def offered(case: Case, agency: str, authid: str = OFFICER_ID, role: str = "petugas") -> dict[str, str]:
    """Returns an actor's commands with the refusal of each, empty for those that may be done."""
    actions = rules.next_actions(case, role, agency, authid)
    # Whoever leads a review or has a conflict of interest is looked at in test_people.py.
    return {action.command: action.refusal for action in actions if action.command not in (*LEADING, rules.DECLARE_CONFLICT)}


# Total


@QUICK
@given(histories(), calendars, st.sampled_from(["", "pupr", "dpmptsp"]), st.sampled_from(["applicant", "verifikator", "rule"]))
def test_every_question_has_an_answer_on_any_case(entries: list[Entry], calendar: Calendar, agency: str, role: str) -> None:
    """No question about a case raises, whatever entries it is made of, and what it answers is well-formed."""
    case = fold_all(CODE, entries, SOPS)
    assert all(refusal == "" or refusal in REFUSALS for refusal in offered(case, agency, role=role).values())
    running = deadlines.clock(case, calendar)
    assert list(running) == sorted(running, key=lambda item: item.due_at)
    assert set(rules.whose_turn(case)) == set(case.parties)
    ended = deadlines.expected_end(case, calendar)
    assert ended is None or ended >= to_instant(case.recorded)
    assert rules.silence(case) in ("", "no-correction", "no-payment")
    assert deadlines.agency_minutes(case, calendar, datetime(2027, 1, 1, tzinfo=UTC)) >= 0
    assert rules.joining_step(case) is None or case.findings
    assert case_state(case)["code"] == CODE


@QUICK
@given(walks())
def test_every_deadline_is_said_once_and_time_comes_to_an_end(history: History) -> None:
    """However long nobody acts, each deadline is said once, in order, and then nothing runs any more."""
    passed_deadlines = history.wait_days(1200)
    said = [(item.step, item.round, item.party) for item in passed_deadlines if item.kind in ("target", "applicant")]
    assert len(said) == len(set(said))
    assert [item.due_at for item in passed_deadlines] == sorted(item.due_at for item in passed_deadlines)
    assert deadlines.clock(history.case, CALENDAR) == ()


def test_nothing_runs_before_an_application_and_after_its_end() -> None:
    """An empty case and an ended one have no deadline, no expected end and no turn."""
    for case in (empty_case(CODE), complete(SKP).finish().case):
        assert deadlines.clock(case, CALENDAR) == ()
        assert deadlines.expected_end(case, CALENDAR) is None
        assert rules.whose_turn(case) == ()
        assert deadlines.deemed_grant_at(case, CALENDAR) is None
        assert rules.ready_step(case, "tetap") is None


# Ready steps


def test_agencies_work_in_parallel() -> None:
    """All reviews that need completeness only are ready at once, and what needs them all is not."""
    case = complete(PBG).case
    assert tuple(case.ready) == ("tpa", "lingkungan", "kebakaran", "lalin")
    assert case.parties == ("dishub", "dlh", "dpkp", "pupr")


def test_a_step_that_does_not_apply_is_passed_over() -> None:
    """A small building has no traffic review, and what needs it does not wait."""
    history = complete(PBG, {**FACTS[PBG], "luas-lantai-m2": "120"})
    assert tuple(history.case.ready) == ("tpa", "lingkungan", "kebakaran")
    history.must(passed("tpa"), passed("lingkungan"), passed("kebakaran"))
    assert tuple(history.case.ready) == ("pernyataan-standar",)


def test_the_steps_of_a_rule_run_type() -> None:
    """Only a sensitive topic meets a person."""
    assert tuple(complete(SKP).must(passed("aturan")).case.ready) == ("undian",)
    assert tuple(complete(SKP, SENSITIVE).must(passed("aturan")).case.ready) == ("undian", "telaah")


def test_the_joining_step_owns_the_list() -> None:
    """The first step that needs every review with findings owns the request for correction."""
    history = complete(PBG).must(with_findings("lingkungan", "dokumen-lingkungan"))
    step = rules.joining_step(history.case)
    assert step is not None
    assert step.code == "pernyataan-standar"
    assert rules.ready_step(history.case, rules.CORRECTION_REQUEST) is None
    history.must(passed("tpa"), passed("kebakaran"), passed("lalin"))
    assert rules.ready_step(history.case, rules.CORRECTION_REQUEST) == step
    assert history.case.parties == ("pupr",)


# What an actor may do


def test_an_officer_may_do_the_steps_of_the_own_agency() -> None:
    """The agency in charge is offered the step, another one is told whose it is."""
    case = complete(REKLAME).case
    actions = rules.next_actions(case, *OFFICER[:1], "dishub", OFFICER_ID)
    assert [(action.step, action.refusal) for action in actions if action.command == "complete-review"] == [
        ("struktur-ruang", "wrong-agency"),
        ("lalin", ""),
    ]


def test_a_step_done_by_rule_is_not_offered() -> None:
    """What a rule decides is not done by hand."""
    assert offered(complete(SKP).case, "dpmptsp") == {"complete-review": "not-by-hand"}


def test_the_commands_of_a_visit_follow_its_state() -> None:
    """A visit is scheduled, then moved, missed or reported, then signed by each agency once."""
    history = complete(REKLAME).until("lapangan")
    nothing = {
        "draw-inspectors": "wrong-visit",
        "move-visit": "wrong-visit",
        "miss-visit": "wrong-visit",
        "report-visit": "wrong-visit",
        "sign-visit-record": "wrong-visit",
    }
    assert offered(history.case, "pupr") == {"offer-visit": "", "schedule-visit": "", **nothing}
    history.must(good_answer(history.case, "lapangan"))
    pending = {"offer-visit": "visit-pending", "schedule-visit": "visit-pending"}
    running = {"draw-inspectors": "", "move-visit": "", "miss-visit": "", "report-visit": ""}
    assert offered(history.case, "dishub") == {**pending, **running, "sign-visit-record": "wrong-visit"}
    history.must(good_answer(history.case, "lapangan"))
    assert offered(history.case, "pupr") == {**pending, **nothing, "sign-visit-record": ""}
    history.must(e.VisitRecordSigned(step="lapangan", visit=1))
    assert history.case.visits[0].signed == ("pupr",)
    assert offered(history.case, "pupr") == {**pending, **nothing}


def test_the_commands_of_a_decision_follow_its_draft() -> None:
    """One officer drafts, another one signs it; anybody may send it back, and what differs from the draft is not offered."""
    history = complete(REKLAME).until("tetap")
    later = {"return-decision": "no-draft", "issue-permit": "no-draft", "refuse-application": "no-draft"}
    assert offered(history.case, "dpmptsp") == {"draft-decision": "", **later}
    history.must(e.DecisionDrafted(step="tetap", outcome="issue"))
    same = {"return-decision": "", "issue-permit": "same-officer", "refuse-application": "same-officer"}
    assert offered(history.case, "dpmptsp") == {"draft-decision": "draft-pending", **same}
    signing = {"return-decision": "", "issue-permit": "", "refuse-application": "draft-differs"}
    assert offered(history.case, "dpmptsp", SIGNER_ID) == {"draft-decision": "draft-pending", **signing}
    history.must(e.DecisionReturned(step="tetap", reason="nomor-salah"))
    assert offered(history.case, "dpmptsp") == {"draft-decision": "", **later}


def test_a_draft_to_issue_is_not_signed_after_a_rejection() -> None:
    """When a fact rejects the application after the draft, the permit is no longer offered; the draft can be returned."""
    history = complete(REKLAME).until("tetap").must(e.DecisionDrafted(step="tetap", outcome="issue"))
    draft = history.case
    case = draft.having(steps={**draft.steps, "lapangan": replace(draft.steps["lapangan"], result="rejected")})
    signing = {"return-decision": "", "issue-permit": "must-refuse", "refuse-application": "draft-differs"}
    assert offered(case, "dpmptsp", SIGNER_ID) == {"draft-decision": "draft-pending", **signing}


def test_what_an_applicant_may_do() -> None:
    """The applicant of the application may withdraw, and correct when asked; another one may not; after the end the reason is told."""
    history = complete(REKLAME)
    assert offered(history.case, "", APPLICANT_ID, "applicant") == {"correct": "no-correction-open", "withdraw": "", "give-power": ""}
    history.must(passed("lalin"), with_findings("struktur-ruang", "hak-lahan"), good_answer_to_findings(history))
    assert offered(history.case, "", APPLICANT_ID, "applicant") == {"correct": "", "withdraw": "", "give-power": ""}
    assert offered(history.case, "", SIGNER_ID, "applicant") == {"correct": "not-yours", "withdraw": "not-yours", "give-power": "not-yours"}
    history.must(correction(history.case)).finish()
    assert offered(history.case, "", APPLICANT_ID, "applicant") == {
        "withdraw": "already-issued",
        "give-power": "",
        "surrender-permit": "",
        "ask-duplicate": "",
        "ask-renewal": "renewal-not-offered",
        "offer-transfer": "transfer-forbidden",
    }
    assert offered(history.case, "dpmptsp") == {}


def good_answer_to_findings(history: History) -> e.CorrectionRequested:
    """Returns the list of one finding about the title to the land."""
    return e.CorrectionRequested(round=history.case.round, findings=(e.Finding(requirement="hak-lahan", reason="kabur"),))


# Deadlines


def due(history: History) -> list[tuple[str, str, str, datetime]]:
    """Returns the deadlines that run: kind, step, agency, when."""
    return [
        (item.kind, item.step, item.agency, item.due_at) for item in deadlines.clock(history.case, CALENDAR) if item.kind not in AFTERWARDS
    ]


def test_targets_run_from_when_a_step_is_ready() -> None:
    """Each ready step has its target in working days, counted from when it became ready."""
    assert due(complete(REKLAME)) == [
        ("target", "lalin", "dishub", local("2026-11-25 16:00")),
        ("target", "struktur-ruang", "pupr", local("2026-11-26 16:00")),
    ]


def test_nobody_declares_completeness() -> None:
    """Silence about completeness is late the same day and counts as complete at the end of the next working day."""
    history = History(SKP).begin()
    assert [(item.kind, item.due_at) for item in history.wait_days(1)] == [("target", local("2026-11-23 16:00"))]
    assert next((item.kind, item.due_at) for item in history.wait_days(1)) == ("deemed-complete", local("2026-11-24 16:00"))
    assert history.case.completed_at == to_timestamp(local("2026-11-24 16:00") + timedelta(minutes=1))
    assert history.names()[-1] == "application.deemed-complete"


def test_the_applicant_has_dates_too() -> None:
    """A request for correction and a charge are to be answered by a date counted from when they were said."""
    history = complete(REKLAME).must(passed("lalin"), with_findings("struktur-ruang", "hak-lahan"))
    assert due(history) == [("target", rules.CORRECTION_REQUEST, "pupr", local("2026-11-24 16:00"))]
    history.must(good_answer(history.case, rules.CORRECTION_REQUEST))
    assert due(history) == [("applicant", rules.CORRECTION, "", local("2026-12-07 16:00"))]
    history.must(correction(history.case))
    history.until("bayar")
    assert due(history) == [("applicant", "bayar", "", local("2026-12-07 16:00"))]


@pytest.mark.parametrize(
    ("ready", "closed"),
    [(rules.CORRECTION, e.ApplicationClosed(reason="no-correction")), ("bayar", e.ApplicationClosed(reason="no-payment"))],
)
def test_silence_of_the_applicant_may_close_the_application(ready: str, closed: e.ApplicationClosed) -> None:
    """After the announced date, and not before, the application may be closed for the applicant's silence."""
    history = complete(REKLAME)
    if ready == rules.CORRECTION:
        history.must(passed("lalin"), with_findings("struktur-ruang", "hak-lahan"))
    history.until(ready)
    assert history.say(closed) == "nothing-to-close"
    history.wait_days(20)
    assert rules.silence(history.case) == closed.reason
    assert history.say(closed) == ""
    assert history.case.outcome == "closed"


def test_a_missed_deadline_is_said_once() -> None:
    """A target that passed is noted with its party and agency, does not run again, and the step can still be done."""
    history = complete(REKLAME)
    assert [item.step for item in history.wait_days(10) if item.kind not in AFTERWARDS] == ["lalin", "struktur-ruang"]
    assert [(item.step, item.agency, item.party) for item in history.case.missed] == [
        ("lalin", "dishub", "agency"),
        ("struktur-ruang", "pupr", "agency"),
    ]
    assert due(history) == []
    assert history.finish().case.outcome == "issued"


def test_a_new_round_has_a_deadline_of_its_own() -> None:
    """A reopened review has a new target, also where the one of the first round was missed."""
    history = complete(REKLAME)
    history.wait_days(7)
    history.must(passed("lalin"), with_findings("struktur-ruang", "hak-lahan"))
    history.until(rules.CORRECTION).must(correction(history.case))
    assert due(history) == [("target", "struktur-ruang", "pupr", local("2026-12-03 16:00"))]
    history.wait_days(7)
    assert [(item.step, item.round) for item in history.case.missed] == [("lalin", 1), ("struktur-ruang", 1), ("struktur-ruang", 2)]


# Silence grants


def test_silence_of_the_agencies_grants() -> None:
    """Five working days of the agencies after completeness, to the minute, the permit is deemed granted."""
    history = complete(SKP, SENSITIVE).must(passed("aturan"), e.AuditDrawn(step="undian", selected=False))
    granted = deadlines.deemed_grant_at(history.case, CALENDAR)
    assert granted == local("2026-11-30 08:02")
    passed_deadlines = [item for item in history.wait_days(30) if item.kind not in AFTERWARDS]
    assert (passed_deadlines[-1].kind, passed_deadlines[-1].due_at) == ("deemed-granted", granted)
    assert history.case.outcome == "deemed-granted"
    assert history.case.permit is not None
    assert history.case.permit.deemed
    assert history.say(e.PermitIssued(step="tetap", number="I/1", valid_from="2026-12-01")) == "already-deemed-granted"


def test_the_agencies_clock_stops_while_the_applicant_corrects() -> None:
    """Exactly the working minutes in which only the applicant had the case are added, and it never starts anew."""
    history = complete(SKP, SENSITIVE).must(passed("aturan"), e.AuditDrawn(step="undian", selected=False))
    history.must(with_findings("telaah", "proposal"), good_answer_of_list("proposal"))
    assert deadlines.deemed_grant_at(history.case, CALENDAR) is None
    since = history.now
    history.wait_until(local("2026-11-25 12:00"))
    history.must(correction(history.case))
    pause = CALENDAR.working_minutes(since, history.now)
    assert deadlines.deemed_grant_at(history.case, CALENDAR) == CALENDAR.add_working_minutes(local("2026-11-30 08:02"), pause)


def good_answer_of_list(requirement: str) -> e.CorrectionRequested:
    """Returns the list of one finding."""
    return e.CorrectionRequested(round=1, findings=(e.Finding(requirement=requirement, reason="kabur"),))


def test_silence_does_not_grant_what_is_not_paid() -> None:
    """Where the SOP says so, no permit is deemed granted before the charge is paid; the agencies' days before it count."""
    history = complete(REKLAME)
    history.wait_until(local("2026-11-27 16:00"))
    history.until("bayar")
    assert deadlines.deemed_grant_at(history.case, CALENDAR) is None
    used = deadlines.agency_minutes(history.case, CALENDAR, history.now)
    assert used == 5 * 480 - 2
    history.must(good_answer(history.case, "bayar"))
    granted = deadlines.deemed_grant_at(history.case, CALENDAR)
    assert granted == CALENDAR.add_working_minutes(history.now, 13 * 480 - used)
    assert [item.kind for item in history.wait_days(60)][-1] == "deemed-granted"


def test_the_grant_does_not_move_while_nobody_acts() -> None:
    """What the ledger notes meanwhile does not change when silence grants."""
    history = complete(SKP, SENSITIVE).must(passed("aturan"), e.AuditDrawn(step="undian", selected=False))
    granted = deadlines.deemed_grant_at(history.case, CALENDAR)
    history.wait_until(local("2026-11-27 12:00"))
    assert [item.step for item in history.case.missed] == ["telaah"]
    assert deadlines.deemed_grant_at(history.case, CALENDAR) == granted


def test_a_forbidden_grant_never_comes() -> None:
    """Where the SOP forbids it, silence grants nothing."""
    case = complete(SKP).case
    assert case.sop is not None
    forbidden = case.sop.deemed_approval.model_copy(update={"allowed": False})
    assert deadlines.deemed_grant_at(case.having(sop=case.sop.model_copy(update={"deemed_approval": forbidden})), CALENDAR) is None


# The promised date


def test_the_expected_end_is_the_longest_way() -> None:
    """If nobody is late the permit is due after the longest chain of targets; the payment is the applicant's and takes no time."""
    history = complete(REKLAME)
    assert deadlines.expected_end(history.case, CALENDAR) == local("2026-12-03 16:00")
    history.must(passed("lalin"), passed("struktur-ruang"))
    assert deadlines.expected_end(history.case, CALENDAR) == local("2026-11-30 16:00")


@QUICK
@given(walks())
def test_the_expected_end_is_never_in_the_past(history: History) -> None:
    """While an application runs, its expected end is not before its last entry."""
    ended = deadlines.expected_end(history.case, CALENDAR)
    assert (ended is None) == bool(history.case.outcome)
    assert ended is None or ended >= to_instant(history.case.recorded)


# Facts and charges


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("boolean", True, False),
        ("boolean", 1, True),
        ("boolean", "ya", True),
        ("count", 4, False),
        ("count", 5, True),
        ("count", True, True),
        ("count", "4", True),
        ("measure", "4", False),
        ("measure", "4.0000", False),
        ("measure", "4.0001", True),
        ("measure", 4, True),
        ("measure", "nan", True),
        ("measure", "infinity", True),
        ("measure", "1e1", True),
        ("measure", "007", True),
        ("measure", "besar", True),
        ("choice", "kecil", False),
        ("choice", "besar", True),
        ("choice", 1, True),
        ("choice", True, True),
    ],
)
def test_declared_facts_have_their_kind_and_bounds(kind: str, value: FactValue, *, problem: bool) -> None:
    """A declared value of the wrong kind or out of bounds is a problem, and no word is taken for a number."""
    title = {"id": "x", "en": "x"}
    definition = FactDefinition.model_validate_json(
        f'{{"name":"x","kind":"{kind}","title":{{"id":"{title["id"]}","en":"{title["en"]}"}},"choices":["kecil"],"at_most":4}}'
    )
    assert rules.fact_problem(definition, value) is problem


def test_the_levy_is_price_times_measures_rounded_half_up() -> None:
    """The charge of the tariff is exact and whole rupiah."""
    step = SOPS[PBG].step_by_code["skrd"]
    case = complete(PBG).case
    assert charge_rupiah(step, case) == 13_511_250
    assert charge_rupiah(step, case.having(facts={"luas-lantai-m2": "0.0001", "indeks": "0.2777"})) == 0
    assert charge_rupiah(step, case.having(facts={"luas-lantai-m2": "0.0001", "indeks": "0.2778"})) == 1
    assert charge_rupiah(step, case.having(facts={"luas-lantai-m2": "1", "indeks": "nan"})) == 0
    assert charge_rupiah(SOPS[REKLAME].step_by_code["skpd"], case) is None
    assert charge_rupiah(SOPS[REKLAME].step_by_code["lalin"], case) is None


def test_a_charge_of_many_digits_is_exact() -> None:
    """However many measures are multiplied, no digit is lost and nothing raises."""
    names = tuple(f"n{index}" for index in range(50))
    rule = ChargeRule(basis="levy", method="product", unit_rupiah=10**15, factors=names, tariff="x")
    step = SOPS[PBG].step_by_code["skrd"].model_copy(update={"charge": rule})
    case = complete(PBG).case.having(facts=dict.fromkeys(names, "999999999.9999"))
    assert charge_rupiah(step, case) == (10**15 * 9_999_999_999_999**50 * 2 + 10_000**50) // (2 * 10_000**50)


def test_conditions_hold_on_the_right_kind_only() -> None:
    """A yes is not the number one, and a word fulfils no bound."""
    condition = SOPS[SKP].step_by_code["telaah"].when
    bound = SOPS[PBG].step_by_code["lalin"].when
    assert condition is not None
    assert bound is not None
    assert [condition.holds({"topik-sensitif": value}) for value in (True, False, 1, "true")] == [True, False, False, False]
    assert [bound.holds({"luas-lantai-m2": value}) for value in ("500", "499.9999", 500, "nan", True)] == [True, False, True, False, False]
    assert not bound.holds({})
