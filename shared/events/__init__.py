"""The contract: every event of the city, in the order an application meets them, each a decision or a fact.

A *decision* may be refused by the ledger; a *fact* (money arrived, a visit took place) never is: the fold opens the remedy. The data
part holds codes, numbers, digests and salted commitments only; no personal data and no free text. A new version of an event is a new
class whose name ends in its number, with an upcaster in `shared/upcast.py`; golden files under `tests/golden` are kept for ever.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from shared.events.application import (
    ApplicationClosed,
    ApplicationCompleted,
    ApplicationDeemedComplete,
    ApplicationSubmitted,
    ApplicationSubmittedV1,
    ApplicationWithdrawn,
    FiledAs,
    RepresentationEnded,
    RepresentationGiven,
)
from shared.events.base import (
    TYPE_PREFIX,
    Attachment,
    Channel,
    Data,
    DeclaredFact,
    Disclosure,
    Finding,
    ForgettingReason,
    HoldReason,
    Holiday,
    Party,
    PermitField,
)
from shared.events.clock import DeadlineMissed, NumberSkipped
from shared.events.decisions import (
    ApplicationRefused,
    DecisionDrafted,
    DecisionReturned,
    PermitDeemedGranted,
    PermitIssued,
)
from shared.events.draws import InspectorsDrawn, VisitOffered, VisitSlotChosen
from shared.events.lateness import (
    BreachContested,
    BreachDismissed,
    BreachPublished,
    BreachUpheld,
    DeadlineEscalated,
    ForceMajeureDeclared,
    ForceMajeureEnded,
)
from shared.events.legacy import LegacyRecorded
from shared.events.money import (
    ChargeAssessed,
    ChargeReduced,
    DayReconciled,
    DepositForfeited,
    DepositReleased,
    DepositRequired,
    PaymentCodeIssued,
    PaymentConfirmed,
    PaymentConfirmedV1,
    RefundPaid,
)
from shared.events.national import NationalRecorded, NationalStatus, NationalSystem
from shared.events.objections import (
    AnswerDrafted,
    AppealDecided,
    AppealDeemedGranted,
    AppealLodged,
    Contested,
    InvolvedDrafterAllowed,
    ObjectionDecided,
    ObjectionDeemedGranted,
    ObjectionLodged,
    RefusalSettled,
)
from shared.events.people import ActingAppointed, ConflictDeclared, RecheckAllowed, ReviewReassigned
from shared.events.permits import (
    PermitAnnulled,
    PermitCorrected,
    PermitCorrectionDrafted,
    PermitCorrectionReturned,
    PermitDeemedRenewed,
    PermitDuplicateIssued,
    PermitExpired,
    PermitExpiryAnnounced,
    PermitReinstated,
    PermitRenewed,
    PermitRevoked,
    PermitSurrendered,
    PermitSuspended,
    PermitTransferred,
    RenewalRequested,
    TransferAccepted,
    TransferOffered,
    TransferRefused,
    WarningIssued,
)
from shared.events.personal import LegalHoldLifted, LegalHoldPlaced, SubjectForgotten
from shared.events.quotas import QuotaChanged, QuotaGranted, QuotaOpened, QuotaReleased, QuotaReserved
from shared.events.reviews import (
    CorrectionRequested,
    CorrectionSubmitted,
    ExternalRecorded,
    RecommendationIssued,
    ReviewAssigned,
    ReviewCompleted,
)
from shared.events.rules import CalendarPublished, ContractRaised, SenderRegistered, SenderRevoked
from shared.events.sops import (
    ApplicationMovedToSop,
    SopAcknowledged,
    SopDrafted,
    SopDraftReturned,
    SopPublished,
    SopPublishedV1,
    SopWaived,
    SopWithdrawn,
)
from shared.events.visits import AuditDrawn, VisitMissed, VisitMoved, VisitRecordSigned, VisitReported, VisitReportedV1, VisitScheduled
from shared.fields import AuthId, EventId, Frozen, Slug, Subject, Timestamp

__all__ = [
    "CONTRACT",
    "EVENTS",
    "TYPE_PREFIX",
    "ActingAppointed",
    "AnswerDrafted",
    "AnyEvent",
    "AppealDecided",
    "AppealDeemedGranted",
    "AppealLodged",
    "ApplicationClosed",
    "ApplicationCompleted",
    "ApplicationDeemedComplete",
    "ApplicationMovedToSop",
    "ApplicationRefused",
    "ApplicationSubmitted",
    "ApplicationSubmittedV1",
    "ApplicationWithdrawn",
    "Attachment",
    "AuditDrawn",
    "BreachContested",
    "BreachDismissed",
    "BreachPublished",
    "BreachUpheld",
    "CalendarPublished",
    "Channel",
    "ChargeAssessed",
    "ChargeReduced",
    "ConflictDeclared",
    "Contested",
    "ContractRaised",
    "CorrectionRequested",
    "CorrectionSubmitted",
    "Data",
    "DayReconciled",
    "DeadlineEscalated",
    "DeadlineMissed",
    "DecisionDrafted",
    "DecisionReturned",
    "DeclaredFact",
    "DepositForfeited",
    "DepositReleased",
    "DepositRequired",
    "Disclosure",
    "Event",
    "ExternalRecorded",
    "FiledAs",
    "Finding",
    "ForceMajeureDeclared",
    "ForceMajeureEnded",
    "ForgettingReason",
    "HoldReason",
    "Holiday",
    "InspectorsDrawn",
    "InvolvedDrafterAllowed",
    "LegacyRecorded",
    "LegalHoldLifted",
    "LegalHoldPlaced",
    "NationalRecorded",
    "NationalStatus",
    "NationalSystem",
    "NumberSkipped",
    "ObjectionDecided",
    "ObjectionDeemedGranted",
    "ObjectionLodged",
    "Party",
    "PaymentCodeIssued",
    "PaymentConfirmed",
    "PaymentConfirmedV1",
    "PermitAnnulled",
    "PermitCorrected",
    "PermitCorrectionDrafted",
    "PermitCorrectionReturned",
    "PermitDeemedGranted",
    "PermitDeemedRenewed",
    "PermitDuplicateIssued",
    "PermitExpired",
    "PermitExpiryAnnounced",
    "PermitField",
    "PermitIssued",
    "PermitReinstated",
    "PermitRenewed",
    "PermitRevoked",
    "PermitSurrendered",
    "PermitSuspended",
    "PermitTransferred",
    "QuotaChanged",
    "QuotaGranted",
    "QuotaOpened",
    "QuotaReleased",
    "QuotaReserved",
    "RecheckAllowed",
    "RecommendationIssued",
    "RefundPaid",
    "RefusalSettled",
    "RenewalRequested",
    "RepresentationEnded",
    "RepresentationGiven",
    "ReviewAssigned",
    "ReviewCompleted",
    "ReviewReassigned",
    "SenderRegistered",
    "SenderRevoked",
    "SopAcknowledged",
    "SopDraftReturned",
    "SopDrafted",
    "SopPublished",
    "SopPublishedV1",
    "SopWaived",
    "SopWithdrawn",
    "SubjectForgotten",
    "TransferAccepted",
    "TransferOffered",
    "TransferRefused",
    "VisitMissed",
    "VisitMoved",
    "VisitOffered",
    "VisitRecordSigned",
    "VisitReported",
    "VisitReportedV1",
    "VisitScheduled",
    "VisitSlotChosen",
    "WarningIssued",
    "make_event",
]

EVENTS: tuple[type[Data], ...] = (
    SenderRegistered,
    SenderRevoked,
    ContractRaised,
    CalendarPublished,
    SopDrafted,
    SopDraftReturned,
    SopPublishedV1,
    ForceMajeureDeclared,
    ForceMajeureEnded,
    ActingAppointed,
    SopPublished,
    SopWithdrawn,
    SopAcknowledged,
    SopWaived,
    QuotaOpened,
    QuotaChanged,
    QuotaReserved,
    QuotaReleased,
    ApplicationSubmittedV1,
    ApplicationSubmitted,
    RepresentationGiven,
    RepresentationEnded,
    NationalRecorded,
    ApplicationCompleted,
    ApplicationDeemedComplete,
    QuotaGranted,
    ReviewAssigned,
    ReviewReassigned,
    ConflictDeclared,
    ReviewCompleted,
    RecheckAllowed,
    ExternalRecorded,
    CorrectionRequested,
    CorrectionSubmitted,
    RecommendationIssued,
    AuditDrawn,
    VisitOffered,
    VisitSlotChosen,
    VisitScheduled,
    VisitMoved,
    InspectorsDrawn,
    VisitMissed,
    VisitReportedV1,
    VisitReported,
    VisitRecordSigned,
    ChargeAssessed,
    DepositRequired,
    ChargeReduced,
    PaymentCodeIssued,
    PaymentConfirmedV1,
    PaymentConfirmed,
    RefundPaid,
    DepositReleased,
    DepositForfeited,
    DecisionDrafted,
    DecisionReturned,
    PermitIssued,
    ApplicationRefused,
    ApplicationMovedToSop,
    ApplicationWithdrawn,
    ApplicationClosed,
    PermitDeemedGranted,
    ObjectionLodged,
    AnswerDrafted,
    InvolvedDrafterAllowed,
    ObjectionDecided,
    ObjectionDeemedGranted,
    AppealLodged,
    AppealDecided,
    AppealDeemedGranted,
    RefusalSettled,
    WarningIssued,
    PermitSuspended,
    PermitReinstated,
    PermitRevoked,
    PermitAnnulled,
    PermitSurrendered,
    PermitCorrectionDrafted,
    PermitCorrectionReturned,
    PermitCorrected,
    PermitDuplicateIssued,
    PermitExpiryAnnounced,
    RenewalRequested,
    PermitRenewed,
    PermitDeemedRenewed,
    TransferOffered,
    TransferAccepted,
    TransferRefused,
    PermitTransferred,
    PermitExpired,
    LegalHoldPlaced,
    LegalHoldLifted,
    SubjectForgotten,
    DeadlineMissed,
    DeadlineEscalated,
    BreachContested,
    BreachUpheld,
    BreachDismissed,
    BreachPublished,
    DayReconciled,
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
