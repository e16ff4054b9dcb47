"""What the handlers of the fold share."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from shared import events as e
from shared.case_model import Case, Finished, Remedy, StepState
from shared.money import UNPAID_OUTCOMES, kept
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


def owing(case: Case, rupiah: int, receipt: str) -> Case:
    """Returns the case with a refund that the city owes, if there is anything to pay back."""
    return case.having(remedies=(*case.remedies, Remedy("refund", rupiah, case.sequence, receipt))) if rupiah else case


def end(case: Case, outcome: str, at: str, **changes: Any) -> Case | None:  # noqa: ANN401 - fields of a case
    """Returns the case ended with this outcome, None if it had ended before."""
    if case.outcome:
        return None
    ended = case.having(outcome=outcome, ended_at=at, draft=None, correction=None, offer=None, **changes)
    # What was paid too much is owed already; without a permit the rest is, too.
    return owing(ended, sum(kept(charge) for charge in case.charges), "") if outcome in UNPAID_OUTCOMES else ended
