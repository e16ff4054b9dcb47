"""The played bank and its payment gateway: people pay, notices go out late, twice, crossed or never, statements are right; pure.

It misbehaves as a real one does, in known shares that depend on the seed and the receipt alone. What a payer does wrong is the payer's
(`deploy/training/paying.py`); what the gateway does wrong is here. The statement of a day has every payment of that day, whatever became of its notice.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import orjson

from deploy.training.chance import chance, digest, weighted
from deploy.training.ticks import TICKS_A_DAY, ticks_later
from shared.calendar import WIB, Calendar
from shared.case_model import Payment

HABITS: Final = (
    ("late", 0.12),
    ("twice", 0.12),
    ("again", 0.10),
    ("crossed", 0.08),
    ("garbled", 0.07),
    ("forged", 0.07),
    ("lost", 0.11),
    ("prompt", 1.0),
)
MISADDRESSED: Final = "under a number that nobody knows"
LATE_TICKS: Final = 3
FOUND_AFTER_TICKS: Final = 2
CODE_DIGITS: Final = 16
COLUMNS: Final = "receipt,charge,amount_rupiah,paid_on,channel"


@dataclass(frozen=True, slots=True)
class Sending:
    """A notice to be sent, not before `at`; `forged` says that it is signed with a wrong key, as by somebody else."""

    at: datetime
    body: bytes
    forged: bool = False


@dataclass(frozen=True, slots=True)
class Chore:
    """What a treasurer does about a notice in suspense, not before `at`: finds which charge was meant, or sets it aside."""

    at: datetime
    notice: str
    does: str
    application: str = ""
    charge: str = ""


@dataclass
class Bank:
    """Codes given, payments taken, notices to be sent; `habits` counts how the gateway told of them."""

    seed: int
    payments: dict[str, Payment] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    chores: list[Chore] = field(default_factory=list)
    waiting: list[Sending] = field(default_factory=list)
    habits: dict[str, int] = field(default_factory=dict)

    def code(self, charge: str) -> dict[str, str]:
        """Returns the code of a charge, always the same, and a QR reference."""
        drawn = hashlib.sha256(f"{self.seed}\n{charge}".encode()).hexdigest()
        return {"code": f"9887{int(drawn[:16], 16) % 10 ** (CODE_DIGITS - 4):0{CODE_DIGITS - 4}d}", "qr": f"QR/{drawn[:12].upper()}"}

    def book(self, payments: Iterable[Payment]) -> None:
        """Takes into its books what was paid at a counter, and what an earlier run had been paid."""
        for payment in payments:
            self.payments.setdefault(payment.receipt, payment)

    def pay(self, body: Mapping[str, Any], name: str, at: datetime, calendar: Calendar, application: str) -> None:
        """Takes money for a `charge`, so many `rupiah`, that is `meant` for another; the same name is the same payment."""
        self.names.add(name)
        payment = payment_of(self.seed, body, name, at)
        if payment.receipt in self.payments:
            return
        self.payments[payment.receipt] = payment
        wrong = body["charge"] != body["meant"]
        habit = MISADDRESSED if wrong else habit_of(self.seed, payment.receipt)
        self.habits[habit] = self.habits.get(habit, 0) + 1
        self.waiting += _sendings(habit, payment, at, calendar)
        found_at = ticks_later(calendar, at, FOUND_AFTER_TICKS)
        if wrong:
            self.chores.append(Chore(found_at, notice_id(payment.receipt), "assign", application, body["meant"]))
        elif habit == "garbled":
            self.chores.append(Chore(found_at, f"unreadable-{hashlib.sha256(_half(payment)).hexdigest()[:32]}", "set-aside"))

    def chores_due(self, now: datetime) -> list[Chore]:
        """Takes out and returns what a treasurer has found out by now."""
        found = [chore for chore in self.chores if chore.at <= now]
        self.chores = [chore for chore in self.chores if chore.at > now]
        return found

    def due(self, now: datetime) -> list[Sending]:
        """Takes out and returns what is to be sent by now."""
        found = [sending for sending in self.waiting if sending.at <= now]
        self.waiting = [sending for sending in self.waiting if sending.at > now]
        return found

    def days(self) -> dict[str, int]:
        """Returns the days on which somebody paid, and how many payments each has."""
        return dict(sorted(Counter(payment.paid_on for payment in self.payments.values()).items()))

    def statement(self, day: str) -> str:
        """Returns a day's statement."""
        found = sorted((item for item in self.payments.values() if item.paid_on == day), key=lambda item: item.receipt)
        rows = [f"{item.receipt},{item.charge},{item.rupiah},{item.paid_on},{item.channel}" for item in found]
        return "\n".join((COLUMNS, *rows)) + "\n"


def payment_of(seed: int, body: Mapping[str, Any], name: str, at: datetime) -> Payment:
    """Returns the payment of a name: its receipt and channel depend on the seed and the name alone."""
    drawn = digest(seed, name)
    channel = "qris" if int(drawn[-1], 16) % 2 else "va"
    return Payment(body["charge"], f"NTB/{drawn[:12].upper()}", body["rupiah"], at.astimezone(WIB).date().isoformat(), channel)


def habit_of(seed: int, receipt: str) -> str:
    """Returns how the gateway tells of a payment."""
    return weighted(HABITS, chance(seed, "gateway", receipt))


def heard_at(seed: int, body: Mapping[str, Any], name: str, at: datetime, calendar: Calendar) -> datetime:
    """Returns the tick at which the treasury has recorded a payment: by its notice, by a treasurer, or by the next day's comparison."""
    if body["charge"] != body["meant"]:
        return ticks_later(calendar, at, FOUND_AFTER_TICKS)
    habit = habit_of(seed, payment_of(seed, body, name, at).receipt)
    if habit == "lost":
        return compared_at(at.astimezone(WIB).date().isoformat(), calendar)
    return ticks_later(calendar, at, LATE_TICKS) if habit == "late" else at


def compared_at(day: str, calendar: Calendar, times: int = 0) -> datetime:
    """Returns the tick at which a day is compared with its statement for the first time, or after so many times once more."""
    after = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), WIB)
    return ticks_later(calendar, after, 1 + times * TICKS_A_DAY)


def _sendings(habit: str, payment: Payment, at: datetime, calendar: Calendar) -> list[Sending]:
    later, told = ticks_later(calendar, at, LATE_TICKS), Sending(at, notice(payment))
    sendings = {
        "late": [Sending(later, told.body)],
        "twice": [told, told],
        "again": [told, Sending(later, notice(payment, 2))],
        "crossed": [Sending(at, notice(payment, 2)), Sending(later, told.body)],  # the repeat overtakes the notice
        "garbled": [Sending(at, _half(payment)), told],
        "forged": [Sending(at, told.body, forged=True), told],
        "lost": [],
    }
    return sendings.get(habit, [told])


def _half(payment: Payment) -> bytes:
    """Returns a notice that was cut off on its way."""
    told = notice(payment)
    return told[: len(told) // 2]


def notice(payment: Payment, number: int = 1) -> bytes:
    """Returns the notice of a payment, the first or a later one under a number of its own."""
    told = {
        "id": notice_id(payment.receipt, number),
        "charge": payment.charge,
        "receipt": payment.receipt,
        "amount_rupiah": payment.rupiah,
        "paid_on": payment.paid_on,
        "channel": payment.channel,
    }
    return orjson.dumps(told)


def notice_id(receipt: str, number: int = 1) -> str:
    """Returns the gateway's own number of a notice."""
    return f"{receipt.rpartition('/')[2].lower()}-{number}"
