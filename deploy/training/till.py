"""The money's part of a feed: payments at the played bank, its notices on their way, a treasurer's chores, each day's comparison."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from deploy.training import bank as played
from deploy.training.bank import Bank
from deploy.training.doors import Doors, TrainingError, refusal_of
from deploy.training.gateway import TREASURY, Line, deliver
from deploy.training.moves import Move
from deploy.training.paying import BANK, CASHIER
from deploy.training.watch import DIFFERED, Watch

COMPARED_MAX: Final = 9
WAIT_SECONDS: Final = 10
# An earlier run of the same feed had done it.
DONE_ALREADY: Final = ("idempotency-key-reused", "notice-settled", "receipt-known")


class Till:
    """Pays, sends, assigns and compares; what it has to remember between runs it reads from the ledger."""

    def __init__(self, doors: Doors, bank: Bank, line: Line, watch: Watch) -> None:
        self.bank = bank
        self._doors = doors
        self._line = line
        self._watch = watch
        self._booked = 0

    def is_paid(self, move: Move) -> bool:
        """Says whether a payment of a plan was made already, though nobody may have heard of it yet."""
        return move.stage == BANK and move.key in self.bank.names

    def pay(self, move: Move, application: str) -> None:
        """Makes a planned payment, as of the time for which it was planned."""
        self.bank.pay(move.body, move.key, move.at, self._watch.city.calendar, application)

    def next_at(self) -> datetime | None:
        """Returns when there is something to do again, None when all is done."""
        found = [sending.at for sending in self.bank.waiting] + [chore.at for chore in self.bank.chores]
        return min((*found, *(at for _, at in self._days())), default=None)

    def _days(self) -> list[tuple[str, datetime]]:
        """Returns the days of which not every payment was found to agree yet, with when they are compared: at once if the bank booked late."""
        self.bank.book(self._watch.payments[self._booked :])
        self._booked = len(self._watch.payments)
        calendar, found = self._watch.city.calendar, []
        for day, payments in self.bank.days().items():
            compared = self._watch.reconciled.get(day, [])
            if payments not in compared and len(compared) < COMPARED_MAX:
                found.append((day, played.compared_at(day, calendar, compared.count(DIFFERED))))
        return found

    async def work(self, now: datetime, tell_time: Callable[[str], Awaitable[None]]) -> bool:
        """Does what is due; returns whether there was anything."""
        days, chores, sendings = [day for day, at in self._days() if at <= now], self.bank.chores_due(now), self.bank.due(now)
        if not (days or chores or sendings):
            return False
        await tell_time(TREASURY)
        for day in days:
            key = f"{self.bank.seed}/compare/{day}/{len(self._watch.reconciled.get(day, []))}"
            await self._ask("/v1/reconciliations", {"day": day}, key)
        for sending in sendings:
            await deliver(self._doors, sending, self._line)
        for chore in chores:
            meant = {"application": chore.application, "charge": chore.charge} if chore.application else {}
            await self._ask(f"/v1/suspense/{chore.notice}/{chore.does}", meant, chore.notice)
        return True

    async def _ask(self, path: str, body: dict[str, str], key: str) -> None:
        answer = await self._doors.knock(TREASURY, "POST", path, CASHIER, body=body, key=key, wait_seconds=WAIT_SECONDS)
        if (code := refusal_of(answer)) and code not in DONE_ALREADY:
            raise TrainingError(f"The treasury refused {path} ({code}).", "Look at its log, or run `jejak doctor`.")
