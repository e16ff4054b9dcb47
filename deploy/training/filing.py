"""The autopilot's applicants: who files for whom, and how long an attorney in fact goes on acting; pure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from deploy.training.arrivals import Arrival
from deploy.training.chance import between, digest
from deploy.training.moves import Move, Script
from shared.calendar import WIB
from shared.kit.tokens import Actor
from shared.sop.applicants import APPLICANT, COUNTER, KUASA, SERVICE_COUNTER

POWER_DAYS: Final = 365
POWER_GIVEN_SHARE: Final = 0.1
POWER_WITHDRAWN_SHARE: Final = 0.35
POWER_LAID_DOWN_SHARE: Final = 0.1
ENDS_WITHIN_TICKS: Final = 8
GIVEN_WITHIN_TICKS: Final = 6


def filer(arrival: Arrival) -> Actor:
    """Returns who hands an application in."""
    if arrival.filed_as == "assisted":
        return Actor("petugas loket 1", COUNTER, SERVICE_COUNTER)
    return attorney(arrival.person) if arrival.filed_as == "kuasa" else Actor(arrival.person, APPLICANT)


def attorney(applicant: str) -> Actor:
    """Returns the attorney in fact of an applicant."""
    return Actor(f"kuasa {applicant}", KUASA)


def filing(arrival: Arrival, seed: int) -> dict[str, Any]:
    """Returns what a submission says of who files for whom; nothing where the applicant does."""
    if arrival.filed_as == "self":
        return {}
    said = {"filed_as": arrival.filed_as, "applicant": arrival.person, "document": digest(seed, arrival.key, arrival.filed_as, 0)}
    if arrival.filed_as == "kuasa":
        until = (arrival.at.astimezone(WIB) + timedelta(days=POWER_DAYS)).date().isoformat()
        said |= {"name": f"Kuasa {arrival.name}", "power": "khusus", "valid_until": until}
    return {"filing": said}


def acting(script: Script, applicant: str) -> Actor:
    """Returns who acts in the applicant's name as things stand: the attorney while the power lasts."""
    power = script.case.representation
    return attorney(applicant) if power is not None and not power.ended else Actor(applicant, APPLICANT)


def _given(script: Script, applicant: str) -> Move:
    """Returns that an applicant who filed in person has somebody else go on."""
    at = script.later(script.case.submitted_at, between(1, GIVEN_WITHIN_TICKS, script.chance("power-given-when")))
    until = (at.astimezone(WIB) + timedelta(days=POWER_DAYS)).date().isoformat()
    document = digest(script.seed, script.key, "kuasa", 1)
    said = {"attorney": attorney(applicant).person, "name": f"Kuasa {applicant}", "document": document, "power": "khusus"}
    return script.move(at, "intake/give-power", Actor(applicant, APPLICANT), turn=1, valid_until=until, **said)


def power_moves(script: Script, applicant: str) -> Iterable[Move]:
    """Returns a power of attorney given later and the end of one before its last day, in some cases: the applicant withdraws it, or the attorney lays it down."""
    power, dice = script.case.representation, script.chance("power")
    mine = script.case.filed_as == "self" and not script.case.outcome and script.case.permit is None  # later it may be another holder's
    if power is None and mine and script.chance("power-given") < POWER_GIVEN_SHARE:
        yield _given(script, applicant)
    if power is None or power.ended or dice >= POWER_WITHDRAWN_SHARE + POWER_LAID_DOWN_SHARE:
        return
    withdrawn = dice < POWER_WITHDRAWN_SHARE
    who, reason = (Actor(applicant, APPLICANT), "withdrawn") if withdrawn else (attorney(applicant), "laid-down")
    at = script.later(script.case.submitted_at, between(1, ENDS_WITHIN_TICKS, script.chance("power-when")))
    yield script.move(at, "intake/end-representation", who, turn=1, reason=reason)
