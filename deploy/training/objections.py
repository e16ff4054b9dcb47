"""Against what is decided in the training city: in known shares people object, are answered or not, and appeal against a rejection."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from deploy.training.chance import between, one_of, weighted
from deploy.training.moves import Move, Script, officer
from deploy.training.ticks import TICKS_A_DAY
from shared.kit.tokens import Actor
from shared.objection_model import Objection
from shared.sop import objections
from shared.sop.objections import APPEAL, OBJECTION

LODGES_SHARE: Final = {OBJECTION: 0.85, APPEAL: 0.8}
HOLDER_LODGES_SHARE: Final = 1.0  # nobody lets go of a permit that they have
LODGES_WITHIN_TICKS: Final = 6 * TICKS_A_DAY
ANSWERS: Final = {
    OBJECTION: (("granted", 0.25), ("rejected", 0.55), ("silent", 0.20)),
    APPEAL: (("granted", 0.35), ("rejected", 0.35), ("silent", 0.30)),
}
ANSWERS_WITHIN_TICKS: Final = 7 * TICKS_A_DAY
NOBODY_ELSE_SHARE: Final = 0.4
UNINVOLVED: Final = 5  # the number of an officer who does nothing else
GROUNDS: Final = ("penilaian-keliru", "bukti-baru", "aturan-tidak-tepat")
REASONS: Final = {"granted": "keberatan-beralasan", "rejected": "penolakan-sesuai-aturan"}
SUPERIOR: Final = Actor("sekretaris daerah", objections.SUPERIOR, objections.SUPERIOR_AGENCY)


def objection_moves(script: Script, applicant: Actor) -> Iterable[Move]:
    """Returns what happens next about an act that may be objected to, if anything."""
    act = script.case.act
    if waiting := script.case.open_objection:
        yield from _answer(script, waiting)
    elif (window := objections.window(script.case)) and act is not None:
        about = (window.kind, act.round)
        holds = script.case.permit is not None and window.kind == OBJECTION
        if script.chance(*about, "lodges") < (HOLDER_LODGES_SHARE if holds else LODGES_SHARE[window.kind]):
            at = script.later(window.since, between(1, LODGES_WITHIN_TICKS, script.chance(*about, "when")))
            grounds = [one_of(GROUNDS, script.chance(*about, "grounds"))]
            door = f"intake/{objections.LODGE[window.kind]}"
            yield script.move(at, door, applicant, turn=act.round, grounds=grounds, statement="Mohon ditinjau kembali.")


def _answer(script: Script, waiting: Objection) -> Iterable[Move]:
    about = (waiting.kind, waiting.round)
    result = weighted(ANSWERS[waiting.kind], script.chance(*about, "answer"))
    if result == "silent":
        return
    at = script.later(waiting.at, between(1, ANSWERS_WITHIN_TICKS, script.chance(*about, "answered")))
    if waiting.opinion is None:
        yield from _draft(script, waiting, at, result)
        return
    at = max(at, script.later(script.known.changed_at, 1))
    who = script.head(objections.party(script.case, OBJECTION, waiting.against), at) if waiting.kind == OBJECTION else SUPERIOR
    door = f"issuance/{objections.DECIDE[waiting.kind]}"
    yield script.move(at, door, who, turn=waiting.round, result=result, reasons=[REASONS[result]])


def _draft(script: Script, waiting: Objection, at: datetime, result: str) -> Iterable[Move]:
    """Returns how the answer is drafted: by somebody who had no part, or in a known share by who had one, once the head has said why."""
    agency = objections.party(script.case, waiting.kind, waiting.against)
    who = officer(agency, UNINVOLVED)
    if _nobody_else(script, waiting) and script.case.sop is not None:
        who = script.officer(agency, script.case.sop.decision_step.code)  # who has drafted the refusal
        if not waiting.allowed:
            body = {"officer": who.person, "reason": "tidak-ada-pegawai-lain"}
            yield script.move(at, f"issuance/{objections.ALLOW_DRAFTER}", script.head(agency, at), turn=waiting.round, **body)
            return
        at = max(at, script.later(script.known.changed_at, 1))
    yield script.move(
        at, f"issuance/{objections.DRAFT_ANSWER}", who, turn=f"{waiting.kind} {waiting.round}", result=result, reasons=[REASONS[result]]
    )


def _nobody_else(script: Script, waiting: Objection) -> bool:
    """Says whether the agency has only the officer who drafted the refusal: where a rule refused there is none."""
    act = script.case.act
    by_a_person = act is not None and act.kind == "refusal" and bool(act.authid)
    return waiting.kind == OBJECTION and by_a_person and script.chance(waiting.kind, waiting.round, "nobody else") < NOBODY_ELSE_SHARE
