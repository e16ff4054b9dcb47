"""What may happen to a permit after it was issued, and what may not."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.calendar import WIB
from shared.fields import to_instant
from shared.sop import deadlines, rules
from shared.sop.permit import STATES_OVER, warning_step
from tests.builders import APPLICANT_ID, COMMITMENT, OFFICER_ID, SKP, History, make_city
from tests.shared.permits import CALENDAR, permit_of
from tests.strategies import QUICK

BASIS = make_city().sops[SKP].legal_bases[0].code
REASONS = ("tidak-sesuai-izin",)
SUSPENSION = e.PermitSuspended(reasons=REASONS, legal_basis=BASIS)
REINSTATEMENT = e.PermitReinstated(reason="sudah-diperbaiki")
REVOCATION = e.PermitRevoked(reasons=REASONS, legal_basis=BASIS)
ANNULMENT = e.PermitAnnulled(reasons=REASONS, legal_basis=BASIS)
SURRENDER = e.PermitSurrendered(reason="tidak-dipakai-lagi")


def issued() -> History:
    """Returns a research letter that a rule has issued, valid for some months."""
    history = History(SKP).begin().until("tetap")
    return history.must(e.PermitIssued(step="tetap", number="503/SKP/1", valid_from="2026-11-23", valid_until="2027-05-22"))


def warning(level: int = 1) -> e.WarningIssued:
    """Returns a warning with five working days to answer."""
    return e.WarningIssued(level=level, reasons=REASONS, answer_working_days=5)


def test_a_suspended_permit_can_be_reinstated() -> None:
    """A permit is suspended for reasons and on a basis, and valid again once it is reinstated."""
    history = issued().must(SUSPENSION)
    assert (permit_of(history).state, permit_of(history).reasons) == ("suspended", REASONS)
    assert history.say(SUSPENSION) == "permit-suspended"
    assert permit_of(history.must(REINSTATEMENT)).state == "valid"
    assert history.say(REINSTATEMENT) == "permit-not-suspended"


def test_nobody_loses_a_permit_unheard() -> None:
    """Revoking needs a warning whose days to answer have passed by the ledger's own clock."""
    history = issued()
    assert history.say(REVOCATION) == "not-warned"
    history.must(warning())
    assert history.say(REVOCATION) == "warning-runs"
    (passed,) = history.wait_days(14)
    assert (passed.step, passed.party) == (warning_step(1), rules.APPLICANT)
    assert permit_of(history.must(REVOCATION)).state == "revoked"


def test_warnings_are_counted_to_three() -> None:
    """The second warning follows the first one's days, none is skipped, and a fourth there is not."""
    history = issued().must(warning(1))
    assert history.say(warning(2)) == "warning-runs"
    history.wait_days(14)
    assert history.say(warning(3)) == "warning-level"
    history.must(warning(2)).wait_days(14)
    history.must(warning(3)).wait_days(14)
    assert history.say(warning(3)) == "warnings-exhausted"


def test_a_permit_expires_when_its_last_day_has_passed() -> None:
    """The ledger says so at the first moment of the next day, for a suspended permit too; after that nothing can be done with it."""
    history = issued().must(SUSPENSION)
    last_day = date.fromisoformat(permit_of(history).valid_until)
    (expiry,) = [item for item in deadlines.clock(history.case, CALENDAR) if item.kind == "expiry"]
    assert expiry.due_at.astimezone(WIB).isoformat() == f"{(last_day + timedelta(days=1)).isoformat()}T00:00:00+07:00"
    history.wait_until(expiry.due_at)
    assert permit_of(history).state == "expired"
    assert deadlines.clock(history.case, CALENDAR) == ()
    assert not rules.permit_in_force(history.case, last_day)


def test_the_end_of_a_permit_is_announced_once_for_each_day_that_the_sop_names() -> None:
    """The ledger reminds when a renewal opens and so many days before the end, each once, and no more of a permit that is over."""
    sop = make_city().sops["skp-penelitian@2"]
    assert sop.announced_days_before == (14, 3)
    history = issued()
    history.case = history.case.having(sop=sop)
    last_day = date.fromisoformat(permit_of(history).valid_until)
    said = history.wait_until(datetime.combine(last_day, time(), WIB))
    assert [(item.kind, item.level) for item in said] == [("reminder", 14), ("reminder", 3)]
    assert [item.due_at.astimezone(WIB).date() for item in said] == [last_day - timedelta(days=14), last_day - timedelta(days=3)]
    assert permit_of(history).announced == (14, 3)
    assert [item.kind for item in deadlines.clock(history.case, CALENDAR)] == ["expiry"]
    assert deadlines.clock(issued().must(SURRENDER).case, CALENDAR) == ()


@pytest.mark.parametrize("ending", [ANNULMENT, SURRENDER])
def test_what_is_over_stays_over(ending: e.Data) -> None:
    """A permit that was annulled or given back can neither be changed nor expire, and its application stays issued."""
    history = issued().must(ending)
    again = [history.say(data) for data in (SUSPENSION, REINSTATEMENT, REVOCATION, ANNULMENT, SURRENDER, warning())]
    assert again == ["permit-over"] * 6
    assert history.case.outcome == "issued"
    assert {item.kind for item in deadlines.clock(history.case, CALENDAR)} <= {"settled"}  # an annulment may be objected to


def test_only_the_holder_gives_a_permit_back() -> None:
    """Somebody else's surrender is refused."""
    assert issued().say(SURRENDER, authid=OFFICER_ID) == "not-yours"


def test_only_the_owner_of_the_type_decides_about_a_permit() -> None:
    """Another agency is refused, and so is a basis that the SOP does not name."""
    history = issued()
    assert history.say(SUSPENSION, agency="dlh") == "wrong-agency"
    assert history.say(e.PermitSuspended(reasons=REASONS, legal_basis="perda-yang-tidak-ada")) == "legal-basis-unknown"


SLIP = e.PermitCorrectionDrafted(field="holder-name", reason="salah-ketik", document=COMMITMENT)
MENDED = e.PermitCorrected(field="holder-name", reason="salah-ketik", document=COMMITMENT)


def test_a_slip_of_the_pen_is_mended_by_two_officers() -> None:
    """One officer drafts, another signs exactly that; number and validity stay, and the draft is gone."""
    history = issued()
    before = permit_of(history)
    assert history.say(MENDED) == "no-draft"
    history.must(SLIP)
    assert history.say(SLIP) == "draft-pending"
    assert history.say(MENDED, authid=OFFICER_ID) == "same-officer"
    assert history.say(MENDED.model_copy(update={"field": "dates"})) == "draft-differs"
    permit = permit_of(history.must(MENDED))
    assert (permit.number, permit.valid_from, permit.valid_until) == (before.number, before.valid_from, before.valid_until)
    assert [item.field for item in permit.corrections] == ["holder-name"]
    assert permit.slip is None


def test_a_drafted_correction_can_be_sent_back() -> None:
    """What is sent back leaves the document as it was, and another draft may follow."""
    history = issued().must(SLIP, e.PermitCorrectionReturned(reason="nomor-salah"))
    assert permit_of(history).corrections == ()
    assert history.say(e.PermitCorrectionReturned(reason="nomor-salah")) == "no-draft"
    history.must(SLIP, MENDED)


def test_another_agency_mends_nothing() -> None:
    """Only the agency that owns the type drafts and signs corrections of its permits."""
    assert issued().say(SLIP, agency="dlh") == "wrong-agency"


def test_the_holder_gets_duplicates_in_turn() -> None:
    """Each duplicate has the next number; somebody else gets none, and the permit itself does not change."""
    history = issued()
    first, second = (e.PermitDuplicateIssued(duplicate=number, reason="hilang") for number in (1, 2))
    assert history.say(first, authid=OFFICER_ID) == "not-yours"
    assert history.say(second) == "stale"
    history.must(first)
    assert history.say(first) == "stale"
    permit = permit_of(history.must(second))
    assert ([item.number for item in permit.duplicates], permit.state) == ([1, 2], "valid")


def test_a_permit_that_is_over_is_neither_mended_nor_copied() -> None:
    """After its end a permit's document stays as it is."""
    history = issued().must(SLIP, SURRENDER)
    assert history.say(MENDED) == "permit-over"
    assert history.say(e.PermitDuplicateIssued(duplicate=1, reason="rusak")) == "permit-over"


def test_without_a_permit_there_is_nothing_to_suspend() -> None:
    """An open application has no permit; a withdrawn one neither."""
    history = History(SKP).begin()
    assert history.say(SUSPENSION) == "no-permit"
    history.must(e.ApplicationWithdrawn(reason="batal"))
    assert history.say(SUSPENSION) == "no-permit"


def test_what_is_offered_is_what_is_accepted() -> None:
    """The actions shown for a permit are those that the ledger takes, with the same refusals."""
    history = issued().must(warning())
    offered = {item.command: item.refusal for item in rules.next_actions(history.case, "head", "dpmptsp", OFFICER_ID)}
    assert offered == {
        "warn-holder": "warning-runs",
        "suspend-permit": "",
        "reinstate-permit": "permit-not-suspended",
        "revoke-permit": "warning-runs",
        "annul-permit": "",
        "draft-permit-correction": "",
        "return-permit-correction": "no-draft",
        "correct-permit": "no-draft",
        "confirm-transfer": "transfer-forbidden",
        "refuse-transfer": "transfer-forbidden",
    }
    officers = rules.next_actions(history.case, "officer", "dpmptsp", OFFICER_ID)
    assert [(item.command, item.refusal) for item in officers] == [("draft-permit-correction", "")]
    theirs = {item.command: item.refusal for item in rules.next_actions(history.case, rules.APPLICANT, "", APPLICANT_ID)}
    assert theirs == {
        "withdraw": "already-issued",
        "surrender-permit": "",
        "ask-duplicate": "",
        "ask-renewal": "renewal-early",
        "offer-transfer": "transfer-forbidden",
        "give-power": "",
    }
    assert rules.next_actions(history.case, "head", "dlh", OFFICER_ID) == ()


@QUICK
@given(st.lists(st.sampled_from(["suspend", "reinstate", "revoke", "annul", "surrender", "warn", "wait"]), max_size=12))
def test_a_permits_life_has_no_way_back_from_its_end(wishes: list[str]) -> None:
    """Whatever is asked in whatever order: one of six states, an end is final, a revoked permit was warned, and time alone says expired."""
    said = {"suspend": SUSPENSION, "reinstate": REINSTATEMENT, "revoke": REVOCATION, "annul": ANNULMENT, "surrender": SURRENDER}
    history = issued()
    for wish in wishes:
        before = permit_of(history)
        if wish == "wait":
            history.wait_days(60)
        else:
            history.say(warning(min(3, len(before.warnings) + 1)) if wish == "warn" else said[wish])
        after = permit_of(history)
        assert after.state in ("valid", "suspended", *STATES_OVER)
        assert before.state not in STATES_OVER or after == before
        assert after.state != "revoked" or after.warnings
        assert after.state != "expired" or to_instant(history.case.recorded).astimezone(WIB).date() > date.fromisoformat(after.valid_until)
    assert history.case.anomalies == ()
