"""A permit that comes to another holder: who offers, accepts and confirms it, and where it may not."""

import pytest

from services.intake.domain import offer_transfer
from shared import events as e
from shared.case import apply
from shared.case_model import Representation
from shared.fields import to_instant
from shared.queue import queue_row
from shared.refusals import Refusal
from shared.sop import deadlines, rules
from shared.sop.applicants import KUASA, applicant_refusal, on_their_side, receipt_refusal
from shared.sop.permit import TRANSFER_STEP
from tests.builders import APPLICANT_ID, COMMITMENT, OFFICER_ID, History
from tests.shared.permits import CALENDAR, LETTER, LETTER_FACTS, issued, permit_of

HEIR = "H" * 43
HEIRS_DATA = "d" * 43
OFFER = e.TransferOffered(to=HEIR)
CONFIRMATION = e.PermitTransferred(to=HEIR)
REFUSAL = e.TransferRefused(reasons=("data-tidak-benar",))


def acceptance(*documents: str) -> e.TransferAccepted:
    """Returns the new holder's word, with these documents or those that are asked for."""
    handed = tuple(e.Attachment(requirement=code, commitment=COMMITMENT) for code in documents or ("hak-lahan", "koordinat-foto"))
    return e.TransferAccepted(attachments=handed, disclosures=(e.Disclosure(name="name", commitment=HEIRS_DATA),))


def accepted() -> History:
    """Returns a permit whose transfer waits for the issuing agency."""
    history = issued().must(OFFER)
    assert history.say(acceptance(), authid=HEIR) == ""
    return history


def test_a_permit_comes_to_whom_it_was_offered_and_who_accepted_it() -> None:
    """Offered by the holder, accepted by that person, confirmed by the agency: then the other one holds it, and nothing else of it has changed."""
    history = issued()
    before = permit_of(history)
    assert history.say(OFFER, authid=OFFICER_ID) == "not-yours"
    assert history.say(acceptance(), authid=HEIR) == "no-transfer"
    history.must(OFFER)
    assert history.say(acceptance()) == "not-yours"
    assert history.say(CONFIRMATION) == "no-transfer"
    assert history.say(acceptance(), authid=HEIR) == ""
    assert history.say(OFFER) == "transfer-runs"
    history.must(CONFIRMATION)
    permit = permit_of(history)
    assert (permit.number, permit.valid_from, permit.valid_until) == (before.number, before.valid_from, before.valid_until)
    assert (history.case.submitter, history.case.disclosed) == (HEIR, (HEIRS_DATA,))
    assert [item.result for item in permit.transfers] == ["transferred"]
    assert history.say(e.PermitSurrendered(reason="usaha-tutup")) == "not-yours"
    assert history.say(e.PermitSurrendered(reason="usaha-tutup"), authid=HEIR) == ""
    assert history.case.anomalies == ()


def test_an_offer_that_nobody_took_can_be_made_to_somebody_else() -> None:
    """The newest offer counts; to oneself there is none."""
    history = issued().must(e.TransferOffered(to=OFFICER_ID), OFFER)
    assert history.say(acceptance(), authid=OFFICER_ID) == "not-yours"
    assert history.say(acceptance(), authid=HEIR) == ""
    assert issued().say(e.TransferOffered(to=APPLICANT_ID)) == "transfer-to-oneself"


@pytest.mark.parametrize(
    ("documents", "code"),
    [(("hak-lahan",), "requirement-missing"), (("hak-lahan", "koordinat-foto", "desain"), "requirement-unknown")],
)
def test_a_transfer_asks_for_the_documents_of_its_sop(documents: tuple[str, ...], code: str) -> None:
    """Neither fewer nor others than the SOP names."""
    assert issued().must(OFFER).say(acceptance(*documents), authid=HEIR) == code


def test_a_refused_transfer_leaves_the_permit_with_its_holder() -> None:
    """The agency's refusal is told with its reasons, and another offer may follow."""
    history = accepted().must(REFUSAL)
    assert (history.case.submitter, permit_of(history).transfer) == (APPLICANT_ID, None)
    assert permit_of(history).transfers[-1].reasons == ("data-tidak-benar",)
    assert history.say(CONFIRMATION) == "no-transfer"
    history.must(OFFER)


def test_a_type_that_forbids_it_is_not_transferred() -> None:
    """A research letter is its researcher's own, on the basis that its SOP names; an SOP that says nothing allows nothing."""
    history = issued(LETTER, LETTER_FACTS)
    sop = history.case.sop
    assert sop is not None
    assert sop.transfer is not None
    assert (history.say(OFFER), sop.transfer.legal_basis) == ("transfer-forbidden", "permendagri-3-2018")
    with pytest.raises(Refusal) as refused:
        offer_transfer(history.case, HEIR)
    assert (refused.value.code, refused.value.about) == ("transfer-forbidden", "permendagri-3-2018")
    assert issued("skp-penelitian@1", LETTER_FACTS).say(OFFER) == "transfer-forbidden"


def test_only_the_issuing_agency_decides_and_within_its_days() -> None:
    """Another agency is refused; the desk has the task with its date, and the ledger says when it is late."""
    history = accepted()
    assert history.say(CONFIRMATION, agency="pupr") == "wrong-agency"
    row = queue_row(history.case, CALENDAR, "issuance")
    assert row is not None
    assert [(task["step"], task["agencies"]) for task in row["tasks"]] == [(TRANSFER_STEP, ["dpmptsp"])]
    assert row["tasks"][0]["due"]
    passed = history.wait_days(10)
    assert (passed[0].step, passed[0].kind, passed[0].agency) == (TRANSFER_STEP, "target", "dpmptsp")
    assert not any(item.step == TRANSFER_STEP and item.kind == "target" for item in deadlines.clock(history.case, CALENDAR))
    history.must(CONFIRMATION)


def test_what_is_offered_is_what_is_accepted() -> None:
    """Only the person who was offered the permit sees that they may accept it."""
    history = issued().must(OFFER)
    theirs = {item.command: item.refusal for item in rules.next_actions(history.case, rules.APPLICANT, "", HEIR)}
    assert (theirs["accept-transfer"], theirs["offer-transfer"]) == ("", "not-yours")
    assert "accept-transfer" not in {item.command for item in rules.next_actions(history.case, rules.APPLICANT, "", APPLICANT_ID)}
    heads = {item.command: item.refusal for item in rules.next_actions(accepted().case, "head", "dpmptsp", OFFICER_ID)}
    assert (heads["confirm-transfer"], heads["refuse-transfer"]) == ("", "")


def test_a_transfer_and_a_renewal_do_not_cross() -> None:
    """While the agency decides on a transfer nobody renews; a permit that is over or suspended has no new holder."""
    history = accepted()
    history.wait_until(to_instant("2027-11-10T00:00:00.000000Z"))
    assert history.say(e.RenewalRequested(facts=(), attachments=())) == "transfer-runs"
    assert accepted().must(e.PermitSuspended(reasons=("x",), legal_basis="uu-1-2022")).say(CONFIRMATION) == "permit-suspended"
    assert accepted().must(e.PermitSurrendered(reason="usaha-tutup")).say(CONFIRMATION) == "permit-over"


def test_a_power_of_attorney_does_not_pass_with_the_permit() -> None:
    """Given a holder with a kuasa, when the permit comes to another one, then that kuasa speaks for nobody here."""
    history = accepted()
    before = history.case.having(representation=Representation("k" * 43, "khusus", COMMITMENT, "2027-12-31"))
    assert applicant_refusal(before, KUASA, "k" * 43, "2026-12-20") == ""
    history.must(CONFIRMATION)
    after = apply(before, history.entries[-1].event, history.city.sops, history.case.recorded)
    assert after.submitter == HEIR
    assert applicant_refusal(after, KUASA, "k" * 43, "2026-12-20") == "not-yours"
    assert receipt_refusal(after, KUASA, "k" * 43, "2026-12-20") == "not-yours"
    assert on_their_side(after, "k" * 43)


def test_who_held_the_permit_before_gets_no_receipt_and_still_judges_nothing() -> None:
    """Given a permit that its first holder had applied for, when it comes to another one, then only that one gets the receipt."""
    history = accepted()
    assert [receipt_refusal(history.case, "applicant", who, "2026-12-20") for who in (APPLICANT_ID, HEIR)] == ["", "not-yours"]
    history.must(CONFIRMATION)
    assert [receipt_refusal(history.case, "applicant", who, "2026-12-20") for who in (APPLICANT_ID, HEIR)] == ["not-yours", ""]
    assert on_their_side(history.case, APPLICANT_ID)
