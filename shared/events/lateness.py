"""Lateness: escalated by the ledger, contested by the agency, judged by the inspectorate, and clocks stopped by decree."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Data
from shared.fields import Commitment, LocalDate, OfficialNumber, Ordinal, Slug, Stage

_AGENCIES_SAY: frozenset[Stage] = frozenset({"intake", "verification", "inspection", "issuance"})


class DeadlineEscalated(Data):
    """A late step is still not done: the head of the agency (level 1), then the city secretary (level 2), has to hear of it."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "deadline.escalated", "decision", frozenset({"ledger"}), 4
    LABELS = ("keterlambatan dinaikkan", "delay escalated")
    step: Slug
    round: Ordinal
    agency: Slug
    level: Annotated[int, Field(ge=1, le=2)]


class BreachContested(Data):
    """The late agency says why a missed deadline is not its breach, with evidence, before the breach is published."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "breach.contested", "decision", _AGENCIES_SAY, 4
    LABELS = ("pelanggaran waktu disanggah", "breach contested")
    step: Slug
    round: Ordinal
    reason: Slug
    evidence: Annotated[tuple[Commitment, ...], Field(min_length=1, max_length=10)]


class BreachUpheld(Data):
    """The inspectorate finds that a contested breach is one: it is published."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "breach.upheld", "decision", _AGENCIES_SAY, 4
    LABELS = ("sanggahan ditolak", "breach upheld")
    step: Slug
    round: Ordinal
    of_agency: Slug
    reason: Slug


class BreachDismissed(Data):
    """The inspectorate finds that a contested breach is none: it is never published."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "breach.dismissed", "decision", _AGENCIES_SAY, 4
    LABELS = ("sanggahan diterima", "breach dismissed")
    step: Slug
    round: Ordinal
    of_agency: Slug
    reason: Slug


class BreachPublished(Data):
    """The days to contest a missed deadline are over and nobody did: said by the ledger's clock."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "breach.published", "decision", frozenset({"ledger"}), 4
    LABELS = ("pelanggaran waktu diumumkan", "breach published")
    step: Slug
    round: Ordinal
    agency: Slug


class ForceMajeureDeclared(Data):
    """By decree the clocks stand still from day to day: for everybody, or for some agencies or national systems only."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "force-majeure.declared", "decision", frozenset({"catalogue"}), 4
    LABELS = ("keadaan kahar ditetapkan", "force majeure declared")
    number: OfficialNumber
    legal_basis: Slug
    reason: Slug
    from_day: LocalDate
    until_day: LocalDate
    agencies: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=100)] = ()
    systems: Annotated[tuple[Literal["city", "oss", "simbg", "mppdn"], ...], Field(min_length=1, max_length=4)] = ()


class ForceMajeureEnded(Data):
    """The clocks of a decree run again after this day, earlier than it had said."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "force-majeure.ended", "decision", frozenset({"catalogue"}), 4
    LABELS = ("keadaan kahar berakhir", "force majeure ended")
    number: OfficialNumber
    last_day: LocalDate
