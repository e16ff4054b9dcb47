"""The contract: every event of the city, in the order an application meets them, each a decision or a fact.

A *decision* may be refused by the ledger; a *fact* (money arrived, a visit took place) never is: the fold opens the remedy. The data
part holds codes, numbers, digests and salted commitments only; no personal data and no free text. A new version of an event is a new
class whose name ends in its number, with an upcaster in `shared/upcast.py`; golden files under `tests/golden` are kept for ever.
"""

from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from shared.fields import (
    ActivityLabel,
    AuthId,
    Commitment,
    Count,
    Digest,
    EventId,
    Frozen,
    JsonTree,
    Kelurahan,
    LocalDate,
    Measure,
    OfficialNumber,
    Ordinal,
    Rupiah,
    Sender,
    Slug,
    SopVersion,
    Stage,
    Subject,
    Timestamp,
    Year,
)

TYPE_PREFIX = "id.jejakizin."

Channel = Literal["web", "counter", "post", "email", "partner", "internal"]
Party = Literal["agency", "applicant"]
HoldReason = Literal["audit", "court", "objection", "ombudsman"]
ForgettingReason = Literal["applicant-request", "consent-withdrawn", "no-longer-needed", "retention-ended", "unlawful-processing"]


class Data(Frozen):
    """The data part of an event; the class variables say what the contract knows about it."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    KIND: ClassVar[Literal["decision", "fact"]]
    SAID_BY: ClassVar[frozenset[Stage]]
    LABELS: ClassVar[tuple[str, str]]
    SINCE_CONTRACT: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """Returns the CloudEvents type, for example `id.jejakizin.permit.issued.v1`."""
        return f"{TYPE_PREFIX}{cls.NAME}.v{cls.VERSION}"

    @classmethod
    def of(cls, **fields: Any) -> Self:  # noqa: ANN401 - the fields of the class
        """Returns the data, leaving out optional fields that are empty: an event has one spelling."""
        return cls(**{name: value for name, value in fields.items() if cls.model_fields[name].is_required() or value not in ("", ())})


class Disclosure(Frozen):
    """A salted commitment to a value that stays in its writer's vault (SD-JWT form, RFC 9901)."""

    name: Slug
    commitment: Commitment


class DeclaredFact(Frozen):
    """What the applicant declares about the object: a yes or no, a count, a measure (decimal string) or a choice."""

    name: Slug
    value: bool | Count | Measure | Slug


class Attachment(Frozen):
    """A requirement met: the salted commitment to the document's digest, or the number of a looked-up fact's commitment."""

    requirement: Slug
    commitment: Commitment


class Finding(Frozen):
    """One thing to correct: the requirement, why by code, and the commitment to the officer's own words if there are any."""

    requirement: Slug
    reason: Slug
    note: Commitment = ""


class Holiday(Frozen):
    """A day without office hours: a national holiday or collective leave (cuti bersama)."""

    date: LocalDate
    kind: Literal["national", "collective-leave"]


# The city says which rules hold


class SenderRegistered(Data):
    """A deployment may speak from here on, for its stage and agencies (`*` = every agency without a deployment of its own)."""

    NAME, KIND, SAID_BY = "sender.registered", "decision", frozenset({"ledger"})
    LABELS = ("pengirim didaftarkan", "sender registered")
    name: Sender
    stage: Stage
    agencies: Annotated[tuple[Slug | Literal["*"], ...], Field(min_length=1, max_length=100)]


class SenderRevoked(Data):
    """A deployment may no longer speak."""

    NAME, KIND, SAID_BY = "sender.revoked", "decision", frozenset({"ledger"})
    LABELS = ("pengirim dicabut", "sender revoked")
    name: Sender


class ContractRaised(Data):
    """From here on senders may use the event versions of this contract number."""

    NAME, KIND, SAID_BY = "contract.raised", "decision", frozenset({"ledger"})
    LABELS = ("kontrak dinaikkan", "contract raised")
    contract: Ordinal


class CalendarPublished(Data):
    """The working days and office hours of a year; a later one of the same year replaces it from its position on."""

    NAME, KIND, SAID_BY = "calendar.published", "decision", frozenset({"catalogue"})
    LABELS = ("kalender kerja terbit", "calendar published")
    year: Year
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=100)]
    opens_minute: Annotated[int, Field(ge=0, le=1439)]
    closes_minute: Annotated[int, Field(ge=1, le=1440)]

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "CalendarPublished":
        if self.opens_minute >= self.closes_minute:
            raise ValueError("an office opens before it closes")
        return self


class SopPublished(Data):
    """A version of an SOP with its whole content; immutable, pinned by each application."""

    NAME, KIND, SAID_BY = "sop.published", "decision", frozenset({"catalogue"})
    LABELS = ("SOP terbit", "SOP published")
    sop: SopVersion
    digest: Digest
    content: JsonTree


class SopWithdrawn(Data):
    """No new application may pin this version; running ones stay on it."""

    NAME, KIND, SAID_BY = "sop.withdrawn", "decision", frozenset({"catalogue"})
    LABELS = ("SOP ditarik", "SOP withdrawn")
    sop: SopVersion


# An application arrives


class ApplicationSubmitted(Data):
    """An applicant asks for a permit; `received_at` is when a partner system or a counter took it, if not now."""

    NAME, KIND, SAID_BY = "application.submitted", "decision", frozenset({"intake"})
    LABELS = ("permohonan diajukan", "application submitted")
    sop: SopVersion
    channel: Channel
    kelurahan: Kelurahan
    facts: Annotated[tuple[DeclaredFact, ...], Field(max_length=50)]
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)]
    disclosures: Annotated[tuple[Disclosure, ...], Field(min_length=1, max_length=20)]
    received_at: Timestamp = ""


class ApplicationCompleted(Data):
    """Every requirement that applies is there, by rule."""

    NAME, KIND, SAID_BY = "application.completed", "decision", frozenset({"intake"})
    LABELS = ("berkas dinyatakan lengkap", "application declared complete")
    step: Slug


class ApplicationDeemedComplete(Data):
    """Nobody declared completeness in time, so the ledger does."""

    NAME, KIND, SAID_BY = "application.deemed-complete", "decision", frozenset({"ledger"})
    LABELS = ("dianggap lengkap", "deemed complete")
    step: Slug


# Technical review, corrections, recommendation


class ReviewAssigned(Data):
    """A step of an agency has an officer."""

    NAME, KIND, SAID_BY = "review.assigned", "decision", frozenset({"verification"})
    LABELS = ("petugas ditunjuk", "review assigned")
    step: Slug
    officer: AuthId


class ReviewCompleted(Data):
    """An agency's review of one round ends: passed, with findings to correct, or rejected for good."""

    NAME, KIND, SAID_BY = "review.completed", "decision", frozenset({"verification"})
    LABELS = ("penilaian teknis selesai", "technical review done")
    step: Slug
    round: Ordinal
    result: Literal["passed", "findings", "rejected"]
    findings: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=50)] = ()
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)] = ()


class ExternalRecorded(Data):
    """What an outsider (a laboratory, a land office, a national system) has said about a step: its document's number, read on a date."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "external.recorded", "fact", frozenset({"verification"}), 3
    LABELS = ("hasil pihak luar dicatat", "outsider's result recorded")
    step: Slug
    round: Ordinal
    result: Literal["passed", "rejected"]
    source: Slug
    number: OfficialNumber
    read_on: LocalDate


class CorrectionRequested(Data):
    """One list of everything to correct, from all agencies of the round, to be answered by a date announced here."""

    NAME, KIND, SAID_BY = "correction.requested", "decision", frozenset({"verification"})
    LABELS = ("permintaan perbaikan", "correction requested")
    round: Ordinal
    findings: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=100)]


class CorrectionSubmitted(Data):
    """The applicant corrects what was asked, and nothing else."""

    NAME, KIND, SAID_BY = "correction.submitted", "decision", frozenset({"intake"})
    LABELS = ("perbaikan disampaikan", "correction submitted")
    round: Ordinal
    attachments: Annotated[tuple[Attachment, ...], Field(min_length=1, max_length=50)]


class RecommendationIssued(Data):
    """The head of a technical agency signs a numbered recommendation."""

    NAME, KIND, SAID_BY = "recommendation.issued", "decision", frozenset({"verification"})
    LABELS = ("rekomendasi teknis terbit", "recommendation issued")
    step: Slug
    number: OfficialNumber
    opinion: Literal["agree", "conditional", "reject"]
    conditions: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)] = ()


# Site visits


class AuditDrawn(Data):
    """The rule-run draw of cases to be visited after issue: picked or not, by the code alone, so that nobody can steer it."""

    NAME, KIND, SAID_BY = "audit.drawn", "decision", frozenset({"inspection"})
    LABELS = ("undian pemeriksaan", "audit drawn")
    step: Slug
    selected: bool


class VisitScheduled(Data):
    """A visit has a date and an assignment letter (surat tugas); `agencies` go together."""

    NAME, KIND, SAID_BY = "visit.scheduled", "decision", frozenset({"inspection"})
    LABELS = ("pemeriksaan lapangan dijadwalkan", "site visit scheduled")
    step: Slug
    visit: Ordinal
    date: LocalDate
    agencies: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    assignment_letter: OfficialNumber


class VisitMoved(Data):
    """A scheduled visit gets another date."""

    NAME, KIND, SAID_BY = "visit.moved", "decision", frozenset({"inspection"})
    LABELS = ("jadwal pemeriksaan diubah", "site visit moved")
    step: Slug
    visit: Ordinal
    date: LocalDate
    reason: Slug


class VisitMissed(Data):
    """Nobody could be visited that day."""

    NAME, KIND, SAID_BY = "visit.missed", "fact", frozenset({"inspection"})
    LABELS = ("pemeriksaan batal", "site visit missed")
    step: Slug
    visit: Ordinal
    reason: Slug


class VisitReportedV1(Data):
    """The first form of the report: one verdict, without saying which items of the checklist failed."""

    NAME, KIND, SAID_BY = "visit.reported", "fact", frozenset({"inspection"})
    LABELS = ("hasil pemeriksaan dicatat", "visit reported")
    step: Slug
    visit: Ordinal
    passed: bool
    evidence: Annotated[tuple[Commitment, ...], Field(max_length=50)]


class VisitReported(Data):
    """What the inspectors saw: the failed items of the checklist (only they are visited again) and the evidence."""

    NAME, KIND, SAID_BY, VERSION, SINCE_CONTRACT = "visit.reported", "fact", frozenset({"inspection"}), 2, 2
    LABELS = ("hasil pemeriksaan dicatat", "visit reported")
    step: Slug
    visit: Ordinal
    result: Literal["passed", "failed"]
    failed_items: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=50)] = ()
    evidence: Annotated[tuple[Commitment, ...], Field(max_length=50)]


class VisitRecordSigned(Data):
    """An agency signs the visit record (BAP)."""

    NAME, KIND, SAID_BY = "visit-record.signed", "fact", frozenset({"inspection"})
    LABELS = ("BAP ditandatangani", "visit record signed")
    step: Slug
    visit: Ordinal


# Charge and payment


class ChargeAssessed(Data):
    """The assessing agency says a charge (SKRD or SKPD), to be paid by a date counted from here."""

    NAME, KIND, SAID_BY = "charge.assessed", "decision", frozenset({"issuance"})
    LABELS = ("SKRD/SKPD terbit", "charge assessed")
    step: Slug
    number: OfficialNumber
    basis: Literal["levy", "tax"]
    amount_rupiah: Rupiah


class PaymentConfirmed(Data):
    """Money reached the city treasury (kas daerah)."""

    NAME, KIND, SAID_BY = "payment.confirmed", "fact", frozenset({"issuance"})
    LABELS = ("diterima kas daerah", "payment confirmed")
    charge: OfficialNumber
    receipt: OfficialNumber
    amount_rupiah: Rupiah


# The decision


class DecisionDrafted(Data):
    """A first officer proposes the decision; another one signs it."""

    NAME, KIND, SAID_BY = "decision.drafted", "decision", frozenset({"issuance"})
    LABELS = ("konsep keputusan", "decision drafted")
    step: Slug
    outcome: Literal["issue", "refuse"]
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)] = ()


class DecisionReturned(Data):
    """The signer sends the draft back to its drafter, saying why by code."""

    NAME, KIND, SAID_BY = "decision.returned", "decision", frozenset({"issuance"})
    LABELS = ("konsep dikembalikan", "decision returned")
    step: Slug
    reason: Slug


class PermitIssued(Data):
    """The permit exists: number and validity; `number` is the official one on paper."""

    NAME, KIND, SAID_BY = "permit.issued", "decision", frozenset({"issuance"})
    LABELS = ("izin terbit", "permit issued")
    step: Slug
    number: OfficialNumber
    valid_from: LocalDate
    valid_until: LocalDate = ""
    conditions: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)] = ()


class ApplicationRefused(Data):
    """The application is refused, with reasons by code."""

    NAME, KIND, SAID_BY = "application.refused", "decision", frozenset({"issuance"})
    LABELS = ("permohonan ditolak", "application refused")
    step: Slug
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


# The other ends


class ApplicationWithdrawn(Data):
    """The applicant takes the application back."""

    NAME, KIND, SAID_BY = "application.withdrawn", "decision", frozenset({"intake"})
    LABELS = ("permohonan ditarik", "application withdrawn")
    reason: Slug


class ApplicationClosed(Data):
    """The applicant stayed silent past an announced date, so the application is closed."""

    NAME, KIND, SAID_BY = "application.closed", "decision", frozenset({"intake"})
    LABELS = ("permohonan ditutup", "application closed")
    reason: Literal["no-correction", "no-payment"]


class PermitDeemedGranted(Data):
    """No decision within the legal limit: granted by law (fiktif positif), with a number like any permit."""

    NAME, KIND, SAID_BY = "permit.deemed-granted", "decision", frozenset({"ledger"})
    LABELS = ("dianggap dikabulkan (fiktif positif)", "deemed granted")
    number: OfficialNumber
    legal_basis: Slug
    valid_from: LocalDate
    valid_until: LocalDate = ""


# Personal data behind an application that has ended


class LegalHoldPlaced(Data):
    """Nobody may erase the personal data behind this application: somebody who may demand it does, by a numbered letter."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "legal-hold.placed", "decision", frozenset({"intake"}), 3
    LABELS = ("penghapusan data ditangguhkan", "legal hold placed")
    number: OfficialNumber
    reason: HoldReason


class LegalHoldLifted(Data):
    """What a numbered letter demanded is over."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "legal-hold.lifted", "decision", frozenset({"intake"}), 3
    LABELS = ("penangguhan penghapusan data dicabut", "legal hold lifted")
    number: OfficialNumber


class SubjectForgotten(Data):
    """Every vault erases what it keeps of this application, on the legal ground given; the history stays, for it holds no personal data."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "subject.forgotten", "decision", frozenset({"intake"}), 3
    LABELS = ("data pribadi dihapus", "personal data erased")
    reason: ForgettingReason


# What the ledger notices


class WarningIssued(Data):
    """A written warning to the holder of a permit (SP1 to SP3), to be answered within so many working days."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "warning.issued", "decision", frozenset({"issuance"}), 3
    LABELS = ("surat peringatan", "warning issued")
    level: Annotated[int, Field(ge=1, le=3)]
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    answer_working_days: Annotated[int, Field(ge=1, le=60)]


class PermitSuspended(Data):
    """The permit may not be used until it is reinstated."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.suspended", "decision", frozenset({"issuance"}), 3
    LABELS = ("izin dibekukan", "permit suspended")
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    legal_basis: Slug


class PermitReinstated(Data):
    """A suspended permit may be used again."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.reinstated", "decision", frozenset({"issuance"}), 3
    LABELS = ("izin diberlakukan kembali", "permit reinstated")
    reason: Slug


class PermitRevoked(Data):
    """The permit is taken from its holder, who was warned and did not mend (pencabutan)."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.revoked", "decision", frozenset({"issuance"}), 3
    LABELS = ("izin dicabut", "permit revoked")
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    legal_basis: Slug


class PermitAnnulled(Data):
    """The permit was wrong from the start (pembatalan)."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.annulled", "decision", frozenset({"issuance"}), 3
    LABELS = ("izin dibatalkan", "permit annulled")
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    legal_basis: Slug


class PermitSurrendered(Data):
    """The holder gives the permit back (dicabut atas permintaan)."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.surrendered", "decision", frozenset({"intake"}), 3
    LABELS = ("izin dicabut atas permintaan", "permit surrendered")
    reason: Slug


class PermitExpired(Data):
    """The last day of a permit has passed."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.expired", "decision", frozenset({"ledger"}), 3
    LABELS = ("izin habis masa berlaku", "permit expired")
    valid_until: LocalDate


class DeadlineMissed(Data):
    """A target or an announced date passed; said by the ledger's clock, so nobody reports their own lateness."""

    NAME, KIND, SAID_BY = "deadline.missed", "decision", frozenset({"ledger"})
    LABELS = ("lewat batas waktu", "deadline missed")
    step: Slug
    round: Ordinal
    party: Party
    agency: Slug = ""
    due_at: Timestamp


class NumberSkipped(Data):
    """An operator gives up a sender's number that can never arrive, so that what follows it may enter."""

    NAME, KIND, SAID_BY = "number.skipped", "decision", frozenset({"ledger"})
    LABELS = ("nomor dilewati", "number skipped")
    sender: Sender
    number: Ordinal
    reason: Slug


# Other systems' histories


class LegacyRecorded(Data):
    """One event of another system's log, as it stood there; its own time is a claim of that system."""

    NAME, KIND, SAID_BY = "legacy.recorded", "fact", frozenset({"archive"})
    LABELS = ("riwayat lama dicatat", "legacy event recorded")
    log: Digest
    case_index: Count
    event_index: Count
    events_total: Ordinal
    activity: ActivityLabel
    lifecycle: Slug
    happened_at: Timestamp
    performer: Slug
    channel: Channel
    due_at: Timestamp = ""
    closed_at: Timestamp = ""


EVENTS: tuple[type[Data], ...] = (
    SenderRegistered,
    SenderRevoked,
    ContractRaised,
    CalendarPublished,
    SopPublished,
    SopWithdrawn,
    ApplicationSubmitted,
    ApplicationCompleted,
    ApplicationDeemedComplete,
    ReviewAssigned,
    ReviewCompleted,
    ExternalRecorded,
    CorrectionRequested,
    CorrectionSubmitted,
    RecommendationIssued,
    AuditDrawn,
    VisitScheduled,
    VisitMoved,
    VisitMissed,
    VisitReportedV1,
    VisitReported,
    VisitRecordSigned,
    ChargeAssessed,
    PaymentConfirmed,
    DecisionDrafted,
    DecisionReturned,
    PermitIssued,
    ApplicationRefused,
    ApplicationWithdrawn,
    ApplicationClosed,
    PermitDeemedGranted,
    WarningIssued,
    PermitSuspended,
    PermitReinstated,
    PermitRevoked,
    PermitAnnulled,
    PermitSurrendered,
    PermitExpired,
    LegalHoldPlaced,
    LegalHoldLifted,
    SubjectForgotten,
    DeadlineMissed,
    NumberSkipped,
    LegacyRecorded,
)
CONTRACT = max(event.SINCE_CONTRACT for event in EVENTS)

DataT_co = TypeVar("DataT_co", bound=Data, covariant=True)


class Event(Frozen, Generic[DataT_co]):
    """An event as CloudEvents 1.0 in structured mode; the extension attributes are `basis`, `authid`, `role`, `agency`, `causationid`.

    `id` is `<subject>/<sender>/<n>`, n counting that sender's events of that subject from 1 without gaps; `basis` is the subject's
    sequence that the sender had seen; `authid` is an HMAC of the person for this subject; `time` is the sender's claim.
    """

    agency: Slug = ""
    authid: AuthId = ""
    basis: Annotated[int, Field(ge=0, le=2**31 - 1)]
    causationid: EventId = ""
    data: DataT_co
    id: EventId
    role: Slug
    source: Annotated[str, Field(pattern=r"^/[a-z0-9-]{1,40}/[a-z][a-z0-9-]{0,39}$")]
    specversion: Literal["1.0"]
    subject: Subject
    time: Timestamp
    type: Annotated[str, Field(pattern=r"^id\.jejakizin\.[a-z-]+\.[a-z-]+\.v[1-9][0-9]?$")]

    @property
    def sender(self) -> str:
        """The deployment that said it."""
        return self.source.rpartition("/")[2]

    @property
    def number(self) -> int:
        """The sender's number of this event within the subject, from 1."""
        return int(self.id.rpartition("/")[2])


AnyEvent = Event[Data]


def make_event(data: Data, **attributes: Any) -> AnyEvent:  # noqa: ANN401 - the event's own attributes
    """Returns an event around its data; raises `pydantic.ValidationError`."""
    attributes |= {"data": data, "specversion": "1.0", "type": data.type_name()}
    return Event[type(data)](**attributes)  # type: ignore[misc,operator,no-any-return]  # the class of this very data
