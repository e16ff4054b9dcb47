"""Versions of SOPs by two people: drafted, returned, published from a day on, withdrawn; as the city folds it and the ledger judges it."""

from datetime import date

import pytest

from services.catalogue import domain, shipped
from shared import events as e
from shared.case import empty_case
from shared.city import City, fold_city
from shared.refusals import Refusal
from shared.sop.admissible import admissible
from shared.sop.model import sop_content
from shared.upcast import upcast_data
from tests.builders import (
    FACTS,
    MONDAY_MORNING,
    OFFICER_ID,
    REKLAME,
    SIGNER_ID,
    catalogue,
    make_event,
    make_line,
    make_young_city,
    publication,
    submission,
)
from tests.sops import second_version, with_fields

NEW = second_version()
SUBJECT = "sop:reklame-permanen"
TODAY = "2026-11-23"
LATER = "2027-01-04"
DRAFTED = e.SopDrafted(**publication(NEW).model_dump(exclude_defaults=True))
PUBLISHED = publication(NEW)
RETURNED = e.SopDraftReturned(sop=NEW.name, digest=DRAFTED.digest, reasons=("dasar-hukum-kurang",))


def after(city: City, *said: tuple[e.Data, str]) -> City:
    """Returns the city after these events of these people."""
    for place, (data, authid) in enumerate(said, 1):
        city = fold_city(city, make_line(make_event(data, subject=SUBJECT, role="catalogue-owner", authid=authid), place))
    return city


def verdict(city: City, data: e.Data, authid: str = SIGNER_ID, role: str = "catalogue-owner", today: str = TODAY) -> str:
    """Returns the ledger's verdict on what somebody says about an SOP on a day."""
    event = make_event(data, subject=SUBJECT, role=role, **({"authid": authid} if authid else {}))
    return admissible(empty_case(SUBJECT), event, city.on(today))


CITY = make_young_city()
WITH_DRAFT = after(CITY, (DRAFTED, OFFICER_ID))


def test_a_draft_is_followed_by_nobody() -> None:
    """A draft is kept with its content and drafter, and changes nothing for applications."""
    assert WITH_DRAFT.sops == CITY.sops
    assert WITH_DRAFT.drafts[NEW.name].data == DRAFTED
    assert verdict(CITY, DRAFTED) == ""


def test_a_second_person_publishes() -> None:
    """Who drafted a version may not publish it; somebody else may, and then the draft is gone."""
    assert verdict(WITH_DRAFT, PUBLISHED, OFFICER_ID) == "same-officer"
    assert verdict(WITH_DRAFT, PUBLISHED, SIGNER_ID) == ""
    published = after(WITH_DRAFT, (PUBLISHED, SIGNER_ID))
    assert published.sops[NEW.name] == NEW
    assert published.drafts == {}
    assert verdict(published, DRAFTED) == "sop-version-taken"


def test_only_what_was_reviewed_is_published() -> None:
    """Another content than the draft's, or no open draft at all, is refused."""
    other = publication(with_fields(NEW, promise_working_days=NEW.promise_working_days + 1))
    assert verdict(WITH_DRAFT, other) == "sop-draft-differs"
    assert verdict(CITY, PUBLISHED) == "sop-draft-unknown"
    assert verdict(after(WITH_DRAFT, (RETURNED, SIGNER_ID)), PUBLISHED) == "sop-draft-unknown"


def test_a_returned_version_is_drafted_anew() -> None:
    """One draft of a version waits at a time; once it is returned, with reasons, the next may come."""
    assert verdict(WITH_DRAFT, DRAFTED) == "sop-draft-pending"
    returned = after(WITH_DRAFT, (RETURNED, SIGNER_ID))
    assert returned.drafts[NEW.name].returned == RETURNED.reasons
    assert verdict(returned, DRAFTED) == ""
    assert verdict(WITH_DRAFT, RETURNED.model_copy(update={"digest": "0" * 64})) == "sop-draft-differs"
    assert verdict(returned, RETURNED) == "sop-draft-unknown"


def test_rules_publish_only_where_nobody_has_said_anything() -> None:
    """The shipped catalogue is published by rule at the first start; a type that people have touched is theirs."""
    assert verdict(City(contract=e.CONTRACT), publication(catalogue()[REKLAME]), "", "rule") == ""
    assert verdict(CITY, PUBLISHED, "", "rule") == "not-by-rule"
    assert verdict(after(City(contract=e.CONTRACT), (DRAFTED, OFFICER_ID)), PUBLISHED, "", "rule") == "not-by-rule"
    assert verdict(City(contract=e.CONTRACT), DRAFTED, "", "rule") == "not-by-rule"


def test_a_version_holds_from_its_day() -> None:
    """A version from a later day is coming until then: the older one stays in force, and no submission may pin the new one before."""
    dated = PUBLISHED.model_copy(update={"in_force_from": LATER})
    city = after(WITH_DRAFT, (dated, SIGNER_ID))
    assert [sop.name for sop in city.on("2027-01-03").current_sops() if sop.permit_type == NEW.permit_type] == [REKLAME]
    assert [sop.name for sop in city.on(LATER).current_sops() if sop.permit_type == NEW.permit_type] == [NEW.name]
    assert city.on("2027-01-03").coming_sops() == ((NEW, LATER),)
    assert city.on(LATER).coming_sops() == ()
    applied = make_event(submission(NEW, FACTS[REKLAME]), role="applicant", authid=OFFICER_ID)
    verdicts = {day: admissible(empty_case(applied.subject), applied, city.on(day)) for day in ("", "2027-01-03", LATER)}
    assert verdicts == {"": "sop-not-in-force", "2027-01-03": "sop-not-in-force", LATER: ""}


def test_the_day_of_a_publication_is_not_past() -> None:
    """A version can hold from today or later, never from a day that is over."""
    days = {day: verdict(WITH_DRAFT, PUBLISHED.model_copy(update={"in_force_from": day})) for day in ("2026-11-22", TODAY, LATER)}
    assert days == {"2026-11-22": "sop-date-past", TODAY: "", LATER: ""}


def test_a_coming_version_can_be_withdrawn() -> None:
    """A version that is withdrawn before its day never comes into force, and is withdrawn once."""
    dated = PUBLISHED.model_copy(update={"in_force_from": LATER})
    city = after(WITH_DRAFT, (dated, SIGNER_ID), (e.SopWithdrawn(sop=NEW.name), SIGNER_ID))
    assert city.on(LATER).is_in_force(NEW.name) is False
    assert city.coming_sops() == ()
    assert verdict(city, e.SopWithdrawn(sop=NEW.name)) == "sop-not-in-force"


def test_the_first_form_of_a_publication_holds_from_its_entry() -> None:
    """A publication of the first version rises to one without a day."""
    old = e.SopPublishedV1(sop=NEW.name, digest=PUBLISHED.digest, content=PUBLISHED.content)
    assert upcast_data(old) == PUBLISHED
    assert after(CITY, (old, OFFICER_ID)).is_in_force(NEW.name)


def test_a_draft_with_errors_is_refused_with_its_findings() -> None:
    """What the check of SOPs calls an error may not be drafted, and the drafter is told where and what to mend."""
    content = sop_content(NEW)
    content["steps"][-1]["needs"] = ["tidak-ada"]
    with pytest.raises(Refusal) as refused:
        domain.checked_sop(content, shipped.registers(date(2026, 11, 23)))
    assert refused.value.code == "sop-has-errors"
    assert [finding["code"] for finding in refused.value.findings]
    assert all(finding["says"]["id"] and finding["mend"]["en"] for finding in refused.value.findings)


def test_a_catalogue_opens_once() -> None:
    """Into a city without SOPs the newest shipped version of each type is published, into any other none."""
    opened = domain.open_catalogue(City(), shipped.shipped_sops())
    newest = {sop.permit_type: sop.version for sop in sorted(shipped.shipped_sops(), key=lambda sop: sop.version)}
    assert {draft.data.sop for _, draft in opened} == {f"{name}@{version}" for name, version in newest.items()}  # type: ignore[attr-defined]  # all are publications
    assert [subject.removeprefix("sop:") for subject, _ in opened] == list(dict.fromkeys(newest))
    assert domain.open_catalogue(CITY, shipped.shipped_sops()) == []
    assert MONDAY_MORNING.date().isoformat() == TODAY
