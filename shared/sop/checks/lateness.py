"""Whether a breach may be contested or ruled on, and a decree of force majeure be declared or ended."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop.checks.parts import Check
from shared.sop.lateness import contest_refusal, ruling_refusal
from shared.sop.people import INSPECTORATE


def _contested(case: Case, event: e.AnyEvent, data: e.BreachContested, _city: City) -> str:
    return contest_refusal(case, data.step, data.round, event.agency)


def _ruled(case: Case, event: e.AnyEvent, data: e.BreachUpheld | e.BreachDismissed, _city: City) -> str:
    if event.agency != INSPECTORATE:
        return "wrong-agency"
    return ruling_refusal(case, data.step, data.round, data.of_agency)


def _declared(_case: Case, _event: e.AnyEvent, data: e.ForceMajeureDeclared, city: City) -> str:
    if data.until_day < data.from_day:
        return "decree-day"
    return "decree-known" if city.calendar.decree(data.number) else ""


def _ended(_case: Case, _event: e.AnyEvent, data: e.ForceMajeureEnded, city: City) -> str:
    decree = city.calendar.decree(data.number)
    if decree is None:
        return "decree-unknown"
    return "" if decree.from_day.isoformat() <= data.last_day < decree.until_day.isoformat() else "decree-day"


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.BreachContested: _contested,
    e.BreachUpheld: _ruled,
    e.BreachDismissed: _ruled,
}
CITY_CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ForceMajeureDeclared: _declared,
    e.ForceMajeureEnded: _ended,
}
