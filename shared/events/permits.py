"""What becomes of a permit after it was issued."""

from typing import Annotated

from pydantic import Field

from shared.events.base import Attachment, Data, DeclaredFact, Disclosure, PermitField
from shared.fields import AuthId, Commitment, LocalDate, OfficialNumber, Ordinal, Slug


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


class PermitCorrectionDrafted(Data):
    """A first officer proposes to mend a slip of the pen in the permit's document (renvoi): which field, why, and the mended document."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.correction-drafted", "decision", frozenset({"issuance"}), 4
    LABELS = ("konsep ralat izin", "correction of the permit drafted")
    field: PermitField
    reason: Slug
    document: Commitment


class PermitCorrectionReturned(Data):
    """The proposal is sent back, saying why by code; the document stays as it is."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.correction-returned", "decision", frozenset({"issuance"}), 4
    LABELS = ("konsep ralat dikembalikan", "correction of the permit returned")
    reason: Slug


class PermitCorrected(Data):
    """A second officer signs the mended document (ralat): number, validity and rights of the permit stay."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.corrected", "decision", frozenset({"issuance"}), 4
    LABELS = ("ralat izin", "permit corrected")
    field: PermitField
    reason: Slug
    document: Commitment


class PermitDuplicateIssued(Data):
    """The holder of a lost or damaged document gets another one: the `duplicate`-th, equal to the permit, which does not change."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.duplicate-issued", "decision", frozenset({"intake"}), 4
    LABELS = ("duplikat izin terbit", "duplicate of the permit issued")
    duplicate: Ordinal
    reason: Slug


class PermitExpiryAnnounced(Data):
    """The holder is reminded that the permit ends in so many days; where the SOP has a renewal, its window opens with the first reminder."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.expiry-announced", "decision", frozenset({"ledger"}), 4
    LABELS = ("pengingat masa berlaku", "end of validity announced")
    valid_until: LocalDate
    days_before: Annotated[int, Field(ge=1, le=400)]


class RenewalRequested(Data):
    """The holder asks for a further term: what has changed, and the documents that a renewal asks for."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "renewal.requested", "decision", frozenset({"intake"}), 4
    LABELS = ("perpanjangan diajukan", "renewal requested")
    facts: Annotated[tuple[DeclaredFact, ...], Field(max_length=50)]
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)]


class PermitRenewed(Data):
    """The permit holds for a further term, which follows the one before without a gap; its number stays."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.renewed", "decision", frozenset({"issuance"}), 4
    LABELS = ("izin diperpanjang", "permit renewed")
    step: Slug
    valid_from: LocalDate
    valid_until: LocalDate


class PermitDeemedRenewed(Data):
    """No decision on a renewal within the legal limit: renewed by law (fiktif positif), said by the ledger's clock under a number of its own.

    The permit keeps its number; the further term follows the one before without a gap.
    """

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.deemed-renewed", "decision", frozenset({"ledger"}), 4
    LABELS = ("perpanjangan dianggap dikabulkan", "renewal deemed granted")
    number: OfficialNumber
    legal_basis: Slug
    valid_from: LocalDate
    valid_until: LocalDate


class TransferOffered(Data):
    """The holder offers the permit to somebody else (balik nama), who is named by their identity in this application only."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "transfer.offered", "decision", frozenset({"intake"}), 4
    LABELS = ("balik nama ditawarkan", "transfer offered")
    to: AuthId


class TransferAccepted(Data):
    """Who was offered the permit takes it, with their own data as commitments and the documents that a transfer asks for."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "transfer.accepted", "decision", frozenset({"intake"}), 4
    LABELS = ("balik nama diterima calon pemegang", "transfer accepted")
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)]
    disclosures: Annotated[tuple[Disclosure, ...], Field(min_length=1, max_length=20)]


class TransferRefused(Data):
    """The issuing agency does not confirm a transfer; the permit stays with its holder."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "transfer.refused", "decision", frozenset({"issuance"}), 4
    LABELS = ("balik nama ditolak", "transfer refused")
    reasons: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]


class PermitTransferred(Data):
    """The issuing agency confirms a transfer: the permit has another holder; number and validity stay."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.transferred", "decision", frozenset({"issuance"}), 4
    LABELS = ("izin beralih (balik nama)", "permit transferred")
    to: AuthId


class PermitExpired(Data):
    """The last day of a permit has passed."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "permit.expired", "decision", frozenset({"ledger"}), 3
    LABELS = ("izin habis masa berlaku", "permit expired")
    valid_until: LocalDate
