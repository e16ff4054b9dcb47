"""What the handlers of the fold share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Act, Case, Finished, Halted, Remedy, Renewal, StepState
from shared.money import UNPAID_OUTCOMES, kept
from shared.permit_model import Handed, Permit, Renewed, Standing
from shared.sop.model import Sop

# (case, event, its data, SOPs, legal time) -> the case after it, None when it changes nothing: then it is an anomaly.
Handler = Callable[[Case, e.AnyEvent, Any, Mapping[str, Sop], str], Case | None]

ANOMALIES_MAX: Final = 100
UNDECIDED: Final = ("findings", "rejected")
# The outcomes that an applicant may object to, as the acts that they are: of an application, and of a renewal.
_ACTS: Final[Mapping[str, e.Contested]] = {"refused": "refusal", "closed": "closing"}
_ACTS_OF_A_RENEWAL: Final[Mapping[str, e.Contested]] = {"refused": "renewal-refusal", "closed": "closing"}


def note(case: Case, what: str) -> Case:
    """Returns the case with one more anomaly: something that should not have happened."""
    return case.having(anomalies=(*case.anomalies, f"{what} at {case.sequence}")[-ANOMALIES_MAX:])


def with_part(case: Case, authid: str) -> Case:
    """Returns the case with somebody among those who had a part in it."""
    return case.having(involved=(*case.involved, authid)) if authid and authid not in case.involved else case


def done(case: Case, event: e.AnyEvent, step: str, result: str, at: str) -> Case:
    """Returns the case with a step done now, with this result."""
    case = with_part(case, event.authid)
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


def objectionable(
    case: Case, kind: e.Contested, at: str, authid: str = "", before: Standing | None = None, halted: Halted | None = None
) -> Case:
    """Returns the case with an act of this entry that may be objected to."""
    return case.having(acts=(*case.acts, Act(kind, case.round, case.sequence, at, authid, before, halted)))


def halted(case: Case) -> Halted | None:
    """Returns the renewal of a case as it stands, to go on from here if its end is taken back; None if there is none."""
    if case.renewal is None:
        return None
    return Halted(case.renewal, case.completed_at, case.facts, case.requirements, case.steps, case.findings)


def _decider(case: Case) -> str:
    decision = case.steps.get(case.sop.decision_step.code) if case.sop else None
    return decision.authid if decision else ""


def end(case: Case, outcome: str, at: str, **changes: Any) -> Case | None:  # noqa: ANN401 - fields of a case
    """Returns the case ended with this outcome, or only its renewal if that is what was decided; None if it had ended before."""
    if case.outcome:
        return None
    if case.renewal is not None:
        return end_renewal(case, outcome, at, changes.get("outcome_reasons", ())) if outcome in UNPAID_OUTCOMES else None
    ended = case.having(outcome=outcome, ended_at=at, draft=None, correction=None, offer=None, **changes)
    if outcome in _ACTS:
        ended = objectionable(ended, _ACTS[outcome], at, _decider(case))
    # What was paid too much is owed already; without a permit the rest is, too.
    return owing(ended, sum(kept(charge) for charge in case.charges), "") if outcome in UNPAID_OUTCOMES else ended


def end_renewal(case: Case, result: str, at: str, reasons: tuple[str, ...] = (), valid_until: str = "", deemed: str = "") -> Case | None:
    """Returns the case as it stood before its renewal, with the further term if it was granted; None if there is no renewal to end."""
    renewal, permit = case.renewal, case.permit
    if renewal is None or renewal.before is None or permit is None:
        return None
    over = Renewed(result, renewal.sequence, renewal.at, at, valid_until, reasons, deemed)
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
    if result in _ACTS_OF_A_RENEWAL:
        ended = objectionable(ended, _ACTS_OF_A_RENEWAL[result], at, _decider(case), halted=halted(case))
    if result == "renewed":
        # Where silence renews, what somebody found or rejected without a decision counts no more.
        steps = {code: state for code, state in case.steps.items() if not deemed or state.result not in UNDECIDED}
        return ended.having(steps={**renewal.before.steps, **steps}, permit=_for_a_further_term(ended.permit or permit, at, valid_until))
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
