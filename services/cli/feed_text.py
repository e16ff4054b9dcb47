"""What the feed tells a person: a bar on standard error while it runs, figures on standard output when it is done."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli.replay_text import console
from shared.calendar import WIB

if TYPE_CHECKING:
    from deploy.training import feed
    from deploy.training.money import Money
    from deploy.training.play import Played

LINE_EVERY_SECONDS: Final = 10.0
OPEN_SHOWN_MAX: Final = 20
COLUMNS: Final = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("{task.fields[city]}"),
    TimeElapsedColumn(),
)


@contextmanager
def telling() -> Iterator[Callable[[str, "feed.Progress | None"], None]]:
    """Shows how far the feed is: a bar in a terminal, elsewhere a line now and then."""
    out = console(to_stderr=True)
    if not out.is_terminal:
        yield _lines()
        return
    with Progress(*COLUMNS, console=out, transient=True) as bar:
        task = bar.add_task("", total=None, city="")

        def tell(what: str, progress: "feed.Progress | None") -> None:
            if progress is None:
                bar.update(task, description=what)
            else:
                bar.update(task, description=what, total=progress.arrivals, completed=progress.ended, city=_city(progress))

        yield tell


def _lines() -> Callable[[str, "feed.Progress | None"], None]:
    last = 0.0

    def tell(what: str, progress: "feed.Progress | None") -> None:
        nonlocal last
        if progress is None:
            typer.echo(f"{what} ...", err=True)
        elif time.monotonic() - last >= LINE_EVERY_SECONDS:
            last = time.monotonic()
            typer.echo(f"{what}: {progress.ended} of {progress.arrivals} ended; {_city(progress)}", err=True)

    return tell


def _city(progress: "feed.Progress") -> str:
    day = f"{progress.now.astimezone(WIB):%d %b %Y %H:%M}" if progress.now else ""
    return f"{progress.submitted} submitted, city time {day}"


def print_played(played: "Played") -> None:
    """Prints what became of the arrivals, and what happened on the way."""
    from deploy.training.summary import outcomes_digest

    progress = played.progress
    typer.echo(played.label)
    if played.nothing_new:
        typer.echo("Everything was done already; nothing was added.")
    typer.echo(played.summary.totals())
    for sentence in played.summary.waiting[:OPEN_SHOWN_MAX]:
        typer.echo(f"     open  {sentence}")
    for name, count in played.summary.occurred.items():
        typer.echo(f"  {count:>7,}  {name}")
    typer.echo(f"  {progress.saved_first:>7,}  saved as drafts before they were submitted")
    typer.echo(f"  {progress.moves:>7,}  commands by the autopilot" + _counted("not accepted", progress.not_accepted))
    typer.echo(f"  {progress.sent_to_quiz:>7,}  of them only after the quiz about an SOP, which somebody had not taken in time")
    typer.echo(f"  {played.entries:>7,}  entries in the ledger" + _counted("refused", dict(played.refused_entries)))
    _print_money(played.money)
    _print_types(played.types)
    typer.echo(f"outcomes per application: {outcomes_digest(played.outcomes)} (the same for the same seed and arrivals)")


def _print_money(found: "Money") -> None:
    """Prints what has become of every rupiah, and how the bank's gateway told of it."""
    from shared.web.formats import rupiah

    sums = found.ledger
    typer.echo(
        f"money unaccounted for: {rupiah(found.unaccounted)} of {rupiah(found.paid)} paid ({rupiah(sums.kept)} pay charges,"
        f" {rupiah(sums.held)} held as deposits, {rupiah(sums.refunded)} paid back, {rupiah(sums.owed)} owed back, {rupiah(found.suspended)} in suspense)"
    )
    typer.echo(f"  {found.days:>7,}  days compared with the bank, {found.days_clean} of them in the end without a difference")
    typer.echo("notices of payments: " + (", ".join(f"{count} {habit}" for habit, count in found.habits.items()) or "none in this run"))


def _print_types(counts: Mapping[str, int]) -> None:
    """Prints how often each type of the contract stands in the ledger."""
    from shared.events import EVENTS

    typer.echo("entries that stand, by type of event:")
    for name, (label, _) in {data.NAME: data.LABELS for data in EVENTS}.items():
        typer.echo(f"  {counts.get(name, 0):>7,}  {name:<29}{label}")


def never_played(counts: Mapping[str, int]) -> list[str]:
    """Returns the types of the contract of which nothing stands in the ledger."""
    from shared.events import EVENTS

    return [name for name in dict.fromkeys(data.NAME for data in EVENTS) if not counts.get(name)]


def _counted(what: str, counts: dict[str, int]) -> str:
    if not counts:
        return ""
    named = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
    return f"; {what}: {named}"
