"""The one fold: an application's entries become a `Case`, the same for every service, the tracker, audit and tests.

The fold is total: any entry changes the case or is listed in its `anomalies`; it never raises. After each entry it asks the pinned SOP which
steps are ready, so that a case also knows since when each party has had it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from shared import events as e
from shared.envelope import Entry
from shared.fields import Frozen
from shared.sop import rules
from shared.sop.model import FactValue, Sop

APPLICANT: Final = "applicant"
ANOMALIES_MAX: Final = 100


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
class Handed:
    """A requirement handed in: the newest commitment and the sequence that changed it."""

    commitment: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Correction:
    """The list the applicant has to answer."""

    round: int
    findings: tuple[e.Finding, ...]
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


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge and what was paid on it, in rupiah."""

    step: str
    number: str
    basis: str
    amount_rupiah: int
    at: str
    paid_rupiah: int = 0
    receipts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed decision waiting for its signer."""

    outcome: str
    reasons: tuple[str, ...]
    authid: str


@dataclass(frozen=True, slots=True)
class Permit:
    """The permit: official number, first and last day (empty: no end), and whether it was deemed granted."""

    number: str
    valid_from: str
    valid_until: str
    deemed: bool


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
class Remedy:
    """What the city owes after a fact that came too late or too much: a refund of so many rupiah."""

    kind: str
    rupiah: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that is known of an application at one of its sequences."""

    code: str
    sop: Sop | None = None
    sop_name: str = ""
    sequence: int = 0
    position: int = 0
    recorded: str = ""
    submitted_at: str = ""
    submitter: str = ""
    channel: str = ""
    kelurahan: str = ""
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    requirements: Mapping[str, Handed] = field(default_factory=dict)
    completed_at: str = ""
    round: int = 1
    steps: Mapping[str, StepState] = field(default_factory=dict)
    ready: Mapping[str, Ready] = field(default_factory=dict)
    officers: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, tuple[e.Finding, ...]] = field(default_factory=dict)
    correction: Correction | None = None
    visits: tuple[Visit, ...] = ()
    charges: tuple[Charge, ...] = ()
    draft: Draft | None = None
    permit: Permit | None = None
    audit_selected: bool = False
    outcome: str = ""
    outcome_reasons: tuple[str, ...] = ()
    ended_at: str = ""
    turns: tuple[Turn, ...] = ()
    missed: tuple[Missed, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    refusals: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    refusals_in_a_row: Mapping[str, int] = field(default_factory=dict)
    anomalies: tuple[str, ...] = ()

    @property
    def parties(self) -> tuple[str, ...]:
        """Whose turn it is."""
        return self.turns[-1].parties if self.turns else ()


def empty_case(code: str) -> Case:
    """Returns the case before its first entry."""
    return Case(code=code)


def fold(case: Case, entry: Entry, sops: Mapping[str, Sop]) -> Case:
    """Returns the case after one more entry."""
    stamp = entry.stamp
    moved = replace(case, sequence=stamp.sequence, position=stamp.position, recorded=stamp.recordedtime)
    event = entry.current
    if stamp.refused:
        return _refused(moved, event.sender, stamp.sequence, stamp.refused)
    changed = apply(moved, event, sops, stamp.recordedtime)
    if event.sender in changed.refusals_in_a_row:
        row = {sender: count for sender, count in changed.refusals_in_a_row.items() if sender != event.sender}
        changed = replace(changed, refusals_in_a_row=row)
    return changed


def fold_all(code: str, entries: Iterable[Entry], sops: Mapping[str, Sop]) -> Case:
    """Folds a whole history."""
    case = empty_case(code)
    for entry in entries:
        case = fold(case, entry, sops)
    return case


def with_pending(case: Case, pending: Iterable[e.AnyEvent], sops: Mapping[str, Sop], at: str) -> Case:
    """Returns what a sender has to decide on: the case and its own events still on the way, as if entered now."""
    for event in pending:
        case = apply(case, event, sops, at)
    return case


def _refused(case: Case, sender: str, sequence: int, code: str) -> Case:
    if code == rules.FOLLOWS_A_REFUSAL:
        # It repeats the reason of the refusal before it; counting it would void the sender's fresh decision as well.
        return case
    again = case.refusals.get(sender, (0, ""))[1] == code
    count = case.refusals_in_a_row.get(sender, 0) + 1 if again else 1
    return replace(
        case,
        refusals={**case.refusals, sender: (sequence, code)},
        refusals_in_a_row={**case.refusals_in_a_row, sender: count},
    )


def apply(case: Case, event: e.AnyEvent, sops: Mapping[str, Sop], at: str) -> Case:
    """Applies one event that stands, at legal time `at`, and works out who has the case now."""
    changed = _apply(case, event, sops, at)
    if changed is None:
        note = f"{event.data.NAME} at {case.sequence}"
        changed = replace(case, anomalies=(*case.anomalies, note)[-ANOMALIES_MAX:])
    return _settle(changed, at)


def _apply(case: Case, event: e.AnyEvent, sops: Mapping[str, Sop], at: str) -> Case | None:
    handler = _HANDLERS.get(type(event.data))
    if handler is None:
        return None
    if not case.submitted_at and not isinstance(event.data, e.ApplicationSubmitted):
        return None
    return handler(case, event, event.data, sops, at)  # type: ignore[no-any-return]  # the table below pairs each class with its function


def _settle(case: Case, at: str) -> Case:
    """Recomputes the ready steps and, when the parties change, notes the turn."""
    if case.sop is None:
        return case
    codes = rules.ready_codes(case)
    if codes != tuple(case.ready):
        ready = {code: case.ready.get(code) or Ready(case.sequence, at, case.round) for code in codes}
        case = replace(case, ready=ready)
    parties = rules.whose_turn(case)
    if parties != case.parties or not case.turns:
        case = replace(case, turns=(*case.turns, Turn(case.sequence, at, parties)))
    return case


def _done(case: Case, event: e.AnyEvent, step: str, result: str, at: str) -> Case:
    state = StepState(result, case.round, case.sequence, at, event.authid, event.agency)
    return replace(case, steps={**case.steps, step: state})


def _submitted(case: Case, event: e.AnyEvent, data: e.ApplicationSubmitted, sops: Mapping[str, Sop], at: str) -> Case | None:
    if case.submitted_at:
        return None
    return replace(
        case,
        sop=sops.get(data.sop),
        sop_name=data.sop,
        submitted_at=at,
        submitter=event.authid,
        channel=data.channel,
        kelurahan=data.kelurahan,
        facts={fact.name: fact.value for fact in data.facts},
        requirements={item.requirement: Handed(item.commitment, case.sequence) for item in data.attachments},
    )


def _completed(case: Case, event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case:  # noqa: ANN401 - two event classes
    return replace(_done(case, event, data.step, "passed", at), completed_at=at)


def _assigned(case: Case, _event: e.AnyEvent, data: e.ReviewAssigned, _sops: Mapping[str, Sop], _at: str) -> Case:
    return replace(case, officers={**case.officers, data.step: data.officer})


def _reviewed(case: Case, event: e.AnyEvent, data: e.ReviewCompleted, _sops: Mapping[str, Sop], at: str) -> Case:
    others = {step: findings for step, findings in case.findings.items() if step != data.step}
    findings = {**others, data.step: data.findings} if data.findings else others
    reasons = case.outcome_reasons + data.reasons if data.result == "rejected" else case.outcome_reasons
    return replace(_done(case, event, data.step, data.result, at), findings=findings, outcome_reasons=reasons)


def _correction_requested(case: Case, _event: e.AnyEvent, data: e.CorrectionRequested, _sops: Mapping[str, Sop], at: str) -> Case:
    return replace(case, correction=Correction(data.round, data.findings, at, case.sequence))


def _corrected(case: Case, _event: e.AnyEvent, data: e.CorrectionSubmitted, _sops: Mapping[str, Sop], _at: str) -> Case:
    changed = {item.requirement: Handed(item.commitment, case.sequence) for item in data.attachments}
    reopened = rules.reviews_reading(case, changed) | set(case.findings)
    return replace(
        case,
        requirements={**case.requirements, **changed},
        steps={code: state for code, state in case.steps.items() if code not in reopened},
        findings={},
        correction=None,
        round=case.round + 1,
    )


def _recommended(case: Case, event: e.AnyEvent, data: e.RecommendationIssued, _sops: Mapping[str, Sop], at: str) -> Case:
    result = "rejected" if data.opinion == "reject" else data.opinion
    reasons = (*case.outcome_reasons, "recommendation-rejects") if data.opinion == "reject" else case.outcome_reasons
    return replace(_done(case, event, data.step, result, at), outcome_reasons=reasons)


def _drawn(case: Case, event: e.AnyEvent, data: e.AuditDrawn, _sops: Mapping[str, Sop], at: str) -> Case:
    return replace(_done(case, event, data.step, "passed", at), audit_selected=data.selected)


def _visit_scheduled(case: Case, _event: e.AnyEvent, data: e.VisitScheduled, _sops: Mapping[str, Sop], _at: str) -> Case:
    visit = Visit(data.step, data.visit, data.date, data.agencies, data.assignment_letter)
    return replace(case, visits=(*case.visits, visit))


def _change_visit(case: Case, step: str, number: int, **changes: Any) -> Case | None:  # noqa: ANN401 - fields of Visit
    if not any(visit.step == step and visit.number == number for visit in case.visits):
        return None
    visits = tuple(replace(visit, **changes) if (visit.step, visit.number) == (step, number) else visit for visit in case.visits)
    return replace(case, visits=visits)


def _visit_moved(case: Case, _event: e.AnyEvent, data: e.VisitMoved, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return _change_visit(case, data.step, data.visit, date=data.date)


def _visit_missed(case: Case, _event: e.AnyEvent, data: e.VisitMissed, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return _change_visit(case, data.step, data.visit, state="missed")


def _visit_reported(case: Case, event: e.AnyEvent, data: e.VisitReported, _sops: Mapping[str, Sop], at: str) -> Case | None:
    changed = _change_visit(case, data.step, data.visit, state=data.result, failed_items=data.failed_items)
    step = case.sop.step_by_code.get(data.step) if case.sop else None
    if changed is None or step is None:
        return None
    if data.result == "failed" and rules.visits_held(changed, data.step) >= step.visits_max:
        reasons = (*changed.outcome_reasons, "site-visit-failed")
        return replace(_done(changed, event, data.step, "rejected", at), outcome_reasons=reasons)
    return changed


def _visit_signed(case: Case, event: e.AnyEvent, data: e.VisitRecordSigned, _sops: Mapping[str, Sop], at: str) -> Case | None:
    visit = next((item for item in case.visits if (item.step, item.number) == (data.step, data.visit)), None)
    if visit is None or visit.state not in ("passed", "failed") or event.agency in visit.signed:
        return None
    signed = (*visit.signed, event.agency)
    changed = _change_visit(case, data.step, data.visit, signed=signed)
    if changed is not None and visit.state == "passed" and set(visit.agencies) <= set(signed):
        return _done(changed, event, data.step, "passed", at)
    return changed


def _charged(case: Case, event: e.AnyEvent, data: e.ChargeAssessed, _sops: Mapping[str, Sop], at: str) -> Case:
    charge = Charge(data.step, data.number, data.basis, data.amount_rupiah, at)
    return replace(_done(case, event, data.step, "passed", at), charges=(*case.charges, charge))


def _paid(case: Case, event: e.AnyEvent, data: e.PaymentConfirmed, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if any(data.receipt in charge.receipts for charge in case.charges):
        return None
    charge = next((item for item in case.charges if item.number == data.charge), None)
    too_late = case.outcome in ("withdrawn", "closed", "refused")
    if charge is None or too_late:
        changed = replace(case, remedies=(*case.remedies, Remedy("refund", data.amount_rupiah, case.sequence)))
        if charge is None:
            return replace(changed, anomalies=(*case.anomalies, f"payment of an unknown charge at {case.sequence}")[-ANOMALIES_MAX:])
        return changed
    before, paid = charge.paid_rupiah, charge.paid_rupiah + data.amount_rupiah
    updated = replace(charge, paid_rupiah=paid, receipts=(*charge.receipts, data.receipt))
    changed = replace(case, charges=tuple(updated if item is charge else item for item in case.charges))
    if over := max(0, paid - charge.amount_rupiah) - max(0, before - charge.amount_rupiah):
        changed = replace(changed, remedies=(*changed.remedies, Remedy("refund", over, case.sequence)))
    step = rules.payment_step(changed)
    if step and step not in changed.steps and all(item.paid_rupiah >= item.amount_rupiah for item in changed.charges):
        return _done(changed, event, step, "passed", at)
    return changed


def _drafted(case: Case, event: e.AnyEvent, data: e.DecisionDrafted, _sops: Mapping[str, Sop], _at: str) -> Case:
    return replace(case, draft=Draft(data.outcome, data.reasons, event.authid))


def _returned(case: Case, _event: e.AnyEvent, _data: e.DecisionReturned, _sops: Mapping[str, Sop], _at: str) -> Case:
    return replace(case, draft=None)


def _issued(case: Case, event: e.AnyEvent, data: e.PermitIssued, _sops: Mapping[str, Sop], at: str) -> Case:
    permit = Permit(data.number, data.valid_from, data.valid_until, deemed=False)
    return _end(replace(_done(case, event, data.step, "passed", at), permit=permit), "issued", at)


def _refused_application(case: Case, event: e.AnyEvent, data: e.ApplicationRefused, _sops: Mapping[str, Sop], at: str) -> Case:
    return replace(_end(_done(case, event, data.step, "refused", at), "refused", at), outcome_reasons=data.reasons)


def _withdrawn(case: Case, _event: e.AnyEvent, data: e.ApplicationWithdrawn, _sops: Mapping[str, Sop], at: str) -> Case:
    return replace(_end(case, "withdrawn", at), outcome_reasons=(data.reason,))


def _closed(case: Case, _event: e.AnyEvent, data: e.ApplicationClosed, _sops: Mapping[str, Sop], at: str) -> Case:
    return replace(_end(case, "closed", at), outcome_reasons=(data.reason,))


def _deemed_granted(case: Case, _event: e.AnyEvent, data: e.PermitDeemedGranted, _sops: Mapping[str, Sop], at: str) -> Case:
    return _end(replace(case, permit=Permit(data.number, data.valid_from, data.valid_until, deemed=True)), "deemed-granted", at)


def _end(case: Case, outcome: str, at: str) -> Case:
    paid = 0 if outcome in ("issued", "deemed-granted") else sum(charge.paid_rupiah for charge in case.charges)
    refunded = sum(remedy.rupiah for remedy in case.remedies)
    remedies = (*case.remedies, Remedy("refund", paid - refunded, case.sequence)) if paid > refunded else case.remedies
    return replace(case, outcome=outcome, ended_at=at, draft=None, correction=None, remedies=remedies)


def _missed(case: Case, _event: e.AnyEvent, data: e.DeadlineMissed, _sops: Mapping[str, Sop], _at: str) -> Case:
    return replace(case, missed=(*case.missed, Missed(data.step, data.round, data.party, data.agency, data.due_at)))


def _skipped(case: Case, _event: e.AnyEvent, _data: e.NumberSkipped, _sops: Mapping[str, Sop], _at: str) -> Case:
    return case


_HANDLERS: Final[dict[type[e.Data], Any]] = {
    e.ApplicationSubmitted: _submitted,
    e.ApplicationCompleted: _completed,
    e.ApplicationDeemedComplete: _completed,
    e.ReviewAssigned: _assigned,
    e.ReviewCompleted: _reviewed,
    e.CorrectionRequested: _correction_requested,
    e.CorrectionSubmitted: _corrected,
    e.RecommendationIssued: _recommended,
    e.AuditDrawn: _drawn,
    e.VisitScheduled: _visit_scheduled,
    e.VisitMoved: _visit_moved,
    e.VisitMissed: _visit_missed,
    e.VisitReported: _visit_reported,
    e.VisitRecordSigned: _visit_signed,
    e.ChargeAssessed: _charged,
    e.PaymentConfirmed: _paid,
    e.DecisionDrafted: _drafted,
    e.DecisionReturned: _returned,
    e.PermitIssued: _issued,
    e.ApplicationRefused: _refused_application,
    e.ApplicationWithdrawn: _withdrawn,
    e.ApplicationClosed: _closed,
    e.PermitDeemedGranted: _deemed_granted,
    e.DeadlineMissed: _missed,
    e.NumberSkipped: _skipped,
}


def case_state(case: Case) -> dict[str, Any]:
    """Returns the case as a JSON tree, the SOP by its name only: what live views and replays are compared by."""
    shallow = replace(case, sop=None)
    state = asdict(shallow, dict_factory=_plain)
    del state["sop"]
    return state


def _plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: _jsonable(value) for key, value in pairs}


def _jsonable(value: Any) -> Any:  # noqa: ANN401 - any field of a case
    if isinstance(value, Frozen):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, tuple | list):
        return [_jsonable(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _jsonable(item) for key, item in value.items()}
    return value
