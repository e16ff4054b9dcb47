"""The ledger's receipts of an application's entries, as intake asks for them to put them into the papers of a citizen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import httpx

from shared.envelope import ContractError, Entry, read_entry
from shared.proof.errors import ProofError
from shared.proof.receipt import read_receipt
from shared.refusals import Refusal

TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry with the file that proves it (`.tlog-proof`)."""

    entry: Entry
    receipt: bytes


ProofsOf = Callable[[str], Awaitable[tuple[Proved, ...]]]


def proofs_at(ledger_url: str) -> ProofsOf:
    """Returns the function that asks the ledger for the proved entries of an application, in their order.

    Those that no checkpoint covers yet are left out. Raises `Refusal("not-ready")` when the ledger does not answer.
    """

    async def proofs_of(subject: str) -> tuple[Proved, ...]:
        try:
            async with httpx.AsyncClient(base_url=ledger_url, timeout=TIMEOUT_SECONDS) as client:
                answer = await client.get(f"/v1/applications/{subject}/proofs")
                # It is not entered yet.
                if answer.status_code == httpx.codes.NOT_FOUND:
                    return ()
                answer.raise_for_status()
                return tuple(proved(row["receipt"].encode()) for row in answer.json()["receipts"])
        except (httpx.HTTPError, ProofError, ContractError, ValueError, KeyError, TypeError):
            raise Refusal("not-ready", "ledger") from None

    return proofs_of


def proved(receipt: bytes) -> Proved:
    """Reads a receipt with its entry; raises `ProofError` or `ContractError`."""
    extra = read_receipt(receipt).extra
    if extra is None:
        raise ProofError("no-entry", "the receipt does not have its entry with it")
    return Proved(read_entry(extra), receipt)
