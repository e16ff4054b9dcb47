"""What the handlers of the fold share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Case, Finished, Remedy, Renewal, StepState
from shared.money import UNPAID_OUTCOMES, kept
from shared.permit_model import Handed, Permit, Renewed
from shared.sop.model import Sop

# (case, event, its data, SOPs, legal time) -> the case after it, None when it changes nothing: then it is an anomaly.
Handler = Callable[[Case, e.AnyEvent, Any, Mapping[str, Sop], str], Case | None]

ANOMALIES_MAX: Final = 100


def note(case: Case, what: str) -> Case:
    """Returns the case with one more anomaly: something that should not have happened."""
    return case.having(anomalies=(*case.anomalies, f"{what} at {case.sequence}")[-ANOMALIES_MAX:])


def done(case: Case, event: e.AnyEvent, step: str, result: str, at: str) -> Case:
    """Returns the case with a step done now, with this result."""
    state = StepState(result, case.round, case.sequence, at, event.authid, event.agency)
    ready = case.ready.get(step)
    if not event.authid or ready is None:
        return case.having(steps={**case.steps, step: state})
    before = case.touched.get(step, "") >= ready.at
    ended = Finished(step, case.round, event.agency, ready.at, at, result, before)
    return case.having(steps={**case.steps, step: state}, finished=(*case.finished, ended))


def handed_in(case: Case, attachments: Iterable[e.Attachment], at: str) -> dict[str, Handed]:
    """Returns the requirements that an event hands in now, by their codes."""
    return {item.requirement: Handed(item.commitment, case.sequence, at) for item in attachments}


def aside(case: Case, *left: str) -> tuple[str, ...]:
    """Returns who has stood on the applicant's side before, with those who leave it now."""
    return tuple(dict.fromkeys((*case.stood_aside, *filter(None, left))))


def owing(case: Case, rupiah: int, receipt: str) -> Case:
    """Returns the case with a refund that the city owes, if there is anything to pay back."""
    return case.having(remedies=(*case.remedies, Remedy("refund", rupiah, case.sequence, receipt))) if rupiah else case


def end(case: Case, outcome: str, at: str, **changes: Any) -> Case | None:  # noqa: ANN401 - fields of a case
    """Returns the case ended with this outcome, or only its renewal if that is what was decided; None if it had ended before."""
    if case.outcome:
        return None
    if case.renewal is not None:
        return end_renewal(case, outcome, at, changes.get("outcome_reasons", ())) if outcome in UNPAID_OUTCOMES else None
    ended = case.having(outcome=outcome, ended_at=at, draft=None, correction=None, offer=None, **changes)
    # What was paid too much is owed already; without a permit the rest is, too.
    return owing(ended, sum(kept(charge) for charge in case.charges), "") if outcome in UNPAID_OUTCOMES else ended


def end_renewal(case: Case, result: str, at: str, reasons: tuple[str, ...] = (), valid_until: str = "") -> Case | None:
    """Returns the case as it stood before its renewal, with the further term if it was granted; None if there is no renewal to end."""
    renewal, permit = case.renewal, case.permit
    if renewal is None or renewal.before is None or permit is None:
        return None
    over = Renewed(result, renewal.sequence, renewal.at, at, valid_until, reasons)
    ended = case.having(
        renewal=None,
        outcome=renewal.before.outcome,
        outcome_reasons=(),
        completed_at=renewal.before.completed_at,
        findings={},
        correction=None,
        draft=None,
        offer=None,
        visits=(*(visit for visit in renewal.before.visits if visit.step in renewal.steps), *case.visits),
        permit=replace(permit, renewals=(*permit.renewals, over)),
    )
    if result == "renewed":
        return ended.having(
            steps={**renewal.before.steps, **case.steps}, permit=_for_a_further_term(ended.permit or permit, at, valid_until)
        )
    return _nothing_came_of(
        ended.having(facts=renewal.before.facts, requirements=renewal.before.requirements, steps=renewal.before.steps), renewal
    )


def _for_a_further_term(permit: Permit, at: str, valid_until: str) -> Permit:
    renewed = replace(permit, valid_until=valid_until, announced=())
    # It was asked for in time: that the permit expired meanwhile is no harm.
    return replace(renewed, state="valid", state_at=at) if permit.state == "expired" else renewed


def _nothing_came_of(case: Case, renewal: Renewal) -> Case:
    """Returns the case owing what was paid for the renewal; what comes for its charges later is owed as well."""
    before, own = case.charges[: renewal.charges], case.charges[renewal.charges :]
    # A deposit that was released or forfeited already is not owed twice.
    voided = case.having(charges=(*before, *(replace(charge, void=not charge.settled) for charge in own)))
    return owing(voided, sum(kept(charge) for charge in own if not charge.settled), "")
