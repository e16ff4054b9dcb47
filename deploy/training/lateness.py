"""The autopilot about missed deadlines: in a known share the agency contests the breach, and the inspectorate rules on it."""

from collections.abc import Iterable
from typing import Final

from deploy.training.chance import digest
from deploy.training.moves import Move, Script
from shared.kit.tokens import Actor
from shared.sop.people import INSPECTORATE

CONTESTED_SHARE: Final = 0.3
DISMISSED_SHARE: Final = 0.5
STAGE: Final = "verification"  # every stage has these doors


def breach_moves(script: Script) -> Iterable[Move]:
    """Returns what is done next about the breaches of an application, if anything."""
    for breach in script.case.breaches:
        about = (breach.step, breach.round)
        body = {"step": breach.step, "round": breach.round}
        if breach.state == "open" and script.chance(*about, "contested") < CONTESTED_SHARE:
            at, head = script.later(breach.at, 2), Actor(f"kepala {breach.agency}", "head", breach.agency)
            evidence = [digest(script.seed, script.key, *about, "evidence")]
            content = {**body, "reason": "sistem-nasional-gangguan", "evidence": evidence}
            yield Move(at, STAGE, "contest-breach", head, content, _key(script, *about, "contest"), breach.step)
        elif breach.state == "contested":
            dismissed = script.chance(*about, "dismissed") < DISMISSED_SHARE
            at, inspector = script.later(script.known.changed_at, 4), Actor("auditor inspektorat", "inspector", INSPECTORATE)
            ruling = {"ruling": "dismissed", "reason": "bukti-cukup"} if dismissed else {"ruling": "upheld", "reason": "dalam-kendali"}
            content = {**body, "agency": breach.agency, **ruling}
            yield Move(at, STAGE, "rule-on-breach", inspector, content, _key(script, *about, "rule"), breach.step)


def _key(script: Script, step: str, number: int, what: str) -> str:
    return f"{script.seed}/{script.key}/{step}/{number}/{what}-breach"
