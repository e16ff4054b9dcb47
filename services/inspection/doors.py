"""Inspection's doors: scheduling, moving, missing, reporting and signing a visit."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from services.inspection import domain
from shared.case import Case
from shared.draft import Context, Draft
from shared.fields import Digest, LocalDate, OfficialNumber, Ordinal, Slug
from shared.kit.desk_doors import DESK_DOORS
from shared.kit.doors import Door
from shared.kit.http import Body
from shared.kit.tokens import PersonalNumber
from shared.sop.people import LEADERS

INSPECTORS: Final = ("officer", "team-leader", "head")


class ScheduleVisit(Body):
    """A date and the number of the assignment letter."""

    step: Slug
    date: LocalDate
    assignment_letter: OfficialNumber


class OfferVisit(Body):
    """Up to three days, and how many working days the applicant has to choose one; then the first stands."""

    step: Slug
    dates: Annotated[tuple[LocalDate, ...], Field(min_length=1, max_length=3)]
    assignment_letter: OfficialNumber
    answer_working_days: Annotated[int, Field(ge=1, le=10)] = 2


class DrawInspectors(Body):
    """The numbers of those who could go, and how many are drawn; numbers leave this service as identities of this application only."""

    step: Slug
    pool: Annotated[tuple[PersonalNumber, ...], Field(min_length=1, max_length=200)]
    count: Annotated[int, Field(ge=1, le=5)] = 2


class MoveVisit(Body):
    """Another date, with a reason by code."""

    step: Slug
    visit: Ordinal
    date: LocalDate
    reason: Slug


class MissVisit(Body):
    """Why nobody could be visited, by code."""

    step: Slug
    visit: Ordinal
    reason: Slug


class ReportVisit(Body):
    """What was seen: the failed items of the checklist, digests of photographs, and own words that stay in the vault."""

    step: Slug
    visit: Ordinal
    result: Literal["passed", "failed"]
    failed_items: Annotated[tuple[Slug, ...], Field(max_length=50)] = ()
    evidence: Annotated[tuple[Digest, ...], Field(max_length=49)] = ()
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


class SignVisitRecord(Body):
    """An agency's signature under the visit record."""

    step: Slug
    visit: Ordinal


def _schedule(case: Case, body: ScheduleVisit, _context: Context) -> Sequence[Draft]:
    return domain.schedule_visit(case, body.step, body.date, body.assignment_letter)


def _offer(case: Case, body: OfferVisit, _context: Context) -> Sequence[Draft]:
    return domain.offer_visit(case, body.step, body.dates, body.assignment_letter, body.answer_working_days)


def _draw(case: Case, body: DrawInspectors, context: Context) -> Sequence[Draft]:
    return domain.draw_inspectors(case, body.step, body.pool, body.count, context.identify, context.commit)


def _pool(body: DrawInspectors) -> Sequence[str]:
    return body.pool


def _move(_case: Case, body: MoveVisit, _context: Context) -> Sequence[Draft]:
    return domain.move_visit(body.step, body.visit, body.date, body.reason)


def _miss(case: Case, body: MissVisit, _context: Context) -> Sequence[Draft]:
    return domain.miss_visit(case, body.step, body.visit, body.reason)


def _report(case: Case, body: ReportVisit, context: Context) -> Sequence[Draft]:
    return domain.report_visit(case, body.step, body.visit, body.result, body.failed_items, body.evidence, body.note, context.commit)


def _sign(_case: Case, body: SignVisitRecord, _context: Context) -> Sequence[Draft]:
    return domain.sign_visit_record(body.step, body.visit)


DOORS: Final = (
    Door("offer-visit", OfferVisit, INSPECTORS, _offer),
    Door("schedule-visit", ScheduleVisit, INSPECTORS, _schedule),
    Door("draw-inspectors", DrawInspectors, LEADERS, _draw, gives_to=_pool),
    Door("move-visit", MoveVisit, INSPECTORS, _move),
    Door("miss-visit", MissVisit, INSPECTORS, _miss),
    Door("report-visit", ReportVisit, INSPECTORS, _report),
    Door("sign-visit-record", SignVisitRecord, INSPECTORS, _sign),
    *DESK_DOORS,
)
