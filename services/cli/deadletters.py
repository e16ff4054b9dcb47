"""`jejak dead-letters`: what the services could not apply, and driving a held application again."""

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

import typer

from services.cli.client import asked, client, local_stack, token
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

if TYPE_CHECKING:
    from deploy.local.layout import Stack

LIST_HELP = """Lists the dead letters of every service: what could not be applied, and why. Ends with 1 while one waits to be solved.

--format json gives {"dead_letters": [...]}, each with service, id, origin (topic and offset, or ledger position), subject (empty: an
undecodable record), code, detail, bytes, created and solved (empty while it waits).
"""
REDRIVE_HELP = """Drives a held application of a SERVICE again, once its cause is mended: folds it anew and releases it."""


def register(app: typer.Typer) -> None:
    """Adds dead-letters list and dead-letters redrive."""
    group = typer.Typer(no_args_is_help=True, help="What could not be applied, and driving it again.", rich_markup_mode=None)
    group.command("list", help=LIST_HELP)(list_letters)
    group.command("redrive", help=REDRIVE_HELP)(redrive)
    app.add_typer(group, name="dead-letters")


def list_letters(
    data: Data = DEFAULT_DATA,
    service: Annotated[str, typer.Option("--service", metavar="NAME", help="Of this service only.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="The solved ones as well.")] = False,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Lists; the text of the help stands in LIST_HELP."""
    from shared.envelope import canonical

    stack = local_stack(data)
    names = [_known(stack, service)] if service else list(stack.services)
    found = [{"service": name, **letter} for name in names for letter in _letters(stack, name) if everything or not letter["solved"]]
    if form == "json":
        typer.echo(canonical({"dead_letters": found}))
    else:
        _print(found, lang)
    if any(not letter["solved"] for letter in found):
        raise typer.Exit(FINDING)


def redrive(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service that holds it.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The application's code.")],
    data: Data = DEFAULT_DATA,
    lang: Lang = "id",
) -> None:
    """Drives again; the text of the help stands in REDRIVE_HELP."""
    stack = local_stack(data)
    bearer = token(stack, "jejak-dead-letters", "operator")
    with client(stack, _known(stack, service), bearer) as operator:
        path = f"/v1/dead-letters/{quote(subject, safe='')}/redrive"
        answer = operator.post(path, headers={"accept-language": lang})
        if answer.status_code == 404:  # noqa: PLR2004 - not found
            raise JejakError(FINDING, f"{service} does not hold {subject}.", "See `jejak dead-letters list`.")
        if answer.status_code == 409:  # noqa: PLR2004 - tried, and still impossible
            raise JejakError(FINDING, f"{subject} still cannot be applied.", f"The reason stands in {stack.log(service)}.")
        if not answer.is_success:
            raise JejakError(FINDING, f"{service} answered {answer.status_code}.", "Look at its log, or run `jejak doctor`.")
    typer.echo(f"{subject} is released." if lang == "en" else f"{subject} dilepas.")


def _known(stack: "Stack", service: str) -> str:
    if service not in stack.services:
        raise JejakError(USAGE, f"This city has no service {service!r}.", f"Choose one of: {', '.join(stack.services)}.")
    return service


def _letters(stack: "Stack", name: str) -> list[dict[str, Any]]:
    with client(stack, name, token(stack, "jejak-dead-letters", "operator")) as operator:
        found: list[dict[str, Any]] = asked(operator, "GET", "/v1/dead-letters")["dead_letters"]
        return found


def _print(found: list[dict[str, Any]], lang: str) -> None:
    from datetime import datetime

    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from services.cli.replay_text import city_time, console
    from shared.refusals import REFUSALS, explain

    out, english = console(), lang == "en"
    if not found:
        out.print("No dead letters." if english else "Tidak ada surat mati.")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("Service", "Since (WIB)", "Subject", "What", "From") if english else ("Layanan", "Sejak (WIB)", "Subjek", "Apa", "Asal"):
        table.add_column(name, overflow="fold")
    for letter in found:
        code = letter["code"]
        sentence = explain(code, lang)[0] if code in REFUSALS else code
        what = f"{sentence} [dim]{escape(code)} {escape(letter['detail'])}[/]"
        solved = (" [green]solved[/]" if english else " [green]selesai[/]") if letter["solved"] else ""
        since = city_time(datetime.fromisoformat(letter["created"]))
        table.add_row(letter["service"], since, escape(letter["subject"]) or "-", what + solved, escape(letter["origin"]))
    out.print(table)
