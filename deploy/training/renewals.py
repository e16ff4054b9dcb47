"""The autopilot about renewals: in a known share the holder of a permit of one year asks for a further one, soon after its days have begun."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from deploy.training.chance import between, digest
from deploy.training.moves import Move, Script
from deploy.training.ticks import TICKS_A_DAY, ticks_later
from shared.calendar import WIB
from shared.kit.tokens import Actor
from shared.sop import renewal
from shared.sop.handing import handed_in
from shared.sop.permit import RENEWAL

MONTHS_MAX: Final = 12  # no play waits for permits of several years
RENEWS_SHARE: Final = 0.35
CHANGED_SHARE: Final = 0.3
ASKS_WITHIN_TICKS: Final = 5 * TICKS_A_DAY


def renewal_moves(script: Script, applicant: Actor) -> Iterable[Move]:
    """Returns the request for a further term, if the holder will make one; what they hand in is what is asked for, and what has changed."""
    permit, sop, case = script.case.permit, script.case.sop, script.case
    if permit is None or sop is None or sop.renewal is None or permit.state != "valid" or permit.renewals or case.renewal:
        return
    if not permit.valid_until or sop.validity_months > MONTHS_MAX or script.chance("renews") >= RENEWS_SHARE:
        return
    day = date.fromisoformat(permit.valid_until) - timedelta(days=sop.renewal.opens_days_before)
    at = ticks_later(script.calendar, datetime.combine(day, time(), WIB), between(1, ASKS_WITHIN_TICKS, script.chance("renews when")))
    codes = [item.code for item in handed_in(renewal.asked(case, case.facts))]
    if script.chance("renews changed") < CHANGED_SHARE:
        changing = [item for item in handed_in(sop.required(case.facts)) if item.on_renewal == renewal.IF_CHANGED]
        codes += [item.code for item in changing if item.code not in codes][:1]
    documents = [{"requirement": code, "digest": digest(script.seed, script.key, code, "renewal")} for code in codes]
    yield script.move(at, f"intake/{RENEWAL}", applicant, turn=1, documents=documents)
