"""`jejak audit`: what an auditor looks for in a ledger's histories, found by rules and put as questions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

if TYPE_CHECKING:
    from shared.auditing.auditor import Report
    from shared.envelope import Entry

SHOWN_MAX = 10
LINE_BYTES_MAX = 65_535
HELP = """Audits the histories of a ledger: of the running city, of a folder with a log's files (checkpoint, tile/...), or of an ndjson file.

A finding has a code, the entries it is about (application and sequence), a sentence, and what to ask; it accuses nobody. not-conforming: an
entry stands that the pinned SOP refuses. four-eyes: drafter and signer are one person. within-seconds, just-before-deadline, after-hours:
approvals by people at such times; what a rule did is left out. queue-jump: done before others that had waited longer. claimed-time-far: a
sender's time is far from legal time. one-officer-both-roles: in an imported history one officer did both activities of --roles.

Beside the findings stand figures: who had applications how long, rates by unit with their 95 % interval (Wilson), and tricks with time.

--format json gives {"entries", "applications", "partial", "counts", "findings", "custody", "rates", "tricks"}; rates are per thousand. The
folder's entries are taken as they are: `jejak verify` says whether they are those that were signed.
"""

What = Annotated[
    Path | None, typer.Argument(metavar="WHAT", help="A folder with a log's files, or an ndjson file; the running city if none.")
]


def register(app: typer.Typer) -> None:
    """Adds audit."""
    app.command(help=HELP)(audit)


def audit(
    what: What = None,
    *,
    roles: Annotated[str, typer.Option("--roles", metavar="A,B", help="Beginnings of two activities of an imported history.")] = "T02,T04",
    code: Annotated[str, typer.Option("--code", metavar="CODE", help="Findings of this code only, all of them.")] = "",
    data: Data = DEFAULT_DATA,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Audits; the text of the help stands in HELP."""
    from services.cli.comparing import progress
    from shared.auditing.auditor import audit as run
    from shared.auditing.findings import WORDINGS
    from shared.envelope import ContractError, canonical

    first, _, second = roles.partition(",")
    if not first or not second or "," in second:
        raise JejakError(USAGE, f"{roles!r} does not name two activities.", "Write --roles A,B, for example --roles T02,T04.")
    if code and code not in WORDINGS:
        raise JejakError(USAGE, f"There are no findings of the code {code!r}.", f"Choose one of: {', '.join(WORDINGS)}.")
    try:
        with progress() as bar:
            report = run(bar.track(read_entries(what, data), description="audit"), roles=(first, second))
    except ContractError as error:
        raise JejakError(FINDING, f"An entry cannot be read: {error}.", "Verify the log with `jejak verify`.") from None
    if form == "json":
        typer.echo(canonical(report_json(report, code)))
    else:
        _print(report, code, lang)


def read_entries(what: Path | None, data: Path) -> "Iterator[Entry]":
    """Yields the entries of a city, a folder of a log or an ndjson file, one after the other; raises `JejakError`."""
    if what is None:
        from services.cli.histories import ledger_entries

        return ledger_entries(data, "jejak-audit")
    if what.is_dir():
        return _folder(what)
    if not what.is_file():
        raise JejakError(USAGE, f"There is no {what}.", "Name a folder with a log's files, or an ndjson file.")
    return _lines(what)


def _lines(file: Path) -> "Iterator[Entry]":
    from shared.envelope import ContractError, read_entry

    with file.open("rb") as opened:
        number = 0
        while line := opened.readline(LINE_BYTES_MAX + 2):
            number += 1
            try:
                yield read_entry(line.removesuffix(b"\n"))
            except ContractError:
                raise JejakError(
                    FINDING, f"{file}, line {number}: no entry of a ledger.", "Export it again: `jejak export ndjson`."
                ) from None


def _folder(folder: Path) -> "Iterator[Entry]":
    from services.cli.verify import log_reader
    from shared.envelope import ContractError, read_entry
    from shared.proof.checkpoint import read_checkpoint
    from shared.proof.errors import ProofError
    from shared.proof.note import read_note
    from shared.proof.tile import bundles_of, read_tile, split_entries

    with log_reader(folder, folder) as (read, _):
        try:
            size = read_checkpoint(read_note(read("checkpoint") or b"").text).size
            for bundle in bundles_of(size):
                entries = split_entries(read_tile(read, bundle) or b"", bundle.width)
                yield from (read_entry(raw) for raw in entries)
        except (ProofError, ContractError) as error:
            raise JejakError(FINDING, f"{folder} is no whole log: {error}.", "Verify it with `jejak verify`.") from None


def report_json(report: "Report", code: str = "") -> dict[str, Any]:
    """Returns an audit as JSON has it."""
    from shared.auditing.findings import finding_json

    return {
        "entries": report.entries,
        "applications": report.applications,
        "partial": report.partial,
        "counts": dict(Counter(found.code for found in report.findings)),
        "findings": [finding_json(found) for found in report.findings if code in ("", found.code)],
        "custody": [item._asdict() for item in report.custody],
        "rates": [item._asdict() for item in report.rates],
        "tricks": [
            {"trick": name, "agency": agency, "step": step, "count": count} for (name, agency, step), count in sorted(report.tricks.items())
        ],
    }


def _print(report: "Report", code: str, lang: Literal["id", "en"]) -> None:
    from services.cli.replay_text import console

    out = console()
    english = lang == "en"
    words = "entries, {} applications, {} findings" if english else "catatan, {} permohonan, {} temuan"
    out.print(f"{report.entries} {words.format(report.applications, len(report.findings))}", highlight=False)
    for name, count in Counter(found.code for found in report.findings).items():
        if code not in ("", name):
            continue
        out.print(f"\n[bold]{name}[/] ({count})", highlight=False)
        chosen = [found for found in report.findings if found.code == name]
        for found in chosen if code else chosen[:SHOWN_MAX]:
            places = ", ".join(map(str, found.sequences))
            out.print(f"  {found.subject} #{places}: {found.sentence(lang)}", highlight=False, markup=False)
        if count > SHOWN_MAX and not code:
            more = f"and {count - SHOWN_MAX} more: --code {name}" if english else f"dan {count - SHOWN_MAX} lagi: --code {name}"
            out.print(f"  ... {more}", highlight=False)
        out.print(f"  {'Ask' if english else 'Tanyakan'}: {chosen[0].ask(lang)}", highlight=False, markup=False)
    if not code:
        _print_figures(report, english)


def _print_figures(report: "Report", english: bool) -> None:
    from shared.agencies import party_name

    lang = "en" if english else "id"
    custody = ("party", "applications", "office hours", "alone") if english else ("pihak", "permohonan", "jam kerja", "sendiri")
    rates = ("unit", "step", "what", "times", "of", "%", "95 %") if english else ("unit", "langkah", "apa", "kali", "dari", "%", "95 %")
    _table(
        custody,
        (
            (party_name(item.party)[lang], f"{item.applications}", f"{item.working_minutes // 60}", f"{item.alone_minutes // 60}")
            for item in report.custody
        ),
    )
    _table(
        rates,
        (
            (
                item.agency,
                item.step,
                item.what,
                f"{item.times}",
                f"{item.of}",
                _percent(item.per_thousand),
                f"{_percent(item.low)}-{_percent(item.high)}",
            )
            for item in report.rates
        ),
    )


def _percent(per_thousand: int) -> str:
    return f"{per_thousand // 10}.{per_thousand % 10}"


def _table(titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from services.cli.replay_text import console

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        table.add_column(title)
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console().print(table)
