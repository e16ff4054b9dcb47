"""Intake's doors: one application or five hundred at once, corrections, withdrawals, the file room with the applicants' data, and its erasure."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import FastAPI, Request
from pydantic import Field, StringConstraints

from services.intake import domain, drafts, moves, national, receipts, submissions
from services.intake.papers import PaperDesk, add_papers
from services.intake.submissions import Applicant, Document, Line, pairs
from shared.case import Case
from shared.draft import Context, Draft
from shared.events import ForgettingReason, HoldReason
from shared.fields import Count, Digest, LocalDate, Measure, OfficialNumber, Ordinal, Slug
from shared.kit.desk_doors import DESK_DOORS
from shared.kit.doors import Door, Running, asked_whole, known_case
from shared.kit.http import Answer, Body, Site, code_of
from shared.kit.stage import Stage
from shared.kit.tokens import Actor, PersonalNumber
from shared.personal import KUASA_NAME
from shared.refusals import Refusal
from shared.sop.applicants import ACTING_ROLES, APPLICANT, PARTNER, applicant_refusal
from shared.sop.checks.personal import DATA_PROTECTION_ROLE

IN_PERSON: Final = (APPLICANT, PARTNER)  # nobody gives away or takes over a permit for somebody else
# By code: it stands in an address and in the list of looks, where nobody's own words may stand.
Purpose = Literal["penilaian", "kunjungan", "penetapan", "pemberitahuan", "pengaduan", "keberatan"]


DRAFT_LIMITS: Final = drafts.Limits()
SHOWN: Final = (*Applicant.model_fields, KUASA_NAME)


class DeclareComplete(Body):
    """An officer has looked: everything is there."""

    step: Slug


class Correction(Body):
    """The answer to a request for correction: exactly the requirements that were asked for, without those that the city looks up itself."""

    documents: Annotated[tuple[Document, ...], Field(max_length=50)] = ()


class ChooseSlot(Body):
    """One of the days that were offered for a visit."""

    step: Slug
    visit: Ordinal
    date: LocalDate


class Withdrawal(Body):
    """Taking an application back, with a reason from a closed list: it goes into the event, where an applicant's own words may not stand."""

    reason: Literal["keinginan-pemohon", "salah-jenis-izin", "salah-data", "rencana-berubah", "diajukan-dua-kali"] = "keinginan-pemohon"


class Power(Body):
    """A power of attorney for a running application: to whom (the number under which they sign in), by which document, until when."""

    attorney: PersonalNumber
    name: Line
    document: Digest
    power: Literal["khusus", "akta-notaris"]
    valid_until: LocalDate


class EndedRepresentation(Body):
    """The end of a power of attorney: the applicant takes it back, or the attorney lays it down."""

    reason: Literal["withdrawn", "laid-down"]


class Objection(Body):
    """Against a refusal: grounds of the list, and the applicant's own words, which never leave intake's vault."""

    grounds: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    statement: Annotated[str, StringConstraints(max_length=4000)] = ""


class Surrender(Body):
    """Giving a permit back, with a reason from a closed list."""

    reason: Literal["tidak-dipakai-lagi", "usaha-tutup", "pindah-tempat", "salah-jenis-izin"] = "tidak-dipakai-lagi"


class AskDuplicate(Body):
    """Asking for another document of a permit, with a reason from a closed list."""

    reason: Slug


def _declare_complete(_case: Case, body: DeclareComplete, _context: Context) -> Sequence[Draft]:
    return domain.declare_complete(body.step)


def _correct(case: Case, body: Correction, context: Context) -> Sequence[Draft]:
    return domain.correct(case, pairs(body.documents), context)


def _choose_slot(_case: Case, body: ChooseSlot, _context: Context) -> Sequence[Draft]:
    return domain.choose_slot(body.step, body.visit, body.date)


def _withdraw(_case: Case, body: Withdrawal, _context: Context) -> Sequence[Draft]:
    return domain.withdraw(body.reason)


class LegalHold(Body):
    """A demand that personal data be kept, by the number of its letter, with a reason by code."""

    number: OfficialNumber
    reason: HoldReason


class LiftedHold(Body):
    """The end of such a demand, by the same number."""

    number: OfficialNumber


class Forgetting(Body):
    """The erasure of the personal data behind an application, on a legal ground by code."""

    reason: ForgettingReason


def _place_hold(_case: Case, body: LegalHold, _context: Context) -> Sequence[Draft]:
    return domain.place_hold(body.number, body.reason)


def _lift_hold(_case: Case, body: LiftedHold, _context: Context) -> Sequence[Draft]:
    return domain.lift_hold(body.number)


def _forget(_case: Case, body: Forgetting, _context: Context) -> Sequence[Draft]:
    return domain.forget(body.reason)


def _give_power(_case: Case, body: Power, context: Context) -> Sequence[Draft]:
    return domain.give_power(context, body.attorney, body.name, body.document, body.power, body.valid_until)


def _end_representation(_case: Case, body: EndedRepresentation, _context: Context) -> Sequence[Draft]:
    return domain.end_representation(body.reason)


def _surrender(_case: Case, body: Surrender, _context: Context) -> Sequence[Draft]:
    return domain.surrender_permit(body.reason)


class AskRenewal(Body):
    """Asking for a further term: the facts that have changed, and the documents that a renewal asks for or that have changed."""

    facts: Annotated[dict[Slug, bool | Count | Measure | Slug], Field(max_length=50, default_factory=dict)]
    documents: Annotated[tuple[Document, ...], Field(max_length=50)] = ()


def _renewal(case: Case, body: AskRenewal, context: Context) -> Sequence[Draft]:
    return domain.renew(case, body.facts, pairs(body.documents), context)


class OfferTransfer(Body):
    """Offering a permit to somebody else: `to` is how that person signs in; it never enters an event."""

    to: Line


class AcceptTransfer(Body):
    """Taking a permit that was offered: one's own data and the documents that a transfer asks for."""

    applicant: Applicant
    documents: Annotated[tuple[Document, ...], Field(max_length=50)] = ()


def _offer_transfer(case: Case, body: OfferTransfer, context: Context) -> Sequence[Draft]:
    return domain.offer_transfer(case, context.identify(body.to))


def _accept_transfer(case: Case, body: AcceptTransfer, context: Context) -> Sequence[Draft]:
    return domain.accept_transfer(case, body.applicant.model_dump(), pairs(body.documents), context)


def _duplicate(case: Case, body: AskDuplicate, _context: Context) -> Sequence[Draft]:
    return domain.duplicate_permit(case, body.reason)


def _lodge_objection(case: Case, body: Objection, context: Context) -> Sequence[Draft]:
    return domain.lodge_objection(case, body.grounds, body.statement, context.commit)


def _lodge_appeal(case: Case, body: Objection, context: Context) -> Sequence[Draft]:
    return domain.lodge_appeal(case, body.grounds, body.statement, context.commit)


DOORS: Final = (
    Door("declare-complete", DeclareComplete, ("officer", "head"), _declare_complete),
    Door("correct", Correction, ACTING_ROLES, _correct, of_a_step=False),
    Door("choose-slot", ChooseSlot, ACTING_ROLES, _choose_slot, of_a_step=False),
    Door("withdraw", Withdrawal, ACTING_ROLES, _withdraw, of_a_step=False),
    Door("give-power", Power, IN_PERSON, _give_power, of_a_step=False),
    Door("end-representation", EndedRepresentation, ("applicant", "kuasa"), _end_representation, of_a_step=False),
    Door("lodge-objection", Objection, ACTING_ROLES, _lodge_objection, of_a_step=False),
    Door("lodge-appeal", Objection, ACTING_ROLES, _lodge_appeal, of_a_step=False),
    Door("surrender-permit", Surrender, ACTING_ROLES, _surrender, of_a_step=False),
    Door("ask-duplicate", AskDuplicate, ACTING_ROLES, _duplicate, of_a_step=False),
    Door("ask-renewal", AskRenewal, ACTING_ROLES, _renewal, of_a_step=False),
    Door("offer-transfer", OfferTransfer, IN_PERSON, _offer_transfer, of_a_step=False),
    Door("accept-transfer", AcceptTransfer, IN_PERSON, _accept_transfer, of_a_step=False),
    Door("place-legal-hold", LegalHold, (DATA_PROTECTION_ROLE,), _place_hold, of_a_step=False),
    Door("lift-legal-hold", LiftedHold, (DATA_PROTECTION_ROLE,), _lift_hold, of_a_step=False),
    Door("forget", Forgetting, (DATA_PROTECTION_ROLE,), _forget, of_a_step=False),
    national.DOOR,
    *DESK_DOORS,
)


def add_routes(app: FastAPI, site: Site, running: Running, limits: drafts.Limits = DRAFT_LIMITS, papers: PaperDesk | None = None) -> None:
    """Adds what intake has beside its commands; without a desk for papers none are made."""
    submissions.add_routes(app, site, running)
    drafts.add_routes(app, site, running, limits)
    _add_file_room(app, site, running)
    moves.add_routes(app, site, running)
    desk = papers or PaperDesk()
    receipts.add_routes(app, site, running, desk)
    add_papers(app, site, running, desk)
    national.add_routes(app, site, running)


def _add_file_room(app: FastAPI, site: Site, running: Running) -> None:
    @app.get("/v1/applications/{code}/applicant", operation_id="applicant", tags=["file room"])
    async def applicant(code: str, request: Request, purpose: Purpose | None = None) -> Answer:
        """An applicant's data, to the applicant or to an officer of an agency that has a step now; the look is recorded first."""
        stage, actor = running.ready(), site.actor(request, *ACTING_ROLES, "officer", "head", "superior")
        subject = code_of(code)
        return Answer(await asked_whole(running, subject, lambda: _show(stage, subject, actor, purpose or "")))


def _show(stage: Stage, subject: str, actor: Actor, purpose: str) -> dict[str, Any]:
    case = known_case(stage, subject)
    if case.forgotten_at:
        raise Refusal("already-forgotten")
    if actor.role in ACTING_ROLES:
        theirs = applicant_refusal(case, actor.role, actor.authid(stage.city_key, subject), stage.today().isoformat())
        if theirs:
            raise Refusal(theirs)
    elif actor.agency not in case.parties or not purpose:
        raise Refusal("not-allowed", "purpose" if not purpose else "agency")
    with stage.store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO disclosures_shown (subject, viewer, agency, purpose) VALUES (%s, %s, %s, %s)",
            (subject, actor.authid(stage.city_key, subject), actor.agency, purpose),
        )
    values = stage.vault.read(subject) if stage.vault else {}
    # After a transfer the vault still has the data of who held it before; shown is who holds it now.
    disclosed = [value for commitment, value in values.items() if commitment in case.disclosed]
    shown = {name: value for name, value in disclosed if name in SHOWN}
    words = {item.number: values[item.statement][1] for item in case.objections if item.statement in values}
    return {"application": subject, "applicant": shown, "statements": words}
