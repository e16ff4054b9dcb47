"""One difference between two SOPs, and how it is judged from the applicant's side: better, worse, or neither.

What cannot be compared counts as worse, because "never worse for the applicant" has to be sure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from shared.sop.model import Condition, as_number

Better = Literal["yes", "no", "neutral"]
Value = None | bool | int | str | tuple[str, ...] | Mapping[str, Any]
Judge = Callable[[Any, Any], Better]
Scope = Literal["same", "wider", "narrower", "unclear"]


@dataclass(frozen=True, slots=True)
class Change:
    """What differs (`kind`), where (`steps/lapangan`, `requirements/desain`; empty: the whole SOP), from what to what, for better or worse.

    Titles, conditions and charges stand in `before` and `after` as in the SOP's own content; what is not there is None.
    """

    kind: str
    place: str
    before: Value
    after: Value
    better_for_applicant: Better


def changed(kind: str, place: str, before: Value, after: Value, judge: Judge) -> list[Change]:
    """Returns the change of one value, none if it stayed."""
    if before == after and isinstance(before, bool) == isinstance(after, bool):
        return []
    return [Change(kind, place, before, after, judge(before, after))]


def reordered(place: str, before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """Returns the change of the order in which what stayed is listed; it says nothing about what must be done first."""
    old, new = tuple(code for code in before if code in after), tuple(code for code in after if code in before)
    return changed("reordered", place, old, new, neutral)


def content(part: Any) -> Value:  # noqa: ANN401 - any part of an SOP
    """Returns a part of an SOP as it stands in its content, None for none."""
    if part is None:
        return None
    found: Mapping[str, Any] = part.model_dump(mode="json", exclude_defaults=True)
    return found


# Judges


def neutral(_before: Any, _after: Any) -> Better:  # noqa: ANN401 - whatever changed
    """Neither better nor worse."""
    return "neutral"


def less_is_better(before: int, after: int) -> Better:
    """Fewer documents, visits, days or rupiah."""
    return "yes" if after < before else "no"


def more_is_better(before: int, after: int) -> Better:
    """More time for the applicant, or a permit that holds longer."""
    return "yes" if after > before else "no"


def zero_is_most(judge: Judge) -> Judge:
    """Returns the same judge for numbers of which zero means without limit."""
    return lambda before, after: judge(before or 10**6, after or 10**6)


def better_if(wanted: object) -> Judge:
    """Returns the judge of something that is better when it becomes this, and worse when it stops being it."""
    return lambda before, after: "yes" if after == wanted else "no" if before == wanted else "neutral"


def ranked(order: Sequence[str]) -> Judge:
    """Returns the judge of a choice of which the first is best."""
    return lambda before, after: less_is_better(order.index(before), order.index(after))


def narrower_is_better(before: Condition | None, after: Condition | None) -> Better:
    """A burden that falls on fewer applicants; without a condition it falls on all."""
    found = "wider" if after is None else "narrower" if before is None else scope(before, after)
    return {"same": "neutral", "narrower": "yes", "wider": "no", "unclear": "no"}[found]  # type: ignore[return-value]  # the values are the three


def wider_is_better(before: Condition | None, after: Condition | None) -> Better:
    """A relief that reaches more applicants; without a condition it reaches none."""
    found = "narrower" if after is None else "wider" if before is None else scope(before, after)
    return {"same": "neutral", "wider": "yes", "narrower": "no", "unclear": "no"}[found]  # type: ignore[return-value]  # the values are the three


def scope(before: Condition, after: Condition) -> Scope:
    """Says whether a condition holds for more or fewer facts than before, as far as that can be told."""
    if before.fact != after.fact:
        return "unclear"
    if covers(before, after):
        return "same" if covers(after, before) else "narrower"
    return "wider" if covers(after, before) else "unclear"


def covers(wide: Condition, narrow: Condition) -> bool:
    """Says whether everything that fulfils one condition also fulfils the other, as far as that can be told."""
    listed = _listed(narrow)
    if listed:
        return all(wide.holds({narrow.fact: value}) for value in listed)
    if narrow.at_least is None:
        return True
    return wide.at_least is not None and not _listed(wide) and _bound(wide) <= _bound(narrow)


def _listed(condition: Condition) -> tuple[Any, ...]:
    return (condition.equals,) if condition.equals is not None else condition.one_of


def _bound(condition: Condition) -> Decimal:
    return as_number(condition.at_least or 0) or Decimal(0)
