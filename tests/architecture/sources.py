"""The project's own files as the tests of its shape read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("shared", "services", "deploy")


@cache
def project_files() -> tuple[Path, ...]:
    """Returns every file of the project, those not committed yet included, those that git ignores left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())


def python_files(*folders: str) -> tuple[Path, ...]:
    """Returns the Python files below the named folders."""
    return tuple(file for file in project_files() if file.suffix == ".py" and file.relative_to(ROOT).parts[0] in folders)


def name(file: Path) -> str:
    """Returns a file's path as it stands in the project."""
    return file.relative_to(ROOT).as_posix()


@cache
def tree(file: Path) -> ast.Module:
    """Returns the syntax tree of a Python file."""
    return ast.parse(file.read_text(encoding="utf-8"))


def text(file: Path) -> str:
    """Returns a file's text, empty for what is none."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
