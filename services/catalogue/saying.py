"""How the catalogue's doors say what somebody has decided: under an idempotency key, about a stream of the city's rules."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from fastapi import Request

from shared.draft import Context, Draft
from shared.kit.doors import Running, answer_said
from shared.kit.http import Answer, Site, idempotency_key
from shared.kit.stage_model import Said

OWNERS: Final = ("catalogue-owner",)
Decision = Callable[[Context], Sequence[Draft]]


async def say(site: Site, running: Running, request: Request, subject: str, decide: Decision, roles: Sequence[str] = OWNERS) -> Answer:
    """Says what somebody of these roles has decided about a subject."""
    stage, actor, key = running.ready(), site.actor(request, *roles), idempotency_key(request, site)
    digest = site.request_digest(f"{request.url.path}/{subject}", await request.body())
    said: Said = await asyncio.to_thread(stage.command, subject, actor, key, digest, lambda _case, context: decide(context))
    return await answer_said(running, request, said)
