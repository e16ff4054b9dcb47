"""Objection and appeal against a refusal: the law's days, who answers, what silence does, and how a granted one goes on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import events as e
from shared.custody import counted_until, custody
from shared.fields import to_instant
from shared.keeping import drop_at
from shared.queue import queue_row
from shared.sop import deadlines, objections, rules
from shared.sop.model import FactValue
from shared.sop.objections import APPEAL, OBJECTION
from tests.builders import (
    APPLICANT_ID,
    DRAFTER_ID,
    OFFICER_ID,
    PBG,
    REKLAME,
    SIGNER_ID,
    SKP,
    SUPERIOR_ID,
    History,
    catalogue,
    good_answer,
)
from tests.walks import walks

FLEET: Mapping[str, FactValue] = {"jumlah-kendaraan": 5, "trayek": "kota-menteng"}
GROUNDS = ("penilaian-keliru",)
ANSWERS: tuple[objections.Answer, ...] = ("granted", "rejected")
GRANTS, REJECTS = ("keberatan-beralasan",), ("penolakan-sesuai-aturan",)


def refused(sop: str = PBG, step: str = "tpa") -> History:
    """Returns an application that a review has rejected and the head has refused, while other agencies had not finished."""
    history = History(sop).begin().until(step)
    return history.must(e.ReviewCompleted(step=step, round=1, result="rejected", reasons=("tidak-memenuhi-standar",))).finish()


def refused_at_the_end(sop: str = SKP) -> History:
    """Returns an application whose every step was done and which the head refused all the same."""
    history = History(sop).begin({"topik-sensitif": True, "lama-bulan": 6} if sop == SKP else None).until("tetap")
    return history.must(
        e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("bertentangan-tata-ruang",)),
        e.ApplicationRefused(step="tetap", reasons=("bertentangan-tata-ruang",)),
    )


def lodged(history: History) -> History:
    """Lets the applicant object."""
    return history.must(e.ObjectionLodged(number=objections.next_number(history.case, OBJECTION), grounds=GROUNDS))


def answered(history: History, result: objections.Answer) -> History:
    """Answers the pending objection or appeal."""
    waiting = history.case.open_objection
    assert waiting is not None
    if waiting.opinion is None:
        history.must(e.AnswerDrafted(number=waiting.number, result=result, reasons=GRANTS if result == "granted" else REJECTS))
    decided = e.ObjectionDecided if waiting.kind == OBJECTION else e.AppealDecided
    return history.must(decided(number=waiting.number, result=result, reasons=GRANTS if result == "granted" else REJECTS))


def drafted(history: History) -> History:
    """Lets somebody who had no part draft the answer to the pending objection or appeal."""
    assert history.case.open_objection is not None
    return history.must(e.AnswerDrafted(number=history.case.open_objection.number, result="rejected", reasons=REJECTS))


def appealed(history: History) -> History:
    """Lets the objection be rejected and the applicant appeal."""
    answered(lodged(history), "rejected")
    return history.must(e.AppealLodged(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS))


# The days of the law


def days_after(history: History, since: str, working_days: int) -> datetime:
    """Returns the close of office so many working days later."""
    return history.city.calendar.due_at(to_instant(since), working_days)


def test_an_objection_may_be_lodged_for_21_working_days() -> None:
    """On the last day it stands; when the ledger has said that the days are over, it does not, and nothing runs any more."""
    history = refused()
    (window,) = deadlines.clock(history.case, history.city.calendar)
    assert (window.kind, window.due_at) == ("settled", days_after(history, history.case.ended_at, 21))

    late = refused()
    lodged(history_until(history, window.due_at - timedelta(minutes=1)))
    late.wait_until(window.due_at)

    assert late.names()[-1] == "refusal.settled"
    assert late.say(e.ObjectionLodged(number=objections.next_number(late.case, OBJECTION), grounds=GROUNDS)) == "objection-too-late"
    assert deadlines.clock(late.case, late.city.calendar) == ()


def history_until(history: History, instant: datetime) -> History:
    """Lets time pass."""
    history.wait_until(instant)
    return history


@pytest.mark.parametrize(
    ("begin", "granted"), [(lodged, "objection.deemed-granted"), (appealed, "appeal.deemed-granted")], ids=["objection", "appeal"]
)
def test_ten_working_days_of_silence_grant_it(begin: Any, granted: str) -> None:  # noqa: ANN401 - one of the functions above
    """The ledger says so at the close of the tenth day, and the decision step is open again, for people, due in five working days."""
    history = begin(refused_at_the_end())
    since = history.case.objections[-1].at

    passed = history.wait_until(days_after(history, since, 10))

    assert [item.kind for item in passed] == ["objection"]
    assert history.names()[-1] == granted
    assert (history.case.outcome, tuple(history.case.ready), history.case.parties) == ("", ("tetap",), ("dpmptsp",))
    due = {item.kind: item.due_at for item in deadlines.clock(history.case, history.city.calendar)}
    assert due == {"target": days_after(history, history.case.ready["tetap"].at, 5)}


def test_an_appeal_may_be_lodged_for_ten_working_days() -> None:
    """After the rejected objection; when nobody appeals, the refusal is settled and says which days went unused."""
    history = answered(lodged(refused()), "rejected")
    (window,) = deadlines.clock(history.case, history.city.calendar)
    assert (window.kind, window.step, window.due_at) == ("settled", APPEAL, days_after(history, history.case.objections[0].decided_at, 10))

    history.wait_until(window.due_at)

    assert history.entries[-1].event.data == e.RefusalSettled(round=1, unused="appeal")
    assert history.say(e.AppealLodged(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS)) == "objection-too-late"


def test_a_rejected_appeal_settles_the_refusal() -> None:
    """Nothing may be lodged any more, nothing runs, nobody has it."""
    history = answered(appealed(refused()), "rejected")

    assert history.say(e.ObjectionLodged(number=objections.next_number(history.case, OBJECTION), grounds=GROUNDS)) == "objection-too-late"
    assert deadlines.clock(history.case, history.city.calendar) == ()
    assert (history.case.outcome, history.case.parties) == ("refused", ())


# Who may


def test_who_may_object_to_what() -> None:
    """Only the applicant, only to a refusal, only once, under the next number; an appeal only against a rejected objection."""
    number = objections.next_number(refused().case, OBJECTION)
    said = e.ObjectionLodged(number=number, grounds=GROUNDS)

    assert History(PBG).begin().say(said) == "nothing-to-object-to"
    assert History(PBG).begin().finish().say(said) == "nothing-to-object-to"
    assert refused().say(said, authid=OFFICER_ID) == "not-yours"
    assert refused().say(e.ObjectionLodged(number="KEB/7", grounds=GROUNDS)) == "objection-number"
    assert refused().say(e.AppealLodged(number="BDG/1", grounds=GROUNDS)) == "objection-first"
    pending = lodged(refused())
    assert pending.say(e.ObjectionLodged(number=objections.next_number(pending.case, OBJECTION), grounds=GROUNDS)) == "objection-pending"
    rejected = answered(pending, "rejected")
    assert rejected.say(e.ObjectionLodged(number=objections.next_number(rejected.case, OBJECTION), grounds=GROUNDS)) == "objection-answered"


def test_the_deciding_head_answers_and_the_superior_decides_the_appeal() -> None:
    """Another agency, another role or a superior who has decided before is refused."""
    history = drafted(lodged(refused()))
    answer = e.ObjectionDecided(number=history.case.objections[0].number, result="granted", reasons=GRANTS)
    assert history.say(answer, agency="pupr") == "wrong-agency"
    assert history.say(answer, role="officer") == "not-allowed"
    assert history.say(e.ObjectionDecided(number="KEB/9", result="granted", reasons=GRANTS)) == "no-objection"

    history = drafted(appealed(refused()))
    appeal = e.AppealDecided(number=history.case.objections[1].number, result="rejected", reasons=REJECTS)
    assert history.say(appeal, role="head", agency="dpmptsp") == "not-allowed"
    assert history.say(appeal, authid=SIGNER_ID) == "same-official"
    assert history.say(appeal, authid=SUPERIOR_ID) == ""
    assert history.say(appeal, authid=SUPERIOR_ID) == "no-objection"


def test_somebody_who_had_no_part_drafts_the_answer() -> None:
    """Who reviewed, drafted or signed is refused, at any agency's desk; so is the head's word without a draft, and a draft of their own."""
    history = refused()
    reviewers, (signer,) = set(history.case.involved), {item.authid for item in history.case.steps.values() if item.result == "refused"}
    assert {OFFICER_ID, SIGNER_ID} <= reviewers
    lodged(history)
    number = history.case.objections[0].number
    said = e.AnswerDrafted(number=number, result="rejected", reasons=REJECTS)
    assert [history.say(said, authid=authid) for authid in sorted(reviewers)] == ["involved"] * len(reviewers)
    assert history.say(said, agency="pupr") == "wrong-agency"
    assert history.say(said, role="head") == "not-allowed"
    assert history.say(e.AnswerDrafted(number="KEB/9", result="rejected", reasons=REJECTS)) == "no-objection"
    answer = e.ObjectionDecided(number=number, result="granted", reasons=GRANTS)
    assert history.say(answer) == "no-draft"
    assert history.say(said) == ""
    assert history.say(said) == "draft-pending"
    assert history.say(answer, authid=DRAFTER_ID) == "same-officer"
    assert history.say(answer, authid=signer) == ""  # an opinion: the head may decide otherwise
    assert history.case.objections[0].opinion is not None


def test_a_small_agency_lets_somebody_draft_who_had_a_part() -> None:
    """Its head names who and why before the draft; without a part there is nothing to allow, and who has an interest is never let."""
    history = lodged(refused())
    number = history.case.objections[0].number
    said = e.AnswerDrafted(number=number, result="rejected", reasons=REJECTS)
    allowed = e.InvolvedDrafterAllowed(number=number, officer=OFFICER_ID, reason="tidak-ada-pegawai-lain")
    assert history.say(allowed, role="officer") == "not-allowed"
    assert history.say(allowed, agency="pupr") == "wrong-agency"
    assert history.say(allowed.model_copy(update={"officer": DRAFTER_ID})) == "not-involved"
    assert history.say(allowed.model_copy(update={"officer": APPLICANT_ID})) == "officer-in-conflict"
    history.must(allowed)
    assert history.say(allowed) == "not-involved"
    assert history.case.objections[0].allowed == {OFFICER_ID: "tidak-ada-pegawai-lain"}
    assert history.say(said, authid=OFFICER_ID) == ""
    assert history.say(allowed.model_copy(update={"officer": SIGNER_ID})) == "draft-pending"


def test_screens_offer_what_may_be_done_and_say_why_not() -> None:
    """The applicant is offered the objection, then the appeal; head and superior get their button only while it waits for them."""

    def offered(history: History, role: str, agency: str = "", authid: str = APPLICANT_ID) -> dict[str, str]:
        return {action.command: action.refusal for action in rules.next_actions(history.case, role, agency, authid)}

    history = refused()
    theirs = offered(history, "applicant")
    assert (theirs["withdraw"], theirs["lodge-objection"], theirs["lodge-appeal"]) == ("already-refused", "", "objection-first")
    assert "decide-objection" not in offered(history, "head", "dpmptsp", SIGNER_ID)
    lodged(history)
    assert offered(history, "officer", "dpmptsp", DRAFTER_ID) == {"draft-answer": ""}
    assert offered(history, "officer", "dpmptsp", OFFICER_ID) == {"draft-answer": "involved"}
    assert offered(history, "head", "dpmptsp", SIGNER_ID)["decide-objection"] == "no-draft"
    drafted(history)
    assert offered(history, "head", "dpmptsp", SIGNER_ID)["decide-objection"] == ""
    assert offered(history, "applicant")["lodge-objection"] == "objection-pending"
    answered(history, "rejected")
    assert offered(history, "applicant")["lodge-appeal"] == ""
    history.must(e.AppealLodged(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS))
    assert offered(history, "superior", "setda", SUPERIOR_ID) == {"decide-appeal": "no-draft", "allow-drafter": ""}
    drafted(history)
    assert offered(history, "superior", "setda", SUPERIOR_ID) == {"decide-appeal": "", "allow-drafter": "draft-pending"}
    assert "decide-appeal" not in offered(history, "head", "dpmptsp", SIGNER_ID)


# After it was granted


def test_a_granted_objection_overrules_and_does_the_rest_as_usual() -> None:
    """The review that rejected is overruled and not held again; other agencies finish, the charge is paid, and a permit is issued."""
    history = refused()
    before = set(history.case.steps)

    answered(lodged(history), "granted")

    assert history.case.steps["tpa"].result == objections.OVERRULED
    assert "tetap" not in history.case.steps
    assert {"lingkungan", "kebakaran", "lalin"} <= set(history.case.ready) | before
    history.finish()
    assert (history.case.outcome, rules.is_rejected(history.case)) == ("issued", False)
    assert all(code in history.case.steps for code in ("tpa", "lingkungan", "kebakaran", "skrd", "bayar", "tetap"))


def test_what_was_granted_cannot_be_refused_again() -> None:
    """Nobody may draft a refusal for what was overruled; where another agency rejects afterwards, it may, and that can be objected to."""
    history = answered(lodged(refused_at_the_end()), "granted")
    assert history.say(e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("x",))) == "must-issue"

    other = answered(lodged(refused()), "granted")
    waiting = next(code for code in other.case.ready if code != "tetap")
    other.must(e.ReviewCompleted(step=waiting, round=2, result="rejected", reasons=("x",))).finish()

    assert (other.case.outcome, other.case.outcome_reasons) == ("refused", ("x",))
    assert objections.next_number(other.case, OBJECTION).endswith("/2")
    lodged(other)


def test_a_rule_that_refused_does_not_decide_again() -> None:
    """Where a rule decides, people decide after a granted objection: the rule's own word is refused."""
    history = History(SKP).begin()
    rejecting = e.ReviewCompleted(step="aturan", round=1, result="rejected", reasons=("lama-melebihi",))
    history.must(good_answer(history.case, "lengkap"), rejecting, e.ApplicationRefused(step="tetap", reasons=("lama-melebihi",)))
    answered(lodged(history), "granted")
    history.until("tetap")

    permit = e.PermitIssued(step="tetap", number="IZIN/1", valid_from="2026-12-01")
    assert history.say(permit, role="rule", authid="") == "not-by-rule"
    assert history.say(permit, authid=SIGNER_ID, role="pejabat-penerbit") == "no-draft"
    history.must(e.DecisionDrafted(step="tetap", outcome="issue"))
    assert history.say(permit, authid=OFFICER_ID) == "same-officer"
    assert history.say(permit, authid=SIGNER_ID) == ""
    assert history.case.outcome == "issued"


def test_silence_after_a_granted_objection_is_late_and_grants_nothing_by_itself() -> None:
    """The five days are a deadline of the agency, which is missed and escalated; no permit comes out of a clock."""
    history = answered(lodged(refused_at_the_end()), "granted")

    kinds = {item.kind for item in history.wait_days(60)}

    assert kinds == {"target", "escalation", "contest"}
    assert (history.case.outcome, history.case.parties) == ("", ("dpmptsp",))


def test_places_of_a_pool_are_asked_for_again() -> None:
    """A refused application gave its places back; granted, it waits for its turn in the queue like anybody else."""
    sop = "trayek@2"
    history = History(sop).begin(FLEET).until("tetap")
    places = next(step.code for step in catalogue()[sop].steps if step.kind == "quota")
    assert places in history.case.steps
    refusing = e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("x",))
    history.must(refusing, e.ApplicationRefused(step="tetap", reasons=("x",)))

    answered(lodged(history), "granted")

    assert tuple(history.case.ready) == (places,)
    assert history.case.parties == ("outsider:antrean",)
    assert history.finish().case.outcome == "issued"


def test_money_paid_before_the_refusal_counts_again() -> None:
    """A refused application's charge is owed back; when the refusal is taken back, it is paid and nothing is owed."""
    history = refused_at_the_end(REKLAME)
    assert sum(remedy.rupiah for remedy in history.case.remedies) > 0

    answered(lodged(history), "granted")

    assert not any(remedy.rupiah for remedy in history.case.remedies)
    assert tuple(history.case.ready) == ("tetap",)


# What depends on it elsewhere


def test_a_refused_case_is_kept_while_an_objection_may_come() -> None:
    """Stages let go of it thirty days after the refusal is settled, and not before."""
    history = refused()
    assert drop_at(history.case, "open") is None
    lodged(history)
    assert drop_at(history.case, "permits") is None

    history = refused()
    history.wait_days(40)

    assert drop_at(history.case, "open") == to_instant(history.case.settled_at) + timedelta(days=30)


def test_erasure_waits_for_the_answer() -> None:
    """While an objection is open the personal data is needed; who was forgotten cannot object."""
    forgetting = e.SubjectForgotten(reason="applicant-request")
    history = lodged(refused())
    assert history.say(forgetting) == "objection-pending"
    answered(history, "rejected").must(forgetting)

    history = refused().must(forgetting)
    assert history.say(e.ObjectionLodged(number=objections.next_number(history.case, OBJECTION), grounds=GROUNDS)) == "already-forgotten"


def test_whose_turn_and_custody() -> None:
    """The deciding agency has it, then the superior; their minutes are counted, the days in which nobody had it are nobody's."""
    history = lodged(refused_at_the_end())
    history.now += timedelta(days=2)
    answered(history, "rejected")
    assert [turn.parties for turn in history.case.turns[-2:]] == [("dpmptsp",), ()]
    history.now += timedelta(days=1)
    history.must(e.AppealLodged(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS))
    assert history.case.parties == ("setda",)

    now = history.now + timedelta(days=1)
    found = custody(history.case.turns, history.city.calendar, counted_until(history.case, now))

    parts = {part.party: part.working_minutes for part in found.parts}
    assert parts["setda"] > 0
    assert found.nobody_minutes > 0
    assert found.whole_minutes == sum(part.alone_minutes for part in found.parts) + found.together_minutes + found.nobody_minutes
    answered(history, "rejected")
    assert counted_until(history.case, now + timedelta(days=90)) == to_instant(history.case.turns[-1].at)


def test_the_desk_of_who_answers_has_the_task() -> None:
    """Issuance's row has one task, for who drafts, then the head or the superior, due in ten working days; other desks have none."""
    tasks = (
        *((lodged(refused()), "officer", "dpmptsp"), (drafted(lodged(refused())), "head", "dpmptsp")),
        *((appealed(refused()), "officer", "setda"), (drafted(appealed(refused())), "superior", "setda")),
    )
    for history, role, agency in tasks:
        row = queue_row(history.case, history.city.calendar, "issuance")
        assert row is not None
        (task,) = row["tasks"]
        assert (task["role"], task["agencies"], row["agencies"]) == (role, [agency], [agency])
        assert to_instant(task["due"]) == days_after(history, history.case.objections[-1].at, 10)
        assert queue_row(history.case, history.city.calendar, "verification")["tasks"] == []  # type: ignore[index]  # it is not None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(walks(60), st.sampled_from(ANSWERS))
def test_a_refusal_never_ends_without_a_way(history: History, answer: objections.Answer) -> None:
    """However an application was refused: objected to and answered either way, it ends again, and is settled or decided anew."""
    if history.case.outcome != "refused" or objections.window(history.case) is None:
        return
    odd = history.case.anomalies
    if objections.of_this_act(history.case):
        history.must(e.AppealLodged(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS))
    else:
        lodged(history)
    answered(history, answer)
    history.finish()
    assert history.case.outcome
    history.wait_until(datetime(2029, 1, 1, tzinfo=UTC))
    assert history.case.outcome != "refused" or history.case.settled_at
    assert history.case.anomalies == odd
