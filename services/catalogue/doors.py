"""The catalogue's doors: SOP versions drafted, returned, published by a second person and withdrawn; calendars; and what is published."""

import asyncio
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, Final

from fastapi import FastAPI, Request
from pydantic import Field

from services.catalogue import domain, shipped, views
from services.catalogue.city_doors import add_city_routes
from services.catalogue.holidays import days_off
from services.catalogue.knowledge_doors import add_knowledge_routes
from services.catalogue.saying import OWNERS, say
from shared.city import sop_subject
from shared.draft import Context, Draft
from shared.fields import Digest, JsonTree, LocalDate, Slug, SopVersion, Year
from shared.kit.doors import Door, Running
from shared.kit.http import Answer, Body, Site, body_as
from shared.kit.openapi import describe_bodies
from shared.sop.lint import Registers

DOORS: Final[tuple[Door, ...]] = ()


class DraftSop(Body):
    """A whole SOP, as its YAML file holds it."""

    content: JsonTree


class ReturnDraft(Body):
    """Sends the draft with this digest back to its drafter, with reasons by code."""

    sop: SopVersion
    digest: Digest
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


class PublishDraft(Body):
    """Publishes the draft with this digest, in force from a local day; without one from its entry on."""

    sop: SopVersion
    digest: Digest
    in_force_from: LocalDate | None = None


class WithdrawSop(Body):
    """A version that new applications may no longer pin."""

    sop: SopVersion


class PublishCalendar(Body):
    """A year whose holidays are taken from the national list."""

    year: Annotated[Year, Field(le=2100)]


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the catalogue's doors."""
    _add_publishing(app, site, running)
    _add_others(app, site, running)
    add_city_routes(app, site, running)
    add_knowledge_routes(app, site, running)
    _add_questions(app, site, running)
    bodies: dict[str, type[Body]] = {"draft_sop": DraftSop, "return_sop_draft": ReturnDraft, "publish_sop_draft": PublishDraft}
    describe_bodies(app, {**bodies, "withdraw_sop": WithdrawSop, "publish_calendar": PublishCalendar})


def _add_questions(app: FastAPI, site: Site, running: Running) -> None:
    @app.get("/v1/sops", operation_id="sops", tags=["questions"])
    async def sops() -> Answer:
        """Every published SOP with its content, from when it holds, and whether new applications may pin it today."""
        stage = running.ready()
        return Answer({"sops": views.published(stage.city.at(stage.clock.now()))})

    @app.get("/v1/sops/drafts", operation_id="sop_drafts", tags=["questions"])
    async def drafts(request: Request) -> Answer:
        """Every draft that is open or was returned, for the owners of the catalogue."""
        stage, _ = running.ready(), site.actor(request, *OWNERS)
        return Answer({"drafts": views.drafted(stage.city)})


def _add_publishing(app: FastAPI, site: Site, running: Running) -> None:
    @app.post("/v1/sops/drafts", status_code=202, operation_id="draft_sop", tags=["commands"])
    async def draft_sop(request: Request) -> Answer:
        """Proposes a version of an SOP; one with errors is refused with its findings."""
        stage, _ = running.ready(), site.actor(request, *OWNERS)
        tree = body_as(await request.body(), DraftSop).content
        sop = await asyncio.to_thread(domain.checked_sop, tree, _registers(stage.today()))
        return await say(site, running, request, sop_subject(sop.name), lambda _context: domain.draft_sop(sop))

    @app.post("/v1/sops/drafts/return", status_code=202, operation_id="return_sop_draft", tags=["commands"])
    async def return_sop_draft(request: Request) -> Answer:
        """Sends a draft back to its drafter."""
        body: ReturnDraft = body_as(await request.body(), ReturnDraft)

        def decide(context: Context) -> Sequence[Draft]:
            domain.open_draft(context.city, body.sop)
            return domain.return_draft(body.sop, body.digest, body.reasons)

        return await say(site, running, request, sop_subject(body.sop), decide)

    @app.post("/v1/sops/drafts/publish", status_code=202, operation_id="publish_sop_draft", tags=["commands"])
    async def publish_sop_draft(request: Request) -> Answer:
        """Publishes a draft that somebody else has made; the version is immutable from then on."""
        body: PublishDraft = body_as(await request.body(), PublishDraft)

        def decide(context: Context) -> Sequence[Draft]:
            return domain.publish_draft(context.city, body.sop, body.digest, body.in_force_from or "")

        return await say(site, running, request, sop_subject(body.sop), decide)


def _add_others(app: FastAPI, site: Site, running: Running) -> None:
    @app.post("/v1/sops/withdraw", status_code=202, operation_id="withdraw_sop", tags=["commands"])
    async def withdraw_sop(request: Request) -> Answer:
        """Withdraws a version for new applications."""
        name = body_as(await request.body(), WithdrawSop).sop
        return await say(site, running, request, sop_subject(name), lambda _context: domain.withdraw_sop(name))

    @app.post("/v1/calendars", status_code=202, operation_id="publish_calendar", tags=["commands"])
    async def publish_calendar(request: Request) -> Answer:
        """Publishes the working days of a year."""
        year = body_as(await request.body(), PublishCalendar).year
        return await say(site, running, request, f"calendar:{year}", lambda _context: domain.publish_calendar(year, days_off(year)))


@lru_cache(maxsize=8)
def _registers(on: date) -> Registers:
    return shipped.registers(on)
