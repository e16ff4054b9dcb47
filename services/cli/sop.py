"""`jejak sop`: permit types as data, read, compared and printed without a running city."""

import typer

from services.cli import sop_diff, sop_print


def register(app: typer.Typer) -> None:
    """Adds the commands of sop."""
    group = typer.Typer(no_args_is_help=True, help="Permit types as data: compared and printed.", rich_markup_mode=None)
    sop_diff.add(group)
    sop_print.add(group)
    app.add_typer(group, name="sop")
