"""The verdict on one event: each refusal code and its reason, and that what is offered, accepted and entered never differ."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.case import fold_all
from shared.city import City
from shared.envelope import Entry
from shared.refusals import REFUSALS
from shared.sop import rules
from shared.sop.admissible import admissible
from shared.sop.checks.parts import RULE_ROLE
from tests.builders import (
    CODE,
    COMMITMENT,
    FACTS,
    OFFICER_ID,
    PBG,
    REKLAME,
    SIGNER_ID,
    SKP,
    History,
    catalogue,
    correction,
    make_city,
    make_event,
    publication,
    submission,
)
from tests.strategies import QUICK, events, histories
from tests.walks import commanded, walks

SOPS = catalogue()
CITY = make_city()
AGENCIES = sorted({agency for sop in SOPS.values() for step in sop.steps for agency in step.agencies})
PERMIT = e.PermitIssued(step="tetap", number="IZIN/1", valid_from="2026-12-01")


def complete(sop: str, facts: Any = None) -> History:  # noqa: ANN401 - declared facts
    """Returns an application whose documents are complete."""
    return History(sop).begin(facts).must(e.ApplicationCompleted(step="lengkap"))


def passed(step: str, in_round: int = 1) -> e.ReviewCompleted:
    """Returns a review that finds nothing."""
    return e.ReviewCompleted(step=step, round=in_round, result="passed")


def with_findings(step: str, *requirements: str) -> e.ReviewCompleted:
    """Returns a review with something to correct."""
    found = tuple(e.Finding(requirement=requirement, reason="kabur") for requirement in requirements)
    return e.ReviewCompleted(step=step, round=1, result="findings", findings=found)


def listed(*requirements: str, in_round: int = 1) -> e.CorrectionRequested:
    """Returns a list of corrections."""
    return e.CorrectionRequested(round=in_round, findings=tuple(e.Finding(requirement=item, reason="kabur") for item in requirements))


def corrected(*requirements: str, in_round: int = 1) -> e.CorrectionSubmitted:
    """Returns an applicant's correction."""
    attachments = tuple(e.Attachment(requirement=requirement, commitment=COMMITMENT) for requirement in requirements)
    return e.CorrectionSubmitted(round=in_round, attachments=attachments)


# Total


@QUICK
@given(histories(), st.lists(events(subject=st.just(CODE)), min_size=1, max_size=5), st.sampled_from([City(), CITY]))
def test_every_event_gets_a_verdict_on_any_case(entries: list[Entry], said: list[e.AnyEvent], city: City) -> None:
    """No event raises on any case in any city: it stands or has a code of the catalogue; facts and the ledger's own words always stand."""
    case = fold_all(CODE, entries, SOPS)
    for event in said:
        verdict = admissible(case, event, city)
        assert verdict in ("", *REFUSALS)
        assert verdict == "" or (event.data.KIND == "decision" and event.sender != "ledger")


@QUICK
@given(walks())
def test_what_is_offered_is_what_is_accepted(history: History) -> None:
    """For every officer of every agency, the commands offered are those whose events stand, and a decision that would stand is offered."""
    case = history.case
    steps = case.sop.steps if case.sop else ()
    for agency in AGENCIES:
        for authid in (OFFICER_ID, SIGNER_ID):
            offered = {(action.command, action.step): action.refusal for action in rules.next_actions(case, "petugas", agency, authid)}
            for step in steps:
                for command in rules.COMMANDS[step.kind]:
                    if step.code not in case.ready and step.kind not in ("review", "decision"):
                        continue
                    data = commanded(case, command, step.code)
                    verdict = admissible(case, history.event(data, agency=agency, authid=authid, role="petugas"), CITY)
                    refusal = offered.get((command, step.code), "step-not-ready")
                    if data.KIND == "decision":
                        assert (refusal == "") == (verdict == ""), (command, step.code, agency, refusal, verdict)
                    elif refusal == "":
                        assert verdict == ""


@QUICK
@given(walks(), st.sampled_from(["A" * 43, OFFICER_ID]))
def test_what_applicants_are_offered_is_what_is_accepted(history: History, authid: str) -> None:
    """The same holds for the applicant and for somebody else."""
    case = history.case
    offered = {action.command: action.refusal for action in rules.next_actions(case, rules.APPLICANT, "", authid)}
    answer = correction(case) if case.correction else corrected("desain")
    for command, data in {"correct": answer, "withdraw": e.ApplicationWithdrawn(reason="batal")}.items():
        if command in offered:
            assert admissible(case, history.event(data, authid=authid), CITY) == offered[command]


@QUICK
@given(walks())
def test_good_answers_always_stand(history: History) -> None:
    """Whatever happened so far, an open application can be brought to its end by doing each ready step well."""
    assert history.finish().case.outcome


# Submitting


def submitted(**changes: Any) -> str:  # noqa: ANN401 - fields of the submission
    """Returns the verdict on a billboard application with something changed."""
    data = submission(SOPS[REKLAME]).model_copy(update=changes)
    return History(REKLAME).say(data)


def declared(**values: Any) -> tuple[e.DeclaredFact, ...]:  # noqa: ANN401 - values of facts
    """Returns the facts of a billboard with some changed, or left out where None."""
    facts = {**FACTS[REKLAME], **{name.replace("_", "-"): value for name, value in values.items()}}
    return tuple(e.DeclaredFact(name=name, value=value) for name, value in facts.items() if value is not None)


GOOD = submission(SOPS[REKLAME]).attachments


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, ""),
        ({"sop": "reklame-permanen@9"}, "unknown-sop"),
        ({"facts": declared(muka=None)}, "fact-missing"),
        ({"facts": declared(warna="merah")}, "fact-unknown"),
        ({"facts": declared(muka=5)}, "fact-invalid"),
        ({"facts": declared(muka="2")}, "fact-invalid"),
        ({"facts": declared(luas_m2="nan")}, "fact-invalid"),
        ({"facts": declared(luas_m2="infinity")}, "fact-invalid"),
        ({"attachments": GOOD[1:]}, "requirement-missing"),
        ({"attachments": (*GOOD, e.Attachment(requirement="ktp", commitment=COMMITMENT))}, "requirement-unknown"),
        ({"attachments": (*GOOD, GOOD[0])}, "requirement-unknown"),
        ({"attachments": (*GOOD, e.Attachment(requirement="polis-asuransi", commitment=COMMITMENT))}, "requirement-unknown"),
        ({"facts": declared(luas_m2="24")}, "requirement-missing"),
    ],
    ids=str,
)
def test_a_submission_meets_its_sop(changes: dict[str, Any], verdict: str) -> None:
    """An application declares every fact within bounds and hands in every requirement that applies to it, once, and no other."""
    assert submitted(**changes) == verdict


def test_a_withdrawn_sop_takes_no_new_application() -> None:
    """Nobody may pin a withdrawn SOP any more; who pinned it before goes on."""
    running = complete(REKLAME)
    withdrawn = City(senders=CITY.senders, sops=CITY.sops, withdrawn=frozenset({REKLAME}), contract=e.CONTRACT)
    assert History(REKLAME, city=withdrawn).say(submission(SOPS[REKLAME])) == "sop-not-in-force"
    running.city = withdrawn
    assert running.finish().case.outcome == "issued"


def test_an_application_is_submitted_once() -> None:
    """The same code cannot be applied under twice, nor after its end."""
    history = complete(SKP)
    assert history.say(submission(SOPS[SKP])) == "already-submitted"
    assert history.finish().say(submission(SOPS[SKP])) == "already-submitted"


# Order


def test_a_decision_refers_to_what_exists() -> None:
    """A basis beyond the last sequence is unknown."""
    assert complete(REKLAME).say(passed("lalin"), basis=9) == "basis-unknown"


def test_a_decision_follows_its_senders_refusals() -> None:
    """Until a sender has seen its refusal its decisions are refused for it; another sender's, and facts, are not."""
    history = complete(REKLAME)
    assert history.say(passed("lalin", 4), basis=2) == "wrong-round"
    assert history.say(passed("lalin"), basis=2) == "follows-a-refusal"
    assert history.say(e.ApplicationWithdrawn(reason="batal"), basis=2) == ""
    other = complete(REKLAME).until("bayar")
    seen = other.case.sequence
    assert other.say(PERMIT, basis=seen) == "step-not-ready"
    assert other.say(e.PaymentConfirmed(charge="SKPD/1", receipt="STS/1", amount_rupiah=100_000), basis=seen) == ""
    assert other.say(e.DecisionDrafted(step="tetap", outcome="issue"), basis=seen) == "follows-a-refusal"
    assert other.say(e.DecisionDrafted(step="tetap", outcome="issue")) == ""


def test_a_result_on_what_changed_since_is_stale() -> None:
    """A review judges what is there: one whose basis is older than a corrected item it reads is refused."""
    history = complete(REKLAME).must(passed("lalin"), with_findings("struktur-ruang", "hak-lahan"), listed("hak-lahan"))
    before = history.case.sequence
    history.must(corrected("hak-lahan"))
    assert history.say(passed("struktur-ruang", 2), basis=before) == "stale"
    assert history.say(passed("struktur-ruang", 2)) == ""


def test_what_an_agency_does_not_read_is_not_stale_for_it() -> None:
    """An item that a step does not read may change beside it."""
    history = complete(PBG).must(with_findings("tpa", "gambar-struktur"), passed("lingkungan"), passed("lalin"))
    before = history.case.sequence
    assert history.say(with_findings("kebakaran", "gambar-mep")) == ""
    history.must(listed("gambar-struktur", "gambar-mep"), corrected("gambar-struktur", "gambar-mep"))
    review = history.event(passed("kebakaran", 2), basis=before)
    assert admissible(history.case, review, CITY) == "stale"
    case = history.case.having(requirements={**history.case.requirements, "gambar-mep": history.case.requirements["gambar-arsitektur"]})
    assert admissible(case, review, CITY) == ""


ENDS = {
    "issued": "already-issued",
    "deemed-granted": "already-deemed-granted",
    "refused": "already-refused",
    "withdrawn": "already-withdrawn",
    "closed": "already-closed",
}


@pytest.mark.parametrize(("outcome", "code"), ENDS.items())
def test_nothing_is_decided_after_the_end(outcome: str, code: str) -> None:
    """After an end every decision is refused with the code of that end."""
    history = complete(REKLAME).until("tetap")
    history.case = history.case.having(outcome=outcome)
    for data in (e.ApplicationWithdrawn(reason="batal"), PERMIT, passed("lalin"), e.ApplicationClosed(reason="no-payment")):
        assert admissible(history.case, history.event(data), CITY) == code


def test_a_withdrawal_after_the_permit_comes_too_late() -> None:
    """First in the ledger wins: a withdrawal after the permit is refused, with what to do instead."""
    history = complete(REKLAME).finish()
    assert history.say(e.ApplicationWithdrawn(reason="batal")) == "already-issued"
    assert "surrender" in REFUSALS["already-issued"].next_en


# Personal data after the end

HOLD = e.LegalHoldPlaced(number="PN/2026/12", reason="court")
LIFT = e.LegalHoldLifted(number="PN/2026/12")
FORGET = e.SubjectForgotten(reason="retention-ended")
WITHDRAWN = e.ApplicationWithdrawn(reason="batal")


@pytest.mark.parametrize(
    ("before", "data", "verdict"),
    [
        ([], FORGET, "still-open"),
        ([WITHDRAWN], FORGET, ""),
        ([WITHDRAWN, HOLD], FORGET, "legal-hold"),
        ([HOLD, WITHDRAWN], FORGET, "legal-hold"),
        ([WITHDRAWN, HOLD, LIFT], FORGET, ""),
        ([WITHDRAWN, FORGET], FORGET, "already-forgotten"),
        ([WITHDRAWN, FORGET], HOLD, "already-forgotten"),
        ([HOLD], HOLD, "hold-known"),
        ([], LIFT, "hold-unknown"),
        ([HOLD, LIFT], LIFT, "hold-unknown"),
    ],
)
def test_who_is_still_needed_is_not_forgotten(before: list[e.Data], data: e.Data, verdict: str) -> None:
    """Personal data is erased only after the end, once, and under no hold; holds are placed and lifted one by one, before and after it."""
    assert complete(REKLAME).must(*before).say(data) == verdict


@pytest.mark.parametrize("data", [HOLD, LIFT, FORGET])
def test_only_the_data_protection_officer_decides_on_personal_data(data: e.Data) -> None:
    """Nobody else's hold or erasure stands, a rule's neither."""
    history = complete(REKLAME).must(WITHDRAWN)
    assert history.say(data, role="officer") == "not-allowed"
    assert history.say(data, role=RULE_ROLE) == "not-allowed"


@pytest.mark.parametrize(
    ("valid_until", "day", "verdict"),
    [
        ("", "2099-01-01", "permit-in-force"),
        ("2027-11-30", "2027-11-30", "permit-in-force"),
        ("2027-11-30", "2027-12-01", "permit-in-force"),
        ("2027-11-30", "2027-12-02", ""),
    ],
)
def test_a_permit_in_force_keeps_its_data(valid_until: str, day: str, verdict: str) -> None:
    """While a permit is in force its holder is not forgotten; a day lies between, because a sender's clock may be a day ahead."""
    history = complete(REKLAME).finish()
    assert history.case.permit is not None
    history.case = history.case.having(permit=replace(history.case.permit, valid_until=valid_until))
    assert history.say(FORGET, time=f"{day}T05:00:00.000000Z") == verdict


def test_a_decision_waits_for_its_contract() -> None:
    """What is newer than the city's contract is refused at home: the ledger would reject it and wait for its number for ever."""
    history = complete(REKLAME).must(WITHDRAWN)
    history.city = City(senders=CITY.senders, sops=CITY.sops, contract=2)
    assert history.say(FORGET) == "contract-not-raised"


# Steps, reviews, corrections

FIRST_PASSED = passed("lalin")


@pytest.mark.parametrize(
    ("data", "fields", "verdict"),
    [
        (passed("tak-ada"), {}, "step-unknown"),
        (passed("lapangan"), {}, "wrong-step"),
        (passed("lengkap"), {}, "wrong-step"),
        (e.AuditDrawn(step="lalin", selected=True), {}, "wrong-step"),
        (PERMIT, {}, "step-not-ready"),
        (e.ApplicationCompleted(step="lengkap"), {}, "step-done"),
        (passed("lalin"), {"agency": "pupr"}, "wrong-agency"),
        (passed("lalin"), {"agency": ""}, "wrong-agency"),
        (passed("lalin"), {"role": RULE_ROLE}, "not-by-rule"),
        (passed("lalin", 2), {}, "wrong-round"),
        (e.ReviewCompleted(step="lalin", round=1, result="findings"), {}, "findings-missing"),
        (with_findings("lalin", "desain").model_copy(update={"result": "passed"}), {}, "findings-missing"),
        (e.ReviewCompleted(step="lalin", round=1, result="rejected"), {}, "reasons-missing"),
        (e.ReviewCompleted(step="lalin", round=1, result="passed", reasons=("x",)), {}, "reasons-missing"),
        (with_findings("lalin", "hak-lahan"), {}, "not-read"),
        (with_findings("struktur-ruang", "tak-ada"), {}, "not-read"),
        (e.ReviewAssigned(step="lalin", officer=OFFICER_ID), {}, ""),
        (e.ReviewAssigned(step="lapangan", officer=OFFICER_ID), {}, "wrong-step"),
        (listed("desain"), {"agency": "pupr"}, "step-not-ready"),
        (corrected("desain"), {}, "no-correction-open"),
        (e.ApplicationClosed(reason="no-correction"), {}, "nothing-to-close"),
        (e.ApplicationWithdrawn(reason="batal"), {"authid": SIGNER_ID}, "not-yours"),
    ],
    ids=str,
)
def test_verdicts_on_a_case_under_review(data: e.Data, fields: dict[str, str], verdict: str) -> None:
    """Each wrong word about a case whose two reviews are open has its own code."""
    assert complete(REKLAME).say(data, **fields) == verdict


def test_a_rules_step_is_not_done_by_hand() -> None:
    """What the SOP leaves to a rule is said in the role of the rule only."""
    history = complete(SKP)
    assert history.say(passed("aturan"), role="verifikator", authid=OFFICER_ID) == "not-by-hand"
    assert history.say(passed("aturan")) == ""


def test_completeness_needs_every_requirement() -> None:
    """Completeness cannot be declared while a requirement that applies is missing."""
    history = History(REKLAME).begin()
    some = {code: handed for code, handed in history.case.requirements.items() if code != "desain"}
    event = history.event(e.ApplicationCompleted(step="lengkap"))
    assert admissible(history.case.having(requirements=some), event, CITY) == "requirement-missing"


@pytest.mark.parametrize(
    ("data", "fields", "verdict"),
    [
        (listed("gambar-konstruksi", "desain"), {}, ""),
        (listed("desain", "gambar-konstruksi"), {}, "findings-differ"),
        (listed("gambar-konstruksi"), {}, "findings-differ"),
        (listed("gambar-konstruksi", "desain", "hak-lahan"), {}, "findings-differ"),
        (listed("gambar-konstruksi", "desain", in_round=2), {}, "wrong-round"),
        (listed("gambar-konstruksi", "desain"), {"agency": "dishub"}, "wrong-agency"),
    ],
    ids=str,
)
def test_the_list_is_what_the_reviews_found(data: e.Data, fields: dict[str, str], verdict: str) -> None:
    """The owner of the joining step asks for everything that the reviews of the round found, in the SOP's order, and nothing else."""
    history = complete(REKLAME).must(with_findings("lalin", "desain"), with_findings("struktur-ruang", "gambar-konstruksi"))
    assert history.say(data, **fields) == verdict


@pytest.mark.parametrize(
    ("data", "fields", "verdict"),
    [
        (corrected("desain", "gambar-konstruksi"), {}, ""),
        (corrected("desain"), {}, "correction-incomplete"),
        (corrected("desain", "gambar-konstruksi", "hak-lahan"), {}, "not-asked-for"),
        (corrected("desain", "gambar-konstruksi", "desain"), {}, "not-asked-for"),
        (corrected("desain", "gambar-konstruksi", in_round=2), {}, "wrong-round"),
        (corrected("desain", "gambar-konstruksi"), {"authid": SIGNER_ID}, "not-yours"),
        (listed("gambar-konstruksi", "desain"), {"agency": "pupr"}, "correction-open"),
        (passed("lalin"), {}, "step-not-ready"),
    ],
    ids=str,
)
def test_the_applicant_corrects_what_was_asked(data: e.Data, fields: dict[str, str], verdict: str) -> None:
    """The applicant answers the whole open list, once, and nothing beside it."""
    history = complete(REKLAME).must(with_findings("lalin", "desain"), with_findings("struktur-ruang", "gambar-konstruksi"))
    history.must(listed("gambar-konstruksi", "desain"))
    assert history.say(data, **fields) == verdict


# Visits, charges, the decision

SCHEDULED = e.VisitScheduled(step="lapangan", visit=1, date="2026-12-01", agencies=("dishub", "pupr"), assignment_letter="ST/1")
MOVED = e.VisitMoved(step="lapangan", visit=1, date="2026-12-02", reason="hujan")


@pytest.mark.parametrize(
    ("before", "data", "verdict"),
    [
        ([], SCHEDULED, ""),
        ([], SCHEDULED.model_copy(update={"visit": 2}), "wrong-visit"),
        ([], SCHEDULED.model_copy(update={"agencies": ("pupr",)}), "agencies-differ"),
        ([], MOVED, "wrong-visit"),
        ([SCHEDULED], SCHEDULED.model_copy(update={"visit": 2}), "visit-pending"),
        ([SCHEDULED], MOVED, ""),
        ([SCHEDULED], MOVED.model_copy(update={"visit": 2}), "wrong-visit"),
        ([SCHEDULED, e.VisitMissed(step="lapangan", visit=1, reason="terkunci")], MOVED, "wrong-visit"),
        ([SCHEDULED, e.VisitMissed(step="lapangan", visit=1, reason="terkunci")], SCHEDULED.model_copy(update={"visit": 2}), ""),
        (
            [SCHEDULED, e.VisitReported(step="lapangan", visit=1, result="passed", evidence=())],
            SCHEDULED.model_copy(update={"visit": 2}),
            "visit-pending",
        ),
    ],
    ids=str,
)
def test_visits_follow_each_other(before: list[e.Data], data: e.Data, verdict: str) -> None:
    """Visits are numbered one after the other, of all agencies together, and one is pending until it was missed, failed or signed."""
    assert complete(REKLAME).until("lapangan").must(*before).say(data) == verdict


def test_a_charge_is_the_tariffs() -> None:
    """Where the SOP has a tariff, the charge is exactly that sum; where the agency's own system computes it, it is told."""
    history = complete(PBG).until("skrd")
    charge = e.ChargeAssessed(step="skrd", number="SKRD/1", basis="levy", amount_rupiah=13_511_250)
    assert history.say(charge.model_copy(update={"amount_rupiah": 13_511_251})) == "amount-differs"
    assert history.say(charge) == ""
    assert complete(REKLAME).until("skpd").say(charge.model_copy(update={"step": "skpd", "amount_rupiah": 5})) == ""


def test_a_charges_number_is_used_once() -> None:
    """Two charges of an application have two numbers."""
    history = complete(PBG).until("bayar")
    case = history.case.having(ready={**history.case.ready, "skrd": history.case.ready["bayar"]})
    event = history.event(e.ChargeAssessed(step="skrd", number=case.charges[0].number, basis="levy", amount_rupiah=13_511_250))
    assert admissible(case, event, CITY) == "charge-number-taken"


REFUSED = e.ApplicationRefused(step="tetap", reasons=("tata-ruang",))
DRAFT_TO_ISSUE = e.DecisionDrafted(step="tetap", outcome="issue")
DRAFT_TO_REFUSE = e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("tata-ruang",))


@pytest.mark.parametrize(
    ("before", "data", "authid", "verdict"),
    [
        ([], PERMIT, SIGNER_ID, "no-draft"),
        ([], REFUSED, SIGNER_ID, "no-draft"),
        ([], e.DecisionReturned(step="tetap", reason="nomor-salah"), SIGNER_ID, "no-draft"),
        ([], DRAFT_TO_REFUSE.model_copy(update={"reasons": ()}), OFFICER_ID, "reasons-missing"),
        ([DRAFT_TO_ISSUE], DRAFT_TO_REFUSE, SIGNER_ID, "draft-pending"),
        ([DRAFT_TO_ISSUE], PERMIT, OFFICER_ID, "same-officer"),
        ([DRAFT_TO_ISSUE], PERMIT, SIGNER_ID, ""),
        ([DRAFT_TO_ISSUE], REFUSED, SIGNER_ID, "draft-differs"),
        ([DRAFT_TO_ISSUE], e.DecisionReturned(step="tetap", reason="nomor-salah"), OFFICER_ID, ""),
        ([DRAFT_TO_ISSUE], e.DecisionReturned(step="tetap", reason="nomor-salah"), SIGNER_ID, ""),
        ([DRAFT_TO_REFUSE], PERMIT, SIGNER_ID, "draft-differs"),
        ([DRAFT_TO_REFUSE], REFUSED, OFFICER_ID, "same-officer"),
        ([DRAFT_TO_REFUSE], REFUSED, SIGNER_ID, ""),
    ],
    ids=str,
)
def test_four_eyes(before: list[e.Data], data: e.Data, authid: str, verdict: str) -> None:
    """A decision made by people has a draft of one officer and the signature of another one, who signs what was drafted or returns it."""
    assert complete(REKLAME).until("tetap").must(*before).say(data, authid=authid) == verdict


def test_a_rule_needs_no_draft() -> None:
    """Where a rule decides there is nothing to sign, and a person may not sign instead."""
    history = complete(SKP).until("tetap")
    assert history.say(PERMIT, role="pejabat-penerbit", authid=SIGNER_ID) == "not-by-hand"
    assert history.say(PERMIT) == ""


# The city's rules


def verdict_on(data: e.Data, city: City = CITY, **fields: Any) -> str:  # noqa: ANN401 - attributes of an event
    """Returns the verdict on an event about the city."""
    return admissible(History(SKP).case, make_event(data, **fields), city)


def test_a_version_of_an_sop_is_published_once() -> None:
    """A published version is immutable: the same one again is refused; the first of its type stands if its content agrees."""
    sop = SOPS[REKLAME]
    assert verdict_on(publication(sop)) == "sop-version-taken"
    assert verdict_on(publication(sop), City(contract=e.CONTRACT)) == ""
    assert verdict_on(publication(sop).model_copy(update={"digest": "0" * 64}), City(contract=e.CONTRACT)) == "sop-invalid"


def test_only_a_known_sop_is_withdrawn() -> None:
    """What was never published cannot be withdrawn."""
    assert verdict_on(e.SopWithdrawn(sop=REKLAME)) == ""
    assert verdict_on(e.SopWithdrawn(sop="reklame-permanen@9")) == "unknown-sop"


def test_a_calendar_always_stands() -> None:
    """A calendar that the contract accepts is published."""
    assert verdict_on(e.CalendarPublished(year=2026, holidays=(), opens_minute=480, closes_minute=960)) == ""


def test_the_ledgers_words_are_the_ledgers() -> None:
    """What only the ledger may say is refused from anybody else."""
    missed = e.DeadlineMissed(step="lalin", round=1, party="agency", agency="dishub", due_at="2026-11-24T09:00:00.000000Z")
    for data in (
        missed,
        e.ContractRaised(contract=9),
        e.SenderRevoked(name="intake"),
        e.NumberSkipped(sender="intake", number=1, reason="x"),
    ):
        assert verdict_on(data, sender="intake") == "wrong-stage"
        assert verdict_on(data, sender="ledger") == ""
