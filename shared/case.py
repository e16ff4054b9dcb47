"""The one fold: an application's entries become a `Case`, the same for every service, the tracker, audit and tests.

The fold is total: any entry changes the case or is listed in its `anomalies`; it never raises. After each entry it asks the pinned SOP
which steps are ready, so that a case also knows since when each party has had it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final

from shared import events as e
from shared.case_model import (
    Case,
    Charge,
    Correction,
    Draft,
    Handed,
    Missed,
    Permit,
    Ready,
    Remedy,
    StepState,
    Turn,
    Visit,
    Warned,
    case_state,
)
from shared.envelope import Entry
from shared.sop import rules
from shared.sop.model import Sop
from shared.sop.permit import STATES_OVER
from shared.upcast import upcast

__all__ = ["Case", "apply", "case_state", "empty_case", "fold", "fold_all", "with_pending"]

Handler = Callable[[Case, e.AnyEvent, Any, Mapping[str, Sop], str], Case | None]

UNPAID_OUTCOMES: Final = ("withdrawn", "closed", "refused")
ANOMALIES_MAX: Final = 100
# What decides who has the case; while it is the same, nothing has to be worked out anew.
_WORK: Final = attrgetter("sop", "steps", "findings", "correction", "visits", "charges", "outcome")


def empty_case(code: str) -> Case:
    """Returns the case before its first entry."""
    return Case(code=code)


def fold(case: Case, entry: Entry, sops: Mapping[str, Sop]) -> Case:
    """Returns the case after one more entry."""
    stamp = entry.stamp
    moved = case.having(sequence=stamp.sequence, position=stamp.position, recorded=stamp.recordedtime)
    event = entry.current
    if stamp.refused:
        return _refused(moved, event.sender, stamp.sequence, stamp.refused)
    changed = apply(moved, event, sops, stamp.recordedtime)
    if event.sender in changed.refusals_in_a_row:
        row = {sender: count for sender, count in changed.refusals_in_a_row.items() if sender != event.sender}
        changed = changed.having(refusals_in_a_row=row)
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
        case = apply(case, upcast(event), sops, at)
    return case


def _refused(case: Case, sender: str, sequence: int, code: str) -> Case:
    if code == rules.FOLLOWS_A_REFUSAL:
        # It repeats the reason of the refusal before it; counting it would void the sender's fresh decision as well.
        return case
    again = case.refusals.get(sender, (0, ""))[1] == code
    count = case.refusals_in_a_row.get(sender, 0) + 1 if again else 1
    return case.having(
        refusals={**case.refusals, sender: (sequence, code)},
        refusals_in_a_row={**case.refusals_in_a_row, sender: count},
    )


def apply(case: Case, event: e.AnyEvent, sops: Mapping[str, Sop], at: str) -> Case:
    """Applies one event that stands, at legal time `at`, and works out who has the case now."""
    changed = _apply(case, event, sops, at)
    if changed is None:
        return _note(case, event.data.NAME)
    return changed if _same_work(case, changed) else _settle(changed, event, at)


def _note(case: Case, what: str) -> Case:
    return case.having(anomalies=(*case.anomalies, f"{what} at {case.sequence}")[-ANOMALIES_MAX:])


def _apply(case: Case, event: e.AnyEvent, sops: Mapping[str, Sop], at: str) -> Case | None:
    handler = _HANDLERS.get(type(event.data))
    if handler is None:
        return None
    if not case.submitted_at and not isinstance(event.data, e.ApplicationSubmitted):
        return None
    return handler(case, event, event.data, sops, at)


def _same_work(before: Case, case: Case) -> bool:
    return _WORK(before) == _WORK(case)


def _settle(case: Case, event: e.AnyEvent, at: str) -> Case:
    """Recomputes the ready steps and, when the parties change, notes the turn."""
    if case.sop is None:
        return case
    codes = rules.ready_codes(case)
    if case.charges and all(charge.paid_rupiah >= charge.amount_rupiah for charge in case.charges):
        payment = rules.payment_step(case)
        if payment in codes:
            # The charge may be zero, or was paid before this step opened.
            case = _done(case, event, payment, "passed", at)
            codes = rules.ready_codes(case)
    if codes != tuple(case.ready):
        ready = {code: case.ready.get(code) or Ready(case.sequence, at, case.round) for code in codes}
        case = case.having(ready=ready)
    parties = rules.whose_turn(case)
    if parties != case.parties or not case.turns:
        case = case.having(turns=(*case.turns, Turn(case.sequence, at, parties)))
    return case


def _done(case: Case, event: e.AnyEvent, step: str, result: str, at: str) -> Case:
    state = StepState(result, case.round, case.sequence, at, event.authid, event.agency)
    return case.having(steps={**case.steps, step: state})


def _submitted(case: Case, event: e.AnyEvent, data: e.ApplicationSubmitted, sops: Mapping[str, Sop], at: str) -> Case | None:
    if case.submitted_at:
        return None
    return case.having(
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
    return _done(case, event, data.step, "passed", at).having(completed_at=at)


def _assigned(case: Case, _event: e.AnyEvent, data: e.ReviewAssigned, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    if case.officers.get(data.step) == data.officer:
        return None
    return case.having(officers={**case.officers, data.step: data.officer})


def _reviewed(case: Case, event: e.AnyEvent, data: e.ReviewCompleted, _sops: Mapping[str, Sop], at: str) -> Case:
    others = {step: findings for step, findings in case.findings.items() if step != data.step}
    findings = {**others, data.step: data.findings} if data.findings else others
    reasons = case.outcome_reasons + data.reasons if data.result == "rejected" else case.outcome_reasons
    return _done(case, event, data.step, data.result, at).having(findings=findings, outcome_reasons=reasons)


def _external(case: Case, event: e.AnyEvent, data: e.ExternalRecorded, _sops: Mapping[str, Sop], at: str) -> Case | None:
    step = case.sop.step_by_code.get(data.step) if case.sop else None
    if step is None or step.kind != "outsider" or data.step not in case.ready:
        return None
    reasons = (*case.outcome_reasons, "outsider-rejects") if data.result == "rejected" else case.outcome_reasons
    return _done(case, event, data.step, data.result, at).having(outcome_reasons=reasons)


def _correction_requested(case: Case, _event: e.AnyEvent, data: e.CorrectionRequested, _sops: Mapping[str, Sop], at: str) -> Case:
    return case.having(correction=Correction(data.round, data.findings, at, case.sequence))


def _corrected(case: Case, _event: e.AnyEvent, data: e.CorrectionSubmitted, _sops: Mapping[str, Sop], _at: str) -> Case:
    changed = {item.requirement: Handed(item.commitment, case.sequence) for item in data.attachments}
    reopened = rules.reviews_reading(case, changed) | set(case.findings)
    return case.having(
        requirements={**case.requirements, **changed},
        steps={code: state for code, state in case.steps.items() if code not in reopened},
        findings={},
        correction=None,
        round=case.round + 1,
    )


def _recommended(case: Case, event: e.AnyEvent, data: e.RecommendationIssued, _sops: Mapping[str, Sop], at: str) -> Case:
    result = "rejected" if data.opinion == "reject" else data.opinion
    reasons = (*case.outcome_reasons, "recommendation-rejects") if data.opinion == "reject" else case.outcome_reasons
    return _done(case, event, data.step, result, at).having(outcome_reasons=reasons)


def _drawn(case: Case, event: e.AnyEvent, data: e.AuditDrawn, _sops: Mapping[str, Sop], at: str) -> Case:
    return _done(case, event, data.step, "passed", at).having(audit_selected=data.selected)


def _visit_scheduled(case: Case, _event: e.AnyEvent, data: e.VisitScheduled, _sops: Mapping[str, Sop], _at: str) -> Case:
    visit = Visit(data.step, data.visit, data.date, data.agencies, data.assignment_letter)
    return case.having(visits=(*case.visits, visit))


def _change_visit(case: Case, step: str, number: int, **changes: Any) -> Case | None:  # noqa: ANN401 - fields of Visit
    visits = tuple(replace(visit, **changes) if (visit.step, visit.number) == (step, number) else visit for visit in case.visits)
    return case.having(visits=visits) if visits != case.visits else None


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
        return _done(changed, event, data.step, "rejected", at).having(outcome_reasons=reasons)
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
    return _done(case, event, data.step, "passed", at).having(charges=(*case.charges, charge))


def _paid(case: Case, _event: e.AnyEvent, data: e.PaymentConfirmed, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    receipts = {receipt for charge in case.charges for receipt in charge.receipts} | {remedy.receipt for remedy in case.remedies}
    if data.receipt in receipts:
        return None
    charge = next((item for item in case.charges if item.number == data.charge), None)
    if charge is None:
        return _note(_owing(case, data.amount_rupiah, data.receipt), "payment of an unknown charge")
    if case.outcome in UNPAID_OUTCOMES:
        return _owing(case, data.amount_rupiah, data.receipt)
    before, paid = charge.paid_rupiah, charge.paid_rupiah + data.amount_rupiah
    updated = replace(charge, paid_rupiah=paid, receipts=(*charge.receipts, data.receipt))
    changed = case.having(charges=tuple(updated if item is charge else item for item in case.charges))
    return _owing(changed, max(0, paid - charge.amount_rupiah) - max(0, before - charge.amount_rupiah), data.receipt)


def _owing(case: Case, rupiah: int, receipt: str) -> Case:
    return case.having(remedies=(*case.remedies, Remedy("refund", rupiah, case.sequence, receipt))) if rupiah else case


def _drafted(case: Case, event: e.AnyEvent, data: e.DecisionDrafted, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    draft = Draft(data.outcome, data.reasons, event.authid)
    return case.having(draft=draft) if draft != case.draft else None


def _returned(case: Case, _event: e.AnyEvent, _data: e.DecisionReturned, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return case.having(draft=None) if case.draft else None


def _issued(case: Case, event: e.AnyEvent, data: e.PermitIssued, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = Permit(data.number, data.valid_from, data.valid_until, deemed=False)
    return _end(_done(case, event, data.step, "passed", at), "issued", at, permit=permit)


def _refused_application(case: Case, event: e.AnyEvent, data: e.ApplicationRefused, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return _end(_done(case, event, data.step, "refused", at), "refused", at, outcome_reasons=data.reasons)


def _withdrawn(case: Case, _event: e.AnyEvent, data: e.ApplicationWithdrawn, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return _end(case, "withdrawn", at, outcome_reasons=(data.reason,))


def _closed(case: Case, _event: e.AnyEvent, data: e.ApplicationClosed, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return _end(case, "closed", at, outcome_reasons=(data.reason,))


def _deemed_granted(case: Case, _event: e.AnyEvent, data: e.PermitDeemedGranted, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return _end(case, "deemed-granted", at, permit=Permit(data.number, data.valid_from, data.valid_until, deemed=True))


def _warned(case: Case, _event: e.AnyEvent, data: e.WarningIssued, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = case.permit
    if permit is None or permit.state in STATES_OVER:
        return None
    warning = Warned(data.level, data.reasons, data.answer_working_days, at)
    return case.having(permit=replace(permit, warnings=(*permit.warnings, warning)))


def _permit_state(state: str, from_states: tuple[str, ...] = ("valid", "suspended")) -> Handler:
    """Returns the handler of an event that changes what a permit is worth."""

    def handle(case: Case, _event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case | None:  # noqa: ANN401 - several event classes
        if case.permit is None or case.permit.state not in from_states:
            return None
        reasons = getattr(data, "reasons", ()) or ((data.reason,) if hasattr(data, "reason") else ())
        return case.having(permit=replace(case.permit, state=state, state_at=at, reasons=reasons))

    return handle


def _end(case: Case, outcome: str, at: str, **changes: Any) -> Case | None:  # noqa: ANN401 - fields of a case
    if case.outcome:
        return None
    ended = case.having(outcome=outcome, ended_at=at, draft=None, correction=None, **changes)
    # What was paid too much is owed already; without a permit the rest is, too.
    kept = sum(min(charge.paid_rupiah, charge.amount_rupiah) for charge in case.charges)
    return _owing(ended, kept, "") if outcome in UNPAID_OUTCOMES else ended


def _hold_placed(case: Case, _event: e.AnyEvent, data: e.LegalHoldPlaced, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return None if data.number in case.legal_holds else case.having(legal_holds={**case.legal_holds, data.number: data.reason})


def _hold_lifted(case: Case, _event: e.AnyEvent, data: e.LegalHoldLifted, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    left = {number: reason for number, reason in case.legal_holds.items() if number != data.number}
    return case.having(legal_holds=left) if len(left) < len(case.legal_holds) else None


def _forgotten(case: Case, event: e.AnyEvent, _data: e.SubjectForgotten, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if case.forgotten_at:
        return None
    # Every vault has erased it, whatever else is true of the case.
    forgotten = case.having(forgotten_at=at)
    return forgotten if case.outcome else _note(forgotten, event.data.NAME)


def _missed(case: Case, _event: e.AnyEvent, data: e.DeadlineMissed, _sops: Mapping[str, Sop], _at: str) -> Case:
    return case.having(missed=(*case.missed, Missed(data.step, data.round, data.party, data.agency, data.due_at)))


def _skipped(case: Case, _event: e.AnyEvent, _data: e.NumberSkipped, _sops: Mapping[str, Sop], _at: str) -> Case:
    return case


_HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ApplicationSubmitted: _submitted,
    e.ApplicationCompleted: _completed,
    e.ApplicationDeemedComplete: _completed,
    e.ReviewAssigned: _assigned,
    e.ReviewCompleted: _reviewed,
    e.ExternalRecorded: _external,
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
    e.LegalHoldPlaced: _hold_placed,
    e.LegalHoldLifted: _hold_lifted,
    e.SubjectForgotten: _forgotten,
    e.WarningIssued: _warned,
    e.PermitSuspended: _permit_state("suspended", ("valid",)),
    e.PermitReinstated: _permit_state("valid", ("suspended",)),
    e.PermitRevoked: _permit_state("revoked"),
    e.PermitAnnulled: _permit_state("annulled"),
    e.PermitSurrendered: _permit_state("surrendered"),
    e.PermitExpired: _permit_state("expired"),
    e.DeadlineMissed: _missed,
    e.NumberSkipped: _skipped,
}
