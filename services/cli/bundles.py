"""Writes a bundle of entries with their proofs into one file, and checks one without the city."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.replay import history, known_history
from services.cli.writing import tell_faults, write_whole

if TYPE_CHECKING:
    import httpx

    from services.cli.receipts import Receipts
    from shared.envelope import Entry
    from shared.proof.keys import VerifierKey

ENTRIES_MAX = 20_000


def is_bundle(file: Path) -> bool:
    """Says whether a file looks like a bundle: by its name, or because it begins as zip files do."""
    if file.suffix == ".zip":
        return True
    with file.open("rb") as opened:
        return opened.read(2) == b"PK"


def write_application(reader: "httpx.Client", receipts: "Receipts", subject: str, file: Path, log: "VerifierKey") -> str:
    """Writes the bundle of an application, as far as a checkpoint covers it, and returns a sentence about it; raises `JejakError`."""
    found = known_history(reader, subject, "id")
    chosen = [entry for entry in found if entry.stamp.position <= receipts.size]
    if not chosen:
        raise JejakError(FINDING, "No entry of it is in the signed log yet.", "Try again in some seconds.")
    waiting = len(found) - len(chosen)
    later = f"; {waiting} newer entries are not signed yet" if waiting else ""
    return _write("application", subject, chosen, reader, receipts, file, log) + later


def write_period(reader: "httpx.Client", receipts: "Receipts", first: int, last: int, file: Path, log: "VerifierKey") -> str:
    """Writes the bundle of all entries from a position to another (0: the newest signed), and returns a sentence; raises `JejakError`."""
    last = last or receipts.size
    if not 1 <= first <= last <= receipts.size:
        raise JejakError(USAGE, f"There are no positions {first} to {last}.", f"The log has signed those from 1 to {receipts.size}.")
    if last - first >= ENTRIES_MAX:
        raise JejakError(USAGE, f"A bundle holds at most {ENTRIES_MAX} entries.", "Export the period in parts.")
    return _write("period", "", receipts.entries(first, last), reader, receipts, file, log)


def _write(
    kind: Literal["application", "period"],
    subject: str,
    chosen: "list[Entry]",
    reader: "httpx.Client",
    receipts: "Receipts",
    file: Path,
    log: "VerifierKey",
) -> str:
    from services.cli.bundle_file import pack
    from services.cli.comparing import progress
    from shared.bundles.contents import make
    from shared.replay import rules_subjects

    last = chosen[-1].stamp.position
    rules: list[Entry] = []
    # First what the applications rest on, then the keys of all who speak in that, and of who registered those keys.
    subjects: Iterable[str] = rules_subjects(chosen, chosen[-1].recorded)
    asked: set[str] = set()
    while subjects := sorted(set(subjects) - asked):
        asked.update(subjects)
        rules += [entry for name in subjects for entry in history(reader, name) if entry.stamp.position <= last]
        subjects = {f"sender:{entry.event.sender}" for entry in (*chosen, *rules)}
    draft = make(kind, subject, chosen, rules)
    with progress() as bar:
        made = {entry.stamp.position: receipts.of(entry) for entry in bar.track(draft.entries, description="receipts")}
    write_whole(file, [pack(draft.members(made, receipts.signed.note.to_bytes(), log))])
    about = draft.manifest
    return f"{file}: {about.entries} entries (positions {about.first} to {about.last}) and {about.rules} of the rules they rest on"


def verify_bundle(file: Path, trusted: "VerifierKey | None") -> None:
    """Checks a bundle and says what it proves; raises `JejakError` when anything in it is wrong."""
    from services.cli.bundle_file import DEFAULT_LIMITS, unpack
    from shared.bundles.checking import check
    from shared.proof.errors import ProofError

    try:
        with file.open("rb") as opened:
            members = unpack(opened.read(DEFAULT_LIMITS.file_bytes + 1))
    except ProofError as error:
        raise JejakError(FINDING, f"{file} is no bundle: {error}.", "Get the file again from where it came.") from None
    found = check(members, trusted)
    tell_faults(found.faults, len(found.faults), typer.echo)
    about, tree, key = found.manifest, found.checkpoint, found.key
    if found.faults or about is None or tree is None or key is None:
        raise JejakError(FINDING, f"The bundle is not accepted; faults: {len(found.faults)}.", "Keep the file as evidence.")
    what = f"application {about.subject}" if about.subject else f"positions {about.first} to {about.last}"
    typer.echo(f"jejak verify: accepted\n  bundle     {what}: {about.entries} entries, and {about.rules} of the rules they rest on")
    typer.echo(f"  stands in  {tree.origin}, checkpoint of {tree.size} entries")
    typer.echo(f"  states     folded again and equal: {found.applications}")
    if not found.page_compared:
        typer.echo("  page       not compared: it was written by another version of this program")
    whose = "the trusted key" if trusted else "the key IN THE BUNDLE; compare it with the one that the city publishes"
    typer.echo(f"  signed by  {key.to_text()}\n             {whose}")
