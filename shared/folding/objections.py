"""How an objection or appeal against a refusal changes a case: noted, rejected, or granted, which takes the refusal back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Case, Objection
from shared.folding.parts import Handler
from shared.sop import objections
from shared.sop.model import Sop

# The decision is to be made anew, and the places of a pool were given back when it was refused.
NOT_KEPT: Final = ("decision", "quota")


def _lodged(kind: objections.Kind) -> Handler:
    def handle(case: Case, _event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case | None:  # noqa: ANN401 - two event classes
        window = objections.window(case)
        if window is None or window.kind != kind:
            return None
        lodged = Objection(kind, data.number, case.round, data.grounds, data.statement, at)
        return case.having(objections=(*case.objections, lodged))

    return handle


def _decided(kind: objections.Kind) -> Handler:
    def handle(case: Case, event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case | None:  # noqa: ANN401 - several event classes
        waiting = objections.pending(case)
        if waiting is None or (waiting.kind, waiting.number) != (kind, data.number):
            return None
        state = getattr(data, "result", "deemed-granted")
        answered = replace(waiting, state=state, decided_at=at, reasons=getattr(data, "reasons", ()), authid=event.authid)
        changed = case.having(objections=(*case.objections[:-1], answered))
        if state != "rejected":
            return _reopened(changed)
        return changed.having(settled_at=at) if kind == objections.APPEAL else changed

    return handle


def _reopened(case: Case) -> Case:
    """Returns the case running again: without its decision, with what had rejected it overruled, and with no refund for the refusal."""
    kinds = {step.code: step.kind for step in case.sop.steps} if case.sop else {}
    refused = next((state for code, state in case.steps.items() if kinds.get(code) == "decision"), None)
    steps = {
        code: replace(state, result=objections.OVERRULED) if state.result == "rejected" else state
        for code, state in case.steps.items()
        if kinds.get(code) not in NOT_KEPT
    }
    owed = tuple(item for item in case.remedies if item.receipt or refused is None or item.sequence != refused.sequence)
    return case.having(steps=steps, remedies=owed, outcome="", outcome_reasons=(), ended_at="", round=case.round + 1)


def _settled(case: Case, _event: e.AnyEvent, _data: e.RefusalSettled, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return case.having(settled_at=at) if objections.window(case) else None


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ObjectionLodged: _lodged(objections.OBJECTION),
    e.ObjectionDecided: _decided(objections.OBJECTION),
    e.ObjectionDeemedGranted: _decided(objections.OBJECTION),
    e.AppealLodged: _lodged(objections.APPEAL),
    e.AppealDecided: _decided(objections.APPEAL),
    e.AppealDeemedGranted: _decided(objections.APPEAL),
    e.RefusalSettled: _settled,
}
