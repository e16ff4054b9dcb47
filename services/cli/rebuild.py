"""`jejak rebuild`: a service's live views made anew from the ledger while it goes on, compared, and put in their place."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

if TYPE_CHECKING:
    from shared.kit.rebuild import Rebuilt
    from shared.kit.settings import Settings

SUBJECTS_SHOWN_MAX = 200
REBUILDABLE = ("inspection", "intake", "issuance", "tracker", "treasury", "verification")
HELP = f"""Makes a service's live views anew from the ledger while the service goes on, compares, and puts them in their place.

SERVICE is one of {", ".join(REBUILDABLE)}, or another sender of this city. With JEJAK_DATABASE_URL in the environment the command works
with those settings, as inside the service's container; else with the local city in --data.

Says which rows differed, were missing or were surplus; ends with 1 if any did, with 0 if the live views were right.

--format json gives service, position, rows, differing, missing and surplus (lists of codes).
"""


def register(app: typer.Typer) -> None:
    """Adds rebuild."""
    app.command(help=HELP)(rebuild)


def rebuild(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose views.")],
    data: Data = DEFAULT_DATA,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Rebuilds; the text of the help stands in HELP."""
    from services.cli.comparing import progress, projection
    from shared.kit.rebuild import LedgerReader, RebuildError
    from shared.kit.rebuild import rebuild as made_anew
    from shared.kit.service import service_token
    from shared.kit.store import StoreError

    settings = settings_of(service, data)
    if settings.service not in REBUILDABLE:
        raise JejakError(USAGE, f"{service!r} keeps no live views of applications.", f"Choose one of: {', '.join(REBUILDABLE)}.")
    reader = LedgerReader(settings.ledger_url, service_token(settings))
    try:
        with progress() as bar:
            task = bar.add_task(f"{service}: ledger", total=None)
            done = made_anew(
                settings.database_url, projection(settings.service), reader, lambda at, goal: bar.update(task, completed=at, total=goal)
            )
    except RebuildError as error:
        raise JejakError(FINDING, str(error)) from None
    except StoreError as error:
        sentence = f"The database of {service} does not answer ({type(error).__name__})."
        raise JejakError(FINDING, sentence, "Start it, then run the command again; the live views are as they were.") from None
    finally:
        reader.close()
    _print(service, done, form, lang)
    if not done.equal:
        raise typer.Exit(FINDING)


def settings_of(name: str, data: Path) -> "Settings":
    """Returns the settings of a process: those of the environment if it has some, else the local city's."""
    from shared.kit.settings import SettingsError, load_settings

    try:
        if "JEJAK_DATABASE_URL" in os.environ:
            settings = load_settings()
            if name not in (settings.service, settings.sender):
                raise JejakError(USAGE, f"The environment has the settings of {settings.sender}, not of {name}.", "Name that one.")
            return settings
        from deploy.local.environment import read_environment
        from services.cli.client import local_stack

        stack = local_stack(data)
        if name not in stack.users:
            raise JejakError(USAGE, f"This city has no {name!r}.", f"Choose one of: {', '.join(stack.users)}.")
        return load_settings(read_environment(stack.env_file(name)))
    except SettingsError as error:
        raise JejakError(USAGE, str(error)) from None


def _print(service: str, done: "Rebuilt", form: str, lang: str) -> None:
    from services.cli.replay_text import console
    from shared.envelope import canonical

    found = {"differing": done.differing, "missing": done.missing, "surplus": done.surplus}
    if form == "json":
        typer.echo(canonical({"service": service, "position": done.position, "rows": done.rows, **found}))
        return
    out, english = console(), lang == "en"
    if english:
        out.print(f"{service}: {done.rows} rows made anew from the ledger up to position {done.position}, and put in place.")
    else:
        out.print(f"{service}: {done.rows} baris dibuat ulang dari buku jejak sampai posisi {done.position}, lalu dipasang.")
    names = {
        "differing": ("berbeda", "differed"),
        "missing": ("hilang", "were missing"),
        "surplus": ("tidak dikenal buku jejak", "were unknown to the ledger"),
    }
    for kind, subjects in found.items():
        for subject in subjects[:SUBJECTS_SHOWN_MAX]:
            out.print(f"[red]{subject}[/]: {names[kind][english]}")
        if len(subjects) > SUBJECTS_SHOWN_MAX:
            out.print(f"... {len(subjects)} {names[kind][english]}; --format json")
    if done.equal:
        out.print("The live views were right." if english else "Tampilan yang dipakai sudah benar.")
