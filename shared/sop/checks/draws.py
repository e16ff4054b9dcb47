"""Whether days may be offered or chosen for a visit, and whether a draw of inspectors may stand."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import rules
from shared.sop.checks.parts import Check, step_problem
from shared.sop.draws import involved, visit_slots_refusal


def _offered(case: Case, event: e.AnyEvent, data: e.VisitOffered, _city: City) -> str:
    problem = step_problem(case, event, data.step, "visit") or rules.next_visit_refusal(case, data.step)
    if problem or case.sop is None:
        return problem
    if data.visit != rules.next_visit_number(case, data.step):
        return "wrong-visit"
    if len(set(data.dates)) != len(data.dates):
        return "slots-equal"
    return "" if set(data.agencies) == set(case.sop.step_by_code[data.step].agencies) else "agencies-differ"


def _chosen(case: Case, event: e.AnyEvent, data: e.VisitSlotChosen, _city: City) -> str:
    if event.authid != case.submitter:
        return "not-yours"
    return visit_slots_refusal(case, data.step, data.visit, data.date)


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
