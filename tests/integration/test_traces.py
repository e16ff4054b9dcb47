"""One application's way through the running services is one trace, and no header of a record can stop anybody."""

import asyncio
import secrets
from typing import Any

import httpx
import orjson
from aiokafka import AIOKafkaProducer

from deploy.local import kafka
from deploy.local.supervisor import City as LocalCity
from services.cli.client import token
from shared.proof.seal import seal_bytes
from tests.faults import harness

MAY_BE_SAID = {"jejak.subject", "jejak.event_type", "jejak.sender", "jejak.position", "jejak.refused"}
ALWAYS = {"trace", "span", "after", "service", "name", "start_ns", "end_ns"}
SAID = ["application.submitted", "application.completed", "review.completed", "permit.issued"]
HEADERS = [("traceparent", None), ("traceparent", b"\xff\xfe"), ("traceparent", b"00-00-00-00"), ("\u00e9", b"\xff"), ("", None)]


def spans(local: LocalCity, trace: str) -> list[dict[str, Any]]:
    """Returns the finished steps of a trace."""
    lines = (local.stack.data / harness.TRACES).read_bytes().splitlines()
    return [span for line in lines if (span := orjson.loads(line))["trace"] == trace]


def submit(local: LocalCity, body: dict[str, Any], **headers: str) -> httpx.Response:
    """Submits an application."""
    given = {"authorization": f"Bearer {token(local.stack, 'pemohon', 'applicant')}", "idempotency-key": secrets.token_hex(8), **headers}
    return httpx.post(f"{local.stack.url('intake')}/v1/applications", json=body, headers=given, timeout=30)


def test_one_submission_is_one_trace_through_all_services(real_city: LocalCity) -> None:
    """Given a caller's trace, when an application becomes a permit, then every step of every service is in that trace, each after another."""
    trace, caller = secrets.token_hex(16), secrets.token_hex(8)
    answer = submit(real_city, harness.submission(1), traceparent=f"00-{trace}-{caller}-01")
    assert answer.status_code == httpx.codes.ACCEPTED
    code = answer.json()["application"]

    def seen(service: str, name: str) -> list[str]:
        types = [span.get("jejak.event_type", "") for span in spans(real_city, trace) if (span["service"], span["name"]) == (service, name)]
        return [kind.removeprefix("id.jejakizin.").rpartition(".v")[0] for kind in types]

    everything = sorted([*SAID, "audit.drawn"])

    def whole() -> bool:
        # Each process writes its spans some time after their steps, and the steps that they follow come from other processes.
        steps = [("ledger", "judge"), ("ledger", "publish"), *((service, "apply") for service in harness.STAGES)]
        written = {span["span"] for span in spans(real_city, trace)} | {caller}
        return all(sorted(seen(*step)) == everything for step in steps) and all(s["after"] in written for s in spans(real_city, trace))

    harness.until(whole)
    assert seen("intake", "publish") == SAID[:2]
    assert (seen("verification", "publish"), seen("inspection", "publish"), seen("issuance", "publish")) == (
        ["review.completed"],
        ["audit.drawn"],
        ["permit.issued"],
    )
    found = spans(real_city, trace)
    ids = {span["span"] for span in found}
    assert [(span["service"], span["name"]) for span in found if span["after"] == caller] == [("intake", "command submit")]
    assert all(span["after"] in ids | {caller} for span in found)
    assert {span.get("jejak.subject") for span in found} == {code}
    assert {key for span in found for key in span} == ALWAYS | MAY_BE_SAID - {"jejak.refused"}
    assert all(span["start_ns"] <= span["end_ns"] for span in found)


def test_a_refused_command_says_its_code_and_nothing_else(real_city: LocalCity) -> None:
    """Given a submission that is refused, then its trace is one step with the code of the refusal."""
    trace = secrets.token_hex(16)
    body = {**harness.submission(2), "permit_type": "izin-terbang"}
    assert submit(real_city, body, traceparent=f"00-{trace}-{secrets.token_hex(8)}-01").status_code == httpx.codes.CONFLICT
    harness.until(lambda: bool(spans(real_city, trace)))
    (span,) = spans(real_city, trace)
    assert set(span) == ALWAYS | {"jejak.refused"}
    assert (span["name"], span["jejak.refused"]) == ("command submit", "unknown-permit-type")


def test_no_header_of_a_record_stops_anybody(real_city: LocalCity) -> None:
    """Given known records again with null, undecodable and wrong headers, when the ledger and the stages read them, then they go on as before."""
    code = submit(real_city, harness.submission(3)).json()["application"]
    harness.settle(real_city)
    entries = [entry for entry in harness.read_feed(real_city) if entry.subject == code]
    repeats = repeated(real_city)

    async def send() -> None:
        producer = AIOKafkaProducer(**kafka.admin_settings(real_city.stack))
        await producer.start()
        try:
            for entry in entries:
                await producer.send_and_wait("permits.ledger.v1", entry.raw, headers=HEADERS)
                if entry.event.sender == "intake":
                    seal = ("seal", seal_bytes(entry.stamp.seal))
                    await producer.send_and_wait("permits.intake.v1", entry.event_raw, headers=[*HEADERS, seal])
        finally:
            await producer.stop()

    asyncio.run(send())
    harness.until(lambda: repeated(real_city) == repeats + 2)
    after = submit(real_city, harness.submission(4), prefer="wait=10")
    assert after.json()["status"] == "entered"
    head = harness.settle(real_city)
    assert head > entries[-1].stamp.position


def repeated(local: LocalCity) -> int:
    """Returns how many repeats the ledger has dropped."""
    lines = httpx.get(f"{local.stack.url('ledger')}/metrics").text.splitlines()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("jejak_repeats_total"))
