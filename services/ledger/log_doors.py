"""The doors of the city's log: checkpoint and hash tiles for everybody, entries for auditors, receipts for who holds an application's code."""

import asyncio
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from shared.envelope import read_entry
from shared.kit.city_log import CityLog
from shared.kit.http import Answer, Site, code_of
from shared.kit.ledger_process import LedgerSlot
from shared.proof.errors import ProofError
from shared.proof.receipt import Receipt
from shared.proof.tile import ENTRIES, read_path
from shared.refusals import Refusal

# What a tile holds never changes; the checkpoint is signed anew within seconds.
FOR_EVER: Final = "max-age=31536000, immutable"
CHECKPOINT_CACHE: Final = "public, max-age=2"
BYTES: Final = "application/octet-stream"
TEXT: Final = "text/plain; charset=utf-8"


def add_log_doors(app: FastAPI, site: Site, slot: LedgerSlot) -> None:
    """Adds the doors of the log, at the addresses that C2SP tlog-tiles gives them, and those of receipts."""
    _add_tiles(app, site, slot)
    _add_receipts(app, slot)


def _log(slot: LedgerSlot) -> CityLog:
    found = slot.keeper.log if slot.keeper else None
    if found is None:
        raise Refusal("log-absent")
    return found


def _add_tiles(app: FastAPI, site: Site, slot: LedgerSlot) -> None:
    @app.get("/checkpoint", operation_id="checkpoint", tags=["log"], response_class=Response)
    async def checkpoint() -> Response:
        """The newest published checkpoint of the log: its name, its size and the root of its tree, signed by the log and its witnesses."""
        signed = _log(slot).published
        if signed is None:
            raise Refusal("not-yet-signed")
        return Response(signed.note.to_bytes(), media_type=TEXT, headers={"cache-control": CHECKPOINT_CACHE})

    @app.get("/tile/{path:path}", operation_id="tile", tags=["log"], response_class=Response)
    async def tile(path: str, request: Request) -> Response:
        """A tile of hashes (`<level>/<index>[.p/<width>]`) for everybody, or a bundle of entries (`entries/<index>[.p/<width>]`) for auditors."""
        try:
            wanted = read_path(f"tile/{path}")
        except ProofError as error:
            raise Refusal("not-found", error.detail) from None
        if wanted.level == ENTRIES:
            site.actor(request, "service", "auditor")
        data = await asyncio.to_thread(_log(slot).read, wanted)
        if data is None:
            raise Refusal("not-found")
        audience = "private" if wanted.level == ENTRIES else "public"
        return Response(data, media_type=BYTES, headers={"cache-control": f"{audience}, {FOR_EVER}"})


def _add_receipts(app: FastAPI, slot: LedgerSlot) -> None:
    @app.get("/v1/applications/{code}/proofs", operation_id="application_proofs", tags=["applications"])
    async def application_proofs(code: str) -> Answer:
        """A receipt for each of an application's entries, for who holds its code; `waiting` entries are in no checkpoint yet."""
        subject = code_of(code)
        entries, receipts = await _receipts(slot, subject)
        rows: list[dict[str, Any]] = [
            {"sequence": sequence, "position": receipt.index + 1, "receipt": receipt.to_bytes().decode()}
            for sequence, receipt in enumerate(receipts, 1)
        ]
        return Answer({"subject": subject, "receipts": rows, "waiting": entries - len(rows)})

    @app.get("/v1/applications/{code}/proofs/{sequence}", operation_id="application_proof", tags=["applications"], response_class=Response)
    async def application_proof(code: str, sequence: int) -> Response:
        """The receipt of one entry of an application as a file, which `jejak verify` checks without the city."""
        subject = code_of(code)
        entries, receipts = await _receipts(slot, subject)
        if not 1 <= sequence <= len(receipts):
            raise Refusal("not-yet-signed" if 1 <= sequence <= entries else "not-found")
        headers = {"content-disposition": f'attachment; filename="{subject}-{sequence}.tlog-proof"'}
        return Response(receipts[sequence - 1].to_bytes(), media_type=TEXT, headers=headers)


async def _receipts(slot: LedgerSlot, subject: str) -> tuple[int, list[Receipt]]:
    """Returns how many entries an application has, and the receipts of those that a checkpoint covers."""
    ledger, log = slot.ledger, _log(slot)
    if ledger is None:
        raise Refusal("not-ready")
    rows = await asyncio.to_thread(ledger.history, subject)
    if not rows:
        raise Refusal("unknown-code")
    entries = [(read_entry(row).stamp.position, row) for row in rows]
    try:
        return len(rows), await asyncio.to_thread(log.receipts, entries)
    except ProofError as error:
        raise Refusal("log-absent", error.detail) from None
