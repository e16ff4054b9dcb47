"""`jejak import`: another system's history into the ledger, whole or not at all, and its figures as the ledger gives them back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

if TYPE_CHECKING:
    from services.catalogue.archive import Figures, Mapped
    from shared.kit.archive import Delivered
    from shared.kit.settings import Settings

ARCHIVE = "archive"
HELP = """Brings another system's log (XES, plain or gzip) into the ledger as its history.

Each event becomes legacy.recorded of legacy:SYSTEM/CASE.

A file that is cut off, damaged, too large or no XES is refused with its place, and nothing of it is imported. The same file again imports
nothing; after an interruption the same command goes on. Performers whose names may be a person's get a pseudonym.

Prints what the ledger now holds: cases, events, activities, performers, closed and late cases. --format json gives file, system, log
(SHA-256 of the file), imported, pseudonyms and these figures.
"""


def register(app: typer.Typer) -> None:
    """Adds import."""
    app.command("import", help=HELP)(import_log)


def import_log(
    file: Annotated[Path, typer.Argument(metavar="FILE.xes[.gz]", help="The log.")],
    system: Annotated[
        str, typer.Option("--system", metavar="NAME", help="Name of the other system; made from the file's name if left out.")
    ] = "",
    data: Data = DEFAULT_DATA,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Imports; the text of the help stands in HELP."""
    from services.catalogue.archive import figures
    from services.cli.rebuild import settings_of

    name = _system(file, system)
    mapped = _mapped(file, name, settings := settings_of(ARCHIVE, data))
    new, delivered = _import(settings, mapped)
    found = figures(delivered.entries)
    report = {"file": file.name, "system": name, "log": mapped.events[0].data.log, "imported": new, "pseudonyms": mapped.pseudonyms}
    _print(report, found, form, lang)
    if delivered.differing:
        shown = ", ".join(delivered.differing[:5])
        sentence = f"The ledger has {len(delivered.differing)} of these events with other content or refused them: {shown}."
        raise JejakError(FINDING, sentence, "Replay them, and look at `jejak dead-letters list`.")


def _system(file: Path, system: str) -> str:
    from services.catalogue.archive import system_name

    name = system_name(system or file.name.removesuffix(".gz").removesuffix(".xes"))
    if not name or (system and name != system):
        raise JejakError(
            USAGE, f"{system or file.name!r} cannot name a system.", "Give a name of lower-case letters, digits and hyphens with --system."
        )
    return name


def _mapped(file: Path, system: str, settings: "Settings") -> "Mapped":
    from services.catalogue.archive import ArchiveError, legacy_events
    from shared.kit.settings import read_key
    from shared.xes import read_log
    from shared.xes_text import XesError

    if not file.is_file():
        raise JejakError(USAGE, f"There is no file {file}.", "Name the log that is to be imported.")
    try:
        with file.open("rb") as stream:
            log = read_log(stream)
        mapped = legacy_events(log, system, f"/{settings.city}/{settings.sender}", read_key(settings.city_key_file))
    except XesError as error:
        raise JejakError(FINDING, f"{file.name}, {error}", "Nothing was imported.") from None
    except ArchiveError as error:
        raise JejakError(FINDING, f"{file.name}: {error}", "Nothing was imported.") from None
    if not mapped.events:
        raise JejakError(FINDING, f"{file.name} has no events.", "Nothing was imported.")
    return mapped


def _import(settings: "Settings", mapped: "Mapped") -> tuple[int, "Delivered"]:
    from services.cli.comparing import progress
    from shared.kit.archive import ArchiveStopped, at_work, deliver, keep
    from shared.kit.store import StoreError
    from shared.kit.telemetry import configure_logs

    configure_logs(ARCHIVE, "error", "console")
    events: Any = mapped.events
    try:
        with at_work(settings) as store, progress() as bar:
            new = keep(store, events)
            task = bar.add_task("ledger", total=len(events))
            return new, asyncio.run(deliver(settings, store, events, lambda entered: bar.update(task, completed=entered)))
    except ArchiveStopped as error:
        raise JejakError(FINDING, str(error)) from None
    except StoreError as error:
        sentence = f"The archive's database does not answer ({type(error).__name__})."
        raise JejakError(FINDING, sentence, "Start the city with `jejak up`, then run the same command again.") from None


def _print(report: dict[str, Any], found: "Figures", form: str, lang: str) -> None:
    from dataclasses import asdict

    from services.cli.replay_text import console
    from shared.envelope import canonical

    if form == "json":
        typer.echo(canonical({**report, **asdict(found)}))
        return
    out, english = console(), lang == "en"
    done = (
        (f"{report['imported']} events imported" if english else f"{report['imported']} peristiwa dimasukkan")
        if report["imported"]
        else ("Already in the ledger; nothing was imported" if english else "Sudah ada di buku jejak; tidak ada yang dimasukkan")
    )
    out.print(f"[bold]{report['file']}[/] (legacy:{report['system']}): {done}.")
    out.print("In the ledger now:" if english else "Isi buku jejak sekarang:")
    for english_name, indonesian, value in (
        ("cases", "kasus", found.cases),
        ("events", "peristiwa", found.events),
        ("activities", "kegiatan", found.activities),
        ("performers", "pelaksana", found.performers),
        ("closed cases", "kasus ditutup", found.closed),
        ("late cases", "kasus terlambat", found.late),
    ):
        out.print(f"  {value:>8,}  {english_name if english else indonesian}")
    if report["pseudonyms"]:
        words = "performers have a pseudonym" if english else "pelaksana memakai nama samaran"
        out.print(f"  {report['pseudonyms']:>8,}  {words}")
    example = f"jejak replay {report['system']}/CASE" if english else f"jejak replay {report['system']}/KASUS"
    out.print(("Replay a case: " if english else "Lihat satu kasus: ") + example)
