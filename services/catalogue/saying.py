"""How the catalogue's doors say what somebody has decided: under an idempotency key, about a stream of the city's rules."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from fastapi import Request

from shared.draft import Context, Draft
from shared.kit.acting import signed_in_role, standing_in
from shared.kit.doors import Running, answer_said
from shared.kit.http import Answer, Site, idempotency_key
from shared.kit.stage_model import Said
from shared.kit.tokens import Actor
from shared.refusals import Refusal

OWNERS: Final = ("catalogue-owner",)
Decision = Callable[[Context], Sequence[Draft]]


async def say(site: Site, running: Running, request: Request, subject: str, decide: Decision, roles: Sequence[str] = OWNERS) -> Answer:
    """Says what somebody of these roles has decided about a subject."""
    running.ready()
    return await say_as(site, running, request, site.actor(request, *roles), subject, decide)


async def say_as(site: Site, running: Running, request: Request, actor: Actor, subject: str, decide: Decision) -> Answer:
    """Says what an actor who may has decided about a subject."""
    stage, key = running.ready(), idempotency_key(request, site)
    digest = site.request_digest(f"{request.url.path}/{subject}", await request.body())
    said: Said = await asyncio.to_thread(stage.command, subject, actor, key, digest, lambda _case, context: decide(context))
    return await answer_said(running, request, said)


def staff(site: Site, running: Running, request: Request, roles: Sequence[str]) -> Actor:
    """Returns who acts of an agency, as acting head where they stand in for one; raises `Refusal` when the role does not fit."""
    stage = running.ready()
    actor = standing_in(site.actor(request), stage)
    if not {actor.role, signed_in_role(actor.role)} & set(roles):
        raise Refusal("not-allowed", actor.role)
    return actor
