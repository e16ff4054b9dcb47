"""Objection to a closing, a revocation, an annulment and a refused renewal: who answers, and what is there again when it is granted."""

import pytest

from shared import events as e
from shared.case_model import Case
from shared.fields import to_instant
from shared.keeping import drop_at
from shared.money import accounts, payable
from shared.sop import deadlines, objections, rules
from shared.sop.objections import APPEAL, OBJECTION
from tests.builders import APPLICANT_ID, PBG, REKLAME, SIGNER_ID, SKP, SUPERIOR_ID, History
from tests.shared.permits import BILLBOARD, CALENDAR, permit_of
from tests.shared.test_money import BASIS as DEPOSIT_BASIS
from tests.shared.test_money import head
from tests.shared.test_money import issued as issued_with_deposit
from tests.shared.test_objections import GRANTS, GROUNDS, REJECTS, answered, drafted
from tests.shared.test_permit import ANNULMENT, REVOCATION, SURRENDER, SUSPENSION, issued, warning
from tests.shared.test_renewal import open_for_renewal, request


def lodged(history: History) -> History:
    """Lets the addressee object to the newest act."""
    assert history.case.act is not None
    return history.must(
        e.ObjectionLodged.of(number=objections.next_number(history.case, OBJECTION), grounds=GROUNDS, against=history.case.act.kind)
    )


def closed(sop: str = REKLAME, step: str = "bayar") -> History:
    """Returns an application that was closed because its charge was not paid, or its list not answered, in time."""
    history = History(sop).begin()
    if step == rules.CORRECTION:
        found = (e.Finding(requirement="gambar-struktur", reason="kurang"),)
        history.until("tpa").must(e.ReviewCompleted(step="tpa", round=1, result="findings", findings=found))
    history.until(step)
    while not rules.silence(history.case):
        history.wait_until(deadlines.clock(history.case, history.city.calendar)[0].due_at)
    return history.must(e.ApplicationClosed(reason="no-correction" if step == rules.CORRECTION else "no-payment"))


def revoked() -> History:
    """Returns a permit that was revoked after an unanswered warning."""
    history = issued().must(warning())
    history.wait_days(14)
    return history.must(REVOCATION)


def renewal_refused() -> History:
    """Returns a billboard whose holder has paid for a further term, which a review then rejected and the head refused."""
    history = open_for_renewal()
    history.must(request(history)).until("tetap")
    return history.must(
        e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("bertentangan-tata-ruang",)),
        e.ApplicationRefused(step="tetap", reasons=("bertentangan-tata-ruang",)),
    )


def state_but_for_turns(case: Case) -> dict[str, object]:
    """Returns what an act may change and its taking back has to give back."""
    names = ("outcome", "charges", "remedies", "facts", "requirements", "renewal", "completed_at", "findings", "visits")
    return {name: getattr(case, name) for name in names}


# The days of the law, for each act


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (closed, "closing"),
        (revoked, "revocation"),
        (lambda: issued().must(ANNULMENT), "annulment"),
        (renewal_refused, "renewal-refusal"),
    ],
    ids=["closing", "revocation", "annulment", "renewal"],
)
class TestEveryAct:
    """What holds of each act that may be objected to."""

    def test_may_be_objected_to_for_21_working_days(self, begin: "type[History]", kind: str) -> None:
        """When they are over the ledger says so, naming the act, and an objection is too late; before, no stage lets go of it."""
        history = begin()  # type: ignore[call-arg]  # a function that takes nothing
        assert history.case.act is not None
        since = to_instant(history.case.act.at)
        (settled,) = [item for item in deadlines.clock(history.case, CALENDAR) if item.kind == "settled"]
        assert (history.case.act.kind, settled.due_at) == (kind, history.city.calendar.due_at(since, 21))
        assert drop_at(history.case, "open") is None

        history.wait_until(settled.due_at)

        said = next(entry.event.data for entry in history.entries if isinstance(entry.event.data, e.RefusalSettled))
        assert (said.against, said.unused) == (kind, "objection")
        late = e.ObjectionLodged.of(number=objections.next_number(history.case, OBJECTION), grounds=GROUNDS, against=kind)
        assert history.say(late) == "objection-too-late"

    def test_names_the_act(self, begin: "type[History]", kind: str) -> None:
        """An objection to something that did not happen, or no longer stands, is refused."""
        history = begin()  # type: ignore[call-arg]
        number = objections.next_number(history.case, OBJECTION)
        assert history.say(e.ObjectionLodged(number=number, grounds=GROUNDS)) == "other-act"
        offered = {item.command: item.refusal for item in rules.next_actions(history.case, rules.APPLICANT, "", APPLICANT_ID)}
        assert (offered["lodge-objection"], offered["lodge-appeal"]) == ("", "objection-first")
        assert lodged(history).case.objections[-1].against == kind

    def test_is_answered_by_the_head_then_by_the_superior(self, begin: "type[History]", kind: str) -> None:
        """Ten working days each; a rejected appeal settles the act, and who did it may not decide the appeal."""
        history = lodged(begin())  # type: ignore[call-arg]
        assert history.case.parties == ("dpmptsp",)
        offered = {item.command: item.refusal for item in rules.next_actions(history.case, "head", "dpmptsp", SIGNER_ID)}
        assert (offered["decide-objection"], offered["allow-drafter"]) == ("no-draft", "")
        answered(history, "rejected")
        history.must(e.AppealLodged.of(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS, against=kind))
        assert history.case.parties == ("setda",)
        drafted(history)
        appeal = e.AppealDecided(number=history.case.objections[-1].number, result="rejected", reasons=REJECTS)
        assert history.say(appeal, authid=SIGNER_ID) == "same-official"
        assert history.say(appeal, authid=SUPERIOR_ID) == ""
        assert history.case.settled_at

    def test_silence_takes_it_back(self, begin: "type[History]", kind: str) -> None:
        """Nobody answers: the ledger says that it is granted, and no such act stands any more."""
        history = lodged(begin())  # type: ignore[call-arg]
        assert history.case.act is not None
        history.wait_until(history.city.calendar.due_at(to_instant(history.case.objections[-1].at), 10))
        assert "objection.deemed-granted" in history.names()
        assert all(act.kind != kind for act in history.case.acts)
        assert history.case.anomalies == ()


# What is there again


def test_a_closed_application_goes_on_where_it_stood() -> None:
    """The payment is waited for again, all its days from now on; unpaid once more, it may be closed and objected to once more."""
    history = closed()
    done = dict(history.case.steps)

    answered(lodged(history), "granted")

    assert (history.case.outcome, tuple(history.case.ready), history.case.parties) == ("", ("bayar",), ("applicant",))
    assert {code for code in done if code not in history.case.steps} <= {"titik"}  # the place was given back
    assert rules.silence(history.case) == ""
    days = history.city.sops[REKLAME].step_by_code["bayar"].applicant_working_days
    (due,) = [item.due_at for item in deadlines.clock(history.case, CALENDAR) if item.step == "bayar"]
    assert due == history.city.calendar.due_at(to_instant(history.case.ready["bayar"].at), days)
    history.wait_until(due)
    history.must(e.ApplicationClosed(reason="no-payment"))
    assert objections.next_number(history.case, OBJECTION).endswith("/2")
    answered(lodged(history), "granted").finish()
    assert history.case.outcome == "issued"


def test_a_list_that_was_not_answered_is_sent_again() -> None:
    """The findings still stand, so the list is asked for anew, in the next round, and the decision is not forced."""
    history = closed(PBG, rules.CORRECTION)

    answered(lodged(history), "granted")

    assert rules.CORRECTION_REQUEST in history.case.ready
    history.until(rules.CORRECTION).finish()
    assert history.case.outcome == "issued"


def test_the_days_of_an_answer_are_not_the_applications() -> None:
    """Silence that grants a permit counts the agencies' work on it, not the days in which the head had the objection."""
    history = History(SKP).begin({"topik-sensitif": True, "lama-bulan": 6}).until("telaah")
    found = (e.Finding(requirement="proposal", reason="kurang"),)
    history.must(e.ReviewCompleted(step="telaah", round=1, result="findings", findings=found)).until(rules.CORRECTION)
    before = deadlines.agency_minutes(history.case, CALENDAR, history.now)
    while not rules.silence(history.case):
        history.wait_until(deadlines.clock(history.case, CALENDAR)[0].due_at)
    lodged(history.must(e.ApplicationClosed(reason="no-correction")))
    history.wait_days(8)
    answered(history, "granted")
    assert deadlines.agency_minutes(history.case, CALENDAR, to_instant(history.case.recorded)) == before


@pytest.mark.parametrize("suspended", [False, True])
def test_a_permit_that_was_taken_stands_again_as_it_stood(*, suspended: bool) -> None:
    """Valid, or suspended as before; nobody has anything to do, and for the same reasons it cannot be taken again."""
    history = issued()
    if suspended:
        history.must(SUSPENSION)
    before = permit_of(history)

    answered(lodged(history.must(ANNULMENT)), "granted")

    after = permit_of(history)
    assert (after.state, after.state_at, after.reasons) == (before.state, before.state_at, before.reasons)
    assert (history.case.outcome, history.case.parties, history.case.acts) == ("issued", (), ())
    assert history.say(ANNULMENT) == "overruled-before"
    assert history.say(e.PermitAnnulled(reasons=("data-tidak-benar",), legal_basis=ANNULMENT.legal_basis)) == ""


def test_a_revoked_permit_that_stands_again_expires_on_its_day() -> None:
    """Its last day is what it was: if that passed meanwhile, the ledger says so at once."""
    history = issued()
    history.wait_until(to_instant("2027-05-10T00:00:00.000000Z"))
    answered(lodged(history.must(ANNULMENT).must()), "rejected")
    history.must(e.AppealLodged(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS, against="annulment"))
    history.wait_days(16)
    assert history.names()[-2:] == ["appeal.deemed-granted", "permit.expired"]


def test_what_an_objection_is_about_is_left_alone_until_the_answer() -> None:
    """While the refused renewal is looked at again, nobody revokes, gives back, renews anew or hands over the permit."""
    history = lodged(renewal_refused())
    assert history.say(ANNULMENT) == "objection-pending"
    assert history.say(SURRENDER) == "objection-pending"
    assert history.say(request(history)) == "objection-pending"
    answered(history, "rejected")
    assert history.say(SURRENDER) == ""
    assert history.case.acts == ()


def test_a_refused_renewal_is_decided_anew_by_people() -> None:
    """It runs again where it was refused, with its charge paid; it may not be refused for the same, and the term follows without a gap."""
    history = renewal_refused()
    assert sum(item.rupiah for item in history.case.remedies) > 0
    assert payable(history.case) == ()
    old_end = permit_of(history).valid_until

    answered(lodged(history), "granted")

    assert (history.case.outcome, tuple(history.case.ready), permit_of(history).renewals) == ("", ("tetap",), ())
    assert history.case.remedies == ()
    assert accounts(history.case).unaccounted == 0
    assert history.say(e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("x",))) == "must-issue"
    history.finish()
    assert permit_of(history).valid_until > old_end
    assert [item.result for item in permit_of(history).renewals] == ["renewed"]
    assert history.case.anomalies == ()


def test_a_renewal_goes_on_though_the_permit_has_expired_meanwhile() -> None:
    """It was asked for in time; the days of the objection are not the holder's fault."""
    history = renewal_refused()
    lodged(history)
    answered(history, "rejected")
    history.must(e.AppealLodged(number=objections.next_number(history.case, APPEAL), grounds=GROUNDS, against="renewal-refusal"))
    history.wait_until(to_instant("2027-12-03T00:00:00.000000Z"))
    assert permit_of(history).state == "expired"
    history.finish()
    assert permit_of(history).state == "valid"


def test_a_revocation_taken_back_lets_the_renewal_go_on_that_it_had_stopped() -> None:
    """Everything that the revocation had ended is as it was, money too."""
    history = open_for_renewal(BILLBOARD)
    history.must(request(history)).until("tetap")
    before = state_but_for_turns(history.case)
    history.must(e.PermitAnnulled(reasons=("data-tidak-benar",), legal_basis=history.city.sops[BILLBOARD].legal_bases[0].code))
    assert [item.result for item in permit_of(history).renewals] == ["stopped"]

    answered(lodged(history), "granted")

    assert state_but_for_turns(history.case) == before
    assert history.finish().case.outcome == "issued"
    assert [item.result for item in permit_of(history).renewals] == ["renewed"]


def test_a_closed_renewal_goes_on_where_it_stood() -> None:
    """Not paid in time, closed, objected to: the payment is waited for again, and the permit is renewed without a force on the decision."""
    history = open_for_renewal()
    history.must(request(history)).until("bayar")
    while not rules.silence(history.case):
        history.wait_until(deadlines.clock(history.case, CALENDAR)[0].due_at)
    history.must(e.ApplicationClosed(reason="no-payment"))
    assert (history.case.outcome, history.case.act.kind if history.case.act else "") == ("issued", "closing")

    answered(lodged(history), "granted")

    assert (tuple(history.case.ready), objections.reopened(history.case)) == (("bayar",), False)
    assert permit_of(history.finish()).renewals[-1].result == "renewed"
    assert history.case.anomalies == ()


def test_who_asks_anew_objects_no_more() -> None:
    """A second request for the same term is the other way; what became of the first is settled by it."""
    history = renewal_refused()
    history.must(request(history))
    objection = e.ObjectionLodged(number=objections.next_number(history.case, OBJECTION), grounds=GROUNDS, against="renewal-refusal")
    assert history.say(objection) == "nothing-to-object-to"


def test_deposit_and_refund_wait_until_it_is_settled() -> None:
    """Nobody pays back or keeps the deposit of a permit that may yet stand again."""
    history = issued_with_deposit().must(e.PermitAnnulled(reasons=("data-tidak-benar",), legal_basis=DEPOSIT_BASIS))
    release = e.DepositReleased(charge="JAM/2", reason="sudah-dibongkar")
    assert head(history, release) == "objection-possible"
    history.wait_days(40)
    assert head(history, release) == ""


def test_a_refund_paid_too_early_is_asked_for_again() -> None:
    """A transfer back is a fact: what went back before the objection was granted is paid anew, and no rupiah is counted twice."""
    history = renewal_refused()
    (owed,) = history.case.remedies
    paid = e.RefundPaid(number="SP2D/1", amount_rupiah=owed.rupiah)
    history.must(paid)
    answered(lodged(history), "granted")
    assert (tuple(history.case.ready), accounts(history.case).unaccounted) == (("bayar",), 0)
    history.finish()
    assert permit_of(history).renewals[-1].result == "renewed"
    assert (accounts(history.case).unaccounted, accounts(history.case).owed) == (0, 0)


@pytest.mark.parametrize(("more", "back"), [(0, 0), (7_000, 0), (0, 40_000)], ids=["all", "too much", "partly paid back"])
def test_money_that_came_after_the_closing_counts_once_it_is_taken_back(more: int, back: int) -> None:
    """It was owed back; now it pays its charge, except what was paid back already or is too much, and no rupiah is lost."""
    history = closed()
    (charge,) = history.case.charges
    history.must(e.PaymentConfirmed(charge=charge.number, receipt="STS/LATE", amount_rupiah=charge.amount_rupiah + more))
    assert (accounts(history.case).owed, payable(history.case)) == (charge.amount_rupiah + more, ())
    if back:
        history.must(e.RefundPaid(number="SP2D/1", amount_rupiah=back, receipt="STS/LATE"))

    answered(lodged(history), "granted")

    found = accounts(history.case)
    assert (found.kept, found.owed, found.refunded, found.unaccounted) == (charge.amount_rupiah - back, more, back, 0)
    assert ("bayar" in history.case.steps) == (not back)
    assert history.finish().case.outcome == "issued"
    assert accounts(history.case).unaccounted == 0


def test_grounds_and_answers_have_words() -> None:
    """The lists of reasons hold for every act."""
    history = drafted(lodged(revoked()))
    answer = e.ObjectionDecided(number=history.case.objections[0].number, result="granted", reasons=GRANTS)
    assert history.say(answer) == ""
    assert permit_of(history).state == "valid"
