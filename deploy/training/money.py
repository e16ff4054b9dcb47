"""What has become of every rupiah that was paid in a training city: the bank's books against the ledger's and the treasury's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from deploy.training.bank import Bank
from deploy.training.doors import Doors
from deploy.training.gateway import TREASURY
from deploy.training.paying import CASHIER
from deploy.training.watch import DIFFERED, Watch
from shared.money import Accounts, accounts

SUSPENSE: Final = "/v1/suspense"


@dataclass(frozen=True, slots=True)
class Money:
    """Sums in rupiah: paid at the bank, in suspense, and what the ledger says of the rest; how the gateway's notices came; days compared."""

    paid: int = 0
    suspended: int = 0
    ledger: Accounts = field(default_factory=Accounts)
    habits: Mapping[str, int] = field(default_factory=dict)
    days: int = 0
    days_clean: int = 0

    @property
    def unaccounted(self) -> int:
        """What was paid and is neither in the ledger nor in suspense, and what the ledger has and cannot explain: 0, or something is wrong."""
        return abs(self.paid - self.suspended - self.ledger.received) + abs(self.ledger.unaccounted)


async def money(doors: Doors, watch: Watch, bank: Bank) -> Money:
    """Adds up what the bank, the treasury and the ledger say."""
    found = sum((accounts(known.case) for known in watch.applications.values()), Accounts())
    waiting = (await doors.ask(TREASURY, SUSPENSE, CASHIER))["suspense"]
    suspended = sum(item["amount_rupiah"] for item in waiting)
    paid = sum(payment.rupiah for payment in bank.payments.values())
    clean = sum(compared[-1] != DIFFERED for compared in watch.reconciled.values())
    return Money(paid, suspended, found, dict(sorted(bank.habits.items())), len(watch.reconciled), clean)
