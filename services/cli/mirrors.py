"""`jejak mirrors`: how well each national system of record is mirrored, measured from the ledger."""

from typing import Annotated, Literal

import typer

from services.cli.stack import DEFAULT_DATA, Data, Lang

HELP = """Measures the mirrors of national systems (OSS, SIMBG, MPP Digital) from the ledger's entries, one line a system.

How many applications of its types there are, how many of them are mirrored, the median of the minutes from the moment that the national
system names to the entry here, and where the two differ: national-ahead, ours-ahead, other-outcome.

--format json gives {"mirrors": [{"system", "applications", "mirrored", "statuses", "lag_minutes_median", "divergences"}]}.
"""


def register(app: typer.Typer) -> None:
    """Adds mirrors."""
    app.command(help=HELP)(mirrors)


def mirrors(
    *,
    data: Data = DEFAULT_DATA,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Measures; the text of the help stands in HELP."""
    from dataclasses import asdict

    from services.cli.histories import folded
    from shared.agencies import party_name
    from shared.envelope import canonical
    from shared.mirrors import DIVERGENCES, mirroring

    found = mirroring(folded(data, "jejak-mirrors").cases.values())
    if form == "json":
        typer.echo(canonical({"mirrors": [asdict(item) for item in found]}))
        return
    for item in found:
        lag = f"{item.lag_minutes_median // 60} h {item.lag_minutes_median % 60:02d} min"
        words = ("mirrored", "median lag") if lang == "en" else ("tercermin", "jeda tengah")
        typer.echo(f"{party_name(item.system)[lang]}: {item.mirrored}/{item.applications} {words[0]}, {words[1]} {lag}")
        for kind, number in item.divergences.items():
            if number:
                typer.echo(f"  {number}  {DIVERGENCES[kind][lang == 'en']}")
