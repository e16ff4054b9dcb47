"""What the owners of SOPs do in the training city: versions drafted, returned, published for a later day, withdrawn, and applications moved.

Each act follows from what the ledger has entered, so a feed that was stopped goes on where it stood; pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from deploy.training.knowledge import excused
from deploy.training.moves import Known, head_of
from deploy.training.ticks import tick_at_or_after
from shared.calendar import WIB
from shared.city import City
from shared.envelope import canonical
from shared.kit.tokens import Actor
from shared.sop.model import Sop, read_sop, sop_content
from shared.sop.moving import move_refusal

DRAFTER: Final = Actor("penyusun SOP", "catalogue-owner")
REVIEWER: Final = Actor("pemeriksa SOP", "catalogue-owner")
LIGHTENED: Final = "reklame-permanen"  # its next version asks for a document less
SPARED: Final = "jaminan-bongkar"
GIVEN_UP: Final = "slhs-depot-air"  # its next version is withdrawn before its day
RETURN_REASON: Final = "alasan-perubahan-kurang"
IN_FORCE_AFTER_DAYS: Final = 12
COMING_AFTER_DAYS: Final = 400
MOVES_AT_ONCE: Final = 200
MOVES_PATH: Final = "/v1/sop-moves"
WAIVE_PATH: Final = "/v1/sops/waive"
EXCUSED_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Act:
    """One command at a door of the catalogue or of intake, not before `at`."""

    at: datetime
    service: str
    path: str
    actor: Actor
    body: Mapping[str, Any]
    key: str


def next_act(city: City, first: datetime, tried: Iterable[str]) -> Act | None:
    """Returns what the owners do next in a city whose first applicants came at `first`, None when there is nothing left."""
    done = set(tried)
    acts = (_lightened(city, first), _moved(city), _given_up(city, first), _excused(city, first))
    found = [act for act in acts if act is not None and act.key not in done]
    return min(found, key=lambda act: (act.at, act.key), default=None)


def _tick(city: City, first: datetime, days: int) -> datetime:
    return tick_at_or_after(city.calendar, first + timedelta(days=days))


def _draft(sop: Sop, at: datetime, turn: int) -> Act:
    return Act(at, "catalogue", "/v1/sops/drafts", DRAFTER, {"content": sop_content(sop)}, f"sop/{sop.name}/draft/{turn}")


def _publish(city: City, name: str, at: datetime, day: str) -> Act:
    body = {"sop": name, "digest": city.drafts[name].data.digest, "in_force_from": day}
    return Act(at, "catalogue", "/v1/sops/drafts/publish", REVIEWER, body, f"sop/{name}/publish")


def _day(first: datetime, days: int) -> str:
    return (first + timedelta(days=days)).astimezone(WIB).date().isoformat()


def _shipped(city: City, permit_type: str) -> Sop | None:
    """Returns the version of a type that the city began with."""
    return min((sop for sop in city.sops.values() if sop.permit_type == permit_type), key=lambda sop: sop.version, default=None)


def _next_version(city: City, permit_type: str) -> Sop | None:
    old = _shipped(city, permit_type)
    return old.model_copy(update={"version": old.version + 1}) if old else None


def lighter_version(city: City) -> Sop | None:
    """Returns the next version, which spares the applicant a document."""
    old = _shipped(city, LIGHTENED)
    if old is None:
        return None
    kept = tuple(item for item in old.requirements if item.code != SPARED)
    return read_sop(canonical(sop_content(old.model_copy(update={"version": old.version + 1, "requirements": kept}))))


def _lightened(city: City, first: datetime) -> Act | None:
    """A first draft changes nothing and is returned; the second spares the applicant a document and is published from a later day."""
    same = _next_version(city, LIGHTENED)
    if same is None or same.name in city.sops:
        return None
    draft = city.drafts.get(same.name)
    if draft is None:
        return _draft(same, _tick(city, first, 1), 1)
    lighter = lighter_version(city)
    if draft.returned and lighter is not None:
        return _draft(lighter, _tick(city, first, 3), 2)
    if draft.data.content == sop_content(same):
        body = {"sop": same.name, "digest": draft.data.digest, "reasons": [RETURN_REASON]}
        return Act(_tick(city, first, 2), "catalogue", "/v1/sops/drafts/return", REVIEWER, body, f"sop/{same.name}/return")
    return _publish(city, same.name, _tick(city, first, 4), _day(first, IN_FORCE_AFTER_DAYS))


def movable(city: City, applications: Mapping[str, Known]) -> list[str]:
    """Returns the running applications that may go on under the lighter version."""
    old, following = _shipped(city, LIGHTENED), _next_version(city, LIGHTENED)
    after = city.sops.get(following.name) if following else None
    if old is None or after is None:
        return []
    running = [known.case for known in applications.values() if known.case.sop_name == old.name and not known.case.outcome]
    return sorted(case.code for case in running if not move_refusal(case, after))[:MOVES_AT_ONCE]


def _moved(city: City) -> Act | None:
    """Once the lighter version holds, the head of its owner moves the running applications that may; which ones is seen then."""
    old, following = _shipped(city, LIGHTENED), _next_version(city, LIGHTENED)
    after = city.sops.get(following.name) if following else None
    if old is None or after is None or after.name not in city.in_force_from:
        return None
    at = tick_at_or_after(city.calendar, datetime.fromisoformat(city.in_force_from[after.name]).replace(tzinfo=WIB))
    body = {"from_sop": old.name, "to_sop": after.name, "legal_basis": after.legal_bases[0].code}
    return Act(at, "intake", MOVES_PATH, head_of(old.owner), body, f"sop/{after.name}/move")


def _given_up(city: City, first: datetime) -> Act | None:
    """A version is published for a far day and withdrawn before it."""
    same = _next_version(city, GIVEN_UP)
    if same is None or same.name in city.withdrawn:
        return None
    if same.name in city.sops:
        return Act(_tick(city, first, 6), "catalogue", "/v1/sops/withdraw", REVIEWER, {"sop": same.name}, f"sop/{same.name}/withdraw")
    if same.name in city.drafts:
        return _publish(city, same.name, _tick(city, first, 5), _day(first, COMING_AFTER_DAYS))
    return _draft(same, _tick(city, first, 2), 1)


def _excused(city: City, first: datetime) -> Act | None:
    """A head lets an officer work for some weeks without the quiz, who is away when it is due."""
    who = excused(city)
    if who is None or who.sop in city.waivers:
        return None
    body = {"sop": who.sop, "officer": who.actor.person, "reason": "dinas-luar", "valid_until": _day(first, EXCUSED_DAYS)}
    return Act(_tick(city, first, 0), "catalogue", WAIVE_PATH, head_of(who.actor.agency), body, f"sop/{who.sop}/waive/{who.actor.person}")
