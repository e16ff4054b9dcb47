"""`jejak sop`: the catalogue of SOPs listed and checked, and the register of regulations with everything that rests on each."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from services.cli import sop_diff, sop_estimate, sop_knowledge, sop_move, sop_plan, sop_print, sop_publish, sop_simulate
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

Format = Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")]
On = Annotated[str, typer.Option("--on", metavar="DATE", help="As the regulations stand on that day (today in the city).")]
Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="YAML files, or a folder of them; the shipped catalogue if none.")]
Plans = Annotated[Path | None, typer.Option("--plans", metavar="FILE", help="The plans to check.")]
LIST_HELP = """Lists the SOPs of the shipped catalogue, or of the given files.

--format json gives {"sops": [...]}, each with sop, file, title, owner, system_of_record, risk, steps, agencies, promise_working_days and
demo_values.
"""
CHECK_HELP = """Checks SOPs before anybody has to follow them: every error with its file, its line and what to do. Ends with 1 if there is an error.

Warnings and advice do not fail. Findings stand by SOP, then come the overlaps between them, then the plans: the shipped ones with the whole
shipped catalogue, or those of --plans. --history is a log (XES, with a map as for simulate) or the word ledger: then steps are found that in
all decided applications, 60 at least, never rejected, asked for a correction or added a condition. Every code is in docs/reference/sop-findings.md.

--format json gives {"sops": [...], "overlaps": [...], "plans": [...], "totals": {...}}, and "history" if one was named; a finding has severity,
code, sop, also, place, file, line, days, says and mend (both with id and en).
"""
REGISTER_HELP = """Lists the regulations that SOPs rest on, and every SOP and element that the repeal of each would strike.

CODE shows one regulation. --format json gives {"regulations": [...]}, each with code, number, standing, repealed_by, source and hits.
"""


def register(app: typer.Typer) -> None:
    """Adds the commands of sop."""
    group = typer.Typer(no_args_is_help=True, help="The catalogue of SOPs.", rich_markup_mode=None)
    group.command("list", help=LIST_HELP)(list_sops)
    group.command("check", help=CHECK_HELP)(check_sops)
    group.command("register", help=REGISTER_HELP)(list_regulations)
    sop_diff.add(group)
    sop_print.add(group)
    sop_simulate.add(group)
    sop_estimate.add(group)
    sop_publish.add(group)
    sop_move.add(group)
    sop_plan.add(group)
    sop_knowledge.add(group)
    app.add_typer(group, name="sop")


def list_sops(files: Files = None, form: Format = "text", lang: Lang = "id") -> None:
    """Lists; the text of the help stands in LIST_HELP."""
    from services.catalogue import shipped
    from services.cli import sop_files, sop_text

    checked, _ = sop_files.check(sop_files.sop_paths(files or []), shipped.registers(_day("")))
    broken = [file.name for file in checked if file.sop is None]
    rows = [(file.sop, file.name) for file in checked if file.sop]
    if form == "json":
        _write({"sops": [sop_text.sop_json(sop, name) for sop, name in rows]})
    else:
        sop_text.print_list([sop for sop, _ in rows], lang)
    if broken:
        raise JejakError(FINDING, f"{', '.join(broken)} cannot be read.", "See `jejak sop check` with that file.")


def check_sops(
    files: Files = None,
    form: Format = "text",
    lang: Lang = "id",
    on: On = "",
    plans: Plans = None,
    history: Annotated[str, typer.Option("--history", metavar="FILE|ledger", help="Past applications: a log, or the ledger.")] = "",
    map_: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Which steps a log's activities make.")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Checks; the text of the help stands in CHECK_HELP."""
    from services.catalogue import shipped
    from services.cli import sop_files, sop_history, sop_text
    from shared.kit.shipped_plans import FILE

    checked, overlaps = sop_files.check(sop_files.sop_paths(files or []), shipped.registers(_day(on)))
    named = plans or (None if files else FILE)
    planned = sop_files.check_plans(named, [file.sop for file in checked if file.sop]) if named else None
    found = sop_text.Found(checked, overlaps, planned, sop_history.past(history, map_, data) if history else None)
    if form == "json":
        _write(sop_text.check_json(found))
    else:
        sop_text.print_check(found, lang)
    if any(finding.severity == "error" for finding in found.all()):
        raise typer.Exit(FINDING)


def list_regulations(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="One regulation.")] = None,
    form: Format = "text",
    lang: Lang = "id",
    on: On = "",
) -> None:
    """Lists; the text of the help stands in REGISTER_HELP."""
    from services.catalogue import shipped
    from services.cli import sop_files, sop_text
    from shared.sop.legal import hits

    listed, day = shipped.regulations(), _day(on)
    if code is not None and code not in listed.by_code:
        raise JejakError(USAGE, f"The register has no regulation {code!r}.", "See `jejak sop register`.")
    checked, _ = sop_files.check(sop_files.sop_paths([]), shipped.registers(day))
    sops = [file.sop for file in checked if file.sop]
    wanted = [regulation for regulation in listed.regulations if code in (None, regulation.code)]
    struck = [(regulation, hits(regulation.code, sops)) for regulation in wanted]
    if form == "json":
        _write({"regulations": [sop_text.regulation_json(regulation, hit, day) for regulation, hit in struck]})
    else:
        sop_text.print_register(struck, day, lang)


def _day(text: str) -> date:
    from shared.calendar import WIB

    if not text:
        return datetime.now(WIB).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise JejakError(USAGE, f"{text!r} is no day.", "Write it as 2026-11-24.") from None


def _write(tree: dict[str, Any]) -> None:
    from shared.envelope import canonical

    typer.echo(canonical(tree))
