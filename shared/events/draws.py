"""Visits honestly arranged: days offered to the applicant, and inspectors drawn by a seed that nobody chooses."""

from typing import Annotated

from pydantic import Field

from shared.events.base import Data
from shared.fields import AuthId, Commitment, LocalDate, OfficialNumber, Ordinal, Slug


class VisitOffered(Data):
    """Up to three days for a visit; without an answer in so many working days the first one stands."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "visit.offered", "decision", frozenset({"inspection"}), 4
    LABELS = ("pilihan hari pemeriksaan", "visit days offered")
    step: Slug
    visit: Ordinal
    dates: Annotated[tuple[LocalDate, ...], Field(min_length=1, max_length=3)]
    agencies: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    assignment_letter: OfficialNumber
    answer_working_days: Annotated[int, Field(ge=1, le=10)]


class VisitSlotChosen(Data):
    """The applicant takes one of the days that were offered: the visit is scheduled."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "visit.slot-chosen", "decision", frozenset({"intake"}), 4
    LABELS = ("hari pemeriksaan dipilih", "visit day chosen")
    step: Slug
    visit: Ordinal
    date: LocalDate


class InspectorsDrawn(Data):
    """Who of a pool goes on a visit, drawn by rule; `pool` counts those who could be drawn, `warned` says that they were too few.

    `inspectors` are identities for this application; the commitments are to the persons, whose values stay with inspection.
    """

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "inspectors.drawn", "decision", frozenset({"inspection"}), 4
    LABELS = ("petugas pemeriksa diundi", "inspectors drawn")
    step: Slug
    visit: Ordinal
    pool: Annotated[int, Field(ge=1, le=200)]
    warned: bool
    inspectors: Annotated[tuple[AuthId, ...], Field(min_length=1, max_length=5)]
    persons: Annotated[tuple[Commitment, ...], Field(min_length=1, max_length=5)]
