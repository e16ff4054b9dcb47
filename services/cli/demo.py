"""`jejak demo`: a whole city from nothing: started, fed with applications through all four stages, one history replayed, all compared."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.drill import drill
from services.cli.errors import FINDING, JejakError
from services.cli.feed import (
    INTERRUPTED,
    SEED,
    SYNTHETIC_COUNT,
    ArrivalsFile,
    Count,
    Outcomes,
    Seed,
    play,
    read_arrivals,
    write_outcomes,
)
from services.cli.feed_text import never_played, print_played
from services.cli.stack import PortBase, print_urls, say, stack_errors

if TYPE_CHECKING:
    from deploy.local.layout import Stack
    from deploy.training.play import Played

ROOT = Path(".jejak")
KEY_CHARACTERS = 8
DIFFERENCES_SHOWN_MAX = 20
STARTING = "start the city"
DRILLING = "take over an old history, lose an event, change a key"
COMPARING = "replay and compare"
PROVING = "verify the ledger's log"

DemoData = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Where the demo's data lies (.jejak/demo-..., a folder for each log).")
]
Once = Annotated[bool, typer.Option("--once", help="Stop when everything is done and compared.")]


def register(app: typer.Typer) -> None:
    """Adds demo."""
    app.command()(demo)


def demo(
    *,
    arrivals: ArrivalsFile = None,
    once: Once = False,
    seed: Seed = SEED,
    count: Count = SYNTHETIC_COUNT,
    data: DemoData = None,
    port_base: PortBase = None,
    outcomes: Outcomes = None,
) -> None:
    """Starts a training city, publishes the catalogue, feeds it applications through all four stages, replays one and compares all.

    With --arrivals the arrival times and channels of a real log are taken, and everything else is played; without it all is synthetic.
    The city's time runs with the feed: months in minutes. Ctrl-C stops everything; the next start finds the data again.
    """
    began = time.monotonic()
    log = read_arrivals(arrivals)
    folder = data or ROOT / (f"demo-{log.sha256[:KEY_CHARACTERS]}" if log else "demo-synthetic")
    seconds: dict[str, float] = {}
    with _city(folder, port_base) as stack:
        seconds[STARTING] = time.monotonic() - began
        print_urls(stack)
        drill(stack)
        seconds[DRILLING] = time.monotonic() - began - seconds[STARTING]
        played = play(stack, log, seed, count)
        seconds |= played.seconds
        write_outcomes(outcomes, played)
        equal = _results(stack, played, seconds, began)
        if not once and equal:
            _wait(stack.url("tracker"))
    # A small count, or a log with few types of permits, need not meet everything.
    missing = never_played(played.types) if log is None and count >= SYNTHETIC_COUNT else []
    if missing:
        raise JejakError(FINDING, f"Types of events that were not played: {', '.join(missing)}.", "Have the training city play them.")
    if played.money.unaccounted:
        raise JejakError(FINDING, "Money is unaccounted for.", "Compare the payments of each day: jejak treasury reconcile.")
    if not equal:
        raise JejakError(FINDING, "A live view differs from its history.", "Look closer with `jejak replay --compare --all`.")


@contextmanager
def _city(folder: Path, port_base: int | None) -> "Iterator[Stack]":
    """Runs a training city while the block lasts; from the first wish to stop on, nothing interrupts its orderly end."""
    with stack_errors():
        from deploy.local import layout
        from deploy.local.foreground import SIGNALS
        from deploy.local.supervisor import City

        stack = layout.prepare(folder, port_base, clock="feed")
        city = City(stack, say=say)
        for number in SIGNALS:
            signal.signal(number, signal.default_int_handler)
        try:
            city.start()
            yield stack
        except KeyboardInterrupt:
            raise JejakError(INTERRUPTED, "Stopped.", "The same command goes on where it stood.") from None
        finally:
            for number in SIGNALS:
                signal.signal(number, _ignore)
            say("Stopping the city ...")
            city.stop()


def _ignore(_number: int, _frame: object) -> None:
    """Takes a signal and does nothing; unlike SIG_IGN it is not handed on to programs started from here."""


def _wait(tracker: str) -> None:
    """Leaves the city running until somebody stops it, which then is the demo's good end."""
    say(f"The city goes on, its time stands still: {tracker} shows it. Ctrl-C stops it.")
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def _results(stack: "Stack", played: "Played", seconds: dict[str, float], began: float) -> bool:
    """Prints one history, the totals, the comparison and the seconds of each phase; returns whether everything is equal."""
    from services.cli.comparing import examine
    from services.cli.proving import prove, show_paper

    _replay_one(stack, played)
    print_played(played)
    started = time.monotonic()
    compared = examine(stack)
    seconds[COMPARING] = time.monotonic() - started
    typer.echo(f"replay equals live view: {compared.equal}/{compared.applications}")
    for item in compared.differences[:DIFFERENCES_SHOWN_MAX]:
        typer.echo(f"  {item.service} {item.subject}: {item.kind}")
    started = time.monotonic()
    prove(stack, played.longest)
    show_paper(stack, *played.held)
    seconds[PROVING] = time.monotonic() - started
    first = played.progress.first_permit_at
    for phase, duration in seconds.items():
        typer.echo(f"{duration:8.1f} s  {phase}")
    typer.echo(f"{first - began:8.1f} s  until the first permit" if first else "       -    no new permit in this run")
    typer.echo(f"{time.monotonic() - began:8.1f} s  in all")
    return not compared.differences


def _replay_one(stack: "Stack", played: "Played") -> None:
    """Replays the permit with the longest way: the one with most rounds, visits and turns."""
    from services.cli.replay import replay

    code = played.longest
    if code:
        replay(code, lang="en", data=stack.data)
        typer.echo(f"Again with: jejak replay {code} --data {stack.data}\n")
