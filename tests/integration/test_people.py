"""People and lateness at the real doors of a whole city: assigned by number, recused, standing in for a head, stopped clocks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest

from services.catalogue import doors as catalogue
from services.inspection import doors as inspection
from services.inspection.draws import distribution
from services.tracker import doors as tracker
from services.tracker.doors import counted_tricks, published_breaches
from shared.draft import Draft
from shared.events import InspectorsDrawn
from shared.fields import to_instant
from shared.kit.tokens import Actor
from shared.sop.people import ACTING_HEAD
from tests.builders import CODE, REKLAME, submission
from tests.builders import catalogue as catalogue_sops
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import DOORS, SUBMISSION, client

OFFICER, COLLEAGUE = Actor("19800101 200501 1 001", "officer", "kesbangpol"), Actor("19850505 201001 2 002", "officer", "kesbangpol")
HEAD, OWNER = Actor("kepala kesbangpol", "head", "kesbangpol"), Actor("katalog", "catalogue-owner")
INSPECTOR = Actor("auditor", "inspector", "inspektorat")
STEP = "telaah"


@pytest.fixture
async def code(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> str:
    """Returns a research letter on a sensitive topic, whose review by an officer is ready."""
    monkeypatch.setitem(DOORS, "catalogue", catalogue)
    return await submitted(minicity)


async def submitted(city: MiniCity) -> str:
    """Applies for a research letter on a sensitive topic, which officers review; returns its code."""
    body = {**SUBMISSION, "facts": {"topik-sensitif": True, "lama-bulan": 6}}
    answer = await post(city, "intake", APPLICANT, "/v1/applications", body)
    return str(answer.json()["application"])


async def post(city: MiniCity, name: str, actor: Actor, path: str, body: Mapping[str, Any]) -> httpx.Response:
    """Knocks at a door with a key of its own, and lets everything arrive."""
    async with client(city, name, actor) as opened:
        key = f"{len(city.published)}{actor.person}{path}{sorted(body.items())}"[:120]
        answer = await opened.post(path, content=orjson.dumps(body), headers={"idempotency-key": key})
    city.pump()
    return answer


async def said(city: MiniCity, name: str, code: str, actor: Actor, command: str, body: Mapping[str, Any]) -> str:
    """Says a command; returns the refusal, empty when it was taken."""
    answer = await post(city, name, actor, f"/v1/applications/{code}/{command}", body)
    return "" if answer.status_code == 202 else str(answer.json()["code"])


async def say(city: MiniCity, code: str, actor: Actor, command: str, **body: object) -> str:
    """Says a command to verification; returns the refusal, empty when it was taken."""
    return await said(city, "verification", code, actor, command, body)


async def test_an_officer_is_named_by_number_and_stored_as_nobody(minicity: MiniCity, code: str) -> None:
    """The number opens the officer's own door, closes the colleague's, and stands in no entry of the ledger."""
    assert await say(minicity, code, OFFICER, "assign-review", step=STEP, officer=OFFICER.person) == "not-allowed"

    assert await say(minicity, code, HEAD, "assign-review", step=STEP, officer=OFFICER.person) == ""

    assert await say(minicity, code, COLLEAGUE, "complete-review", step=STEP, result="passed") == "assigned-to-another"
    assert await say(minicity, code, HEAD, "reassign-review", step=STEP, officer=COLLEAGUE.person, reason="bosan") == "reason-unknown"
    assert await say(minicity, code, HEAD, "reassign-review", step=STEP, officer=COLLEAGUE.person, reason="cuti") == ""
    assert await say(minicity, code, COLLEAGUE, "complete-review", step=STEP, result="passed") == ""
    assert all(OFFICER.person.encode() not in entry.raw for entry in minicity.entries(code))
    assert {"review.assigned", "review.reassigned"} <= set(minicity.names(code))


async def test_an_officer_with_a_conflict_is_refused_everywhere(minicity: MiniCity, code: str) -> None:
    """Who declares a conflict at one desk is refused at every other, while colleagues go on."""
    assert await say(minicity, code, OFFICER, "declare-conflict", reason="keluarga") == ""

    assert await say(minicity, code, OFFICER, "complete-review", step=STEP, result="passed") == "conflict-declared"
    answer = await post(minicity, "issuance", OFFICER, f"/v1/applications/{code}/draft-decision", {"step": "tetap", "outcome": "issue"})
    assert answer.json()["code"] == "conflict-declared"
    assert await say(minicity, code, COLLEAGUE, "complete-review", step=STEP, result="passed") == ""


async def test_who_stands_in_for_a_head_does_a_heads_work(minicity: MiniCity, code: str) -> None:
    """The person named by the agency's appointment assigns on its days, and the entry says that they acted; a colleague does not."""
    assert await say(minicity, code, COLLEAGUE, "assign-review", step=STEP, officer=OFFICER.person) == "not-allowed"
    today = minicity.clock.now().date()
    days = {"valid_from": today.isoformat(), "valid_until": (today + timedelta(days=3)).isoformat()}
    body = {"agency": "kesbangpol", "kind": "plh", "officer": COLLEAGUE.person, "letter": "800/12/SP", **days}
    other = await post(minicity, "catalogue", Actor("kepala dlh", "head", "dlh"), "/v1/acting", body)
    assert other.json()["code"] == "wrong-agency"

    assert (await post(minicity, "catalogue", HEAD, "/v1/acting", body)).status_code == 202

    assert await say(minicity, code, OFFICER, "assign-review", step=STEP, officer=OFFICER.person) == "not-allowed"
    assert await say(minicity, code, COLLEAGUE, "assign-review", step=STEP, officer=OFFICER.person) == ""
    assert minicity.entries(code)[-1].event.role == ACTING_HEAD
    assert COLLEAGUE.person.encode() not in b"".join(entry.raw for entry in minicity.entries())
    minicity.clock.wait(days=5)
    assert await say(minicity, code, COLLEAGUE, "reassign-review", step=STEP, officer=HEAD.person, reason="cuti") == "not-allowed"


async def test_two_recusals_at_a_heads_desk_do_not_stop_an_application(minicity: MiniCity, code: str) -> None:
    """When the head and then their stand-in declare a conflict, the superior appoints somebody else, who signs."""
    drafter, second, third = (Actor(f"19700707 199503 1 00{number}", "officer", "dpmptsp") for number in (1, 2, 3))
    head, superior = Actor("kepala dpmptsp", "head", "dpmptsp"), Actor("sekretaris daerah", "superior", "setda")
    days = {"valid_from": "2026-11-01", "valid_until": "2026-12-31"}
    assert await say(minicity, code, COLLEAGUE, "complete-review", step=STEP, result="passed") == ""
    assert await said(minicity, "issuance", code, drafter, "draft-decision", {"step": "tetap", "outcome": "issue"}) == ""

    for actor, other in ((head, second), (second, third)):
        assert await said(minicity, "issuance", code, actor, "declare-conflict", {"reason": "keluarga"}) == ""
        answer = await post(minicity, "issuance", actor, f"/v1/applications/{code}/issue-permit", {"step": "tetap"})
        assert answer.json()["code"] == "conflict-declared"
        assert "/v1/acting" in answer.json()["detail"]
        body = {"agency": "dpmptsp", "kind": "plh", "officer": other.person, "letter": "800/13/SP", **days}
        assert (await post(minicity, "catalogue", superior, "/v1/acting", body)).status_code == 202

    assert await said(minicity, "issuance", code, third, "issue-permit", {"step": "tetap"}) == ""
    assert minicity.names(code)[-1] == "permit.issued"


async def test_a_breach_is_published_unless_the_inspectorate_dismisses_it(minicity: MiniCity, code: str) -> None:
    """A missed deadline that is contested and dismissed is in no public count; one that nobody contests is, after its days."""
    second = await submitted(minicity)
    minicity.clock.wait(days=5)
    minicity.ledger.tick(minicity.clock.now())
    minicity.pump()
    breach = {"step": STEP, "round": 1}
    assert published_breaches(minicity.stages["tracker"]) == []

    assert await say(minicity, code, HEAD, "contest-breach", **breach, reason="keadaan-kahar", evidence=["a" * 64]) == ""
    assert await say(minicity, code, HEAD, "rule-on-breach", **breach, agency="kesbangpol", ruling="dismissed", reason="bukti-cukup") != ""
    assert (
        await say(minicity, code, INSPECTOR, "rule-on-breach", **breach, agency="kesbangpol", ruling="dismissed", reason="bukti-cukup")
        == ""
    )
    minicity.clock.wait(days=12)
    minicity.ledger.tick(minicity.clock.now())
    minicity.pump()

    (found,) = published_breaches(minicity.stages["tracker"])
    assert (found["step"], found["agency"], found["published"]) == (STEP, "kesbangpol", 1)
    assert second not in str(found)
    assert counted_tricks(minicity.stages["tracker"]) == []


async def test_what_is_counted_in_public_is_not_counted_for_each_caller(
    minicity: MiniCity, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When somebody asks for the public counts again and again, the tracker reads its rows once."""
    monkeypatch.setitem(DOORS, "tracker", SimpleNamespace(DOORS=(), add_routes=tracker.add_routes))
    assert await say(minicity, code, COLLEAGUE, "complete-review", step=STEP, result="passed") == ""
    store, reads = minicity.stores["tracker"], list[str]()
    rows = store.rows

    def noted(statement: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        reads.append(statement)
        return rows(statement, parameters)

    monkeypatch.setattr(store, "rows", noted)
    async with client(minicity, "tracker") as opened:
        for name in ("tricks", "mirrors", "filings", "breaches"):
            first = (await opened.get(f"/v1/{name}")).json()
            needed = len(reads)
            again = [(await opened.get(f"/v1/{name}")).json() for _ in range(20)]
            assert again == [first] * 20
            assert len(reads) == needed > 0
            assert first["position"] == minicity.stages["tracker"].position


async def test_a_decree_moves_the_ledgers_own_timers(minicity: MiniCity, code: str) -> None:
    """After a decree the deadline is missed later, by the days that it stopped, and a desk shows the new date."""
    before = minicity.views("verification")[code]["tasks"][0]["due"]
    today = minicity.clock.now().date()
    body = {
        "number": "188.45/77/2026",
        "legal_basis": "uu-24-2007",
        "reason": "kabut-asap",
        "from_day": today.isoformat(),
        "until_day": (today + timedelta(days=3)).isoformat(),
    }

    assert (await post(minicity, "catalogue", OWNER, "/v1/force-majeure", body)).status_code == 202

    after = minicity.views("verification")[code]["tasks"][0]["due"]
    assert to_instant(after) > to_instant(before)
    minicity.ledger.tick(to_instant(before) + timedelta(minutes=1))
    minicity.pump()
    assert "deadline.missed" not in minicity.names(code)
    minicity.clock.instant = to_instant(after) + timedelta(minutes=1)
    minicity.ledger.tick(minicity.clock.now())
    minicity.pump()
    assert "deadline.missed" in minicity.names(code)


async def test_a_visit_is_offered_chosen_drawn_and_saved_to_a_calendar(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """An applicant takes an offered day, a head has inspectors drawn, the tracker gives the calendar file, inspection the distribution."""
    monkeypatch.setitem(DOORS, "inspection", inspection)
    monkeypatch.setitem(DOORS, "tracker", SimpleNamespace(DOORS=(), add_routes=tracker.add_routes))
    minicity.say("intake", CODE, APPLICANT, Draft(submission(catalogue_sops()[REKLAME])))
    minicity.pump()
    for step, agency in (("lalin", "dishub"), ("struktur-ruang", "pupr")):
        assert await say(minicity, CODE, Actor(f"petugas {agency}", "officer", agency), "complete-review", step=step, result="passed") == ""
    officer, head, path = Actor("lapangan", "officer", "pupr"), Actor("kepala pupr", "head", "pupr"), f"/v1/applications/{CODE}"
    dates = ["2026-12-07", "2026-12-08"]

    offered = await post(
        minicity, "inspection", officer, f"{path}/offer-visit", {"step": "lapangan", "dates": dates, "assignment_letter": "ST/1"}
    )
    chosen = await post(minicity, "intake", APPLICANT, f"{path}/choose-slot", {"step": "lapangan", "visit": 1, "date": dates[1]})
    pool = [f"1980010120050110{number}" for number in range(10, 14)] + ["petugas pupr"]
    drawn = await post(minicity, "inspection", head, f"{path}/draw-inspectors", {"step": "lapangan", "pool": pool, "count": 2})

    assert [answer.status_code for answer in (offered, chosen, drawn)] == [202, 202, 202]
    data = minicity.entries(CODE)[-1].event.data
    assert isinstance(data, InspectorsDrawn)
    assert (data.pool, data.warned) == (4, False), "who has reviewed the application is not in the pool"
    found = distribution(minicity.stages["inspection"])
    assert [item["drawn"] for item in found["drawn"]] == [1, 1]
    assert not any(person in str(found) for person in pool)
    async with client(minicity, "tracker") as opened:
        page = await opened.get(f"/permohonan/{CODE}/lapangan-1.ics")
        missing = await opened.get(f"/permohonan/{CODE}/lapangan-2.ics")
    assert page.headers["content-type"].startswith("text/calendar")
    assert "DTSTART;VALUE=DATE:20261208" in page.text
    assert missing.status_code == 404
