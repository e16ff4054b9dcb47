"""The city says which rules hold: senders, the contract, calendars."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shared.events.base import Data, Holiday
from shared.fields import LocalDate, Ordinal, PublicKey, Sender, Slug, Stage, Year

KeyAct = Literal["add", "revoke"]
KeyReason = Literal["new-sender", "rotation", "compromised", "lost"]


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


class SenderKeyProposed(Data):
    """Somebody proposes that a key (Ed25519, base64url) may seal what a sender says, or may no longer; somebody else confirms it."""

    NAME, KIND, SAID_BY = "sender.key-proposed", "decision", frozenset({"ledger"})
    LABELS = ("perubahan kunci diusulkan", "change of key proposed")
    SINCE_CONTRACT = 4
    name: Sender
    key: PublicKey
    act: KeyAct
    reason: KeyReason
    valid_until: LocalDate = ""


class SenderKeyAdded(Data):
    """A key may seal what a sender says from here on, up to a local date if there is one; from its first key on a sender must seal."""

    NAME, KIND, SAID_BY = "sender.key-added", "decision", frozenset({"ledger"})
    LABELS = ("kunci pengirim didaftarkan", "sender's key registered")
    SINCE_CONTRACT = 4
    name: Sender
    key: PublicKey
    valid_until: LocalDate = ""


class SenderKeyRevoked(Data):
    """A key may no longer seal anything, from here on and for ever; what it has sealed before stands."""

    NAME, KIND, SAID_BY = "sender.key-revoked", "decision", frozenset({"ledger"})
    LABELS = ("kunci pengirim dicabut", "sender's key revoked")
    SINCE_CONTRACT = 4
    name: Sender
    key: PublicKey


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
