"""The city's drill with a key: two custodians register a new one for the archive, find it compromised, and revoke it again."""

import hashlib
from typing import Any, Final

from deploy.training.doors import LEDGER, Doors, TrainingError, refusal_of
from shared.kit.tokens import Actor
from shared.proof.keys import make_signer
from shared.proof.strict import to_base64url

PROPOSER: Final = Actor("penjaga kunci pertama", "custodian")
CONFIRMER: Final = Actor("penjaga kunci kedua", "custodian")
SENDER: Final = "archive"
# A key that anybody could make: it is good for a drill alone.
DRILL_KEY: Final = to_base64url(make_signer(SENDER, hashlib.sha256(b"latihan").digest()).verifier.public)
REASONS: Final = {"add": "rotation", "revoke": "compromised"}
DONE: Final = "key-known"


async def drill_keys(doors: Doors) -> None:
    """Plays the drill, unless an earlier run has."""
    for act, reason in REASONS.items():
        change = {"key": DRILL_KEY, "act": act}
        if await _asked(doors, "", PROPOSER, {**change, "reason": reason}) == DONE:
            return
        await _asked(doors, "/confirm", CONFIRMER, change)


async def _asked(doors: Doors, path: str, actor: Actor, body: dict[str, Any]) -> str:
    code = refusal_of(await doors.knock(LEDGER, "POST", f"/v1/senders/{SENDER}/keys{path}", actor, body=body))
    if code not in ("", DONE):
        raise TrainingError(f"The ledger refused a change of a key ({code}).", "Start again with a new folder.")
    return code
