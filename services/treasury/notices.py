"""What becomes of the gateway's notices of payment: each is kept as it came, then said once, or put into suspense with what has to be done.

A notice may come late, twice, out of order or with a wrong amount, and it may name what nobody knows; none of that loses money:

- the same notice again is answered as before; another notice of the same receipt is a repeat, and nothing is said twice;
- less or more than the charge, or after the application has ended, is said as it is: the fold keeps the rest open, or owes it back;
- what names no charge here waits, is tried again whenever that application changes, and is a treasurer's to assign or return;
- the same receipt with another amount or charge waits for a treasurer, and so does what cannot be read.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field, StringConstraints

from services.treasury import domain
from shared.case import Case
from shared.case_model import Payment
from shared.draft import Context, Draft
from shared.fields import LocalDate, OfficialNumber, Rupiah, Slug
from shared.kit.doors import Running, asked_whole
from shared.kit.http import Body, body_as
from shared.kit.stage import Stage
from shared.kit.store import Row
from shared.kit.tokens import Actor
from shared.refusals import Refusal

GATEWAY: Final = Actor("gerbang pembayaran", "service", domain.AGENCY)
State = Literal["received", "confirmed", "repeated", "suspended", "assigned", "returned", "set-aside"]
# Why a notice waits, and what has to be done about it, in Indonesian and English.
SUSPENSE: Final[dict[str, tuple[str, str]]] = {
    "charge-unknown": (
        "Ketetapan tidak dikenal: cari ketetapan yang dimaksud dan bukukan, atau kembalikan kepada penyetor.",
        "No such charge is known: find the charge that was meant and assign it, or return the money to the payer.",
    ),
    "receipt-differs": (
        "Bukti setor yang sama sudah tercatat dengan jumlah atau ketetapan lain: tanyakan kepada bank, lalu bukukan atau kembalikan.",
        "The same receipt is recorded with another amount or charge: ask the bank, then assign it or return it.",
    ),
    "notice-differs": (
        "Nomor pemberitahuan yang sama pernah datang dengan isi lain: tanyakan kepada bank mana yang benar.",
        "The same number of a notice came before with another content: ask the bank which one is right.",
    ),
    "unreadable": (
        "Isi pemberitahuan tidak dapat dibaca: minta bank mengirimnya lagi; setorannya tampak pada pencocokan harian.",
        "The notice cannot be read: have the bank send it again; its payment shows in the day's comparison.",
    ),
    "held": (
        "Permohonannya sedang ditahan pada layanan ini: pengelola menjalankannya lagi, lalu setoran dicatat sendiri.",
        "Its application is held in this service: an operator re-drives it, and the payment is then recorded by itself.",
    ),
}
TRIED_AGAIN: Final = ("charge-unknown", "held")
# Of a waiting notice: another one that says the same was settled, so it is the same money.
_IS_SETTLED: Final = (
    "EXISTS (SELECT 1 FROM notices AS other WHERE other.state IN ('assigned', 'returned') AND other.id <> notices.id AND other.receipt ="
    " notices.receipt AND other.charge = notices.charge AND other.amount_rupiah = notices.amount_rupiah)"
)
NO_MONEY_OF_THEIR_OWN: Final = ("notice-differs", "unreadable")


class Notice(Body):
    """What the gateway says of one payment: its own number of the notice, our charge, the bank's receipt, amount, day and channel."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    charge: OfficialNumber
    receipt: OfficialNumber
    amount_rupiah: Annotated[Rupiah, Field(ge=1)]
    paid_on: LocalDate
    channel: Slug


def of_line(line: Payment) -> bytes:
    """Returns a line of a statement as the notice that was lost."""
    told = {"charge": line.charge, "receipt": line.receipt, "amount_rupiah": line.rupiah, "paid_on": line.paid_on, "channel": line.channel}
    return orjson.dumps({"id": f"statement-{hashlib.sha256(line.receipt.encode()).hexdigest()[:32]}", **told})


async def take(running: Running, raw: bytes) -> Row:
    """Keeps a notice that was signed by the gateway, then settles it; returns its row. The same one again gets the same answer."""
    stage = running.ready()
    kept = await asyncio.to_thread(_keep, stage, raw)
    if kept["state"] != "received":
        return kept
    return await settle(running, kept["id"])


def _keep(stage: Stage, raw: bytes) -> Row:
    digest = hashlib.sha256(raw).digest()
    fields: dict[str, Any]
    try:
        notice: Notice = body_as(raw, Notice)
    except Refusal:
        fields = {"id": f"unreadable-{digest.hex()[:32]}", "raw": raw, "state": "suspended", "reason": "unreadable"}
    else:
        fields = notice.model_dump() | {"subject": domain.application_of(notice.charge), "state": "received", "reason": ""}
    with stage.store.transaction() as cursor:
        known = cursor.execute("SELECT digest FROM notices WHERE id = %s", (fields["id"],)).fetchone()
        if known is not None and bytes(known["digest"]) != digest:
            fields |= {"id": f"{fields['id'][:48]}-{digest.hex()[:12]}", "state": "suspended", "reason": "notice-differs"}
        fields |= {"digest": digest, "arrived": stage.clock.now()}
        names = ", ".join(fields)
        places = ", ".join(f"%({name})s" for name in fields)
        statement = (
            f"INSERT INTO notices ({names}) VALUES ({places})"  # noqa: S608 - the names of this function's own fields
            " ON CONFLICT (id) DO UPDATE SET times = notices.times + 1 RETURNING *"
        )
        return dict(cursor.execute(statement.encode(), fields).fetchone() or {})


async def settle(running: Running, notice_id: str) -> Row:
    """Says the payment of a kept notice, once for each receipt, or notes why it waits; returns its row."""
    stage = running.ready()
    row = await asyncio.to_thread(_row, stage, notice_id)
    try:
        event_id = await _say(running, row)
    except Refusal as refusal:
        state, reason = await asyncio.to_thread(_after_refusal, stage, row, refusal)
        return await asyncio.to_thread(_note, stage, row, state, reason=reason)
    return await asyncio.to_thread(lambda: _note(stage, row, _other_confirmed(stage, row), event_id=event_id))


async def assign(running: Running, notice_id: str, actor: Actor, subject: str, charge: str) -> Row:
    """Says a treasurer's word: the money of a waiting notice pays this charge of this application; raises `Refusal`."""
    stage = running.ready()
    row = {**await asyncio.to_thread(_waiting, stage, notice_id), "subject": subject, "charge": charge}
    if not row["receipt"]:
        raise Refusal("notice-settled", "receipt")
    event_id = await _say(running, row, actor)
    return await asyncio.to_thread(lambda: _note(stage, row, "assigned", event_id=event_id, settled_by=actor.ledger_name(stage.city_key)))


def return_to_payer(stage: Stage, notice_id: str, actor: Actor, transfer: str) -> Row:
    """Notes that the money of a waiting notice went back to its payer, by the number of the transfer; raises `Refusal`."""
    row = _waiting(stage, notice_id)
    if not row["receipt"]:
        raise Refusal("notice-settled", "receipt")
    return _note(stage, row, "returned", reason=row["reason"], transfer=transfer, settled_by=actor.ledger_name(stage.city_key))


def set_aside(stage: Stage, notice_id: str, actor: Actor) -> Row:
    """Notes that a waiting notice was no money of its own: it could not be read, or repeated the number of another; raises `Refusal`."""
    row = _waiting(stage, notice_id)
    if row["reason"] not in NO_MONEY_OF_THEIR_OWN:
        raise Refusal("notice-settled", "reason")
    return _note(stage, row, "set-aside", reason=row["reason"], raw=b"", settled_by=actor.ledger_name(stage.city_key))


async def _say(running: Running, row: Row, actor: Actor = GATEWAY) -> str:
    stage, subject, receipt = running.ready(), row["subject"], row["receipt"]
    if not subject:
        raise Refusal("charge-unknown", "charge")

    def decide(case: Case, _context: Context) -> Sequence[Draft]:
        return domain.confirm_payment(case, row["charge"], receipt, row["amount_rupiah"], paid_on=row["paid_on"], channel=row["channel"])

    digest = hashlib.sha256(f"{row['charge']}\n{row['amount_rupiah']}".encode()).digest()
    said = await asked_whole(running, subject, lambda: stage.command(subject, actor, f"receipt/{receipt}", digest, decide))
    return said.event_ids[0]


def _after_refusal(stage: Stage, row: Row, refusal: Refusal) -> tuple[State, str]:
    match refusal.code:
        case "receipt-known":
            # Whoever recorded it, with the same charge and amount it is the same money.
            same = stage.store.rows(
                "SELECT 1 FROM views, jsonb_array_elements(row->'payments') AS paid"
                " WHERE subject = %s AND paid->>0 = %s AND paid->>1 = %s AND (paid->>2)::bigint = %s",
                (row["subject"], row["receipt"], row["charge"], row["amount_rupiah"]),
            )
            return ("repeated", "") if same else ("suspended", "receipt-differs")
        case "idempotency-key-reused":
            return "suspended", "receipt-differs"
        case "held":
            return "suspended", "held"
        case "charge-unknown" | "unknown-code":
            return ("repeated", "") if _settled_by_another(stage, row) else ("suspended", "charge-unknown")
        case _:
            raise refusal


def _other_confirmed(stage: Stage, row: Row) -> State:
    """Returns `repeated` where another notice has told of the same receipt before, else `confirmed`."""
    found = stage.store.rows(
        "SELECT 1 FROM notices WHERE receipt = %s AND id <> %s AND state IN ('confirmed', 'assigned')", (row["receipt"], row["id"])
    )
    return "repeated" if found else "confirmed"


def _settled_by_another(stage: Stage, row: Row) -> bool:
    """Says whether a treasurer has settled another notice of the same receipt that named the same charge and amount."""
    return bool(stage.store.rows(f"SELECT 1 FROM notices WHERE id = %s AND {_IS_SETTLED}", (row["id"],)))  # noqa: S608 - a constant


def _note(stage: Stage, row: Row, state: State, **changes: str | bytes) -> Row:
    """Writes what became of a notice, and at which sequence of its application that was found."""
    fields: dict[str, Any] = {"state": state, "reason": "", "subject": row["subject"], **changes}
    fields["tried_sequence"] = stage.case(row["subject"]).sequence if row["subject"] else 0
    changed = ", ".join(f"{name} = %({name})s" for name in fields)
    statement = f"UPDATE notices SET {changed} WHERE id = %(id)s RETURNING *"  # noqa: S608 - the names of this function's own fields
    with stage.store.transaction() as cursor:
        return dict(cursor.execute(statement.encode(), {**fields, "id": row["id"]}).fetchone() or {})


def _row(stage: Stage, notice_id: str) -> Row:
    found = stage.store.rows("SELECT * FROM notices WHERE id = %s", (notice_id,))
    if not found:
        raise Refusal("notice-unknown", notice_id)
    return found[0]


def _waiting(stage: Stage, notice_id: str) -> Row:
    row = _row(stage, notice_id)
    if row["state"] != "suspended":
        raise Refusal("notice-settled", notice_id)
    return row


def to_try_again(stage: Stage) -> list[str]:
    """Returns the notices that were kept but not settled, and those whose application has changed, or whose like was settled, since."""
    rows = stage.store.rows(
        "SELECT id FROM notices LEFT JOIN views USING (subject) WHERE state IN ('received', 'suspended') AND (state = 'received' OR"  # noqa: S608 - a constant
        f" (reason = ANY(%s) AND (views.sequence > tried_sequence OR {_IS_SETTLED}))) ORDER BY arrived, id",
        (list(TRIED_AGAIN),),
    )
    return [row["id"] for row in rows]


def suspense(stage: Stage) -> list[dict[str, Any]]:
    """Returns what waits, the oldest first, each with what has to be done; a notice that could not be read has no amount."""
    rows = stage.store.rows("SELECT * FROM notices WHERE state = 'suspended' ORDER BY arrived, id")
    return [{**told(row), "to_do": dict(zip(("id", "en"), SUSPENSE[row["reason"]], strict=True))} for row in rows]


def told(row: Row) -> dict[str, Any]:
    """Returns what is said of a notice: to the gateway as its answer, to a treasurer in the list."""
    names = ("id", "state", "reason", "charge", "receipt", "amount_rupiah", "paid_on", "channel", "times", "event_id")
    return {name: row[name] for name in names}
