"""How an objection or appeal changes a case: noted, rejected, or granted, which takes the act back that it was against."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Act, Case, Halted
from shared.folding.money import owed_no_more
from shared.folding.parts import Handler
from shared.objection_model import Objection, Opinion
from shared.permit_model import Permit, Standing
from shared.sop import objections
from shared.sop.model import Sop

# The decision is to be made anew, and the places of a pool were given back at the end.
NOT_KEPT: Final = ("decision", "quota")


def _lodged(kind: objections.Kind) -> Handler:
    def handle(case: Case, _event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case | None:  # noqa: ANN401 - two event classes
        window, act = objections.window(case), case.act
        if window is None or act is None or (window.kind, act.kind) != (kind, data.against):
            return None
        lodged = Objection(kind, data.number, act.round, data.grounds, data.statement, at, against=act.kind)
        return case.having(objections=(*case.objections, lodged))

    return handle


def _drafted(case: Case, event: e.AnyEvent, data: e.AnswerDrafted, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    waiting = case.open_objection
    if waiting is None or waiting.number != data.number or waiting.opinion is not None:
        return None
    return _with(case, opinion=Opinion(data.result, data.reasons, event.authid))


def _allowed(case: Case, _event: e.AnyEvent, data: e.InvolvedDrafterAllowed, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    waiting = case.open_objection
    if waiting is None or waiting.number != data.number or data.officer in waiting.allowed:
        return None
    return _with(case, allowed={**waiting.allowed, data.officer: data.reason})


def _with(case: Case, **changes: Any) -> Case:  # noqa: ANN401 - fields of an objection
    return case.having(objections=(*case.objections[:-1], replace(case.objections[-1], **changes)))


def _decided(kind: objections.Kind) -> Handler:
    def handle(case: Case, event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case | None:  # noqa: ANN401 - several event classes
        waiting, act = case.open_objection, case.act
        if waiting is None or act is None or (waiting.kind, waiting.number) != (kind, data.number):
            return None
        state = getattr(data, "result", "deemed-granted")
        changed = _with(case, state=state, decided_at=at, reasons=getattr(data, "reasons", ()), authid=event.authid)
        if state != "rejected":
            return _taken_back(changed, act)
        return _settled_now(changed, act, at) if kind == objections.APPEAL else changed

    return handle


def _taken_back(case: Case, act: Act) -> Case:
    """Returns the case as if the act had not been done: running again, or with its permit standing as it stood."""
    changed = case.having(acts=case.acts[:-1], round=case.round + 1)
    if act.before is not None and changed.permit is not None:
        changed = changed.having(permit=_standing_again(changed.permit, act.before))
    if act.halted is not None:
        changed = _resumed(changed, act.halted)
    elif act.before is None:
        changed = changed.having(outcome="", outcome_reasons=(), ended_at="")
    if changed.outcome:
        return changed  # a permit that stands again, of which nothing was running
    return owed_no_more(changed.having(steps=_steps(changed, act)), act)


def _standing_again(permit: Permit, before: Standing) -> Permit:
    overruled = (*permit.overruled, *(reason for reason in permit.reasons if reason not in permit.overruled))
    return replace(permit, state=before.state, state_at=before.state_at, reasons=before.reasons, overruled=overruled)


def _resumed(case: Case, halted: Halted) -> Case:
    """Returns the case with a renewal running again that had been ended."""
    renewal, permit = halted.renewal, case.permit
    if permit is None:
        return case
    earlier = sum(visit.step in renewal.steps for visit in renewal.before.visits) if renewal.before else 0
    return case.having(
        renewal=renewal,
        outcome="",
        outcome_reasons=(),
        completed_at=halted.completed_at,
        facts=halted.facts,
        requirements=halted.requirements,
        steps=halted.steps,
        findings=halted.findings,
        visits=case.visits[earlier:],
        permit=replace(permit, renewals=permit.renewals[:-1]),
    )


def _steps(case: Case, act: Act) -> Mapping[str, Any]:
    """Returns the steps that still count: of a refusal without its decision, and with what had rejected it overruled."""
    kinds = {step.code: step.kind for step in case.sop.steps} if case.sop else {}
    refused = act.kind in objections.REFUSALS
    return {
        code: replace(state, result=objections.OVERRULED) if refused and state.result == "rejected" else state
        for code, state in case.steps.items()
        if kinds.get(code) not in NOT_KEPT
    }


def _settled(case: Case, _event: e.AnyEvent, data: e.RefusalSettled, _sops: Mapping[str, Sop], at: str) -> Case | None:
    act = case.act
    return _settled_now(case, act, at) if act is not None and act.kind == data.against and objections.window(case) else None


def _settled_now(case: Case, act: Act, at: str) -> Case:
    return case.having(acts=(*case.acts[:-1], replace(act, settled_at=at)))


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ObjectionLodged: _lodged(objections.OBJECTION),
    e.AnswerDrafted: _drafted,
    e.InvolvedDrafterAllowed: _allowed,
    e.ObjectionDecided: _decided(objections.OBJECTION),
    e.ObjectionDeemedGranted: _decided(objections.OBJECTION),
    e.AppealLodged: _lodged(objections.APPEAL),
    e.AppealDecided: _decided(objections.APPEAL),
    e.AppealDeemedGranted: _decided(objections.APPEAL),
    e.RefusalSettled: _settled,
}
