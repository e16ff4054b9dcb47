"""Verification's doors: the review of a step, and the recommendation of an agency's head."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from services.verification import domain
from shared.case import Case
from shared.draft import Context, Draft
from shared.fields import LocalDate, OfficialNumber, Slug
from shared.kit.desk_doors import DESK_DOORS
from shared.kit.doors import Door
from shared.kit.http import Body
from shared.kit.tokens import PersonalNumber
from shared.sop.people import LEADERS

Note = Annotated[str, StringConstraints(max_length=2000)]


class FindingBody(Body):
    """What to correct: the requirement, why by code, and the officer's own words."""

    requirement: Slug
    reason: Slug
    note: Note = ""


class CompleteReview(Body):
    """The end of a review."""

    step: Slug
    result: Literal["passed", "findings", "rejected"]
    findings: Annotated[tuple[FindingBody, ...], Field(max_length=50)] = ()
    reasons: Annotated[tuple[Slug, ...], Field(max_length=10)] = ()


class IssueRecommendation(Body):
    """The opinion of an agency's head."""

    step: Slug
    opinion: Literal["agree", "conditional", "reject"]
    conditions: Annotated[tuple[Slug, ...], Field(max_length=20)] = ()


class RecordExternal(Body):
    """An outsider's result: the number and date of the document that says it."""

    step: Slug
    result: Literal["passed", "rejected"]
    number: OfficialNumber
    read_on: LocalDate


class AssignReview(Body):
    """The officer of a step, by the number under which they sign in; it leaves this service as an identity of this application only."""

    step: Slug
    officer: PersonalNumber


class ReassignReview(Body):
    """Another officer for a step, with a reason of the list."""

    step: Slug
    officer: PersonalNumber
    reason: Slug


class AllowRecheck(Body):
    """A requirement that a review had accepted and may ask for again, with the head's reason."""

    step: Slug
    requirement: Slug
    reason: Slug


def _assign(_case: Case, body: AssignReview, context: Context) -> Sequence[Draft]:
    return domain.assign_review(body.step, context.identify(body.officer))


def _reassign(_case: Case, body: ReassignReview, context: Context) -> Sequence[Draft]:
    return domain.reassign_review(body.step, context.identify(body.officer), body.reason)


def _named(body: AssignReview | ReassignReview) -> Sequence[str]:
    return (body.officer,)


def _allow_recheck(_case: Case, body: AllowRecheck, _context: Context) -> Sequence[Draft]:
    return domain.allow_recheck(body.step, body.requirement, body.reason)


def _complete_review(case: Case, body: CompleteReview, context: Context) -> Sequence[Draft]:
    findings = [domain.Found(item.requirement, item.reason, item.note) for item in body.findings]
    return domain.complete_review(case, body.step, body.result, findings, body.reasons, context.commit)


def _issue_recommendation(case: Case, body: IssueRecommendation, _context: Context) -> Sequence[Draft]:
    agency = case.sop.step_by_code[body.step].agency if case.sop else ""
    return domain.issue_recommendation(case, body.step, body.opinion, body.conditions, agency)


def _record_external(case: Case, body: RecordExternal, _context: Context) -> Sequence[Draft]:
    return domain.record_external(case, body.step, body.result, body.number, body.read_on)


DOORS: Final = (
    Door("assign-review", AssignReview, LEADERS, _assign, gives_to=_named),
    Door("reassign-review", ReassignReview, LEADERS, _reassign, gives_to=_named),
    Door("complete-review", CompleteReview, ("officer", *LEADERS), _complete_review),
    Door("allow-recheck", AllowRecheck, ("head",), _allow_recheck),
    Door("record-external", RecordExternal, ("officer", "head"), _record_external),
    Door("issue-recommendation", IssueRecommendation, ("head",), _issue_recommendation),
    *DESK_DOORS,
)
