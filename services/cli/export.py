"""`jejak export`: entries of the ledger for who examines them elsewhere."""

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Annotated

import typer

from services.cli.client import local_stack
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data
from services.cli.writing import write_whole

if TYPE_CHECKING:
    from shared.envelope import Entry

BUNDLE_HELP = """Writes a bundle: entries with all that proves them, in one zip file that `jejak verify FILE` checks without the city or a network.

CODE takes one application with its whole history; who holds the code needs no token. --from and --until take all entries of a period by their
positions instead, at most 20,000, for auditors. In the file are the exact entries, a receipt of each (tlog-proof), the signed checkpoint, the
log's public key, the SOP versions, calendars and senders' keys that they rest on with receipts of their own, the states they come to, and index.html to read.
"""

FORM_HELP = {
    "ndjson": """Writes the ledger's entries as they are, one a line: exact bytes, which `jejak audit FILE` reads again.

From the running city, or from a folder with a log's files. Entries hold no personal data: what is personal are salted commitments.
""",
    "xes": """Writes the histories as an XES log (IEEE 1849-2023) for process mining: applications, and cases of imported histories.

A case's events are its entries that stand, at legal time; org:resource is the officer's identity in this one application. From the running
city, a folder with a log's files or an ndjson file.
""",
    "ocel": """Writes the applications' histories as an OCEL 2.0 JSON log for object-centric process mining.

Its objects are applications, agencies, officers (by their identity in one application), permits and charges. From the running city, a folder
with a log's files or an ndjson file.
""",
}

What = Annotated[
    Path | None, typer.Argument(metavar="WHAT", help="A folder with a log's files, or an ndjson file; the running city if none.")
]
Out = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")]
Ledger = Annotated[str, typer.Option("--ledger", metavar="URL", help="Another city's ledger.")]
Token = Annotated[Path | None, typer.Option("--token-file", metavar="FILE", help="With --ledger: an auditor's token.")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="The log's public key (vkey).")]


def register(app: typer.Typer) -> None:
    """Adds export."""
    group = typer.Typer(no_args_is_help=True, help="Entries of the ledger as files.", rich_markup_mode=None)
    group.command("bundle", help=BUNDLE_HELP)(bundle)
    group.command("ndjson", help=FORM_HELP["ndjson"])(ndjson)
    group.command("xes", help=FORM_HELP["xes"])(xes)
    group.command("ocel", help=FORM_HELP["ocel"])(ocel)
    app.add_typer(group, name="export")


def bundle(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="An application's code.")] = None,
    *,
    output: Out,
    first: Annotated[int, typer.Option("--from", metavar="N", min=0, help="First position of a period.")] = 0,
    until: Annotated[int, typer.Option("--until", metavar="N", min=0, help="Last position; the newest signed one if left out.")] = 0,
    data: Data = DEFAULT_DATA,
    ledger: Ledger = "",
    token_file: Token = None,
    key: Key = None,
) -> None:
    """Writes a bundle; the text of the help stands in HELP."""
    from services.cli.bundles import write_application, write_period
    from services.cli.receipts import Receipts
    from services.cli.replay import ledger_client
    from services.cli.verify import log_reader, read_key
    from shared.code import CodeError, parse_code

    if (code is None) != bool(first) or (code is not None and until):
        raise JejakError(USAGE, "A bundle is of one application or of a period.", "Name either a CODE or --from N [--until N].")
    if ledger and key is None:
        raise JejakError(USAGE, "The key of another city's log is not known.", "Name its file with --key FILE.")
    log = read_key(key or local_stack(data).log_verifier_file)
    with log_reader(None, data, ledger, token_file) as (read, _), ledger_client(data, ledger) as reader:
        receipts = Receipts(read, log)
        if code is None:
            typer.echo(write_period(reader, receipts, first, until, output, log))
            return
        try:
            subject = parse_code(code)
        except CodeError:
            raise JejakError(USAGE, f"{code!r} is no application code.", "Compare it with the receipt.") from None
        typer.echo(write_application(reader, receipts, subject, output, log))


def ndjson(what: What = None, *, output: Out, data: Data = DEFAULT_DATA) -> None:
    """Writes entries as they are; the text of the help stands in FORM_HELP."""
    _write(output, (entry.raw + b"\n" for entry in _entries(what, data)))


def xes(what: What = None, *, output: Out, data: Data = DEFAULT_DATA) -> None:
    """Writes XES; the text of the help stands in FORM_HELP."""
    from shared.exporting import xes as written

    # A log has its cases one after the other, the ledger has them mixed: the entries wait in a file, and only their places in memory.
    with TemporaryFile() as kept:
        places = _keep(_entries(what, data), kept)
        _write(output, written((subject, _kept(kept, found)) for subject, found in places.items()))


def ocel(what: What = None, *, output: Out, data: Data = DEFAULT_DATA) -> None:
    """Writes OCEL; the text of the help stands in FORM_HELP."""
    from shared.exporting import ocel as written

    _write(output, written(_entries(what, data)))


def _entries(what: Path | None, data: Path) -> "Iterator[Entry]":
    from services.cli.audit import read_entries
    from services.cli.comparing import progress

    with progress() as bar:
        yield from bar.track(read_entries(what, data), description="export")


def _keep(entries: "Iterable[Entry]", file: IO[bytes]) -> dict[str, "array[int]"]:
    from shared.exporting import is_case

    places: dict[str, array[int]] = {}
    place = 0
    for entry in entries:
        if is_case(entry.subject):
            places.setdefault(entry.subject, array("Q")).append(place)
            place += file.write(entry.raw + b"\n")
    return places


def _kept(file: IO[bytes], places: "array[int]") -> "Iterator[Entry]":
    from shared.envelope import read_entry

    for place in places:
        file.seek(place)
        yield read_entry(file.readline().removesuffix(b"\n"))


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    """Writes a file whole or not at all; raises `JejakError` for an entry that this program does not know."""
    from shared.envelope import ContractError

    try:
        write_whole(file, pieces)
    except ContractError as error:
        raise JejakError(FINDING, f"An entry cannot be read: {error}.", "Update this program.") from None
    typer.echo(f"{file}: {file.stat().st_size:,} bytes")
