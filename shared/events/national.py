"""What a national system of record says about an application of a type that is its own."""

from typing import Literal

from shared.events.base import Data
from shared.fields import Commitment, Timestamp

NationalSystem = Literal["oss", "simbg", "mppdn"]
NationalStatus = Literal["received", "in-process", "issued", "refused", "withdrawn", "revoked"]


class NationalRecorded(Data):
    """The status that a national system gives an application, mirrored here; `happened_at` is that system's claim, `number` a commitment."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "national.recorded", "fact", frozenset({"intake"}), 4
    LABELS = ("status sistem nasional dicatat", "national system's status recorded")
    system: NationalSystem
    number: Commitment
    status: NationalStatus
    happened_at: Timestamp
