"""What several commands write in the same way: a file that is there whole or not at all, and a list of what is wrong."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.verifying import Fault

FAULTS_SHOWN_MAX = 20


def write_whole(file: Path, pieces: Iterable[bytes]) -> None:
    """Replaces a file once all its pieces are written; when making them fails, it stays as it was."""
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("wb") as opened:
            opened.writelines(pieces)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def tell_faults(faults: "Sequence[Fault]", count: int, write: Callable[[str], None]) -> None:
    """Writes the first of so many faults, each on a line, and how many more there are."""
    for fault in faults[:FAULTS_SHOWN_MAX]:
        write(f"  {fault.place}: {fault.sentence} ({fault.code})")
    if count > FAULTS_SHOWN_MAX:
        write(f"  ... and {count - FAULTS_SHOWN_MAX} more")
