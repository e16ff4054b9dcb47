"""`jejak witness`: an institution of its own that signs that a city's log has only grown."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import USAGE, JejakError

DEFAULT_FOLDER = Path(".jejak") / "witness"
SERVE_HELP = """Serves the witness: POST /add-checkpoint, and /readyz with the size of each log it follows.

It signs a log's checkpoint only after it has seen that the log has grown from the last one it signed; that it writes down first. Two trees
of one log are never both signed: the second is refused, and both are kept in logs/NAME.evidence. It needs no database and no Kafka.
"""

Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the witness keeps its key and what it has signed.")]


def register(app: typer.Typer) -> None:
    """Adds witness new-key, follow and serve."""
    group = typer.Typer(no_args_is_help=True, help="A witness of logs, for an institution of its own.", rich_markup_mode=None)
    group.command("new-key")(new_key)
    group.command("follow")(follow)
    group.command("serve", help=SERVE_HELP)(serve)
    app.add_typer(group, name="witness")


def new_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The witness's name, as university.example/witness.")],
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Makes the witness's key, once, and prints the public one, which the city and whoever verifies need."""
    from shared.kit import witness_folder

    try:
        made = witness_folder.new_key(folder, name)
    except witness_folder.WitnessError as error:
        raise JejakError(USAGE, str(error)) from None
    typer.echo(made.to_text())


def follow(
    key: Annotated[str, typer.Argument(metavar="VKEY", help="A log's public key, or the file with it.")],
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Has the witness follow a log from its next start on."""
    from shared.kit import witness_folder

    try:
        followed = witness_folder.follow(folder, read_text(key))
    except witness_folder.WitnessError as error:
        raise JejakError(USAGE, str(error)) from None
    typer.echo(f"{followed.name} is followed from the next start of the witness on.")


def serve(
    folder: Folder = DEFAULT_FOLDER,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where it listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="On which port.")] = 8490,
) -> None:
    """Serves; the text of the help stands in SERVE_HELP."""
    from shared.kit import witness, witness_folder

    try:
        opened = witness_folder.WitnessFolder(folder)
    except witness_folder.WitnessError as error:
        raise JejakError(USAGE, str(error)) from None
    witness.serve(opened, host, port)


def read_text(key: str) -> str:
    """Returns a public key given as its text or as the name of a file with it; raises `JejakError`."""
    if "+" in key and not Path(key).is_file():
        return key
    try:
        return Path(key).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise JejakError(USAGE, f"{key} is neither a public key nor a file with one.", "It is one line: name+id+key.") from None
