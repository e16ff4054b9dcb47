"""A stage's doors from its table of commands, and the questions every stage answers: outcome, one application, the tasks, its status."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from fastapi import FastAPI, Request

from shared.case import Case, case_state
from shared.code import is_code
from shared.draft import Context, Draft
from shared.envelope import tree_digest
from shared.fields import Timestamp, to_instant, to_timestamp
from shared.kit.acting import signed_in_role, standing_in
from shared.kit.clock import Clock, FeedClock
from shared.kit.dead_letters import add_dead_letter_doors
from shared.kit.http import Answer, Body, Site, body_as, code_of, idempotency_key, language
from shared.kit.knowing import Knowing
from shared.kit.openapi import describe_bodies
from shared.kit.stage import Stage
from shared.kit.stage_model import Command, Said
from shared.kit.store import Row
from shared.kit.tokens import Actor
from shared.kit.tracing import request_step
from shared.queue import own_tasks
from shared.refusals import Refusal, explain
from shared.sop.applicants import side_refusal
from shared.sop.people import CONFLICT
from shared.sop.rules import Action, command_refusal, next_actions

WAIT_SECONDS_MAX: Final = 10.0
TASKS_MAX: Final = 500
VIEWS_MAX: Final = 1000
OFFICERS: Final = ("officer", "team-leader", "head", "treasurer", "superior")
AnswerT = TypeVar("AnswerT")
DecideCommand = Callable[[Case, Any, Context], Sequence[Draft]]


class Now(Body):
    """The time to which a training city's clock is moved."""

    now: Timestamp


def _nobody(_body: Any) -> Sequence[str]:  # noqa: ANN401 - the body of any door
    return ()


def _nothing_against(_actor: Actor, _body: Any) -> str:  # noqa: ANN401 - the body of any door
    return ""


@dataclass(frozen=True, slots=True)
class Door:
    """One command over HTTP: its name, body, who may knock, and the domain's function; `gives_to` are the people whom a body gives work to.

    `against` returns the code for which this actor may not say this body, whatever it is about.
    """

    name: str
    body: type[Body]
    roles: tuple[str, ...]
    decide: DecideCommand
    of_a_step: bool = True
    gives_to: Callable[[Any], Sequence[str]] = _nobody
    against: Callable[[Actor, Any], str] = _nothing_against


class Outcomes:
    """Lets a caller wait until the ledger has entered or refused its event."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._loop = asyncio.get_running_loop()
        stage.on_outcomes = self._arrived

    def _arrived(self, outcomes: Sequence[tuple[str, str]]) -> None:
        if self._waiting and outcomes:
            self._loop.call_soon_threadsafe(self._wake, [event_id for event_id, _ in outcomes])

    def _wake(self, event_ids: Sequence[str]) -> None:
        for event_id in event_ids:
            for waiter in self._waiting.pop(event_id, []):
                if not waiter.done():
                    waiter.set_result(None)

    async def wait(self, event_id: str, seconds: float) -> None:
        """Waits for an event's outcome, at most that long."""
        waiter = self._loop.create_future()
        self._waiting.setdefault(event_id, []).append(waiter)
        try:
            status, _, _ = await asyncio.to_thread(self._stage.outcome, event_id)
            if status == "received":
                await asyncio.wait_for(waiter, seconds)
        except TimeoutError:
            return
        finally:
            left = [other for other in self._waiting.get(event_id, []) if other is not waiter]
            if left:
                self._waiting[event_id] = left
            else:
                self._waiting.pop(event_id, None)


async def _nothing_to_recall(_subject: str) -> None:
    """Stands until the process has its feed."""


@dataclass
class Running:
    """The running stage behind the doors, absent until the process is ready; `recall` takes a dropped application back from the ledger."""

    stage: Stage | None = None
    outcomes: Outcomes | None = None
    recall: Callable[[str], Awaitable[None]] = _nothing_to_recall

    def ready(self) -> Stage:
        """Returns the stage; raises `Refusal("not-ready")` before it may open."""
        if self.stage is None or self.outcomes is None:
            raise Refusal("not-ready")
        return self.stage


async def asked_whole(running: Running, subject: str, ask: Callable[[], AnswerT]) -> AnswerT:
    """Asks in a thread; if this stage does not know the application, it may have dropped it: it is taken back and asked about again."""
    try:
        return await asyncio.to_thread(ask)
    except Refusal as refusal:
        if refusal.code != "unknown-code":
            raise
    await running.recall(subject)
    return await asyncio.to_thread(ask)


def wait_seconds(request: Request) -> float:
    """Returns the seconds a caller prefers to wait (`Prefer: wait=2`, RFC 7240), bounded."""
    for part in request.headers.get("prefer", "").replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        if name == "wait" and value.isdecimal():
            return min(WAIT_SECONDS_MAX, float(value))
    return 0.0


async def answer_each(
    site: Site, running: Running, request: Request, name: str, commands: Sequence[Command], named: Sequence[Mapping[str, str]]
) -> Answer:
    """Decides many commands of a name at once and answers each, in the order given; `named` says of each which one it was."""
    answers = await asyncio.to_thread(running.ready().commands, commands)
    items = [{**which, **_told(answer, language(request))} for which, answer in zip(named, answers, strict=True)]
    for item in items:
        site.metrics.commands.labels(name, item.get("code", "received")).inc()
    return Answer({"items": items}, 202)


def _told(answer: Said | Refusal, tongue: str) -> dict[str, Any]:
    """Returns what a caller is told of one of many commands: received with its events, or refused, about what, and what to do next."""
    if isinstance(answer, Refusal):
        sentence, following = explain(answer.code, tongue)
        return {"status": "refused", "code": answer.code, "title": sentence, "detail": following, "about": answer.about}
    return {"application": answer.subject, "status": "received", "events": answer.event_ids, "repeated": answer.repeated}


async def answer_said(running: Running, request: Request, said: Said) -> Answer:
    """Returns 202 with the events and their outcome so far."""
    if step := request_step.get():
        step.note(subject=said.subject)
    seconds = wait_seconds(request)
    if seconds and running.outcomes:
        await running.outcomes.wait(said.event_ids[0], seconds)
    if said.repeated:
        return Answer(await _outcome(running, said, language(request)), 202)
    return Answer(await asyncio.to_thread(_outcome_content, running.ready(), said, language(request)), 202)


async def _outcome(running: Running, said: Said, tongue: str) -> dict[str, Any]:
    """Returns the outcome of an event said earlier, also of an application that was dropped since."""
    stage = running.ready()

    def ask() -> dict[str, Any]:
        content = _outcome_content(stage, said, tongue)
        if content["status"] == "received" and is_code(said.subject) and not stage.knows(said.subject):
            raise Refusal("unknown-code")
        return content

    return await asked_whole(running, said.subject, ask)


def _outcome_content(stage: Stage, said: Said, tongue: str) -> dict[str, Any]:
    status, refused, position = stage.outcome(said.event_ids[0])
    content: dict[str, Any] = {"application": said.subject, "events": said.event_ids, "status": status, "repeated": said.repeated}
    if position:
        content["position"] = position
    if refused:
        content["code"] = refused
        content["title"], content["detail"] = explain(refused, tongue)
    return content


def add_doors(app: FastAPI, site: Site, running: Running, doors: Sequence[Door], *, desk: bool = True) -> None:
    """Adds the stage's commands and questions to the app; without a `desk` nobody acts here and readers have doors of their own."""
    for door in doors:
        _add_command(app, site, running, door)
    describe_bodies(app, {"set_clock": Now, **{_operation(door.name): door.body for door in doors}})
    if desk:
        _add_questions(app, site, running)
    _add_status(app, site)
    _add_training_clock(app, site, running)
    _add_live_rows(app, site, running)
    add_dead_letter_doors(app, site, lambda: running.ready().store, running.ready)


def _operation(name: str) -> str:
    return name.replace("-", "_")


def _add_command(app: FastAPI, site: Site, running: Running, door: Door) -> None:
    @app.post(f"/v1/applications/{{code}}/{door.name}", status_code=202, operation_id=_operation(door.name), tags=["commands"])
    async def command(code: str, request: Request) -> Answer:
        stage, key = running.ready(), idempotency_key(request, site)
        actor = standing_in(site.actor(request), stage)
        if not {actor.role, signed_in_role(actor.role)} & set(door.roles):
            raise Refusal("not-allowed", actor.role)
        subject, raw = code_of(code), await request.body()
        body = body_as(raw, door.body)
        digest = site.request_digest(f"{subject}/{door.name}", raw)

        def decide(case: Case, context: Context) -> Sequence[Draft]:
            if not case.submitted_at:
                raise Refusal("unknown-code")
            authid = actor.authid(stage.city_key, subject)
            if authid in case.conflicts:
                raise Refusal(CONFLICT)
            if own := door.against(actor, body) or side_refusal(case, actor.role, authid):
                raise Refusal(own)
            if door.of_a_step and (code := command_refusal(case, door.name, body.step, signed_in_role(actor.role), actor.agency, authid)):
                raise Refusal(code, body.step)
            if door.of_a_step and (code := _knowing(stage, case.sop_name).refusal(door.name, actor, door.gives_to(body))):
                raise Refusal(code, case.sop_name)
            return door.decide(case, body, context)

        try:
            said = await asked_whole(running, subject, lambda: stage.command(subject, actor, key, digest, decide))
        except Refusal as refusal:
            site.metrics.commands.labels(door.name, refusal.code).inc()
            raise
        site.metrics.commands.labels(door.name, "received").inc()
        return await answer_said(running, request, said)


def _add_questions(app: FastAPI, site: Site, running: Running) -> None:
    @app.get("/v1/outcomes/{event_id:path}", operation_id="outcome", tags=["questions"])
    async def outcome(event_id: str, request: Request) -> Answer:
        site.actor(request)
        subject = event_id.rsplit("/", 2)[0]
        return Answer(await _outcome(running, Said(subject, (event_id,)), language(request)))

    @app.get("/v1/applications/{code}", operation_id="application", tags=["questions"])
    async def application(code: str, request: Request) -> Answer:
        stage, actor = running.ready(), site.actor(request)
        subject = code_of(code)
        case = await asked_whole(running, subject, lambda: known_case(stage, subject))
        return Answer(case_for(case, actor, stage))

    @app.get("/v1/tasks", operation_id="tasks", tags=["questions"])
    async def tasks(request: Request, after: str = "", limit: int = TASKS_MAX) -> Answer:
        """What waits for the actor's agency, and how the actor stands with each SOP among it: who is overdue takes its quiz first."""
        stage, actor = running.ready(), site.actor(request, *OFFICERS)
        rows = await asyncio.to_thread(_tasks, stage, actor.agency, after, max(1, min(limit, TASKS_MAX)))
        following = rows[-1]["application"] if len(rows) == limit else ""
        stands = {name: _knowing(stage, name).of(actor.person, actor.agency)._asdict() for name in sorted({row["sop"] for row in rows})}
        return Answer({"tasks": rows, "after": following, "position": stage.position, "sop_knowledge": stands})


def _add_status(app: FastAPI, site: Site) -> None:
    @app.get("/v1/status", operation_id="status", tags=["operations"])
    async def status(request: Request) -> Answer:
        site.actor(request)
        return Answer({"service": site.service, **site.health.details()})


def told_time(clock: Clock, raw: bytes) -> tuple[FeedClock, datetime]:
    """Returns a training city's clock and the time that a body tells it; raises `Refusal` for a clock that is not the feed's."""
    body = body_as(raw, Now)
    if not isinstance(clock, FeedClock):
        raise Refusal("not-allowed", "clock")
    return clock, to_instant(body.now)


def _add_training_clock(app: FastAPI, site: Site, running: Running) -> None:
    @app.post("/v1/clock", operation_id="set_clock", tags=["training"])
    async def set_clock(request: Request) -> Answer:
        """Tells a training city's service the time to which the ledger's clock was moved; otherwise it learns it with the next entry."""
        site.actor(request, "feed")
        clock, instant = told_time(running.ready().clock, await request.body())
        clock.advance(instant)
        return Answer({"now": to_timestamp(clock.now())})


def _add_live_rows(app: FastAPI, site: Site, running: Running) -> None:
    @app.get("/v1/views", operation_id="views", tags=["operations"])
    async def views(request: Request, after: str = "", limit: int = VIEWS_MAX, subject: str = "") -> Answer:
        """The live view for auditors, as digests: the one kept with each row, and the one of what is stored there now."""
        site.actor(request, "auditor", "operator")
        stage, limit = running.ready(), max(1, min(limit, VIEWS_MAX))
        position, rows = await asyncio.to_thread(stage.live_rows, after, limit, subject)
        found = await asyncio.to_thread(lambda: [_digests(row) for row in rows])
        following = found[-1]["subject"] if len(found) == limit and not subject else ""
        return Answer({"views": found, "position": position, "after": following, "now": to_timestamp(stage.clock.now())})


def _digests(row: Row) -> dict[str, Any]:
    return {"subject": row["subject"], "sequence": row["sequence"], "digest": bytes(row["digest"]).hex(), "stored": tree_digest(row["row"])}


def known_case(stage: Stage, subject: str) -> Case:
    """Returns the case of an application that was submitted; raises `Refusal("unknown-code")`."""
    case = stage.case(subject)
    if not case.submitted_at:
        raise Refusal("unknown-code")
    return case


def _knowing(stage: Stage, sop_name: str) -> Knowing:
    return Knowing(stage.city, stage.city_key, sop_name, stage.clock.now())


def case_for(case: Case, actor: Actor, stage: Stage) -> dict[str, Any]:
    """Returns a case with what this actor may do next and, for the rest, why not; for staff also how they stand with its SOP."""
    actor = standing_in(actor, stage)
    role, day = signed_in_role(actor.role), stage.today().isoformat()
    actions = next_actions(case, role, actor.agency, actor.authid(stage.city_key, case.code), day)
    elsewhere = "wrong-agency" if actor.agency and not stage.city.speaks_for(stage.sender, actor.agency) else ""
    knowing = _knowing(stage, case.sop_name)

    def refusal(action: Action) -> str:
        found = elsewhere or action.refusal
        return found or (knowing.refusal(action.command, actor) if actor.agency and action.step else "")

    found = {
        "case": case_state(case),
        "pending": stage.is_pending(case.code),
        "actions": [{"command": action.command, "step": action.step, "refusal": refusal(action)} for action in actions],
    }
    return {**found, "sop_knowledge": knowing.of(actor.person, actor.agency)._asdict()} if actor.agency else found


def _tasks(stage: Stage, agency: str, after: str, limit: int) -> list[dict[str, Any]]:
    speaks_for = partial(stage.city.speaks_for, stage.sender)
    if not agency or not speaks_for(agency):
        return []
    rows = stage.store.rows(
        "SELECT subject, row FROM views WHERE row->'agencies' ? %s AND subject > %s ORDER BY subject LIMIT %s",
        (agency, after, limit),
    )
    return [{"application": row["subject"], **own_tasks(row["row"], speaks_for)} for row in rows]
