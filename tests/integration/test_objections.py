"""Objection and appeal at the real doors of a whole city: in the applicant's own words, read by who answers, granted by silence."""

from datetime import timedelta
from typing import Any

import pytest

from services.catalogue import doors as catalogue
from services.issuance.views import project
from shared import events as e
from shared.draft import Draft
from shared.kit.rebuild import rebuild
from shared.kit.tokens import Actor
from shared.sop.people import ACTING_HEAD
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import DOORS, client
from tests.integration.test_people import OWNER, post, said, submitted
from tests.integration.test_rebuild import Feed

REVIEWER, DRAFTER = Actor("petugas kesbangpol", "officer", "kesbangpol"), Actor("petugas dpmptsp", "officer", "dpmptsp")
HEAD, SUPERIOR = Actor("kepala dpmptsp", "head", "dpmptsp"), Actor("sekda", "superior", "setda")
OPINION, OF_THE_SUPERIOR = Actor("penelaah hukum dpmptsp", "officer", "dpmptsp"), Actor("penelaah hukum setda", "officer", "setda")
WORDS = "Topik penelitian saya tidak sensitif; lihat surat kampus."
OBJECTION = {"grounds": ["penilaian-keliru"], "statement": WORDS}
REJECTED = {"result": "rejected", "reasons": ["penolakan-sesuai-aturan"]}
GRANTED = {"result": "granted", "reasons": ["keberatan-beralasan"]}


async def shown(city: MiniCity, name: str, actor: Actor, path: str) -> Any:  # noqa: ANN401 - JSON
    """Asks a door."""
    async with client(city, name, actor) as opened:
        return (await opened.get(path)).json()


@pytest.fixture
async def code(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> str:
    """Returns a research letter whose review rejected it and which the head refused."""
    monkeypatch.setitem(DOORS, "catalogue", catalogue)
    found = await submitted(minicity)
    reasons = ["tidak-memenuhi-standar"]
    review = {"step": "telaah", "result": "rejected", "reasons": reasons}
    assert await said(minicity, "verification", found, REVIEWER, "complete-review", review) == ""
    draft = {"step": "tetap", "outcome": "refuse", "reasons": reasons}
    assert await said(minicity, "issuance", found, DRAFTER, "draft-decision", draft) == ""
    assert await said(minicity, "issuance", found, HEAD, "refuse-application", {"step": "tetap"}) == ""
    return found


async def test_an_objection_goes_through_the_doors_and_becomes_a_permit(minicity: MiniCity, code: str) -> None:
    """Objected, rejected, appealed, granted by the superior: then people draft and sign the permit, and no entry holds a word of it."""
    room = f"/v1/applications/{code}/applicant?purpose=keberatan"
    assert (await shown(minicity, "intake", HEAD, room))["code"] == "not-allowed"
    assert await said(minicity, "intake", code, APPLICANT, "lodge-objection", {**OBJECTION, "grounds": ["tidak-suka"]}) == "reason-unknown"

    assert await said(minicity, "intake", code, APPLICANT, "lodge-objection", OBJECTION) == ""

    (task,) = [item for item in (await shown(minicity, "issuance", HEAD, "/v1/tasks"))["tasks"] if item["application"] == code]
    assert [(item["kind"], item["agencies"]) for item in task["tasks"]] == [("objection", ["dpmptsp"])]
    number = minicity.stages["tracker"].case(code).objections[0].number
    assert (await shown(minicity, "intake", HEAD, room))["statements"] == {number: WORDS}
    assert await said(minicity, "issuance", code, DRAFTER, "decide-objection", REJECTED) == "not-allowed"
    assert await said(minicity, "issuance", code, HEAD, "decide-objection", REJECTED) == "no-draft"
    assert await said(minicity, "issuance", code, DRAFTER, "draft-answer", REJECTED) == "involved"
    allowed = {"officer": DRAFTER.person, "reason": "tidak-ada-pegawai-lain"}
    assert await said(minicity, "issuance", code, HEAD, "allow-drafter", {**allowed, "reason": "suka"}) == "reason-unknown"
    assert await said(minicity, "issuance", code, HEAD, "allow-drafter", allowed) == ""
    assert await said(minicity, "issuance", code, DRAFTER, "draft-answer", REJECTED) == ""
    assert await said(minicity, "issuance", code, HEAD, "decide-objection", REJECTED) == ""
    assert await said(minicity, "intake", code, APPLICANT, "lodge-appeal", OBJECTION) == ""
    assert await said(minicity, "issuance", code, OF_THE_SUPERIOR, "draft-answer", GRANTED) == ""
    assert await said(minicity, "issuance", code, HEAD, "decide-appeal", GRANTED) == "not-allowed"
    assert (await shown(minicity, "issuance", SUPERIOR, "/v1/tasks"))["tasks"][0]["tasks"][0]["kind"] == "appeal"
    assert await said(minicity, "issuance", code, SUPERIOR, "decide-appeal", GRANTED) == ""

    refusal = {"step": "tetap", "outcome": "refuse", "reasons": ["bertentangan-tata-ruang"]}
    assert await said(minicity, "issuance", code, DRAFTER, "draft-decision", refusal) == "must-issue"
    assert await said(minicity, "issuance", code, DRAFTER, "draft-decision", {"step": "tetap", "outcome": "issue"}) == ""
    assert await said(minicity, "issuance", code, HEAD, "issue-permit", {"step": "tetap"}) == ""
    assert minicity.stages["tracker"].case(code).outcome == "issued"
    assert WORDS.encode() not in b"".join(entry.raw for entry in minicity.entries(code))


async def test_who_stands_in_for_the_superior_decides_the_appeal(minicity: MiniCity, code: str) -> None:
    """While the city secretary is away, the official named by the letter decides; before, and for a head of the agency, the door is closed."""
    deputy = Actor("asisten", "officer", "setda")
    assert await said(minicity, "intake", code, APPLICANT, "lodge-objection", OBJECTION) == ""
    assert await said(minicity, "issuance", code, OPINION, "draft-answer", REJECTED) == ""
    assert await said(minicity, "issuance", code, HEAD, "decide-objection", REJECTED) == ""
    assert await said(minicity, "intake", code, APPLICANT, "lodge-appeal", OBJECTION) == ""
    assert await said(minicity, "issuance", code, OF_THE_SUPERIOR, "draft-answer", REJECTED) == ""
    assert await said(minicity, "issuance", code, deputy, "decide-appeal", REJECTED) == "not-allowed"
    day = minicity.clock.now().date()
    days = {"valid_from": day.isoformat(), "valid_until": (day + timedelta(days=3)).isoformat()}
    letter = {"agency": "setda", "kind": "plh", "officer": deputy.person, "letter": "800/1/SP", **days}
    assert (await post(minicity, "catalogue", OWNER, "/v1/acting", letter)).status_code == 202

    assert await said(minicity, "issuance", code, deputy, "decide-appeal", REJECTED) == ""

    assert minicity.entries(code)[-1].event.role == ACTING_HEAD
    assert minicity.stages["tracker"].case(code).settled_at


async def test_an_annulled_permit_stands_again_through_the_doors(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its holder objects, the head of the agency that owns it takes the annulment back, and it cannot be annulled for the same reasons again."""
    monkeypatch.setitem(DOORS, "catalogue", catalogue)
    found = await submitted(minicity)
    assert await said(minicity, "verification", found, REVIEWER, "complete-review", {"step": "telaah", "result": "passed"}) == ""
    assert await said(minicity, "issuance", found, DRAFTER, "draft-decision", {"step": "tetap", "outcome": "issue"}) == ""
    assert await said(minicity, "issuance", found, HEAD, "issue-permit", {"step": "tetap"}) == ""
    assert await said(minicity, "intake", found, APPLICANT, "lodge-objection", OBJECTION) == "nothing-to-object-to"
    basis = minicity.stages["tracker"].case(found).sop.legal_bases[0].code  # type: ignore[union-attr]  # it has one
    annulment = {"reasons": ["tidak-sesuai-izin"], "legal_basis": basis}
    assert await said(minicity, "issuance", found, HEAD, "annul-permit", annulment) == ""

    assert await said(minicity, "intake", found, APPLICANT, "lodge-objection", OBJECTION) == ""
    assert (await shown(minicity, "issuance", HEAD, "/v1/tasks"))["tasks"][0]["tasks"][0]["kind"] == "objection"
    assert await said(minicity, "issuance", found, OPINION, "draft-answer", GRANTED) == ""
    assert await said(minicity, "issuance", found, HEAD, "decide-objection", GRANTED) == ""

    case = minicity.stages["tracker"].case(found)
    assert (case.outcome, case.permit.state if case.permit else "", case.objections[0].against) == ("issued", "valid", "annulment")
    assert await said(minicity, "issuance", found, HEAD, "annul-permit", annulment) == "overruled-before"


async def test_silence_grants_it_and_every_service_says_the_same(minicity: MiniCity, code: str) -> None:
    """When nobody answers, the ledger's clock grants it, the tracker shows whose turn it is, and the desk has the decision to make."""
    assert await said(minicity, "intake", code, APPLICANT, "lodge-objection", OBJECTION) == ""

    minicity.clock.wait(days=20)
    minicity.ledger.tick(minicity.clock.now())
    minicity.pump()

    assert minicity.names(code)[-1] == "objection.deemed-granted"
    assert minicity.stages["tracker"].case(code).parties == ("dpmptsp",)
    assert {name: stage.case(code) == minicity.stages["tracker"].case(code) for name, stage in minicity.stages.items()} == dict.fromkeys(
        minicity.stages, True
    )
    assert await said(minicity, "issuance", code, HEAD, "decide-objection", REJECTED) == "no-objection"


async def test_without_an_objection_the_refusal_is_settled(minicity: MiniCity, code: str) -> None:
    """After the days the ledger says so, and a late objection is refused with what to do instead."""
    minicity.clock.wait(days=40)
    minicity.ledger.tick(minicity.clock.now())
    minicity.pump()

    assert minicity.names(code)[-1] == "refusal.settled"
    assert await said(minicity, "intake", code, APPLICANT, "lodge-objection", OBJECTION) == "objection-too-late"


async def test_a_rebuilt_row_has_the_day_by_which_an_objection_is_answered(minicity: MiniCity, code: str) -> None:
    """Given a calendar published while an objection waits, when views are made anew, then the ended application's row has its new due date too."""
    assert await said(minicity, "intake", code, APPLICANT, "lodge-objection", OBJECTION) == ""
    before = minicity.views("issuance")[code]["tasks"]
    days = tuple(e.Holiday(date=f"2026-{day}", kind="national") for day in ("11-24", "11-25", "12-01"))
    calendar = e.CalendarPublished(year=2026, holidays=days, opens_minute=480, closes_minute=960)
    minicity.say("catalogue", "calendar:2026", OWNER, Draft(calendar))
    minicity.pump()
    assert minicity.views("issuance")[code]["tasks"] != before

    done = rebuild(minicity.url("issuance"), project, Feed(minicity), lambda _at, _goal: None)  # type: ignore[arg-type]  # stands in for the HTTP feed

    assert done.equal, done
