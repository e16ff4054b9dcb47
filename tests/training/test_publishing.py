"""What the owners of SOPs do in the training city, each act judged as the ledger would: all of them stand, in order, and come to an end."""

from datetime import datetime, timedelta

from deploy.training import publishing
from deploy.training.moves import Known
from services.catalogue import domain, shipped
from services.catalogue.doors import PublishDraft, ReturnDraft
from shared import events as e
from shared.calendar import WIB
from shared.case import empty_case
from shared.city import City, fold_city, sop_subject
from shared.draft import Draft
from shared.sop.admissible import admissible
from tests.builders import OFFICER_ID, REKLAME, SIGNER_ID, SKP, History, make_event, make_line, make_young_city

EXCUSED_ID = "D" * 43
FIRST = datetime(2026, 1, 5, 9, tzinfo=WIB)


def said(city: City, act: publishing.Act) -> Draft:
    """Returns what the catalogue says when somebody knocks with an act."""
    body = dict(act.body)
    match act.path.removeprefix("/v1/sops/"):
        case "drafts":
            return domain.draft_sop(domain.checked_sop(body["content"], shipped.registers(act.at.date())))[0]
        case "drafts/return":
            returned = ReturnDraft.model_validate({**body, "reasons": tuple(body["reasons"])})
            return domain.return_draft(returned.sop, returned.digest, returned.reasons)[0]
        case "drafts/publish":
            published = PublishDraft.model_validate(body)
            return domain.publish_draft(city, published.sop, published.digest, published.in_force_from or "")[0]
        case "waive":
            return domain.waive(body["sop"], EXCUSED_ID, body["reason"], body["valid_until"])[0]
        case _:
            return domain.withdraw_sop(body["sop"])[0]


def agency_of(act: publishing.Act) -> dict[str, str]:
    """Returns the agency for which an act is done, if it is done for one."""
    return {"agency": act.actor.agency} if act.actor.agency else {}


def test_the_owners_acts_stand_and_end() -> None:
    """Given a fresh city, a draft is returned and then published for a later day, another version is withdrawn, applications move, one is excused."""
    city, tried, names = make_young_city(), set[str](), []
    while (act := publishing.next_act(city, FIRST, tried)) is not None and act.path != publishing.MOVES_PATH:
        tried.add(act.key)
        data = said(city, act).data
        authid = OFFICER_ID if act.actor == publishing.DRAFTER else SIGNER_ID
        event = make_event(data, subject=sop_subject(data.sop), role=act.actor.role, authid=authid, **agency_of(act))  # type: ignore[attr-defined]  # all of them are about an SOP
        assert admissible(empty_case(event.subject), event, city.at(act.at)) == "", act
        city = fold_city(city, make_line(event))
        names.append(data.NAME)
    assert names.count("sop.drafted") == 3
    assert (names.count("sop.draft-returned"), names.count("sop.published"), names.count("sop.withdrawn")) == (1, 2, 1)
    assert names.count("sop.waived") == 1
    assert act is not None
    assert act.at >= FIRST + timedelta(days=publishing.IN_FORCE_AFTER_DAYS - 1)
    assert act.actor.agency == city.sops[REKLAME].owner
    assert publishing.next_act(city, FIRST, {*tried, act.key}) is None


def test_only_running_applications_of_the_old_version_move() -> None:
    """Of three applications the one that runs under the older version may move; an ended one and one of another type may not."""
    lighter = publishing.lighter_version(make_young_city())
    assert lighter is not None
    city = City(make_young_city().senders, {**make_young_city().sops, lighter.name: lighter}, contract=e.CONTRACT)
    running, ended, other = (
        History(REKLAME, city=city).begin(),
        History(REKLAME, city=city).begin().finish(),
        History(SKP, city=city).begin(),
    )
    known = {name: Known(history.case) for name, history in (("a", running), ("b", ended), ("c", other))}
    assert publishing.movable(city, known) == [running.case.code]
