"""The shape of the code: every service alike, everything small enough to read, and the pure modules pure."""

import ast
from pathlib import Path
from typing import Final

import pytest

from services.cli.stack import SERVICES
from tests.architecture.sources import PACKAGES, ROOT, name, python_files, tree

SERVICE_FILES: Final = ("README.md", "__init__.py", "app.py", "doors.py", "domain.py", "schema.sql", "views.py")
FUNCTION_LINES_MAX: Final = 70
MODULE_LINES_MAX: Final = 400
# Larger modules, each with the most that it may have and the reason why it is one module.
LARGER: Final = {
    "shared/refusals.py": (800, "one table: every refusal with its sentence in two languages"),
    "shared/kit/stage.py": (500, "one transaction with one state: commands, entries and reactions share it"),
}
IMPURE: Final = ("shared/kit/", "shared/web/")
FORBIDDEN_CALLS: Final = frozenset({"now", "today", "utcnow", "monotonic", "urandom", "token_bytes", "randbits", "uuid4", "open", "print"})
FORBIDDEN_IMPORTS: Final = frozenset(
    {"random", "secrets", "os", "time", "socket", "subprocess", "asyncio", "threading", "httpx", "psycopg", "fastapi"}
)


def pure_files() -> list[Path]:
    """Returns the modules that neither read nor write anything: the contract, the fold, the rules and the services' domains."""
    shared = [file for file in python_files("shared") if not name(file).startswith(IMPURE)]
    domains = [file for file in python_files("services") if file.name == "domain.py"]
    return shared + domains


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_files(service: str) -> None:
    """A reader who knows one service finds the same things at the same places in every other."""
    folder = ROOT / "services" / service
    missing = [file for file in SERVICE_FILES if not (folder / file).is_file()]
    assert missing == []


def test_no_service_is_left_out() -> None:
    """Every folder of services is a service that `jejak serve` knows, or the command line itself."""
    folders = {file.relative_to(ROOT / "services").parts[0] for file in python_files("services") if len(file.relative_to(ROOT).parts) > 2}
    assert folders - {"cli"} == set(SERVICES)


def test_functions_fit_on_a_screen() -> None:
    """No function is longer than a screen."""
    long = []
    for file in python_files(*PACKAGES, "bench", "tests"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(f"{name(file)}:{node.lineno} {node.name} has {lines} lines")
    assert long == []


def test_modules_are_small() -> None:
    """No module outgrows its bound; the few larger ones give a reason."""
    large = []
    for file in python_files(*PACKAGES):
        lines = len(file.read_text(encoding="utf-8").splitlines())
        most, _ = LARGER.get(name(file), (MODULE_LINES_MAX, ""))
        if lines > most:
            large.append(f"{name(file)} has {lines} lines, at most {most}")
    assert large == []


def test_everything_public_says_what_it_is() -> None:
    """Every module says why it exists, and every public class and function what it does."""
    silent = []
    for file in python_files(*PACKAGES):
        module = tree(file)
        if not ast.get_docstring(module):
            silent.append(name(file))
        for node in module.body:
            kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{name(file)}: {node.name}")
    assert silent == []


@pytest.mark.parametrize("file", pure_files(), ids=name)
def test_pure_modules_are_pure(file: Path) -> None:
    """Time, chance, files and networks are arguments of the pure modules, and no number in them is a float."""
    found = []
    for node in ast.walk(tree(file)):
        match node:
            case ast.Constant(value=float()):
                found.append(f"line {node.lineno}: a float")
            case ast.Call(func=ast.Name(id=called)) | ast.Call(func=ast.Attribute(attr=called)) if called in FORBIDDEN_CALLS:
                found.append(f"line {node.lineno}: {called}()")
            case ast.Import(names=names):
                found += [f"line {node.lineno}: imports {item.name}" for item in names if item.name.partition(".")[0] in FORBIDDEN_IMPORTS]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in FORBIDDEN_IMPORTS or module.startswith("shared.kit"):
                found.append(f"line {node.lineno}: imports {module}")
    assert found == []
