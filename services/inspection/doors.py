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

INSPECTORS: Final = ("officer", "head")


class ScheduleVisit(Body):
    """A date and the number of the assignment letter."""

    step: Slug
    date: LocalDate
    assignment_letter: OfficialNumber


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


def _move(_case: Case, body: MoveVisit, _context: Context) -> Sequence[Draft]:
    return domain.move_visit(body.step, body.visit, body.date, body.reason)


def _miss(case: Case, body: MissVisit, _context: Context) -> Sequence[Draft]:
    return domain.miss_visit(case, body.step, body.visit, body.reason)


def _report(case: Case, body: ReportVisit, context: Context) -> Sequence[Draft]:
    return domain.report_visit(case, body.step, body.visit, body.result, body.failed_items, body.evidence, body.note, context.commit)


def _sign(_case: Case, body: SignVisitRecord, _context: Context) -> Sequence[Draft]:
    return domain.sign_visit_record(body.step, body.visit)


DOORS: Final = (
    Door("schedule-visit", ScheduleVisit, INSPECTORS, _schedule),
    Door("move-visit", MoveVisit, INSPECTORS, _move),
    Door("miss-visit", MissVisit, INSPECTORS, _miss),
    Door("report-visit", ReportVisit, INSPECTORS, _report),
    Door("sign-visit-record", SignVisitRecord, INSPECTORS, _sign),
    *DESK_DOORS,
)
