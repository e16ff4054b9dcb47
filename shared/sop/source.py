"""An SOP's YAML text as a tree, with the line of every element, so that whoever wrote it is sent to the line; pure.

Stricter than YAML: a key stands once, every key is a text, nothing refers to itself, and a file has a bound.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from shared.sop.findings import Words, element_names

# What the loader raises for a character that YAML forbids, the 31st of June, and an explicit tag on a text that does not fit it.
NO_VALUE: Final = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError)
NODES_MAX: Final = 20_000
DEPTH_MAX: Final = 40
CHARACTERS_MAX: Final = 1_000_000
TOO_LARGE: Final = Words("terlalu besar untuk sebuah SOP", "it is too large for an SOP")
TOO_DEEP: Final = Words("bersarang terlalu dalam", "it is nested too deep")
KEY_TWICE: Final = Words("nama {key} ditulis dua kali pada bagian yang sama", "the name {key} is written twice in the same part")
KEY_NO_TEXT: Final = Words("nama bagian harus teks", "the name of a part is a text")
NO_YAML: Final = Words("penulisan YAML keliru ({problem})", "this is no YAML ({problem})")


class SourceError(ValueError):
    """The text cannot be read; `line` says where, `reason` why."""

    def __init__(self, line: int, reason: Words) -> None:
        super().__init__(f"line {line}: {reason.en}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Source:
    """What a text holds, and the line of each place in it."""

    tree: Any
    lines: Mapping[str, int]

    def line(self, place: str) -> int:
        """Returns the line of a place, or of the nearest part around it that is there."""
        parts = place.split("/") if place else []
        while parts and "/".join(parts) not in self.lines:
            parts.pop()
        return self.lines.get("/".join(parts), 1)


def read_source(text: str) -> Source:
    """Reads a text; raises `SourceError`."""
    if len(text) > CHARACTERS_MAX:
        raise SourceError(1, TOO_LARGE)
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return Source(None, {"": 1})
        _check(node)
        tree = loader.construct_document(node)
    except SourceError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SourceError(mark.line + 1 if mark else 1, _filled(NO_YAML, problem=error.problem or error.context or "?")) from None
    except NO_VALUE as error:
        raise SourceError(1, _filled(NO_YAML, problem=" ".join(str(error).split()))) from None
    except RecursionError:
        raise SourceError(1, TOO_DEEP) from None
    return Source(tree, dict(_lines(node, tree, "")))


def _filled(words: Words, **names: object) -> Words:
    return Words(*(text.format(**names) for text in words))


def _check(root: yaml.Node) -> None:
    pending, seen = [(root, 1)], 0
    while pending:
        node, depth = pending.pop()
        seen += 1
        line = node.start_mark.line + 1
        if seen > NODES_MAX:
            raise SourceError(line, TOO_LARGE)
        if depth > DEPTH_MAX:  # also what refers to itself
            raise SourceError(line, TOO_DEEP)
        if isinstance(node, yaml.MappingNode):
            _check_keys(node)
            pending += [(value, depth + 1) for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            pending += [(item, depth + 1) for item in node.value]


def _check_keys(node: yaml.MappingNode) -> None:
    keys: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
            raise SourceError(line, KEY_NO_TEXT)
        if key.value in keys:
            raise SourceError(line, _filled(KEY_TWICE, key=key.value))
        keys.add(key.value)


def _lines(node: yaml.Node, tree: Any, place: str) -> Iterator[tuple[str, int]]:  # noqa: ANN401 - any tree that a text may hold
    """Yields each place with its line: of a part the line of its name, of an element of a list the line where it begins."""
    if not place:
        yield "", node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode) and isinstance(tree, dict):
        for key, value in node.value:
            inner = f"{place}/{key.value}" if place else key.value
            yield inner, key.start_mark.line + 1
            yield from _lines(value, tree.get(key.value), inner)
    elif isinstance(node, yaml.SequenceNode) and isinstance(tree, list):
        for name, item, value in zip(element_names(tree), node.value, tree, strict=True):
            inner = f"{place}/{name}"
            yield inner, item.start_mark.line + 1
            yield from _lines(item, value, inner)
