"""Versions of SOPs and moved applications through the real doors of the catalogue and intake, on a real PostgreSQL."""

from typing import Any

import httpx
import pytest

from services.catalogue import doors as catalogue_doors
from shared import events as e
from shared.draft import Draft
from shared.kit.tokens import Actor
from shared.sop.model import Sop, sop_content
from tests.builders import CODE, REKLAME, catalogue, submission
from tests.integration import test_doors
from tests.integration.minicity import APPLICANT, CITY_KEY, MiniCity
from tests.integration.test_doors import client
from tests.sops import with_fields

DRAFTER, REVIEWER = Actor("penyusun", "catalogue-owner"), Actor("pemeriksa", "catalogue-owner")
OLD = catalogue()[REKLAME]
HEAD = Actor("kepala", "head", OLD.owner)
SPARED = "jaminan-bongkar"
LIGHTER = with_fields(OLD, version=2, requirements=tuple(item for item in OLD.requirements if item.code != SPARED))


@pytest.fixture(autouse=True)
def _doors_of_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the client open the catalogue's doors as well."""
    monkeypatch.setitem(test_doors.DOORS, "catalogue", catalogue_doors)


async def post(doors: httpx.AsyncClient, path: str, key: str, body: dict[str, Any]) -> httpx.Response:
    """Says a command."""
    return await doors.post(path, json=body, headers={"idempotency-key": key})


async def drafted(city: MiniCity, sop: Sop) -> str:
    """Drafts a version and returns its digest."""
    async with client(city, "catalogue", DRAFTER) as doors:
        assert (await post(doors, "/v1/sops/drafts", f"draft {sop.name}", {"content": sop_content(sop)})).status_code == 202
    city.pump()
    async with client(city, "catalogue", REVIEWER) as doors:
        found = (await doors.get("/v1/sops/drafts")).json()["drafts"]
    return str(next(draft["digest"] for draft in found if draft["sop"] == sop.name))


async def published(city: MiniCity, sop: Sop, **more: str) -> None:
    """Drafts a version and has another person publish it."""
    digest = await drafted(city, sop)
    async with client(city, "catalogue", REVIEWER) as doors:
        body = {"sop": sop.name, "digest": digest, **more}
        assert (await post(doors, "/v1/sops/drafts/publish", f"publish {sop.name}", body)).status_code == 202
    city.pump()


async def test_two_people_publish_a_version(minicity: MiniCity) -> None:
    """Given a draft, its drafter may not publish it, another owner may, and everybody has it; a returned one has to be drafted again."""
    digest = await drafted(minicity, LIGHTER)
    async with client(minicity, "catalogue", DRAFTER) as doors:
        alone = await post(doors, "/v1/sops/drafts/publish", "alone", {"sop": LIGHTER.name, "digest": digest})
        assert (alone.status_code, alone.json()["code"]) == (403, "same-officer")
    async with client(minicity, "catalogue", REVIEWER) as doors:
        body = {"sop": LIGHTER.name, "digest": digest, "reasons": ["dasar-hukum-kurang"]}
        assert (await post(doors, "/v1/sops/drafts/return", "back", body)).status_code == 202
        minicity.pump()
        gone = await post(doors, "/v1/sops/drafts/publish", "gone", {"sop": LIGHTER.name, "digest": digest})
        assert gone.json()["code"] == "sop-draft-unknown"
    assert minicity.names(f"sop:{OLD.permit_type}") == ["sop.published", "sop.drafted", "sop.draft-returned"]


async def test_a_returned_version_is_drafted_anew_and_published(minicity: MiniCity) -> None:
    """Given a version published for a later day, intake goes on with the old one until that day, and the list says which comes."""
    await published(minicity, LIGHTER, in_force_from="2026-12-01")
    city = minicity.stages["intake"].city
    assert LIGHTER.name in city.sops
    async with client(minicity, "catalogue") as doors:
        listed = {item["sop"]: item for item in (await doors.get("/v1/sops")).json()["sops"]}
    assert (listed[REKLAME]["in_force"], listed[LIGHTER.name]["in_force"]) == (True, False)
    assert listed[LIGHTER.name]["in_force_from"] == "2026-12-01"
    minicity.clock.wait(days=10)
    async with client(minicity, "catalogue") as doors:
        listed = {item["sop"]: item for item in (await doors.get("/v1/sops")).json()["sops"]}
    assert (listed[REKLAME]["in_force"], listed[LIGHTER.name]["in_force"]) == (False, True)


async def test_a_draft_with_errors_is_refused_with_findings(minicity: MiniCity) -> None:
    """Given an SOP with an error, drafting it is refused and says where the error is; nothing is stored."""
    content = sop_content(LIGHTER)
    content["steps"][1]["needs"] = ["tidak-ada"]
    before = test_doors.stored(minicity, "catalogue")
    async with client(minicity, "catalogue", DRAFTER) as doors:
        answer = await post(doors, "/v1/sops/drafts", "wrong", {"content": content})
    assert (answer.status_code, answer.json()["code"]) == (409, "sop-has-errors")
    assert answer.json()["findings"][0]["place"].startswith("steps/")
    assert test_doors.stored(minicity, "catalogue") == before


async def test_applications_are_moved_in_bulk(minicity: MiniCity) -> None:
    """Given two running applications and a lighter version, the preview says what changes, the head moves them, and each item is answered."""
    subject = submitted_to(minicity)
    await published(minicity, LIGHTER)
    body = {"from_sop": REKLAME, "to_sop": LIGHTER.name, "legal_basis": LIGHTER.legal_bases[0].code, "applications": [subject]}
    async with client(minicity, "intake", HEAD) as doors:
        preview = (await doors.get("/v1/sop-moves", params={"from_sop": REKLAME, "to_sop": LIGHTER.name})).json()
        assert [(item["application"], item["moves"], item["requirements_dropped"]) for item in preview["items"]] == [
            (subject, True, [SPARED])
        ]
        (item,) = (await post(doors, "/v1/sop-moves", "all", body)).json()["items"]
        assert item["status"] == "received"
        minicity.pump()
        (again,) = (await post(doors, "/v1/sop-moves", "all", body)).json()["items"]
        assert again["repeated"]
        (late,) = (await post(doors, "/v1/sop-moves", "new", body)).json()["items"]
        assert (late["status"], late["code"]) == ("refused", "stale")
    assert minicity.names(subject)[-1] == "application.moved-to-sop"
    assert {minicity.stages[name].case(subject).sop_name for name in ("intake", "verification", "issuance")} == {LIGHTER.name}
    assert minicity.views("tracker")[subject]["sop_name"] == LIGHTER.name


async def test_only_the_owners_head_moves(minicity: MiniCity) -> None:
    """Given a head of another agency, neither preview nor move is given."""
    await published(minicity, LIGHTER)
    async with client(minicity, "intake", Actor("lain", "head", "dlh")) as doors:
        answer = await doors.get("/v1/sop-moves", params={"from_sop": REKLAME, "to_sop": LIGHTER.name})
        assert answer.json()["code"] == "wrong-agency"
    async with client(minicity, "intake", APPLICANT) as doors:
        answer = await doors.get("/v1/sop-moves", params={"from_sop": REKLAME, "to_sop": LIGHTER.name})
        assert answer.json()["code"] == "not-allowed"


def submitted_to(city: MiniCity) -> str:
    """Submits an application of the older version and returns its code."""
    city.say("intake", CODE, APPLICANT, Draft(submission(OLD)))
    city.pump()
    assert city.stages["intake"].case(CODE).submitter == APPLICANT.authid(CITY_KEY, CODE)
    assert isinstance(city.entries(CODE)[0].event.data, e.ApplicationSubmitted)
    return CODE


async def test_a_plan_is_told_under_the_sops_in_force(minicity: MiniCity) -> None:
    """Nobody signs in for a plan: the order by today's SOPs, an unknown undertaking 404, and an unknown or wrong fact named."""
    async with client(minicity, "catalogue") as doors:
        listed = (await doors.get("/v1/plans")).json()["plans"]
        told = (await doors.get("/v1/plans/buka-kafe?gedung-baru=true&reklame-permanen.luas-m2=2&lang=en")).json()
        answers = [
            await doors.get(f"/v1/plans/{asked}") for asked in ("buka-bank", "buka-kafe?warna=biru", "buka-kafe?gedung-baru=mungkin")
        ]
    assert "buka-kafe" in {item["goal"] for item in listed}
    assert {permit["sop"] for stage in told["stages"] for permit in stage} <= set(minicity.stages["catalogue"].city.sops)
    assert {*told["closed"], *(permit["permit_type"] for stage in told["stages"] for permit in stage)} >= {"pbg-usaha", "slf-usaha"}
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (404, "not-found"),
        (409, "fact-unknown"),
        (409, "fact-invalid"),
    ]
