"""How inspectors are drawn: blindly, by a seed that nobody chooses, and never somebody who has already judged the application; pure.

The seed is a hash of the application's code (drawn at random when it was submitted), the step, the visit's number and the position in the
ledger of the application's last entry (which depends on what the whole city said before it). Each candidate's rank is a hash of that seed
and of their identity for this application, which only the holder of the city's key can compute beforehand. So neither who names the pool
nor who is in it can know or steer the outcome, a visit is drawn once, and whoever may resolve identities can draw it again.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from shared.case_model import Case
from shared.sop.applicants import their_side

POOL_MIN: Final = 4  # fewer can be guessed: the draw is held, and the event says that it was warned
SLOT: Final = "pilihan-hari"  # the step under whose name the ledger notes that the days to answer have passed


def involved(case: Case) -> frozenset[str]:
    """Returns everybody who has judged something of this application, has to, or may not, and who stands on the applicant's side."""
    judged = {state.authid for state in case.steps.values()} | set(case.officers.values()) | set(case.conflicts)
    drafted = {case.draft.authid} if case.draft else set()
    return frozenset((judged | drafted | their_side(case)) - {""})


def drawn(case: Case, step: str, visit: int, pool: Iterable[str], count: int) -> tuple[str, ...]:
    """Returns so many of a pool of identities, in the order of the draw."""
    seed = hashlib.sha256(f"{case.code}\n{step}\n{visit}\n{case.position}".encode()).digest()
    ranked = sorted(set(pool), key=lambda authid: hashlib.sha256(seed + authid.encode()).digest())
    return tuple(ranked[:count])


def visit_slots_refusal(case: Case, step: str, visit: int, date: str) -> str:
    """Returns why an applicant may not choose a day, empty when they may."""
    offer = case.offer
    if offer is None or (offer.step, offer.number) != (step, visit):
        return "no-offer"
    return "" if date in offer.dates else "slot-not-offered"
