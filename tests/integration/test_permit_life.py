"""The life of an issued permit through the real doors, stages, ledger and PostgreSQL: renewed after it was dropped, mended, transferred."""

from datetime import timedelta
from typing import Any

from services.verification import quotas
from shared.kit.tokens import Actor
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import SUBMISSION, client
from tests.integration.test_people import post, said
from tests.integration.test_quotas import HEAD as POOLS_OWNER
from tests.integration.test_quotas import OWNER, POOL, SUBJECT
from tests.integration.test_stage import equal_to_replay

HEIR = Actor("tono", "applicant")
OFFICER, HEAD = Actor("petugas", "officer", "dpmptsp"), Actor("kepala", "head", "dpmptsp")
DIGEST = "a" * 64
HEIRS_NAME, HEIRS_NIK = "Tono Santoso", "6271010101010009"
PLOT: dict[str, Any] = {
    "permit_type": "makam",
    "kelurahan": "62.71.01.1001",
    "facts": {"pemindahan": False, "tpu": "km-12"},
    "documents": [{"requirement": code, "digest": DIGEST} for code in ("surat-kematian", "pilihan-petak", "pernyataan-ahli-waris")],
    "applicant": SUBMISSION["applicant"],
}


async def granted(city: MiniCity, body: dict[str, Any]) -> str:
    """Submits an application that rules alone decide; returns its code once it is a permit."""
    code = str((await post(city, "intake", APPLICANT, "/v1/applications", body)).json()["application"])
    assert "permit.issued" in city.names(code)
    return code


def days_later(city: MiniCity, days: int) -> None:
    """Lets days pass: the ledger says what fell due, and everybody hears it."""
    city.clock.wait(days=days)
    for _ in range(20):
        city.ledger.tick(city.clock.now())
    city.pump()


async def test_a_permit_that_every_stage_has_dropped_is_renewed_by_rule(minicity: MiniCity) -> None:
    """Given a permit dropped long ago, when its holder asks for what a renewal asks within its days, then rules renew it without a gap."""
    code = await granted(minicity, SUBMISSION)
    await granted(minicity, SUBMISSION)  # a stage never drops the last thing that it said
    documents = SUBMISSION["documents"]
    assert await said(minicity, "intake", code, APPLICANT, "ask-renewal", {"documents": documents}) == "renewal-early"
    days_later(minicity, 40)
    assert minicity.drop_ended("intake", "verification")

    days_later(minicity, 365 - 40 - 14)
    assert minicity.names(code)[-1] == "permit.expiry-announced"
    assert await said(minicity, "intake", code, APPLICANT, "ask-renewal", {"documents": documents[1:]}) == "requirement-missing"
    assert await said(minicity, "intake", code, APPLICANT, "ask-renewal", {"documents": documents}) == ""

    assert minicity.names(code)[-1] == "permit.renewed"
    permit = minicity.views("tracker")[code]["permit"]
    first = minicity.clock.now().date() - timedelta(days=400)
    assert permit["valid_until"] > (first + timedelta(days=2 * 365)).isoformat()
    assert equal_to_replay(minicity, "tracker")


async def test_a_slip_is_mended_by_two_and_a_lost_document_has_a_duplicate(minicity: MiniCity) -> None:
    """An officer drafts, the head signs, nobody signs their own draft; reasons come from lists; the holder asks for duplicates."""
    code = await granted(minicity, SUBMISSION)
    slip = {"field": "holder-name", "reason": "salah-ketik", "document": DIGEST}
    assert await said(minicity, "issuance", code, OFFICER, "draft-permit-correction", {**slip, "reason": "lupa"}) == "reason-unknown"
    assert await said(minicity, "issuance", code, HEAD, "draft-permit-correction", slip) == ""
    assert await said(minicity, "issuance", code, HEAD, "correct-permit", {}) == "same-officer"
    assert await said(minicity, "issuance", code, HEAD, "return-permit-correction", {"reason": "nomor-salah"}) == ""
    assert await said(minicity, "issuance", code, OFFICER, "draft-permit-correction", slip) == ""
    assert await said(minicity, "issuance", code, HEAD, "correct-permit", {}) == ""
    assert await said(minicity, "intake", code, HEIR, "ask-duplicate", {"reason": "hilang"}) == "not-yours"
    assert await said(minicity, "intake", code, APPLICANT, "ask-duplicate", {"reason": "hilang"}) == ""
    permit = minicity.views("tracker")[code]["permit"]
    assert ([item["field"] for item in permit["corrections"]], [item["number"] for item in permit["duplicates"]]) == (["holder-name"], [1])
    assert equal_to_replay(minicity, "tracker")


async def test_a_permit_comes_to_another_holder_whose_data_only_the_vault_has(minicity: MiniCity) -> None:
    """Given a plot's permit, when it is offered, accepted and confirmed, then the new holder alone sees their data, and no entry holds any."""
    minicity.say("verification", SUBJECT, POOLS_OWNER, quotas.open_quota(POOL, OWNER, 1))
    minicity.pump()
    code = await granted(minicity, PLOT)
    place = f"/v1/applications/{code}"
    taken = {
        "applicant": {"name": HEIRS_NAME, "nik": HEIRS_NIK},
        "documents": [{"requirement": "pernyataan-ahli-waris", "digest": DIGEST}],
    }
    asked_again = {**taken, "documents": [*taken["documents"], {"requirement": "kk-ahli-waris", "digest": DIGEST}]}
    assert await said(minicity, "intake", code, HEIR, "accept-transfer", taken) == "no-transfer"
    assert await said(minicity, "intake", code, APPLICANT, "offer-transfer", {"to": HEIR.person}) == ""
    assert await said(minicity, "intake", code, APPLICANT, "accept-transfer", taken) == "not-yours"
    assert await said(minicity, "intake", code, HEIR, "accept-transfer", asked_again) == "requirement-looked-up"
    assert await said(minicity, "intake", code, HEIR, "accept-transfer", taken) == ""
    owner = Actor("kepala perkimtan", "head", "perkimtan")
    assert await said(minicity, "issuance", code, HEAD, "confirm-transfer", {}) == "wrong-agency"
    assert await said(minicity, "issuance", code, owner, "confirm-transfer", {}) == ""

    async with client(minicity, "intake", HEIR) as opened:
        theirs = (await opened.get(f"{place}/applicant")).json()["applicant"]
    async with client(minicity, "intake", APPLICANT) as opened:
        former = (await opened.get(f"{place}/applicant")).json()["code"]
    assert (theirs, former) == ({"name": HEIRS_NAME, "nik": HEIRS_NIK}, "not-yours")
    told = b"".join(entry.raw for entry in minicity.entries(code))
    assert not [secret for secret in (HEIRS_NAME, HEIRS_NIK, "tono") if secret.encode() in told]
    assert minicity.views("tracker")[code]["permit"]["transfers"][0]["result"] == "transferred"
    assert equal_to_replay(minicity, "tracker")
