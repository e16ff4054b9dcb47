"""The decision on an application."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Data
from shared.fields import LocalDate, OfficialNumber, Slug


class DecisionDrafted(Data):
    """A first officer proposes the decision; another one signs it."""

    NAME, KIND, SAID_BY = "decision.drafted", "decision", frozenset({"issuance"})
    LABELS = ("konsep keputusan", "decision drafted")
    step: Slug
    outcome: Literal["issue", "refuse"]
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)] = ()


class DecisionReturned(Data):
    """The signer sends the draft back to its drafter, saying why by code."""

    NAME, KIND, SAID_BY = "decision.returned", "decision", frozenset({"issuance"})
    LABELS = ("konsep dikembalikan", "decision returned")
    step: Slug
    reason: Slug


class PermitIssued(Data):
    """The permit exists: number and validity; `number` is the official one on paper."""

    NAME, KIND, SAID_BY = "permit.issued", "decision", frozenset({"issuance"})
    LABELS = ("izin terbit", "permit issued")
    step: Slug
    number: OfficialNumber
    valid_from: LocalDate
    valid_until: LocalDate = ""
    conditions: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)] = ()


class ApplicationRefused(Data):
    """The application is refused, with reasons by code."""

    NAME, KIND, SAID_BY = "application.refused", "decision", frozenset({"issuance"})
    LABELS = ("permohonan ditolak", "application refused")
    step: Slug
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


class PermitDeemedGranted(Data):
    """No decision within the legal limit: granted by law (fiktif positif), with a number like any permit."""

    NAME, KIND, SAID_BY = "permit.deemed-granted", "decision", frozenset({"ledger"})
    LABELS = ("dianggap dikabulkan (fiktif positif)", "deemed granted")
    number: OfficialNumber
    legal_basis: Slug
    valid_from: LocalDate
    valid_until: LocalDate = ""
