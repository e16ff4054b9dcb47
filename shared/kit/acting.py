"""Who stands in for a head at a desk: checked here, where the person is known, because events know persons by application only.

The appointment names its official by the identity that the person has in the stream of the agency (`agency:<slug>`). Whoever holds the
city's key can compute it for who has signed in; the ledger cannot, and checks that the agency had an acting official on that day at all.
"""

from dataclasses import replace

from shared.city import agency_subject
from shared.kit.stage import Stage
from shared.kit.tokens import Actor
from shared.sop.people import ACTING_HEAD, HEAD


def standing_in(actor: Actor, stage: Stage) -> Actor:
    """Returns who acts: the same person as acting head where the agency's appointment of the city's day names them, else the actor."""
    if not actor.agency or actor.role == HEAD:
        return actor
    appointed = stage.city.on(stage.today().isoformat()).acting_head(actor.agency)
    if appointed is None or appointed.officer != actor.authid(stage.city_key, agency_subject(actor.agency)):
        return actor
    return replace(actor, role=ACTING_HEAD)


def signed_in_role(role: str) -> str:
    """Returns the role whose commands a role may do: an acting head does a head's."""
    return HEAD if role == ACTING_HEAD else role
