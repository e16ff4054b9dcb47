"""Money: a charge assessed, the code to pay it with, what reached the treasury, what went back, and each day's comparison with the bank."""

from typing import Literal

from shared.events.base import Data
from shared.fields import Count, Digest, LocalDate, OfficialNumber, PaymentCode, Rupiah, Slug


class ChargeAssessed(Data):
    """The assessing agency says a charge (SKRD or SKPD), to be paid by a date counted from here."""

    NAME, KIND, SAID_BY = "charge.assessed", "decision", frozenset({"issuance"})
    LABELS = ("SKRD/SKPD terbit", "charge assessed")
    step: Slug
    number: OfficialNumber
    basis: Literal["levy", "tax"]
    amount_rupiah: Rupiah


class DepositRequired(Data):
    """The assessing agency says a deposit (uang jaminan): paid like a charge, held while the permit lives, then released or forfeited."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "deposit.required", "decision", frozenset({"issuance"}), 4
    LABELS = ("jaminan ditetapkan", "deposit required")
    step: Slug
    number: OfficialNumber
    amount_rupiah: Rupiah


class DepositReleased(Data):
    """The head of the assessing agency gives a deposit back: what it stood for was done. The treasury then owes it."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "deposit.released", "decision", frozenset({"issuance"}), 4
    LABELS = ("jaminan dilepas", "deposit released")
    charge: OfficialNumber
    reason: Slug


class DepositForfeited(Data):
    """The head of the assessing agency keeps a deposit, on a legal basis: what it stood for was not done."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "deposit.forfeited", "decision", frozenset({"issuance"}), 4
    LABELS = ("jaminan menjadi hak kota", "deposit forfeited")
    charge: OfficialNumber
    reason: Slug
    legal_basis: Slug


class ChargeReduced(Data):
    """The head of the assessing agency lowers a charge (keringanan), to nothing where its payer is exempt (pembebasan)."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "charge.reduced", "decision", frozenset({"issuance"}), 4
    LABELS = ("keringanan biaya ditetapkan", "charge reduced")
    charge: OfficialNumber
    amount_rupiah: Rupiah
    reason: Slug
    legal_basis: Slug


class PaymentCodeIssued(Data):
    """The payment gateway gave a code for a charge: digits for a bank's transfer (kode bayar), and a reference for a QR payment."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "payment-code.issued", "decision", frozenset({"treasury"}), 4
    LABELS = ("kode bayar terbit", "payment code issued")
    charge: OfficialNumber
    code: PaymentCode
    qr: OfficialNumber = ""


class PaymentConfirmedV1(Data):
    """The first form, without day and channel, said by issuance on a treasurer's word before there was a service of the treasury.

    Who said it then may always say it: money that was under way when the city raised its contract must not be lost.
    """

    NAME, KIND, SAID_BY = "payment.confirmed", "fact", frozenset({"issuance", "treasury"})
    LABELS = ("diterima kas daerah", "payment confirmed")
    charge: OfficialNumber
    receipt: OfficialNumber
    amount_rupiah: Rupiah


class PaymentConfirmed(Data):
    """Money reached the city treasury (kas daerah) on a day of its bank, by a channel (`va`, `qris`, `teller`)."""

    NAME, KIND, SAID_BY, VERSION, SINCE_CONTRACT = "payment.confirmed", "fact", frozenset({"treasury"}), 2, 4
    LABELS = ("diterima kas daerah", "payment confirmed")
    charge: OfficialNumber
    receipt: OfficialNumber
    amount_rupiah: Rupiah
    paid_on: LocalDate = ""
    channel: Slug = ""


class RefundPaid(Data):
    """Money that the city owed was paid back: `receipt` says for which payment, absent for what had been kept until the end."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "refund.paid", "fact", frozenset({"treasury"}), 4
    LABELS = ("pengembalian dibayar", "refund paid")
    number: OfficialNumber
    amount_rupiah: Rupiah
    receipt: OfficialNumber = ""


class DayReconciled(Data):
    """One day's statement of the bank (by its digest) against the payments of that day in the ledger, in counts and sums."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "day.reconciled", "decision", frozenset({"treasury"}), 4
    LABELS = ("kas harian dicocokkan", "day reconciled")
    day: LocalDate
    statement: Digest
    matched: Count
    matched_rupiah: Rupiah
    missing_here: Count
    missing_here_rupiah: Rupiah
    missing_there: Count
    missing_there_rupiah: Rupiah
    differing: Count
    differing_rupiah: Rupiah
    suspended: Count
    suspended_rupiah: Rupiah
