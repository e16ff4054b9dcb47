"""Every refusal has a sentence and a next step in both languages, and every code used anywhere is one of them."""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from shared.refusals import REFUSALS, Refusal, explain
from shared.sop import rules

ROOT: Final = Path(__file__).parent.parent.parent
SOURCES: Final = sorted(path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py"))
CODE_SHAPE: Final = re.compile(r"[a-z]+(-[a-z]+)+")
RAISED_WITH_A_CODE: Final = ("Refusal", "ContractError", "Verdict")
CODE_TYPES: Final = ("str", "tuple[str, str]")
PROBLEMS: Final = "list[Problem]"  # each a code and what it is about
JUDGING: Final = ("admissible.py", "rules.py", "handing.py")


def constants(node: ast.AST) -> Iterator[str]:
    """Yields the texts that an expression may give: both sides of a choice, the parts of a tuple, not what is compared."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from constants(body)
            yield from constants(orelse)
        case ast.BoolOp(values=values) | ast.Tuple(elts=values):
            for value in values:
                yield from constants(value)
        case _:
            return


def raised(tree: ast.AST) -> Iterator[str]:
    """Yields the codes given to the exceptions and verdicts that carry one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED_WITH_A_CODE:
            place = 1 if node.func.id == "Verdict" else 0
            for argument in node.args[place : place + 1]:
                yield from constants(argument)


def returned(tree: ast.AST) -> Iterator[str]:
    """Yields the codes that functions answering with a code return: those named after a problem or a refusal, and every judging one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) in CODE_TYPES:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from constants(inner.value)
        elif isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == PROBLEMS:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Tuple) and inner.elts:
                    yield from constants(inner.elts[0])


def codes_in(path: Path) -> set[str]:
    """Returns the refusal codes that a source file uses."""
    tree = ast.parse(path.read_text())
    found = set(raised(tree))
    if path.name in JUDGING or path.name == "domain.py" or path.parent.name == "checks":
        found |= {text for text in returned(tree) if CODE_SHAPE.fullmatch(text)}
    return found - {""}


def test_the_search_finds_the_codes() -> None:
    """The search through the sources sees codes of every kind: returned, chosen between, raised."""
    judging = (ROOT / "shared" / "sop" / "admissible.py", *(ROOT / "shared" / "sop" / "checks").glob("*.py"))
    admissible = set().union(*(codes_in(file) for file in judging))
    assert {"same-officer", "draft-differs", "not-by-hand", "wrong-stage", "fact-missing"} <= admissible
    assert "not-canonical" in codes_in(ROOT / "shared" / "envelope.py")


NOT_REFUSALS: Final = {"no-correction", "no-payment"}  # why an application is closed, in the words of its event


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_in_use_is_explained(path: Path) -> None:
    """Each refusal code that a source file uses stands in the catalogue."""
    assert codes_in(path) - NOT_REFUSALS <= set(REFUSALS)


def test_the_ends_of_a_case_are_explained() -> None:
    """Each way an application ends has the code with which what comes later is refused."""
    assert set(rules._ENDED_CODES.values()) <= set(REFUSALS)
    assert rules.FOLLOWS_A_REFUSAL in REFUSALS


@pytest.mark.parametrize("code", REFUSALS)
def test_every_code_speaks_both_languages(code: str) -> None:
    """Each code has a whole sentence and a next step in Indonesian and in English, which differ, and an HTTP error status."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert 400 <= REFUSALS[code].status <= 503
    for part in (0, 1):
        texts = [explain(code, language)[part] for language in ("id", "en")]
        assert texts[0] != texts[1]
        for text in texts:
            assert text[0].isupper()
            assert text.endswith(".")
            assert text == text.strip()


def test_an_unknown_language_is_answered_in_indonesian() -> None:
    """Where nobody asks for English the answer is Indonesian."""
    assert explain("stale") == explain("stale", "id") == explain("stale", "fr")


def test_a_refusal_passes_through_a_context_manager() -> None:
    """A refusal raised inside a transaction comes out of it as it was."""

    @contextmanager
    def transaction() -> Iterator[None]:
        yield

    with pytest.raises(Refusal) as caught, transaction():
        raise Refusal("stale", "desain")
    assert (caught.value.code, caught.value.about) == ("stale", "desain")
