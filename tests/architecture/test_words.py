"""What the project's files may not say, and which tests may be skipped."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.architecture.sources import ROOT, name, project_files, python_files, text, tree

HERE: Final = "tests/architecture/test_words.py"
# The lock of another tool keeps its own words.
NOT_OURS: Final = ("deploy/local/jgo.lock.toml",)
FORBIDDEN: Final = {
    "a host of a package index": re.compile(
        r"pypi\.org|pythonhosted\.org|repo1?\.maven\.apache\.org|registry\.npmjs\.org|crates\.io|proxy\.golang\.org"
    ),
    "a path of somebody's machine": re.compile(r"(?<![\w.-])/(?:work|root|Users)/|(?<![\w.-])/home/\w"),
    "unfinished work": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"),
    "a number of a tracker": re.compile(r"\b(?:issue|ticket|task) #?\d+\b", re.IGNORECASE),
    "a conflict of a merge": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
SKIPS: Final = frozenset({"skip", "skipif", "xfail", "importorskip"})
ALLOWED_SKIPS: Final = ROOT / "tests" / "allowed_skips.txt"


def test_no_file_says_what_it_may_not() -> None:
    """No file names a package index, somebody's own folders, unfinished work or a number of a tracker."""
    found = []
    for file in project_files():
        if name(file) == HERE or name(file).startswith(NOT_OURS):
            continue
        for what, pattern in FORBIDDEN.items():
            found += [f"{name(file)}: {what}: {match.group()!r}" for match in pattern.finditer(text(file))]
    assert found == []


def test_every_skipped_test_is_allowed() -> None:
    """A test is skipped, or expected to fail, only if the list says so with a reason, and the list holds nothing else."""
    lines = [line for line in ALLOWED_SKIPS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    allowed = {line.partition(": ")[0] for line in lines if line.partition(": ")[2]}
    assert len(allowed) == len(lines), "each line is `FILE FUNCTION: reason`"
    assert {f"{name(file)} {function}" for file in python_files("tests") for function in _skipping(file)} == allowed


def test_every_lint_that_is_set_aside_gives_its_reason() -> None:
    """A `noqa` or `type: ignore` in the product names its rule and says why in the same line."""
    bare = []
    for file in python_files("shared", "services", "deploy"):
        for number, line in enumerate(text(file).splitlines(), 1):
            if re.search(r"#\s*noqa(?!: [A-Z0-9, ]+ - \S)", line) or re.search(r"type: ignore(?!\[[a-z, -]+\]\s+# \S)", line):
                bare.append(f"{name(file)}:{number}")
    assert bare == []


def test_no_exception_is_swallowed() -> None:
    """No handler of the product does nothing at all."""
    silent = [
        f"{name(file)}:{node.lineno}"
        for file in python_files("shared", "services", "deploy")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)
    ]
    assert silent == []


def _skipping(file: Path) -> Iterator[str]:
    """Yields the functions of a test file that are skipped or skip, and `module` for the file itself."""
    module = tree(file)
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(child): function.name for function in functions for child in ast.walk(function)}
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in SKIPS and ast.unparse(node).startswith("pytest."):
            yield inside.get(id(node), "module")
