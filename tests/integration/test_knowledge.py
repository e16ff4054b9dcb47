"""Staff who know the SOP, at the real doors of a whole city: the quiz, its answers, waivers, and desks that send people to it."""

import pytest

from services.catalogue import doors as catalogue
from services.inspection import doors as inspection
from shared.kit.tokens import Actor
from shared.sop.knowledge import previous_version
from shared.sop.quiz import candidates
from tests.builders import SKP
from tests.integration.minicity import APPLICANT, MiniCity
from tests.integration.test_doors import DOORS, SUBMISSION, client
from tests.integration.test_people import COLLEAGUE, HEAD, OFFICER, OWNER, STEP, post, say, submitted

REVIEW = {"step": STEP, "result": "passed"}
QUIZ = f"/v1/sops/quiz?sop={SKP}"


@pytest.fixture(autouse=True)
def _doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DOORS, "catalogue", catalogue)
    monkeypatch.setitem(DOORS, "inspection", inspection)


@pytest.fixture
async def overdue(minicity: MiniCity) -> str:
    """Returns a letter on a sensitive topic that came when the grace days of its SOP were over; its review is ready."""
    minicity.clock.wait(days=21)
    return await submitted(minicity)


async def right_answers(city: MiniCity, actor: Actor) -> list[str]:
    """Asks for somebody's quiz and returns the letters that the SOP makes right."""
    async with client(city, "catalogue", actor) as opened:
        asked = (await opened.get(QUIZ)).json()["questions"]
    sop = city.city.sops[SKP]
    right = {item.code: item.right.id for item in candidates(sop, previous_version(city.city, sop))}
    return [next(x for x, words in q["choices"].items() if words["id"] == right[q["question"]]) for q in asked]


async def acknowledge(city: MiniCity, actor: Actor) -> None:
    """Has somebody take the quiz."""
    answers = await right_answers(city, actor)
    answer = await post(city, "catalogue", actor, "/v1/sops/acknowledge", {"sop": SKP, "answers": answers})
    assert answer.status_code == 202, answer.json()


async def test_whoever_has_not_acknowledged_is_sent_to_the_quiz(minicity: MiniCity, overdue: str) -> None:
    """Given grace days that are over, a review is refused with where the quiz is; after a wrong and a right attempt it is taken."""
    assert await say(minicity, overdue, OFFICER, "complete-review", **REVIEW) == "sop-not-acknowledged"
    async with client(minicity, "verification", OFFICER) as opened:
        listed = (await opened.get("/v1/tasks")).json()
    assert [task["application"] for task in listed["tasks"]] == [overdue]
    assert listed["sop_knowledge"] == {SKP: {"state": "overdue", "until": ""}}
    letters = await right_answers(minicity, OFFICER)
    spoiled = ["b" if letters[0] == "a" else "a", *letters[1:]]
    refused = await post(minicity, "catalogue", OFFICER, "/v1/sops/acknowledge", {"sop": SKP, "answers": spoiled})
    assert (refused.status_code, refused.json()["code"]) == (409, "quiz-wrong")
    assert [finding["number"] for finding in refused.json()["findings"]] == [1]
    unanswered = await post(minicity, "catalogue", OFFICER, "/v1/sops/acknowledge", {"sop": SKP, "answers": []})
    assert [finding["number"] for finding in unanswered.json()["findings"]] == [1, 2, 3, 4, 5]

    await acknowledge(minicity, OFFICER)

    assert await say(minicity, overdue, OFFICER, "complete-review", **REVIEW) == ""
    assert minicity.names(f"sop:{SKP.partition('@')[0]}") == ["sop.published", "sop.acknowledged"]


async def test_work_is_given_only_to_who_knows(minicity: MiniCity, overdue: str) -> None:
    """A head who has not acknowledged may give a review out, to a colleague who has, and not to one who has not."""
    await acknowledge(minicity, COLLEAGUE)
    refused = await say(minicity, overdue, HEAD, "assign-review", step=STEP, officer=OFFICER.person)
    assert refused == "officer-not-acknowledged"
    assert await say(minicity, overdue, HEAD, "assign-review", step=STEP, officer=COLLEAGUE.person) == ""
    assert (
        await say(minicity, overdue, HEAD, "reassign-review", step=STEP, officer=OFFICER.person, reason="cuti")
        == "officer-not-acknowledged"
    )


async def test_a_head_excuses_somebody_up_to_a_day(minicity: MiniCity, overdue: str) -> None:
    """With a waiver an officer may work, the day after it no more; nobody excuses themselves, and no entry holds a number."""
    today = minicity.stages["catalogue"].today().isoformat()
    body = {"sop": SKP, "officer": OFFICER.person, "reason": "dinas-luar", "valid_until": today}
    assert (await post(minicity, "catalogue", COLLEAGUE, "/v1/sops/waive", body)).json()["code"] == "not-allowed"
    own = await post(minicity, "catalogue", HEAD, "/v1/sops/waive", {**body, "officer": HEAD.person})
    assert own.json()["code"] == "waiver-own"
    assert (await post(minicity, "catalogue", HEAD, "/v1/sops/waive", body)).status_code == 202
    async with client(minicity, "verification", OFFICER) as opened:
        shown = (await opened.get(f"/v1/applications/{overdue}")).json()
    assert shown["sop_knowledge"] == {"state": "waived", "until": today}
    assert next(a["refusal"] for a in shown["actions"] if a["command"] == "complete-review") == ""

    minicity.clock.wait(days=1)

    assert await say(minicity, overdue, OFFICER, "complete-review", **REVIEW) == "sop-not-acknowledged"
    async with client(minicity, "verification", OFFICER) as opened:
        shown = (await opened.get(f"/v1/applications/{overdue}")).json()
    assert next(a["refusal"] for a in shown["actions"] if a["command"] == "complete-review") == "sop-not-acknowledged"
    assert OFFICER.person.encode() not in b"".join(entry.raw for entry in minicity.entries())


async def test_an_acting_head_excuses(minicity: MiniCity, overdue: str) -> None:
    """Who stands in for the head by letter may excuse a colleague, and the entry says in which role."""
    day = minicity.stages["catalogue"].today().isoformat()
    acting = {"agency": "kesbangpol", "kind": "plh", "officer": COLLEAGUE.person, "letter": "800/1", "valid_from": day, "valid_until": day}
    assert (await post(minicity, "catalogue", OWNER, "/v1/acting", acting)).status_code == 202
    body = {"sop": SKP, "officer": OFFICER.person, "reason": "cuti", "valid_until": day}
    assert (await post(minicity, "catalogue", COLLEAGUE, "/v1/sops/waive", body)).status_code == 202
    assert minicity.entries(f"sop:{SKP.partition('@')[0]}")[-1].event.role == "acting-head"
    assert await say(minicity, overdue, OFFICER, "complete-review", **REVIEW) == ""


async def test_in_the_grace_days_nobody_is_refused(minicity: MiniCity) -> None:
    """Two weeks after a publication, to the hour, a review is taken from whoever does it, and the desk says until when."""
    facts = {"topik-sensitif": True, "lama-bulan": 6}
    submitted = await post(minicity, "intake", APPLICANT, "/v1/applications", {**SUBMISSION, "facts": facts})
    code = submitted.json()["application"]
    async with client(minicity, "verification", OFFICER) as opened:
        shown = (await opened.get(f"/v1/applications/{code}")).json()
    assert shown["sop_knowledge"] == {"state": "grace", "until": "2026-12-07T09:00:00.000000Z"}
    assert await say(minicity, code, OFFICER, "complete-review", **REVIEW) == ""


async def test_who_knows_is_shown_to_staff_and_auditors(minicity: MiniCity, overdue: str) -> None:
    """The counts are for who works in the city, not for applicants; a leader is told about people of the own agency, in the order asked."""
    await acknowledge(minicity, OFFICER)
    async with client(minicity, "catalogue", Actor("auditor", "auditor")) as opened:
        rows = (await opened.get(f"/v1/sops/knowledge?sop={SKP}")).json()["knowledge"]
        assert {row["agency"]: row["acknowledged"] for row in rows} == {"dpmptsp": 0, "kesbangpol": 1}
        assert (await opened.get("/v1/sops/knowledge?sop=makam@9")).json()["code"] == "unknown-sop"
    async with client(minicity, "catalogue", APPLICANT) as opened:
        assert (await opened.get("/v1/sops/knowledge")).json()["code"] == "not-allowed"
        assert (await opened.get(QUIZ)).json()["code"] == "not-allowed"
    people = {"sop": SKP, "officers": [COLLEAGUE.person, OFFICER.person]}
    asked = await post(minicity, "catalogue", HEAD, "/v1/sops/knowledge/people", people)
    assert [person["state"] for person in asked.json()["people"]] == ["overdue", "acknowledged"]
    assert (await post(minicity, "catalogue", OFFICER, "/v1/sops/knowledge/people", people)).json()["code"] == "not-allowed"
    assert overdue.startswith("PKY-")


async def test_an_acknowledgement_is_said_once(minicity: MiniCity) -> None:
    """The same answers under the same key get the same event; under a new key the person is told that nothing needs to be done."""
    answers = await right_answers(minicity, OFFICER)
    async with client(minicity, "catalogue", OFFICER) as opened:
        body = {"sop": SKP, "answers": answers}
        first = (await opened.post("/v1/sops/acknowledge", json=body, headers={"idempotency-key": "1"})).json()
        again = (await opened.post("/v1/sops/acknowledge", json=body, headers={"idempotency-key": "1"})).json()
        minicity.pump()
        other = (await opened.post("/v1/sops/acknowledge", json=body, headers={"idempotency-key": "2"})).json()
    assert (again["events"], again["repeated"]) == (first["events"], True)
    assert other["code"] == "sop-already-acknowledged"
