"""What becomes of the personal data behind some ended applications: held for an audit, released, and at last erased."""

from collections.abc import Iterable
from typing import Final

from deploy.training.moves import Move, Script
from deploy.training.ticks import TICKS_A_DAY
from shared.kit.tokens import Actor
from shared.sop.objections import may_still_come

OUTCOMES: Final = ("withdrawn", "closed")
HELD_SHARE: Final = 0.5
PROTECTOR: Final = Actor("petugas pelindungan data", "pdp-officer", "dpmptsp")
LETTER: Final = "700/12/INSPEKTORAT"
HELD_TICKS: Final = 5 * TICKS_A_DAY


def personal_moves(script: Script) -> Iterable[Move]:
    """Returns what happens next to the personal data of an application that ended without a permit, if anything."""
    case = script.case
    if may_still_come(case):
        return  # who may yet object needs the data
    if case.outcome not in OUTCOMES or case.forgotten_at or script.chance("personal data") >= HELD_SHARE:
        return
    soon, later = (script.later(case.ended_at, ticks) for ticks in (TICKS_A_DAY, HELD_TICKS))
    if LETTER in case.legal_holds:
        yield script.move(later, "intake/lift-legal-hold", PROTECTOR, number=LETTER)
    elif script.known.held_once:
        yield script.move(later, "intake/forget", PROTECTOR, reason="retention-ended")
    else:
        yield script.move(soon, "intake/place-legal-hold", PROTECTOR, number=LETTER, reason="audit")
