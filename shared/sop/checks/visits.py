"""Whether a draw or a site visit may stand."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import after_issue, rules
from shared.sop.checks.parts import Check, step_problem
from shared.sop.model import AfterVisit


def _drawn(case: Case, event: e.AnyEvent, data: e.AuditDrawn, _city: City) -> str:
    return step_problem(case, event, data.step, "draw")


def next_visit_problem(case: Case, event: e.AnyEvent, data: e.VisitScheduled | e.VisitOffered) -> str:
    """Returns why the next visit of a step may not be arranged by this event, empty when it may."""
    problem = step_problem(case, event, data.step, "visit") or rules.next_visit_refusal(case, data.step)
    return problem or ("" if data.visit == rules.next_visit_number(case, data.step) else "wrong-visit")


def agencies_problem(case: Case, data: e.VisitScheduled | e.VisitOffered) -> str:
    """Returns that a visit is not arranged for exactly the agencies of its step, empty when it is."""
    wanted = case.sop.step_by_code[data.step].agencies if case.sop else ()
    return "" if set(data.agencies) == set(wanted) else "agencies-differ"


def _visit_scheduled(case: Case, event: e.AnyEvent, data: e.VisitScheduled, _city: City) -> str:
    if after := after_issue.expected(case).get(data.step):
        return _after_scheduled(case, event, data, after)
    return next_visit_problem(case, event, data) or agencies_problem(case, data)


def _after_scheduled(case: Case, event: e.AnyEvent, data: e.VisitScheduled, after: AfterVisit) -> str:
    if problem := after_issue.refusal(case, after, "schedule-visit", event.agency):
        return problem
    if data.visit != sum(visit.step == data.step for visit in case.visits) + 1:
        return "wrong-visit"
    return "" if set(data.agencies) == set(after.agencies) else "agencies-differ"


def _visit_moved(case: Case, event: e.AnyEvent, data: e.VisitMoved, _city: City) -> str:
    after = after_issue.expected(case).get(data.step)
    problem = after_issue.refusal(case, after, "move-visit", event.agency) if after else step_problem(case, event, data.step, "visit")
    last = rules.last_visit(case, data.step)
    if problem:
        return problem
    if last is None or last.number != data.visit or last.state != "scheduled":
        return "wrong-visit"
    return "date-unchanged" if last.date == data.date else ""


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.AuditDrawn: _drawn,
    e.VisitScheduled: _visit_scheduled,
    e.VisitMoved: _visit_moved,
}
