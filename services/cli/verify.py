"""`jejak verify`: the whole log of a ledger checked from outside, or one receipt or bundle without any ledger."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import httpx
import typer

from services.cli.bundles import is_bundle, verify_bundle
from services.cli.client import local_stack, token
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data
from services.cli.witness import read_text
from services.cli.writing import tell_faults, write_whole

if TYPE_CHECKING:
    from shared.proof.keys import VerifierKey
    from shared.proof.witness import Witnesses
    from shared.verifying import Known, Read, Verified

TIMEOUT_SECONDS = 60.0
PDF_BEGINS = b"%PDF-"
# The largest file of a log is a bundle of 256 entries, each with its length.
FILE_BYTES_MAX = 256 * (2 + 65_535)
PAGE_ENTRIES = 250
HELP = """Verifies the ledger's log: the signed checkpoint, the tree over every entry, and that no position, sequence or number is missing.

Without WHAT the log of the city in --data is read over its doors, or that at --ledger with an auditor's token, and so is every entry that
the ledger tells, which has to be the one of the log. WHAT is a folder with the files of a log (checkpoint, tile/...), or, checked without
any ledger, a receipt (.tlog-proof), a bundle of `jejak export bundle` (.zip), or a PDF with receipts attached in it.

Everything is checked against the log's public key: --key names its file; by default it is the one of the city in --data. Get it once from
where you trust it, never from the log itself; a bundle without any other key is checked against its own, and that is said. --witness names
a witness's public key, several times for several: the checkpoint must have the signatures of all of them, or of as many as --quorum says.
--since names a file that keeps what was verified: the next time only later entries are read, and a log that has changed its past since is
found out. Exit code 1 means that something is wrong; what, and where, is told.
"""

What = Annotated[Path | None, typer.Argument(metavar="WHAT", help="A receipt, a bundle, or a folder with a log's files.")]


def register(app: typer.Typer) -> None:
    """Adds verify."""
    app.command(help=HELP)(verify)


def verify(
    what: What = None,
    *,
    data: Data = DEFAULT_DATA,
    ledger: Annotated[str, typer.Option("--ledger", metavar="URL", help="Another city's ledger.")] = "",
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="The log's public key (vkey).")] = None,
    token_file: Annotated[Path | None, typer.Option("--token-file", metavar="FILE", help="With --ledger: an auditor's token.")] = None,
    witness: Annotated[
        list[str] | None, typer.Option("--witness", metavar="VKEY", help="A witness's public key, or its file; several.")
    ] = None,
    quorum: Annotated[
        int | None, typer.Option("--quorum", metavar="K", min=1, help="How many of the witnesses must have signed (all).")
    ] = None,
    since: Annotated[Path | None, typer.Option("--since", metavar="FILE", help="Goes on from what this file keeps, and renews it.")] = None,
) -> None:
    """Verifies a log or a receipt; the text of the help stands in HELP."""
    if what is not None and what.is_file() and is_bundle(what):
        verify_bundle(what, _trusted(key, data))
        return
    log = read_key(key or local_stack(data).log_verifier_file)
    witnesses = read_witnesses(witness or [], quorum)
    if what is not None and what.is_file():
        typer.echo(verify_paper(what, log, witnesses) if is_pdf(what) else verify_receipt(what, log, witnesses))
        return
    with log_reader(what, data, ledger, token_file) as (read, told):
        show(verify_all(read, log, since, witnesses, told))


def _trusted(key: Path | None, data: Path) -> "VerifierKey | None":
    """Returns the key that a bundle is checked against: the one named, else that of the city on this machine, else none."""
    from deploy.local import layout

    stack = None if key else layout.load(data)
    file = key or (stack.log_verifier_file if stack else None)
    return None if file is None else read_key(file)


def read_key(file: Path) -> "VerifierKey":
    """Returns a log's public key out of its file; raises `JejakError`."""
    from shared.proof.errors import ProofError
    from shared.proof.keys import read_verifier

    try:
        return read_verifier(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, ProofError) as error:
        raise JejakError(
            USAGE, f"{file} is not the public key of a log ({type(error).__name__}).", "It is one line: name+id+key; --key names its file."
        ) from None


def read_witnesses(texts: list[str], quorum: int | None) -> "Witnesses":
    """Returns the witnesses that are trusted, and how many must have signed: all, or a quorum of them; raises `JejakError`."""
    from shared.proof.errors import ProofError
    from shared.proof.keys import WITNESS, read_verifier
    from shared.proof.witness import Witnesses

    try:
        keys = tuple(read_verifier(read_text(text).strip()) for text in texts)
    except ProofError as error:
        raise JejakError(USAGE, f"That is not the public key of a witness ({error.detail}).", "It is one line: name+id+key.") from None
    different = len({key.public for key in keys})
    if different < len(keys) or any(key.kind != WITNESS for key in keys):
        raise JejakError(USAGE, "A key is named twice, or is a log's.", "Name each witness once, by its own public key.")
    if quorum is not None and quorum > different:
        raise JejakError(USAGE, f"{quorum} witnesses are asked for, and {different} are named.", "Name more with --witness VKEY.")
    return Witnesses(keys, different if quorum is None else quorum)


# One receipt


def verify_receipt(file: Path, log: "VerifierKey", witnesses: "Witnesses") -> str:
    """Returns a sentence of what a receipt proves; raises `JejakError` when it proves nothing."""
    from shared.proof.receipt import RECEIPT_BYTES_MAX

    with file.open("rb") as opened:
        return _verified(opened.read(RECEIPT_BYTES_MAX + 1), file, log, witnesses)


def is_pdf(file: Path) -> bool:
    """Says whether a file begins as a PDF does."""
    with file.open("rb") as opened:
        return opened.read(len(PDF_BEGINS)) == PDF_BEGINS


def verify_paper(file: Path, log: "VerifierKey", witnesses: "Witnesses") -> str:
    """Returns what the receipts in a PDF prove; raises `JejakError` when there is none or one proves nothing. The signature is not looked at."""
    from services.cli.attached import attached_files

    with file.open("rb") as opened:
        found = attached_files(opened.read(FILE_BYTES_MAX + 1), str(file))
    if not found:
        raise JejakError(FINDING, f"{file} has no receipt in it.", "Ask for the paper again; it has its receipts attached.")
    return "\n".join(_verified(content, file, log, witnesses) for content in found)


def _verified(raw: bytes, file: Path, log: "VerifierKey", witnesses: "Witnesses") -> str:
    from shared.envelope import ContractError, leaf_hash, read_entry
    from shared.proof.errors import ProofError
    from shared.proof.receipt import check_receipt, read_receipt

    try:
        receipt = read_receipt(raw)
        if receipt.extra is None:
            raise ProofError("no-entry", "the receipt does not have its entry with it")
        witnesses.check(receipt.note.to_bytes(), log)
        tree, _, signed_by = check_receipt(receipt, leaf_hash(receipt.extra), log, witnesses.keys)
        entry = read_entry(receipt.extra)
        if entry.stamp.position != receipt.index + 1:
            raise ProofError("wrong-position", f"the entry says position {entry.stamp.position}, the proof {receipt.index + 1}")
    except (ProofError, ContractError) as error:
        raise JejakError(FINDING, f"{file} proves nothing: {error}.", "Get the receipt again, and check whose key you use.") from None
    refused = f", refused: {entry.stamp.refused}" if entry.stamp.refused else ""
    return (
        f"jejak verify: accepted\n"
        f"  entry      {entry.subject}, sequence {entry.stamp.sequence}: {entry.type}{refused}\n"
        f"  entered    {entry.stamp.recordedtime}, position {entry.stamp.position}\n"
        f"  stands in  {tree.origin}, checkpoint of {tree.size} entries{_signers(signed_by)}"
    )


def _signers(witnesses: "Iterable[VerifierKey]") -> str:
    names = ", ".join(key.name for key in witnesses)
    return f"\n  witnessed  {names}" if names else ""


# The whole log


@contextmanager
def log_reader(
    what: Path | None, data: Path, ledger: str = "", token_file: Path | None = None
) -> "Iterator[tuple[Read, Iterable[bytes] | None]]":
    """Gives the function that reads the log's files by their addresses, out of a folder or over the doors of a ledger, and what a ledger tells."""
    if what is not None:
        if not what.is_dir():
            raise JejakError(
                USAGE, f"{what} is neither a receipt nor a folder.", "Name a .tlog-proof file, or a folder with a log's files."
            )
        yield lambda path: _file(what / path), None
        return
    if ledger:
        bearer = token_file.read_text(encoding="utf-8").strip() if token_file else ""
        url = ledger
    else:
        stack = local_stack(data)
        bearer, url = token(stack, "jejak-verify", "auditor"), stack.url("ledger")
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS) as client:
        yield lambda path: _fetched(client, path), _told(client)


def _file(file: Path) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read(FILE_BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _fetched(client: httpx.Client, path: str) -> bytes | None:
    try:
        with client.stream("GET", f"/{path}") as answer:
            content = _bounded(answer)
    except httpx.TransportError as error:
        raise JejakError(
            FINDING, f"{client.base_url} does not answer ({type(error).__name__}).", "Start the city with `jejak up`."
        ) from None
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise JejakError(USAGE, "The entries are for auditors.", "Name a file with an auditor's token: --token-file FILE.")
    if not answer.is_success:
        raise JejakError(FINDING, f"The ledger answered {answer.status_code} to /{path}.", "Its /readyz says what is wrong.")
    return content


def _told(client: httpx.Client) -> "Iterator[bytes]":
    """Yields the entries that a ledger tells services and auditors, in their order."""
    after = 0
    while content := _fetched(client, f"v1/entries?after={after}&limit={PAGE_ENTRIES}"):
        page = content.splitlines()
        yield from page
        after += len(page)


def _bounded(answer: httpx.Response) -> bytes:
    """Returns the content of an answer, and of one that is too large, however it is packed, no more than shows that."""
    parts, size = [], 0
    for part in answer.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > FILE_BYTES_MAX:
            break
    return b"".join(parts)


def verify_all(
    read: "Read", log: "VerifierKey", since: Path | None, witnesses: "Witnesses", told: "Iterable[bytes] | None" = None
) -> "Verified":
    """Verifies a log with a progress bar, from what a file keeps on, which is renewed when all is accepted, and what a ledger tells beside it."""
    from services.cli.comparing import progress
    from shared.told import verify_told
    from shared.verifying import verify_log

    known = _known(since, log)
    with progress() as bar:
        task = bar.add_task("verify", total=None)
        found = verify_log(read, log, known, lambda done, of: bar.update(task, completed=done, total=of), witnesses)
        if told is not None:
            found = verify_told(found, told, read, log, known)
    if since is not None and found.known is not None:
        _keep(since, found.known)
    return found


def _known(since: Path | None, log: "VerifierKey") -> "Known | None":
    from shared.proof.errors import ProofError
    from shared.verifying import read_known

    if since is None or not since.exists():
        return None
    try:
        return read_known(since.read_bytes(), log)
    except ProofError as error:
        raise JejakError(USAGE, f"{since} cannot be gone on from ({error}).", "Verify the whole log into another file.") from None


def _keep(file: Path, known: "Known") -> None:
    write_whole(file, [known.to_bytes()])


def show(found: "Verified", write: Callable[[str], None] = typer.echo) -> None:
    """Writes what a verification found; raises `JejakError` when something is wrong."""
    if found.checkpoint is not None:
        from shared.proof.strict import to_base64

        write(f"checkpoint     {found.checkpoint.origin}, {found.checkpoint.size} entries, root {to_base64(found.checkpoint.root)}")
        for name in found.witnesses:
            write(f"cosigned by    {name}")
    tell_faults(found.faults, found.faults_count, write)
    if found.checkpoint is None or found.faults_count:
        raise JejakError(FINDING, f"The log is not accepted; faults: {found.faults_count}.", "Keep a copy of its files as evidence.")
    new = f" ({found.entries} of them new)" if found.entries < found.checkpoint.size else ""
    write(f"jejak verify: {found.checkpoint.size} entries, all accepted{new}")
