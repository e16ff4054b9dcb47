"""An application arrives, and the ways in which it ends without a decision."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Attachment, Channel, Data, DeclaredFact, Disclosure
from shared.fields import Kelurahan, Slug, SopVersion, Timestamp


class ApplicationSubmitted(Data):
    """An applicant asks for a permit; `received_at` is when a partner system or a counter took it, if not now."""

    NAME, KIND, SAID_BY = "application.submitted", "decision", frozenset({"intake"})
    LABELS = ("permohonan diajukan", "application submitted")
    sop: SopVersion
    channel: Channel
    kelurahan: Kelurahan
    facts: Annotated[tuple[DeclaredFact, ...], Field(max_length=50)]
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)]
    disclosures: Annotated[tuple[Disclosure, ...], Field(min_length=1, max_length=20)]
    received_at: Timestamp = ""


class ApplicationCompleted(Data):
    """Every requirement that applies is there, by rule."""

    NAME, KIND, SAID_BY = "application.completed", "decision", frozenset({"intake"})
    LABELS = ("berkas dinyatakan lengkap", "application declared complete")
    step: Slug


class ApplicationDeemedComplete(Data):
    """Nobody declared completeness in time, so the ledger does."""

    NAME, KIND, SAID_BY = "application.deemed-complete", "decision", frozenset({"ledger"})
    LABELS = ("dianggap lengkap", "deemed complete")
    step: Slug


class ApplicationWithdrawn(Data):
    """The applicant takes the application back."""

    NAME, KIND, SAID_BY = "application.withdrawn", "decision", frozenset({"intake"})
    LABELS = ("permohonan ditarik", "application withdrawn")
    reason: Slug


class ApplicationClosed(Data):
    """The applicant stayed silent past an announced date, so the application is closed."""

    NAME, KIND, SAID_BY = "application.closed", "decision", frozenset({"intake"})
    LABELS = ("permohonan ditutup", "application closed")
    reason: Literal["no-correction", "no-payment"]
