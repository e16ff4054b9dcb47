"""The history of an application in words: its entries in the ledger, also those that do not stand, said by role and never by name."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from services.tracker.words import act_name, field_name, filed_text, places, reason_text, requirements, step_title
from shared import events as e
from shared.agencies import party_name, short_name
from shared.envelope import Entry
from shared.mirrors import STATUSES
from shared.reasons import missed_by
from shared.refusals import REFUSALS
from shared.sop.applicants import ACTING_ROLES, KUASA
from shared.sop.model import Sop
from shared.web.formats import LANGUAGES, Words, both, day_text, rupiah

LINES_MAX: Final = 50
_RESULTS: Final = {
    "passed": ("memenuhi", "passed"),
    "findings": ("perlu perbaikan", "something to correct"),
    "rejected": ("ditolak", "rejected"),
    "failed": ("belum sesuai", "not passed"),
    "agree": ("setuju", "agrees"),
    "conditional": ("setuju bersyarat", "agrees with conditions"),
    "reject": ("menolak", "rejects"),
}
# Whoever typed it, this is the treasury's word.
_OF_THE_TREASURY: Final = (e.PaymentCodeIssued, e.PaymentConfirmed, e.RefundPaid)
_LEVELS: Final = {
    1: ("kepada kepala instansi", "to the head of the agency"),
    2: ("kepada Sekretaris Daerah", "to the city secretary"),
}


def line(entry: Entry, sop: Sop | None) -> dict[str, Any]:
    """Returns one line of the history."""
    event = entry.current
    data = event.data
    party = _party(event)
    step = getattr(data, "step", "")
    refused = entry.stamp.refused
    return {
        "event": data.NAME,
        "label": both(data.LABELS),
        "at": entry.stamp.recordedtime,
        "party": party,
        "name": party_name(party),
        "short": short_name(party),
        "by_rule": event.role == "rule" and event.sender != "ledger",
        "step": step,
        "title": step_title(sop, step) if step else None,
        "detail": _words(data),
        "date": _day(data),
        "due": data.due_at if isinstance(data, e.DeadlineMissed) else "",
        "refused": refused,
        "explanation": _explanation(refused) if refused else None,
        "position": entry.stamp.position,
        "sequence": entry.stamp.sequence,
    }


def _day(data: e.Data) -> str:
    if isinstance(data, e.VisitScheduled | e.VisitMoved | e.VisitSlotChosen):
        return data.date
    return data.valid_until if isinstance(data, e.PermitExpiryAnnounced | e.PermitRenewed | e.PermitDeemedRenewed | e.PermitExpired) else ""


def _party(event: e.AnyEvent) -> str:
    if event.sender == "ledger":
        return "ledger"
    if isinstance(event.data, _OF_THE_TREASURY):
        return "kas-daerah"
    if isinstance(event.data, e.NationalRecorded):
        return event.data.system
    if event.role == KUASA:
        return KUASA
    if event.role in ACTING_ROLES:
        return "applicant"
    return event.agency or "dpmptsp"


def _explanation(code: str) -> Words:
    known = REFUSALS.get(code)
    return {"id": known.sentence_id, "en": known.sentence_en} if known else reason_text(code)


def _words(data: e.Data) -> Words | None:
    """Returns what the event adds, in a few words."""
    told = _TOLD.get(type(data))
    return told(data) if told else None


def _asked(data: e.CorrectionRequested) -> Words:
    return requirements(len({finding.requirement for finding in data.findings}))


def _amount(number: str, rupiahs: int) -> Words:
    return _numbered(number, both((rupiah(rupiahs),) * 2))


def _numbered(number: str, words: Words) -> Words:
    return {tongue: f"{number}, {words[tongue]}" for tongue in LANGUAGES}


_ABSENT: Final = {"applicant": ("pihak pemohon", "the applicant's side"), "agency": ("pihak instansi", "the agency's side")}


def _not_there(data: e.VisitMissed) -> Words:
    reason, who = reason_text(data.reason), missed_by(data.reason)
    return {tongue: f"{reason[tongue]} ({both(_ABSENT[who])[tongue]})" for tongue in LANGUAGES} if who else reason


def _pool(data: e.InspectorsDrawn) -> Words:
    count, few = len(data.inspectors), data.warned
    return both(
        (
            f"{count} dari {data.pool} calon" + (", calon kurang dari empat" if few else ""),
            f"{count} of {data.pool} candidates" + (", fewer than four candidates" if few else ""),
        )
    )


def _reasons(codes: Sequence[str]) -> Words:
    texts = [reason_text(code) for code in codes]
    return {tongue: ", ".join(text[tongue] for text in texts) for tongue in ("id", "en")}


def _of_field(field: str, reason: str) -> Words:
    what, why = field_name(field), reason_text(reason)
    return {tongue: f"{what[tongue]} ({why[tongue]})" for tongue in LANGUAGES}


def _until(day: str) -> Words:
    return {tongue: f"{word} {day_text(date.fromisoformat(day), tongue)}" for tongue, word in (("id", "sampai"), ("en", "until"))}


_ANSWERS: Final = {"granted": ("dikabulkan", "granted"), "rejected": ("ditolak", "rejected")}
_UNUSED: Final = {
    "objection": ("tidak ada keberatan sampai batas waktunya", "no objection in time"),
    "appeal": ("tidak ada banding sampai batas waktunya", "no appeal in time"),
}


def _about(data: e.ObjectionLodged | e.AppealLodged | e.RefusalSettled, what: Words) -> Words:
    act = act_name(data.against)
    return {tongue: f"{act[tongue]}, {what[tongue]}" for tongue in LANGUAGES}


def _answered(data: e.ObjectionDecided | e.AppealDecided) -> Words:
    answer, why = both(_ANSWERS[data.result]), _reasons(data.reasons)
    return _numbered(data.number, {tongue: f"{answer[tongue]} ({why[tongue]})" for tongue in LANGUAGES})


_TOLD: Final[dict[type[e.Data], Callable[[Any], Words]]] = {
    e.ApplicationSubmitted: lambda data: filed_text(data.filed_as),
    e.RepresentationGiven: lambda data: _until(data.valid_until),
    e.RepresentationEnded: lambda data: reason_text(f"power-{data.reason}"),
    e.NationalRecorded: lambda data: _numbered(data.system.upper(), both(STATUSES[data.status])),
    e.ReviewCompleted: lambda data: both(_RESULTS[data.result]),
    e.CorrectionRequested: _asked,
    e.CorrectionSubmitted: lambda data: requirements(len(data.attachments)),
    e.QuotaGranted: lambda data: places(data.places),
    e.RecommendationIssued: lambda data: _numbered(data.number, both(_RESULTS[data.opinion])),
    e.AuditDrawn: lambda data: both(("terpilih", "selected") if data.selected else ("tidak terpilih", "not selected")),
    e.VisitOffered: lambda data: both((f"{len(data.dates)} hari", f"{len(data.dates)} days")),
    e.InspectorsDrawn: _pool,
    e.VisitMissed: _not_there,
    e.VisitReported: lambda data: both(_RESULTS[data.result]),
    e.ChargeAssessed: lambda data: _amount(data.number, data.amount_rupiah),
    e.DepositRequired: lambda data: _amount(data.number, data.amount_rupiah),
    e.ChargeReduced: lambda data: _amount(data.charge, data.amount_rupiah),
    e.DepositReleased: lambda data: _numbered(data.charge, reason_text(data.reason)),
    e.DepositForfeited: lambda data: _numbered(data.charge, reason_text(data.reason)),
    e.PaymentCodeIssued: lambda data: _numbered(data.charge, both((f"kode bayar {data.code}", f"payment code {data.code}"))),
    e.PaymentConfirmed: lambda data: _amount(data.receipt, data.amount_rupiah),
    e.RefundPaid: lambda data: _amount(data.number, data.amount_rupiah),
    e.DecisionReturned: lambda data: reason_text(data.reason),
    e.PermitIssued: lambda data: both((data.number, data.number)),
    e.ApplicationMovedToSop: lambda data: both((data.sop, data.sop)),
    e.ApplicationWithdrawn: lambda data: reason_text(data.reason),
    e.ApplicationClosed: lambda data: reason_text(data.reason),
    e.PermitDeemedGranted: lambda data: both((data.number, data.number)),
    e.PermitDeemedRenewed: lambda data: both((data.number, data.number)),
    e.ObjectionLodged: lambda data: _numbered(data.number, _about(data, _reasons(data.grounds))),
    e.AnswerDrafted: lambda data: both((data.number, data.number)),
    e.InvolvedDrafterAllowed: lambda data: _numbered(data.number, reason_text(data.reason)),
    e.ObjectionDecided: _answered,
    e.ObjectionDeemedGranted: lambda data: both((data.number, data.number)),
    e.AppealLodged: lambda data: _numbered(data.number, _about(data, _reasons(data.grounds))),
    e.AppealDecided: _answered,
    e.AppealDeemedGranted: lambda data: both((data.number, data.number)),
    e.RefusalSettled: lambda data: _about(data, both(_UNUSED[data.unused])),
    e.WarningIssued: lambda data: _reasons(data.reasons),
    e.PermitSuspended: lambda data: _reasons(data.reasons),
    e.PermitReinstated: lambda data: reason_text(data.reason),
    e.PermitRevoked: lambda data: _reasons(data.reasons),
    e.PermitAnnulled: lambda data: _reasons(data.reasons),
    e.PermitSurrendered: lambda data: reason_text(data.reason),
    e.PermitCorrectionDrafted: lambda data: _of_field(data.field, data.reason),
    e.PermitCorrectionReturned: lambda data: reason_text(data.reason),
    e.PermitCorrected: lambda data: _of_field(data.field, data.reason),
    e.PermitExpiryAnnounced: lambda data: both((f"{data.days_before} hari lagi", f"in {data.days_before} days")),
    e.TransferRefused: lambda data: _reasons(data.reasons),
    e.RenewalRequested: lambda data: requirements(len(data.attachments)),
    e.PermitDuplicateIssued: lambda data: _numbered(f"{data.duplicate}", reason_text(data.reason)),
    e.LegalHoldPlaced: lambda data: _numbered(data.number, reason_text(data.reason)),
    e.LegalHoldLifted: lambda data: both((data.number, data.number)),
    e.SubjectForgotten: lambda data: reason_text(data.reason),
    e.ReviewReassigned: lambda data: reason_text(data.reason),
    e.ConflictDeclared: lambda data: reason_text(data.reason),
    e.RecheckAllowed: lambda data: reason_text(data.reason),
    e.DeadlineEscalated: lambda data: both(_LEVELS[data.level]),
    e.BreachContested: lambda data: reason_text(data.reason),
    e.BreachUpheld: lambda data: reason_text(data.reason),
    e.BreachDismissed: lambda data: reason_text(data.reason),
    e.DeadlineMissed: lambda _data: both(("batasnya", "it was due")),
}
