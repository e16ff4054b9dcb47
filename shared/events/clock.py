"""What the ledger notices by its own clock, and what its operator gives up."""

from shared.events.base import Data, Party
from shared.fields import Ordinal, Sender, Slug, Timestamp


class DeadlineMissed(Data):
    """A target or an announced date passed; said by the ledger's clock, so nobody reports their own lateness."""

    NAME, KIND, SAID_BY = "deadline.missed", "decision", frozenset({"ledger"})
    LABELS = ("lewat batas waktu", "deadline missed")
    step: Slug
    round: Ordinal
    party: Party
    agency: Slug = ""
    due_at: Timestamp


class NumberSkipped(Data):
    """An operator gives up a sender's number that can never arrive, so that what follows it may enter."""

    NAME, KIND, SAID_BY = "number.skipped", "decision", frozenset({"ledger"})
    LABELS = ("nomor dilewati", "number skipped")
    sender: Sender
    number: Ordinal
    reason: Slug
