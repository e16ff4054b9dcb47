"""What the city looks up itself is not asked of the applicant: at submission, on the receipt, in a correction."""

from typing import Any

from shared.events import ApplicationSubmitted, CorrectionSubmitted
from shared.kit.tokens import Actor
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import SUBMISSION, bearer, client
from tests.integration.test_people import post, said

LOOKED_UP = "bukti-tanah"
HANDED_IN = ("gambar-rumah", "data-bangunan", "bukti-mbr", "pernyataan-mbr")
REVIEWER = Actor("penilai", "officer", "pupr")


def papers(*codes: str) -> list[dict[str, str]]:
    """Returns documents as an applicant sends them."""
    return [{"requirement": code, "digest": "a" * 64} for code in codes]


def house(*codes: str) -> dict[str, Any]:
    """Returns a submission for a small house."""
    facts = {"luas-lantai-m2": "36", "memakai-prototipe": False}
    return {**SUBMISSION, "permit_type": "pbg-mbr", "facts": facts, "documents": papers(*codes)}


async def filed(city: MiniCity) -> str:
    """Returns the code of an application for a small house, with what an applicant hands in."""
    return str((await post(city, "intake", APPLICANT, "/v1/applications", house(*HANDED_IN))).json()["application"])


def handed_on(city: MiniCity, code: str, kind: type[ApplicationSubmitted | CorrectionSubmitted]) -> list[list[str]]:
    """Returns which requirements each entry of a kind has."""
    said_so = [entry.event.data for entry in city.entries(code)]
    return [[item.requirement for item in data.attachments] for data in said_so if isinstance(data, kind)]


async def test_what_the_city_looks_up_is_not_asked(minicity: MiniCity) -> None:
    """Given a type with a looked-up document, when it is handed in, then it is refused; left out, it is in the entry, and the receipt tells it apart."""
    both = await post(minicity, "intake", APPLICANT, "/v1/applications", house(*HANDED_IN[1:], LOOKED_UP))
    code = await filed(minicity)
    async with client(minicity, "intake") as doors:
        shown = (await doors.get(f"/v1/applications/{code}/receipt", headers=bearer(APPLICANT) | {"accept-language": "en"})).json()

    found = [(item["code"], item["about"]) for item in both.json()["findings"]]
    assert found == [("requirement-missing", HANDED_IN[0]), ("requirement-looked-up", LOOKED_UP)]
    assert handed_on(minicity, code, ApplicationSubmitted) == [[*HANDED_IN, LOOKED_UP]]
    assert "application.completed" in minicity.names(code)
    assert [item["code"] for item in shown["documents"]] == list(HANDED_IN)
    assert [item["code"] for item in shown["looked_up"]] == [LOOKED_UP]
    assert "- Proof of title to the land (looked up by the city, not asked)" in shown["lines"]


async def test_a_looked_up_document_that_is_wrong_is_looked_up_again(minicity: MiniCity) -> None:
    """Given findings about documents of both kinds, when the applicant answers, then only their own are asked of them and the other is looked up anew."""
    code = await filed(minicity)
    wrong = [{"requirement": item, "reason": "tidak-lengkap"} for item in (LOOKED_UP, HANDED_IN[0])]
    review = {"step": "tpt", "result": "findings", "findings": wrong}
    assert await said(minicity, "verification", code, REVIEWER, "complete-review", review) == ""

    again = {"documents": papers(HANDED_IN[0], LOOKED_UP)}
    assert await said(minicity, "intake", code, APPLICANT, "correct", again) == "requirement-looked-up"
    assert await said(minicity, "intake", code, APPLICANT, "correct", {"documents": []}) == "correction-incomplete"
    assert await said(minicity, "intake", code, APPLICANT, "correct", {"documents": papers(HANDED_IN[0])}) == ""
    assert handed_on(minicity, code, CorrectionSubmitted) == [[HANDED_IN[0], LOOKED_UP]]

    alone = {**review, "findings": wrong[:1]}
    assert await said(minicity, "verification", code, REVIEWER, "complete-review", alone) == ""
    assert await said(minicity, "intake", code, APPLICANT, "correct", {}) == ""
    assert handed_on(minicity, code, CorrectionSubmitted)[1:] == [[LOOKED_UP]]
