"""Moving running applications onto a newer version of their SOP, in bulk: first looked at, then done, with an answer for each application."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import FastAPI, Request
from pydantic import Field

from services.intake import domain
from shared.case import Case
from shared.code import CodeError, parse_code
from shared.draft import Context, Draft
from shared.fields import ApplicationCode, Slug, SopVersion
from shared.kit.doors import Running, answer_each
from shared.kit.http import Answer, Body, Site, body_as, idempotency_key, language
from shared.kit.openapi import describe_bodies
from shared.kit.stage import Stage
from shared.kit.stage_model import Command
from shared.kit.tokens import Actor
from shared.refusals import Refusal, explain
from shared.sop.model import Sop
from shared.sop.moving import consequences, move_refusal
from shared.sop.people import HEAD

MOVES_MAX: Final = 500


class SopMoves(Body):
    """Up to 500 applications of one version that go on under another, and the legal basis of the newer SOP on which they do."""

    from_sop: SopVersion
    to_sop: SopVersion
    legal_basis: Slug
    applications: Annotated[tuple[ApplicationCode, ...], Field(min_length=1, max_length=MOVES_MAX)]


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the preview and the move."""

    @app.get("/v1/sop-moves", operation_id="preview_sop_moves", tags=["questions"])
    async def preview(request: Request, from_sop: str, to_sop: str, after: str = "", limit: int = MOVES_MAX) -> Answer:
        """Who would move, what that changes for each, and who would be worse off and therefore stays."""
        stage, actor = running.ready(), site.actor(request, HEAD)
        bounded = max(1, min(limit, MOVES_MAX))
        items = await asyncio.to_thread(_preview, stage, actor, from_sop, to_sop, after, bounded, language(request))
        return Answer({"items": items, "after": items[-1]["application"] if len(items) == bounded else ""})

    @app.post("/v1/sop-moves", status_code=202, operation_id="move_to_sop", tags=["commands in bulk"])
    async def move_to_sop(request: Request) -> Answer:
        """Moves applications; each gets its own answer, in the order given."""
        stage, actor, key = running.ready(), site.actor(request, HEAD), idempotency_key(request, site)
        body: SopMoves = body_as(await request.body(), SopMoves)
        _owned(stage, actor, body.from_sop)
        commands = [_command(site, actor, f"{key}/{code}", code, body) for code in dict.fromkeys(body.applications)]
        return await answer_each(site, running, request, "move-to-sop", commands, [{"application": item.subject} for item in commands])

    describe_bodies(app, {"move_to_sop": SopMoves})


def _owned(stage: Stage, actor: Actor, sop_name: str) -> Sop:
    """Returns a published version of a type that the actor's agency owns; raises `Refusal`."""
    sop = stage.city.sops.get(sop_name)
    if sop is None:
        raise Refusal("unknown-sop", sop_name)
    if sop.owner != actor.agency:
        raise Refusal("wrong-agency", sop.owner)
    return sop


def _command(site: Site, actor: Actor, key: str, code: str, body: SopMoves) -> Command:
    def decide(case: Case, _context: Context) -> Sequence[Draft]:
        return domain.move_to_sop(case, body.from_sop, body.to_sop, body.legal_basis)

    digest = site.request_digest(f"{code}/move-to-sop", orjson.dumps([body.from_sop, body.to_sop, body.legal_basis]))
    return Command(code, actor, site.kept_key(key), digest, decide)


def _preview(stage: Stage, actor: Actor, from_sop: str, to_sop: str, after: str, limit: int, tongue: str) -> list[dict[str, Any]]:
    _owned(stage, actor, from_sop)
    to = _owned(stage, actor, to_sop)
    if after:
        after = _code(after)
    rows = stage.store.rows(
        "SELECT subject FROM views WHERE row->>'outcome' = '' AND row->>'sop' = %s AND subject > %s ORDER BY subject LIMIT %s",
        (from_sop, after, limit),
    )
    return [_previewed(stage.case(row["subject"]), to, tongue) for row in rows]


def _code(text: str) -> str:
    try:
        return parse_code(text)
    except CodeError:
        raise Refusal("mistyped-code", "after") from None


def _previewed(case: Case, to: Sop, tongue: str) -> dict[str, Any]:
    refusal, found = move_refusal(case, to), consequences(case, to)
    return {
        "application": case.code,
        "moves": not refusal,
        "refusal": refusal,
        "title": explain(refusal, tongue)[0] if refusal else "",
        "requirements_dropped": found.requirements_dropped,
        "steps_dropped": found.steps_dropped,
        "steps_added": found.steps_added,
        "promise_working_days": [found.promise_before, found.promise_after],
        "worse": found.worse,
    }
