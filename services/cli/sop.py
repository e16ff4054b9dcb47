"""`jejak sop`: what can be asked of SOPs without a running city."""

import typer

from services.cli import sop_estimate, sop_simulate


def register(app: typer.Typer) -> None:
    """Adds the commands on SOPs."""
    group = typer.Typer(help="Simulates SOPs on past applications, and estimates.", no_args_is_help=True, rich_markup_mode=None)
    sop_simulate.add(group)
    sop_estimate.add(group)
    app.add_typer(group, name="sop")
