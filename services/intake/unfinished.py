"""An application that is not finished: what may already stand in it, what is still missing or wrong, and how its SOP has changed since."""

from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field, StringConstraints, ValidationError

from services.intake import domain
from services.intake.submissions import Document, Submission, form_problems, pairs
from shared.city import City
from shared.fields import Count, Measure, Slug
from shared.kit.http import Body
from shared.kit.tokens import Actor
from shared.refusals import Refusal, explain
from shared.sop.applicants import Filer
from shared.sop.diff import diff
from shared.sop.handing import Problem
from shared.web.sop_changes import Wording

Words = Annotated[str, StringConstraints(max_length=200)]
FILLED_IN: Final = ("facts", "requirements")  # what an applicant fills in of an SOP
_CHANGED: Final = {
    "id": "SOP berganti dari {before} ke {after} sejak Anda mulai mengisi; yang berlaku adalah {after}.",
    "en": "The SOP has changed from {before} to {after} since you began; {after} is in force.",
}


class UnfinishedApplicant(Body):
    """Who applies, as far as it is written down."""

    name: Words = ""
    nik: Words = ""
    address: Words = ""
    phone: Words = ""
    email: Words = ""


class UnfinishedFiling(Body):
    """Who files for somebody else, as far as it is written down."""

    filed_as: Literal["kuasa", "assisted"]
    applicant: Words = ""
    name: Words = ""
    document: Words = ""
    power: Words = ""
    valid_until: Words = ""


class Unfinished(Body):
    """A submission of which anything but the permit type may be missing; words may be half typed, facts and digests are whole or absent.

    Its form bounds its size: 50 facts, 50 documents, 200 characters a field.
    """

    permit_type: Slug
    channel: Literal["web", "counter", "post", "email", "partner", "internal"] = "web"
    kelurahan: Words = ""
    facts: Annotated[dict[Slug, bool | Count | Measure | Slug], Field(max_length=50, default_factory=dict)]
    documents: Annotated[tuple[Document, ...], Field(max_length=50)] = ()
    applicant: UnfinishedApplicant = UnfinishedApplicant()
    filing: UnfinishedFiling | None = None
    received_at: Words = ""


def finished(draft: Unfinished, actor: Actor, city: City) -> tuple[Submission | None, list[Problem]]:
    """Returns the submission that a draft makes, None while it has not its form, and all that the actor's submission of it would be refused for."""
    problems: list[Problem] = []
    submission: Submission | None = None
    try:
        submission = Submission.model_validate_json(_written(draft))
    except ValidationError as error:
        problems = form_problems(error)
    filing = draft.filing or UnfinishedFiling(filed_as="kuasa")
    ruled = domain.unfinished_problems(
        city,
        draft.permit_type,
        facts=draft.facts,
        documents=pairs(draft.documents),
        nik=draft.applicant.nik,
        by=Filer(actor.role, actor.agency, actor.person),
        filing=domain.Filing(filing.filed_as, filing.applicant, filing.document, filing.power, filing.valid_until)
        if draft.filing
        else domain.BY_THE_APPLICANT,
    )
    return submission, list(dict.fromkeys([*problems, *ruled]))


def _written(draft: Unfinished) -> bytes:
    """Returns the body of a submission with what is written down; an empty text is not there."""
    tree = draft.model_dump(mode="json", exclude_defaults=True)
    return orjson.dumps({"applicant": {}, **tree})


def told_problems(problems: list[Problem], tongue: str) -> list[dict[str, str]]:
    """Returns problems with their sentence and what to do about each."""
    return [
        {"code": code, "about": about, **dict(zip(("title", "detail"), explain(code, tongue), strict=True))} for code, about in problems
    ]


def sop_change(city: City, begun_under: str, permit_type: str, tongue: str) -> dict[str, Any] | None:
    """Returns in plain words how the SOP has changed since a draft was begun, None when it is the same one or none is in force."""
    try:
        after = domain.newest(city, permit_type)
    except Refusal:
        return None
    before = city.sops.get(begun_under)
    if before is None or before.name == after.name:
        return None
    changes, wording = diff(before, after), Wording(before, after, tongue)
    rows = wording.details([change for change in changes if change.place.partition("/")[0] in FILLED_IN])
    return {
        "from": before.name,
        "to": after.name,
        "title": _CHANGED[tongue].format(before=before.name, after=after.name),
        "detail": wording.headline(changes),
        "changes": [{"place": row.place, "what": row.what, "before": row.before, "after": row.after} for row in rows],
    }
