"""The texts for people: their links lead somewhere, and the commands in them exist."""

import ast
import importlib
import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from services.cli.reference import commands
from tests.architecture.sources import PACKAGES, ROOT, name, project_files, python_files
from tests.architecture.sources import text as text_of

TEXTS: Final = tuple(file for file in project_files() if file.suffix == ".md")
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
BLOCK: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON: Final = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
MENTIONED: Final = re.compile(r"`((?:jejak|make) [a-z][^`]*)`")
FILE: Final = re.compile(r"`((?:shared|services|deploy|tests|docs|bench)/[\w./-]+\.(?:py|sql|yaml|sh|md|lock))(?::[^`]*)?`")
TARGETS: Final = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
COMMANDS: Final = commands.tree()
GROUP_WORDS: Final = 2


def command_lines(file: Path) -> Iterator[str]:
    """Yields every command that a text asks its reader to type, with continued lines joined."""
    text = file.read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        yield from (line.removeprefix("$ ") for line in block.replace("\\\n", " ").splitlines() if line and not line.startswith("#"))
    yield from MENTIONED.findall(text)


def problem(line: str) -> str:
    """Returns what is wrong with a `jejak` or `make` command, empty when it exists with all its options."""
    words = [word for word in shlex.split(line, comments=True) if "=" not in word or word.startswith("--")]
    while words and words[0] not in ("jejak", "make"):
        words = words[1:]
    if len(words) < 2 or words[1].startswith("-"):
        return ""
    if words[0] == "make":
        return "" if words[1] in TARGETS else f"no target {words[1]}"
    known: Any = COMMANDS.get(words[1]) or COMMANDS.get(" ".join(words[1:3]))
    if known is None:
        return "" if any(command.startswith(f"{words[1]} ") for command in COMMANDS) and len(words) == GROUP_WORDS else "no such command"
    options = {option for parameter in known.params for option in parameter.opts} | {"--help"}
    unknown = [word for word in words[2:] if word.startswith("--") and word.partition("=")[0] not in options]
    return f"no option {unknown[0]}" if unknown else ""


@pytest.mark.parametrize("file", TEXTS, ids=name)
def test_commands_exist(file: Path) -> None:
    """Every `jejak` and `make` command that a text names exists, with the options that it gives."""
    wrong = {line: found for line in command_lines(file) if (found := problem(line))}
    assert wrong == {}


def test_commands_that_the_code_names_exist() -> None:
    """Every `jejak` and `make` command that a sentence of the code sends a person to exists."""
    files = python_files(*PACKAGES, "bench")
    wrong = {f"{name(file)}: {line}": found for file in files for line in MENTIONED.findall(text_of(file)) if (found := problem(line))}
    assert wrong == {}


@pytest.mark.parametrize("file", TEXTS, ids=name)
def test_links_lead_somewhere(file: Path) -> None:
    """Every link of a text to another file of the project finds it, and every file it names is there."""
    text = file.read_text(encoding="utf-8")
    targets = [link.partition("#")[0] for link in LINK.findall(text) if "://" not in link and not link.startswith("#")]
    lost = [target for target in targets if not (file.parent / target).exists()]
    lost += [found for found in FILE.findall(text) if not (ROOT / found).exists()]
    assert lost == []


@pytest.mark.parametrize("file", TEXTS, ids=name)
def test_python_in_texts_fits_the_code(file: Path) -> None:
    """Every Python block of a text is Python, and what it imports from the project exists."""
    lost = []
    for block in PYTHON.findall(file.read_text(encoding="utf-8")):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in PACKAGES:
                module = importlib.import_module(node.module)
                lost += [f"{node.module}.{item.name}" for item in node.names if not _has(module, item.name)]
    assert lost == []


def _has(module: ModuleType, item: str) -> bool:
    return hasattr(module, item) or importlib.util.find_spec(f"{module.__name__}.{item}") is not None


def test_the_checks_see_a_wrong_command() -> None:
    """The check itself finds a command, an option and a target that do not exist."""
    assert problem("jejak fly") == "no such command"
    assert problem("jejak up --sideways") == "no option --sideways"
    assert problem("make nothing") == "no target nothing"
    assert problem("jejak up --data DIR --detach") == ""
