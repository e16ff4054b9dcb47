"""What every event is made of: the data part, and the small things that several events hold."""

from typing import Any, ClassVar, Literal, Self

from shared.fields import Commitment, Count, Frozen, LocalDate, Measure, Slug, Stage

TYPE_PREFIX = "id.jejakizin."

Channel = Literal["web", "counter", "post", "email", "partner", "internal"]
Party = Literal["agency", "applicant"]
PermitField = Literal["holder-name", "holder-address", "location", "object", "dates", "legal-basis", "signatory"]
HoldReason = Literal["audit", "court", "objection", "ombudsman"]
ForgettingReason = Literal["applicant-request", "consent-withdrawn", "no-longer-needed", "retention-ended", "unlawful-processing"]


class Data(Frozen):
    """The data part of an event; the class variables say what the contract knows about it."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    KIND: ClassVar[Literal["decision", "fact"]]
    SAID_BY: ClassVar[frozenset[Stage]]
    LABELS: ClassVar[tuple[str, str]]
    SINCE_CONTRACT: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """Returns the CloudEvents type, for example `id.jejakizin.permit.issued.v1`."""
        return f"{TYPE_PREFIX}{cls.NAME}.v{cls.VERSION}"

    @classmethod
    def of(cls, **fields: Any) -> Self:  # noqa: ANN401 - the fields of the class
        """Returns the data, leaving out optional fields that have their default: an event has one spelling."""
        known = cls.model_fields
        return cls(**{name: value for name, value in fields.items() if known[name].is_required() or value != known[name].get_default()})


class Disclosure(Frozen):
    """A salted commitment to a value that stays in its writer's vault (SD-JWT form, RFC 9901)."""

    name: Slug
    commitment: Commitment


class DeclaredFact(Frozen):
    """What the applicant declares about the object: a yes or no, a count, a measure (decimal string) or a choice."""

    name: Slug
    value: bool | Count | Measure | Slug


class Attachment(Frozen):
    """A requirement met: the salted commitment to the document's digest, or the number of a looked-up fact's commitment."""

    requirement: Slug
    commitment: Commitment


class Finding(Frozen):
    """One thing to correct: the requirement, why by code, and the commitment to the officer's own words if there are any."""

    requirement: Slug
    reason: Slug
    note: Commitment = ""


class Holiday(Frozen):
    """A day without office hours: a national holiday or collective leave (cuti bersama)."""

    date: LocalDate
    kind: Literal["national", "collective-leave"]
