"""How draws and site visits change a case."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Case, Visit
from shared.folding.parts import Handler, done, with_part
from shared.sop import rules
from shared.sop.model import Sop


def _drawn(case: Case, event: e.AnyEvent, data: e.AuditDrawn, _sops: Mapping[str, Sop], at: str) -> Case:
    return done(case, event, data.step, "passed", at).having(audit_selected=data.selected)


def _visit_scheduled(case: Case, _event: e.AnyEvent, data: e.VisitScheduled, _sops: Mapping[str, Sop], _at: str) -> Case:
    visit = Visit(data.step, data.visit, data.date, data.agencies, data.assignment_letter)
    return case.having(visits=(*case.visits, visit))


def visit_of(case: Case, step: str, number: int) -> Visit | None:
    """Returns a visit by its step and number, None when there is no such one."""
    return next((visit for visit in case.visits if (visit.step, visit.number) == (step, number)), None)


def change_visit(case: Case, step: str, number: int, **changes: Any) -> Case | None:  # noqa: ANN401 - fields of Visit
    """Returns the case with a visit changed, None when that changes nothing."""
    visits = tuple(replace(visit, **changes) if (visit.step, visit.number) == (step, number) else visit for visit in case.visits)
    return case.having(visits=visits) if visits != case.visits else None


def _visit_moved(case: Case, _event: e.AnyEvent, data: e.VisitMoved, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return change_visit(case, data.step, data.visit, date=data.date)


def _visit_missed(case: Case, _event: e.AnyEvent, data: e.VisitMissed, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return change_visit(case, data.step, data.visit, state="missed")


def _visit_reported(case: Case, event: e.AnyEvent, data: e.VisitReported, _sops: Mapping[str, Sop], at: str) -> Case | None:
    changed = change_visit(with_part(case, event.authid), data.step, data.visit, state=data.result, failed_items=data.failed_items)
    step = case.sop.step_by_code.get(data.step) if case.sop else None
    if changed is None or step is None:
        # A visit after issue changes nothing but itself: the permit stands until somebody decides about it.
        return changed if _follows_issue(case, data.step) else None
    if data.result == "failed" and rules.visits_held(changed, data.step) >= step.visits_max:
        reasons = (*changed.outcome_reasons, "site-visit-failed")
        return done(changed, event, data.step, "rejected", at).having(outcome_reasons=reasons)
    return changed


def _follows_issue(case: Case, code: str) -> bool:
    return case.sop is not None and code in case.sop.after_issue_by_code


def _visit_signed(case: Case, event: e.AnyEvent, data: e.VisitRecordSigned, _sops: Mapping[str, Sop], at: str) -> Case | None:
    visit = visit_of(case, data.step, data.visit)
    if visit is None or visit.state not in ("passed", "failed") or event.agency in visit.signed:
        return None
    signed = (*visit.signed, event.agency)
    changed = change_visit(with_part(case, event.authid), data.step, data.visit, signed=signed)
    if changed is not None and visit.state == "passed" and not _follows_issue(case, data.step) and set(visit.agencies) <= set(signed):
        return done(changed, event, data.step, "passed", at)
    return changed


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.AuditDrawn: _drawn,
    e.VisitScheduled: _visit_scheduled,
    e.VisitMoved: _visit_moved,
    e.VisitMissed: _visit_missed,
    e.VisitReported: _visit_reported,
    e.VisitRecordSigned: _visit_signed,
}
