"""Who may work on a step: its officer, nobody with a conflict of interest, and who stands in for a head."""

from hypothesis import given

from shared import events as e
from shared.case import Case
from shared.city import City, fold_city
from shared.sop import rules
from shared.sop.admissible import admissible
from shared.sop.people import ACTING_HEAD, CONFLICT
from tests.builders import OFFICER_ID, PARTIAL_ID, REKLAME, SIGNER_ID, History, good_answer, make_event, make_line
from tests.strategies import QUICK
from tests.walks import walks

REVIEW = "struktur-ruang"
REASON = "cuti"


def in_review() -> History:
    """Returns a billboard whose review by one agency is ready."""
    return History(REKLAME).begin().until(REVIEW)


def passed(case: Case, step: str = REVIEW) -> e.ReviewCompleted:
    """Returns a review without findings."""
    return e.ReviewCompleted(step=step, round=case.round, result="passed")


def found(case: Case, *requirements: str) -> e.ReviewCompleted:
    """Returns a review that asks for corrections."""
    findings = tuple(e.Finding(requirement=code, reason="kabur") for code in requirements)
    return e.ReviewCompleted(step=REVIEW, round=case.round, result="findings", findings=findings)


def actions(case: Case, authid: str, role: str = "officer") -> dict[str, str]:
    """Returns what an officer of the reviewing agency may do with the review, and why not."""
    return {item.command: item.refusal for item in rules.next_actions(case, role, "pupr", authid) if item.step in (REVIEW, "")}


def test_an_assigned_step_is_done_by_its_officer() -> None:
    """An unassigned step is anybody's; once it is assigned, another officer is refused and told so."""
    history = in_review()
    assert actions(history.case, SIGNER_ID)["complete-review"] == ""

    history.must(e.ReviewAssigned(step=REVIEW, officer=OFFICER_ID))

    assert actions(history.case, SIGNER_ID)["complete-review"] == "assigned-to-another"
    assert history.say(passed(history.case), authid=SIGNER_ID) == "assigned-to-another"
    assert history.say(passed(history.case), authid=OFFICER_ID) == ""


def test_a_hand_over_is_explicit() -> None:
    """A second officer comes by a hand-over with its reason only, and it is counted."""
    history = in_review()
    over = e.ReviewReassigned(step=REVIEW, officer=SIGNER_ID, reason=REASON)
    assert history.say(over) == "not-assigned"
    history.must(e.ReviewAssigned(step=REVIEW, officer=OFFICER_ID))
    assert history.say(e.ReviewAssigned(step=REVIEW, officer=SIGNER_ID)) == "already-assigned"

    history.must(over)

    assert (history.case.officers[REVIEW], history.case.hand_overs[REVIEW]) == (SIGNER_ID, 1)
    assert history.say(over) == "already-assigned"
    assert history.say(passed(history.case), authid=OFFICER_ID) == "assigned-to-another"


def test_only_leaders_assign() -> None:
    """An ordinary officer is offered no assignment, a team leader and a head are."""
    case = in_review().case
    assert actions(case, SIGNER_ID)["assign-review"] == "not-allowed"
    assert actions(case, SIGNER_ID, "team-leader")["assign-review"] == ""
    assert actions(case, SIGNER_ID, "head")["reassign-review"] == "not-assigned"


def test_an_officer_with_a_conflict_does_nothing_more() -> None:
    """After the declaration the step is nobody's again, and the officer is refused whatever they try, also another step."""
    history = in_review().must(e.ReviewAssigned(step=REVIEW, officer=PARTIAL_ID))

    history.must(e.ConflictDeclared(reason="keluarga"))

    assert REVIEW not in history.case.officers
    assert history.say(passed(history.case), authid=PARTIAL_ID) == CONFLICT
    assert history.say(passed(history.case, "lalin"), authid=PARTIAL_ID) == CONFLICT
    assert history.say(e.ReviewAssigned(step=REVIEW, officer=PARTIAL_ID)) == "officer-in-conflict"
    assert set(actions(history.case, PARTIAL_ID).values()) == {CONFLICT}
    assert history.say(passed(history.case), authid=OFFICER_ID) == ""


def test_a_draft_of_a_partial_officer_is_nobodys() -> None:
    """Who drafted a decision and then declares a conflict takes the draft away."""
    history = in_review().until("tetap")
    assert history.say(e.DecisionDrafted(step="tetap", outcome="issue"), authid=PARTIAL_ID) == ""

    history.must(e.ConflictDeclared(reason="kepentingan-usaha"))

    assert history.case.draft is None


def test_an_applicant_declares_no_conflict() -> None:
    """A conflict of interest is an officer's of an agency of the SOP."""
    history = in_review()
    declared = e.ConflictDeclared(reason="keluarga")
    assert history.say(declared, role="applicant", agency="", sender="verification") == "not-allowed"
    assert history.say(declared, agency="dlh") == "wrong-agency"


def test_what_was_accepted_is_not_asked_again_without_the_heads_reason() -> None:
    """A second round about an item already accepted is refused until the head has said why; what was corrected may be asked about."""
    history = in_review().must(passed(in_review().case, "lalin"))
    history.must(found(history.case, "hak-lahan"))
    history.must(good_answer(history.case, rules.CORRECTION_REQUEST))
    history.must(good_answer(history.case, rules.CORRECTION))
    assert REVIEW in history.case.ready

    assert history.say(found(history.case, "gambar-konstruksi")) == "already-accepted"
    allowed = e.RecheckAllowed(step=REVIEW, requirement="gambar-konstruksi", reason="informasi-baru")
    assert history.say(e.RecheckAllowed(step=REVIEW, requirement="hak-lahan", reason="informasi-baru")) == "not-accepted-yet"
    history.must(allowed)
    assert history.say(allowed) == "recheck-known"
    assert history.say(found(history.case, "gambar-konstruksi", "hak-lahan")) == ""


def acting(agency: str = "pupr", *, first: str = "2026-11-23", last: str = "2026-11-27") -> e.ActingAppointed:
    """Returns an appointment of some days."""
    return e.ActingAppointed(agency=agency, kind="plh", officer=OFFICER_ID, letter="800/1", valid_from=first, valid_until=last)


def test_an_acting_head_needs_an_appointment_of_that_day() -> None:
    """An event of an acting head stands on the days of the agency's appointment only, by the city's date and not by its own."""
    history = in_review()
    said = {"role": ACTING_HEAD, "agency": "pupr", "authid": SIGNER_ID}
    assigned = e.ReviewAssigned(step=REVIEW, officer=OFFICER_ID)
    assert history.say(assigned, **said) == "not-acting"
    subject = {"subject": "agency:pupr", "role": "catalogue-owner", "sender": "catalogue"}

    ended = fold_city(history.city, make_line(make_event(acting(last="2026-11-22", first="2026-11-20"), **subject)))
    history.city = fold_city(history.city, make_line(make_event(acting(), **subject)))

    assert ended.on("2026-11-23").acting_head("pupr") is None
    assert history.city.on("2026-11-23").acting_head("dishub") is None
    on_the_next_monday = history.city.on("2026-11-30")
    back_dated = make_event(assigned, **said, subject=history.case.code, basis=history.case.sequence, time="2026-11-27T02:00:00.000000Z")
    assert admissible(history.case, back_dated, on_the_next_monday) == "not-acting"
    assert history.say(assigned, **said) == ""
    replaced = fold_city(history.city, make_line(make_event(acting(first="2026-12-01", last="2026-12-02"), **subject)))
    assert replaced.on("2026-11-23").acting_head("pupr") is None


def test_an_appointment_is_of_its_own_agency_and_in_order() -> None:
    """A head appoints for the own agency alone, their superior for every agency, and no appointment ends before it begins."""
    check = History(REKLAME)
    said = {"subject": "agency:pupr", "sender": "catalogue"}
    assert _judged(check.city, acting(), agency="dishub", role="head", **said) == "wrong-agency"
    assert _judged(check.city, acting(first="2026-12-02", last="2026-12-01"), role="catalogue-owner", **said) == "acting-days"
    assert _judged(check.city, acting(), agency="pupr", role="head", **said) == ""
    assert _judged(check.city, acting(), agency="setda", role="superior", **said) == ""
    assert _judged(check.city, acting(), agency="setda", role="head", **said) == "wrong-agency"
    assert _judged(check.city, acting(), agency="dishub", role="superior", **said) == "wrong-agency"


def _judged(city: City, data: e.Data, **fields: str) -> str:
    from shared.sop.admissible import admissible

    return admissible(Case(code="agency:pupr"), make_event(data, **fields), city)


@QUICK
@given(walks())
def test_nobody_works_on_what_they_recused_themselves_from(history: History) -> None:
    """In every history, no standing decision after a declared conflict is that officer's, and no step is assigned to them."""
    partial: set[str] = set()
    for entry in history.entries:
        if entry.stamp.refused:
            continue
        event = entry.current
        assert event.authid not in partial or event.data.KIND == "fact"
        if isinstance(event.data, e.ConflictDeclared):
            partial.add(event.authid)
    assert partial == set(history.case.conflicts)
    assert not partial & set(history.case.officers.values())
