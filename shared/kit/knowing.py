"""Who knows the SOP of an application: checked here, where people are known, because its entries name them for that application alone.

An acknowledgement names its person by the identity in the stream of the permit type (`sop:<type>`). Whoever holds the city's key can
compute it for who has signed in, or for whom a leader names; the ledger cannot, so it would refuse honest acts or let all pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.city import City, sop_subject
from shared.kit.tokens import Actor
from shared.sop.knowledge import Standing, binds, standing


@dataclass(frozen=True, slots=True)
class Knowing:
    """What is known about the people under one version of an SOP, at a moment of the city's clock."""

    city: City
    city_key: bytes
    sop_name: str
    now: datetime

    def of(self, person: str, agency: str) -> Standing:
        """Returns how somebody stands who signs in under this number for an agency."""
        identity = Actor(person, "officer").authid(self.city_key, sop_subject(self.sop_name))
        return standing(self.city, self.sop_name, identity, agency, self.now)

    def refusal(self, command: str, actor: Actor, gives_to: Sequence[str] = ()) -> str:
        """Returns why an actor may not do a command on a step, or not give it to these people; empty when they know enough."""
        if binds(command) and self.of(actor.person, actor.agency).state == "overdue":
            return "sop-not-acknowledged"
        return "officer-not-acknowledged" if any(self.of(person, actor.agency).state == "overdue" for person in gives_to) else ""
