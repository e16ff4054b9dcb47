"""What the doors answer to good and bad input: a stable code, a plain sentence, and nothing stored."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import httpx
import orjson
import psycopg
import pytest
from structlog.testing import capture_logs

from services.intake import doors as intake
from services.issuance import doors as issuance
from services.treasury import doors as treasury
from services.verification import doors as verification
from shared.draft import Draft
from shared.kit.doors import Outcomes, Running, add_doors
from shared.kit.http import Health, Site, make_app, strict_json
from shared.kit.store import Stored
from shared.kit.telemetry import Metrics
from shared.kit.tokens import Actor, mint
from tests.builders import CODE, OTHER_CODE, PBG, catalogue, submission
from tests.integration.minicity import APPLICANT, CITY_KEY, STAGES, MiniCity

TOKENS_KEY = b"t" * 32
DOORS = {"intake": intake, "verification": verification, "issuance": issuance, "treasury": treasury}
SUBMISSION: dict[str, Any] = {
    "permit_type": "skp-penelitian",
    "kelurahan": "62.71.01.1001",
    "facts": {"topik-sensitif": False, "lama-bulan": 6},
    "documents": [
        {"requirement": code, "digest": "a" * 64}
        for code in ("surat-pengantar", "proposal", "pernyataan-taat", "pernyataan-keabsahan", "lokasi-jadwal")
    ],
    "applicant": {"name": "Siti Aminah", "nik": "6271010101010001"},
}


def bearer(actor: Actor) -> dict[str, str]:
    """Returns the header of an actor's token."""
    return {"authorization": f"Bearer {mint(actor, TOKENS_KEY, datetime.now(UTC) + timedelta(hours=1))}"}


@asynccontextmanager
async def client(city: MiniCity, name: str, actor: Actor | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Opens the doors of a stage of the city."""
    running = Running(city.stages[name], Outcomes(city.stages[name]), city.inboxes[name].recall)
    site = Site(name, Metrics(), Health(ready=True), TOKENS_KEY, CITY_KEY)
    app = make_app(site, name)
    module: Any = DOORS[city.deployments[name][0]]
    add_doors(app, site, running, module.DOORS)
    if hasattr(module, "add_routes"):
        module.add_routes(app, site, running)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = bearer(actor) if actor else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://city", headers=headers) as opened:
        yield opened


def but(**changes: object) -> bytes:
    """Returns the submission with changes, as bytes."""
    return orjson.dumps({**SUBMISSION, **changes})


def stored(city: MiniCity, name: str = "intake") -> tuple[int, ...]:
    """Returns how much a stage holds, to see that nothing was added."""
    tables = ("stage_events", "idempotency", "vault_values", "vault_keys", "dead_letters")
    return tuple(city.stores[name].rows(f"SELECT count(*) AS rows FROM {table}")[0]["rows"] for table in tables)  # noqa: S608 - constant names


BAD_BODIES: list[tuple[str, str, int, bytes]] = [
    ("not JSON", "malformed", 422, b"{"),
    ("no object", "malformed", 422, b"[]"),
    ("duplicate keys", "malformed", 422, but()[:-1] + b',"kelurahan":"62.71.01.1002"}'),
    ("NaN", "malformed", 422, but().replace(b'"lama-bulan":6', b'"lama-bulan":NaN')),
    ("a float for a count", "malformed", 422, but().replace(b'"lama-bulan":6', b'"lama-bulan":6.5')),
    ("invalid UTF-8", "malformed", 422, but().replace(b"Siti", b"\xff\xfe")),
    ("a null byte", "malformed", 422, but().replace(b"Siti", b"Si\\u0000ti")),
    ("deep nesting", "malformed", 422, b'{"facts":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ("an unknown key", "malformed", 422, but(surprise=1)),
    ("a wrong kelurahan", "malformed", 422, but(kelurahan="32.71.01.1001")),
    ("ten megabytes", "body-too-large", 413, b'{"a":"' + b"x" * 10_000_000 + b'"}'),
    ("an unknown permit type", "unknown-permit-type", 409, but(permit_type="izin-terbang")),
    ("a NIK of 15 digits", "nik-invalid", 422, but(applicant={"name": "Siti", "nik": "627101010101000"})),
    ("a missing requirement", "requirement-missing", 409, but(documents=SUBMISSION["documents"][1:])),
    (
        "an unknown requirement",
        "requirement-unknown",
        409,
        but(documents=[*SUBMISSION["documents"], {"requirement": "ijazah", "digest": "a" * 64}]),
    ),
    ("a missing fact", "fact-missing", 409, but(facts={"topik-sensitif": False})),
    ("an unknown fact", "fact-unknown", 409, but(facts={**SUBMISSION["facts"], "warna": "biru"})),
    ("a fact of the wrong kind", "fact-invalid", 409, but(facts={"topik-sensitif": 1, "lama-bulan": 6})),
    ("a fact out of bounds", "fact-invalid", 409, but(facts={"topik-sensitif": False, "lama-bulan": 999})),
]


@pytest.mark.parametrize(("code", "status", "body"), [item[1:] for item in BAD_BODIES], ids=[item[0] for item in BAD_BODIES])
async def test_a_bad_submission_gets_a_code_and_stores_nothing(minicity: MiniCity, code: str, status: int, body: bytes) -> None:
    """Given a bad body, when it is submitted, then the answer is a problem with its code and no personal data, and nothing is stored."""
    before = stored(minicity)
    async with client(minicity, "intake", APPLICANT) as doors:
        answer = await doors.post("/v1/applications", content=body, headers={"idempotency-key": "k"})
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["title"]
    assert problem["detail"]
    assert "Siti" not in answer.text
    assert "6271" not in answer.text
    assert "Traceback" not in answer.text
    assert stored(minicity) == before


NUL_PLACES = [
    ("verification", "GET", "/v1/outcomes/sop:%00/intake/1", None),
    ("verification", "GET", "/v1/tasks?after=%00", None),
    ("verification", "GET", "/v1/views?subject=a%00", None),
    ("treasury", "POST", "/v1/suspense/a%00/set-aside", {}),
    ("verification", "POST", f"/v1/applications/{CODE}/complete-review", {"step": "tpa", "reasons": ["a\x00"]}),
]


@pytest.mark.parametrize(("name", "method", "path", "body"), NUL_PLACES)
async def test_a_null_byte_is_malformed_wherever_it_stands(minicity: MiniCity, name: str, method: str, path: str, body: object) -> None:
    """Given a NUL in a path, in a query or in a list of a body, when a door is asked, then it is refused before PostgreSQL meets it."""
    async with client(minicity, name, Actor("petugas", "officer", "dlh")) as doors:
        answer = await doors.request(method, path, json=body, headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.json()["code"], answer.json()["about"]) == (422, "malformed", "nul")


def test_text_about_null_bytes_is_text() -> None:
    """Given a backslash and what follows it in an escaped NUL, when the body is read, then it is taken as written."""
    assert strict_json(b'{"a":["\\\\u0000"]}') == {"a": ["\\u0000"]}


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (psycopg.errors.NumericValueOutOfRange(), "malformed", "the database refused a value of a request"),
        (psycopg.OperationalError(), "not-ready", "the database did not answer"),
    ],
)
async def test_what_the_database_says_is_told_apart(failure: Exception, code: str, said: str) -> None:
    """Given a database that refuses a value, or that is away, when a door meets it, then answer and log say which of the two it was."""
    app = make_app(Site("x", Metrics(), Health(ready=True), TOKENS_KEY, CITY_KEY), "x")

    @app.get("/door")
    async def door() -> None:
        raise failure

    with capture_logs() as logged:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city") as doors:
            answer = await doors.get("/door")
    assert answer.json()["code"] == code
    assert [line["event"] for line in logged] == [said]


async def test_the_same_submission_again_is_the_same_application(minicity: MiniCity) -> None:
    """Given a submission, when its key comes again, then the same body gets the same code and another body is refused."""
    async with client(minicity, "intake", APPLICANT) as doors:
        first = await doors.post("/v1/applications", content=but(), headers={"idempotency-key": "k"})
        again = await doors.post("/v1/applications", content=but(), headers={"idempotency-key": "k"})
        other = await doors.post("/v1/applications", content=but(kelurahan="62.71.01.1002"), headers={"idempotency-key": "k"})
        none = await doors.post("/v1/applications", content=but())
    assert first.status_code == again.status_code == 202
    assert first.json()["application"] == again.json()["application"]
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert other.json()["code"] == "idempotency-key-reused"
    assert none.json()["code"] == "idempotency-key-missing"


async def test_bulk_submission_answers_each_item(minicity: MiniCity) -> None:
    """Given three submissions at once, when one is bad, then each gets its own answer and the good ones are received."""
    items = [{"key": str(number), "submission": SUBMISSION} for number in range(3)]
    items[1] = {"key": "1", "submission": {**SUBMISSION, "permit_type": "izin-terbang"}}
    async with client(minicity, "intake", Actor("portal", "partner")) as doors:
        answer = await doors.post("/v1/submissions", json={"items": items})
        too_many = await doors.post("/v1/submissions", json={"items": [items[0]] * 501})
    assert [item.get("code", item["status"]) for item in answer.json()["items"]] == ["received", "unknown-permit-type", "received"]
    assert too_many.json()["code"] == "malformed"
    minicity.pump()
    permits = [row for row in minicity.views("tracker").values() if row["outcome"] == "issued"]
    assert len(permits) == 2


async def test_nobody_acts_without_a_token_or_in_a_wrong_role(minicity: MiniCity) -> None:
    """Given doors that act, when the token is missing, forged or of another role, then the command is refused before it is read."""
    async with client(minicity, "intake") as doors:
        missing = await doors.post("/v1/applications", content=but(), headers={"idempotency-key": "k"})
        forged = await doors.post("/v1/applications", content=but(), headers={"idempotency-key": "k", "authorization": "Bearer a.b"})
        officer = await doors.post(
            "/v1/applications", content=but(), headers={"idempotency-key": "k", **bearer(Actor("x", "officer", "dlh"))}
        )
    assert [answer.json()["code"] for answer in (missing, forged, officer)] == ["not-signed-in", "not-signed-in", "not-allowed"]


ODD_CODES = [
    ("PKY-36BS-2WSW-K54E-G", "mistyped-code"),
    ("PKY-36BS-2WSW-K54!-F", "mistyped-code"),
    ("PKY-36BS", "mistyped-code"),
    (OTHER_CODE, "unknown-code"),
]


@pytest.mark.parametrize(("code", "refusal"), ODD_CODES)
async def test_a_wrong_code_is_told_apart_from_an_unknown_one(minicity: MiniCity, code: str, refusal: str) -> None:
    """Given a mistyped or unknown code, when a command names it, then the answer says which it is."""
    async with client(minicity, "intake", APPLICANT) as doors:
        answer = await doors.post(f"/v1/applications/{code}/withdraw", json={}, headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (404, refusal)


def review(minicity: MiniCity) -> None:
    """Submits a building and lets it come to review."""
    minicity.say("intake", CODE, APPLICANT, Draft(submission(catalogue()[PBG])))
    minicity.pump()


async def test_a_command_out_of_order_is_refused_as_the_buttons_say(minicity: MiniCity) -> None:
    """Given a building under review, when an officer acts too early, on another's step or twice, then each has its code and the buttons agree."""
    review(minicity)
    officer = Actor("petugas", "officer", "dlh")
    async with client(minicity, "verification", officer) as doors:
        path = f"/v1/applications/{CODE}/complete-review"

        async def act(key: str, step: str, **more: object) -> httpx.Response:
            return await doors.post(path, json={"step": step, "result": "passed", **more}, headers={"idempotency-key": key})

        assert (await act("1", "tpa")).json()["code"] == "wrong-agency"
        assert (await act("2", "tidak-ada")).json()["code"] == "step-unknown"
        assert (await act("3", "pernyataan-standar")).json()["code"] == "wrong-step"
        shown = (await doors.get(f"/v1/applications/{CODE}")).json()["actions"]
        assert {(action["step"], action["refusal"]) for action in shown if action["command"] == "complete-review"} >= {
            ("tpa", "wrong-agency"),
            ("lingkungan", ""),
        }
        assert (await act("4", "lingkungan")).status_code == 202
        assert (await act("5", "lingkungan")).json()["code"] == "step-done"
    async with client(minicity, "issuance", Actor("pajak", "officer", "pupr")) as doors:
        early = await doors.post(f"/v1/applications/{CODE}/assess-charge", json={"step": "skrd"}, headers={"idempotency-key": "1"})
        assert early.json()["code"] == "step-not-ready"


@pytest.mark.parametrize("amount", [b"-1", b"1.5", b"1e3", b'"100"', b"null", b"9007199254740993"])
async def test_money_is_a_whole_number_of_rupiah(minicity: MiniCity, amount: bytes) -> None:
    """Given a payment of a negative, fractional or absurd sum, when it is confirmed, then it is refused as malformed."""
    review(minicity)
    body = b'{"charge":"SKRD/1","receipt":"STS/1","amount_rupiah":' + amount + b"}"
    async with client(minicity, "treasury", Actor("kas", "treasurer", "pupr")) as doors:
        answer = await doors.post(f"/v1/applications/{CODE}/confirm-payment", content=body, headers={"idempotency-key": "k"})
    assert answer.json()["code"] == "malformed"
    assert answer.json()["about"] == "amount_rupiah"


async def test_a_waiting_caller_gets_the_outcome(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given `Prefer: wait=5`, when the ledger enters the event meanwhile, then the answer says `entered` with its position."""
    async with client(minicity, "intake", APPLICANT) as doors:
        offered = minicity.stages["intake"].on_events

        def offer_and_enter(events: Sequence[Stored]) -> None:
            offered(events)
            minicity.deliver_to_ledger()
            Thread(target=minicity.deliver_to, args=("intake",)).start()

        monkeypatch.setattr(minicity.stages["intake"], "on_events", offer_and_enter)
        answer = await doors.post("/v1/applications", content=but(), headers={"idempotency-key": "k", "prefer": "wait=5"})
    assert answer.json()["status"] == "entered"
    assert answer.json()["position"] >= 10


async def test_errors_are_in_the_language_of_the_reader(minicity: MiniCity) -> None:
    """Given a refusal, when the reader prefers English, then the sentence is English; otherwise Indonesian."""
    async with client(minicity, "intake") as doors:
        indonesian = await doors.get("/v1/tasks")
        english = await doors.get("/v1/tasks", headers={"accept-language": "en"})
    assert indonesian.json()["title"] == "Anda belum masuk."
    assert english.json()["title"] == "You are not signed in."


async def test_the_file_room_shows_an_applicant_to_itself_and_with_purpose_to_the_agency_in_charge(minicity: MiniCity) -> None:
    """Given an application, when its data is asked for, then the applicant and an officer in charge with a purpose see it, and it is noted."""
    body = {
        **SUBMISSION,
        "permit_type": "pbg-usaha",
        "facts": {"luas-lantai-m2": "100", "indeks": "1.5", "lantai": 2},
        "documents": [
            {"requirement": code, "digest": "a" * 64}
            for code in ("gambar-arsitektur", "gambar-struktur", "gambar-mep", "dokumen-lingkungan")
        ],
    }
    async with client(minicity, "intake", APPLICANT) as doors:
        code = (await doors.post("/v1/applications", json=body, headers={"idempotency-key": "k"})).json()["application"]
        minicity.pump()
        path = f"/v1/applications/{code}/applicant"
        own = await doors.get(path)
        stranger = await doors.get(path, headers=bearer(Actor("lain", "applicant")))
        officer = bearer(Actor("petugas", "officer", "dlh"))
        without = await doors.get(path, headers=officer)
        told = await doors.get(path, params={"purpose": "penilaian"}, headers=officer)
        elsewhere = await doors.get(path, params={"purpose": "kunjungan"}, headers=bearer(Actor("petugas", "officer", "dinkes")))
    assert own.json()["applicant"] == {"name": "Siti Aminah", "nik": "6271010101010001"}
    assert (stranger.json()["code"], without.json()["code"], elsewhere.json()["code"]) == ("not-yours", "not-allowed", "not-allowed")
    assert told.json()["applicant"]["name"] == "Siti Aminah"
    looks = minicity.stores["intake"].rows("SELECT agency, purpose FROM disclosures_shown ORDER BY id")
    assert [(look["agency"], look["purpose"]) for look in looks] == [("", ""), ("dlh", "penilaian")]


@pytest.mark.parametrize(
    ("name", "other", "step"), [("verification-dlh", "verification", "lingkungan"), ("verification", "verification-dlh", "tpa")]
)
async def test_a_desk_lists_what_its_own_sender_may_do(make_minicity: Callable[..., MiniCity], name: str, other: str, step: str) -> None:
    """Given verification and verification-dlh, when officers open their desks, then each finds its tasks at its own sender only, and can do them."""
    deployments = {stage: (stage, ("*",)) for stage in STAGES} | {"verification-dlh": ("verification", ("dlh",))}
    city = make_minicity(deployments=deployments)
    city.say("intake", CODE, APPLICANT, Draft(submission(catalogue()[PBG])))
    city.pump()
    agency = catalogue()[PBG].step_by_code[step].agency
    officer = Actor("petugas", "officer", agency)
    body = {"step": step, "result": "passed"}
    async with client(city, other, officer) as doors:
        elsewhere = (await doors.get("/v1/tasks")).json()["tasks"]
        offered = (await doors.get(f"/v1/applications/{CODE}")).json()["actions"]
        wrong = await doors.post(f"/v1/applications/{CODE}/complete-review", json=body, headers={"idempotency-key": "w"})
    async with client(city, name, officer) as doors:
        (row,) = (await doors.get("/v1/tasks")).json()["tasks"]
        done = await doors.post(f"/v1/applications/{CODE}/complete-review", json=body, headers={"idempotency-key": "d"})
    assert (elsewhere, wrong.json()["code"]) == ([], "wrong-agency")
    assert {action["refusal"] for action in offered} == {"wrong-agency"}
    assert (row["application"], done.status_code) == (CODE, 202)
    assert step in {task["step"] for task in row["tasks"]}
    assert all(city.city.speaks_for(name, mine) for mine in row["agencies"])
    assert all(set(task["agencies"]) & set(row["agencies"]) for task in row["tasks"])
