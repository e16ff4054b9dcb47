"""The city says which rules hold: senders, the contract, calendars."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shared.events.base import Data, Holiday
from shared.fields import Ordinal, Sender, Slug, Stage, Year


class SenderRegistered(Data):
    """A deployment may speak from here on, for its stage and agencies (`*` = every agency without a deployment of its own)."""

    NAME, KIND, SAID_BY = "sender.registered", "decision", frozenset({"ledger"})
    LABELS = ("pengirim didaftarkan", "sender registered")
    name: Sender
    stage: Stage
    agencies: Annotated[tuple[Slug | Literal["*"], ...], Field(min_length=1, max_length=100)]


class SenderRevoked(Data):
    """A deployment may no longer speak."""

    NAME, KIND, SAID_BY = "sender.revoked", "decision", frozenset({"ledger"})
    LABELS = ("pengirim dicabut", "sender revoked")
    name: Sender


class ContractRaised(Data):
    """From here on senders may use the event versions of this contract number."""

    NAME, KIND, SAID_BY = "contract.raised", "decision", frozenset({"ledger"})
    LABELS = ("kontrak dinaikkan", "contract raised")
    contract: Ordinal


class CalendarPublished(Data):
    """The working days and office hours of a year; a later one of the same year replaces it from its position on."""

    NAME, KIND, SAID_BY = "calendar.published", "decision", frozenset({"catalogue"})
    LABELS = ("kalender kerja terbit", "calendar published")
    year: Year
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=100)]
    opens_minute: Annotated[int, Field(ge=0, le=1439)]
    closes_minute: Annotated[int, Field(ge=1, le=1440)]

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "CalendarPublished":
        if self.opens_minute >= self.closes_minute:
            raise ValueError("an office opens before it closes")
        return self
