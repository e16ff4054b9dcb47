"""What may happen to a permit after it was issued: warned, suspended, reinstated, revoked, annulled, surrendered, corrected, expired.

Pure functions of the case. A warning gives its holder working days to answer; revoking needs a warning whose days the ledger has seen pass,
so nobody loses a permit unheard (hearing before a burdensome decision: UU 30/2014, article 46). Annulling says that the permit was wrong from the start and needs none.
A slip of the pen in the document is mended by two officers, as a decision is made; what the permit allows does not change by it.
"""

from datetime import date, timedelta
from typing import Final

from shared.case_model import Case
from shared.permit_model import Permit

STATES_OVER: Final = ("revoked", "annulled", "surrendered", "expired")
WARNINGS_MAX: Final = 3
# What the head of the issuing agency may do with a permit, in the order in which screens offer it.
COMMANDS: Final = ("warn-holder", "suspend-permit", "reinstate-permit", "revoke-permit", "annul-permit")
SURRENDER: Final = "surrender-permit"
DUPLICATE: Final = "ask-duplicate"
RENEWAL: Final = "ask-renewal"
OFFER_TRANSFER: Final = "offer-transfer"
# What its holder may ask for; who is offered the permit may accept it.
HOLDER_COMMANDS: Final = (SURRENDER, DUPLICATE, RENEWAL, OFFER_TRANSFER)
ACCEPT_TRANSFER: Final = "accept-transfer"
TRANSFER_COMMANDS: Final = ("confirm-transfer", "refuse-transfer")
TRANSFER_STEP: Final = "balik-nama"  # the name under which its target runs
DRAFT_CORRECTION: Final = "draft-permit-correction"
CORRECT: Final = "correct-permit"
RETURN_CORRECTION: Final = "return-permit-correction"
# What would take away what an objection is about, or give it to somebody else, waits for the answer.
_WAITS_FOR_AN_ANSWER: Final = ("revoke-permit", "annul-permit", SURRENDER, RENEWAL, OFFER_TRANSFER, ACCEPT_TRANSFER)
# The first of them is every officer's of the issuing agency.
CORRECTION_COMMANDS: Final = (DRAFT_CORRECTION, RETURN_CORRECTION, CORRECT)


def warning_step(level: int) -> str:
    """Returns the name under which the ledger notes that the days to answer a warning have passed."""
    return f"peringatan-{level}"


def permit_refusal(case: Case, command: str, authid: str = "") -> str:
    """Returns why a command on the permit is refused now, empty when it may be done; who gives it matters for a correction only."""
    permit = case.permit
    if permit is None:
        return "no-permit"
    if case.open_objection and command in _WAITS_FOR_AN_ANSWER:
        return "objection-pending"
    if command == RENEWAL:
        return _renewal_refusal(case, permit)
    if command in (OFFER_TRANSFER, ACCEPT_TRANSFER, *TRANSFER_COMMANDS):
        return _transfer_refusal(case, permit, command, authid)
    return "permit-over" if permit.state in STATES_OVER else _change_refusal(case, permit, command, authid)


def _change_refusal(case: Case, permit: Permit, command: str, authid: str) -> str:
    """Says why a permit that is not over may not be changed so."""
    match command:
        case "suspend-permit":
            return "permit-suspended" if permit.state == "suspended" else ""
        case "reinstate-permit":
            return "" if permit.state == "suspended" else "permit-not-suspended"
        case "warn-holder" if len(permit.warnings) >= WARNINGS_MAX:
            return "warnings-exhausted"
        case "revoke-permit" if not permit.warnings:
            return "not-warned"
        case "warn-holder" | "revoke-permit":
            return _unanswered(case)
        case _:
            return _correction_refusal(permit, command, authid) if command in CORRECTION_COMMANDS else ""


def _renewal_refusal(case: Case, permit: Permit) -> str:
    """Says why no renewal may be asked for: its days are announced by the ledger and over once the ledger says that the permit has expired."""
    rule = case.sop.renewal if case.sop else None
    if rule is None or not permit.valid_until:
        return "renewal-not-offered"
    obstacles = (
        (case.renewal is not None, "renewal-runs"),
        (permit.state == "expired", "renewal-late"),
        (permit.state in STATES_OVER, "permit-over"),
        (permit.state == "suspended", "permit-suspended"),
        (permit.accepted_transfer is not None, "transfer-runs"),
        (rule.opens_days_before not in permit.announced, "renewal-early"),
    )
    return next((code for hinders, code in obstacles if hinders), "")


def _transfer_refusal(case: Case, permit: Permit, command: str, authid: str) -> str:
    """Says why nothing may be done about a transfer: it is offered, accepted by whom it was offered to, then decided."""
    rule, transfer = case.sop.transfer if case.sop else None, permit.transfer
    offers, accepts, accepted = command == OFFER_TRANSFER, command == ACCEPT_TRANSFER, permit.accepted_transfer is not None
    obstacles = (
        (rule is None or not rule.allowed, "transfer-forbidden"),
        (permit.state in STATES_OVER, "permit-over"),
        (permit.state == "suspended", "permit-suspended"),
        (case.renewal is not None, "renewal-runs"),
        (offers and accepted, "transfer-runs"),
        (accepts and (transfer is None or accepted), "no-transfer"),
        (accepts and (transfer is None or transfer.to != authid), "not-yours"),
        (not offers and not accepts and not accepted, "no-transfer"),
    )
    return next((code for hinders, code in obstacles if hinders), "")


def next_term(permit: Permit, months: int) -> tuple[str, str]:
    """Returns the first and the last day of a further term of so many months: it follows the one before without a gap."""
    first = (date.fromisoformat(permit.valid_until) + timedelta(days=1)).isoformat()
    return first, valid_until(first, months)


def _correction_refusal(permit: Permit, command: str, authid: str) -> str:
    if command == DRAFT_CORRECTION:
        return "draft-pending" if permit.slip else ""
    if permit.slip is None:
        return "no-draft"
    return "same-officer" if command == CORRECT and permit.slip.authid == authid else ""


def _unanswered(case: Case) -> str:
    """Says whether the holder still has days to answer the last warning."""
    if case.permit is None or not case.permit.warnings:
        return ""
    last = warning_step(case.permit.warnings[-1].level)
    return "" if any(item.step == last for item in case.missed) else "warning-runs"


def valid_until(valid_from: str, months: int) -> str:
    """Returns the last day of a validity of so many months, empty for one without end: the day before that day of the month."""
    if not months:
        return ""
    start = date.fromisoformat(valid_from)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    first_after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    length = (first_after - date(year, month + 1, 1)).days
    if start.day > length:
        return date(year, month + 1, length).isoformat()
    return (date(year, month + 1, start.day) - timedelta(days=1)).isoformat()
