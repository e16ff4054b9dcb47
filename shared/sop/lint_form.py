"""Reads a tree that need not be an SOP: what does not fit the language becomes findings, each with the element that it stands in; pure."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from pydantic import ValidationError

from shared.sop.findings import Finding, Words, element_names, found
from shared.sop.model import SopParts

LANGUAGES: Final = {"id": Words("Indonesia", "Indonesian"), "en": Words("Inggris", "English")}
MISSING: Final = "missing"
EMPTY_TEXT: Final = frozenset({MISSING, "string_too_short"})
PLACEHOLDER: Final = "-"
# What pydantic calls an error, as a sentence of ours; {limit} and {expected} come from its context.
REASONS: Final[dict[str, Words]] = {
    MISSING: Words("wajib ada", "it has to be there"),
    "extra_forbidden": Words("nama ini tidak dikenal", "this name is not known"),
    "literal_error": Words("harus salah satu dari {expected}", "it is one of {expected}"),
    "string_pattern_mismatch": Words(
        "bentuknya tidak sesuai (kode: huruf kecil, angka dan tanda hubung)",
        "it has the wrong form (a code: small letters, digits, hyphens)",
    ),
    "string_type": Words("harus teks; beri tanda kutip bila perlu", "it is a text; put it in quotes if need be"),
    "string_too_short": Words("tidak boleh kosong", "it may not be empty"),
    "string_too_long": Words("terlalu panjang (paling banyak {limit})", "it is too long (at most {limit})"),
    "int_type": Words("harus bilangan bulat", "it is a whole number"),
    "bool_type": Words("harus true atau false", "it is true or false"),
    "greater_than_equal": Words("paling sedikit {limit}", "it is at least {limit}"),
    "less_than_equal": Words("paling banyak {limit}", "it is at most {limit}"),
    "too_short": Words("terlalu sedikit (paling sedikit {limit})", "there are too few (at least {limit})"),
    "too_long": Words("terlalu banyak (paling banyak {limit})", "there are too many (at most {limit})"),
    "tuple_type": Words("harus berupa daftar", "it is a list"),
    "model_type": Words("harus berupa bagian dengan nama dan nilai", "it is a part with names and values"),
}
OTHER: Final = Words("nilainya tidak sesuai", "the value does not fit")
NOT_AN_SOP: Final = Words("bukan SOP, melainkan teks, daftar atau kosong", "this is no SOP but a text, a list or nothing")
NO_JSON: Final = Words("memuat nilai yang tidak dikenal bahasa SOP", "it holds a value that the SOP language does not know")


class Problem(NamedTuple):
    """What pydantic says of one place."""

    kind: str
    location: tuple[int | str, ...]
    context: Mapping[str, Any]


def read_parts(tree: object) -> tuple[SopParts | None, list[Finding]]:
    """Returns the SOP's parts, None where they cannot be read, and what does not fit the language.

    Where only texts are missing, a dash stands for each, so that everything else is looked at in the same run.
    """
    name = sop_name(tree)
    if not isinstance(tree, dict):
        return None, [found("malformed", name, "", reason=NOT_AN_SOP)]
    try:
        return SopParts.model_validate_json(orjson.dumps(tree)), []
    except ValidationError as error:
        problems = [
            Problem(item["type"], item["loc"], item.get("ctx", {})) for item in error.errors(include_url=False, include_input=False)
        ]
    except TypeError:  # a lone surrogate, an integer beyond 64 bits, a key that is no text, nesting without end
        return None, [found("malformed", name, "", reason=NO_JSON)]
    findings = list({(item.code, item.place): item for item in (_finding(name, tree, problem) for problem in problems)}.values())
    if all(item.code == "text-missing" for item in findings):
        return SopParts.model_validate_json(orjson.dumps(_with_texts(tree, problems))), findings
    return None, findings


def sop_name(tree: object) -> str:
    """Returns `type@version` as far as it is written, with a question mark for what is not."""
    known = tree if isinstance(tree, dict) else {}
    permit_type, version = known.get("permit_type"), known.get("version")
    return f"{permit_type if isinstance(permit_type, str) else '?'}@{version if isinstance(version, int) else '?'}"


def _finding(name: str, tree: dict[str, Any], problem: Problem) -> Finding:
    place = place_of(tree, problem.location, missing=problem.kind == MISSING)
    language = LANGUAGES.get(str(problem.location[-1])) if problem.location else None
    if language and problem.kind in EMPTY_TEXT:
        return found("text-missing", name, place, language=language)
    context = problem.context
    limit = next((context[key] for key in ("ge", "le", "max_length", "min_length") if key in context), "")
    reason = REASONS.get(problem.kind, OTHER)
    expected = str(context.get("expected", ""))
    filled = Words(
        reason.id.format(limit=limit, expected=expected.replace(" or ", " atau ")), reason.en.format(limit=limit, expected=expected)
    )
    return found("malformed", name, place, reason=filled)


def place_of(tree: object, location: Sequence[int | str], *, missing: bool = False) -> str:
    """Returns the place of a location in a tree, as far as it is there; what is missing is named at its end."""
    parts: list[str] = []
    node = tree
    for index, key in enumerate(location):
        if isinstance(node, list) and isinstance(key, int) and key < len(node):
            parts.append(element_names(node)[key])
            node = node[key]
        elif isinstance(node, dict) and key in node:
            parts.append(str(key))
            node = node[key]
        elif missing and index == len(location) - 1:
            parts.append(str(key))
        else:
            break
    return "/".join(parts)


def _with_texts(tree: dict[str, Any], problems: Sequence[Problem]) -> dict[str, Any]:
    patched = copy.deepcopy(tree)
    for problem in problems:
        node: Any = patched
        for key in problem.location[:-1]:
            node = node[key]
        node[problem.location[-1]] = PLACEHOLDER
    return patched
