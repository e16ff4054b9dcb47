"""SOP files as `jejak sop` reads them: the shipped catalogue or any others, each with its findings and the line of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.cli.errors import USAGE, JejakError
from services.cli.sop_named import CATALOGUE
from shared.sop.findings import Finding, Words, found
from shared.sop.lint import Registers, lint_catalogue, lint_tree
from shared.sop.lint_plans import lint_plans
from shared.sop.model import SopParts
from shared.sop.source import Source, SourceError, read_source

NO_TEXT: Final = Words("bukan teks UTF-8", "it is no text in UTF-8")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, the SOP in it as far as it can be read, and its findings."""

    path: Path
    source: Source | None
    sop: SopParts | None
    findings: tuple[Finding, ...]
    unreadable_line: int = 1

    @property
    def name(self) -> str:
        """How the file is called by who stands in the present folder."""
        here = Path.cwd()
        return self.path.resolve().relative_to(here).as_posix() if self.path.resolve().is_relative_to(here) else self.path.as_posix()

    def line(self, finding: Finding) -> int:
        """Returns the line that a finding is about."""
        return self.source.line(finding.place) if self.source else self.unreadable_line


def sop_paths(given: Sequence[Path]) -> list[Path]:
    """Returns the given files, of a folder all its YAML files, and the shipped catalogue where nothing is given; raises `JejakError`."""
    paths = [path for item in given or [CATALOGUE] for path in (sorted(item.glob("*.yaml")) if item.is_dir() else [item])]
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None or not paths:
        raise JejakError(USAGE, f"There is no SOP at {missing or given[0]}.", "Name YAML files, or a folder that holds some.")
    return paths


def check(paths: Sequence[Path], registers: Registers) -> tuple[list[Checked], tuple[Finding, ...]]:
    """Returns each file with its findings, and what the SOPs in them have in common."""
    checked = [_check(path, registers) for path in paths]
    return checked, lint_catalogue([file.sop for file in checked if file.sop], registers)


def check_plans(path: Path, sops: Sequence[SopParts]) -> Checked:
    """Returns a file of plans with its findings under the given SOPs; raises `JejakError`."""
    if not path.is_file():
        raise JejakError(USAGE, f"There are no plans at {path}.", "Name a YAML file of plans.")
    return _checked(path, lambda source: (None, lint_plans(source.tree, sops)))


def _check(path: Path, registers: Registers) -> Checked:
    return _checked(path, lambda source: lint_tree(source.tree, registers))


def _checked(path: Path, look: Callable[[Source], tuple[SopParts | None, tuple[Finding, ...]]]) -> Checked:
    try:
        source = read_source(path.read_text(encoding="utf-8"))
    except SourceError as error:
        return Checked(path, None, None, (found("unreadable", path.stem, "", reason=error.reason),), error.line)
    except UnicodeDecodeError:
        return Checked(path, None, None, (found("unreadable", path.stem, "", reason=NO_TEXT),))
    return Checked(path, source, *look(source))
