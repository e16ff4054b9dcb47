"""Writes what `jejak sop` prints for the golden SOPs: `python -m tests.golden.renew_sop`. Read the difference before you commit it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from typer.testing import CliRunner

from services.__main__ import build

GOLDEN: Final = Path(__file__).parent / "sop"
SECOND: Final = str(GOLDEN / "reklame-permanen-2.yaml")
OUTPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "diff.id.txt": ("diff", "reklame-permanen@1", SECOND),
    "diff.en.txt": ("diff", "reklame-permanen@1", SECOND, "--language", "en"),
    "sop-ap.id.html": ("print", SECOND),
    "sop-ap.en.html": ("print", SECOND, "--language", "en"),
    "standar-pelayanan.id.html": ("print", SECOND, "--form", "standar-pelayanan"),
    "standar-pelayanan.en.html": ("print", SECOND, "--form", "standar-pelayanan", "--language", "en"),
    "diff.json": ("diff", "reklame-permanen@1", SECOND, "--format", "json"),
}


def output(*arguments: str) -> str:
    """Returns what a command of `jejak sop` prints, without spaces at the ends of lines."""
    result = CliRunner().invoke(build(), ["sop", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())


if __name__ == "__main__":
    for name, arguments in OUTPUTS.items():
        (GOLDEN / name).write_text(output(*arguments), encoding="utf-8")
