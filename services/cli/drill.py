"""The operators' part of the demo: an old system's history is taken over, one of its events gets lost on the way, a key is changed.

So a newcomer sees what operators do when something breaks, and every type of event of the contract stands in the demo's ledger.
"""

import asyncio
import hashlib
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from services.cli.errors import FINDING, JejakError
from shared.fields import to_instant

if TYPE_CHECKING:
    from httpx import Client

    from deploy.local.layout import Stack
    from shared.xes import XesLog

ARCHIVE: Final = "archive"
SYSTEM: Final = "buku-agenda-latihan"
WHOLE, TORN = f"legacy:{SYSTEM}/agenda-1", f"legacy:{SYSTEM}/agenda-2"
ACTIVITIES: Final = ("Berkas diterima", "Berkas diperiksa", "Surat izin diserahkan")
LOST_NUMBER: Final = 2
WAITS_SECONDS_MAX: Final = 30.0
POLL_SECONDS: Final = 0.1
BEGAN: Final = to_instant("2019-03-04T02:00:00.000000Z")


def drill(stack: "Stack") -> None:
    """Plays it once in a city; what an earlier run has done is left as it is."""
    from services.cli.client import asked, client, token

    with client(stack, "ledger", token(stack, "petugas sistem", "operator")) as operator:
        _take_over(stack, operator)
        senders: list[dict[str, Any]] = asked(operator, "GET", "/v1/senders")["senders"]
        known = {sender["name"]: sender["revoked"] for sender in senders}
        if known[ARCHIVE] or not _was_revoked(operator):
            if not known[ARCHIVE]:
                asked(operator, "POST", f"/v1/senders/{ARCHIVE}/revoke")
            asked(operator, "POST", f"/v1/senders/{ARCHIVE}/restore")


def _was_revoked(operator: "Client") -> bool:
    from services.cli.client import lines

    history = operator.get(f"/v1/subjects/sender:{ARCHIVE}/entries")
    return any(b"sender.revoked" in line for line in lines(history))


def _take_over(stack: "Stack", operator: "Client") -> None:
    """Sends an old history without one of its events: what follows that one waits until an operator gives its number up."""
    from services.catalogue.archive import legacy_events
    from services.cli.client import lines
    from services.cli.rebuild import settings_of
    from shared.kit.archive import at_work, deliver, keep
    from shared.kit.settings import read_key

    settings = settings_of(ARCHIVE, stack.data)
    events = legacy_events(old_log(), SYSTEM, f"/{settings.city}/{settings.sender}", read_key(settings.city_key_file)).events
    before = [event for event in events if event.subject == WHOLE or event.number < LOST_NUMBER]
    behind = [event for event in events if event.subject == TORN and event.number > LOST_NUMBER]

    def heard(_count: int) -> None:
        """Few events need no bar."""

    with at_work(settings) as store:
        keep(store, [*before, *behind])
        asyncio.run(deliver(settings, store, before, heard))
        history = operator.get(f"/v1/subjects/{TORN}/entries")
        lost = {"subject": TORN, "sender": settings.sender, "number": LOST_NUMBER}
        skipped = any(b"number.skipped" in line for line in lines(history))

        async def go_on() -> None:
            await asyncio.gather(
                deliver(settings, store, behind, heard), *(() if skipped else (asyncio.to_thread(_give_up, operator, lost),))
            )

        asyncio.run(go_on())


def _give_up(operator: "Client", lost: dict[str, Any]) -> None:
    """Gives a number up as soon as something waits behind it: before, the ledger refuses."""
    end = time.monotonic() + WAITS_SECONDS_MAX
    while not (answer := operator.post("/v1/skip-number", json=lost)).is_success:
        if time.monotonic() > end:
            raise JejakError(
                FINDING, f"The ledger does not give up number {LOST_NUMBER} of {TORN} ({answer.status_code}).", "Look at its log."
            )
        time.sleep(POLL_SECONDS)


def old_log() -> "XesLog":
    """Returns the agenda of an office before this city's ledger: two cases of three lines, labelled as training."""
    from shared.xes import XesCase, XesEvent, XesLog

    def case(number: int) -> XesCase:
        times = [BEGAN + timedelta(days=7 * number + day) for day in range(len(ACTIVITIES))]
        lines = zip(ACTIVITIES, times, strict=True)
        return XesCase(f"agenda-{number}", {}, tuple(XesEvent(activity, at, "Petugas01", "complete", {}) for activity, at in lines))

    return XesLog((case(1), case(2)), hashlib.sha256(SYSTEM.encode()).hexdigest())
