"""`jejak sop simulate`: past applications replayed under another SOP."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli import histories
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

if TYPE_CHECKING:
    from shared.sop.past import History
    from shared.sop.replays import Change
    from shared.sop.simulate import Simulation

DEFAULT_SEED = 1
HELP = """Replays past applications under another SOP and says what that would have saved, by agency and step.

--history is a log (XES, plain or gzip) or the word ledger, for the ended applications of the running city. A log needs a map of its
activities to the steps of an SOP; one is shipped for receipt.xes.gz, --map names another.

--with is the other SOP. Steps are known by their code; a step made of old ones is told with --merged NEW=OLD+OLD. With --capacity
AGENCY=N its steps wait for one of N officers, and the old SOP is replayed with today's number of them.

The columns are agency, step, cases, before and after (median working days that it has an application), saved (median, P90, total working
days that a step or the whole ends earlier, or that an agency has it less), the 95 % interval of the total over resampled cases, and how many are
late before and after. --format json gives rows with these in office minutes, and sop, old, late, officers, left_out and assumptions.
"""


def add(app: typer.Typer) -> None:
    """Adds simulate."""
    app.command(help=HELP)(simulate)


def simulate(
    history: Annotated[str, typer.Option("--history", metavar="FILE|ledger", help="Past applications: a log, or the ledger.")],
    with_: Annotated[Path, typer.Option("--with", metavar="SOP.yaml", help="The SOP to replay them under.")],
    *,
    map_: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Which steps a log's activities make.")] = None,
    merged: Annotated[
        list[str] | None, typer.Option("--merged", metavar="NEW=OLD+OLD", help="A step made of old ones; may repeat.")
    ] = None,
    merged_takes: Annotated[
        Literal["longest", "sum"], typer.Option("--merged-takes", help="As long as its longest part, or all.")
    ] = "longest",
    capacity: Annotated[list[str] | None, typer.Option("--capacity", metavar="AGENCY=N", help="Its officers then; may repeat.")] = None,
    capacity_today: Annotated[
        list[str] | None,
        typer.Option("--capacity-today", metavar="AGENCY=N", help="Its officers now; else the median number at work in a week."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Of the resampling; the same seed gives the same intervals.")
    ] = DEFAULT_SEED,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
    data: Data = DEFAULT_DATA,
) -> None:
    """Simulates; the text of the help stands in HELP."""
    from shared.sop.replays import Change
    from shared.sop.simulate import Officers
    from shared.sop.simulate import simulate as simulated

    sop = histories.read_sop(with_)
    change = Change(sop, _merged(merged or []), merged_takes)
    officers = Officers(histories.amounts(capacity or [], "capacity"), histories.amounts(capacity_today or [], "capacity-today"))
    found = histories.logged(Path(history), map_) if history != histories.LEDGER else _ledger(data, sop.permit_type)
    _check(found, change, officers.then)
    chance = random.Random(seed)  # noqa: S311 - resampling needs no secret
    _print(simulated(found, change, chance, officers), form, lang)


def _merged(options: list[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for option in options:
        new, _, old = option.partition("=")
        parts = tuple(old.split("+"))
        if not new or not all(parts):
            raise JejakError(USAGE, f"{option!r} does not say what a step is made of.", "Write --merged NEW=OLD+OLD.")
        found[new] = parts
    return found


def _ledger(data: Path, permit_type: str) -> "History":
    from shared.sop.past import from_entries

    return from_entries(histories.ledger_entries(data, "jejak-simulate"), permit_type)


def _check(history: "History", change: "Change", capacity: Mapping[str, int]) -> None:
    if not history.cases:
        left_out = ", ".join(f"{count} {reason}" for reason, count in history.left_out.items()) or "none at all"
        raise JejakError(FINDING, f"The history has no ended application to replay ({left_out}).", "Choose another history.")
    known = {code for case in history.cases for code in case.sop.step_by_code}
    for new, parts in change.merged.items():
        if new not in change.sop.step_by_code:
            raise JejakError(USAGE, f"{change.sop.name} has no step {new}.", "Name a step of the SOP given by --with.")
        if unknown := [code for code in parts if code not in known]:
            raise JejakError(USAGE, f"The history has no step {unknown[0]}.", f"It has: {', '.join(sorted(known))}.")
    agencies = {step.agency for step in change.sop.steps}
    for agency in capacity:
        if agency not in agencies:
            raise JejakError(USAGE, f"{change.sop.name} has no agency {agency}.", f"It has: {', '.join(sorted(agencies))}.")
    if not any(part in known for step in change.sop.steps for part in change.merged.get(step.code, (step.code,))):
        sentence = f"{change.sop.name} shares no step with the history."
        raise JejakError(USAGE, sentence, f"The history has: {', '.join(sorted(known))}.")


def _print(found: "Simulation", form: str, lang: str) -> None:
    from services.cli.simulate_text import print_simulation, simulation_json
    from shared.envelope import canonical

    if form == "json":
        typer.echo(canonical(simulation_json(found)))
    else:
        print_simulation(found, lang)
