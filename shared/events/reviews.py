"""Technical review, corrections, recommendation."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Attachment, Data, Finding
from shared.fields import AuthId, LocalDate, OfficialNumber, Ordinal, Slug


class ReviewAssigned(Data):
    """A step of an agency has an officer."""

    NAME, KIND, SAID_BY = "review.assigned", "decision", frozenset({"verification"})
    LABELS = ("petugas ditunjuk", "review assigned")
    step: Slug
    officer: AuthId


class ReviewCompleted(Data):
    """An agency's review of one round ends: passed, with findings to correct, or rejected for good."""

    NAME, KIND, SAID_BY = "review.completed", "decision", frozenset({"verification"})
    LABELS = ("penilaian teknis selesai", "technical review done")
    step: Slug
    round: Ordinal
    result: Literal["passed", "findings", "rejected"]
    findings: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=50)] = ()
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)] = ()


class ExternalRecorded(Data):
    """What an outsider (a laboratory, a land office, a national system) has said about a step: its document's number, read on a date."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "external.recorded", "fact", frozenset({"verification"}), 3
    LABELS = ("hasil pihak luar dicatat", "outsider's result recorded")
    step: Slug
    round: Ordinal
    result: Literal["passed", "rejected"]
    source: Slug
    number: OfficialNumber
    read_on: LocalDate


class CorrectionRequested(Data):
    """One list of everything to correct, from all agencies of the round, to be answered by a date announced here."""

    NAME, KIND, SAID_BY = "correction.requested", "decision", frozenset({"verification"})
    LABELS = ("permintaan perbaikan", "correction requested")
    round: Ordinal
    findings: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=100)]


class CorrectionSubmitted(Data):
    """The applicant corrects what was asked, and nothing else."""

    NAME, KIND, SAID_BY = "correction.submitted", "decision", frozenset({"intake"})
    LABELS = ("perbaikan disampaikan", "correction submitted")
    round: Ordinal
    attachments: Annotated[tuple[Attachment, ...], Field(min_length=1, max_length=50)]


class RecommendationIssued(Data):
    """The head of a technical agency signs a numbered recommendation."""

    NAME, KIND, SAID_BY = "recommendation.issued", "decision", frozenset({"verification"})
    LABELS = ("rekomendasi teknis terbit", "recommendation issued")
    step: Slug
    number: OfficialNumber
    opinion: Literal["agree", "conditional", "reject"]
    conditions: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)] = ()
