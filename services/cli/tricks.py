"""`jejak tricks`: the known tricks with time, counted from the ledger by agency and step."""

from typing import Annotated, Literal

import typer

from services.cli.stack import DEFAULT_DATA, Data, Lang

HELP = """Counts the known tricks with time from the ledger's entries: by agency and step, never by person.

late-correction: a correction was asked for in the last tenth of a step's time. second-look: a review asked again for what it had accepted,
with the head's recorded reason. parking: nobody touched a step, and then it was done right at its limit. A count accuses nobody.

--format json gives {"applications": n, "tricks": [{"trick", "agency", "step", "count"}]}.
"""


def register(app: typer.Typer) -> None:
    """Adds tricks."""
    app.command(help=HELP)(tricks)


def tricks(
    *,
    data: Data = DEFAULT_DATA,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Counts; the text of the help stands in HELP."""
    from services.cli.histories import folded
    from shared.envelope import canonical
    from shared.tricks import count

    folding = folded(data, "jejak-tricks")
    found = sorted(count(folding.cases.values(), folding.city.calendar).items())
    if form == "json":
        rows = [{"trick": name, "agency": agency, "step": step, "count": number} for (name, agency, step), number in found]
        typer.echo(canonical({"applications": len(folding.cases), "tricks": rows}))
        return
    _print(found, lang)


def _print(found: list[tuple[tuple[str, str, str], int]], lang: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from services.cli.replay_text import console
    from shared.agencies import short_name
    from shared.tricks import TRICKS

    out = console()
    if not found:
        out.print("None was found." if lang == "en" else "Tidak ada yang ditemukan.")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("trick", "agency", "step", "count") if lang == "en" else ("siasat", "instansi", "langkah", "jumlah"):
        table.add_column(title, justify="right" if title in ("count", "jumlah") else "left")
    for (name, agency, step), number in found:
        table.add_row(TRICKS[name][lang == "en"], short_name(agency)[lang], step, str(number))
    out.print(table)
