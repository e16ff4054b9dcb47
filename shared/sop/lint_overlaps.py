"""What SOPs have in common: one check by several agencies, one document asked by several types, one review done again in a chain; pure.

Days. `repeated-review`: the smaller target of the two reviews, which is the most work that doing it once can save. The others: none, because
who checks or keeps what has to be settled first.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from shared.agencies import short_name
from shared.fields import Frozen, Slug
from shared.sop.findings import Finding, Words, found, words_of
from shared.sop.lint_content import TITLES, same_title, words
from shared.sop.model import Requirement, SopParts, Step, Text, newest_versions

Item = TypeVar("Item")
CHECKING: Final = frozenset({"review", "visit"})
ALIKE_WORDS_MIN: Final = 2


class Chain(Frozen):
    """Permit types that one applicant needs together."""

    code: Slug
    title: Text
    types: tuple[Slug, ...]


class Chains(Frozen):
    """All chains of permit types."""

    chains: tuple[Chain, ...]


class Check(NamedTuple):
    """A review or a visit within its SOP."""

    sop: SopParts
    step: Step

    def __str__(self) -> str:
        agencies = "+".join(short_name(agency)["id"] for agency in self.step.agencies)
        return f"{self.step.code} ({self.sop.name}, {agencies})"


def read_chains(tree: Any) -> tuple[Chain, ...]:  # noqa: ANN401 - any tree that a file may hold
    """Reads the chains from a file's tree; raises `pydantic.ValidationError`."""
    return Chains.model_validate_json(orjson.dumps(tree)).chains


def overlap_findings(sops: Sequence[SopParts], chains: Sequence[Chain]) -> Iterator[Finding]:
    """Yields what the SOPs have in common; of several versions of a type only the newest is compared with other types."""
    names = [sop.name for sop in sops]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield found("same-version", name, "version", name=name)
    newest = [sop for _, sop in sorted(newest_versions(sops).items())]
    for sop in newest:
        yield from _read_by_two(sop)
    checks = [Check(sop, step) for sop in newest for step in sop.steps if step.kind in CHECKING]
    yield from _two_agencies(checks)
    yield from _asked_by_several(newest)
    for chain in chains:
        yield from _repeated(chain, [check for check in checks if check.sop.permit_type in chain.types])


def _read_by_two(sop: SopParts) -> Iterator[Finding]:
    """Within one SOP: a requirement that reviews of different agencies read."""
    for item in dict.fromkeys(sop.requirements):
        readers = [Check(sop, step) for step in sop.steps if step.kind == "review" and item.code in step.reads]
        if len({check.step.agency for check in readers}) > 1:
            who = ", ".join(str(check) for check in readers)
            yield found("two-agencies", sop.name, f"requirements/{item.code}", title=words_of(item.title), who=who)


def _two_agencies(checks: Sequence[Check]) -> Iterator[Finding]:
    """Across steps: the same title, or the same code and a requirement in common, under different agencies."""
    for group in _shared(checks, _is_same_check):
        if len({check.step.agencies for check in group}) > 1:
            first, others = group[0], group[1:]
            who = ", ".join(str(check) for check in group)
            also = _others(first.sop, [check.sop for check in others])
            yield found("two-agencies", first.sop.name, f"steps/{first.step.code}", 0, also, title=words_of(first.step.title), who=who)


def _is_same_check(one: Check, other: Check) -> bool:
    if set(one.step.agencies) & set(other.step.agencies) and one.step.agencies != other.step.agencies:
        return False
    same_code = one.step.code == other.step.code and bool(set(one.step.reads) & set(other.step.reads))
    return same_code or same_title(one.step, other.step)


def _asked_by_several(sops: Sequence[SopParts]) -> Iterator[Finding]:
    """Across types: an upload with the same code, or the same title, as one of another type."""
    asked = [(sop, item) for sop in sops for item in dict.fromkeys(sop.requirements) if item.source == "upload"]
    for group in _shared(asked, lambda one, other: one[1].code == other[1].code or same_title(one[1], other[1])):
        types = list(dict.fromkeys(sop.name for sop, _ in group))
        if len(types) > 1:
            first, item = group[0]
            names: dict[str, Any] = {"title": _common_title([item for _, item in group]), "count": len(types), "who": ", ".join(types)}
            yield found("asked-by-several", first.name, f"requirements/{item.code}", 0, types[1:], **names)


def _repeated(chain: Chain, checks: Sequence[Check]) -> Iterator[Finding]:
    """Within a chain: an agency's review of the same name, or of a document like the one that its other review reads."""
    for one, other in combinations([check for check in checks if check.step.kind == "review"], 2):
        if one.sop is other.sop or one.step.agency != other.step.agency:
            continue
        if one.step.code == other.step.code or same_title(one.step, other.step) or _read_alike(one, other):
            agency = Words(*(short_name(one.step.agency)[language] for language in ("id", "en")))
            names: dict[str, Any] = {"chain": words_of(chain.title), "agency": agency, "who": f"{one}, {other}"}
            days = min(one.step.target_working_days, other.step.target_working_days)
            yield found("repeated-review", one.sop.name, f"steps/{one.step.code}", days, [other.sop.name], **names)


def _read_alike(one: Check, other: Check) -> bool:
    first, second = ([check.sop.requirement_by_code.get(code) for code in check.step.reads] for check in (one, other))
    return any(_is_like(item, another) for item in first if item for another in second if another)


def _is_like(one: Requirement, other: Requirement) -> bool:
    """Says whether two documents are of one kind: the same code, or all words of the one's title, at least two, stand in the other's."""
    if one.code == other.code:
        return True
    pairs = [sorted((set(words(read(one))), set(words(read(other)))), key=len) for read in TITLES]
    return any(len(fewer) >= ALIKE_WORDS_MIN and fewer <= more for fewer, more in pairs)


def _shared(items: Sequence[Item], same: Callable[[Item, Item], bool]) -> list[list[Item]]:
    return [group for group in grouped(items, same) if len(group) > 1]


def grouped(items: Sequence[Item], same: Callable[[Item, Item], bool]) -> list[list[Item]]:
    """Returns the items in groups: whoever is the same as one of a group belongs to it."""
    groups: list[list[Item]] = []
    for item in items:
        mine = [group for group in groups if any(same(other, item) for other in group)]
        merged = [other for group in mine for other in group] + [item]
        groups = [group for group in groups if group not in mine] + [merged]
    return groups


def _common_title(items: Sequence[Requirement]) -> Words:
    """Returns the title that all have, else the code of the first: each type's own title would mislead the others."""
    titles = {words_of(item.title) for item in items}
    return titles.pop() if len(titles) == 1 else Words(items[0].code, items[0].code)


def _others(first: SopParts, sops: Sequence[SopParts]) -> list[str]:
    return [name for name in dict.fromkeys(sop.name for sop in sops) if name != first.name]
