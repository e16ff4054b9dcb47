"""Whether what is said of a pool of places may stand, and whether an application has the places it says."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.quota import FULL
from shared.sop.checks.parts import Check, step_problem
from shared.sop.places import quota_pool


def _opened(_case: Case, event: e.AnyEvent, data: e.QuotaOpened, city: City) -> str:
    if event.agency != data.agency:
        return "wrong-agency"
    return "quota-open" if data.quota in city.quotas else ""


def _owner_problem(event: e.AnyEvent, name: str, city: City) -> str:
    quota = city.quotas.get(name)
    if quota is None:
        return "quota-unknown"
    return "" if event.agency == quota.agency else "wrong-agency"


def _changed(_case: Case, event: e.AnyEvent, data: e.QuotaChanged, city: City) -> str:
    if problem := _owner_problem(event, data.quota, city):
        return problem
    quota = city.quotas[data.quota]
    return "quota-in-use" if data.capacity < quota.capacity - quota.free else ""


def _reserved(_case: Case, event: e.AnyEvent, data: e.QuotaReserved, city: City) -> str:
    if problem := _owner_problem(event, data.quota, city):
        return problem
    quota = city.quotas[data.quota]
    if data.application in quota.reserved:
        return "quota-held"
    return "" if quota.fits(data.application, data.places) else FULL


def _released(_case: Case, event: e.AnyEvent, data: e.QuotaReleased, city: City) -> str:
    if problem := _owner_problem(event, data.quota, city):
        return problem
    quota = city.quotas[data.quota]
    return "" if data.application in quota.reserved or data.application in quota.waiting else "quota-not-held"


def _granted(case: Case, event: e.AnyEvent, data: e.QuotaGranted, city: City) -> str:
    problem = step_problem(case, event, data.step, "quota")
    if problem or case.sop is None:
        return problem
    quota = city.quotas.get(data.quota)
    if quota is None or data.quota != quota_pool(case.sop.step_by_code[data.step], case):
        return "quota-unknown"
    return "" if quota.reserved.get(case.code) == data.places else "quota-not-held"


POOL_CHECKS: Final[dict[type[e.Data], Check]] = {
    e.QuotaOpened: _opened,
    e.QuotaChanged: _changed,
    e.QuotaReserved: _reserved,
    e.QuotaReleased: _released,
}
CHECKS: Final[dict[type[e.Data], Check]] = {e.QuotaGranted: _granted}
