"""The catalogue's doors: publishing and withdrawing SOP versions and calendars, and reading what is published."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import FastAPI, Request
from pydantic import Field, ValidationError

from services.catalogue import domain, views
from services.catalogue.city_doors import add_city_routes
from services.catalogue.holidays import days_off
from shared.draft import Draft
from shared.envelope import canonical
from shared.fields import JsonTree, SopVersion, Year
from shared.kit.doors import Door, Running, answer_said
from shared.kit.http import Answer, Body, Site, body_as, idempotency_key
from shared.kit.openapi import describe_bodies
from shared.kit.stage_model import Said
from shared.refusals import Refusal
from shared.sop.model import Sop, read_sop

OWNERS: Final = ("catalogue-owner",)
DOORS: Final[tuple[Door, ...]] = ()


class PublishSop(Body):
    """A whole SOP, as its YAML file holds it."""

    content: JsonTree


class WithdrawSop(Body):
    """A version that new applications may no longer pin."""

    sop: SopVersion


class PublishCalendar(Body):
    """A year whose holidays are taken from the national list."""

    year: Annotated[Year, Field(le=2100)]


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the catalogue's doors."""
    _add_commands(app, site, running)
    add_city_routes(app, site, running)

    @app.get("/v1/sops", operation_id="sops", tags=["questions"])
    async def sops() -> Answer:
        """Every published SOP with its content."""
        return Answer({"sops": views.published(running.ready().city)})

    describe_bodies(app, {"publish_sop": PublishSop, "withdraw_sop": WithdrawSop, "publish_calendar": PublishCalendar})


def _add_commands(app: FastAPI, site: Site, running: Running) -> None:
    async def say(request: Request, subject: str, raw: bytes, draft: Draft) -> Answer:
        stage, actor, key = running.ready(), site.actor(request, *OWNERS), idempotency_key(request, site)
        digest = site.request_digest(subject, raw)
        said: Said = await asyncio.to_thread(stage.command, subject, actor, key, digest, lambda _case, _context: (draft,))
        return await answer_said(running, request, said)

    @app.post("/v1/sops", status_code=202, operation_id="publish_sop", tags=["commands"])
    async def publish_sop(request: Request) -> Answer:
        """Publishes a version of an SOP; it is immutable from then on."""
        raw = await request.body()
        sop = _sop(body_as(raw, PublishSop).content)
        return await say(request, f"sop:{sop.permit_type}", raw, domain.publish_sop(sop)[0])

    @app.post("/v1/sops/withdraw", status_code=202, operation_id="withdraw_sop", tags=["commands"])
    async def withdraw_sop(request: Request) -> Answer:
        """Withdraws a version for new applications."""
        raw = await request.body()
        name = body_as(raw, WithdrawSop).sop
        return await say(request, f"sop:{name.partition('@')[0]}", raw, domain.withdraw_sop(name)[0])

    @app.post("/v1/calendars", status_code=202, operation_id="publish_calendar", tags=["commands"])
    async def publish_calendar(request: Request) -> Answer:
        """Publishes the working days of a year."""
        raw = await request.body()
        year = body_as(raw, PublishCalendar).year
        return await say(request, f"calendar:{year}", raw, domain.publish_calendar(year, days_off(year))[0])


def _sop(content: dict[str, Any]) -> Sop:
    try:
        return read_sop(canonical(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refusal("sop-invalid", place or first["msg"][:200]) from None
