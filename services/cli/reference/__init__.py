"""The hidden command that writes docs/reference from the code, or says where the two differ."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import FINDING, USAGE, JejakError

DEFAULT_FOLDER = Path("docs") / "reference"


def register(app: typer.Typer) -> None:
    """Adds reference."""
    app.command(hidden=True)(reference)


def reference(
    *,
    write: Annotated[bool, typer.Option("--write", help="Write the pages.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Say which pages differ from the code; exit 1 when one does.")] = False,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the pages lie.", show_default=True)] = DEFAULT_FOLDER,
) -> None:
    """Writes the generated pages of docs/reference, or checks that they are what the code says."""
    if write == check:
        raise JejakError(USAGE, "Say either --write or --check.")
    from services.cli.reference import pages

    made = pages.pages()
    if write:
        for name, text in made.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        typer.echo(f"{len(made)} pages written to {folder}.", err=True)
        return
    stale = [name for name, text in made.items() if not _is(folder / name, text)]
    for name in stale:
        typer.echo(folder / name)
    if stale:
        raise JejakError(FINDING, f"{len(stale)} pages of {folder} are not what the code says.", "Run: jejak reference --write")


def _is(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text
