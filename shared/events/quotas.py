"""Places that are counted: the vehicles of a route, billboard points, cemetery plots.

A pool is a stream of its own, subject `quota:<name>`, so that the ledger's order of one stream is the queue for its places. Its events are
the verification's, because the technical agency that owns a pool decides how many places there are and answers for each of them.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Data
from shared.fields import ApplicationCode, Ordinal, Slug

Places = Annotated[int, Field(ge=0, le=1_000_000)]


class QuotaOpened(Data):
    """A pool has so many places from here on; the agency that owns it says so."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "quota.opened", "decision", frozenset({"verification"}), 4
    LABELS = ("kuota dibuka", "quota opened")
    quota: Slug
    agency: Slug
    capacity: Places


class QuotaChanged(Data):
    """A pool has another number of places from here on, never fewer than are reserved."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "quota.changed", "decision", frozenset({"verification"}), 4
    LABELS = ("kuota diubah", "quota changed")
    quota: Slug
    capacity: Places
    reason: Slug


class QuotaReserved(Data):
    """An application's step takes places; beyond the capacity it is refused `quota-full`, and that entry is its place in the queue."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "quota.reserved", "decision", frozenset({"verification"}), 4
    LABELS = ("kuota dipesan", "quota reserved")
    quota: Slug
    application: ApplicationCode
    step: Slug
    places: Ordinal


class QuotaReleased(Data):
    """An application gives its places, or its place in the queue, back."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "quota.released", "decision", frozenset({"verification"}), 4
    LABELS = ("kuota dilepas", "quota released")
    quota: Slug
    application: ApplicationCode
    reason: Literal["refused", "withdrawn", "closed", "permit-ended"]


class QuotaGranted(Data):
    """The application's own stream says that its step has the places which the pool's stream reserved."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "quota.granted", "decision", frozenset({"verification"}), 4
    LABELS = ("kuota diperoleh", "quota granted")
    step: Slug
    quota: Slug
    places: Ordinal
