"""The mirror of national systems: one status of one application, or up to 500 at once, each with its own answer."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final

import orjson
from fastapi import FastAPI, Request
from pydantic import Field, StringConstraints

from services.intake import domain
from shared.case import Case
from shared.draft import Context, Draft
from shared.events import NationalStatus, NationalSystem
from shared.fields import ApplicationCode, Timestamp
from shared.kit.doors import Door, Running, answer_each
from shared.kit.http import Answer, Body, Site, body_as
from shared.kit.openapi import describe_bodies
from shared.kit.stage_model import Command
from shared.kit.tokens import Actor
from shared.refusals import Refusal

RECORDS_MAX: Final = 500
NATIONAL: Final = "national"


class NationalRecord(Body):
    """What a national system says of an application: its own number (which stays in the vault), the status, and when that happened there."""

    system: NationalSystem
    number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    status: NationalStatus
    happened_at: Timestamp


class KeyedRecord(Body):
    """One of many, with its application and its own idempotency key."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    application: ApplicationCode
    record: NationalRecord


class NationalRecords(Body):
    """Up to 500 statuses of national systems."""

    items: Annotated[tuple[KeyedRecord, ...], Field(min_length=1, max_length=RECORDS_MAX)]


def _record(case: Case, body: NationalRecord, context: Context) -> Sequence[Draft]:
    return domain.record_national(case, context, body.system, body.number, body.status, body.happened_at)


def _another_system(actor: Actor, body: NationalRecord) -> str:
    """Returns the refusal of a link that speaks for a system which its token does not name."""
    return "" if body.system in actor.systems else "not-your-system"


DOOR: Final = Door("record-national", NationalRecord, (NATIONAL,), _record, of_a_step=False, against=_another_system)


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the door for many at once."""

    @app.post("/v1/national-records", status_code=202, operation_id="record_national_many", tags=["commands in bulk"])
    async def record_many(request: Request) -> Answer:
        """Mirrors up to 500 statuses; each gets its own answer, in the order given."""
        stage, actor = running.ready(), site.actor(request, NATIONAL)
        body: NationalRecords = body_as(await request.body(), NationalRecords)
        for code in dict.fromkeys(item.application for item in body.items):
            if not await asyncio.to_thread(stage.knows, code):
                await running.recall(code)  # it may have been dropped here since it ended
        commands = [_command(site, actor, item) for item in body.items]
        named = [{"key": item.key, "application": item.application} for item in body.items]
        return await answer_each(site, running, request, DOOR.name, commands, named)

    describe_bodies(app, {"record_national_many": NationalRecords})


def _command(site: Site, actor: Actor, item: KeyedRecord) -> Command:
    def decide(case: Case, context: Context) -> Sequence[Draft]:
        if code := _another_system(actor, item.record):
            raise Refusal(code)
        if not case.submitted_at:
            raise Refusal("unknown-code")
        return _record(case, item.record, context)

    digest = site.request_digest(f"{item.application}/{DOOR.name}", orjson.dumps(item.record.model_dump(mode="json")))
    return Command(item.application, actor, site.kept_key(item.key), digest, decide)
