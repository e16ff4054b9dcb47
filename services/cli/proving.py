"""What the demo shows of the ledger's proofs: checkpoint, a receipt, a bundle and a permit's paper checked offline, the whole log verified, an audit."""

import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import typer

from services.cli.bundles import verify_bundle, write_application
from services.cli.client import asked, client, local_stack, token
from services.cli.errors import FINDING, JejakError
from services.cli.histories import ledger_entries
from services.cli.receipts import Receipts
from services.cli.verify import log_reader, read_key, read_witnesses, show, verify_all, verify_paper, verify_receipt
from shared.auditing.auditor import audit
from shared.auditing.findings import CONFORMANCE

if TYPE_CHECKING:
    from deploy.local.layout import Stack
    from shared.proof.keys import VerifierKey

VERIFIER = "witness.vkey"
SIGNED_SECONDS_MAX = 30.0
POLL_SECONDS = 0.2


def prove(stack: "Stack", code: str) -> None:
    """Prints checkpoint, receipt and verdict; raises `JejakError` when anything is not accepted."""
    log = read_key(local_stack(stack.data).log_verifier_file)
    files = _witness_files(stack)
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
            _bundle(stack, ledger, code, log)
    with log_reader(None, stack.data) as (read, told):
        show(verify_all(read, log, None, witnesses, told))
    _audit(stack)


def show_paper(stack: "Stack", code: str, holder: str) -> None:
    """Takes a permit's paper as its holder does, checks the proofs in it, and asks whether it is valid; raises `JejakError`."""
    if not code:
        return
    file = stack.data / f"{code}.pdf"
    with client(stack, "intake", token(stack, holder, "applicant")) as intake:
        answer = intake.get(f"/v1/applications/{code}/permit.pdf")
    if not answer.is_success:
        raise JejakError(FINDING, f"The paper of {code} was not given: {answer.json()['title']}", answer.json()["detail"])
    file.write_bytes(answer.content)
    typer.echo(f"\nThe permit as its holder has it: {file} ({len(answer.content)} bytes)")
    typer.echo(verify_paper(file, read_key(stack.log_verifier_file), read_witnesses(_witness_files(stack), None)))
    with client(stack, "tracker") as tracker:
        found = asked(tracker, "GET", f"/v/{code}.json")
    typer.echo(f"{stack.url('tracker')}/v/{code}: {found['sentence']['en']}")


def _witness_files(stack: "Stack") -> list[str]:
    return [str(stack.witness_folder(name) / VERIFIER) for name in stack.witnesses]


def _bundle(stack: "Stack", ledger: httpx.Client, code: str, log: "VerifierKey") -> None:
    """Exports the application's bundle, and checks it from the file alone."""
    file = stack.data / f"{code}.zip"
    with log_reader(None, stack.data) as (read, _):
        typer.echo(write_application(ledger, Receipts(read, log), code, file, log))
    verify_bundle(file, log)
    typer.echo("")


def _audit(stack: "Stack") -> None:
    """Audits all histories; raises `JejakError` when an entry stands that the rules of its day refuse."""
    report = audit(ledger_entries(stack.data, "jejak-audit"))
    counts = Counter(found.code for found in report.findings)
    asked = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
    typer.echo(f"jejak audit: {report.entries} entries of {report.applications} applications; to ask about: {asked or 'nothing'}")
    if broken := [found for found in report.findings if found.code in CONFORMANCE]:
        raise JejakError(FINDING, f"{broken[0].subject}: {broken[0].sentence('en')}", "Run `jejak audit`.")


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
