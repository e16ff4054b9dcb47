"""What is known of an application, as plain frozen data: the case and its parts, which the fold makes and the rules read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.events import Contested, Finding
from shared.fields import Frozen
from shared.objection_model import Objection
from shared.permit_model import Handed, Permit, Standing
from shared.sop.model import FactValue, Sop


@dataclass(frozen=True, slots=True)
class StepState:
    """How a step ended: `result` in the words of its event, in which round, by whom, at which sequence and legal time."""

    result: str
    round: int
    sequence: int
    at: str
    authid: str
    agency: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A step that somebody has now: since which sequence and legal time, in which round."""

    sequence: int
    at: str
    round: int


@dataclass(frozen=True, slots=True)
class Correction:
    """The list the applicant has to answer."""

    round: int
    findings: tuple[Finding, ...]
    at: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A site visit of a joint step: `scheduled`, `missed`, `passed` or `failed`, and which agencies signed its record."""

    step: str
    number: int
    date: str
    agencies: tuple[str, ...]
    letter: str
    state: str = "scheduled"
    failed_items: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    inspectors: tuple[str, ...] = ()
    drawn_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """Days for a visit that the applicant may choose from; the first stands when the days to answer have passed."""

    step: str
    number: int
    dates: tuple[str, ...]
    agencies: tuple[str, ...]
    letter: str
    answer_working_days: int
    at: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge or a deposit, what was paid on it, in rupiah, and the code and QR reference to pay it with, once the gateway has given them.

    It is `void` once the renewal that it was for has come to nothing.
    """

    step: str
    number: str
    basis: str
    amount_rupiah: int
    at: str
    paid_rupiah: int = 0
    receipts: tuple[str, ...] = ()
    code: str = ""
    qr: str = ""
    settled: str = ""  # what became of a deposit: `released` or `forfeited`
    reduced_from: int = 0  # what was assessed before it was lowered
    void: bool = False

    @property
    def open_rupiah(self) -> int:
        """What is still to be paid."""
        return 0 if self.void else max(0, self.amount_rupiah - self.paid_rupiah)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that reached the treasury: for which charge, by which receipt, on which local date and by which channel."""

    charge: str
    receipt: str
    rupiah: int
    paid_on: str
    channel: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed decision waiting for its signer."""

    outcome: str
    reasons: tuple[str, ...]
    authid: str


@dataclass(frozen=True, slots=True)
class Representation:
    """A power of attorney: whose, of which kind, committed to by its document, up to which day; `ended` says how it ended before that.

    `name` is the commitment to the attorney's name.
    """

    authid: str
    power: str
    document: str
    valid_until: str
    ended: str = ""
    ended_at: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A status that the national system of record gave: when it says that this happened, when it was entered here, and its number's commitment."""

    status: str
    happened_at: str
    at: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """From this sequence and legal time on these parties had the case: agencies by name, `applicant`, or nobody."""

    sequence: int
    at: str
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """A deadline that passed."""

    step: str
    round: int
    party: str
    agency: str
    due_at: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A step that a person ended: since when it had been ready, and whether anybody had done something about it before."""

    step: str
    round: int
    agency: str
    since: str
    at: str
    result: str
    touched: bool


@dataclass(frozen=True, slots=True)
class Breach:
    """A deadline that an agency missed: `open` to be contested, `contested`, then `upheld` or `dismissed`, or `published` uncontested.

    `level` says to whom the delay was escalated: 0 nobody, 1 the head, 2 the city secretary.
    """

    step: str
    round: int
    agency: str
    due_at: str
    at: str
    state: str = "open"
    reason: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Remedy:
    """What the city owes after a fact that came too late or too much: a refund of so many rupiah, of which receipt if of a single one."""

    kind: str
    rupiah: int
    sequence: int
    receipt: str = ""
    paid_rupiah: int = 0

    @property
    def open_rupiah(self) -> int:
        """What is still to be paid back."""
        return self.rupiah - self.paid_rupiah


@dataclass(frozen=True, slots=True)
class Before:
    """What stood of a case when a renewal was asked for: it stands again when that is over, as far as the renewal did not change it."""

    outcome: str
    completed_at: str
    facts: Mapping[str, FactValue]
    requirements: Mapping[str, Handed]
    steps: Mapping[str, StepState]
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal that is being decided: asked for at this sequence and legal time, the steps that it takes, and how many charges were there."""

    sequence: int
    at: str
    steps: tuple[str, ...]
    charges: int
    before: Before | None


@dataclass(frozen=True, slots=True)
class Halted:
    """A renewal as it stood when it was refused, closed or stopped: from here it goes on when that is taken back."""

    renewal: Renewal
    completed_at: str
    facts: Mapping[str, FactValue]
    requirements: Mapping[str, Handed]
    steps: Mapping[str, StepState]
    findings: Mapping[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Act:
    """An act that may be objected to, of a round, a sequence and a legal time, and by whom it was done, empty for a rule.

    `before` is how the permit stood that it took away, `halted` the renewal that it ended. It is settled once nobody can object to it any more.
    """

    kind: Contested
    round: int
    sequence: int
    at: str
    authid: str = ""
    before: Standing | None = None
    halted: Halted | None = None
    settled_at: str = ""


@dataclass(frozen=True)
class Case:
    """Everything that is known of an application at one of its sequences.

    `involved` are those who have reviewed, visited, drafted or decided something in it.
    `submitter` is whose application it is, after a transfer the new holder; `disclosed` are the commitments to that person's data.
    `stood_aside` is everybody who has stood on the applicant's side before: former holders, their attorneys, and who had filed for them.
    While a renewal is decided (`renewal`) the case runs again, by the steps of the renewal; when it is over the first outcome stands as before.

    It has no slots, so that `having` copies all fields in one step: the fold makes several cases of every entry.
    """

    code: str
    sop: Sop | None = None
    sop_name: str = ""
    sequence: int = 0
    position: int = 0
    recorded: str = ""
    submitted_at: str = ""
    submitter: str = ""
    filed_as: str = ""
    filed_by: str = ""
    representation: Representation | None = None
    stood_aside: tuple[str, ...] = ()
    mirrored: tuple[Mirrored, ...] = ()
    disclosed: tuple[str, ...] = ()
    channel: str = ""
    kelurahan: str = ""
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    requirements: Mapping[str, Handed] = field(default_factory=dict)
    completed_at: str = ""
    round: int = 1
    steps: Mapping[str, StepState] = field(default_factory=dict)
    ready: Mapping[str, Ready] = field(default_factory=dict)
    officers: Mapping[str, str] = field(default_factory=dict)
    touched: Mapping[str, str] = field(default_factory=dict)
    finished: tuple[Finished, ...] = ()
    hand_overs: Mapping[str, int] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)
    involved: tuple[str, ...] = ()
    accepted: Mapping[str, int] = field(default_factory=dict)
    rechecks: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    correction: Correction | None = None
    visits: tuple[Visit, ...] = ()
    offer: Offer | None = None
    charges: tuple[Charge, ...] = ()
    payments: tuple[Payment, ...] = ()
    draft: Draft | None = None
    permit: Permit | None = None
    renewal: Renewal | None = None
    audit_selected: bool = False
    outcome: str = ""
    outcome_reasons: tuple[str, ...] = ()
    ended_at: str = ""
    objections: tuple[Objection, ...] = ()
    acts: tuple[Act, ...] = ()
    turns: tuple[Turn, ...] = ()
    missed: tuple[Missed, ...] = ()
    breaches: tuple[Breach, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    legal_holds: Mapping[str, str] = field(default_factory=dict)
    forgotten_at: str = ""
    refusals: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    refusals_in_a_row: Mapping[str, int] = field(default_factory=dict)
    anomalies: tuple[str, ...] = ()

    @property
    def parties(self) -> tuple[str, ...]:
        """Whose turn it is."""
        return self.turns[-1].parties if self.turns else ()

    @property
    def act(self) -> Act | None:
        """The newest act that may be, or could have been, objected to; one that was taken back is none any more."""
        return self.acts[-1] if self.acts else None

    @property
    def settled_at(self) -> str:
        """When the newest act was settled, empty while it is not."""
        return self.acts[-1].settled_at if self.acts else ""

    @property
    def open_objection(self) -> Objection | None:
        """The objection or appeal that waits for its answer."""
        last = self.objections[-1] if self.objections else None
        return last if last is not None and last.state == "open" else None

    @property
    def system_of_record(self) -> str:
        """The system that owns cases of this type, empty while the SOP is not known."""
        return self.sop.system_of_record if self.sop else ""

    def having(self, **changes: Any) -> "Case":  # noqa: ANN401 - fields of a case
        """Returns the case with these fields changed: `dataclasses.replace` at a tenth of its cost."""
        case = object.__new__(Case)
        object.__setattr__(case, "__dict__", {**self.__dict__, **changes})
        return case


def case_state(case: Case) -> dict[str, Any]:
    """Returns the case as a JSON tree, the SOP by its name only: what live views and replays are compared by."""
    fields: dict[str, Any] = orjson.loads(orjson.dumps({**case.__dict__, "sop": None}, default=_part_of_an_event))
    del fields["sop"]
    return fields


def _part_of_an_event(value: Frozen) -> dict[str, Any]:
    return value.model_dump(mode="json", exclude_defaults=True)
