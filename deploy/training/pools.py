"""The pools of places in a training city: opened by their owners before anybody arrives, and enlarged when somebody waits.

An owner adds the places that are waited for at once, on the same tick: who waited how long would otherwise hang on which of two applications
of one tick the ledger happened to meet first, and what becomes of an application follows from seed and arrival alone.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from deploy.training.doors import Doors, TrainingError, refusal_of
from deploy.training.opening import ALREADY, WAIT_SECONDS
from shared.city import City
from shared.kit.tokens import Actor
from shared.quota import Quota

# Demo values: the owner, and how many places a pool has at first.
POOLS: Final[Mapping[str, tuple[str, int]]] = {
    "trayek-kota-tangkiling": ("dishub", 25),
    "trayek-kota-kereng-bangkirai": ("dishub", 25),
    "trayek-kota-menteng": ("dishub", 25),
    "titik-pusat-kota": ("pupr", 3),
    "titik-jalan-utama": ("pupr", 400),
    "titik-permukiman": ("pupr", 200),
    "petak-km-12": ("upt-tpu", 2_000),
    "petak-km-2-5": ("upt-tpu", 2),
}
OPENED_ALREADY: Final = (*ALREADY, "quota-open")


def head(agency: str) -> Actor:
    """Returns an agency's own head, who says how many places there are."""
    return Actor(f"kepala {agency}", "head", agency)


async def open_pools(doors: Doors, city: City) -> None:
    """Opens the pools of the demo catalogue, each by the deployment that speaks for its owner."""
    for name, (agency, capacity) in POOLS.items():
        service = sender_for(city, doors, "verification", agency)
        answer = await doors.knock(
            service,
            "POST",
            f"/v1/quotas/{name}/open",
            head(agency),
            body={"capacity": capacity},
            key=f"quota/{name}",
            wait_seconds=WAIT_SECONDS,
        )
        code = refusal_of(answer)
        if code and code not in OPENED_ALREADY:
            raise TrainingError(f"The pool {name} was not opened ({code}).", "Look at the log of verification.")


def crowded(city: City) -> Iterable[tuple[Quota, int]]:
    """Yields the pools in which somebody waits, each with the capacity that serves everybody."""
    for _, quota in sorted(city.quotas.items()):
        if quota.waiting:
            yield quota, quota.capacity - quota.free + sum(quota.waiting.values())


async def enlarge(doors: Doors, city: City, seed: int) -> int:
    """Has the owners add what is waited for; returns how many pools grew."""
    grown = 0
    for quota, capacity in crowded(city):
        service, key = sender_for(city, doors, "verification", quota.agency), f"{seed}/quota/{quota.name}/{capacity}"
        body = {"capacity": capacity, "reason": "permintaan-naik"}
        answer = await doors.knock(service, "POST", f"/v1/quotas/{quota.name}/change", head(quota.agency), body=body, key=key)
        if code := refusal_of(answer):
            raise TrainingError(f"The pool {quota.name} was not enlarged ({code}).", "Look at the log of verification.")
        grown += not answer.json()["repeated"]
    return grown


def sender_for(city: City, doors: Doors, stage: str, agency: str) -> str:
    """Returns the deployment that speaks for an agency in a stage; raises `TrainingError`."""
    for name, registered in city.senders.items():
        if registered.stage == stage and name in doors.services and city.speaks_for(name, agency):
            return name
    raise TrainingError(f"No service of {stage} speaks for {agency}.", "Look at the senders of this city: `jejak doctor`.")
