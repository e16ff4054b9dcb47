"""Filing for somebody else through intake's doors: an attorney in fact, an assistant at the counter, and the receipt that they get."""

from typing import Any

import orjson

from services.tracker.doors import counted_filings
from shared.kit.tokens import Actor
from shared.sop.applicants import COUNTER, KUASA
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import SUBMISSION, bearer, client

ATTORNEY = Actor("kuasa budi", KUASA)
ASSISTANT = Actor("petugas loket", COUNTER, "dpmptsp")
BY_KUASA = {
    "filed_as": "kuasa",
    "applicant": APPLICANT.person,
    "name": "Dewi Kuasa",
    "document": "b" * 64,
    "power": "khusus",
    "valid_until": "2026-12-31",
}
AT_THE_COUNTER = {"filed_as": "assisted", "applicant": APPLICANT.person, "document": "c" * 64}


SENSITIVE = {"topik-sensitif": True, "lama-bulan": 6}


def body(filing: dict[str, Any]) -> bytes:
    """Returns a submission that waits for a person: its topic is a sensitive one."""
    return orjson.dumps({**SUBMISSION, "facts": SENSITIVE, "filing": filing})


def key(actor: Actor, number: int = 1) -> dict[str, str]:
    """Returns the headers of a command."""
    return {"idempotency-key": f"k{number}", **bearer(actor)}


async def test_a_kuasa_files_and_acts_until_the_applicant_takes_the_power_back(minicity: MiniCity) -> None:
    """Given a kuasa's submission, then both read its data; when the applicant ends the power, then the kuasa may do nothing more."""
    async with client(minicity, "intake") as doors:
        said = await doors.post("/v1/applications", content=body(BY_KUASA), headers=key(ATTORNEY))
        assert said.status_code == 202, said.text
        code = said.json()["application"]
        minicity.pump()
        path = f"/v1/applications/{code}"
        shown = await doors.get(f"{path}/applicant", headers=bearer(APPLICANT))
        also = await doors.get(f"{path}/applicant", headers=bearer(ATTORNEY))
        ended = await doors.post(f"{path}/end-representation", json={"reason": "withdrawn"}, headers=key(APPLICANT))
        minicity.pump()
        late = await doors.post(f"{path}/withdraw", json={}, headers=key(ATTORNEY, 2))
        looked = await doors.get(f"{path}/applicant", headers=bearer(ATTORNEY))
        theirs = await doors.post(f"{path}/withdraw", json={}, headers=key(APPLICANT, 2))
    assert shown.json()["applicant"] == also.json()["applicant"] == {**SUBMISSION["applicant"], "kuasa-name": "Dewi Kuasa"}
    assert (ended.status_code, late.json()["code"], looked.json()["code"], theirs.status_code) == (202, "power-ended", "power-ended", 202)
    row = minicity.views("tracker")[code]
    assert (row["filed_as"], row["power"]) == ("kuasa", ["khusus", "2026-12-31", "withdrawn"])
    month = {"month": "2026-11", "channel": "web", "filed_as": "kuasa", "filed": 1}
    assert [{**item, "text": None} for item in counted_filings(minicity.stages["tracker"])] == [{**month, "text": None}]
    assert b"Dewi" not in b"".join(entry.raw for entry in minicity.entries(code))


async def test_the_applicant_gives_a_power_on_the_way_and_replaces_it(minicity: MiniCity) -> None:
    """Given an own submission, when a kuasa is appointed and then another, then the last one acts, reads and has the receipt; no name leaves the vault."""
    second = Actor("kuasa kedua", KUASA)
    given = {"attorney": ATTORNEY.person, "name": "Dewi Kuasa", "document": "b" * 64, "power": "khusus", "valid_until": "2026-12-31"}
    async with client(minicity, "intake") as doors:
        said = await doors.post("/v1/applications", content=orjson.dumps({**SUBMISSION, "facts": SENSITIVE}), headers=key(APPLICANT))
        path = f"/v1/applications/{said.json()['application']}"
        minicity.pump()
        stranger = await doors.get(f"{path}/receipt", headers=bearer(ATTORNEY))
        by_kuasa = await doors.post(f"{path}/give-power", json=given, headers=key(ATTORNEY))
        first = await doors.post(f"{path}/give-power", json=given, headers=key(APPLICANT, 2))
        minicity.pump()
        theirs = await doors.get(f"{path}/receipt", headers=bearer(ATTORNEY))
        other = {**given, "attorney": second.person, "name": "Rina Kuasa"}
        await doors.post(f"{path}/give-power", json=other, headers=key(APPLICANT, 3))
        minicity.pump()
        former = [await doors.get(f"{path}/{what}", headers=bearer(ATTORNEY)) for what in ("receipt", "applicant")]
        shown = await doors.get(f"{path}/applicant", headers=bearer(second))
        withdrawn = await doors.post(f"{path}/withdraw", json={}, headers=key(second))
        minicity.pump()
    assert (stranger.json()["code"], by_kuasa.json()["code"], first.status_code, theirs.status_code) == (
        "not-yours",
        "not-allowed",
        202,
        200,
    )
    assert [answer.json()["code"] for answer in former] == ["power-ended"] * 2
    assert shown.json()["applicant"] == {**SUBMISSION["applicant"], "kuasa-name": "Rina Kuasa"}
    assert withdrawn.status_code == 202
    code = said.json()["application"]
    assert minicity.views("tracker")[code]["power"] == ["khusus", "2026-12-31", ""]
    entries = b"".join(entry.raw for entry in minicity.entries(code))
    assert not any(name in entries for name in (b"Dewi", b"Rina", second.person.encode()))


async def test_the_counter_files_for_who_is_present_and_hands_out_a_receipt(minicity: MiniCity) -> None:
    """Given an assistant at the counter, when they file, then they and the applicant get the receipt, nobody else, and they declare nothing."""
    async with client(minicity, "intake") as doors:
        said = await doors.post("/v1/applications", content=body(AT_THE_COUNTER), headers=key(ASSISTANT))
        path = f"/v1/applications/{said.json()['application']}"
        waiting = await doors.get(f"{path}/receipt", headers={**bearer(ASSISTANT), "accept-language": "en"})
        minicity.pump()
        printed = await doors.get(f"{path}/receipt", headers={**bearer(APPLICANT), "accept-language": "id"})
        stranger = await doors.get(f"{path}/receipt", headers=bearer(Actor("orang lain", "applicant")))
        twice = await doors.post(f"{path}/declare-conflict", json={"reason": "keluarga"}, headers=key(ASSISTANT, 2))
        judging = await doors.post(
            f"{path}/declare-complete", json={"step": "lengkap"}, headers=key(Actor(ASSISTANT.person, "officer", "dpmptsp"), 3)
        )
    assert (waiting.json()["entered"], printed.json()["entered"]) == (False, True)
    assert (printed.json()["filed_as"], printed.json()["channel"]) == ("assisted", "counter")
    assert printed.json()["lines"][0] == "TANDA TERIMA PERMOHONAN IZIN"
    assert SUBMISSION["applicant"]["name"] not in printed.text
    assert [answer.json()["code"] for answer in (stranger, twice, judging)] == ["not-yours", "not-allowed", "own-application"]


async def test_nobody_files_in_a_role_that_is_not_theirs(minicity: MiniCity) -> None:
    """Given wrong pairs of role and filing, when they submit, then each is refused before anything is stored."""
    pairs = [
        (APPLICANT, BY_KUASA),
        (ATTORNEY, AT_THE_COUNTER),
        (ASSISTANT, BY_KUASA),
        (Actor(ASSISTANT.person, COUNTER, "pupr"), AT_THE_COUNTER),
    ]
    expired = {**BY_KUASA, "valid_until": "2026-11-01"}
    async with client(minicity, "intake") as doors:
        answers = [await doors.post("/v1/applications", content=body(filing), headers=key(who, n)) for n, (who, filing) in enumerate(pairs)]
        late = await doors.post("/v1/applications", content=body(expired), headers=key(ATTORNEY, 9))
    assert [answer.json()["code"] for answer in answers] == ["not-allowed"] * 4
    assert late.json()["code"] == "power-expired"
