"""An application arrives, and the ways in which it ends without a decision."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Attachment, Channel, Data, DeclaredFact, Disclosure
from shared.fields import AuthId, Commitment, Kelurahan, LocalDate, Slug, SopVersion, Timestamp

FiledAs = Literal["self", "kuasa", "assisted"]


class ApplicationSubmittedV1(Data):
    """The first form of a submission: it did not say who files for whom."""

    NAME, KIND, SAID_BY = "application.submitted", "decision", frozenset({"intake"})
    LABELS = ("permohonan diajukan", "application submitted")
    sop: SopVersion
    channel: Channel
    kelurahan: Kelurahan
    facts: Annotated[tuple[DeclaredFact, ...], Field(max_length=50)]
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)]
    disclosures: Annotated[tuple[Disclosure, ...], Field(min_length=1, max_length=20)]
    received_at: Timestamp = ""


class ApplicationSubmitted(Data):
    """Somebody asks for a permit; `received_at` is when a partner system or a counter took it, if not now.

    `filed_as` says by whom: the applicant (`self`), an attorney in fact (`kuasa`) or a counter's assistant for somebody who is present
    (`assisted`). The two latter name the applicant (`filed_for`) by the identity for this application and commit to a document: the power of attorney
    (`power` is its kind, `power_valid_until` its last day) or the applicant's own consent.
    """

    NAME, VERSION, KIND, SAID_BY, SINCE_CONTRACT = "application.submitted", 2, "decision", frozenset({"intake"}), 4
    LABELS = ("permohonan diajukan", "application submitted")
    sop: SopVersion
    channel: Channel
    kelurahan: Kelurahan
    facts: Annotated[tuple[DeclaredFact, ...], Field(max_length=50)]
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)]
    disclosures: Annotated[tuple[Disclosure, ...], Field(min_length=1, max_length=20)]
    filed_as: FiledAs
    filed_for: AuthId = ""
    statement: Commitment = ""
    power: Slug = ""
    power_valid_until: LocalDate = ""
    received_at: Timestamp = ""


class RepresentationGiven(Data):
    """The applicant gives somebody a power of attorney for a running application, or another one in the place of the one that stood.

    The attorney is said by the identity for this application; `disclosures` commits to the name, `statement` to the document.
    """

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "representation.given", "decision", frozenset({"intake"}), 4
    LABELS = ("kuasa diberikan", "power of attorney given")
    attorney: AuthId
    disclosures: Annotated[tuple[Disclosure, ...], Field(min_length=1, max_length=1)]
    statement: Commitment
    power: Slug
    valid_until: LocalDate


class RepresentationEnded(Data):
    """The power of an attorney in fact ends: the applicant takes it back, or the attorney lays it down."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "representation.ended", "decision", frozenset({"intake"}), 4
    LABELS = ("kuasa berakhir", "power of attorney ended")
    reason: Literal["withdrawn", "laid-down"]


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
