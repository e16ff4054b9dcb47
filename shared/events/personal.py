"""Personal data behind an application that has ended."""

from shared.events.base import Data, ForgettingReason, HoldReason
from shared.fields import OfficialNumber


class LegalHoldPlaced(Data):
    """Nobody may erase the personal data behind this application: somebody who may demand it does, by a numbered letter."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "legal-hold.placed", "decision", frozenset({"intake"}), 3
    LABELS = ("penghapusan data ditangguhkan", "legal hold placed")
    number: OfficialNumber
    reason: HoldReason


class LegalHoldLifted(Data):
    """What a numbered letter demanded is over."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "legal-hold.lifted", "decision", frozenset({"intake"}), 3
    LABELS = ("penangguhan penghapusan data dicabut", "legal hold lifted")
    number: OfficialNumber


class SubjectForgotten(Data):
    """Every vault erases what it keeps of this application, on the legal ground given; the history stays, for it holds no personal data."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "subject.forgotten", "decision", frozenset({"intake"}), 3
    LABELS = ("data pribadi dihapus", "personal data erased")
    reason: ForgettingReason
