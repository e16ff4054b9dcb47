"""What intake says: submitted by whom for whom, mirrored, complete by rule, corrected, moved, withdrawn, objected to, closed; data held or erased; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared import events as e
from shared.calendar import WIB
from shared.case import Case
from shared.city import City
from shared.draft import Commit, Context, Desk, Draft
from shared.fields import to_instant
from shared.mirrors import mirror_refusal
from shared.personal import KUASA_NAME, is_nik
from shared.reasons import checked, checked_all
from shared.refusals import Refusal
from shared.sop import objections, renewal, rules
from shared.sop.applicants import Filer
from shared.sop.checks.arrival import submission_problems
from shared.sop.checks.transfers import documents_problem
from shared.sop.handing import Problem, looked_up, looked_up_problems
from shared.sop.model import FactValue, Requirement, Sop
from shared.sop.permit import OFFER_TRANSFER, RENEWAL, permit_refusal

NO_COMMITMENT: Final = "-" * 43  # of what is only looked at
STATEMENT: Final = "statement"  # the name of an objection's own words in the vault


@dataclass(frozen=True, slots=True)
class Filing:
    """Who files: the applicant, or somebody for `applicant` (a person's number), with a document's digest in hex.

    The document is the power of attorney of a kuasa, of one kind and up to a day, or at the counter the applicant's own consent.
    """

    filed_as: e.FiledAs = "self"
    applicant: str = ""
    document: str = ""
    power: str = ""
    valid_until: str = ""


BY_THE_APPLICANT: Final = Filing()


def submit(  # noqa: PLR0913 - what an application consists of
    case: Case,
    context: Context,
    permit_type: str,
    *,
    channel: e.Channel,
    kelurahan: str,
    facts: dict[str, FactValue],
    documents: Sequence[tuple[str, str]],
    applicant: dict[str, str],
    received_at: str,
    by: Filer,
    filing: Filing = BY_THE_APPLICANT,
) -> Sequence[Draft]:
    """Returns the submission of an application under the newest SOP of its type; raises `Refusal` with all that is wrong.

    `documents` are (requirement, SHA-256 of the document in hex), none of them what the city looks up itself; `applicant` maps a field to its
    value, which stays in the vault.
    """
    if case.submitted_at:
        raise Refusal("already-submitted")
    sop, commit = _sop_to_file_under(context.city, permit_type, filing), context.commit
    if not is_nik(applicant["nik"]):
        raise Refusal("nik-invalid", "applicant.nik")
    data = e.ApplicationSubmitted.of(
        sop=sop.name,
        channel=channel,
        kelurahan=kelurahan,
        facts=_declared(facts),
        attachments=_attached(sop, sop.required(facts), documents, context),
        disclosures=_disclosed(applicant, commit),
        filed_as=filing.filed_as,
        filed_for=context.identify(filing.applicant) if filing.applicant else "",
        statement=commit(filing.filed_as, filing.document) if filing.document else "",
        power=filing.power,
        power_valid_until=filing.valid_until,
        received_at=received_at,
    )
    refuse([*submission_problems(sop, by, data, context.city.today), *looked_up_problems(sop, dict(documents))])
    return (Draft(data),)


def refuse(problems: Sequence[Problem]) -> None:
    """Raises `Refusal` for the first of the problems, with all of them as findings; does nothing where there is none."""
    if problems:
        raise Refusal(*problems[0], [{"code": code, "about": about} for code, about in problems])


def unfinished_problems(
    city: City,
    permit_type: str,
    *,
    facts: Mapping[str, FactValue],
    documents: Sequence[tuple[str, str]],
    nik: str,
    by: Filer,
    filing: Filing,
) -> list[Problem]:
    """Returns for what is there so far of an application all that `submit` would refuse; who files is said by person, not by identity."""
    try:
        sop = _sop_to_file_under(city, permit_type, filing)
    except Refusal as refusal:
        return [(refusal.code, refusal.about)]
    # Not an event, which has to be whole: only its parts that the rules read.
    data = e.ApplicationSubmitted.model_construct(
        sop=sop.name,
        channel="web",
        kelurahan="",
        disclosures=(),
        facts=_declared(facts),
        attachments=_attached(sop, sop.required(facts), documents, Context(lambda _name, _value: NO_COMMITMENT, city, str)),
        filed_as=filing.filed_as,
        filed_for=filing.applicant,
        statement=filing.document,
        power=filing.power,
        power_valid_until=filing.valid_until,
    )
    return [
        *([("nik-invalid", "applicant.nik")] if nik and not is_nik(nik) else []),
        *submission_problems(sop, by, data, city.today),
        *looked_up_problems(sop, dict(documents)),
    ]


def _sop_to_file_under(city: City, permit_type: str, filing: Filing) -> Sop:
    if filing.filed_as != "self" and city.contract < e.ApplicationSubmitted.SINCE_CONTRACT:
        raise Refusal("contract-not-raised", e.ApplicationSubmitted.NAME)
    return newest(city, permit_type)


def _declared(facts: Mapping[str, FactValue]) -> tuple[e.DeclaredFact, ...]:
    return tuple(e.DeclaredFact(name=name, value=value) for name, value in sorted(facts.items()))


def _attached(sop: Sop, asked: Iterable[Requirement], documents: Sequence[tuple[str, str]], context: Context) -> tuple[e.Attachment, ...]:
    """Returns the documents that were handed in, and of what is asked that which the city looks up itself.

    Committed to is the digest of a document; of what is looked up, in whose register and on which local date.
    """
    own = {item.code for item in looked_up(sop.requirements)}
    met = [(code, digest) for code, digest in documents if code not in own]
    met += [(item.code, f"{item.issued_by} {context.city.today}") for item in looked_up(asked)]
    return tuple(e.Attachment(requirement=code, commitment=context.commit(code, value)) for code, value in met)


def _disclosed(applicant: Mapping[str, str], commit: Commit) -> tuple[e.Disclosure, ...]:
    return tuple(e.Disclosure(name=name, commitment=commit(name, value)) for name, value in sorted(applicant.items()) if value)


def newest(city: City, permit_type: str) -> Sop:
    """Returns the SOP in force of a permit type; raises `Refusal("unknown-permit-type")`."""
    found = next((sop for sop in city.current_sops() if sop.permit_type == permit_type), None)
    if found is None:
        raise Refusal("unknown-permit-type")
    return found


def give_power(context: Context, attorney: str, name: str, document: str, power: str, valid_until: str) -> Sequence[Draft]:
    """Returns that the applicant gives a power of attorney to a person, or replaces the one that stands.

    `attorney` is the number under which that person signs in, `document` the SHA-256 in hex of the power of attorney.
    """
    given = e.RepresentationGiven(
        attorney=context.identify(attorney),
        disclosures=_disclosed({KUASA_NAME: name}, context.commit),
        statement=context.commit("kuasa", document),
        power=power,
        valid_until=valid_until,
    )
    return (Draft(given),)


def end_representation(reason: Literal["withdrawn", "laid-down"]) -> Sequence[Draft]:
    """Returns that a power of attorney ends; whose it is to end is for `admissible` to say."""
    return (Draft(e.RepresentationEnded(reason=reason)),)


def record_national(
    case: Case, context: Context, system: e.NationalSystem, number: str, status: e.NationalStatus, happened_at: str
) -> Sequence[Draft]:
    """Returns a national system's status of an application of its own; raises `Refusal` when it is not, or known, or still to come."""
    if refused := mirror_refusal(case, system, status, happened_at):
        raise Refusal(refused)
    if to_instant(happened_at).astimezone(WIB).date().isoformat() > context.city.today:
        raise Refusal("national-in-future")
    committed = context.commit("national-number", number)
    return (Draft(e.NationalRecorded(system=system, number=committed, status=status, happened_at=happened_at)),)


def declare_complete(step: str) -> Sequence[Draft]:
    """Returns an officer's word that everything is there, where the SOP lets a person look."""
    return (Draft(e.ApplicationCompleted(step=step)),)


def correct(case: Case, documents: Sequence[tuple[str, str]], context: Context) -> Sequence[Draft]:
    """Returns the applicant's answer to the open list of corrections; raises `Refusal`.

    What the city looks up is looked up anew: whoever issued it has to have put it right.
    """
    if case.correction is None or case.sop is None:
        raise Refusal(rules.ended_code(case) or "no-correction-open")
    refuse(looked_up_problems(case.sop, dict(documents)))
    wanted = {finding.requirement for finding in case.correction.findings}
    asked = [item for item in case.sop.requirements if item.code in wanted]
    return (Draft(e.CorrectionSubmitted(round=case.correction.round, attachments=_attached(case.sop, asked, documents, context))),)


def choose_slot(step: str, visit: int, date: str) -> Sequence[Draft]:
    """Returns the day that the applicant chooses for a visit; whether it was offered is for `admissible` to say."""
    return (Draft(e.VisitSlotChosen(step=step, visit=visit, date=date)),)


def withdraw(reason: str) -> Sequence[Draft]:
    """Returns the withdrawal; whether it comes in time is for `admissible` to say."""
    return (Draft(e.ApplicationWithdrawn(reason=reason)),)


def lodge_objection(case: Case, grounds: Sequence[str], statement: str, commit: Commit) -> Sequence[Draft]:
    """Returns an objection to the newest act; `statement` is the applicant's own words, which stay in the vault."""
    number = objections.next_number(case, objections.OBJECTION)
    return (Draft(e.ObjectionLodged.of(number=number, **_said(case, grounds, statement, commit))),)


def lodge_appeal(case: Case, grounds: Sequence[str], statement: str, commit: Commit) -> Sequence[Draft]:
    """Returns an appeal against the rejection of an objection."""
    number = objections.next_number(case, objections.APPEAL)
    return (Draft(e.AppealLodged.of(number=number, **_said(case, grounds, statement, commit))),)


def _said(case: Case, grounds: Sequence[str], statement: str, commit: Commit) -> dict[str, Any]:
    if case.act is None:
        raise Refusal("nothing-to-object-to")
    words = commit(STATEMENT, statement) if statement else ""
    return {"grounds": checked_all("objection", grounds), "statement": words, "against": case.act.kind}


def place_hold(number: str, reason: e.HoldReason) -> Sequence[Draft]:
    """Returns a legal hold on the personal data behind an application."""
    return (Draft(e.LegalHoldPlaced(number=number, reason=reason)),)


def lift_hold(number: str) -> Sequence[Draft]:
    """Returns the end of a legal hold."""
    return (Draft(e.LegalHoldLifted(number=number)),)


def forget(reason: e.ForgettingReason) -> Sequence[Draft]:
    """Returns the erasure of the personal data behind an application; what still needs it is for `admissible` to say."""
    return (Draft(e.SubjectForgotten(reason=reason)),)


def move_to_sop(case: Case, from_sop: str, to_sop: str, legal_basis: str) -> Sequence[Draft]:
    """Returns that a running application goes on under another version; raises `Refusal` when it is not under the one it was looked at."""
    if not case.submitted_at:
        raise Refusal("unknown-code")
    if case.sop_name != from_sop:
        raise Refusal("stale", case.sop_name)
    return (Draft(e.ApplicationMovedToSop(sop=to_sop, legal_basis=legal_basis)),)


def surrender_permit(reason: str) -> Sequence[Draft]:
    """Returns that the holder gives the permit back."""
    return (Draft(e.PermitSurrendered(reason=reason)),)


def renew(case: Case, facts: dict[str, FactValue], documents: Sequence[tuple[str, str]], context: Context) -> Sequence[Draft]:
    """Returns the holder's request for a further term; raises `Refusal` naming what is wrong.

    `facts` are those that have changed, `documents` (requirement, SHA-256 in hex) what a renewal asks for and what has changed.
    """
    if refused := permit_refusal(case, RENEWAL):
        raise Refusal(refused)
    if case.sop is None:
        raise Refusal("renewal-not-offered")
    refuse(looked_up_problems(case.sop, dict(documents)))
    asked = renewal.asked(case, {**case.facts, **facts})
    data = e.RenewalRequested(facts=_declared(facts), attachments=_attached(case.sop, asked, documents, context))
    code, about = renewal.problem(case, data)
    if code:
        raise Refusal(code, about)
    return (Draft(data),)


def offer_transfer(case: Case, to: str) -> Sequence[Draft]:
    """Returns that the holder offers the permit to the person `to`; raises `Refusal` naming the legal basis where the type forbids it."""
    if refused := permit_refusal(case, OFFER_TRANSFER):
        rule = case.sop.transfer if case.sop else None
        raise Refusal(refused, rule.legal_basis if rule and refused == "transfer-forbidden" else "")
    return (Draft(e.TransferOffered(to=to)),)


def accept_transfer(case: Case, applicant: dict[str, str], documents: Sequence[tuple[str, str]], context: Context) -> Sequence[Draft]:
    """Returns that the person who was offered the permit takes it; raises `Refusal`. `applicant` maps a field to its value, as in `submit`."""
    if not is_nik(applicant["nik"]):
        raise Refusal("nik-invalid", "applicant.nik")
    if case.sop is None:
        raise Refusal("no-permit")
    refuse(looked_up_problems(case.sop, dict(documents)))
    wanted = case.sop.transfer.documents if case.sop.transfer else ()
    asked = [item for item in case.sop.requirements if item.code in wanted]
    data = e.TransferAccepted(
        attachments=_attached(case.sop, asked, documents, context),
        disclosures=_disclosed(applicant, context.commit),
    )
    code, about = documents_problem(case, data)
    if code:
        raise Refusal(code, about)
    return (Draft(data),)


def duplicate_permit(case: Case, reason: str) -> Sequence[Draft]:
    """Returns a further document of the permit for its holder, who has lost or damaged the one before; raises `Refusal`."""
    if case.permit is None:
        raise Refusal("no-permit")
    return (Draft(e.PermitDuplicateIssued(duplicate=len(case.permit.duplicates) + 1, reason=checked("duplicate", reason))),)


def react(case: Case, desk: Desk) -> Sequence[Draft]:
    """Declares completeness where a rule may, and closes an application whose applicant let an announced date pass."""
    if case.sop is None:
        return ()
    for code in case.ready:
        step = case.sop.step_by_code.get(code)
        if step is not None and step.kind == "completeness" and step.runs_by_rule(case.facts) and desk.speaks_for(step.agency):
            return (Draft(e.ApplicationCompleted(step=code), step.agency),)
    silence = rules.silence(case)
    return (Draft(e.ApplicationClosed(reason=silence)),) if silence else ()
