"""Saved applications through intake's doors: begun, gone on with elsewhere, checked, submitted once and erased; never anybody else's."""

from collections.abc import Sequence
from typing import Any

import httpx
import orjson
import pytest

from services.catalogue import domain as catalogue
from services.intake.drafts import erase_silent
from shared import events as e
from shared.draft import Draft
from shared.kit.tokens import Actor
from tests.builders import catalogue as shipped
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import SUBMISSION, bearer, client
from tests.integration.test_filing import ASSISTANT, AT_THE_COUNTER, ATTORNEY, BY_KUASA

EMPTY = {"permit_type": "skp-penelitian"}
VERSION_1 = {"if-match": '"1"'}
OWNER_SIGNS = ("catalogue-owner", "dpmptsp")
OWNER = Actor("pemilik", *OWNER_SIGNS)
KEPT = ("drafts", "vault_keys", "vault_values")


def headers(key: str, match: str = "", actor: Actor = APPLICANT) -> dict[str, str]:
    """Returns the headers of a command about a version of a draft."""
    return {**bearer(actor), "idempotency-key": key, **({"if-match": match} if match else {})}


async def save(doors: httpx.AsyncClient, body: dict[str, Any], key: str = "k1", actor: Actor = APPLICANT) -> httpx.Response:
    """Saves a draft."""
    return await doors.post("/v1/drafts", content=orjson.dumps(body), headers=headers(key, actor=actor))


def kept(city: MiniCity) -> tuple[int, ...]:
    """Returns how many drafts, keys and values intake has."""
    return tuple(city.stores["intake"].rows(f"SELECT count(*) AS rows FROM {table}")[0]["rows"] for table in KEPT)  # noqa: S608 - constant names


def codes(problems: Sequence[dict[str, str]]) -> set[tuple[str, str]]:
    """Returns what problems are and what they are about."""
    return {(item["code"], item["about"]) for item in problems}


async def test_a_draft_is_gone_on_with_checked_and_submitted_once(minicity: MiniCity) -> None:
    """Given an almost empty draft, when it is filled in on another device and submitted, then one application stands and nothing of the draft is left."""
    async with client(minicity, "intake") as doors:
        begun = await save(doors, EMPTY)
        path = begun.headers["location"]
        listed = await doors.get("/v1/drafts", headers=bearer(APPLICANT))
        missing = await doors.get(f"{path}/check", headers=bearer(APPLICANT))
        early = await doors.post(f"{path}/submit", headers=headers("s0", '"1"'))
        changed = await doors.put(path, content=orjson.dumps(SUBMISSION), headers=headers("c1", begun.headers["etag"]))
        checked = await doors.get(f"{path}/check", headers=bearer(APPLICANT))
        assert (changed.status_code, changed.headers["etag"], kept(minicity)) == (200, '"2"', (1, 1, 1))
        said = await doors.post(f"{path}/submit", headers=headers("s1", '"2"'))
        again = await doors.post(f"{path}/submit", headers=headers("s1", '"2"'))
        gone = [await doors.get(path, headers=bearer(APPLICANT)), await doors.post(f"{path}/submit", headers=headers("s2", '"2"'))]
        minicity.pump()
        code = said.json()["application"]
        shown = await doors.get(f"/v1/applications/{code}/applicant", headers=bearer(APPLICANT))
    assert (begun.status_code, begun.headers["etag"], begun.json()["application"]) == (201, '"1"', EMPTY)
    assert [item["draft"] for item in listed.json()["items"]] == [begun.json()["draft"]]
    wanted = {("field-missing", name) for name in ("kelurahan", "applicant.name", "applicant.nik")}
    wanted |= {("fact-missing", name) for name in SUBMISSION["facts"]}
    wanted |= {("requirement-missing", item["requirement"]) for item in SUBMISSION["documents"]}
    assert codes(missing.json()["problems"]) == codes(early.json()["findings"]) == wanted
    assert all(item["title"] and item["detail"] for item in missing.json()["problems"])
    assert (checked.json()["complete"], checked.json()["problems"], checked.json()["sop_change"]) == (True, [], None)
    assert (said.status_code, again.json()["application"], again.json()["repeated"]) == (202, code, True)
    assert [answer.json()["code"] for answer in gone] == ["unknown-draft"] * 2
    assert shown.json()["applicant"] == SUBMISSION["applicant"]
    assert minicity.stores["intake"].rows("SELECT subject FROM vault_keys") == [{"subject": code}]


async def test_a_lost_update_is_refused_and_a_repeat_is_not_one(minicity: MiniCity) -> None:
    """Given two devices that have read the same version, when both change it, then the second is refused; the same command twice is done once."""
    one, two = {**EMPTY, "kelurahan": "62.71.01.1001"}, {**EMPTY, "kelurahan": "62.71.01.1002"}
    async with client(minicity, "intake") as doors:
        path = (await save(doors, EMPTY)).headers["location"]
        twice = [await save(doors, EMPTY), await save(doors, one)]
        first = [await doors.put(path, content=orjson.dumps(one), headers=headers("a", '"1"')) for _ in range(2)]
        second = await doors.put(path, content=orjson.dumps(two), headers=headers("b", '"1"'))
        without = await doors.put(path, content=orjson.dumps(two), headers=headers("c"))
        late = [await doors.delete(path, headers=headers("d", '"1"')), await doors.post(f"{path}/submit", headers=headers("e", '"1"'))]
        read = await doors.get(path, headers=bearer(APPLICANT))
        thrown = [await doors.delete(path, headers=headers("f", "*")) for _ in range(2)]
    assert (twice[0].headers["location"], twice[1].json()["code"]) == (path, "idempotency-key-reused")
    assert [(answer.status_code, answer.headers["etag"]) for answer in first] == [(200, '"2"')] * 2
    assert (second.status_code, second.json()["code"]) == (412, "draft-changed")
    assert (without.status_code, without.json()["code"]) == (428, "version-missing")
    assert [answer.json()["code"] for answer in late] == ["draft-changed"] * 2
    assert read.json()["application"] == one
    assert [answer.status_code for answer in thrown] == [204, 204]
    assert kept(minicity) == (0, 0, 0)


async def test_a_draft_is_nobodys_but_its_writers(minicity: MiniCity) -> None:
    """Given a draft, when anybody else or the same person in another role asks for it, then there is none; an officer may not ask."""
    same = Actor(APPLICANT.person, "kuasa")
    async with client(minicity, "intake") as doors:
        path = (await save(doors, SUBMISSION)).headers["location"]
        for actor in (Actor("orang lain", "applicant"), same, ASSISTANT):
            listed = await doors.get("/v1/drafts", headers=bearer(actor))
            answers = [
                await doors.get(path, headers=bearer(actor)),
                await doors.get(f"{path}/check", headers=bearer(actor)),
                await doors.put(path, content=orjson.dumps(EMPTY), headers=headers("p", "*", actor)),
                await doors.delete(path, headers=headers("d", "*", actor)),
                await doors.post(f"{path}/submit", headers=headers("s", "*", actor)),
            ]
            assert listed.json()["items"] == []
            assert [answer.json()["code"] for answer in answers] == ["unknown-draft"] * 5
        officer = await doors.get(path, headers=bearer(Actor("petugas", "officer", "dpmptsp")))
    assert officer.json()["code"] == "not-allowed"


async def test_number_and_size_are_bounded(minicity: MiniCity) -> None:
    """Given as many drafts as one may have, or one too large, when another is saved, then it is refused; the counter, who files for many, may have more."""
    large = {**EMPTY, "documents": [{"requirement": f"d-{number}", "digest": "a" * 64} for number in range(51)]}
    async with client(minicity, "intake") as doors:
        too_large = await save(doors, large)
        saved = [await save(doors, EMPTY, f"k{number}") for number in range(21)]
        counter = [await save(doors, EMPTY, f"k{number}", ASSISTANT) for number in range(21)]
        page = await doors.get("/v1/drafts?limit=15", headers=bearer(APPLICANT))
        rest = await doors.get(f"/v1/drafts?limit=15&after={page.json()['after']}", headers=bearer(APPLICANT))
    assert (too_large.status_code, too_large.json()["code"]) == (422, "malformed")
    assert [answer.status_code for answer in saved] == [201] * 20 + [409]
    assert (saved[-1].json()["code"], saved[-1].json()["about"]) == ("too-many-drafts", "20")
    assert {answer.status_code for answer in counter} == {201}
    assert len({item["draft"] for answer in (page, rest) for item in answer.json()["items"]}) == 20


async def test_silence_erases_a_draft_and_a_change_starts_its_days_anew(minicity: MiniCity) -> None:
    """Given two drafts, when the days of silence are over for one of them, then that one is erased with its key, and its digest too."""
    async with client(minicity, "intake") as doors:
        silent = (await save(doors, SUBMISSION)).headers["location"]
        path = (await save(doors, SUBMISSION, "k2")).headers["location"]
        minicity.clock.wait(days=20)
        await doors.put(path, content=orjson.dumps(EMPTY), headers=headers("c", '"1"'))
        minicity.clock.wait(days=11)
        erase_silent(minicity.stages["intake"], 30)
        found = await doors.get(silent, headers=bearer(APPLICANT))
        other = await doors.get(path, headers=bearer(APPLICANT))
    assert (found.json()["code"], other.status_code, kept(minicity)) == ("unknown-draft", 200, (1, 1, 1))
    rows = minicity.stores["intake"].rows("SELECT digest = '' AS emptied FROM idempotency ORDER BY created")
    assert [row["emptied"] for row in rows] == [True, False, False]


async def test_the_check_says_how_the_sop_has_changed(minicity: MiniCity) -> None:
    """Given a draft begun under one version, when another comes into force, then the check says so in words, and asks what the new one asks."""
    before, after = (shipped()[f"reklame-permanen@{number}"] for number in (1, 2))
    async with client(minicity, "intake") as doors:
        path = (await save(doors, {"permit_type": before.permit_type})).headers["location"]
        published, subject = catalogue.publication(after), f"sop:{after.permit_type}"
        drafted = e.SopDrafted(**published.model_dump(exclude_defaults=True))
        minicity.say("catalogue", subject, OWNER, Draft(drafted), key="1")
        minicity.pump()
        minicity.say("catalogue", subject, Actor("penyetuju", *OWNER_SIGNS), Draft(published), key="2")
        minicity.pump()
        checked = await doors.get(f"{path}/check?lang=en", headers=bearer(APPLICANT))
    change = checked.json()["sop_change"]
    assert (change["from"], change["to"]) == (before.name, after.name)
    assert after.name in change["title"]
    assert change["detail"].startswith("For the applicant:")


PEOPLE = (APPLICANT, ATTORNEY, ASSISTANT, Actor("mitra", "partner", "tak-ada"))
FILINGS: list[dict[str, Any]] = [
    {},
    *({"filing": filing} for filing in (BY_KUASA, AT_THE_COUNTER, {"filed_as": "kuasa"}, {"filed_as": "assisted", "power": "khusus"})),
    {"filing": {**BY_KUASA, "valid_until": "2020-01-01"}},
    {"filing": {**BY_KUASA, "document": "x", "power": "lisan"}},
    {"filing": {**BY_KUASA, "applicant": ATTORNEY.person}},
]
# A type of which the city looks up two documents itself.
BUILDING: dict[str, Any] = {
    "permit_type": "pbg-usaha",
    "facts": {"luas-lantai-m2": "100", "indeks": "1.5", "lantai": 2},
    "documents": [
        {"requirement": code, "digest": "a" * 64} for code in ("gambar-arsitektur", "gambar-struktur", "gambar-mep", "dokumen-lingkungan")
    ],
}
FAULTS: list[dict[str, Any]] = [
    {"permit_type": "izin-terbang"},
    {"kelurahan": ""},
    {"kelurahan": "entah"},
    {"received_at": "kemarin"},
    {"facts": {"lama-bulan": 999, "warna": "biru"}},
    {"facts": {"topik-sensitif": 1, "lama-bulan": 6}},
    {"documents": SUBMISSION["documents"][1:]},
    {"documents": [*SUBMISSION["documents"], SUBMISSION["documents"][0], {"requirement": "ijazah", "digest": "a" * 64}]},
    BUILDING,
    {
        **BUILDING,
        "documents": [*BUILDING["documents"][1:], *({"requirement": code, "digest": "a" * 64} for code in ("andalalin", "bukti-tanah"))],
    },
    {"applicant": {}},
    {"applicant": {"name": "Siti", "nik": "12"}},
    {"kelurahan": "", "facts": {}, "documents": [], "applicant": {"nik": "x"}},
]


@pytest.mark.parametrize("actor", PEOPLE, ids=lambda actor: actor.role)
async def test_the_check_lists_exactly_what_the_submission_refuses(minicity: MiniCity, actor: Actor) -> None:
    """Given drafts with all kinds of faults, when each is checked, then its submission is refused with the same list, or accepted when that is empty."""
    bodies = [{**SUBMISSION, **filing} for filing in FILINGS] + [{**SUBMISSION, **fault} for fault in FAULTS]
    bodies += [{**SUBMISSION, "filing": BY_KUASA, **fault} for fault in FAULTS]
    async with client(minicity, "intake") as doors:
        for number, body in enumerate(bodies):
            path = (await save(doors, body, f"k{number}", actor)).headers.get("location", "")
            if not path:
                assert body["permit_type"] == "izin-terbang"
                continue
            checked = (await doors.get(f"{path}/check", headers=bearer(actor))).json()
            said = await doors.post(f"{path}/submit", headers=headers(f"s{number}", "*", actor))
            direct = await doors.post("/v1/applications", content=orjson.dumps(body), headers=headers(f"d{number}", actor=actor))
            listed = [(item["code"], item["about"]) for item in checked["problems"]]
            assert checked["complete"] == (said.status_code == 202) == (direct.status_code == 202) == (not listed), (
                body,
                said.text,
                direct.text,
            )
            if listed:
                assert listed == [(item["code"], item["about"]) for item in said.json()["findings"]]
                assert said.json()["code"] == listed[0][0]
                assert (direct.json()["code"] in {code for code, _ in listed}) or body.get("kelurahan") == "", (body, direct.text, listed)
                await doors.delete(path, headers=headers(f"t{number}", "*", actor))
