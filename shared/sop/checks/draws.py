"""Whether days may be offered or chosen for a visit, and whether a draw of inspectors may stand."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import rules
from shared.sop.applicants import applicant_refusal
from shared.sop.checks.parts import Check, step_problem
from shared.sop.checks.visits import agencies_problem, next_visit_problem
from shared.sop.draws import involved, visit_slots_refusal


def _offered(case: Case, event: e.AnyEvent, data: e.VisitOffered, _city: City) -> str:
    if problem := next_visit_problem(case, event, data):
        return problem
    return "slots-equal" if len(set(data.dates)) != len(data.dates) else agencies_problem(case, data)


def _chosen(case: Case, event: e.AnyEvent, data: e.VisitSlotChosen, city: City) -> str:
    theirs = applicant_refusal(case, event.role, event.authid, city.today)
    return theirs or visit_slots_refusal(case, data.step, data.visit, data.date)


def _drawn(case: Case, event: e.AnyEvent, data: e.InspectorsDrawn, _city: City) -> str:
    problem = step_problem(case, event, data.step, "visit") or rules.draw_refusal(case, data.step, event.agency)
    if problem:
        return problem
    last = rules.last_visit(case, data.step)
    if last is None or last.number != data.visit:
        return "wrong-visit"
    if len(data.inspectors) > data.pool or len(set(data.inspectors)) != len(data.inspectors):
        return "pool-too-small"
    return "inspector-involved" if involved(case) & set(data.inspectors) else ""


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.VisitOffered: _offered,
    e.VisitSlotChosen: _chosen,
    e.InspectorsDrawn: _drawn,
}
