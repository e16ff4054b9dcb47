"""What issuance says: charges, drafts, permits and refusals, by officers and by rule; pure."""

from collections.abc import Sequence
from typing import Final, Literal

from shared import events as e
from shared.case import Case
from shared.draft import Commit, Desk, Draft
from shared.money import charge_rupiah
from shared.reasons import checked, checked_all
from shared.refusals import Refusal
from shared.sop import objections, rules
from shared.sop.permit import WARNINGS_MAX, next_term, valid_until

TYPE_CHARACTERS_MAX: Final = 16
CHARGE_PREFIX: Final = {"levy": "SKRD", "tax": "SKPD", "deposit": "JAM"}


def assess_charge(case: Case, step: str, amount_rupiah: int | None) -> Sequence[Draft]:
    """Returns the charge or deposit of a step: by its tariff, or as the assessing agency tells it; raises `Refusal`."""
    rule = case.sop.step_by_code[step].charge if case.sop else None
    if rule is None or case.sop is None:
        raise Refusal("wrong-step", step)
    tariff = charge_rupiah(case.sop.step_by_code[step], case)
    amount = tariff if tariff is not None and amount_rupiah is None else amount_rupiah
    if amount is None:
        raise Refusal("amount-differs", "amount_rupiah")
    again = f"/{len(case.charges) + 1}" if case.charges else ""
    number = f"{CHARGE_PREFIX[rule.basis]}/{_tail(case)}{again}"
    if rule.basis == "deposit":
        return (Draft(e.DepositRequired(step=step, number=number, amount_rupiah=amount)),)
    return (Draft(e.ChargeAssessed(step=step, number=number, basis=rule.basis, amount_rupiah=amount)),)


def reduce_charge(charge: str, amount_rupiah: int, reason: str, legal_basis: str) -> Sequence[Draft]:
    """Returns that a charge is lowered to an amount, 0 for who is exempt."""
    given = checked("reduction", reason)
    return (Draft(e.ChargeReduced(charge=charge, amount_rupiah=amount_rupiah, reason=given, legal_basis=legal_basis)),)


def release_deposit(charge: str, reason: str) -> Sequence[Draft]:
    """Returns that a deposit is to be paid back."""
    return (Draft(e.DepositReleased(charge=charge, reason=checked("release", reason))),)


def forfeit_deposit(charge: str, reason: str, legal_basis: str) -> Sequence[Draft]:
    """Returns that the city keeps a deposit."""
    return (Draft(e.DepositForfeited(charge=charge, reason=checked("forfeit", reason), legal_basis=legal_basis)),)


def draft_decision(case: Case, step: str, outcome: Literal["issue", "refuse"], reasons: Sequence[str]) -> Sequence[Draft]:
    """Returns a proposed decision; its reasons are of the list, or those for which a review or a rule has rejected the application."""
    given = checked_all("rejection", reasons, case.outcome_reasons) if outcome == "refuse" else ()
    return (Draft(e.DecisionDrafted.of(step=step, outcome=outcome, reasons=given)),)


def return_decision(step: str, reason: str) -> Sequence[Draft]:
    """Returns the draft to its drafter."""
    return (Draft(e.DecisionReturned(step=step, reason=checked("return", reason))),)


def issue_permit(case: Case, step: str, today: str, conditions: Sequence[str] = ()) -> Sequence[Draft]:
    """Returns the permit, valid from `today` (local date)."""
    return (Draft(permit(case, step, today, conditions)),)


def permit(case: Case, step: str, today: str, conditions: Sequence[str] = ()) -> e.PermitIssued:
    """Returns the permit's event: number from type, code and year, validity from the SOP."""
    months = case.sop.validity_months if case.sop else 0
    kind = case.sop_name.partition("@")[0].upper()[:TYPE_CHARACTERS_MAX].rstrip("-")
    number = f"503/{kind}/{_tail(case)}/{today[:4]}"
    until = valid_until(today, months)
    return e.PermitIssued.of(step=step, number=number, valid_from=today, valid_until=until, conditions=tuple(conditions))


def renew_permit(case: Case, step: str) -> Sequence[Draft]:
    """Returns the further term of a permit; raises `Refusal`."""
    return (Draft(further_term(case, step)),)


def further_term(case: Case, step: str) -> e.PermitRenewed:
    """Returns the event of a further term: it follows the one before and is as long as the SOP says; raises `Refusal`."""
    if case.permit is None or case.sop is None or not case.permit.valid_until:
        raise Refusal("no-permit" if case.permit is None else "no-renewal")
    first, last = next_term(case.permit, case.sop.validity_months)
    return e.PermitRenewed(step=step, valid_from=first, valid_until=last)


def refuse_application(case: Case, step: str) -> Sequence[Draft]:
    """Returns the refusal with the reasons of its draft."""
    if case.draft is None:
        raise Refusal("no-draft", step)
    return (Draft(e.ApplicationRefused(step=step, reasons=case.draft.reasons)),)


def draft_answer(case: Case, result: objections.Answer, reasons: Sequence[str]) -> Sequence[Draft]:
    """Returns a proposed answer to the pending objection or appeal; whether this officer may draft it is for `admissible` to say."""
    return (Draft(e.AnswerDrafted(number=_pending(case), result=result, reasons=checked_all("objection-answer", reasons))),)


def allow_drafter(case: Case, officer: str, reason: str) -> Sequence[Draft]:
    """Returns that somebody may draft the answer although they had a part; `officer` is their identity in this application."""
    return (Draft(e.InvolvedDrafterAllowed(number=_pending(case), officer=officer, reason=checked("involved-drafter", reason))),)


def decide_objection(case: Case, result: objections.Answer, reasons: Sequence[str]) -> Sequence[Draft]:
    """Returns the answer to the pending objection; whether this official may give it is for `admissible` to say."""
    return (Draft(e.ObjectionDecided(number=_pending(case), result=result, reasons=checked_all("objection-answer", reasons))),)


def decide_appeal(case: Case, result: objections.Answer, reasons: Sequence[str]) -> Sequence[Draft]:
    """Returns the superior's answer to the pending appeal; whether they may give it is for `admissible` to say."""
    return (Draft(e.AppealDecided(number=_pending(case), result=result, reasons=checked_all("objection-answer", reasons))),)


def _pending(case: Case) -> str:
    waiting = case.open_objection
    if waiting is None:
        raise Refusal("no-objection")
    return waiting.number


def warn_holder(case: Case, reasons: Sequence[str], answer_working_days: int) -> Sequence[Draft]:
    """Returns the next written warning to the holder."""
    level = len(case.permit.warnings) + 1 if case.permit else 1
    return (
        Draft(
            e.WarningIssued(
                level=min(level, WARNINGS_MAX), reasons=checked_all("sanction", reasons), answer_working_days=answer_working_days
            )
        ),
    )


def suspend_permit(reasons: Sequence[str], legal_basis: str) -> Sequence[Draft]:
    """Returns that the permit may not be used for now."""
    return (Draft(e.PermitSuspended(reasons=checked_all("sanction", reasons), legal_basis=legal_basis)),)


def reinstate_permit(reason: str) -> Sequence[Draft]:
    """Returns that a suspended permit may be used again."""
    return (Draft(e.PermitReinstated(reason=checked("mended", reason))),)


def revoke_permit(reasons: Sequence[str], legal_basis: str) -> Sequence[Draft]:
    """Returns that the permit is taken from its holder."""
    return (Draft(e.PermitRevoked(reasons=checked_all("sanction", reasons), legal_basis=legal_basis)),)


def annul_permit(reasons: Sequence[str], legal_basis: str) -> Sequence[Draft]:
    """Returns that the permit was wrong from the start."""
    return (Draft(e.PermitAnnulled(reasons=checked_all("sanction", reasons), legal_basis=legal_basis)),)


def confirm_transfer(case: Case) -> Sequence[Draft]:
    """Returns that the permit has the holder who accepted it; raises `Refusal`."""
    if case.permit is None or case.permit.transfer is None:
        raise Refusal("no-transfer" if case.permit else "no-permit")
    return (Draft(e.PermitTransferred(to=case.permit.transfer.to)),)


def refuse_transfer(reasons: Sequence[str]) -> Sequence[Draft]:
    """Returns that the permit stays with its holder."""
    return (Draft(e.TransferRefused(reasons=checked_all("rejection", reasons))),)


def draft_correction(field: e.PermitField, reason: str, document: str, commit: Commit) -> Sequence[Draft]:
    """Returns a proposal to mend a slip in the permit's document; `document` is the mended one's SHA-256 in hex."""
    return (Draft(e.PermitCorrectionDrafted(field=field, reason=checked("slip", reason), document=commit(field, document))),)


def return_correction(reason: str) -> Sequence[Draft]:
    """Returns that the document stays as it is."""
    return (Draft(e.PermitCorrectionReturned(reason=checked("return", reason))),)


def correct_permit(case: Case) -> Sequence[Draft]:
    """Returns the mended document as it was proposed; raises `Refusal`."""
    slip = case.permit.slip if case.permit else None
    if slip is None:
        raise Refusal("no-draft" if case.permit else "no-permit")
    return (Draft(e.PermitCorrected.model_validate({"field": slip.field, "reason": slip.reason, "document": slip.document})),)


def _tail(case: Case) -> str:
    return case.code.removeprefix("PKY-")


def react(case: Case, desk: Desk) -> Sequence[Draft]:
    """Decides by rule where the SOP lets a rule decide."""
    for code in case.ready:
        step = rules.ready_step(case, code)
        if step is None or step.kind != "decision" or not desk.speaks_for(step.agency) or not objections.by_rule(case, step):
            continue
        if rules.is_rejected(case):
            return (Draft(e.ApplicationRefused(step=code, reasons=tuple(dict.fromkeys(case.outcome_reasons))[:10]), step.agency),)
        granted = further_term(case, code) if case.renewal else permit(case, code, desk.city.today)
        return (Draft(granted, step.agency),)
    return ()
