"""Intake's doors for submissions: one application, or up to 500 at once, and what is wrong with each, field by field."""

import asyncio
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Final, Literal

import orjson
from fastapi import FastAPI, Request
from pydantic import Field, StringConstraints, ValidationError

from services.intake import domain
from shared.case import Case
from shared.code import make_code
from shared.draft import Context, Draft
from shared.fields import Count, Digest, Kelurahan, LocalDate, Measure, Slug, Timestamp
from shared.kit.doors import Running, answer_each, answer_said
from shared.kit.http import Answer, Body, Site, body_as, idempotency_key, strict_json
from shared.kit.openapi import describe_bodies
from shared.kit.stage_model import Command
from shared.kit.tokens import Actor, PersonalNumber
from shared.personal import KUASA_NAME
from shared.refusals import Refusal
from shared.sop.applicants import FILING_ROLES, Filer
from shared.sop.handing import Problem

SUBMISSIONS_MAX: Final = 500
CODE_BITS: Final = 60
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Document(Body):
    """A document by its SHA-256 in hex; the document itself stays in the file room."""

    requirement: Slug
    digest: Digest


class Applicant(Body):
    """Who applies; none of it ever enters an event."""

    name: Line
    nik: Line
    address: Line = ""
    phone: Line = ""
    email: Line = ""


class ByKuasa(Body):
    """Who files as an attorney in fact: for whom (the number under which the applicant signs in), by which document, until when."""

    filed_as: Literal["kuasa"]
    applicant: PersonalNumber
    name: Line
    document: Digest
    power: Literal["khusus", "akta-notaris"]
    valid_until: LocalDate


class AtTheCounter(Body):
    """Who files at the service counter for somebody who is present: for whom, and the digest of the applicant's own consent."""

    filed_as: Literal["assisted"]
    applicant: PersonalNumber
    document: Digest


class Submission(Body):
    """An application for a permit; without a `filing` the applicant files it."""

    permit_type: Slug
    channel: Literal["web", "counter", "post", "email", "partner", "internal"] = "web"
    kelurahan: Kelurahan
    facts: Annotated[dict[Slug, bool | Count | Measure | Slug], Field(max_length=50, default_factory=dict)]
    documents: Annotated[tuple[Document, ...], Field(max_length=50)] = ()
    applicant: Applicant
    filing: Annotated[ByKuasa | AtTheCounter | None, Field(discriminator="filed_as")] = None
    received_at: Timestamp = ""


class KeyedSubmission(Body):
    """One of many, with its own idempotency key."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    submission: Submission


class Submissions(Body):
    """Up to 500 applications from a partner system."""

    items: Annotated[tuple[KeyedSubmission, ...], Field(min_length=1, max_length=SUBMISSIONS_MAX)]


def pairs(documents: Sequence[Document]) -> list[tuple[str, str]]:
    """Returns documents as the domain takes them: (requirement, digest)."""
    return [(document.requirement, document.digest) for document in documents]


def decide(body: Submission, by: Filer, case: Case, context: Context) -> Sequence[Draft]:
    """Returns what a submission says; raises `Refusal` with all that is wrong."""
    return domain.submit(
        case,
        context,
        body.permit_type,
        channel="counter" if isinstance(body.filing, AtTheCounter) else body.channel,
        kelurahan=body.kelurahan,
        facts=body.facts,
        documents=pairs(body.documents),
        applicant={**body.applicant.model_dump(), **({KUASA_NAME: body.filing.name} if isinstance(body.filing, ByKuasa) else {})},
        received_at=body.received_at,
        by=by,
        filing=_filing(body),
    )


def _filing(body: Submission) -> domain.Filing:
    match body.filing:
        case ByKuasa() as by:
            return domain.Filing(by.filed_as, by.applicant, by.document, by.power, by.valid_until)
        case AtTheCounter() as by:
            return domain.Filing(by.filed_as, by.applicant, by.document)
        case _:
            return domain.BY_THE_APPLICANT


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the doors for one application and for many."""

    @app.post("/v1/applications", status_code=202, operation_id="submit", tags=["commands"])
    async def submit(request: Request) -> Answer:
        """One application; the answer holds its code."""
        stage, actor, key = running.ready(), site.actor(request, *FILING_ROLES), idempotency_key(request, site)
        raw = await request.body()
        body = _read(raw)
        (said,) = await asyncio.to_thread(stage.commands, [_command(site, actor, key, raw, body)])
        if isinstance(said, Refusal):
            site.metrics.commands.labels("submit", said.code).inc()
            raise said
        site.metrics.commands.labels("submit", "received").inc()
        return await answer_said(running, request, said)

    @app.post("/v1/submissions", status_code=202, operation_id="submit_many", tags=["commands in bulk"])
    async def submit_many(request: Request) -> Answer:
        """Up to 500 applications; each gets its own answer, in the order given."""
        actor = site.actor(request, *FILING_ROLES)
        body: Submissions = body_as(await request.body(), Submissions)
        commands = [
            _command(site, actor, site.kept_key(item.key), orjson.dumps(item.submission.model_dump(mode="json")), item.submission)
            for item in body.items
        ]
        return await answer_each(site, running, request, "submit", commands, [{"key": item.key} for item in body.items])

    describe_bodies(app, {"submit": Submission, "submit_many": Submissions})


def _command(site: Site, actor: Actor, key: str, raw: bytes, body: Submission) -> Command:
    code = new_code()
    by = filer(site, actor, code)
    return Command(code, actor, key, site.request_digest("submit", raw), partial(decide, body, by), fresh=True)


def new_code() -> str:
    """Returns a code for an application that nobody can guess."""
    return make_code(secrets.randbits(CODE_BITS))


def filer(site: Site, actor: Actor, code: str) -> Filer:
    """Returns who files, as the application of this code knows them."""
    return Filer(actor.role, actor.agency, actor.authid(site.city_key, code))


def _read(raw: bytes) -> Submission:
    """Reads a submission; raises `Refusal` with every field that is missing or wrong."""
    strict_json(raw)
    try:
        return Submission.model_validate_json(raw)
    except ValidationError as error:
        domain.refuse(form_problems(error))
        raise


def form_problems(error: ValidationError) -> list[Problem]:
    """Returns each field of a submission that is missing or wrong, by its place in the body, never with its value."""
    found: dict[Problem, None] = {}
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        where = [str(part) for part in item["loc"]]
        if where[:1] == ["filing"]:
            del where[1:2]  # which kind of filing it was read as
        place = ".".join(where[:2] if where[:1] == ["facts"] else where)  # a fact may be one of several kinds: it is wrong once
        wrong = "nik-invalid" if place.endswith(".nik") else "malformed"
        found["field-missing" if item["type"] == "missing" else wrong, place] = None
    return list(found)
