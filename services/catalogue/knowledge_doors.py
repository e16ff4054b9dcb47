"""The catalogue's doors for staff who know the SOP: the quiz and its answers, waivers by a head, and who knows what."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import FastAPI, Request
from pydantic import Field

from services.catalogue import domain, views
from services.catalogue.saying import OWNERS, say_as, staff
from shared.city import sop_subject
from shared.draft import Context, Draft
from shared.fields import LocalDate, Slug, SopVersion
from shared.kit.doors import OFFICERS, Running
from shared.kit.http import Answer, Body, Site, body_as
from shared.kit.knowing import Knowing
from shared.kit.openapi import describe_bodies
from shared.kit.tokens import PersonalNumber
from shared.sop.people import HEAD, LEADERS

READERS: Final = (*OFFICERS, *OWNERS, "auditor", "inspector")


class AcknowledgeSop(Body):
    """The letters of the answers, in the quiz's order."""

    sop: SopVersion
    answers: Annotated[tuple[Literal["a", "b", "c", "d"], ...], Field(max_length=20)]


class WaiveQuiz(Body):
    """Whom a head excuses, by the number under which they sign in, why, and up to which day; the number never leaves this service."""

    sop: SopVersion
    officer: PersonalNumber
    reason: Slug
    valid_until: LocalDate


class AskAboutPeople(Body):
    """The numbers of people of the own agency; they stand in a body because no address may hold them."""

    sop: SopVersion
    officers: Annotated[tuple[PersonalNumber, ...], Field(min_length=1, max_length=200)]


def add_knowledge_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the doors."""
    _add_quiz(app, site, running)
    _add_waiver(app, site, running)
    _add_views(app, site, running)
    bodies: dict[str, type[Body]] = {"acknowledge_sop": AcknowledgeSop, "waive_sop_quiz": WaiveQuiz, "people_who_know": AskAboutPeople}
    describe_bodies(app, bodies)


def _add_quiz(app: FastAPI, site: Site, running: Running) -> None:
    @app.get("/v1/sops/quiz", operation_id="sop_quiz", tags=["questions"])
    async def sop_quiz(request: Request, sop: str) -> Answer:
        """The quiz of a version for who asks: always the same for this person and version; and how they stand with it."""
        stage, actor = running.ready(), staff(site, running, request, OFFICERS)
        questions = domain.quiz_of(stage.city, sop, actor.authid(stage.city_key, sop_subject(sop)))
        stands = Knowing(stage.city, stage.city_key, sop, stage.clock.now()).of(actor.person, actor.agency)
        return Answer({**views.asked(sop, questions), **stands._asdict()})

    @app.post("/v1/sops/acknowledge", status_code=202, operation_id="acknowledge_sop", tags=["commands"])
    async def acknowledge_sop(request: Request) -> Answer:
        """Takes the answers: all right, and the person may work under the version; else which are wrong, and where the answers stand."""
        body: AcknowledgeSop = body_as(await request.body(), AcknowledgeSop)
        actor, subject = staff(site, running, request, OFFICERS), sop_subject(body.sop)
        person = actor.authid(site.city_key, subject)

        def decide(context: Context) -> Sequence[Draft]:
            return domain.acknowledge(context.city, body.sop, person, body.answers)

        return await say_as(site, running, request, actor, subject, decide)


def _add_waiver(app: FastAPI, site: Site, running: Running) -> None:
    @app.post("/v1/sops/waive", status_code=202, operation_id="waive_sop_quiz", tags=["commands"])
    async def waive_sop_quiz(request: Request) -> Answer:
        """Records that a head lets somebody of the own agency work under a version without the quiz, up to a day."""
        body: WaiveQuiz = body_as(await request.body(), WaiveQuiz)

        def decide(context: Context) -> Sequence[Draft]:
            return domain.waive(body.sop, context.identify(body.officer), body.reason, body.valid_until)

        return await say_as(site, running, request, staff(site, running, request, (HEAD,)), sop_subject(body.sop), decide)


def _add_views(app: FastAPI, site: Site, running: Running) -> None:
    @app.get("/v1/sops/knowledge", operation_id="sop_knowledge", tags=["questions"])
    async def sop_knowledge(request: Request, sop: str = "", agency: str = "") -> Answer:
        """How many people of each agency have acknowledged each version, are in its grace days, excused or overdue; one version or agency if named."""
        stage, _ = running.ready(), site.actor(request, *READERS)
        return Answer({"knowledge": views.knowledge(stage.city, stage.clock.now(), sop, agency)})

    @app.post("/v1/sops/knowledge/people", operation_id="people_who_know", tags=["questions"])
    async def people_who_know(request: Request) -> Answer:
        """How people of the own agency stand with a version, in the order in which a leader names them; nothing is kept."""
        body: AskAboutPeople = body_as(await request.body(), AskAboutPeople)
        stage, actor = running.ready(), staff(site, running, request, LEADERS)
        domain.published(stage.city, body.sop)
        knowing = Knowing(stage.city, stage.city_key, body.sop, stage.clock.now())
        found: list[dict[str, Any]] = [knowing.of(person, actor.agency)._asdict() for person in body.officers]
        return Answer({"sop": body.sop, "agency": actor.agency, "people": found})
