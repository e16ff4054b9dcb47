"""SOPs that differ: a shipped one with any part altered, dropped or moved, and a second version with a change of nearly every kind."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, get_type_hints

import yaml
from hypothesis import strategies as st

from shared.envelope import canonical
from shared.sop.model import Sop, Step, read_sop
from tests.builders import catalogue
from tests.strategies import of_type

GOLDEN: Final = Path(__file__).parent / "golden" / "sop"
LISTS: Final = ("facts", "requirements", "steps", "conditions", "legal_bases")
# What tells one SOP, or one part of a list, from another; it is no change of it.
NAMES: Final = frozenset({"language", "version", "code", "name", "needs", *LISTS})


@cache
def second_version() -> Sop:
    """Returns a second version of the billboard permit."""
    return read_sop(canonical(yaml.safe_load((GOLDEN / "reklame-permanen-2.yaml").read_text(encoding="utf-8"))))


def with_fields(sop: Sop, **fields: Any) -> Sop:  # noqa: ANN401 - any fields of an SOP
    """Returns an SOP with other fields, unchecked; a copy would keep what the old one has worked out already."""
    return Sop.model_construct(**{name: getattr(sop, name) for name in Sop.model_fields} | fields)


def with_step(sop: Sop, code: str, **fields: Any) -> Sop:  # noqa: ANN401 - any fields of a step
    """Returns an SOP of which one step is altered."""
    return with_fields(sop, steps=tuple(step.model_copy(update=fields) if step.code == code else step for step in sop.steps))


def with_requirement(sop: Sop, code: str, **fields: Any) -> Sop:  # noqa: ANN401 - any fields of a requirement
    """Returns an SOP of which one requirement is altered."""
    items = tuple(item.model_copy(update=fields) if item.code == code else item for item in sop.requirements)
    return with_fields(sop, requirements=items)


def without_step(sop: Sop, code: str) -> Sop:
    """Returns an SOP without a step; what needed it needs what it needed."""
    gone = sop.step_by_code[code]
    return with_fields(sop, steps=tuple(_past(step, gone) for step in sop.steps if step is not gone))


def _past(step: Step, gone: Step) -> Step:
    needs = [need for need in step.needs if need != gone.code] + (list(gone.needs) if gone.code in step.needs else [])
    return step.model_copy(update={"needs": tuple(dict.fromkeys(needs))})


sops = st.sampled_from(sorted(catalogue())).map(catalogue().__getitem__) | st.builds(second_version)


@st.composite
def alterations(draw: st.DrawFn, sop: Sop) -> Sop:
    """One field of an SOP, or of one part of it, with any value that its type allows."""
    place = draw(st.sampled_from(("", *(name for name in LISTS if getattr(sop, name)))))
    if not place:
        return with_fields(sop, **draw(_values(sop)))
    parts = list(getattr(sop, place))
    index = draw(st.integers(0, len(parts) - 1))
    parts[index] = parts[index].model_copy(update=draw(_values(parts[index])))
    return with_fields(sop, **{place: tuple(parts)})


@st.composite
def _values(draw: st.DrawFn, part: Any) -> Mapping[str, Any]:  # noqa: ANN401 - an SOP or any part of one
    hints = get_type_hints(type(part), include_extras=True)
    field = draw(st.sampled_from(sorted(set(type(part).model_fields) - NAMES)))
    return {field: draw(of_type(hints[field]))}


@st.composite
def rewritten(draw: st.DrawFn) -> Sop:
    """An SOP after any number of alterations, with steps and requirements dropped."""
    sop: Sop = draw(sops)
    for _ in range(draw(st.integers(0, 4))):
        sop = draw(alterations(sop))
    for code in draw(st.lists(st.sampled_from([step.code for step in sop.steps[1:-1]]), unique=True, max_size=3)):
        sop = without_step(sop, code)
    dropped = draw(st.sets(st.sampled_from([item.code for item in sop.requirements]), max_size=3))
    return with_fields(sop, requirements=tuple(item for item in sop.requirements if item.code not in dropped))
