"""Versions of SOPs: drafted by one person, returned or published by another, withdrawn; and running applications moved onto a newer one."""

from typing import Annotated

from pydantic import Field

from shared.events.base import Data
from shared.fields import AuthId, Digest, JsonTree, LocalDate, Slug, SopVersion


class SopDrafted(Data):
    """A version of an SOP is proposed with its whole content; nobody follows it before another person has published it."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "sop.drafted", "decision", frozenset({"catalogue"}), 4
    LABELS = ("rancangan SOP", "SOP drafted")
    sop: SopVersion
    digest: Digest
    content: JsonTree


class SopDraftReturned(Data):
    """A draft goes back to its drafter, with reasons by code; the next draft of the version may differ."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "sop.draft-returned", "decision", frozenset({"catalogue"}), 4
    LABELS = ("rancangan SOP dikembalikan", "SOP draft returned")
    sop: SopVersion
    digest: Digest
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


class SopPublishedV1(Data):
    """A version of an SOP with its whole content, in force from its entry on."""

    NAME, KIND, SAID_BY = "sop.published", "decision", frozenset({"catalogue"})
    LABELS = ("SOP terbit", "SOP published")
    sop: SopVersion
    digest: Digest
    content: JsonTree


class SopPublished(Data):
    """A version of an SOP with its whole content; immutable, pinned by each application, in force from a local day or from its entry on."""

    NAME, VERSION, KIND, SAID_BY, SINCE_CONTRACT = "sop.published", 2, "decision", frozenset({"catalogue"}), 4
    LABELS = ("SOP terbit", "SOP published")
    sop: SopVersion
    digest: Digest
    content: JsonTree
    in_force_from: LocalDate = ""


class SopWithdrawn(Data):
    """No new application may pin this version; running ones stay on it."""

    NAME, KIND, SAID_BY = "sop.withdrawn", "decision", frozenset({"catalogue"})
    LABELS = ("SOP ditarik", "SOP withdrawn")
    sop: SopVersion


class SopAcknowledged(Data):
    """Somebody of an agency has answered every question about a version, and may work under it from here on.

    Who it is says the event's `authid`: the person's identity in the stream of this permit type, the same for each of its versions.
    """

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "sop.acknowledged", "decision", frozenset({"catalogue"}), 4
    LABELS = ("SOP dinyatakan dipahami", "SOP acknowledged")
    sop: SopVersion


class SopWaived(Data):
    """A head lets somebody of the own agency work under a version without the quiz, up to a local day, for a reason of the list."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "sop.waived", "decision", frozenset({"catalogue"}), 4
    LABELS = ("kuis SOP ditangguhkan", "SOP quiz waived")
    sop: SopVersion
    officer: AuthId
    reason: Slug
    valid_until: LocalDate


class ApplicationMovedToSop(Data):
    """A running application goes on under a newer version of its SOP, never to the applicant's disadvantage; work that is done stays done."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "application.moved-to-sop", "decision", frozenset({"intake"}), 4
    LABELS = ("permohonan beralih ke SOP baru", "application moved to another SOP version")
    sop: SopVersion
    legal_basis: Slug
