"""`jejak treasury`: a day's payments compared with the bank's statement, and what waits in suspense."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from services.cli.client import asked, client, command_headers, local_stack, token
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

Form = Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")]
PERSON = "jejak-treasury"
AGENCY = "bpkad"
RECONCILE_HELP = """Compares a day's payments in the ledger with the bank's statement, and closes the day with an entry of counts and sums.

Without --statement the payment gateway is asked; a file is CSV with the columns receipt,charge,amount_rupiah,paid_on,channel. Each
difference comes with what to do; what only the bank knows is recorded from the statement, so a second comparison finds it. Exit code 1
says that there are differences.
"""
SUSPENSE_HELP = """Lists the notices of payments that wait for somebody: money under a number that nobody knows, receipts that differ."""
TITLES = {
    "matched": ("cocok", "matched"),
    "missing_here": ("belum tercatat di sini", "missing here"),
    "missing_there": ("tidak ada di bank", "missing at the bank"),
    "differing": ("jumlah berbeda", "amounts differ"),
    "suspended": ("di daftar titipan", "in suspense"),
}


def register(app: typer.Typer) -> None:
    """Adds treasury reconcile and suspense."""
    group = typer.Typer(no_args_is_help=True, help="Payments against the bank, day by day.", rich_markup_mode=None)
    group.command("reconcile", help=RECONCILE_HELP)(reconcile)
    group.command("suspense", help=SUSPENSE_HELP)(suspense)
    app.add_typer(group, name="treasury")


def reconcile(
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="The day to compare.")],
    statement: Annotated[Path | None, typer.Option("--statement", metavar="FILE", help="The bank's statement of that day.")] = None,
    data: Data = DEFAULT_DATA,
    form: Form = "text",
    lang: Lang = "id",
) -> None:
    """Compares; the text of the help stands in RECONCILE_HELP."""
    body = {"day": day, **({"statement": _read(statement)} if statement else {})}
    found = _ask(data, "POST", "/v1/reconciliations", lang, json=body)
    if form == "json":
        _print_json(found)
    else:
        which = ("id", "en").index(lang)
        for kind, sums in found["sums"].items():
            typer.echo(f"{sums['count']:>6}  {_rupiah(sums['rupiah']):>20}  {TITLES[kind][which]}")
        for line in found["lines"]:
            typer.echo(f"{line['receipt']}  {line['charge']}  {_rupiah(line['rupiah'])}: {line['found'][lang]} {line['to_do'][lang]}")
    if not found["clean"]:
        raise typer.Exit(FINDING)


def suspense(data: Data = DEFAULT_DATA, form: Form = "text", lang: Lang = "id") -> None:
    """Lists; the text of the help stands in SUSPENSE_HELP."""
    found = _ask(data, "GET", "/v1/suspense", lang)
    if form == "json":
        _print_json(found)
        return
    for item in found["suspense"]:
        typer.echo(f"{item['id']}  {item['charge'] or '-'}  {_rupiah(item['amount_rupiah'])}: {item['to_do'][lang]}")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise JejakError(USAGE, f"There is no file {file}.", "Name the bank's statement with --statement FILE.") from None
    except UnicodeDecodeError:
        raise JejakError(USAGE, f"{file} is no text in UTF-8.", "Save it as CSV in UTF-8.") from None


def _rupiah(amount: int) -> str:
    from shared.web.formats import rupiah

    return rupiah(amount)


def _print_json(found: Any) -> None:  # noqa: ANN401 - any JSON value
    from shared.envelope import canonical

    typer.echo(canonical(found))


def _ask(data: Data, method: str, path: str, lang: str, **options: Any) -> Any:  # noqa: ANN401 - any JSON value
    stack = local_stack(data)
    with client(stack, "treasury", token(stack, PERSON, "treasurer", AGENCY)) as treasurer:
        return asked(treasurer, method, path, headers=command_headers(lang), **options)
