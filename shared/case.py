"""The one fold: an application's entries become a `Case`, the same for every service, the tracker, audit and tests.

The fold is total: any entry changes the case or is listed in its `anomalies`; it never raises. After each entry it asks the pinned SOP
which steps are ready, so that a case also knows since when each party has had it.
"""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Final

from shared import events as e
from shared.case_model import Case, Ready, Turn, case_state
from shared.envelope import Entry
from shared.folding import (
    arrival,
    decisions,
    draws,
    lateness,
    money,
    moves,
    national,
    objections,
    people,
    permits,
    personal,
    quotas,
    renewals,
    reviews,
    transfers,
    visits,
)
from shared.folding.parts import Handler, done, note
from shared.sop import rules
from shared.sop.model import Sop
from shared.upcast import upcast

__all__ = ["Case", "apply", "case_state", "empty_case", "fold", "fold_all", "with_pending"]

# What decides who has the case; while it is the same, nothing has to be worked out anew.
_WORK: Final = attrgetter("sop", "steps", "findings", "correction", "visits", "offer", "charges", "outcome", "objections", "renewal")
_HANDLERS: Final[dict[type[e.Data], Handler]] = {
    **arrival.HANDLERS,
    **quotas.HANDLERS,
    **moves.HANDLERS,
    **national.HANDLERS,
    **reviews.HANDLERS,
    **people.HANDLERS,
    **visits.HANDLERS,
    **draws.HANDLERS,
    **money.HANDLERS,
    **decisions.HANDLERS,
    **objections.HANDLERS,
    **permits.HANDLERS,
    **renewals.HANDLERS,
    **transfers.HANDLERS,
    **personal.HANDLERS,
    **lateness.HANDLERS,
}


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
        return note(case, event.data.NAME)
    return changed if _same_work(case, changed) else _settle(changed, event, at)


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
    if case.charges and all(charge.void or charge.paid_rupiah >= charge.amount_rupiah for charge in case.charges):
        payment = rules.payment_step(case)
        if payment in codes:
            # The charge may be zero, or was paid before this step opened.
            case = done(case, event, payment, "passed", at)
            codes = rules.ready_codes(case)
    if codes != tuple(case.ready):
        ready = {code: case.ready.get(code) or Ready(case.sequence, at, case.round) for code in codes}
        case = case.having(ready=ready)
    parties = rules.whose_turn(case)
    if parties != case.parties or not case.turns:
        case = case.having(turns=(*case.turns, Turn(case.sequence, at, parties)))
    return case
