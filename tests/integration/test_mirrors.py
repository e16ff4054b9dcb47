"""The mirror of national systems through intake's doors: one status, many at once, and the measure that the tracker shows."""

from typing import Any

from services.tracker.doors import measured_mirrors
from shared.kit.tokens import Actor
from shared.sop.handing import handed_in
from tests.builders import OTHER_CODE, PBG, catalogue, submission
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import SUBMISSION, bearer, client

LINK = Actor("sambungan simbg", "national", systems=("simbg",))
HAPPENED = "2026-11-22T22:00:00.000000Z"
SOP = catalogue()[PBG.replace("@1", "@2")]


def record(**changes: str) -> dict[str, str]:
    """Returns what SIMBG says."""
    return {"system": "simbg", "number": "PBG-627101-24112026-001", "status": "received", "happened_at": HAPPENED, **changes}


def building() -> dict[str, Any]:
    """Returns a submission for a commercial building."""
    said = submission(SOP, {"luas-lantai-m2": "120", "indeks": "1.0", "lantai": 1})
    facts = {fact.name: fact.value for fact in said.facts}
    documents = [{"requirement": item.code, "digest": "a" * 64} for item in handed_in(SOP.required(facts))]
    return {**SUBMISSION, "permit_type": SOP.permit_type, "facts": facts, "documents": documents}


async def test_a_national_status_is_mirrored_once_and_measured(minicity: MiniCity) -> None:
    """Given a national type, when its system's statuses come one by one and many at once, then each gets its own answer and the mirror is measured."""
    async with client(minicity, "intake") as doors:
        made = await doors.post("/v1/applications", json=building(), headers={"idempotency-key": "a", **bearer(APPLICANT)})
        own = await doors.post("/v1/applications", json=SUBMISSION, headers={"idempotency-key": "b", **bearer(APPLICANT)})
        assert made.status_code == own.status_code == 202, (made.text, own.text)
        code, letter = made.json()["application"], own.json()["application"]
        minicity.pump()
        path = f"/v1/applications/{code}/record-national"
        first = await doors.post(path, json=record(), headers={"idempotency-key": "c", **bearer(LINK)})
        stranger = await doors.post(path, json=record(), headers={"idempotency-key": "d", **bearer(APPLICANT)})
        wanted = [
            (code, record()),
            (code, record(status="issued")),
            (letter, record()),
            (OTHER_CODE, record()),
            (code, record(happened_at="2027-01-01T00:00:00.000000Z")),
        ]
        other = Actor("sambungan oss", "national", systems=("oss",))
        alone = await doors.post(path, json=record(), headers={"idempotency-key": "e", **bearer(other)})
        nobody = await doors.post(path, json=record(), headers={"idempotency-key": "f", **bearer(Actor("tanpa", "national"))})
        one = {"items": [{"key": "o", "application": code, "record": record(status="refused")}]}
        among = await doors.post("/v1/national-records", json=one, headers=bearer(other))
        items = [{"key": f"n{number}", "application": about, "record": said} for number, (about, said) in enumerate(wanted)]
        many = await doors.post("/v1/national-records", json={"items": items}, headers=bearer(LINK))
    answers = [item.get("code", item["status"]) for item in many.json()["items"]]
    assert (first.status_code, stranger.json()["code"]) == (202, "not-allowed")
    assert [alone.json()["code"], nobody.json()["code"], among.json()["items"][0]["code"]] == ["not-your-system"] * 3
    assert answers == ["already-mirrored", "received", "not-of-this-system", "unknown-code", "national-in-future"]
    minicity.pump()
    (found,) = measured_mirrors(minicity.stages["tracker"])
    assert (found.system, found.applications, found.mirrored, found.statuses) == ("simbg", 1, 1, 2)
    assert dict(found.divergences)["national-ahead"] == 1
    assert b"PBG-627101" not in b"".join(entry.raw for entry in minicity.entries(code))
