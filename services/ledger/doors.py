"""The ledger's doors: the feed, an application's entries and its state at any time, and for operators what waits or was rejected."""

import asyncio
from typing import Final

from fastapi import FastAPI, Request, Response

from services.ledger import log_doors, sender_doors, views
from shared.code import is_code
from shared.envelope import ContractError, read_entry
from shared.fields import to_timestamp
from shared.kit.dead_letters import add_dead_letter_doors
from shared.kit.doors import Now, told_time
from shared.kit.feed import HEAD_HEADER
from shared.kit.http import Answer, Body, Site, body_as, code_of
from shared.kit.ledger import Ledger
from shared.kit.ledger_process import LedgerSlot
from shared.kit.openapi import describe_bodies
from shared.refusals import Refusal

PAGE_ENTRIES_MAX: Final = 1000
NDJSON: Final = "application/x-ndjson"


class SkipNumber(Body):
    """A sender's number that can never arrive."""

    subject: str
    sender: str
    number: int


def add_routes(app: FastAPI, site: Site, slot: LedgerSlot) -> None:
    """Adds the ledger's doors."""

    def ledger() -> Ledger:
        if slot.ledger is None:
            raise Refusal("not-ready")
        return slot.ledger

    _add_feed(app, site, ledger)
    _add_applications(app, ledger)
    log_doors.add_log_doors(app, site, slot)
    _add_operations(app, site, ledger, slot)
    sender_doors.add_sender_doors(app, site, ledger)
    add_dead_letter_doors(app, site, lambda: ledger().store, None)
    describe_bodies(app, {"set_clock": Now, "skip_number": SkipNumber, **sender_doors.BODIES})


def _add_feed(app: FastAPI, site: Site, ledger) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a function giving the running ledger
    @app.get("/v1/entries", operation_id="entries", tags=["feed"], response_class=Response)
    async def entries(request: Request, after: int = 0, limit: int = 500) -> Response:
        """The whole order after a position, one entry a line, exact bytes; for services and auditors."""
        site.actor(request, "service", "auditor")
        running = ledger()
        limit = max(1, min(limit, PAGE_ENTRIES_MAX))
        rows = await asyncio.to_thread(running.entries, max(0, after), limit)
        headers = {HEAD_HEADER: str(running.head), "cache-control": "no-store"}
        if len(rows) == limit:
            last = read_entry(rows[-1]).stamp.position
            headers["link"] = f'</v1/entries?after={last}&limit={limit}>; rel="next"'
        return Response(b"".join(row + b"\n" for row in rows), media_type=NDJSON, headers=headers)


def _add_applications(app: FastAPI, ledger) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a function giving the running ledger
    @app.get("/v1/applications/{code}/entries", operation_id="application_entries", tags=["applications"], response_class=Response)
    async def application_entries(code: str) -> Response:
        """An application's whole history, for who holds its code."""
        subject = code_of(code)
        rows = await _history(ledger(), subject)
        content = b'{"entries":[' + b",".join(rows) + b'],"subject":"' + subject.encode() + b'"}'
        return Response(content, media_type="application/json")

    @app.get("/v1/applications/{code}", operation_id="application_state", tags=["applications"])
    async def application_state(code: str, as_of: str = "", sequence: int = 0) -> Answer:
        """An application's state now, as of a time, or after a sequence."""
        running, subject = ledger(), code_of(code)
        found = [read_entry(row) for row in await _history(running, subject)]
        return Answer(views.state(subject, found, running.city.sops, as_of=as_of, sequence=sequence))

    @app.get("/v1/subjects/{subject:path}/entries", operation_id="subject_entries", tags=["applications"], response_class=Response)
    async def subject_entries(subject: str) -> Response:
        """The history of a city subject or of another system's case: SOPs, calendars, senders, `legacy:…`."""
        if is_code(subject):
            raise Refusal("not-found")
        rows = await _history(ledger(), subject)
        return Response(b'{"entries":[' + b",".join(rows) + b"]}", media_type="application/json")


async def _history(ledger: Ledger, subject: str) -> list[bytes]:
    rows = await asyncio.to_thread(ledger.history, subject)
    if not rows:
        raise Refusal("unknown-code" if is_code(subject) else "not-found")
    return rows


def _add_operations(app: FastAPI, site: Site, ledger, slot: LedgerSlot) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a function giving the running ledger
    @app.get("/v1/status", operation_id="status", tags=["operations"])
    async def status(request: Request) -> Answer:
        site.actor(request)
        running = ledger()
        due = await asyncio.to_thread(running.store.rows, "SELECT min(due_at) AS due FROM timers")
        return Answer(
            {
                "service": "ledger",
                "position": running.head,
                "drained": slot.drained(),
                "now": to_timestamp(running.clock.now()),
                "next_due": to_timestamp(due[0]["due"]) if due[0]["due"] else "",
            }
        )

    @app.post("/v1/clock", operation_id="set_clock", tags=["training"])
    async def set_clock(request: Request) -> Answer:
        """Moves a training city's clock forward; what falls due on the way is said in its order."""
        site.actor(request, "feed")
        running = ledger()
        _, instant = told_time(running.clock, await request.body())
        said = await asyncio.to_thread(running.tick, instant)
        return Answer({"said": said, "position": running.head, "now": to_timestamp(running.clock.now())})

    @app.post("/v1/skip-number", operation_id="skip_number", tags=["operations"])
    async def skip_number(request: Request) -> Answer:
        """Gives up a sender's number that can never arrive, as an entry, and judges what waited behind it."""
        site.actor(request, "operator")
        running, body = ledger(), body_as(await request.body(), SkipNumber)
        try:
            await asyncio.to_thread(running.skip_number, body.subject, body.sender, body.number)
        except ContractError as error:
            raise Refusal("sequence-broken", error.detail) from None
        return Answer({"position": running.head})
