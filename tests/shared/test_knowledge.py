"""Who may work under a version of an SOP: grace days, acknowledgements, waivers; as the city folds them, the ledger judges and a desk asks."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue import domain, views
from services.ledger import domain as ledger
from shared import events as e
from shared.calendar import WIB
from shared.case import empty_case
from shared.city import City, fold_city
from shared.kit.knowing import Knowing
from shared.kit.tokens import Actor
from shared.refusals import Refusal
from shared.sop.admissible import admissible
from shared.sop.knowledge import FACTS, GRACE_WORKING_DAYS, UNBOUND, WAIVER_DAYS_MAX, Standing, binds, counted, grace_until, standing
from shared.sop.rules import COMMANDS
from tests.builders import (
    CITY_NAME,
    MONDAY_MORNING,
    OFFICER_ID,
    PARTIAL_ID,
    REKLAME,
    SIGNER_ID,
    make_city,
    make_event,
    make_line,
    publication,
)
from tests.sops import second_version
from tests.stages import DOORS
from tests.strategies import QUICK

NEW = second_version()
SUBJECT = "sop:reklame-permanen"
KEY = b"k" * 32
PUBLISHED = make_line(make_event(publication(NEW), subject=SUBJECT))
# Ten working days after a Monday end with the office hours of the Monday in two weeks.
LAST_MOMENT = datetime(2026, 12, 7, 16, tzinfo=WIB)
TOO_LATE = LAST_MOMENT + timedelta(seconds=1)
CITY = fold_city(make_city(), PUBLISHED)
ACKNOWLEDGED = e.SopAcknowledged(sop=NEW.name)
TODAY = "2026-11-23"


def waived(officer: str = OFFICER_ID, until: str = "2026-12-11", reason: str = "cuti") -> e.SopWaived:
    """Returns a waiver of the quiz about the newer version."""
    return e.SopWaived(sop=NEW.name, officer=officer, reason=reason, valid_until=until)


def after(city: City, data: e.Data, authid: str = OFFICER_ID, agency: str = "pupr", role: str = "officer") -> City:
    """Returns the city after somebody of an agency has said this."""
    return fold_city(city, make_line(make_event(data, subject=SUBJECT, authid=authid, agency=agency, role=role)))


def verdict(data: e.Data, *, city: City = CITY, today: str = TODAY, **fields: Any) -> str:  # noqa: ANN401 - attributes of an event
    """Returns the ledger's verdict on what somebody says about a version on a day."""
    said = {"authid": SIGNER_ID, "agency": "pupr", "role": "head", **fields}
    event = make_event(data, subject=SUBJECT, **{name: value for name, value in said.items() if value})
    return admissible(empty_case(SUBJECT), event, city.on(today))


def state(city: City, now: datetime = TOO_LATE, person: str = OFFICER_ID, agency: str = "pupr") -> str:
    """Returns how an officer stands with the newer version."""
    return standing(city, NEW.name, person, agency, now).state


def test_in_the_grace_days_everybody_may_work() -> None:
    """Ten working days after a publication, to the close of office, nobody has to have acknowledged it; a second later everybody has."""
    assert GRACE_WORKING_DAYS == 10
    assert grace_until(CITY, NEW.name, "pupr") == LAST_MOMENT
    assert standing(CITY, NEW.name, OFFICER_ID, "pupr", LAST_MOMENT) == Standing("grace", "2026-12-07T09:00:00.000000Z")
    assert state(CITY, TOO_LATE) == "overdue"


def test_grace_days_are_working_days() -> None:
    """Given a holiday in the grace days, they end a working day later."""
    year = e.CalendarPublished(year=2026, holidays=(e.Holiday(date="2026-11-25", kind="national"),), opens_minute=480, closes_minute=960)
    city = replace(CITY, calendar=CITY.calendar.with_year(year))
    assert grace_until(city, NEW.name, "pupr") == LAST_MOMENT + timedelta(days=1)


def test_grace_days_stand_still_by_decree() -> None:
    """Given two days of force majeure for one agency, its people have two days more, and so they are counted; others have not."""
    days = e.ForceMajeureDeclared(
        number="188.45/1/2026",
        legal_basis="uu-24-2007",
        reason="banjir",
        from_day="2026-11-25",
        until_day="2026-11-26",
        agencies=("pupr",),
    )
    city = replace(CITY, calendar=CITY.calendar.with_decree(days))
    assert grace_until(city, NEW.name, "pupr") == LAST_MOMENT + timedelta(days=2)
    assert [state(city, agency=agency) for agency in ("pupr", "dishub")] == ["grace", "overdue"]
    (shown,) = views.knowledge(city, TOO_LATE, NEW.name, "pupr")
    assert shown["grace_until"] == "2026-12-09T09:00:00.000000Z"


def test_an_acknowledgement_is_of_one_person_and_one_version() -> None:
    """Who has acknowledged a version may work under it for any agency; the colleague may not, nor they themselves under another version."""
    city = after(CITY, ACKNOWLEDGED)
    assert city.acknowledged == {NEW.name: {OFFICER_ID: "pupr"}}
    assert state(city) == state(city, agency="dishub") == "acknowledged"
    assert state(city, person=SIGNER_ID) == "overdue"
    published_too = replace(city, published_at={**city.published_at, REKLAME: city.published_at[NEW.name]})
    assert standing(published_too, REKLAME, OFFICER_ID, "pupr", TOO_LATE).state == "overdue"


def test_nobody_is_bound_before_anybody_can_acknowledge() -> None:
    """In a city whose contract does not know acknowledgements yet, and under a version that nobody has published, everybody may work."""
    assert state(replace(CITY, contract=e.SopAcknowledged.SINCE_CONTRACT - 1)) == "grace"
    assert standing(CITY, "makam@9", OFFICER_ID, "pupr", TOO_LATE) == Standing("grace")


def test_a_waiver_excuses_up_to_its_day() -> None:
    """A head's waiver counts for its person, at the head's agency, to the end of its last day."""
    city = after(CITY, waived(), SIGNER_ID, role="head")
    last = datetime(2026, 12, 11, 23, 59, tzinfo=WIB)
    assert standing(city, NEW.name, OFFICER_ID, "pupr", last) == Standing("waived", "2026-12-11")
    assert state(city, last + timedelta(minutes=1)) == "overdue"
    assert state(city, last, agency="dishub") == "overdue"
    assert state(city, last, person=PARTIAL_ID) == "overdue"


@pytest.mark.parametrize(
    ("data", "fields", "code"),
    [
        (ACKNOWLEDGED, {"role": "officer"}, ""),
        (ACKNOWLEDGED, {"agency": "dpmptsp"}, ""),
        (ACKNOWLEDGED, {"agency": "dinkes"}, "wrong-agency"),
        (ACKNOWLEDGED, {"agency": ""}, "wrong-agency"),
        (ACKNOWLEDGED, {"role": "rule", "authid": ""}, "not-by-rule"),
        (ACKNOWLEDGED, {"role": "applicant"}, "not-allowed"),
        (e.SopAcknowledged(sop="reklame-permanen@9"), {}, "unknown-sop"),
        (waived(), {}, ""),
        (waived(), {"role": "officer"}, "not-allowed"),
        (waived(), {"role": "acting-head"}, "not-acting"),
        (waived(), {"authid": OFFICER_ID}, "waiver-own"),
        (waived(), {"agency": "dinkes"}, "wrong-agency"),
        (waived(until="2026-11-22"), {}, "waiver-days"),
        (waived(until=TODAY), {}, ""),
        (waived(until=(date.fromisoformat(TODAY) + timedelta(days=WAIVER_DAYS_MAX)).isoformat()), {}, ""),
        (waived(until=(date.fromisoformat(TODAY) + timedelta(days=WAIVER_DAYS_MAX + 1)).isoformat()), {}, "waiver-days"),
    ],
)
def test_the_ledger_judges_what_is_said_about_people(data: e.Data, fields: dict[str, Any], code: str) -> None:
    """Only staff of an agency of the SOP acknowledge, only its head waives, for somebody else, within the days."""
    assert verdict(data, **fields) == code


def test_nobody_acknowledges_twice_or_is_excused_afterwards() -> None:
    """Who has acknowledged a version has nothing more to say about it, and no head has to excuse them."""
    city = after(CITY, ACKNOWLEDGED)
    assert verdict(ACKNOWLEDGED, city=city, authid=OFFICER_ID) == "sop-already-acknowledged"
    assert verdict(waived(), city=city) == "sop-already-acknowledged"


def test_an_acting_head_waives_while_appointed() -> None:
    """Given an appointment of that day, whoever stands in for the head may waive."""
    acting = e.ActingAppointed(agency="pupr", kind="plh", officer=SIGNER_ID, letter="800/1", valid_from=TODAY, valid_until=TODAY)
    assert verdict(waived(), city=replace(CITY, acting={"pupr": acting}), role="acting-head") == ""


def test_it_stands_in_the_stream_of_its_permit_type() -> None:
    """Said in another stream than that of the version's permit type, the ledger takes neither."""
    for data in (ACKNOWLEDGED, waived()):
        event = make_event(data, subject="sop:makam", authid=SIGNER_ID, agency="pupr", role="head")
        judged = ledger.judge(event, "catalogue", CITY_NAME, ledger.new_subject("sop:makam"), CITY, MONDAY_MORNING)
        assert judged.code == "unknown-subject"


def test_every_command_on_a_step_binds_but_for_sharing_out_and_facts() -> None:
    """Whatever is said about a step binds who says it, except for giving it to somebody and for what has happened already."""
    commands = {command for listed in COMMANDS.values() for command in listed}
    assert commands >= UNBOUND | FACTS
    assert {command for command in commands if not binds(command)} == UNBOUND | FACTS
    named = {door.name for doors in DOORS.values() for door in doors if door.name in UNBOUND and door.of_a_step}
    assert named == UNBOUND


def test_a_desk_refuses_who_does_not_know_and_who_is_named_without_knowing() -> None:
    """Given an overdue officer, their own commands are refused and so is giving them work; a leader who does not know may share out."""
    knows, does_not = Actor("tahu", "officer", "pupr"), Actor("belum", "officer", "pupr")
    city = after(CITY, ACKNOWLEDGED, knows.authid(KEY, SUBJECT))
    desk = Knowing(city, KEY, NEW.name, TOO_LATE)
    assert desk.refusal("complete-review", knows) == ""
    assert desk.refusal("complete-review", does_not) == "sop-not-acknowledged"
    assert desk.refusal("report-visit", does_not) == ""
    assert desk.refusal("assign-review", does_not, [knows.person]) == ""
    assert desk.refusal("draw-inspectors", knows, [knows.person, does_not.person]) == "officer-not-acknowledged"
    assert Knowing(city, KEY, NEW.name, LAST_MOMENT).refusal("assign-review", does_not, [does_not.person]) == ""


def test_wrong_answers_say_where_to_read() -> None:
    """With one answer wrong nothing is said; the refusal names that question and the part of the SOP, and never the right letter."""
    questions = domain.quiz_of(CITY, NEW.name, OFFICER_ID)
    letters = [question.letter for question in questions]
    spoiled = ["a" if letters[0] != "a" else "b", *letters[1:]]
    with pytest.raises(Refusal) as refused:
        domain.acknowledge(CITY, NEW.name, OFFICER_ID, spoiled)
    (finding,) = refused.value.findings
    assert (refused.value.code, finding["number"], finding["place"]) == ("quiz-wrong", 1, questions[0].place)
    assert questions[0].part.en in finding["mend"]["en"]
    assert set(finding) == {"code", "number", "place", "says", "mend"}
    (draft,) = domain.acknowledge(CITY, NEW.name, OFFICER_ID, letters)
    assert draft.data == ACKNOWLEDGED


def test_the_quiz_of_a_second_version_asks_what_changed() -> None:
    """The version before is the highest published below it, and what changed since then is asked about."""
    kinds = {question.code.partition("/")[0] for seed in range(30) for question in domain.quiz_of(CITY, NEW.name, str(seed))}
    assert kinds & {"gone", "new"}
    with pytest.raises(Refusal, match="unknown-sop"):
        domain.quiz_of(CITY, "makam@9", OFFICER_ID)


def test_a_waiver_has_a_reason_of_the_list() -> None:
    """Another reason than those of the list is refused."""
    with pytest.raises(Refusal, match="reason-unknown"):
        domain.waive(NEW.name, OFFICER_ID, "malas", "2026-12-11")


def test_who_knows_is_counted_by_agency() -> None:
    """Those who knew the version before, or this one, are counted at their agency by how they stand; others nobody knows of."""
    knew, knows, excused = PARTIAL_ID, OFFICER_ID, "D" * 43
    city = after(CITY, e.SopAcknowledged(sop=REKLAME), knew)
    city = after(after(city, ACKNOWLEDGED, knows), waived(excused, "2026-12-11"), SIGNER_ID, role="head")
    city = after(city, ACKNOWLEDGED, "F" * 43, agency="dishub")
    assert counted(city, NEW, "pupr", LAST_MOMENT) == (1, 0, 2, 0)
    assert counted(city, NEW, "pupr", TOO_LATE) == (1, 1, 0, 1)
    assert counted(city, NEW, "dishub", TOO_LATE) == (1, 0, 0, 0)
    (row,) = views.knowledge(city, TOO_LATE, NEW.name, "pupr")
    assert row == {
        "sop": NEW.name,
        "agency": "pupr",
        "grace_until": "2026-12-07T09:00:00.000000Z",
        "acknowledged": 1,
        "waived": 1,
        "grace": 0,
        "overdue": 1,
    }
    assert {item["sop"] for item in views.knowledge(city, TOO_LATE)} == set(city.sops)
    withdrawn = replace(city, withdrawn=frozenset({NEW.name}))
    assert NEW.name not in {item["sop"] for item in views.knowledge(withdrawn, TOO_LATE)}
    assert [row["agency"] for row in views.knowledge(withdrawn, TOO_LATE, NEW.name)] == list(NEW.working_agencies)
    with pytest.raises(Refusal, match="unknown-sop"):
        views.knowledge(city, TOO_LATE, "makam@9")


@given(st.lists(st.tuples(st.sampled_from("BCD"), st.sampled_from(["pupr", "dishub"]), st.booleans()), max_size=8), st.integers(0, 40))
@QUICK
def test_every_known_person_stands_in_one_way(said: list[tuple[str, str, bool]], days: int) -> None:
    """Whoever said what, an agency's counts add up to its known people, and a desk refuses exactly those who count as overdue."""
    city, now = CITY, MONDAY_MORNING + timedelta(days=days)
    for letter, agency, acknowledges in said:
        data: e.Data = ACKNOWLEDGED if acknowledges else waived(letter * 43, "2026-12-11")
        city = after(city, data, letter * 43 if acknowledges else SIGNER_ID, agency=agency)
    for agency in ("pupr", "dishub"):
        known = {p for p, of in city.acknowledged.get(NEW.name, {}).items() if of == agency}
        known |= {p for p, waiver in city.waivers.get(NEW.name, {}).items() if waiver.agency == agency}
        count = counted(city, NEW, agency, now)
        assert sum(count) == len(known)
        assert count.overdue == sum(state(city, now, person, agency) == "overdue" for person in known)
