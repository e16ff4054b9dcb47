"""Opens a training city before anybody arrives: its clock is set, its catalogue and its working days are published."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from deploy.training.doors import CLOCK, Doors, TrainingError, refusal_of
from shared.fields import to_timestamp
from shared.kit.tokens import Actor

OWNER: Final = Actor("pemilik katalog", "catalogue-owner")
WAIT_SECONDS: Final = 10
ALREADY: Final = ("idempotency-key-reused",)


async def open_city(doors: Doors, first_arrival: datetime, years: Iterable[int]) -> None:
    """Publishes the working days, one day before the first applicants come; the catalogue has published its SOPs at its own first start."""
    day_before = to_timestamp(first_arrival - timedelta(days=1))
    await doors.move_clock(day_before)
    await doors.knock("catalogue", "POST", "/v1/clock", CLOCK, body={"now": day_before})
    for year in sorted(set(years)):
        await _publish(doors, "/v1/calendars", {"year": year}, f"calendar/{year}")


async def _publish(doors: Doors, path: str, body: dict[str, Any], key: str) -> None:
    answer = await doors.knock("catalogue", "POST", path, OWNER, body=body, key=key, wait_seconds=WAIT_SECONDS)
    code = refusal_of(answer)
    if code and code not in ALREADY:
        raise TrainingError(f"The catalogue refused {key} ({code}).", "Mend the file and start again.")
