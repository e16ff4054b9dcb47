"""How missed deadlines, their escalation and the dispute about them change a case."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Breach, Case, Missed
from shared.folding.draws import scheduled
from shared.folding.parts import Handler
from shared.sop.draws import SLOT
from shared.sop.model import Sop


def _missed(case: Case, _event: e.AnyEvent, data: e.DeadlineMissed, _sops: Mapping[str, Sop], at: str) -> Case:
    missed = case.having(missed=(*case.missed, Missed(data.step, data.round, data.party, data.agency, data.due_at)))
    if data.step == SLOT and case.offer is not None and case.offer.number == data.round:
        return scheduled(missed, case.offer, case.offer.dates[0])
    if data.party != "agency":
        return missed
    return missed.having(breaches=(*case.breaches, Breach(data.step, data.round, data.agency, data.due_at, at)))


def _escalated(case: Case, _event: e.AnyEvent, data: e.DeadlineEscalated, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return _changed(case, data, data.agency, level=data.level)


def _contested(case: Case, event: e.AnyEvent, data: e.BreachContested, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return _changed(case, data, event.agency, state="contested", reason=data.reason)


def _state(state: str) -> Handler:
    """Returns the handler of an event that ends the dispute about a breach."""

    def handle(case: Case, _event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], _at: str) -> Case | None:  # noqa: ANN401 - several event classes
        agency = data.agency if isinstance(data, e.BreachPublished) else data.of_agency
        return _changed(case, data, agency, state=state)

    return handle


def _changed(case: Case, data: Any, agency: str, **changes: Any) -> Case | None:  # noqa: ANN401 - several event classes; fields of a breach
    wanted = (data.step, data.round, agency)
    breaches = tuple(replace(item, **changes) if (item.step, item.round, item.agency) == wanted else item for item in case.breaches)
    return case.having(breaches=breaches) if breaches != case.breaches else None


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.DeadlineMissed: _missed,
    e.DeadlineEscalated: _escalated,
    e.BreachContested: _contested,
    e.BreachUpheld: _state("upheld"),
    e.BreachDismissed: _state("dismissed"),
    e.BreachPublished: _state("published"),
}
