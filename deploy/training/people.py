"""The autopilot's people: a head gives a review to an officer, who hands it over, or declares a conflict of interest and is replaced."""

from collections.abc import Iterable
from typing import Final

from deploy.training.moves import OFFICERS, Move, Script, officer
from shared.kit.tokens import Actor
from shared.sop.model import Step
from shared.sop.people import was_accepted

ASSIGNED_SHARE: Final = 0.35
CONFLICT_SHARE: Final = 0.2
HANDED_OVER_SHARE: Final = 0.15
SECOND_LOOK_SHARE: Final = 0.3  # of the reviews that are held again after a correction
SECOND_ROUND: Final = 2
PARTIAL: Final = OFFICERS + 1  # the officer of an agency who knows everybody


def reviewer(script: Script, step: Step) -> Actor:
    """Returns who does a review: its officer as it was drawn, or who has taken over."""
    if script.case.hand_overs.get(step.code):
        return script.next_officer(step.agency, step.code)
    return script.officer(step.agency, step.code)


def people_moves(script: Script, step: Step) -> Iterable[Move]:
    """Returns what has to be done about a review's officer before the review itself, if anything."""
    if script.chance(step.code, "assigned") >= ASSIGNED_SHARE:
        return
    case, soon = script.case, script.later(script.case.ready[step.code].at, 1)
    partial = script.chance(step.agency, "conflict") < CONFLICT_SHARE and step.agency not in case.conflicts.values()
    if step.code not in case.officers:
        named = officer(step.agency, PARTIAL) if partial else reviewer(script, step)
        turn = f"{case.round}.{len(case.conflicts)}"
        yield script.move(
            soon, "verification/assign-review", script.head(step.agency, soon), step=step.code, turn=turn, officer=named.person
        )
    elif partial:
        later = script.later(script.known.changed_at, 1)
        yield Move(
            later,
            "verification",
            "declare-conflict",
            officer(step.agency, PARTIAL),
            {"reason": "keluarga"},
            f"{script.seed}/{script.key}/{step.agency}/conflict",
            step.code,
        )
    elif not case.hand_overs.get(step.code) and script.chance(step.code, "handed-over") < HANDED_OVER_SHARE:
        later = script.later(script.known.changed_at, 1)
        named = script.next_officer(step.agency, step.code)
        yield script.move(
            later,
            "verification/reassign-review",
            script.head(step.agency, later),
            step=step.code,
            turn=1,
            officer=named.person,
            reason="cuti",
        )


def looks_again(script: Script, step: Step) -> bool:
    """Says whether a review of the second round asks for something that it had accepted."""
    return script.case.round == SECOND_ROUND and script.chance(step.code, "looks-again") < SECOND_LOOK_SHARE


def second_look(script: Script, step: Step) -> str:
    """Returns the requirement for which the head has to say why it is asked for again, empty when nothing is to be said."""
    if not looks_again(script, step) or any(key.startswith(f"{step.code}/") for key in script.case.rechecks):
        return ""
    return next((code for code in step.reads if was_accepted(script.case, step.code, code)), "")
