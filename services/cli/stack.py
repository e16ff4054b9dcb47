"""The commands that start, stop, serve and examine a city on this machine."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.errors import FINDING, USAGE, JejakError

if TYPE_CHECKING:
    from deploy.local.layout import Stack

STOP_SECONDS = 120.0
SERVICES = ("catalogue", "inspection", "intake", "issuance", "ledger", "tracker", "treasury", "verification")

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="Where the city's data lies.", show_default=True)]
As = Annotated[str, typer.Option("--as", metavar="NAME", help="Who acts; the local stack signs in for them.")]
Version = Annotated[str, typer.Argument(metavar="TYPE@VERSION", help="The version.")]
Lang = Annotated[Literal["id", "en"], typer.Option("--lang", help="Language of the text.")]
PortBase = Annotated[int | None, typer.Option("--port-base", metavar="N", help="First of the city's 25 ports (8400).")]
DEFAULT_DATA = Path(".jejak") / "city"


def register(app: typer.Typer) -> None:
    """Adds up, down, serve and doctor."""
    app.command()(up)
    app.command()(down)
    app.command()(serve)
    app.command()(doctor)


def up(
    data: Data = DEFAULT_DATA,
    port_base: PortBase = None,
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Go on in the background; `jejak down` stops it.")] = False,
    training: Annotated[bool, typer.Option("--training", help="A training city: its time comes from the feed.")] = False,
) -> None:
    """Starts a city on this machine: PostgreSQL, Kafka and every service; Ctrl-C stops it."""
    with stack_errors():
        from deploy.local import foreground, layout

        stack = layout.prepare(data, port_base, clock="feed" if training else None)
        if detach:
            foreground.detach(stack, say)
        else:
            foreground.run(stack, say, lambda: print_urls(stack))
            return
    print_urls(stack)


def down(data: Data = DEFAULT_DATA) -> None:
    """Stops the city in a folder, also what a killed run left behind."""
    with stack_errors():
        from deploy.local import foreground, layout

        stack = layout.load(data)
        if stack is None:
            raise JejakError(USAGE, f"There is no city in {data}.", "Name its folder with --data DIR.")
        ended = foreground.stop(stack, STOP_SECONDS)
    say("The city is stopped." if ended else "Nothing was running.")


def serve(
    service: Annotated[str, typer.Argument(help=f"One of: {', '.join(SERVICES)}.")],
    sender: Annotated[str | None, typer.Option("--sender", metavar="NAME", help="Under which sender's name it speaks.")] = None,
) -> None:
    """Runs one service in this process, with the settings of the environment (JEJAK_...)."""
    if service not in SERVICES:
        raise JejakError(USAGE, f"There is no service {service!r}.", f"Choose one of: {', '.join(SERVICES)}.")
    os.environ["JEJAK_SERVICE"] = service
    if sender is not None:
        os.environ["JEJAK_SENDER"] = sender
    from shared.kit.settings import SettingsError

    try:
        importlib.import_module(f"services.{service}.app").run()
    except SettingsError as error:
        raise JejakError(USAGE, str(error)) from error


def doctor(data: Data = DEFAULT_DATA, port_base: PortBase = None) -> None:
    """Examines this machine and the city in a folder; says what to do about each thing that is wrong."""
    with stack_errors():
        from deploy.local import doctor as examination

        checks = examination.examine(data, port_base)
    for check in checks:
        mark = "ok  " if check.good else "BAD "
        typer.echo(f"{mark}  {check.name:<22} {check.found}")
        if not check.good:
            typer.echo(f"      {'':<22} {check.next_step}")
    if not all(check.good for check in checks):
        raise typer.Exit(FINDING)


def say(text: str) -> None:
    """Tells a person how it goes, beside the data on standard output."""
    typer.echo(text, err=True)


def print_urls(stack: "Stack") -> None:
    """Prints where each service listens, one a line."""
    for name, url in stack.urls.items():
        typer.echo(f"{name:<14} {url}")
    sys.stdout.flush()


@contextmanager
def stack_errors() -> Iterator[None]:
    """Turns what the local stack says into the end of a command."""
    from deploy.local.errors import StackError

    try:
        yield
    except StackError as error:
        raise JejakError(USAGE, error.sentence, error.next_step) from error
