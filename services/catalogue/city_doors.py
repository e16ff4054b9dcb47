"""The catalogue's doors for what holds in the city beside SOPs: decrees that stop clocks, and acting officials."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import FastAPI, Request
from pydantic import Field

from services.catalogue import domain
from services.catalogue.saying import OWNERS, say
from shared.calendar import Decree
from shared.city import agency_subject
from shared.draft import Context, Draft
from shared.fields import LocalDate, OfficialNumber, Slug
from shared.kit.doors import Running
from shared.kit.http import Answer, Body, Site, body_as
from shared.kit.openapi import describe_bodies
from shared.kit.tokens import PersonalNumber
from shared.sop.objections import SUPERIOR
from shared.sop.people import HEAD

WHO_APPOINTS: Final = (*OWNERS, HEAD, SUPERIOR)


class DeclareForceMajeure(Body):
    """A decree: its number, legal basis and reason by code, its days, and whose clocks stop (nobody named: everybody's)."""

    number: OfficialNumber
    legal_basis: Slug
    reason: Slug
    from_day: LocalDate
    until_day: LocalDate
    agencies: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    systems: Annotated[tuple[Literal["city", "oss", "simbg", "mppdn"], ...], Field(max_length=4)] = ()


class EndForceMajeure(Body):
    """The last day of a decree, earlier than it had said."""

    number: OfficialNumber
    from_year: Annotated[int, Field(ge=1990, le=2100)]
    last_day: LocalDate


class AppointActing(Body):
    """Who acts in a head's place, by the number under which they sign in; it leaves this service as an identity of the agency only."""

    agency: Slug
    kind: Literal["plh", "plt"]
    officer: PersonalNumber
    letter: OfficialNumber
    valid_from: LocalDate
    valid_until: LocalDate


def add_city_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the doors."""

    @app.post("/v1/force-majeure", status_code=202, operation_id="declare_force_majeure", tags=["commands"])
    async def declare(request: Request) -> Answer:
        """Stops clocks by a decree; every deadline that runs on those days moves, for everybody to see."""
        body: DeclareForceMajeure = body_as(await request.body(), DeclareForceMajeure)

        def decide(_context: Context) -> Sequence[Draft]:
            days = (body.from_day, body.until_day)
            return domain.declare_force_majeure(
                body.number, body.legal_basis, body.reason, *days, agencies=body.agencies, systems=body.systems
            )

        return await say(site, running, request, f"calendar:{body.from_day[:4]}", decide)

    @app.post("/v1/force-majeure/end", status_code=202, operation_id="end_force_majeure", tags=["commands"])
    async def end(request: Request) -> Answer:
        """Ends a decree earlier than it had said."""
        body: EndForceMajeure = body_as(await request.body(), EndForceMajeure)
        return await say(
            site, running, request, f"calendar:{body.from_year}", lambda _context: domain.end_force_majeure(body.number, body.last_day)
        )

    @app.post("/v1/acting", status_code=202, operation_id="appoint_acting", tags=["commands"])
    async def acting(request: Request) -> Answer:
        """Records who acts in a head's place: by the head of that agency, by their superior, or by the owner of the city's rules."""
        body: AppointActing = body_as(await request.body(), AppointActing)

        def decide(context: Context) -> Sequence[Draft]:
            return domain.appoint_acting(
                body.agency, body.kind, context.identify(body.officer), body.letter, (body.valid_from, body.valid_until)
            )

        return await say(site, running, request, agency_subject(body.agency), decide, WHO_APPOINTS)

    _add_questions(app, running)
    describe_bodies(
        app, {"declare_force_majeure": DeclareForceMajeure, "end_force_majeure": EndForceMajeure, "appoint_acting": AppointActing}
    )


def _add_questions(app: FastAPI, running: Running) -> None:
    @app.get("/v1/force-majeure", operation_id="force_majeure", tags=["questions"])
    async def decrees() -> Answer:
        """Every decree that stops or stopped clocks."""
        return Answer({"decrees": [_decree(decree) for decree in running.ready().city.calendar.decrees]})


def _decree(decree: Decree) -> dict[str, Any]:
    return {
        "number": decree.number,
        "legal_basis": decree.legal_basis,
        "reason": decree.reason,
        "from_day": decree.from_day.isoformat(),
        "until_day": decree.until_day.isoformat(),
        "agencies": list(decree.agencies),
        "systems": list(decree.systems),
    }
