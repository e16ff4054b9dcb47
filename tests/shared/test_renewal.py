"""A renewal: when it may be asked for, what it asks, which steps it takes, and what becomes of the permit."""

from dataclasses import replace
from datetime import date, timedelta

from shared import events as e
from shared.fields import to_instant
from shared.folding.parts import end_renewal
from shared.money import DEPOSIT, RELEASED, accounts, is_held, reduction_refusal, to_be_coded
from shared.sop import deadlines, renewal, rules
from shared.sop.model import FactValue
from tests.builders import APPLICANT_ID, COMMITMENT, OFFICER_ID, History, good_answer
from tests.shared.permits import BILLBOARD, CALENDAR, FACTS, LETTER, LETTER_FACTS, issued, permit_of


def open_for_renewal(sop: str = BILLBOARD, facts: dict[str, FactValue] | None = None) -> History:
    """Returns a permit whose holder was told that it can be renewed."""
    history = issued(sop, facts)
    reminder = next(item for item in deadlines.clock(history.case, CALENDAR) if item.kind == "reminder")
    history.wait_until(reminder.due_at)
    return history


def request(history: History, *more: str, without: str = "", **facts: FactValue) -> e.RenewalRequested:
    """Returns a request with everything that is asked for, and more."""
    declared = {**history.case.facts, **facts}
    codes = [item.code for item in renewal.asked(history.case, declared) if item.code != without]
    return e.RenewalRequested(
        facts=tuple(e.DeclaredFact(name=name, value=value) for name, value in facts.items()),
        attachments=tuple(e.Attachment(requirement=code, commitment=COMMITMENT) for code in (*codes, *more)),
    )


def test_a_renewal_opens_when_the_ledger_says_so() -> None:
    """Before the announced days it is too early; from the ledger's reminder on it stands, and the same is offered."""
    early = issued()
    assert early.say(request(early)) == "renewal-early"
    history = open_for_renewal()
    offered = {item.command: item.refusal for item in rules.next_actions(history.case, rules.APPLICANT, "", APPLICANT_ID)}
    assert offered["ask-renewal"] == ""
    assert history.say(request(history), authid=OFFICER_ID) == "not-yours"
    history.must(request(history))
    assert history.say(request(history)) == "renewal-runs"


def test_an_expired_permit_is_not_renewed() -> None:
    """Whoever comes after the last day applies anew; a type without a renewal never has one."""
    history = open_for_renewal()
    history.wait_until(to_instant("2027-12-03T00:00:00.000000Z"))
    assert permit_of(history).state == "expired"
    assert history.say(request(history)) == "renewal-late"


def test_a_renewal_asks_only_for_what_it_names() -> None:
    """Drawings are not asked for again, nor taken unless they may have changed; the design is; a fact that the renewal does not name is fixed."""
    history = open_for_renewal()
    codes = [item.code for item in renewal.asked(history.case, history.case.facts)]
    assert codes == ["desain", "hak-lahan", "koordinat-foto", "jaminan-bongkar"]
    assert history.say(request(history, without="desain")) == "requirement-missing"
    assert history.say(request(history, "polis-asuransi")) == "requirement-unknown"
    assert history.say(request(history, zona="permukiman")) == "fact-fixed"
    assert history.say(request(history, muka=9)) == "fact-invalid"
    larger = request(history, **{"luas-m2": "30"})
    assert "polis-asuransi" in [item.requirement for item in larger.attachments]
    history.must(larger)
    assert history.case.facts["luas-m2"] == "30"


def test_what_has_run_out_is_asked_for_again() -> None:
    """A certificate that is older than it may be on the permit's last day is asked for, though its kind is not asked for at every renewal."""
    history = open_for_renewal()
    sop = history.case.sop
    assert sop is not None
    drawing = sop.requirement_by_code["gambar-konstruksi"].model_copy(update={"valid_months": 6})
    aged = sop.model_copy(update={"requirements": (drawing, *sop.requirements[1:])})
    aged.__dict__.pop("requirement_by_code", None)
    case = history.case.having(sop=aged)
    assert renewal.asked(case, case.facts)[0].code == "gambar-konstruksi"


def test_a_renewal_takes_the_steps_of_the_sop_and_is_granted_without_a_gap() -> None:
    """Its steps are those that the SOP names; two officers decide; number stays, the new term begins the day after the old one ends."""
    history = open_for_renewal()
    before = permit_of(history)
    history.must(request(history))
    assert history.case.parties != ()
    assert history.case.renewal is not None
    assert history.case.renewal.steps == ("lengkap", "lalin", "skpd", "bayar", "tetap")
    history.finish()
    permit = permit_of(history)
    assert (permit.number, permit.valid_from, permit.valid_until) == (before.number, before.valid_from, "2028-12-02")
    assert (history.case.outcome, permit.announced, bool(history.case.renewal)) == ("issued", (), False)
    assert [item.result for item in permit.renewals] == ["renewed"]
    assert len(history.case.charges) == 2
    assert history.case.anomalies == ()
    kinds = [item.kind for item in deadlines.clock(history.case, CALENDAR)]
    assert kinds == ["reminder", "reminder", "expiry"]


def test_changed_drawings_are_looked_at() -> None:
    """Who hands in what has changed has it reviewed by those who read it."""
    history = open_for_renewal()
    history.must(request(history, "gambar-konstruksi"))
    assert history.case.renewal is not None
    assert "struktur-ruang" in history.case.renewal.steps
    assert "lapangan" not in history.case.renewal.steps
    history.finish()
    assert permit_of(history).valid_until == "2028-12-02"


def test_a_rule_renews_where_a_rule_issues() -> None:
    """A research letter is renewed by rule alone."""
    history = open_for_renewal(LETTER, LETTER_FACTS)
    history.must(request(history)).finish()
    assert permit_of(history).valid_until == "2028-12-02"


def test_a_refused_renewal_leaves_the_permit_to_its_end() -> None:
    """What was paid for it is owed back, what was declared for it no longer counts, and the permit expires on its day."""
    history = open_for_renewal()
    facts, requirements = history.case.facts, history.case.requirements
    history.must(request(history, muka=1)).until("tetap").must(
        e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("data-tidak-benar",)),
        e.ApplicationRefused(step="tetap", reasons=("data-tidak-benar",)),
    )
    permit = permit_of(history)
    assert [(item.result, item.reasons) for item in permit.renewals] == [("refused", ("data-tidak-benar",))]
    assert (history.case.outcome, permit.state, permit.valid_until) == ("issued", "valid", "2027-12-02")
    assert (history.case.facts, history.case.requirements) == (facts, requirements)
    assert [item.rupiah for item in history.case.remedies] == [history.case.charges[-1].amount_rupiah]
    history.wait_until(to_instant("2027-12-03T00:00:00.000000Z"))
    assert permit_of(history).state == "expired"


def test_money_for_a_renewal_that_came_to_nothing_is_owed_back_whenever_it_comes() -> None:
    """Given a refused renewal, its charge asks for nothing and cannot be lowered, and what still arrives for it is owed back: the sums add up."""
    history = open_for_renewal()
    history.must(request(history)).until("bayar").must(e.ApplicationWithdrawn(reason="rencana-berubah"))
    charge = history.case.charges[-1]
    assert (charge.void, charge.open_rupiah, to_be_coded(history.case)) == (True, 0, ())
    assert reduction_refusal(history.case, charge.number, 0, "bpprd") == "charge-unknown"
    history.must(e.PaymentConfirmed(charge=charge.number, receipt="STS/LATE", amount_rupiah=charge.amount_rupiah))
    assert [(item.rupiah, item.receipt) for item in history.case.remedies] == [(charge.amount_rupiah, "STS/LATE")]
    assert accounts(history.case).unaccounted == 0


def test_a_deposit_for_a_renewal_that_came_to_nothing_is_owed_back_once() -> None:
    """A deposit held for the renewal is owed back with it; one that was released before is owed already and is not owed twice."""
    history = open_for_renewal()
    history.must(request(history)).until("tetap")
    *before, own = history.case.charges
    for settled, owed_rupiah in (("", own.amount_rupiah), (RELEASED, 0)):
        held = history.case.having(charges=(*before, replace(own, basis=DEPOSIT, settled=settled)))
        ended = end_renewal(held, "refused", history.case.recorded)
        assert ended is not None
        assert accounts(ended).owed == owed_rupiah
        assert not any(is_held(ended, charge) for charge in ended.charges)


def test_agencies_that_are_late_take_nothing_from_the_holder() -> None:
    """The permit expires on its day while its renewal is being decided; granted later, it holds as if without a gap."""
    history = open_for_renewal()
    history.must(request(history), good_answer(history.case, "lengkap"))
    history.wait_until(to_instant("2027-12-10T00:00:00.000000Z"))
    assert permit_of(history).state == "expired"
    assert not any(item.kind == "deemed-granted" for item in deadlines.clock(history.case, CALENDAR))
    history.finish()
    assert (permit_of(history).state, permit_of(history).valid_until) == ("valid", "2028-12-02")


def test_neither_a_first_permit_nor_another_term_comes_from_a_renewal() -> None:
    """While a renewal is decided no first permit is issued; without one there is nothing to renew; the term is the SOP's."""
    history = open_for_renewal(LETTER, LETTER_FACTS)
    history.must(request(history)).until("tetap")
    assert history.say(e.PermitIssued(step="tetap", number="503/2", valid_from="2027-12-03")) == "renewal-runs"
    assert history.say(e.PermitRenewed(step="tetap", valid_from="2027-12-03", valid_until="2030-12-02")) == "stale"
    history.finish()
    assert (
        History(LETTER).begin(LETTER_FACTS).say(e.PermitRenewed(step="tetap", valid_from="2027-12-03", valid_until="2028-12-02"))
        == "no-renewal"
    )


def test_a_holder_who_gives_up_keeps_the_permit() -> None:
    """Withdrawing the request ends the renewal only; surrendering the permit ends both."""
    history = open_for_renewal()
    history.must(request(history), e.ApplicationWithdrawn(reason="rencana-berubah"))
    assert (history.case.outcome, permit_of(history).state, permit_of(history).renewals[-1].result) == ("issued", "valid", "withdrawn")
    history.must(request(history), e.PermitSurrendered(reason="usaha-tutup"))
    assert (history.case.outcome, permit_of(history).state, permit_of(history).renewals[-1].result) == ("issued", "surrendered", "stopped")


def test_a_second_renewal_opens_at_its_own_time() -> None:
    """After one term is granted, the next renewal opens so many days before the new last day, and deadlines run afresh."""
    history = open_for_renewal(LETTER, LETTER_FACTS)
    history.must(request(history)).finish()
    assert history.say(request(history)) == "renewal-early"
    opens = date.fromisoformat(permit_of(history).valid_until) - timedelta(days=14)
    history.wait_until(to_instant(f"{opens.isoformat()}T00:00:00.000000Z"))
    history.must(request(history))
    assert any(item.kind == "target" for item in deadlines.clock(history.case, CALENDAR)) or history.case.ready
    history.finish()
    assert permit_of(history).valid_until == "2029-12-02"


def silent(sop: str, facts: dict[str, FactValue], until: str) -> History:
    """Returns a renewal whose agencies have it and whose next step nobody takes."""
    history = open_for_renewal(sop, facts)
    return history.must(request(history)).until(until)


def test_silence_renews_as_it_grants() -> None:
    """When the SOP's days are over the ledger says so under a number of its own, on the SOP's basis; number and days of the permit follow on."""
    history = silent(BILLBOARD, FACTS, "tetap")
    before, sop = permit_of(history), history.city.sops[BILLBOARD]
    (due,) = [item for item in deadlines.clock(history.case, CALENDAR) if item.kind == "deemed-granted"]

    history.wait_until(due.due_at)

    said = next(entry.event for entry in history.entries if isinstance(entry.event.data, e.PermitDeemedRenewed))
    assert (said.sender, said.authid, said.data.legal_basis) == ("ledger", "", sop.deemed_approval.legal_basis)  # type: ignore[attr-defined]  # it is this event's
    permit = permit_of(history)
    assert (permit.number, permit.valid_until, permit.state) == (before.number, "2028-12-02", "valid")
    assert [(item.result, item.deemed) for item in permit.renewals] == [("renewed", f"FP/{history.code}/P1")]
    assert (history.case.outcome, history.case.parties, history.case.anomalies) == ("issued", (), ())
    late = e.ApplicationRefused(step="tetap", reasons=("bertentangan-tata-ruang",))
    assert history.say(late) == "already-issued"


def test_silence_before_the_payment_renews_nothing() -> None:
    """Where the SOP wants the charge paid first, the clock of silence runs from the payment on only."""
    history = silent(BILLBOARD, FACTS, "bayar")
    assert history.city.sops[BILLBOARD].deemed_approval.after_payment
    assert deadlines.deemed_grant_at(history.case, CALENDAR) is None


def test_an_sop_that_excludes_deemed_approval_never_renews_by_silence() -> None:
    """Then the days that pass are late and escalated, and the renewal waits for people."""
    history = silent(BILLBOARD, FACTS, "tetap")
    sop = history.city.sops[BILLBOARD]
    forbidden = sop.model_copy(update={"deemed_approval": sop.deemed_approval.model_copy(update={"allowed": False})})
    history.case = history.case.having(sop=forbidden)
    assert deadlines.deemed_grant_at(history.case, CALENDAR) is None
    assert "deemed-granted" not in {item.kind for item in history.wait_days(60)}
    assert history.case.renewal is not None


def test_what_nobody_decided_about_counts_no_more_when_silence_renews() -> None:
    """A review that had rejected the renewal leaves no rejected step behind; an inspection follows where the SOP has one after silence."""
    history = silent(BILLBOARD, FACTS, "lalin")
    history.must(e.ReviewCompleted(step="lalin", round=history.case.round, result="rejected", reasons=("x",)))
    renewed = history.must(
        e.PermitDeemedRenewed(number="FP/1/P1", legal_basis="uu-30-2014-53", valid_from="2027-12-03", valid_until="2028-12-02")
    )
    assert (rules.is_rejected(renewed.case), renewed.case.outcome) == (False, "issued")
    after = [visit for visit in renewed.city.sops[BILLBOARD].after_issue if visit.occasion == "deemed"]
    due = {item.step: item.due_at for item in deadlines.visit_deadlines(renewed.case, CALENDAR)}
    assert all(due[visit.code] > to_instant(permit_of(renewed).renewals[-1].at) for visit in after)
