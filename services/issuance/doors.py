"""Issuance's doors: charges and deposits by the assessing agency, decisions drafted by one officer and signed by another."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from services.issuance import domain
from shared.case import Case
from shared.draft import Context, Draft
from shared.events import PermitField
from shared.fields import Digest, OfficialNumber, Rupiah, Slug
from shared.kit.desk_doors import DESK_DOORS
from shared.kit.doors import Door
from shared.kit.http import Body


class AssessCharge(Body):
    """A charge; the amount only where the assessing agency's own system computes it."""

    step: Slug
    amount_rupiah: Rupiah | None = None


class ReduceCharge(Body):
    """A charge lowered to an amount, 0 for who is exempt, and on which legal basis."""

    charge: OfficialNumber
    amount_rupiah: Rupiah
    reason: Slug
    legal_basis: Slug


class ReleaseDeposit(Body):
    """Why a deposit is paid back."""

    charge: OfficialNumber
    reason: Slug


class ForfeitDeposit(Body):
    """Why the city keeps a deposit, and on which legal basis."""

    charge: OfficialNumber
    reason: Slug
    legal_basis: Slug


class DraftDecision(Body):
    """A proposed decision."""

    step: Slug
    outcome: Literal["issue", "refuse"]
    reasons: Annotated[tuple[Slug, ...], Field(max_length=10)] = ()


class ReturnDecision(Body):
    """Sends a draft back."""

    step: Slug
    reason: Slug


class IssuePermit(Body):
    """Signs a draft that issues."""

    step: Slug
    conditions: Annotated[tuple[Slug, ...], Field(max_length=20)] = ()


class RenewPermit(Body):
    """Signs a draft that grants a renewal."""

    step: Slug


class RefuseApplication(Body):
    """Signs a draft that refuses."""

    step: Slug


class WarnHolder(Body):
    """A written warning; the holder may answer within so many working days."""

    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    answer_working_days: Annotated[int, Field(ge=1, le=60)]


class ChangePermit(Body):
    """Why the permit is suspended, revoked or annulled, and on which basis of its SOP."""

    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    legal_basis: Slug


class ReinstatePermit(Body):
    """Why a suspended permit may be used again."""

    reason: Slug


class DraftCorrection(Body):
    """A slip of the pen in the permit's document: in which field, why, and the mended document by its SHA-256 in hex."""

    field: PermitField
    reason: Slug
    document: Digest


class ReturnCorrection(Body):
    """Why the document stays as it is."""

    reason: Slug


class ConfirmTransfer(Body):
    """Confirms the transfer that was offered and accepted."""


class RefuseTransfer(Body):
    """Why the permit stays with its holder."""

    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


class CorrectPermit(Body):
    """Signs the correction that was drafted."""


class DraftAnswer(Body):
    """A proposed answer to the objection or appeal that is pending, with reasons of the list."""

    result: Literal["granted", "rejected"]
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


class AllowDrafter(Body):
    """Who may draft the answer although they had a part, by the number under which they sign in, and why."""

    officer: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    reason: Slug


class DecideObjection(Body):
    """The answer to the objection or appeal that is pending, with reasons of the list."""

    result: Literal["granted", "rejected"]
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


def _assess(case: Case, body: AssessCharge, _context: Context) -> Sequence[Draft]:
    return domain.assess_charge(case, body.step, body.amount_rupiah)


def _reduce(_case: Case, body: ReduceCharge, _context: Context) -> Sequence[Draft]:
    return domain.reduce_charge(body.charge, body.amount_rupiah, body.reason, body.legal_basis)


def _release(_case: Case, body: ReleaseDeposit, _context: Context) -> Sequence[Draft]:
    return domain.release_deposit(body.charge, body.reason)


def _forfeit(_case: Case, body: ForfeitDeposit, _context: Context) -> Sequence[Draft]:
    return domain.forfeit_deposit(body.charge, body.reason, body.legal_basis)


def _draft(case: Case, body: DraftDecision, _context: Context) -> Sequence[Draft]:
    return domain.draft_decision(case, body.step, body.outcome, body.reasons)


def _return(_case: Case, body: ReturnDecision, _context: Context) -> Sequence[Draft]:
    return domain.return_decision(body.step, body.reason)


def _issue(case: Case, body: IssuePermit, context: Context) -> Sequence[Draft]:
    return domain.issue_permit(case, body.step, context.city.today, body.conditions)


def _renew(case: Case, body: RenewPermit, _context: Context) -> Sequence[Draft]:
    return domain.renew_permit(case, body.step)


def _refuse(case: Case, body: RefuseApplication, _context: Context) -> Sequence[Draft]:
    return domain.refuse_application(case, body.step)


def _warn(case: Case, body: WarnHolder, _context: Context) -> Sequence[Draft]:
    return domain.warn_holder(case, body.reasons, body.answer_working_days)


def _suspend(_case: Case, body: ChangePermit, _context: Context) -> Sequence[Draft]:
    return domain.suspend_permit(body.reasons, body.legal_basis)


def _reinstate(_case: Case, body: ReinstatePermit, _context: Context) -> Sequence[Draft]:
    return domain.reinstate_permit(body.reason)


def _revoke(_case: Case, body: ChangePermit, _context: Context) -> Sequence[Draft]:
    return domain.revoke_permit(body.reasons, body.legal_basis)


def _annul(_case: Case, body: ChangePermit, _context: Context) -> Sequence[Draft]:
    return domain.annul_permit(body.reasons, body.legal_basis)


def _draft_correction(_case: Case, body: DraftCorrection, context: Context) -> Sequence[Draft]:
    return domain.draft_correction(body.field, body.reason, body.document, context.commit)


def _return_correction(_case: Case, body: ReturnCorrection, _context: Context) -> Sequence[Draft]:
    return domain.return_correction(body.reason)


def _confirm_transfer(case: Case, _body: ConfirmTransfer, _context: Context) -> Sequence[Draft]:
    return domain.confirm_transfer(case)


def _refuse_transfer(_case: Case, body: RefuseTransfer, _context: Context) -> Sequence[Draft]:
    return domain.refuse_transfer(body.reasons)


def _correct(case: Case, _body: CorrectPermit, _context: Context) -> Sequence[Draft]:
    return domain.correct_permit(case)


def _draft_answer(case: Case, body: DraftAnswer, _context: Context) -> Sequence[Draft]:
    return domain.draft_answer(case, body.result, body.reasons)


def _allow_drafter(case: Case, body: AllowDrafter, context: Context) -> Sequence[Draft]:
    return domain.allow_drafter(case, context.identify(body.officer), body.reason)


def _decide_objection(case: Case, body: DecideObjection, _context: Context) -> Sequence[Draft]:
    return domain.decide_objection(case, body.result, body.reasons)


def _decide_appeal(case: Case, body: DecideObjection, _context: Context) -> Sequence[Draft]:
    return domain.decide_appeal(case, body.result, body.reasons)


DOORS: Final = (
    Door("assess-charge", AssessCharge, ("officer", "head"), _assess),
    Door("reduce-charge", ReduceCharge, ("head",), _reduce, of_a_step=False),
    Door("release-deposit", ReleaseDeposit, ("head",), _release, of_a_step=False),
    Door("forfeit-deposit", ForfeitDeposit, ("head",), _forfeit, of_a_step=False),
    Door("draft-decision", DraftDecision, ("officer", "head"), _draft),
    Door("return-decision", ReturnDecision, ("head",), _return),
    Door("issue-permit", IssuePermit, ("head",), _issue),
    Door("renew-permit", RenewPermit, ("head",), _renew),
    Door("refuse-application", RefuseApplication, ("head",), _refuse),
    Door("draft-answer", DraftAnswer, ("officer",), _draft_answer, of_a_step=False),
    Door("allow-drafter", AllowDrafter, ("superior", "head"), _allow_drafter, of_a_step=False),
    Door("decide-objection", DecideObjection, ("head",), _decide_objection, of_a_step=False),
    Door("decide-appeal", DecideObjection, ("superior", "head"), _decide_appeal, of_a_step=False),
    Door("warn-holder", WarnHolder, ("head",), _warn, of_a_step=False),
    Door("suspend-permit", ChangePermit, ("head",), _suspend, of_a_step=False),
    Door("reinstate-permit", ReinstatePermit, ("head",), _reinstate, of_a_step=False),
    Door("revoke-permit", ChangePermit, ("head",), _revoke, of_a_step=False),
    Door("annul-permit", ChangePermit, ("head",), _annul, of_a_step=False),
    Door("draft-permit-correction", DraftCorrection, ("officer", "head"), _draft_correction, of_a_step=False),
    Door("return-permit-correction", ReturnCorrection, ("head",), _return_correction, of_a_step=False),
    Door("correct-permit", CorrectPermit, ("head",), _correct, of_a_step=False),
    Door("confirm-transfer", ConfirmTransfer, ("head",), _confirm_transfer, of_a_step=False),
    Door("refuse-transfer", RefuseTransfer, ("head",), _refuse_transfer, of_a_step=False),
    *DESK_DOORS,
)
