"""What the demo shows of the ledger's proofs: the signed checkpoint, one receipt checked without the city, and the whole log verified."""

import time
from typing import TYPE_CHECKING

import httpx
import typer

from services.cli.client import asked, client, local_stack
from services.cli.errors import FINDING, JejakError
from services.cli.verify import log_reader, read_key, read_witnesses, show, verify_all, verify_receipt

if TYPE_CHECKING:
    from deploy.local.layout import Stack

VERIFIER = "witness.vkey"
SIGNED_SECONDS_MAX = 30.0
POLL_SECONDS = 0.2


def prove(stack: "Stack", code: str) -> None:
    """Prints checkpoint, receipt and verdict; raises `JejakError` when anything is not accepted."""
    log = read_key(local_stack(stack.data).log_verifier_file)
    files = [str(stack.witness_folder(name) / VERIFIER) for name in stack.witnesses]
    witnesses = read_witnesses(files, None)
    with client(stack, "ledger") as ledger:
        _await_signature(ledger)
        typer.echo(ledger.get("/checkpoint").text)
        if code:
            receipts = asked(ledger, "GET", f"/v1/applications/{code}/proofs")["receipts"]
            file = stack.data / f"{code}-{len(receipts)}.tlog-proof"
            file.write_text(receipts[-1]["receipt"], encoding="utf-8")
            typer.echo(verify_receipt(file, log, witnesses))
            options = "".join(f" --witness {name}" for name in files)
            typer.echo(f"Again, without the city: jejak verify {file} --key {stack.log_verifier_file}{options}\n")
    with log_reader(None, stack.data) as (read, told):
        show(verify_all(read, log, None, witnesses, told))


def _await_signature(ledger: httpx.Client) -> None:
    """Waits until a checkpoint that covers all entries is signed, by the witnesses too, which takes seconds."""
    deadline = time.monotonic() + SIGNED_SECONDS_MAX
    while True:
        health = asked(ledger, "GET", "/readyz")
        if health["log"]["published"] == health["position"]:
            return
        if time.monotonic() > deadline or health["log"]["stopped"]:
            raise JejakError(
                FINDING,
                "The ledger has not signed all its entries, or its witnesses have not.",
                health["log"]["stopped"] or "Look at its log.",
            )
        time.sleep(POLL_SECONDS)
