"""Who files and acts for whom: the applicant, an attorney in fact while the power lasts, an assistant at the counter once."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.case import Case
from shared.sop import rules
from shared.sop.applicants import COUNTER, KUASA, POWERS, applicant_refusal, on_their_side, receipt_refusal
from shared.sop.draws import involved
from shared.upcast import for_contract, upcast_data
from tests.builders import APPLICANT_ID, COMMITMENT, OFFICER_ID, REKLAME, SIGNER_ID, History, make_city, submission
from tests.strategies import QUICK

KUASA_ID = "k" * 43
TODAY = "2026-11-23"
BY_KUASA = {
    "filed_as": "kuasa",
    "filed_for": APPLICANT_ID,
    "statement": COMMITMENT,
    "power": "khusus",
    "power_valid_until": "2026-12-31",
}
AT_THE_COUNTER = {"filed_as": "assisted", "filed_for": APPLICANT_ID, "statement": COMMITMENT}
KUASA_SIGNED_IN = {"role": KUASA, "authid": KUASA_ID}
ASSISTANT = {"role": COUNTER, "agency": "dpmptsp", "authid": OFFICER_ID}


def filing(**changes: str) -> e.ApplicationSubmitted:
    """Returns a submission that somebody files."""
    return submission(make_city().sops[REKLAME]).model_copy(update=changes)


def filed(changes: Mapping[str, str], who: Mapping[str, str]) -> History:
    """Returns an application that somebody has filed, on the first Monday."""
    history = History(REKLAME, city=make_city().on(TODAY))
    assert history.say(filing(**changes), **who) == ""
    return history


def in_review(history: History) -> History:
    """Returns the same application with its first review ready."""
    return history.until("struktur-ruang")


def offered(case: Case, role: str, authid: str, day: str = TODAY) -> dict[str, str]:
    """Returns what somebody may do, with the refusals."""
    return {item.command: item.refusal for item in rules.next_actions(case, role, "", authid, day)}


def test_a_kuasa_acts_as_the_applicant_may_until_the_applicant_takes_the_power_back() -> None:
    """A kuasa may withdraw the application; once the applicant has ended the power, only the applicant may."""
    history = filed(BY_KUASA, KUASA_SIGNED_IN)
    assert (history.case.submitter, history.case.filed_by, history.case.filed_as) == (APPLICANT_ID, KUASA_ID, "kuasa")
    assert offered(history.case, KUASA, KUASA_ID)["withdraw"] == ""
    assert offered(history.case, "applicant", APPLICANT_ID)["withdraw"] == ""

    history.must(e.RepresentationEnded(reason="withdrawn"))

    assert offered(history.case, KUASA, KUASA_ID) == {
        "correct": "no-correction-open",
        "withdraw": "power-ended",
        "end-representation": "power-ended",
    }
    assert history.say(e.ApplicationWithdrawn(reason="rencana-berubah"), **KUASA_SIGNED_IN) == "power-ended"
    assert history.say(e.RepresentationEnded(reason="withdrawn")) == "power-ended"
    assert history.say(e.ApplicationWithdrawn(reason="rencana-berubah")) == ""


def test_a_kuasa_may_lay_the_power_down_and_nobody_else_may_in_their_name() -> None:
    """Who ends a power says so in their own role: the applicant withdraws it, the attorney lays it down."""
    history = filed(BY_KUASA, KUASA_SIGNED_IN)
    assert history.say(e.RepresentationEnded(reason="laid-down")) == "not-allowed"
    assert history.say(e.RepresentationEnded(reason="withdrawn"), **KUASA_SIGNED_IN) == "not-allowed"
    assert history.say(e.RepresentationEnded(reason="laid-down"), role=KUASA, authid=SIGNER_ID) == "not-yours"
    assert history.say(e.RepresentationEnded(reason="laid-down"), **KUASA_SIGNED_IN) == ""
    assert history.case.representation is not None
    assert history.case.representation.ended == "laid-down"


def power(attorney: str = KUASA_ID, name: str = COMMITMENT, kind: str = "khusus", valid_until: str = "2026-12-31") -> e.RepresentationGiven:
    """Returns a power of attorney given on the way."""
    disclosed = (e.Disclosure(name="kuasa-name", commitment=name),)
    return e.RepresentationGiven(attorney=attorney, disclosures=disclosed, statement=COMMITMENT, power=kind, valid_until=valid_until)


def test_a_power_given_on_the_way_lets_the_attorney_act_and_a_later_one_takes_its_place() -> None:
    """Given an applicant who filed in person, when they appoint a kuasa and then another, then only the last one acts, and neither judges."""
    history = filed({}, {})
    assert history.say(e.ApplicationWithdrawn(reason="rencana-berubah"), **KUASA_SIGNED_IN) == "not-yours"
    history.must(power())
    assert (offered(history.case, KUASA, KUASA_ID)["withdraw"], history.case.filed_as) == ("", "self")

    history.must(power(SIGNER_ID, name="n" * 43))

    assert offered(history.case, KUASA, SIGNER_ID)["withdraw"] == ""
    assert history.say(e.ApplicationWithdrawn(reason="rencana-berubah"), **KUASA_SIGNED_IN) == "power-ended"
    assert [receipt_refusal(history.case, KUASA, who, TODAY) for who in (SIGNER_ID, KUASA_ID)] == ["", "power-ended"]
    assert {"n" * 43} == set(history.case.disclosed) - set(filed({}, {}).case.disclosed)
    assert {APPLICANT_ID, KUASA_ID, SIGNER_ID} <= involved(history.case)
    history.must(e.RepresentationEnded(reason="withdrawn"))
    assert receipt_refusal(history.case, KUASA, SIGNER_ID, TODAY) == "power-ended"
    history.must(power())
    assert offered(history.case, KUASA, KUASA_ID)["withdraw"] == ""


@pytest.mark.parametrize(
    ("given", "who", "refusal"),
    [
        (power(APPLICANT_ID), {}, "power-to-oneself"),
        (power(valid_until="2026-11-22"), {}, "power-expired"),
        (power(kind="umum"), {}, "filing-incomplete"),
        (power(), {"authid": SIGNER_ID}, "not-yours"),
        (power(SIGNER_ID), KUASA_SIGNED_IN, "not-allowed"),
    ],
)
def test_only_the_applicant_gives_a_power_that_the_city_takes(given: e.RepresentationGiven, who: dict[str, str], refusal: str) -> None:
    """A kuasa appoints nobody, no stranger does, nobody appoints themselves, and the power has a known kind and a day to come."""
    assert filed(BY_KUASA, KUASA_SIGNED_IN).say(given, **who) == refusal


def test_no_officer_of_the_application_becomes_its_attorney() -> None:
    """Given a review that an officer has done, when the applicant appoints that person, then it is refused; a closed case has no attorney either."""
    history = in_review(filed({}, {}))
    assert history.say(e.ReviewCompleted(step="struktur-ruang", round=1, result="passed"), authid=OFFICER_ID) == ""
    assert history.say(power(OFFICER_ID)) == "attorney-of-the-office"
    history.must(e.ApplicationWithdrawn(reason="rencana-berubah"))
    assert history.say(power()) == "already-withdrawn"


def test_a_kuasa_asks_for_the_holder_but_gives_no_permit_away() -> None:
    """While the power lasts a kuasa may ask for a duplicate; giving the permit away is the holder's own."""
    history = filed(BY_KUASA, KUASA_SIGNED_IN).finish()
    assert offered(history.case, KUASA, KUASA_ID)["ask-duplicate"] == ""
    assert "offer-transfer" not in offered(history.case, KUASA, KUASA_ID)
    assert "offer-transfer" in offered(history.case, "applicant", APPLICANT_ID)
    assert history.say(e.TransferOffered(to=SIGNER_ID), **KUASA_SIGNED_IN) == "not-yours"
    assert history.say(e.PermitDuplicateIssued(duplicate=1, reason="hilang"), **KUASA_SIGNED_IN) == ""


@given(st.dates().map(str), st.sampled_from(("", "withdrawn", "laid-down")))
@QUICK
def test_a_power_lasts_through_its_last_day(day: str, ended: str) -> None:
    """A kuasa may act on a day exactly when the power has not ended and its last day has not passed; the applicant always may."""
    case = filed(BY_KUASA, KUASA_SIGNED_IN).case
    assert case.representation is not None
    case = case.having(representation=replace(case.representation, ended=ended))
    assert (applicant_refusal(case, KUASA, KUASA_ID, day) == "") == (not ended and day <= BY_KUASA["power_valid_until"])
    assert applicant_refusal(case, "applicant", APPLICANT_ID, day) == ""
    assert applicant_refusal(case, "applicant", KUASA_ID, day) == "not-yours"


@pytest.mark.parametrize(
    ("changes", "who", "refusal"),
    [
        ({}, KUASA_SIGNED_IN, "not-allowed"),
        ({}, ASSISTANT, "not-allowed"),
        (BY_KUASA, {}, "not-allowed"),
        (BY_KUASA, ASSISTANT, "not-allowed"),
        (AT_THE_COUNTER, KUASA_SIGNED_IN, "not-allowed"),
        (AT_THE_COUNTER, {**ASSISTANT, "agency": "pupr"}, "not-allowed"),
        ({**BY_KUASA, "statement": ""}, KUASA_SIGNED_IN, "filing-incomplete"),
        ({**BY_KUASA, "power": "umum"}, KUASA_SIGNED_IN, "filing-incomplete"),
        ({**BY_KUASA, "power_valid_until": ""}, KUASA_SIGNED_IN, "filing-incomplete"),
        ({**BY_KUASA, "power_valid_until": "2026-11-22"}, KUASA_SIGNED_IN, "power-expired"),
        ({**BY_KUASA, "filed_for": KUASA_ID}, KUASA_SIGNED_IN, "filed-for-oneself"),
        ({**AT_THE_COUNTER, "filed_for": ""}, ASSISTANT, "filing-incomplete"),
        ({**AT_THE_COUNTER, "filed_for": OFFICER_ID}, ASSISTANT, "filed-for-oneself"),
    ],
)
def test_a_submission_says_who_files_for_whom(changes: dict[str, str], who: dict[str, str], refusal: str) -> None:
    """Whoever files for somebody else names them and the document, in their own role; anything else is refused."""
    history = History(REKLAME, city=make_city().on(TODAY))
    assert history.say(filing(**changes), **who) == refusal


def test_whoever_helped_at_the_counter_judges_nothing() -> None:
    """The assistant cannot review what they filed, cannot be given it, is not drawn for a visit, and a colleague may do all that."""
    history = in_review(filed(AT_THE_COUNTER, ASSISTANT))
    passed = e.ReviewCompleted(step="struktur-ruang", round=1, result="passed")
    actions = {(item.command, item.step): item.refusal for item in rules.next_actions(history.case, "officer", "pupr", OFFICER_ID)}
    assert actions["complete-review", "struktur-ruang"] == "own-application"
    assert history.say(passed, authid=OFFICER_ID) == "own-application"
    assert history.say(e.ReviewAssigned(step="struktur-ruang", officer=OFFICER_ID), authid=SIGNER_ID) == "officer-in-conflict"
    assert OFFICER_ID in involved(history.case)
    assert on_their_side(history.case, OFFICER_ID)
    assert history.say(passed, authid=SIGNER_ID) == ""


def test_an_officer_does_not_review_an_application_of_their_own() -> None:
    """Whoever applies, or is the attorney in fact, is no officer of the same application, even under an officer's role."""
    history = in_review(filed(BY_KUASA, KUASA_SIGNED_IN))
    passed = e.ReviewCompleted(step="struktur-ruang", round=1, result="passed")
    assert history.say(passed, authid=APPLICANT_ID) == "own-application"
    assert history.say(passed, authid=KUASA_ID) == "own-application"


def test_what_was_submitted_before_counts_as_filed_by_the_applicant() -> None:
    """A submission of the first form rises to one that the applicant has filed; a new one cannot be said of anybody else in an old city."""
    old = for_contract(filing(), 1)
    assert isinstance(old, e.ApplicationSubmittedV1)
    assert upcast_data(old) == filing()
    assert filing().filed_as == "self"


def test_a_counter_has_no_actions_beside_filing() -> None:
    """Who helps at the counter is offered nothing else."""
    assert rules.next_actions(filed(AT_THE_COUNTER, ASSISTANT).case, COUNTER, "dpmptsp", OFFICER_ID) == ()
    assert set(POWERS) == {"khusus", "akta-notaris"}
