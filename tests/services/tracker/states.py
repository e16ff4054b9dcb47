"""Applications in each state that the tracker has to show, and the facts of their pages."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from services.tracker import views
from services.tracker.document import document
from services.tracker.timeline import line
from shared import events as e
from shared.envelope import canonical
from shared.fields import to_timestamp
from shared.sop import renewal, rules
from tests.builders import (
    APPLICANT_ID,
    COMMITMENT,
    FACTS,
    OFFICER_ID,
    PBG,
    REKLAME,
    SIGNER_ID,
    SKP,
    History,
    good_answer,
    submission,
)
from tests.shared import permits


def with_findings(history: History, step: str, *requirements: str) -> History:
    """Lets a review end with findings."""
    findings = tuple(e.Finding(requirement=code, reason="kurang-jelas") for code in requirements)
    return history.must(e.ReviewCompleted(step=step, round=history.case.round, result="findings", findings=findings))


def submitted() -> History:
    """Returns an application nobody has looked at yet."""
    return History(PBG).begin()


def filed_by_kuasa() -> History:
    """Returns an application that an attorney in fact has filed, whose power the applicant has taken back since."""
    history, power = History(PBG), {"power": "khusus", "power_valid_until": "2027-12-31"}
    by_kuasa = {"filed_as": "kuasa", "filed_for": APPLICANT_ID, "statement": COMMITMENT, **power}
    filing = submission(history.city.sops[PBG]).model_copy(update=by_kuasa)
    assert history.say(filing, role="kuasa", authid=SIGNER_ID) == ""
    return history.must(e.RepresentationEnded(reason="withdrawn"))


def mirrored() -> History:
    """Returns an application that its national system has ended already."""
    history = submitted()
    moment = to_timestamp(history.now - timedelta(hours=3))
    return history.must(e.NationalRecorded(system="simbg", number=COMMITMENT, status="issued", happened_at=moment))


def two_agencies() -> History:
    """Returns an application in review by two agencies at once."""
    return History(REKLAME).begin().until("struktur-ruang")


def late_review() -> History:
    """Returns an application whose reviews are overdue."""
    history = two_agencies()
    history.wait_days(7)
    return history


def correction_asked() -> History:
    """Returns an application whose applicant has two requirements to correct."""
    history = with_findings(History(REKLAME).begin().until("struktur-ruang"), "struktur-ruang", "gambar-konstruksi", "hak-lahan")
    history.now += timedelta(days=2)
    history.must(e.ReviewCompleted(step="lalin", round=1, result="passed"))
    return history.must(good_answer(history.case, rules.CORRECTION_REQUEST))


def corrected() -> History:
    """Returns an application that comes back corrected."""
    history = correction_asked()
    return history.must(good_answer(history.case, rules.CORRECTION))


def visit_scheduled() -> History:
    """Returns an application with a site visit to come."""
    history = History(REKLAME).begin().until("lapangan")
    return history.must(good_answer(history.case, "lapangan"))


def days_offered() -> History:
    """Returns an application whose applicant may choose a day for the visit."""
    history = History(REKLAME).begin().until("lapangan")
    dates, agencies = ("2026-12-07", "2026-12-08"), ("pupr", "dishub")
    return history.must(
        e.VisitOffered(step="lapangan", visit=1, dates=dates, agencies=agencies, assignment_letter="ST/1", answer_working_days=2)
    )


def visit_drawn() -> History:
    """Returns an application whose inspectors were drawn from too few."""
    drawn = e.InspectorsDrawn(step="lapangan", visit=1, pool=3, warned=True, inspectors=("G" * 43,), persons=("x" * 43,))
    history = visit_scheduled().must(drawn)
    return history.must(e.VisitMissed(step="lapangan", visit=1, reason="terkunci"))


def contested() -> History:
    """Returns an application with one breach under dispute and one escalated, handed over and recused from on the way."""
    history = two_agencies()
    history.must(e.ReviewAssigned(step="struktur-ruang", officer="B" * 43))
    history.must(e.ReviewReassigned(step="struktur-ruang", officer="C" * 43, reason="cuti"), e.ConflictDeclared(reason="keluarga"))
    history.wait_days(5)
    history.must(e.BreachContested(step="lalin", round=1, reason="keadaan-kahar", evidence=("x" * 43,)))
    history.wait_days(10)
    return history


def stopped() -> History:
    """Returns an application whose clocks stand still by a decree."""
    history = two_agencies()
    decree = e.ForceMajeureDeclared(
        number="188/1", legal_basis="uu-24-2007", reason="kabut-asap", from_day="2026-11-20", until_day="2026-11-25"
    )
    history.city = replace(history.city, calendar=history.city.calendar.with_decree(decree))
    return history


def waiting_for_payment() -> History:
    """Returns an application with an open charge."""
    return History(PBG).begin().until("bayar")


def issued() -> History:
    """Returns an application that became a permit."""
    return History(PBG).begin().finish()


def mended() -> History:
    """Returns a permit whose document was mended twice over: a slip corrected, another one drafted, and a duplicate issued."""
    slip: dict[str, Any] = {"field": "holder-name", "reason": "salah-ketik", "document": COMMITMENT}
    return issued().must(
        e.PermitCorrectionDrafted(**slip),
        e.PermitCorrected(**slip),
        e.PermitDuplicateIssued(duplicate=1, reason="hilang"),
        e.PermitCorrectionDrafted(**{**slip, "field": "dates"}),
    )


def renewal_open() -> History:
    """Returns a permit whose holder may ask for a further term now."""
    history = permits.issued(REKLAME, FACTS[REKLAME])
    history.wait_days(345)
    return history


def renewal_running() -> History:
    """Returns a permit whose renewal waits for a review."""
    history = renewal_open()
    codes = [item.code for item in renewal.asked(history.case, history.case.facts)]
    handed = tuple(e.Attachment(requirement=code, commitment=COMMITMENT) for code in (*codes, "gambar-konstruksi"))
    history.must(e.RenewalRequested(facts=(), attachments=handed))
    return history.must(good_answer(history.case, "lengkap"))


def renewed() -> History:
    """Returns a permit that holds for a further term, after a request that was withdrawn."""
    history = renewal_running().must(e.ApplicationWithdrawn(reason="rencana-berubah"))
    handed = next(entry.event.data for entry in history.entries if isinstance(entry.event.data, e.RenewalRequested))
    return history.must(handed).finish()


def renewal_deemed() -> History:
    """Returns a permit that silence renewed."""
    history = renewal_running()
    history.until("tetap")
    history.wait_days(40)
    return history


def transferred() -> History:
    """Returns a permit that came to another holder after a first attempt was refused, and is offered to a third."""
    history = permits.issued("reklame-permanen@2", {**FACTS[REKLAME], "zona": "pusat-kota"})
    papers = tuple(e.Attachment(requirement=code, commitment=COMMITMENT) for code in ("hak-lahan", "koordinat-foto"))
    taken = e.TransferAccepted(attachments=papers, disclosures=(e.Disclosure(name="name", commitment=COMMITMENT),))
    for end in (e.TransferRefused(reasons=("data-tidak-benar",)), e.PermitTransferred(to=OFFICER_ID)):
        history.must(e.TransferOffered(to=OFFICER_ID))
        assert history.say(taken, authid=OFFICER_ID) == ""
        history.must(end)
    assert history.say(e.TransferOffered(to=APPLICANT_ID), authid=OFFICER_ID) == ""
    return history


def refused() -> History:
    """Returns an application that a review rejected."""
    history = History(PBG).begin().until("tpa")
    return history.must(e.ReviewCompleted(step="tpa", round=1, result="rejected", reasons=("melanggar-tata-ruang",))).finish()


def objected() -> History:
    """Returns a refused application with an objection that waits for its answer."""
    return refused().must(e.ObjectionLodged(number="KEB/36BS-2WSW-K54E-F/1", grounds=("bukti-baru",), statement="x" * 43))


def appeal_possible() -> History:
    """Returns a refused application whose objection was rejected."""
    history = objected()
    return history.must(
        e.AnswerDrafted(number=history.case.objections[0].number, result="rejected", reasons=("penolakan-sesuai-aturan",)),
        e.ObjectionDecided(number=history.case.objections[0].number, result="rejected", reasons=("penolakan-sesuai-aturan",)),
    )


def appealed() -> History:
    """Returns a refused application with an appeal that waits for the superior."""
    return appeal_possible().must(e.AppealLodged(number="BDG/36BS-2WSW-K54E-F/1", grounds=("penilaian-keliru",)))


def appeal_granted() -> History:
    """Returns an application that runs again, because silence granted its appeal."""
    history = appealed()
    history.wait_days(20)
    return history


def settled() -> History:
    """Returns a refused application to which nobody objected in time."""
    history = refused()
    history.wait_days(60)
    return history


def withdrawn() -> History:
    """Returns a paid application that its applicant took back."""
    history = History(PBG).begin().until("bayar")
    return history.must(good_answer(history.case, "bayar"), e.ApplicationWithdrawn(reason="batal-usaha"))


def closed() -> History:
    """Returns an application that was never paid."""
    history = History(REKLAME).begin().until("bayar")
    history.wait_days(30)
    return history.must(e.ApplicationClosed(reason="no-payment"))


def closing_objected() -> History:
    """Returns a closed application whose holder has objected."""
    return closed().must(e.ObjectionLodged(number="KEB/36BS-2WSW-K54E-F/1", grounds=("bukti-baru",), against="closing"))


def annulment_objected() -> History:
    """Returns an annulled permit whose holder has objected."""
    history = permits.issued("reklame-permanen@2", {**FACTS[REKLAME], "zona": "pusat-kota"})
    annulled = e.PermitAnnulled(reasons=("data-tidak-benar",), legal_basis=history.city.sops[history.sop].legal_bases[0].code)
    return history.must(annulled, e.ObjectionLodged(number="KEB/36BS-2WSW-K54E-F/1", grounds=("bukti-baru",), against="annulment"))


def stands_again() -> History:
    """Returns a permit whose annulment was taken back."""
    history = annulment_objected()
    granted = e.ObjectionDecided(number=history.case.objections[0].number, result="granted", reasons=("keberatan-beralasan",))
    return history.must(good_answer(history.case, "keberatan"), granted)


def renewal_refused() -> History:
    """Returns a permit whose renewal was refused, to which its holder may object."""
    history = renewal_running()
    history.until("tetap")
    drafted = e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("bertentangan-tata-ruang",))
    return history.must(drafted, e.ApplicationRefused(step="tetap", reasons=("bertentangan-tata-ruang",)))


def deemed_granted() -> History:
    """Returns an application that silence granted."""
    history = History(SKP).begin({"topik-sensitif": True, "lama-bulan": 6})
    history.must(good_answer(history.case, "lengkap")).wait_days(20)
    return history


def forgotten() -> History:
    """Returns a withdrawn application whose personal data was erased, after a legal hold on it was over."""
    history = withdrawn()
    return history.must(
        e.LegalHoldPlaced(number="PN/2026/12", reason="court"),
        e.LegalHoldLifted(number="PN/2026/12"),
        e.SubjectForgotten(reason="retention-ended"),
    )


STATES: Final[Mapping[str, Callable[[], History]]] = {
    made.__name__: made
    for made in (
        submitted,
        filed_by_kuasa,
        mirrored,
        two_agencies,
        late_review,
        correction_asked,
        corrected,
        visit_scheduled,
        days_offered,
        visit_drawn,
        contested,
        stopped,
        waiting_for_payment,
        issued,
        mended,
        renewal_open,
        renewal_running,
        renewed,
        renewal_deemed,
        transferred,
        refused,
        objected,
        appeal_possible,
        appealed,
        appeal_granted,
        settled,
        withdrawn,
        closed,
        closing_objected,
        annulment_objected,
        stands_again,
        renewal_refused,
        deemed_granted,
        forgotten,
    )
}


def row_of(history: History) -> dict[str, Any]:
    """Returns the row of an application as it comes back from the database."""
    row: dict[str, Any] = orjson.loads(canonical(views.project(history.case, history.city)))
    return row


def tree_of(history: History, now: datetime | None = None) -> dict[str, Any]:
    """Returns the facts of an application's page, its history included."""
    tree = document(history.code, row_of(history), history.city, now or history.now)
    sop = history.city.sops[history.sop]
    return {**tree, "on_hold": False, "older": 0, "timeline": [line(entry, sop) for entry in reversed(history.entries)]}
