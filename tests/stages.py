"""The stages as tests without a process drive them: their real doors, their real reactions, and who stands for whom in an application."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from services.inspection import domain as inspection
from services.inspection import doors as inspection_doors
from services.intake import domain as intake
from services.intake import doors as intake_doors
from services.issuance import domain as issuance
from services.issuance import doors as issuance_doors
from services.treasury import domain as treasury
from services.treasury import doors as treasury_doors
from services.verification import domain as verification
from services.verification import doors as verification_doors
from shared.case import Case
from shared.draft import Desk, Draft
from shared.kit.doors import Door
from shared.kit.tokens import Actor

DOORS: Final[Mapping[str, Sequence[Door]]] = {
    "intake": intake_doors.DOORS,
    "verification": verification_doors.DOORS,
    "inspection": inspection_doors.DOORS,
    "issuance": issuance_doors.DOORS,
    "treasury": treasury_doors.DOORS,
}
REACTS: Final[Mapping[str, Callable[[Case, Desk], Sequence[Draft]]]] = {
    "intake": intake.react,
    "verification": verification.react,
    "inspection": inspection.react,
    "issuance": issuance.react,
    "treasury": treasury.react,
}


@cache
def authid(actor: Actor, code: str) -> str:
    """Returns 43 characters that stand for a person in an application."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{actor.person}\n{code}".encode()).digest()).rstrip(b"=").decode()
