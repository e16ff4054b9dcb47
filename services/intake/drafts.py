"""Intake's doors for saved applications: begin one, go on with it on another device, see what is missing, hand it in, or throw it away."""

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, NamedTuple

from fastapi import FastAPI, Header, Request, Response

from services.intake import domain
from services.intake.shelf import Kept, Order, Shelf
from services.intake.submissions import decide, filer, new_code
from services.intake.unfinished import Unfinished, finished, sop_change, told_problems
from shared.case import Case
from shared.city import City
from shared.draft import Context, Draft
from shared.fields import to_timestamp
from shared.kit.doors import Running, answer_said
from shared.kit.http import Answer, Site, body_as, idempotency_key, language
from shared.kit.openapi import DRAFTS, describe_bodies
from shared.kit.settings import DRAFTS_DAYS, DRAFTS_MAX
from shared.kit.stage import Stage
from shared.kit.stage_model import Command
from shared.kit.tokens import Actor, keyed
from shared.refusals import Refusal
from shared.sop.applicants import COUNTER, FILING_ROLES, PARTNER
from shared.sop.handing import Problem

LISTED_MAX: Final = 100
FOR_MANY: Final = 25  # how many times as many drafts somebody may have who files for many
ID_BYTES: Final = 16
_TAG: Final = re.compile(r'"([0-9]{1,18})"')
Match = Annotated[
    str, Header(alias="if-match", description='The ETag of the version that was read, or `*` for any (RFC 9110); `"1"` at first.')
]


class Limits(NamedTuple):
    """How many drafts one person may have, and after how many days of silence they are erased."""

    days: int = DRAFTS_DAYS
    most: int = DRAFTS_MAX


class Drafts:
    """The saved applications behind the doors: whose, how many, for how long."""

    def __init__(self, site: Site, running: Running, limits: Limits) -> None:
        self._site = site
        self._running = running
        self.days, self._most = limits

    def signed_in(self, request: Request) -> tuple[Stage, Shelf, Actor]:
        """Returns the stage, its shelf, and who asks; raises `Refusal`."""
        stage, actor = self._running.ready(), self._site.actor(request, *FILING_ROLES)
        return stage, shelf_of(stage), actor

    def owner(self, actor: Actor) -> str:
        """Returns under which name somebody's drafts are kept: of the person in this role, and of nobody else."""
        return keyed(self._site.city_key, f"draft\n{actor.person}\n{actor.role}")

    def most(self, actor: Actor) -> int:
        """Returns how many drafts somebody may have."""
        return self._most * (FOR_MANY if actor.role in (COUNTER, PARTNER) else 1)

    def order(self, request: Request, actor: Actor, path: str, raw: bytes = b"") -> Order:
        """Returns a command; raises `Refusal` without an idempotency key."""
        return Order(self.owner(actor), idempotency_key(request, self._site), self._site.request_digest(path, raw))


def shelf_of(stage: Stage) -> Shelf:
    """Returns where the stage's drafts lie; raises `Refusal` where it keeps nobody's data."""
    if stage.vault is None:
        raise Refusal("not-ready")
    return Shelf(stage, stage.vault)


def erase_silent(stage: Stage, days: int) -> None:
    """Erases what nobody has gone on with for so many days."""
    if stage.vault is not None:
        Shelf(stage, stage.vault).erase_silent(days)


def add_routes(app: FastAPI, site: Site, running: Running, limits: Limits) -> None:
    """Adds the doors."""
    drafts = Drafts(site, running, limits)
    _add_writing(app, drafts)
    _add_reading(app, drafts)
    _add_submitting(app, site, running, drafts)
    describe_bodies(app, {"save_draft": Unfinished, "change_draft": Unfinished})


def _add_writing(app: FastAPI, drafts: Drafts) -> None:
    @app.post("/v1/drafts", status_code=201, operation_id="save_draft", tags=[DRAFTS])
    async def save(request: Request) -> Answer:
        """Saves an application that is not finished; the answer says under which id, and which version it is (`ETag`)."""
        stage, shelf, actor = drafts.signed_in(request)
        raw = await request.body()
        body: Unfinished = body_as(raw, Unfinished)
        order, fresh = drafts.order(request, actor, "drafts", raw), secrets.token_urlsafe(ID_BYTES)
        sop = domain.newest(_today(stage), body.permit_type).name
        draft = await asyncio.to_thread(shelf.put, order, fresh, sop, body, drafts.most(actor))
        kept, words = await asyncio.to_thread(shelf.read, order.owner, draft)
        return _answer(kept, words, drafts.days, 201)

    @app.put("/v1/drafts/{draft}", operation_id="change_draft", tags=[DRAFTS])
    async def change(draft: str, request: Request, if_match: Match = "") -> Answer:
        """Replaces what stands in a draft, if nobody has changed it since it was read."""
        stage, shelf, actor = drafts.signed_in(request)
        raw = await request.body()
        body: Unfinished = body_as(raw, Unfinished)
        order, versions = drafts.order(request, actor, f"drafts/{draft}", raw), _versions(if_match)
        sop = domain.newest(_today(stage), body.permit_type).name
        await asyncio.to_thread(shelf.change, order, draft, versions, body, sop)
        kept, words = await asyncio.to_thread(shelf.read, order.owner, draft)
        return _answer(kept, words, drafts.days)

    @app.delete("/v1/drafts/{draft}", status_code=204, operation_id="throw_draft_away", tags=[DRAFTS])
    async def throw_away(draft: str, request: Request, if_match: Match = "") -> Response:
        """Erases a draft, if nobody has changed it since it was read."""
        _, shelf, actor = drafts.signed_in(request)
        order, versions = drafts.order(request, actor, f"drafts/{draft}/delete"), _versions(if_match)
        await asyncio.to_thread(shelf.throw_away, order, draft, versions)
        return Response(status_code=204)


def _add_reading(app: FastAPI, drafts: Drafts) -> None:
    @app.get("/v1/drafts", operation_id="drafts", tags=[DRAFTS])
    async def listed(request: Request, after: str = "", limit: int = LISTED_MAX) -> Answer:
        """One's own drafts, without what stands in them."""
        _, shelf, actor = drafts.signed_in(request)
        bounded = max(1, min(limit, LISTED_MAX))
        items = await asyncio.to_thread(shelf.listed, drafts.owner(actor), after, bounded)
        return Answer({"items": [_told(kept, drafts.days) for kept in items], "after": items[-1].draft if len(items) == bounded else ""})

    @app.get("/v1/drafts/{draft}", operation_id="draft", tags=[DRAFTS])
    async def read(draft: str, request: Request) -> Answer:
        """A draft as it was left."""
        _, shelf, actor = drafts.signed_in(request)
        kept, words = await asyncio.to_thread(shelf.read, drafts.owner(actor), draft)
        return _answer(kept, words, drafts.days)

    @app.get("/v1/drafts/{draft}/check", operation_id="check_draft", tags=[DRAFTS])
    async def check(draft: str, request: Request) -> Answer:
        """Everything that is still missing or wrong, as its submission would be refused for it now; and how the SOP has changed meanwhile."""
        stage, shelf, actor = drafts.signed_in(request)
        kept, words = await asyncio.to_thread(shelf.read, drafts.owner(actor), draft)
        tongue, city = language(request), _today(stage)
        _, problems = finished(words, actor, city)
        problems += _foreign_agency(stage, city, actor)
        change = sop_change(city, kept.sop, words.permit_type, tongue)
        content = {"draft": draft, "complete": not problems, "problems": told_problems(problems, tongue), "sop_change": change}
        return Answer(content, headers=_tag(kept))


def _add_submitting(app: FastAPI, site: Site, running: Running, drafts: Drafts) -> None:
    @app.post("/v1/drafts/{draft}/submit", status_code=202, operation_id="submit_draft", tags=["commands"])
    async def submit(draft: str, request: Request, if_match: Match = "") -> Answer:
        """Submits a draft and erases it, both or neither; a refusal lists everything that is wrong, and the draft stays."""
        stage, shelf, actor = drafts.signed_in(request)
        key, versions = idempotency_key(request, site), _versions(if_match)
        digest = site.request_digest(f"drafts/{draft}/submit", await request.body())
        command = _submission(stage, site, shelf, actor, (draft, drafts.owner(actor), versions), (key, digest))
        (said,) = await asyncio.to_thread(stage.commands, [command])
        if isinstance(said, Refusal):
            site.metrics.commands.labels("submit", said.code).inc()
            raise said
        site.metrics.commands.labels("submit", "received").inc()
        return await answer_said(running, request, said)


def _submission(
    stage: Stage, site: Site, shelf: Shelf, actor: Actor, which: tuple[str, str, Callable[[int], bool]], once: tuple[str, bytes]
) -> Command:
    """Returns the command that hands a draft in: it reads the draft when it is its turn, unless the same key has handed it in before."""
    (draft, owner, versions), (key, digest), code = which, once, new_code()
    version = 0

    def handed_in(case: Case, context: Context) -> Sequence[Draft]:
        nonlocal version
        kept, words = shelf.read(owner, draft)
        if not versions(kept.version):
            raise Refusal("draft-changed")
        version = kept.version
        submission, problems = finished(words, actor, context.city)
        domain.refuse([*problems, *_foreign_agency(stage, context.city, actor)])
        if submission is None:
            raise Refusal("malformed")
        return decide(submission, filer(site, actor, code), case, context)

    return Command(code, actor, key, digest, handed_in, fresh=True, also=lambda cursor: shelf.take(cursor, owner, draft, version))


def _foreign_agency(stage: Stage, city: City, actor: Actor) -> list[Problem]:
    """Returns what the stage refuses whoever signs in for an agency that it does not speak for."""
    speaks = not actor.agency or city.speaks_for(stage.sender, actor.agency)
    return [] if speaks else [("wrong-agency", actor.agency)]


def _today(stage: Stage) -> City:
    return stage.city.on(stage.today().isoformat())


def _versions(if_match: str) -> Callable[[int], bool]:
    """Returns which versions an `If-Match` lets through; raises `Refusal` without one."""
    if not if_match.strip():
        raise Refusal("version-missing")
    tags = {int(number) for number in _TAG.findall(if_match)}
    return lambda version: if_match.strip() == "*" or version in tags


def _tag(kept: Kept) -> dict[str, str]:
    return {"etag": f'"{kept.version}"', "cache-control": "no-store"}


def _told(kept: Kept, days: int) -> dict[str, Any]:
    erased = to_timestamp(kept.erased_after(days))
    return {"draft": kept.draft, "sop": kept.sop, "version": kept.version, "changed_at": to_timestamp(kept.changed), "erased_after": erased}


def _answer(kept: Kept, words: Unfinished, days: int, status: int = 200) -> Answer:
    content = {**_told(kept, days), "application": words.model_dump(mode="json", exclude_defaults=True)}
    return Answer(content, status, headers={**_tag(kept), "location": f"/v1/drafts/{kept.draft}"})
