"""What people write that no door takes: each with a canary, so that every way to refuse and to fail is gone once."""

import socket
from collections.abc import Iterator
from typing import Any, Final

import httpx
import orjson

from services.cli.client import token
from tests.personal.play import People

BODY_BYTES_TOO_MANY: Final = 1_100_000
NOTE_CHARACTERS_TOO_MANY: Final = 2001
HEADER_BYTES_TOO_MANY: Final = 70_000
SOCKET_SECONDS: Final = 10.0
Request = tuple[str, str, str, bytes]


def write_all(people: People, code: str) -> int:
    """Sends everything and keeps each refusal to be searched; returns how many there were."""
    bearers = {
        "intake": token(people.stack, people.partner, "partner"),
        "verification": token(people.stack, people.canaries.text("petugas"), "officer", "pupr"),
        "inspection": token(people.stack, people.canaries.text("petugas"), "officer", "pupr"),
        "issuance": token(people.stack, people.canaries.text("bendahara"), "treasurer", "pupr"),
        "treasury": token(people.stack, people.canaries.text("bendahara"), "treasurer", "bpkad"),
        "catalogue": token(people.stack, people.canaries.text("pemilik"), "catalogue-owner"),
        "ledger": token(people.stack, people.canaries.text("auditor"), "operator"),
        "tracker": token(people.stack, people.canaries.text("penonton"), "officer", "pupr"),
    }
    count = 0
    for kept, requests in ((True, _requests(people, code)), (False, _told_back(people))):
        for method, service, path, content in requests:
            answer = people.ask(method, service, path, bearers[service], content, **_headers(people))
            assert not answer.is_success, (method, service, path)
            if kept:
                people.keep(answer)
            count += 1
    for service in people.stack.services:
        people.keep(_with_forged_token(people, service))
        _garbage(people, service)
    return count


def _headers(people: People) -> dict[str, str]:
    made = people.canaries
    return {
        "idempotency-key": made.slug(),
        "traceparent": made.slug(),
        "tracestate": f"kota={made.slug()}",
        "baggage": f"nama={made.slug()}",
        "user-agent": made.slug(),
        "x-request-id": made.slug(),
        "prefer": f"wait={made.slug()}",
        "cookie": f"lang={made.slug()}",
        "referer": f"https://contoh.id/{made.slug()}",
    }


def _requests(people: People, code: str) -> Iterator[Request]:
    yield from _submissions(people)
    yield from _commands(people, code)
    made, at = people.canaries, f"/v1/applications/{code}"
    yield "GET", "intake", f"{at}/applicant?purpose={made.slug()}", b""
    for service in people.stack.services:
        yield "GET", service, f"/v1/applications/{made.slug()}", b""
        yield "GET", service, f"/{made.slug()}?nama={made.slug()}", b""
        yield "DELETE", service, f"/{made.slug()}", made.text("hapus").encode()
    # The database takes no text with the character zero, so these fail behind the doors.
    yield "GET", "verification", f"/v1/tasks?after=%00{made.slug()}", b""
    yield "GET", "intake", f"/v1/outcomes/%00{made.slug()}/intake/1", b""
    yield (
        "POST",
        "catalogue",
        "/v1/sops/drafts",
        orjson.dumps({"content": {"permit_type": made.text("jenis"), "owner": made.text("dinas")}}),
    )
    yield "POST", "intake", f"/v1/dead-letters/{made.slug()}/redrive", b""


def _told_back(people: People) -> Iterator[Request]:
    """Yields what is refused by its name: an unknown name is told to the one who wrote it, and to nobody else."""
    made, good = people.canaries, people.submission(1)
    for wrong in (
        {"facts": {made.slug(): made.slug()}},
        {"documents": [{"requirement": made.slug(), "digest": made.document()}]},
        {made.text("nama"): made.text("nama")},
    ):
        yield "POST", "intake", "/v1/applications", orjson.dumps({**good, **wrong})
    yield "GET", "tracker", f"/cari?kode={made.slug()}", b""
    yield "GET", "tracker", f"/permohonan/{made.slug()}", b""
    yield "POST", "ledger", "/v1/skip-number", orjson.dumps({"subject": made.slug(), "sender": made.slug(), "number": 3})


def _submissions(people: People) -> Iterator[Request]:
    made, good = people.canaries, people.submission(1)
    raw = orjson.dumps(good)

    def but(**changes: Any) -> bytes:  # noqa: ANN401 - any JSON value
        return orjson.dumps({**good, **changes})

    person = people.person(1)
    for content in (
        raw[:-1],
        raw[:-1] + b',"kelurahan":"' + made.slug().encode() + b'"}',
        raw.replace(b"Bawi", b"\xff\xfe"),
        raw.replace(b"Bawi", b"\\u0000"),
        raw.replace(b"Bawi", b"\\ud800"),
        but(channel=made.slug()),
        but(kelurahan=made.text("Palangka")),
        but(permit_type=made.slug()),
        but(received_at=made.text("kemarin")),
        but(applicant=made.text("saya")),
        but(applicant={**person, "nik": made.nik(2)[:-1]}),
        but(applicant={**person, "name": made.text("x" * 200)}),
        but(applicant={**person, "name": 5}),
        but(facts={**good["facts"], "luas-m2": made.slug()}),
        but(documents=[{"requirement": "desain", "digest": made.text("bukan digest")}]),
        but(documents=good["documents"][1:]),
        made.text("x" * BODY_BYTES_TOO_MANY).encode(),
    ):
        yield "POST", "intake", "/v1/applications", content
    yield "POST", "intake", "/v1/submissions", orjson.dumps({"items": [{"key": made.text("k" * 128), "submission": good}]})


def _commands(people: People, code: str) -> Iterator[Request]:
    made, at = people.canaries, f"/v1/applications/{code}"

    def command(service: str, name: str, **body: object) -> Request:
        return "POST", service, f"{at}/{name}", orjson.dumps(body)

    yield command("intake", "withdraw", reason=made.slug())
    yield command("intake", "withdraw", reason=made.text("pindah rumah"))
    yield command("intake", "correct", documents=[{"requirement": made.slug(), "digest": made.document()}])
    finding = {"requirement": "desain", "reason": "tidak-terbaca", "note": made.text("catatan")}
    yield command("verification", "complete-review", step=made.slug(), result="findings", findings=[finding])
    yield command("verification", "complete-review", step="lalin", result=made.slug(), findings=[finding])
    long = {**finding, "note": made.text("n" * NOTE_CHARACTERS_TOO_MANY)}
    yield command("verification", "complete-review", step="lalin", result="findings", findings=[long])
    yield command("verification", "complete-review", step="lalin", result="findings", findings=[{**finding, "note": f"\0{made.slug()}"}])
    yield command("inspection", "report-visit", step="lapangan", visit=99, result="failed", note=made.text("pemilik"))
    yield command("inspection", "schedule-visit", step="lapangan", date=made.text("besok"), assignment_letter=made.text("ST"))
    yield command("treasury", "confirm-payment", charge=made.slug().upper(), receipt=made.text("STS"), amount_rupiah=1)
    yield command("treasury", "confirm-payment", charge=made.slug().upper(), receipt=made.slug().upper(), amount_rupiah=1)
    yield "POST", "treasury", "/v1/gateway/notices", orjson.dumps({"id": made.slug(), "nama": made.text("penyetor")})
    statement = {"day": "2026-01-05", "statement": f"receipt,charge,amount_rupiah,paid_on,channel\n{made.text('penyetor')},1,1,1,1"}
    yield "POST", "treasury", "/v1/reconciliations", orjson.dumps(statement)


def _with_forged_token(people: People, service: str) -> httpx.Response:
    forged = f"{token(people.stack, people.canaries.text('penyusup'), 'auditor')}x{people.canaries.slug()}"
    return people.ask("GET", service, "/v1/dead-letters", forged)


def _garbage(people: People, service: str) -> None:
    """Sends what is no HTTP, and a request that ends in the middle of its body; both have an end, whatever the service says."""
    made, address = people.canaries, ("127.0.0.1", people.stack.port(service))
    for raw in (
        f"{made.slug().upper()} {made.slug()} TTPH/9.9\r\n{made.slug()}\r\n\r\n",
        f"GET / HTTP/1.1\r\nhost: kota\r\n{'x' * HEADER_BYTES_TOO_MANY}{made.slug()}: {made.slug()}\r\n\r\n",
        f"POST /v1/applications HTTP/1.1\r\nhost: kota\r\ncontent-length: 900\r\n\r\n{made.slug()}",
    ):
        with socket.create_connection(address, SOCKET_SECONDS) as connection:
            connection.sendall(raw.encode())
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(SOCKET_SECONDS)
            try:
                while connection.recv(65536):
                    pass
            except ConnectionResetError:
                continue  # it was refused before it was read to its end
