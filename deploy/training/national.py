"""The links to national systems in a training city: most applications of a national type are mirrored, some hours or days late; pure."""

from collections.abc import Iterable
from typing import Final

from deploy.training.chance import between, digest
from deploy.training.moves import Move, Script
from shared.kit.tokens import Actor
from shared.mirrors import CITY, STATUS_OF

MIRRORED_SHARE: Final = 0.85
NEVER_ENDED_SHARE: Final = 0.1  # the national system goes on saying that it has it
LATE_TICKS_MAX: Final = 8


def national_moves(script: Script) -> Iterable[Move]:
    """Returns the next status that the national system of an application's type has and the city has not."""
    case = script.case
    if case.system_of_record in ("", CITY) or script.chance("mirrored") >= MIRRORED_SHARE:
        return
    status, happened_at = ("received", case.submitted_at)
    if case.outcome and case.mirrored:
        status, happened_at = (STATUS_OF[case.outcome], case.ended_at)
        if script.chance("national never ends it") < NEVER_ENDED_SHARE:
            return
    if any(item.status == status for item in case.mirrored):
        return
    at = script.later(happened_at, between(1, LATE_TICKS_MAX, script.chance("mirrored when", status)))
    link = Actor(f"sambungan {case.system_of_record}", "national", systems=(case.system_of_record,))
    number = digest(script.seed, script.key, "national number")[:12].upper()
    said = {"system": case.system_of_record, "number": number, "status": status, "happened_at": happened_at}
    yield script.move(at, "intake/record-national", link, turn=status, **said)
