"""Where an application comes from: who has filed it for whom, and what its national system of record says of it."""

from typing import Any

from services.tracker.words import filed_text, reason_text
from shared.case import Case
from shared.mirrors import DIVERGENCES, STATUSES, divergence, national_state
from shared.web.formats import both


def filed(case: Case) -> dict[str, Any]:
    """Returns who has filed, by which channel, and the power of an attorney in fact: until when, and whether it has ended before."""
    power = case.representation
    return {
        "as": case.filed_as,
        "text": filed_text(case.filed_as),
        "channel": case.channel,
        "power": {"valid_until": power.valid_until, "ended": reason_text(f"power-{power.ended}") if power.ended else None}
        if power
        else None,
    }


def national(case: Case) -> dict[str, Any] | None:
    """Returns what the national system of record says, None for a type of the city or where nothing is mirrored yet."""
    state, differs = national_state(case), divergence(case)
    if state is None:
        return None
    return {
        "system": case.system_of_record,
        "status": state.status,
        "text": both(STATUSES[state.status]),
        "happened_at": state.happened_at,
        "recorded_at": state.at,
        "divergence": {"code": differs, "text": both(DIVERGENCES[differs])} if differs else None,
    }
