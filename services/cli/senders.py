"""`jejak senders`: who may speak in a city, taking the word from one and giving it back, and giving up a number that never comes."""

from typing import Annotated, Any, Literal

import typer

from services.cli.client import asked, client, local_stack, token
from services.cli.stack import DEFAULT_DATA, Data, Lang

Name = Annotated[str, typer.Argument(metavar="NAME", help="The sender.")]
PERSON = "jejak-senders"
LIST_HELP = """Lists who may speak in this city, for which stage and agencies, and who was revoked.

--format json gives {"senders": [...]}, each with name, stage, agencies and revoked.
"""
REVOKE_HELP = """Takes the word from a sender: what comes from it is rejected from here on, also after a restart of the ledger."""
RESTORE_HELP = """Gives a revoked sender its word back, as it was registered last."""
SKIP_HELP = """Gives up a NUMBER of a SENDER in the history of SUBJECT that can never arrive, and has judged what waits behind it.

Only while a later event of that sender waits; look first whether the missing one may still come (docs/how-to/operate.md).
"""


def register(app: typer.Typer) -> None:
    """Adds senders list, revoke, restore and skip."""
    group = typer.Typer(no_args_is_help=True, help="Who may speak, and numbers that never come.", rich_markup_mode=None)
    group.command("list", help=LIST_HELP)(list_senders)
    group.command("revoke", help=REVOKE_HELP)(revoke)
    group.command("restore", help=RESTORE_HELP)(restore)
    group.command("skip", help=SKIP_HELP)(skip)
    app.add_typer(group, name="senders")


def list_senders(
    data: Data = DEFAULT_DATA,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Lists; the text of the help stands in LIST_HELP."""
    from shared.envelope import canonical

    found = _ask(data, "GET", "/v1/senders")
    if form == "json":
        typer.echo(canonical(found))
        return
    for sender in found["senders"]:
        revoked = ("  revoked" if lang == "en" else "  dicabut") if sender["revoked"] else ""
        typer.echo(f"{sender['name']:<24}{sender['stage']:<14}{', '.join(sender['agencies'])}{revoked}")


def revoke(name: Name, data: Data = DEFAULT_DATA, lang: Lang = "id") -> None:
    """Revokes; the text of the help stands in REVOKE_HELP."""
    _ask(data, "POST", f"/v1/senders/{name}/revoke", lang)
    typer.echo(f"{name} may no longer speak." if lang == "en" else f"{name} tidak boleh lagi mengirim.")


def restore(name: Name, data: Data = DEFAULT_DATA, lang: Lang = "id") -> None:
    """Restores; the text of the help stands in RESTORE_HELP."""
    _ask(data, "POST", f"/v1/senders/{name}/restore", lang)
    typer.echo(f"{name} may speak again." if lang == "en" else f"{name} boleh mengirim lagi.")


def skip(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The application's code, or another subject.")],
    sender: Annotated[str, typer.Argument(metavar="SENDER", help="Whose number it is.")],
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The number that never comes.")],
    data: Data = DEFAULT_DATA,
    lang: Lang = "id",
) -> None:
    """Skips; the text of the help stands in SKIP_HELP."""
    _ask(data, "POST", "/v1/skip-number", lang, json={"subject": subject, "sender": sender, "number": number})
    said = f"Number {number} of {sender} is given up." if lang == "en" else f"Nomor {number} dari {sender} dilewati."
    typer.echo(said)


def _ask(data: Data, method: str, path: str, lang: str = "id", **options: Any) -> Any:  # noqa: ANN401 - any JSON value
    stack = local_stack(data)
    with client(stack, "ledger", token(stack, PERSON, "operator")) as operator:
        return asked(operator, method, path, headers={"accept-language": lang}, **options)
