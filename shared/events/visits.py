"""Site visits."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Data
from shared.fields import Commitment, LocalDate, OfficialNumber, Ordinal, Slug


class AuditDrawn(Data):
    """The rule-run draw of cases to be visited after issue: picked or not, by the code alone, so that nobody can steer it."""

    NAME, KIND, SAID_BY = "audit.drawn", "decision", frozenset({"inspection"})
    LABELS = ("undian pemeriksaan", "audit drawn")
    step: Slug
    selected: bool


class VisitScheduled(Data):
    """A visit has a date and an assignment letter (surat tugas); `agencies` go together."""

    NAME, KIND, SAID_BY = "visit.scheduled", "decision", frozenset({"inspection"})
    LABELS = ("pemeriksaan lapangan dijadwalkan", "site visit scheduled")
    step: Slug
    visit: Ordinal
    date: LocalDate
    agencies: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    assignment_letter: OfficialNumber


class VisitMoved(Data):
    """A scheduled visit gets another date."""

    NAME, KIND, SAID_BY = "visit.moved", "decision", frozenset({"inspection"})
    LABELS = ("jadwal pemeriksaan diubah", "site visit moved")
    step: Slug
    visit: Ordinal
    date: LocalDate
    reason: Slug


class VisitMissed(Data):
    """Nobody could be visited that day."""

    NAME, KIND, SAID_BY = "visit.missed", "fact", frozenset({"inspection"})
    LABELS = ("pemeriksaan batal", "site visit missed")
    step: Slug
    visit: Ordinal
    reason: Slug


class VisitReportedV1(Data):
    """The first form of the report: one verdict, without saying which items of the checklist failed."""

    NAME, KIND, SAID_BY = "visit.reported", "fact", frozenset({"inspection"})
    LABELS = ("hasil pemeriksaan dicatat", "visit reported")
    step: Slug
    visit: Ordinal
    passed: bool
    evidence: Annotated[tuple[Commitment, ...], Field(max_length=50)]


class VisitReported(Data):
    """What the inspectors saw: the failed items of the checklist (only they are visited again) and the evidence."""

    NAME, KIND, SAID_BY, VERSION, SINCE_CONTRACT = "visit.reported", "fact", frozenset({"inspection"}), 2, 2
    LABELS = ("hasil pemeriksaan dicatat", "visit reported")
    step: Slug
    visit: Ordinal
    result: Literal["passed", "failed"]
    failed_items: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=50)] = ()
    evidence: Annotated[tuple[Commitment, ...], Field(max_length=50)]


class VisitRecordSigned(Data):
    """An agency signs the visit record (BAP)."""

    NAME, KIND, SAID_BY = "visit-record.signed", "fact", frozenset({"inspection"})
    LABELS = ("BAP ditandatangani", "visit record signed")
    step: Slug
    visit: Ordinal
