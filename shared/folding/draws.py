"""How offered and chosen days and drawn inspectors change a case."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shared import events as e
from shared.case_model import Case, Offer, Visit
from shared.folding.parts import Handler
from shared.sop.model import Sop


def _offered(case: Case, _event: e.AnyEvent, data: e.VisitOffered, _sops: Mapping[str, Sop], at: str) -> Case:
    offer = Offer(data.step, data.visit, data.dates, data.agencies, data.assignment_letter, data.answer_working_days, at)
    return case.having(offer=offer)


def _chosen(case: Case, _event: e.AnyEvent, data: e.VisitSlotChosen, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    offer = case.offer
    if offer is None or (offer.step, offer.number) != (data.step, data.visit):
        return None
    return scheduled(case, offer, data.date)


def scheduled(case: Case, offer: Offer, date: str) -> Case:
    """Returns the case in which one of the days of an offer stands."""
    visit = Visit(offer.step, offer.number, date, offer.agencies, offer.letter)
    return case.having(visits=(*case.visits, visit), offer=None)


def _drawn(case: Case, event: e.AnyEvent, data: e.InspectorsDrawn, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    wanted, found = (data.step, data.visit), False
    visits = []
    for visit in case.visits:
        if (visit.step, visit.number) == wanted and event.agency not in visit.drawn_by:
            found = True
            visits.append(replace(visit, inspectors=(*visit.inspectors, *data.inspectors), drawn_by=(*visit.drawn_by, event.agency)))
        else:
            visits.append(visit)
    return case.having(visits=tuple(visits)) if found else None


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.VisitOffered: _offered,
    e.VisitSlotChosen: _chosen,
    e.InspectorsDrawn: _drawn,
}
