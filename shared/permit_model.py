"""What the fold knows of an issued permit: its standing, its warnings, corrections, duplicates, further terms and holders."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Handed:
    """A requirement handed in: the newest commitment, and the sequence and legal time that changed it."""

    commitment: str
    sequence: int
    at: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A written warning to the holder: which one, why, and when."""

    level: int
    reasons: tuple[str, ...]
    answer_working_days: int
    at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a permit stood before it was revoked or annulled, and stands again when that is taken back."""

    state: str
    state_at: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip of the pen in the permit's document that a first officer proposes to mend."""

    field: str
    reason: str
    document: str
    authid: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A slip that was mended: in which field of the document, why, and when."""

    field: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A further document of the same permit: which one, why, and when."""

    number: int
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """A renewal that is over, asked for at this sequence and legal time: `renewed`, or `refused`, `withdrawn`, `closed`, `stopped` for reasons.

    `deemed` is the number under which silence renewed it, empty where people or a rule did.
    """

    result: str
    sequence: int
    asked_at: str
    at: str
    valid_until: str = ""
    reasons: tuple[str, ...] = ()
    deemed: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer on its way: offered to whom and when; once accepted, with what the new holder has handed in and disclosed."""

    to: str
    at: str
    accepted_at: str = ""
    requirements: Mapping[str, Handed] = field(default_factory=dict)
    disclosed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transferred:
    """A transfer that is over: `transferred`, or `refused` for reasons."""

    result: str
    at: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permit:
    """The permit: official number, first and last day (empty: no end), whether it was deemed granted, and what has become of it.

    `state` is `valid`, `suspended`, `revoked`, `annulled`, `surrendered` or `expired`, since `state_at`, for `reasons`. `announced` are the
    reminders of its end that were said, each by its days before it. `overruled` are the reasons for which it had been taken and was given back.
    """

    number: str
    valid_from: str
    valid_until: str
    deemed: bool
    state: str = "valid"
    state_at: str = ""
    reasons: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()
    slip: Slip | None = None
    corrections: tuple[Corrected, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    announced: tuple[int, ...] = ()
    renewals: tuple[Renewed, ...] = ()
    transfer: Transfer | None = None
    transfers: tuple[Transferred, ...] = ()
    overruled: tuple[str, ...] = ()

    @property
    def accepted_transfer(self) -> Transfer | None:
        """The transfer that waits for the issuing agency's word, None while nobody has accepted one."""
        return self.transfer if self.transfer is not None and self.transfer.accepted_at else None
