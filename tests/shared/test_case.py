"""The fold: total and the same for everybody; whole applications of every shipped SOP, with corrections, visits, money and every end."""

from dataclasses import fields
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.case import Case, case_state, empty_case, fold, fold_all, with_pending
from shared.case_model import Remedy
from shared.city import City
from shared.envelope import Entry, canonical, read_entry
from shared.fields import to_timestamp
from shared.folding.parts import ANOMALIES_MAX
from shared.sop import rules
from shared.sop.model import Sop
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
    make_event,
    make_line,
)
from tests.strategies import QUICK, events, histories
from tests.walks import SENSITIVE, walks

SOPS = catalogue()
FIELDS = [field.name for field in fields(Case)]


def finding(requirement: str) -> e.Finding:
    """Returns a finding about a requirement."""
    return e.Finding(requirement=requirement, reason="tidak-terbaca")


def passed(step: str, in_round: int = 1) -> e.ReviewCompleted:
    """Returns a review that finds nothing."""
    return e.ReviewCompleted(step=step, round=in_round, result="passed")


def with_findings(step: str, *requirements: str, in_round: int = 1) -> e.ReviewCompleted:
    """Returns a review with something to correct."""
    return e.ReviewCompleted(step=step, round=in_round, result="findings", findings=tuple(finding(item) for item in requirements))


def complete(sop: str, facts: Any = None) -> History:  # noqa: ANN401 - declared facts
    """Returns an application whose documents are complete."""
    return History(sop).begin(facts).must(e.ApplicationCompleted(step="lengkap"))


def charged(amount_rupiah: int = 100_000) -> History:
    """Returns a billboard application whose tax is assessed and not paid."""
    history = complete(REKLAME)
    while "bayar" not in history.case.ready:
        data = good_answer(history.case, next(iter(history.case.ready)))
        history.must(data.model_copy(update={"amount_rupiah": amount_rupiah}) if isinstance(data, e.ChargeAssessed) else data)
    return history


def paid(receipt: str, rupiah: int, charge: str = "SKPD/1") -> e.PaymentConfirmed:
    """Returns a payment."""
    return e.PaymentConfirmed(charge=charge, receipt=receipt, amount_rupiah=rupiah)


# Total, deterministic, bounded


@QUICK
@given(histories())
def test_any_entries_fold_to_one_case(entries: list[Entry]) -> None:
    """Events of all classes in any order, with any verdicts, give a case, the same one twice, also to a reader without the SOPs."""
    case = empty_case(CODE)
    for entry in entries:
        before, case = case, fold(case, entry, SOPS)
        assert (case.sequence, case.position) == (entry.stamp.sequence, entry.stamp.position)
        assert list(case.__dict__) == FIELDS
        assert before != case
    assert case == fold_all(CODE, [read_entry(entry.raw) for entry in entries], SOPS)
    without = fold_all(CODE, entries, {})
    assert (without.sop, without.parties, dict(without.ready)) == (None, (), {})
    assert len(case.anomalies) <= ANOMALIES_MAX
    assert canonical(case_state(case)) == canonical(orjson.loads(canonical(case_state(case))))


@QUICK
@given(st.lists(events(subject=st.just(CODE)), max_size=12))
def test_what_stands_changes_the_case_or_is_an_anomaly(said: list[e.AnyEvent]) -> None:
    """An entry that stands and leaves everything as it was is listed among the anomalies, except a skipped number."""
    case = empty_case(CODE)
    for place, event in enumerate(said, 1):
        before, case = case, fold(case, make_line(event, place, place), SOPS)
        moved = before.having(sequence=case.sequence, position=case.position, recorded=case.recorded)
        assert case != moved or isinstance(event.data, e.NumberSkipped) or len(before.anomalies) == ANOMALIES_MAX


@QUICK
@given(walks())
def test_live_and_replayed_cases_are_the_same(history: History) -> None:
    """The case that was folded entry by entry is the case of a replay from bytes, at every sequence."""
    entries = [read_entry(entry.raw) for entry in history.entries]
    assert fold_all(CODE, entries, SOPS) == history.case
    half = fold_all(CODE, entries[: len(entries) // 2], SOPS)
    for entry in entries[len(entries) // 2 :]:
        half = fold(half, entry, SOPS)
    assert case_state(half) == case_state(history.case)


@QUICK
@given(walks())
def test_what_always_holds_of_a_case(history: History) -> None:
    """Whoever does what: somebody has an open case or one that is objected to, nobody any other, an end has its time, and no rupiah is owed twice."""
    case = history.case
    assert bool(case.parties) == bool(case.ready) == (not case.outcome or case.open_objection is not None)
    assert all(earlier.parties != later.parties for earlier, later in zip(case.turns, case.turns[1:], strict=False))
    assert bool(case.ended_at) == bool(case.outcome)
    assert (case.permit is not None) == (case.outcome in ("issued", "deemed-granted"))
    received = sum(item.data.amount_rupiah for item in standing(history) if isinstance(item.data, e.PaymentConfirmed))
    kept = sum(min(charge.paid_rupiah, charge.amount_rupiah) for charge in case.charges)
    owed = sum(remedy.rupiah for remedy in case.remedies)
    assert received == owed + (0 if case.outcome in ("withdrawn", "refused", "closed") else kept)


def standing(history: History) -> list[e.AnyEvent]:
    """Returns the events that were not refused."""
    return [entry.current for entry in history.entries if not entry.stamp.refused]


def test_anomalies_are_bounded() -> None:
    """However many strange facts come, a case keeps the newest hundred anomalies."""
    case = empty_case(CODE)
    event = make_event(e.VisitMissed(step="lapangan", visit=1, reason="hujan"))
    for place in range(1, ANOMALIES_MAX + 21):
        case = fold(case, make_line(event, place, place), SOPS)
    assert len(case.anomalies) == ANOMALIES_MAX
    assert case.anomalies[-1] == f"visit.missed at {ANOMALIES_MAX + 20}"


def test_the_state_is_plain_json_without_the_sop() -> None:
    """The state of a case names its SOP and holds everything else as plain JSON, in the order of its fields."""
    state = case_state(complete(REKLAME).must(with_findings("lalin", "desain")).case)
    assert list(state) == [name for name in FIELDS if name != "sop"]
    assert state["sop_name"] == REKLAME
    assert state["findings"] == {"lalin": [{"requirement": "desain", "reason": "tidak-terbaca"}]}
    assert state["steps"]["lalin"]["result"] == "findings"
    assert state["turns"][-1]["parties"] == ["pupr"]
    assert orjson.loads(canonical(state)) == state


# Whole applications

ISSUED = ["decision.drafted", "permit.issued"]
VISITED = ["visit.scheduled", "visit.reported", "visit-record.signed", "visit-record.signed"]
PAID = ["charge.assessed", "payment.confirmed"]


@pytest.mark.parametrize(
    ("sop", "facts", "names"),
    [
        (SKP, None, ["review.completed", "audit.drawn", "permit.issued"]),
        (SKP, SENSITIVE, ["review.completed", "audit.drawn", "review.completed", *ISSUED]),
        (REKLAME, None, ["review.completed", "review.completed", *VISITED, *PAID, *ISSUED]),
        (PBG, None, [*["review.completed"] * 4, "recommendation.issued", *PAID, *ISSUED]),
        (PBG, {**FACTS[PBG], "luas-lantai-m2": "499.9999"}, [*["review.completed"] * 3, "recommendation.issued", *PAID, *ISSUED]),
    ],
)
def test_an_application_in_which_all_goes_well(sop: str, facts: Any, names: list[str]) -> None:  # noqa: ANN401 - declared facts
    """Each shipped SOP leads from submission to permit, asking exactly its own steps of exactly the cases they apply to."""
    history = History(sop).begin(facts).finish()
    assert history.names() == ["application.submitted", "application.completed", *names]
    case = history.case
    assert (case.outcome, case.anomalies, case.remedies, case.missed) == ("issued", (), (), ())
    assert case.permit is not None
    assert not case.permit.deemed
    assert case.ended_at == to_timestamp(history.now)


def test_one_list_of_corrections_from_two_agencies() -> None:
    """Findings of two agencies become one list, asked for by the owner of the joining step when the last review of the round has ended."""
    history = complete(REKLAME).must(with_findings("lalin", "desain"))
    assert history.case.parties == ("pupr",)
    history.must(with_findings("struktur-ruang", "gambar-konstruksi", "hak-lahan"))
    assert (tuple(history.case.ready), history.case.parties) == ((rules.CORRECTION_REQUEST,), ("pupr",))
    history.must(good_answer(history.case, rules.CORRECTION_REQUEST))
    assert history.case.correction is not None
    assert [item.requirement for item in history.case.correction.findings] == ["gambar-konstruksi", "hak-lahan", "desain"]
    assert history.case.parties == ("applicant",)
    history.must(correction(history.case))
    assert case_state(history.case)["correction"] is None
    assert (history.case.round, dict(history.case.findings)) == (2, {})
    assert set(history.case.ready) == {"struktur-ruang", "lalin"}
    assert history.finish().case.outcome == "issued"


def test_a_correction_reopens_only_the_reviews_that_read_what_changed() -> None:
    """The fire review reads the corrected drawing and is reopened with the one that found the fault; the others stay done."""
    history = complete(PBG).must(passed("lingkungan"), passed("kebakaran"), passed("lalin"), with_findings("tpa", "gambar-arsitektur"))
    history.must(good_answer(history.case, rules.CORRECTION_REQUEST))
    history.must(correction(history.case))
    assert set(history.case.ready) == {"tpa", "kebakaran"}
    assert {code for code, state in history.case.steps.items() if state.result == "passed"} == {"lengkap", "lingkungan", "lalin"}
    assert history.say(passed("kebakaran", in_round=1)) == "wrong-round"
    history.must(passed("kebakaran", in_round=2), passed("tpa", in_round=2))
    assert tuple(history.case.ready) == ("pernyataan-standar",)


def test_what_follows_a_reopened_step_waits_again() -> None:
    """What follows a reopened step waits for it, also behind a step in between that was done already."""
    case = complete(PBG).must(passed("lingkungan"), passed("kebakaran"), passed("lalin"), passed("tpa")).finish().case
    open_again = case.having(outcome="", steps={code: state for code, state in case.steps.items() if code not in ("tpa", "tetap")})
    assert rules.ready_codes(open_again) == ("tpa",)


@pytest.mark.parametrize("step", ["struktur-ruang", "lalin"])
def test_a_rejecting_review_leads_to_a_refusal(step: str) -> None:
    """A review that rejects for good leaves only the decision, which must refuse, and the reasons are kept."""
    history = complete(REKLAME).must(e.ReviewCompleted(step=step, round=1, result="rejected", reasons=("tata-ruang",)))
    assert (tuple(history.case.ready), history.case.parties) == (("tetap",), ("dpmptsp",))
    assert history.case.outcome_reasons == ("tata-ruang",)
    assert history.say(e.DecisionDrafted(step="tetap", outcome="issue")) == "must-refuse"
    assert history.finish().case.outcome == "refused"


def test_a_rejecting_recommendation_must_be_followed_by_a_refusal() -> None:
    """After a recommendation against it no permit can be drafted."""
    history = complete(PBG).must(passed("lingkungan"), passed("kebakaran"), passed("lalin"), passed("tpa"))
    history.must(e.RecommendationIssued(step="pernyataan-standar", number="REK/1", opinion="reject"))
    assert history.case.outcome_reasons == ("recommendation-rejects",)
    assert history.say(e.DecisionDrafted(step="tetap", outcome="issue")) == "must-refuse"
    assert history.finish().names()[-2:] == ["decision.drafted", "application.refused"]


def test_an_automatic_decision_follows_a_rejecting_rule() -> None:
    """In a rule-run permit type a rejection is refused by rule, without a draft."""
    rejected = e.ReviewCompleted(step="aturan", round=1, result="rejected", reasons=("lebih-dari-dua-belas-bulan",))
    history = complete(SKP).must(rejected)
    history.must(e.ApplicationRefused(step="tetap", reasons=("lebih-dari-dua-belas-bulan",)))
    assert (history.case.outcome, history.case.outcome_reasons) == ("refused", ("lebih-dari-dua-belas-bulan",))


# Visits


def ready_for_visit() -> History:
    """Returns a billboard application that waits for its joint visit."""
    return complete(REKLAME).must(passed("lalin"), passed("struktur-ruang"))


def schedule(number: int) -> e.VisitScheduled:
    """Returns the joint visit's date."""
    return e.VisitScheduled(step="lapangan", visit=number, date="2026-11-30", agencies=("pupr", "dishub"), assignment_letter=f"ST/{number}")


def failed(number: int) -> e.VisitReported:
    """Returns a visit that found something wrong."""
    return e.VisitReported(step="lapangan", visit=number, result="failed", failed_items=("titik-sesuai",), evidence=())


def test_a_missed_visit_is_held_again() -> None:
    """A visit at which nobody could be met counts for nothing, and the next one has the next number."""
    history = ready_for_visit().must(schedule(1), e.VisitMissed(step="lapangan", visit=1, reason="terkunci"))
    assert rules.visits_held(history.case, "lapangan") == 0
    assert history.say(schedule(1)) == "wrong-visit"
    assert history.must(schedule(2)).finish().case.outcome == "issued"


def test_a_moved_visit_keeps_its_number() -> None:
    """Moving a visit changes its date only."""
    history = ready_for_visit().must(schedule(1), e.VisitMoved(step="lapangan", visit=1, date="2026-12-04", reason="hujan"))
    visit = rules.last_visit(history.case, "lapangan")
    assert visit is not None
    assert (visit.number, visit.date, visit.state) == (1, "2026-12-04", "scheduled")


def test_one_failed_visit_may_be_repeated() -> None:
    """Below the SOP's number of visits a failed one is held again, and its failed items are known."""
    history = ready_for_visit().must(schedule(1), failed(1))
    assert history.case.visits[0].failed_items == ("titik-sesuai",)
    assert tuple(history.case.ready) == ("lapangan",)
    assert history.finish().case.outcome == "issued"


def test_the_last_failed_visit_rejects() -> None:
    """When the SOP allows no further visit, the failed one rejects the application."""
    history = ready_for_visit().must(schedule(1), failed(1), schedule(2), failed(2))
    assert (history.case.steps["lapangan"].result, history.case.outcome_reasons) == ("rejected", ("site-visit-failed",))
    assert history.finish().case.outcome == "refused"


def test_a_joint_visit_is_over_when_every_agency_signed() -> None:
    """The turn passes to the agencies that have not signed the record yet; a second signature of the same one is an anomaly."""
    history = ready_for_visit().must(schedule(1), e.VisitReported(step="lapangan", visit=1, result="passed", evidence=()))
    signed = e.VisitRecordSigned(step="lapangan", visit=1)
    turns = [history.case.parties]
    for agency in ("dishub", "dishub", "pupr"):
        assert history.say(signed, agency=agency) == ""
        turns.append(history.case.parties)
    assert turns == [("dishub", "pupr"), ("pupr",), ("pupr",), ("bpprd",)]
    assert history.case.anomalies == (f"visit-record.signed at {history.case.sequence - 1}",)
    assert history.case.steps["lapangan"].result == "passed"


def test_an_old_report_counts_as_the_new_one() -> None:
    """A report of the first form folds like the second: the whole visit failed."""
    history = ready_for_visit().must(schedule(1), e.VisitReportedV1(step="lapangan", visit=1, passed=False, evidence=()))
    assert (history.case.visits[0].state, history.case.visits[0].failed_items) == ("failed", ("whole-visit",))


def test_an_unknown_visit_is_an_anomaly() -> None:
    """A report about a visit that nobody scheduled changes nothing and is noted."""
    history = ready_for_visit().must(failed(7))
    assert history.case.visits == ()
    assert history.case.anomalies == (f"visit.reported at {history.case.sequence}",)


# Money


def test_a_charge_may_be_paid_in_parts() -> None:
    """The payment is over when the parts reach the charge."""
    history = charged().must(paid("STS/1", 40_000))
    assert history.case.parties == ("applicant",)
    history.must(paid("STS/2", 60_000))
    assert (tuple(history.case.ready), history.case.remedies) == (("tetap",), ())


def test_what_was_paid_too_much_is_owed() -> None:
    """An over-payment is owed back, each rupiah once, also when the application is withdrawn later."""
    history = charged().must(paid("STS/1", 150_000), paid("STS/2", 30_000))
    assert [(remedy.rupiah, remedy.receipt) for remedy in history.case.remedies] == [(50_000, "STS/1"), (30_000, "STS/2")]
    history.must(e.ApplicationWithdrawn(reason="batal"))
    assert [remedy.rupiah for remedy in history.case.remedies] == [50_000, 30_000, 100_000]


def test_a_receipt_counts_once() -> None:
    """The same receipt told again is an anomaly, while it runs, after the end, and for a charge nobody knows."""
    history = charged().must(paid("STS/1", 150_000), paid("STS/1", 150_000), paid("STS/2", 5, "SKPD/404"), paid("STS/2", 5, "SKPD/404"))
    history.must(e.ApplicationWithdrawn(reason="batal"), paid("STS/3", 7), paid("STS/3", 7), paid("STS/1", 150_000))
    assert sum(remedy.rupiah for remedy in history.case.remedies) == 150_000 + 5 + 7


@pytest.mark.parametrize("end", [e.ApplicationWithdrawn(reason="batal")])
def test_money_after_the_end_opens_a_refund(end: e.Data) -> None:
    """A payment that arrives after the application ended without a permit is a fact: it stands, and all of it is owed back."""
    history = charged().must(end)
    assert history.say(paid("STS/1", 100_000)) == ""
    assert history.case.remedies == (Remedy("refund", 100_000, history.case.sequence, "STS/1"),)
    assert history.case.outcome == "withdrawn"


def test_money_for_a_charge_nobody_knows() -> None:
    """It is owed back and noted, and it does not lessen what is owed for the known charge."""
    history = charged().must(paid("STS/1", 100_000), paid("STS/2", 60_000, "SKPD/404"))
    assert history.case.anomalies == (f"payment of an unknown charge at {history.case.sequence}",)
    history.must(e.ApplicationWithdrawn(reason="batal"))
    assert sum(remedy.rupiah for remedy in history.case.remedies) == 160_000


def test_nothing_is_owed_for_a_permit() -> None:
    """What was charged for an issued permit is kept."""
    assert charged().must(paid("STS/1", 100_000)).finish().case.remedies == ()


def test_a_charge_of_zero_needs_no_payment() -> None:
    """Where the tariff gives zero rupiah, nobody has to confirm that nothing was paid."""
    history = complete(PBG, {**FACTS[PBG], "luas-lantai-m2": "0"}).finish()
    assert history.case.charges[0].amount_rupiah == 0
    assert "payment.confirmed" not in history.names()
    assert history.case.outcome == "issued"


def test_a_payment_before_its_step_is_open_counts_when_it_opens() -> None:
    """Where a second charge is still to come, paying the first one does not end the payment; what was paid early counts later."""
    sop = SOPS[PBG]
    second = sop.step_by_code["skrd"].model_copy(update={"code": "skrd-denda"})
    pay = sop.step_by_code["bayar"].model_copy(update={"needs": ("skrd", "skrd-denda")})
    steps = tuple(item for step in sop.steps for item in ((second, pay) if step.code == "bayar" else (step,)))
    fields_of_sop = {name: getattr(sop, name) for name in Sop.model_fields}
    city = City(senders=make_city().senders, sops={PBG: Sop(**{**fields_of_sop, "steps": steps})}, contract=e.CONTRACT)
    history = History(PBG, city=city).begin()
    while "skrd" not in history.case.steps:
        history.must(good_answer(history.case, next(iter(history.case.ready))))
    history.must(paid("STS/1", history.case.charges[0].amount_rupiah))
    assert (tuple(history.case.ready), "bayar" in history.case.steps) == (("skrd-denda",), False)
    history.must(good_answer(history.case, "skrd-denda"))
    assert history.case.parties == ("applicant",)
    assert history.finish().case.remedies == ()


# Ends, refusals, pending


def test_an_end_is_final() -> None:
    """Whatever ends come later, even from the ledger itself, the first outcome stays and the later ones are anomalies."""
    history = charged().must(paid("STS/1", 100_000)).finish()
    state = case_state(history.case)
    for data in (
        e.PermitDeemedGranted(number="FP/1", legal_basis="x", valid_from="2026-12-01"),
        e.ApplicationWithdrawn(reason="batal"),
        e.ApplicationClosed(reason="no-payment"),
        e.ApplicationRefused(step="tetap", reasons=("x",)),
    ):
        case = fold(history.case, make_line(make_event(data), 99, 99), SOPS)
        assert {**case_state(case), "anomalies": []} == {**state, "anomalies": [], **stamp_of(case)}
        assert case.anomalies == (f"{data.NAME} at 99",)


def test_a_forgotten_application_says_since_when() -> None:
    """Erasure leaves the history as it is and notes its legal time; a second one, or one of an open application, is an anomaly."""
    history = charged().must(e.ApplicationWithdrawn(reason="batal"), e.SubjectForgotten(reason="retention-ended"))
    assert history.case.forgotten_at == history.entries[-1].stamp.recordedtime
    assert (history.case.outcome, history.case.anomalies) == ("withdrawn", ())
    again = fold(history.case, make_line(make_event(e.SubjectForgotten(reason="retention-ended")), 99, 99), SOPS)
    assert (again.forgotten_at, len(again.anomalies)) == (history.case.forgotten_at, 1)
    early = fold(charged().case, make_line(make_event(e.SubjectForgotten(reason="retention-ended")), 99, 99), SOPS)
    assert early.forgotten_at
    assert early.anomalies == ("subject.forgotten at 99",)


def test_legal_holds_stand_one_by_one() -> None:
    """Each letter's hold stands until it is lifted by its own number."""
    first, second = (e.LegalHoldPlaced(number=f"PN/2026/{number}", reason="court") for number in (1, 2))
    history = charged().must(first, second, e.LegalHoldLifted(number="PN/2026/1"))
    assert history.case.legal_holds == {"PN/2026/2": "court"}
    unknown = fold(history.case, make_line(make_event(e.LegalHoldLifted(number="PN/2026/1")), 99, 99), SOPS)
    assert (unknown.legal_holds, len(unknown.anomalies)) == (history.case.legal_holds, 1)


def stamp_of(case: Case) -> dict[str, Any]:
    """Returns the parts of a state that every entry changes."""
    state = case_state(case)
    return {name: state[name] for name in ("sequence", "position", "recorded")}


def test_a_refused_entry_changes_only_the_refusals() -> None:
    """The fold passes over a refused event, but remembers whose it was and why."""
    history = complete(REKLAME)
    before = case_state(history.case)
    assert history.say(e.PermitIssued(step="tetap", number="I/1", valid_from="2026-12-01")) == "step-not-ready"
    assert dict(history.case.refusals) == {"issuance": (3, "step-not-ready")}
    changed = {"refusals": {"issuance": [3, "step-not-ready"]}, "refusals_in_a_row": {"issuance": 1}}
    assert case_state(history.case) == {**before, **stamp_of(history.case), **changed}


def test_a_sender_is_parked_after_two_equal_refusals() -> None:
    """Two refusals of a sender with the same code park its rules; another code, or something that stands, starts the count anew."""
    history = complete(REKLAME)
    early = e.PermitIssued(step="tetap", number="I/1", valid_from="2026-12-01")
    wrong = e.ReviewCompleted(step="lalin", round=7, result="passed")
    assert [history.say(wrong), history.say(early), history.say(e.AuditDrawn(step="x", selected=True))] == [
        "wrong-round",
        "step-not-ready",
        "step-unknown",
    ]
    assert not any(rules.is_parked(history.case, sender) for sender in ("issuance", "verification", "inspection"))
    assert history.say(early) == "step-not-ready"
    assert rules.is_parked(history.case, "issuance")
    assert not rules.is_parked(history.case, "verification")
    assert [history.say(wrong), history.say(with_findings("lalin", "hak-lahan"))] == ["wrong-round", "not-read"]
    assert history.case.refusals_in_a_row["verification"] == 1
    history.must(passed("lalin"))
    assert "verification" not in history.case.refusals_in_a_row
    assert history.say(passed("lalin")) == "step-done"
    assert not rules.is_parked(history.case, "verification")


def test_following_a_refusal_counts_for_nothing() -> None:
    """What is refused only because it follows a refusal neither parks its sender nor voids its next decision."""
    history = complete(REKLAME)
    wrong = e.ReviewCompleted(step="lalin", round=7, result="passed")
    assert history.say(wrong, basis=2) == "wrong-round"
    for _ in range(3):
        assert history.say(passed("lalin"), basis=2) == "follows-a-refusal"
    assert history.case.refusals["verification"] == (3, "wrong-round")
    assert not rules.is_parked(history.case, "verification")
    assert history.say(passed("lalin"), basis=3) == ""


def test_own_events_on_the_way_count_for_deciding() -> None:
    """A sender decides on the case as if its own pending events had entered, in any version it may say them."""
    history = ready_for_visit().must(schedule(1))
    old = make_event(e.VisitReportedV1(step="lapangan", visit=1, passed=True, evidence=()))
    signed = [make_event(e.VisitRecordSigned(step="lapangan", visit=1), agency=agency) for agency in ("pupr", "dishub")]
    case = with_pending(history.case, [old, *signed], SOPS, to_timestamp(history.now))
    assert tuple(case.ready) == ("skpd",)
    assert (case.sequence, case.anomalies) == (history.case.sequence, ())
    assert tuple(history.case.ready) == ("lapangan",)


def test_the_turns_tell_who_had_it_since_when() -> None:
    """Each change of the parties is noted with its sequence and legal time."""
    history = charged().must(paid("STS/1", 100_000)).finish()
    assert [turn.parties for turn in history.case.turns] == [
        ("dpmptsp",),
        ("dishub", "pupr"),
        ("dishub",),
        ("dishub", "pupr"),
        ("dishub",),
        ("bpprd",),
        ("applicant",),
        ("dpmptsp",),
        (),
    ]
    recorded = {entry.stamp.sequence: entry.stamp.recordedtime for entry in history.entries}
    assert all(turn.at == recorded[turn.sequence] for turn in history.case.turns)


def test_who_did_what_is_kept() -> None:
    """A done step remembers its agency, its officer, its round and its place in the history."""
    history = complete(REKLAME).must(passed("lalin"))
    state = history.case.steps["lalin"]
    assert (state.result, state.round, state.agency, state.authid) == ("passed", 1, "dishub", OFFICER_ID)
    assert (state.sequence, state.at) == (history.case.sequence, history.case.recorded)
    assert (history.case.submitter, history.case.kelurahan) == (APPLICANT_ID, "62.71.01.1001")
    assert history.must(e.ReviewAssigned(step="struktur-ruang", officer=SIGNER_ID)).case.officers == {"struktur-ruang": SIGNER_ID}
