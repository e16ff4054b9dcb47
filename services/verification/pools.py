"""The doors of the pools of places: their owner opens and changes them, and everybody may read what is free."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import FastAPI, Request
from pydantic import Field, TypeAdapter, ValidationError

from services.verification import quotas
from shared.draft import Draft
from shared.fields import Slug
from shared.kit.doors import Running, answer_said
from shared.kit.http import Answer, Body, Site, body_as, idempotency_key
from shared.kit.openapi import describe_bodies
from shared.kit.tokens import Actor
from shared.quota import PREFIX, Quota
from shared.refusals import Refusal

OWNERS: Final = ("head",)
_NAME: Final[TypeAdapter[str]] = TypeAdapter(Annotated[Slug, Field(max_length=64)])
Capacity = Annotated[int, Field(ge=0, le=1_000_000)]


class OpenQuota(Body):
    """A pool of so many places, owned by the agency of the head who opens it."""

    capacity: Capacity


class ChangeQuota(Body):
    """Another number of places, with a reason by code; never fewer than are reserved."""

    capacity: Capacity
    reason: Slug


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the doors of the pools."""

    async def say(name: str, request: Request, actor: Actor, raw: bytes, draft: Draft) -> Answer:
        stage, key, subject = running.ready(), idempotency_key(request, site), PREFIX + _pool(name)
        digest = site.request_digest(f"{subject}/{draft.data.NAME}", raw)
        said = await asyncio.to_thread(stage.command, subject, actor, key, digest, lambda _case, _context: (draft,))
        return await answer_said(running, request, said)

    @app.post("/v1/quotas/{name}/open", status_code=202, operation_id="open_quota", tags=["commands"])
    async def open_quota(name: str, request: Request) -> Answer:
        """Opens a pool of places."""
        actor, raw = site.actor(request, *OWNERS), await request.body()
        return await say(name, request, actor, raw, quotas.open_quota(_pool(name), actor.agency, body_as(raw, OpenQuota).capacity))

    @app.post("/v1/quotas/{name}/change", status_code=202, operation_id="change_quota", tags=["commands"])
    async def change_quota(name: str, request: Request) -> Answer:
        """Changes how many places a pool has."""
        actor, raw = site.actor(request, *OWNERS), await request.body()
        body = body_as(raw, ChangeQuota)
        return await say(name, request, actor, raw, quotas.change_quota(_pool(name), actor.agency, body.capacity, body.reason))

    @app.get("/v1/quotas", operation_id="quotas", tags=["questions"])
    async def pools(request: Request) -> Answer:
        """Every pool: its owner, its places, how many are free, and how many applications wait."""
        site.actor(request)
        return Answer({"quotas": [pool(quota) for _, quota in sorted(running.ready().city.quotas.items())]})

    describe_bodies(app, {"open_quota": OpenQuota, "change_quota": ChangeQuota})


def pool(quota: Quota) -> dict[str, Any]:
    """Returns what is told of a pool: numbers, and no application."""
    taken = quota.capacity - quota.free
    return {
        "quota": quota.name,
        "agency": quota.agency,
        "capacity": quota.capacity,
        "reserved": taken,
        "free": quota.free,
        "waiting": len(quota.waiting),
    }


def _pool(name: str) -> str:
    try:
        return _NAME.validate_python(name)
    except ValidationError:
        raise Refusal("malformed", "name") from None
