"""Opens a training city before anybody arrives: its clock is set, its catalogue and its working days are published."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from deploy.training.doors import CLOCK, Doors, TrainingError, refusal_of
from deploy.training.keys import drill_keys
from deploy.training.moves import acting_head
from shared.calendar import WIB
from shared.fields import to_timestamp
from shared.kit.tokens import Actor

OWNER: Final = Actor("pemilik katalog", "catalogue-owner")
WAIT_SECONDS: Final = 10
ALREADY: Final = ("idempotency-key-reused", "decree-known", "decree-day")
ACTING_AGENCIES: Final = ("dpmptsp", "dinkes")
AWAY_AFTER_DAYS: Final = 10
AWAY_DAYS: Final = 40
HAZE_AFTER_DAYS: Final = 21
HAZE_DAYS: Final = 3


async def open_city(doors: Doors, first_arrival: datetime, years: Iterable[int]) -> None:
    """Publishes the working days, one day before the first applicants come; the catalogue has published its SOPs at its own first start."""
    day_before = to_timestamp(first_arrival - timedelta(days=1))
    await doors.move_clock(day_before)
    await doors.knock("catalogue", "POST", "/v1/clock", CLOCK, body={"now": day_before})
    for year in sorted(set(years)):
        await _publish(doors, "/v1/calendars", {"year": year}, f"calendar/{year}")
    await drill_keys(doors)
    await _announce(doors, first_arrival.astimezone(WIB).date())


async def _announce(doors: Doors, first: date) -> None:
    """Announces what the city knows before anybody comes: a head's absence, and days of smoke haze, shortened once the rain is forecast."""
    away, haze = first + timedelta(days=AWAY_AFTER_DAYS), first + timedelta(days=HAZE_AFTER_DAYS)
    decree = f"188.45/{haze:%j}/{haze:%Y}"
    days = {"valid_from": away.isoformat(), "valid_until": (away + timedelta(days=AWAY_DAYS)).isoformat()}
    letter = f"800/{away:%j}/{away:%Y}"
    for agency in ACTING_AGENCIES:
        body = {"agency": agency, "kind": "plh", "officer": acting_head(agency).person, "letter": letter, **days}
        await _publish(doors, "/v1/acting", body, f"acting/{agency}/{away}")
    until = haze + timedelta(days=HAZE_DAYS)
    declared = {"legal_basis": "uu-24-2007", "reason": "kabut-asap", "from_day": haze.isoformat(), "until_day": until.isoformat()}
    await _publish(doors, "/v1/force-majeure", {"number": decree, **declared}, f"decree/{decree}")
    ended = {"number": decree, "from_year": haze.year, "last_day": (until - timedelta(days=1)).isoformat()}
    await _publish(doors, "/v1/force-majeure/end", ended, f"decree/{decree}/end")


async def _publish(doors: Doors, path: str, body: dict[str, Any], key: str) -> None:
    answer = await doors.knock("catalogue", "POST", path, OWNER, body=body, key=key, wait_seconds=WAIT_SECONDS)
    code = refusal_of(answer)
    if code and code not in ALREADY:
        raise TrainingError(f"The catalogue refused {key} ({code}).", "Mend the file and start again.")
