"""The feed's applicants who save what they have and go on later: begun without documents, filled in, checked, and handed in from the draft."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from deploy.training.arrivals import Arrival
from deploy.training.chance import chance
from deploy.training.doors import Doors, TrainingError, refusal_of
from shared.kit.tokens import Actor

SAVED_SHARE: Final = 0.2
LEFT_OUT: Final = ("documents", "applicant", "kelurahan")


def saves_first(seed: int, arrival: Arrival) -> bool:
    """Says whether this one saves the application before it is whole."""
    return chance(seed, arrival.key, "draft") < SAVED_SHARE


async def hand_in(doors: Doors, who: Actor, body: Mapping[str, Any], key: str) -> httpx.Response:
    """Returns the answer to the submission of a draft; a feed that starts again finds that it was submitted before."""
    begun = {name: value for name, value in body.items() if name not in LEFT_OUT}
    saved = await doors.knock("intake", "POST", "/v1/drafts", who, body=begun, key=f"{key}/save")
    if refusal_of(saved) == "unknown-draft":
        return await doors.knock("intake", "POST", f"/v1/drafts/{saved.json()['about']}/submit", who, key=key, match="*")
    path = f"/v1/drafts/{_whole(saved)['draft']}"
    if "documents" in body and not (await doors.ask("intake", f"{path}/check", who))["problems"]:
        raise TrainingError("Intake finds a draft without documents complete.", "Look at its log.")
    changed = _whole(await doors.knock("intake", "PUT", path, who, body=body, key=f"{key}/fill-in", match="*"))
    checked = await doors.ask("intake", f"{path}/check", who)
    if not checked["complete"]:
        raise TrainingError(
            f"Intake finds this wrong with a draft: {checked['problems']}.", "Look at its log, or take a new folder: --data DIR."
        )
    return await doors.knock("intake", "POST", f"{path}/submit", who, key=key, match=f'"{changed["version"]}"')


def _whole(answer: httpx.Response) -> dict[str, Any]:
    if code := refusal_of(answer):
        raise TrainingError(f"Intake refused a draft ({code}).", "Look at its log, or take a new folder: --data DIR.")
    found: dict[str, Any] = answer.json()
    return found
