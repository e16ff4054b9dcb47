"""The register of regulations: which are in force, which are repealed and by what, and every element of an SOP that rests on one; pure.

`source` says how far an entry may be trusted: `read` in a public text, `memory` where somebody has yet to confirm it, `doubtful` where what
was read contradicts what offices do; `note` says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import orjson

from shared.fields import Frozen, LocalDate, Slug
from shared.sop.lint_references import resting
from shared.sop.model import Label, SopParts, Text

Standing = Literal["in-force", "not-yet-in-force", "repeal-coming", "repealed"]


class Regulation(Frozen):
    """A regulation, or one article of it that SOPs rest on; `deemed` says what it does to deemed approval."""

    code: Slug
    number: Label
    title: Text
    in_force_from: LocalDate | None = None
    repealed_by: Slug = ""
    repealed_on: LocalDate | None = None
    deemed: Literal["grants", "forbids"] | None = None
    source: Literal["read", "memory", "doubtful"]
    note: Text | None = None

    def standing(self, on: date) -> Standing:
        """Says how it stands on a day; one whose days are not known counts as in force unless something has repealed it."""
        if self.repealed_on and date.fromisoformat(self.repealed_on) > on:
            return "repeal-coming"
        if self.repealed_on or self.repealed_by:
            return "repealed"
        if self.in_force_from and date.fromisoformat(self.in_force_from) > on:
            return "not-yet-in-force"
        return "in-force"


class Register(Frozen):
    """All regulations that the city's SOPs may name."""

    regulations: tuple[Regulation, ...]

    @cached_property
    def by_code(self) -> dict[str, Regulation]:
        """Regulations by their code."""
        return {regulation.code: regulation for regulation in self.regulations}


@dataclass(frozen=True, slots=True)
class Hit:
    """One element of one SOP that rests on a regulation."""

    sop: str
    place: str


def read_register(tree: Any) -> Register:  # noqa: ANN401 - any tree that a file may hold
    """Reads a register from a file's tree; raises `pydantic.ValidationError`."""
    return Register.model_validate_json(orjson.dumps(tree))


def hits(code: str, sops: Iterable[SopParts]) -> tuple[Hit, ...]:
    """Returns every element of every SOP that rests on a regulation: what a repeal of it strikes."""
    found: list[Hit] = []
    for sop in sops:
        if any(basis.code == code for basis in sop.legal_bases):
            found.append(Hit(sop.name, f"legal_bases/{code}"))
        found += [Hit(sop.name, place) for place, basis in resting(sop) if basis == code]
    return tuple(found)
