"""`jejak sop print`: an SOP in the official form that a head of agency signs."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.cli.errors import USAGE, JejakError

HELP = """Prints an SOP in an official form: sop-ap, the SOP administrasi pemerintahan (PermenPANRB 35/2012) with its flowchart, or
standar-pelayanan, the service standard with its 14 components (UU 25/2009).

SOP is a YAML file, or a type of the shipped catalogue with or without its version. What the SOP does not say is a dotted line to fill in
by hand. Demo values are marked. HTML is one file that fetches nothing and prints on A4; PDF is the same bytes for the same SOP.
"""


def add(group: typer.Typer) -> None:
    """Adds print to the commands of sop."""
    group.command("print", help=HELP)(print_form)


def print_form(
    sop: Annotated[str, typer.Argument(metavar="SOP", help="A file, type@version or type.")],
    form: Annotated[Literal["sop-ap", "standar-pelayanan"], typer.Option("--form", help="Which form.")] = "sop-ap",
    kind: Annotated[Literal["html", "pdf"], typer.Option("--format", help="How to write it.")] = "html",
    language: Annotated[Literal["id", "en"], typer.Option("--language", "--lang", help="Language of the form.")] = "id",
    to: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to; else to standard output.")] = None,
) -> None:
    """Prints; the text of the help stands in HELP."""
    from services.cli.sop_named import named_sop
    from shared.web.sop_forms import service_standard, sop_ap

    if kind == "pdf" and to is None and sys.stdout.isatty():
        raise JejakError(USAGE, "A PDF file is no text for a terminal.", "Name a file with -o FILE.")
    made = (sop_ap if form == "sop-ap" else service_standard)(named_sop(sop), language)
    if kind == "pdf":
        from shared.web.sop_pdf import pdf

        content = pdf(made)
    else:
        from shared.web.sop_html import html

        content = html(made).encode()
    _write(content, to)


def _write(content: bytes, to: Path | None) -> None:
    if to is None:
        typer.echo(content, nl=False)
        return
    try:
        to.write_bytes(content)
    except (FileNotFoundError, IsADirectoryError):
        raise JejakError(USAGE, f"{to} cannot be written.", "Name a file in a folder that is there.") from None
    typer.echo(f"{to}: {len(content)} bytes", err=True)
