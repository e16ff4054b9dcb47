"""`jejak feed`: gives a running training city its applications and plays everybody in it, through the documented doors only."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, stack_errors

if TYPE_CHECKING:
    from deploy.local.layout import Stack
    from deploy.training.play import Played
    from shared.xes import XesLog

SYNTHETIC_COUNT = 120
SEED = 1
INTERRUPTED = 130

ArrivalsFile = Annotated[
    Path | None, typer.Option("--arrivals", metavar="FILE", help="An XES log, also compressed with gzip, whose arrivals are taken.")
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The same seed and arrivals give every application the same outcome.")]
Count = Annotated[int, typer.Option("--count", metavar="N", min=1, max=100_000, help="How many applications, where no log gives them.")]
Outcomes = Annotated[Path | None, typer.Option("--outcomes", metavar="FILE", help="Writes each arrival, its code and its outcome there.")]


def register(app: typer.Typer) -> None:
    """Adds feed."""
    app.command()(feed)


def feed(
    arrivals: ArrivalsFile = None, seed: Seed = SEED, count: Count = SYNTHETIC_COUNT, outcomes: Outcomes = None, data: Data = DEFAULT_DATA
) -> None:
    """Feeds a running training city with applications and plays applicants and officers, until nobody has anything left to do."""
    from deploy.local import lock
    from services.cli.client import local_stack
    from services.cli.feed_text import print_played

    log = read_arrivals(arrivals)
    stack = local_stack(data)
    if stack.clock != "feed":
        raise JejakError(USAGE, "This city keeps the system's time.", "Start one that takes its time from the feed: `jejak up --training`.")
    if lock.ready_pid(stack) is None:
        raise JejakError(USAGE, f"The city in {data} does not run.", f"Start it with `jejak up --training --data {data}`.")
    try:
        played = play(stack, log, seed, count)
    except KeyboardInterrupt:
        raise JejakError(INTERRUPTED, "The feed was stopped.", "The same command goes on where it stood.") from None
    print_played(played)
    write_outcomes(outcomes, played)


def read_arrivals(file: Path | None) -> "XesLog | None":
    """Reads the log of real arrivals, if one is named."""
    if file is None:
        return None
    from shared.xes import XesError, read_log

    try:
        with file.open("rb") as stream:
            log = read_log(stream)
    except XesError as error:
        raise JejakError(USAGE, f"{file} cannot be read: {error}", "") from error
    except (FileNotFoundError, IsADirectoryError):
        raise JejakError(USAGE, f"There is no file {file}.", "Name an XES log with --arrivals FILE.") from None
    if not log.cases:
        raise JejakError(USAGE, f"{file} holds no cases.", "Name an XES log with --arrivals FILE.")
    return log


def play(stack: "Stack", log: "XesLog | None", seed: int, count: int) -> "Played":
    """Opens the city, plays the arrivals with a progress bar, and returns what became of them."""
    from deploy.local.layout import GATEWAY
    from deploy.training.doors import Doors
    from deploy.training.gateway import Line
    from deploy.training.play import play_all
    from services.cli.client import token
    from services.cli.feed_text import telling
    from shared.kit.tokens import Actor

    def mint(actor: Actor) -> str:
        return token(stack, actor.person, actor.role, actor.agency, actor.systems)

    line = Line(stack.port(GATEWAY), stack.key_file(GATEWAY))

    async def run() -> "Played":
        async with Doors(stack.urls, mint) as doors:
            with telling() as tell:
                return await play_all(doors, log, seed, count, tell, line)

    with training_errors():
        return asyncio.run(run())


@contextmanager
def training_errors() -> Iterator[None]:
    """Turns what the feed says into the end of a command."""
    from deploy.training.doors import TrainingError

    with stack_errors():
        try:
            yield
        except TrainingError as error:
            raise JejakError(FINDING, error.sentence, error.next_step) from error


def write_outcomes(file: Path | None, played: "Played") -> None:
    """Writes what became of each arrival, one a line."""
    if file is not None:
        rows = [f"{key}\t{played.codes[key]}\t{outcome or 'open'}\n" for key, outcome in sorted(played.outcomes.items())]
        file.write_text("arrival\tapplication\toutcome\n" + "".join(rows), encoding="utf-8")
