"""A pool of places at a position of the ledger: what is reserved, what is free, and who waits in which order; pure.

The ledger's order is the queue. Whoever asks when nothing fits is refused `quota-full`, and from that entry on stands in the queue. A place
that comes free is for whoever has waited longest: a later one is refused until then. Who asks for more than the whole pool has keeps their
place in the queue and holds up nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from shared.events import Data, QuotaChanged, QuotaOpened, QuotaReleased, QuotaReserved

PREFIX: Final = "quota:"
FULL: Final = "quota-full"


@dataclass(frozen=True, slots=True)
class Quota:
    """A pool: its owner, its capacity, and the places of each application, reserved or waited for, in the ledger's order."""

    name: str
    agency: str
    capacity: int
    reserved: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """The places that nobody has."""
        return self.capacity - sum(self.reserved.values())

    def fits(self, application: str, places: int) -> bool:
        """Says whether so many places are free for an application after everybody who has waited longer has theirs."""
        return self._ahead(application) + places <= self.free

    def _ahead(self, application: str) -> int:
        return sum(self.waiting[other] for other in self._before(application) if self.waiting[other] <= self.capacity)

    def _before(self, application: str) -> Iterable[str]:
        for other in self.waiting:
            if other == application:
                return
            yield other

    def place(self, application: str) -> int:
        """Returns an application's place in the queue from 1, 0 when it does not wait."""
        return list(self.waiting).index(application) + 1 if application in self.waiting else 0

    def served_next(self) -> tuple[str, ...]:
        """Returns the waiting applications that now have what they wait for, in their order."""
        return tuple(code for code, places in self.waiting.items() if self.fits(code, places))

    def without(self, application: str) -> "Quota":
        """Returns the pool without an application's places and without its place in the queue."""
        reserved = {code: places for code, places in self.reserved.items() if code != application}
        waiting = {code: places for code, places in self.waiting.items() if code != application}
        return replace(self, reserved=reserved, waiting=waiting)


def fold_quota(quotas: Mapping[str, Quota], data: Data, refused: str) -> Mapping[str, Quota]:
    """Returns the pools after one more entry; of the refused ones only `quota-full` changes anything: it is a place in the queue."""
    if isinstance(data, QuotaOpened):
        return quotas if refused or data.quota in quotas else {**quotas, data.quota: Quota(data.quota, data.agency, data.capacity)}
    quota = quotas.get(getattr(data, "quota", ""))
    if quota is None or (refused and (refused != FULL or not isinstance(data, QuotaReserved))):
        return quotas
    return {**quotas, quota.name: _changed(quota, data, refused)}


def _changed(quota: Quota, data: Data, refused: str) -> Quota:
    match data:
        case QuotaChanged():
            return replace(quota, capacity=data.capacity)
        case QuotaReserved() if refused:
            known = data.application in quota.waiting or data.application in quota.reserved
            return quota if known else replace(quota, waiting={**quota.waiting, data.application: data.places})
        case QuotaReserved():
            left = quota.without(data.application)
            return replace(left, reserved={**left.reserved, data.application: data.places})
        case QuotaReleased():
            return quota.without(data.application)
        case _:
            return quota


def concerned(before: Mapping[str, Quota], after: Mapping[str, Quota], data: Data) -> tuple[str, ...]:
    """Returns the applications that have to look at their pool again after an entry: its own, and who can be served now."""
    quota = after.get(getattr(data, "quota", ""))
    if quota is None or before.get(quota.name) is quota:
        return ()
    own = (data.application,) if isinstance(data, QuotaReserved | QuotaReleased) else ()
    return (*own, *quota.served_next())


def holders(quotas: Mapping[str, Quota]) -> tuple[str, ...]:
    """Returns every application that has places or waits for some."""
    return tuple(code for quota in quotas.values() for code in (*quota.reserved, *quota.waiting))
