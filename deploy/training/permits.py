"""What becomes of a permit in the training city, in small known shares.

It is given back, warned about and revoked, suspended for a while or annulled; a slip in its document is mended, or the document is lost.
"""

from collections.abc import Iterable
from typing import Any, Final

from deploy.training.chance import digest, one_of, weighted
from deploy.training.moves import Move, Script, head_of
from deploy.training.ticks import TICKS_A_DAY
from shared.case_model import Case
from shared.kit.tokens import Actor
from shared.sop import after_issue
from shared.sop.handing import handed_in
from shared.sop.permit import STATES_OVER, warning_step

FATES: Final = (("surrendered", 0.02), ("warned", 0.04), ("suspended", 0.02), ("annulled", 0.02), ("kept", 1.0))
REVOKED_AFTER_WARNING_SHARE: Final = 0.5
ANSWER_WORKING_DAYS: Final = 5
MENDED: Final = ("sudah-diperbaiki",)
TROUBLE_AFTER_TICKS: Final = 3 * TICKS_A_DAY
MENDED_AFTER_TICKS: Final = 4 * TICKS_A_DAY
SLIP_SHARE: Final = 0.12
SLIP_RETURNED_SHARE: Final = 0.3
SLIP_FIELDS: Final = ("holder-name", "holder-address", "location", "dates")
SLIP_FOUND_TICKS: Final = 2 * TICKS_A_DAY
TRANSFERRED_SHARE: Final = 0.6
TRANSFER_REFUSED_SHARE: Final = 0.4
TRANSFERRED_AFTER_TICKS: Final = 15 * TICKS_A_DAY
HEIR_NIK: Final = "6271019999999999"
LOST_SHARE: Final = 0.06
LOST_AFTER_TICKS: Final = 10 * TICKS_A_DAY


def permit_moves(script: Script, applicant: Actor) -> Iterable[Move]:
    """Returns what happens next to a permit, if anything."""
    permit, sop = script.case.permit, script.case.sop
    if permit is None or sop is None or permit.state in STATES_OVER:
        return
    yield from _document(script, applicant, sop.owner)
    fate, head = weighted(FATES, script.chance("permit's fate")), head_of(sop.owner)
    soon = script.later(script.case.ended_at, TROUBLE_AFTER_TICKS)
    against: dict[str, Any] = {"reasons": ["tidak-sesuai-izin"], "legal_basis": sop.legal_bases[0].code}
    if permit.overruled:
        return  # what a granted objection has given back is let alone
    if fate == "surrendered":
        yield script.move(soon, "intake/surrender-permit", applicant, turn=1)
    elif fate == "annulled":
        yield script.move(soon, "issuance/annul-permit", head, turn=1, **against)
    elif fate == "suspended" and permit.state == "suspended":
        mended = script.later(permit.state_at, MENDED_AFTER_TICKS)
        yield script.move(mended, "issuance/reinstate-permit", head, turn=1, reason=MENDED[0])
    elif fate == "suspended" and not permit.state_at:
        yield script.move(soon, "issuance/suspend-permit", head, turn=1, **against)
    elif found := visit_found(script.case):
        if not permit.warnings:
            body: dict[str, Any] = {"reasons": ["temuan-pemeriksaan"], "answer_working_days": ANSWER_WORKING_DAYS}
            yield script.move(script.later(script.known.changed_at, 1), "issuance/warn-holder", head, turn=found, **body)
    elif fate == "warned":
        yield from _warned(script, head, against)


def _document(script: Script, applicant: Actor, owner: str) -> Iterable[Move]:
    """Returns what happens to the permit's document: a slip is found and mended by two officers, or its holder loses it."""
    permit, head = script.case.permit, head_of(owner)
    if permit is None:
        return
    turn, soon = script.case.sequence, script.later(script.known.changed_at, 1)
    if permit.slip is not None:
        if script.chance("slip returned", turn) < SLIP_RETURNED_SHARE:
            yield script.move(soon, "issuance/return-permit-correction", head, turn=turn, reason="nomor-salah")
        else:
            yield script.move(soon, "issuance/correct-permit", head, turn=turn)
    elif not permit.corrections and script.chance("slip") < SLIP_SHARE:
        at = max(soon, script.later(script.case.ended_at, SLIP_FOUND_TICKS))
        body = {"field": one_of(SLIP_FIELDS, script.chance("slip where")), "reason": "salah-ketik"}
        document = digest(script.seed, script.key, "mended document", turn)
        yield script.move(at, "issuance/draft-permit-correction", script.officer(owner, "slip"), turn=turn, document=document, **body)
    if not permit.duplicates and script.chance("lost") < LOST_SHARE:
        at, why = script.later(script.case.ended_at, LOST_AFTER_TICKS), one_of(("hilang", "rusak"), script.chance("lost why"))
        yield script.move(at, "intake/ask-duplicate", applicant, turn=1, reason=why)


def heir_of(applicant: str) -> str:
    """Returns the name of who takes over an applicant's permit."""
    return f"{applicant} penerus"


def transfer_moves(script: Script, applicant: str) -> Iterable[Move]:
    """Returns what happens next on a permit's way to another holder: in a known share it is offered, accepted, confirmed or refused."""
    permit, sop = script.case.permit, script.case.sop
    if permit is None or sop is None or sop.transfer is None or not sop.transfer.allowed or permit.state != "valid" or permit.transfers:
        return
    soon, heir = script.later(script.known.changed_at, 1), heir_of(applicant)
    if permit.transfer is None:
        if script.chance("transferred") < TRANSFERRED_SHARE:
            at = script.later(script.case.ended_at, TRANSFERRED_AFTER_TICKS)
            yield script.move(max(at, soon), "intake/offer-transfer", Actor(applicant, "applicant"), to=heir)
    elif not permit.transfer.accepted_at:
        wanted = [item.code for item in handed_in(sop.requirements) if item.code in sop.transfer.documents]
        documents = [{"requirement": code, "digest": digest(script.seed, script.key, code, "transfer")} for code in wanted]
        person = {"name": heir.title(), "nik": HEIR_NIK}
        yield script.move(soon, "intake/accept-transfer", Actor(heir, "applicant"), applicant=person, documents=documents)
    elif script.chance("transfer refused") < TRANSFER_REFUSED_SHARE:
        yield script.move(soon, "issuance/refuse-transfer", head_of(sop.owner), reasons=["data-tidak-benar"])
    else:
        yield script.move(soon, "issuance/confirm-transfer", head_of(sop.owner))


def visit_found(case: Case) -> int:
    """Returns the number of the first visit after issue that found something and whose record is signed, 0 for none."""
    codes = after_issue.expected(case)
    found = (visit for visit in case.visits if visit.step in codes and visit.state == "failed" and not after_issue.unsigned(visit))
    return next((visit.number for visit in found), 0)


def _warned(script: Script, head: Actor, against: dict[str, Any]) -> Iterable[Move]:
    permit, case = script.case.permit, script.case
    if permit is not None and not permit.warnings:
        body = {"reasons": against["reasons"], "answer_working_days": ANSWER_WORKING_DAYS}
        yield script.move(script.later(case.ended_at, TROUBLE_AFTER_TICKS), "issuance/warn-holder", head, turn=1, **body)
        return
    unanswered = next((item for item in case.missed if item.step == warning_step(1)), None)
    if unanswered is not None and script.chance("revoked") < REVOKED_AFTER_WARNING_SHARE:
        yield script.move(script.later(unanswered.due_at, 1), "issuance/revoke-permit", head, turn=1, **against)
