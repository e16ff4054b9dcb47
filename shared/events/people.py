"""Who works on an application: hand-overs, conflicts of interest, acting officials, and a second look that a head allows."""

from typing import Literal

from shared.events.base import Data
from shared.fields import AuthId, LocalDate, OfficialNumber, Slug


class ReviewReassigned(Data):
    """A step goes from one officer to another, who answers for it from here on; the reason is one of a list."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "review.reassigned", "decision", frozenset({"verification"}), 4
    LABELS = ("petugas diganti", "review handed over")
    step: Slug
    officer: AuthId
    reason: Slug


class ConflictDeclared(Data):
    """An officer has an interest of their own in this application and does nothing more on it (benturan kepentingan)."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = (
        "conflict.declared",
        "decision",
        frozenset({"intake", "verification", "inspection", "issuance"}),
        4,
    )
    LABELS = ("benturan kepentingan dinyatakan", "conflict of interest declared")
    reason: Slug


class RecheckAllowed(Data):
    """The head lets a review ask again for a requirement that it had accepted, and answers for the reason."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "recheck.allowed", "decision", frozenset({"verification"}), 4
    LABELS = ("penilaian ulang diizinkan", "second look allowed")
    step: Slug
    requirement: Slug
    reason: Slug


class ActingAppointed(Data):
    """Who acts in the place of an agency's head, by letter and from day to day; a later one of the agency replaces it.

    `plh` stands in for a head who is away, `plt` where there is none. `officer` is the person's identity for this agency's own stream.
    """

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "acting.appointed", "decision", frozenset({"catalogue"}), 4
    LABELS = ("pejabat pengganti ditunjuk", "acting official appointed")
    agency: Slug
    kind: Literal["plh", "plt"]
    officer: AuthId
    letter: OfficialNumber
    valid_from: LocalDate
    valid_until: LocalDate
