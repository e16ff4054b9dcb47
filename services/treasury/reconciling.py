"""Compares a day's payments with the bank's statement, takes up what its notices had lost, and says what was found."""

import asyncio
import hashlib
from typing import Any, Final

from services.treasury import domain, notices, statement
from services.treasury.statement import Comparison
from shared.case_model import Payment
from shared.city import treasury_subject
from shared.envelope import read_entry
from shared.events import DayReconciled
from shared.kit.doors import Running
from shared.kit.stage import Stage
from shared.kit.stage_model import Said
from shared.kit.tokens import Actor

DAYS_SHOWN_MAX: Final = 100


async def reconcile(running: Running, actor: Actor, key: str, day: str, text: str) -> tuple[Said, Comparison]:
    """Returns what was said about a day and every line of its comparison; raises `Refusal`.

    A payment of which the bank knows and nobody here had heard is recorded now, as its lost notice would have been: the comparison
    shows it as missing, and the next one as matched.
    """
    stage, bank = running.ready(), statement.read_statement(text, day)
    found = await asyncio.to_thread(_compare, stage, day, bank)
    said = await asyncio.to_thread(_say, stage, actor, key, day, text, found)
    lost = {line.receipt for line in found.of("missing_here")}
    for line in bank:
        if line.receipt in lost and not said.repeated:
            await notices.take(running, notices.of_line(line))
    return said, found


def _compare(stage: Stage, day: str, bank: tuple[Payment, ...]) -> Comparison:
    receipts = {line.receipt for line in bank}
    subjects = [domain.application_of(line.charge) for line in bank]
    rows = stage.store.rows("SELECT row FROM views WHERE row -> 'days' ? %s OR subject = ANY(%s)", (day, subjects))
    known = [Payment(charge, receipt, *rest) for row in rows for receipt, charge, *rest in row["row"]["payments"]]
    here = [line for line in known if line.paid_on == day or line.receipt in receipts]
    waiting = stage.store.rows("SELECT receipt FROM notices WHERE state = 'suspended' AND receipt <> ''")
    return statement.compare(bank, here, (row["receipt"] for row in waiting))


def _say(stage: Stage, actor: Actor, key: str, day: str, text: str, found: Comparison) -> Said:
    digest = statement.digest_of(text)
    request = hashlib.sha256(f"{day}\n{digest}".encode()).digest()
    return stage.command(treasury_subject(day), actor, key, request, lambda _case, _context: domain.reconcile(day, digest, found))


def deposits(stage: Stage) -> list[dict[str, Any]]:
    """Returns the deposits that the city holds, each with the agency that ends it, and what has become of its permit."""
    rows = stage.store.rows("SELECT subject, row FROM views WHERE row -> 'deposits' <> '[]'::jsonb ORDER BY subject")
    return [
        {"application": row["subject"], "charge": number, "rupiah": rupiah, "agency": agency, "permit": row["row"]["permit"]}
        for row in rows
        for number, rupiah, agency in row["row"]["deposits"]
    ]


def days(stage: Stage) -> list[dict[str, Any]]:
    """Returns what stands in the ledger of each day's last comparison, the latest days first."""
    rows = stage.store.rows(
        "SELECT DISTINCT ON (subject) raw FROM entries WHERE subject LIKE 'treasury:%%' AND refused = ''"
        " ORDER BY subject DESC, sequence DESC LIMIT %s",
        (DAYS_SHOWN_MAX,),
    )
    found = [read_entry(bytes(row["raw"])) for row in rows]
    return [
        {**entry.event.data.model_dump(), "position": entry.stamp.position}
        for entry in found
        if isinstance(entry.event.data, DayReconciled)
    ]
