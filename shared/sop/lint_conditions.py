"""Which conditions can hold at all: a fact is tried with the values at which some condition of the SOP changes; pure."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from math import prod
from typing import Final

from shared.sop.findings import Finding, Words, found
from shared.sop.graph import ancestors
from shared.sop.lint_references import conditions
from shared.sop.model import Condition, FactDefinition, FactValue, SopParts, Step, as_number
from shared.sop.rules import fact_problem

SITUATIONS_MAX: Final = 128
STEP_OF_MEASURES: Final = Decimal("0.0001")
NO_TEST: Final = Words("tidak membandingkan apa pun", "it compares with nothing")
NEVER: Final = Words("tidak ada nilai {fact} yang mungkin memenuhinya", "no possible value of {fact} fulfils it")
REJECTED: Final = Words(
    "{by} sudah menolak setiap permohonan yang memenuhi syaratnya", "{by} has rejected every application that fulfils its condition"
)
Values = Mapping[str, tuple[FactValue, ...]]


def condition_findings(sop: SopParts) -> Iterator[Finding]:
    """Yields conditions that no possible value fulfils; of a step's own condition, `unreachable` says it."""
    values = possible_values(sop)
    for place, condition in conditions(sop):
        own = place.startswith("steps/") and place.count("/") == 2 and place.endswith("/when")  # noqa: PLR2004 - steps/CODE/when
        if not own and condition.fact in values and not _holding(condition, values):
            yield found("condition-never-holds", sop.name, place, reason=_why_never(condition))


def unreachable_reason(sop: SopParts, step: Step) -> Words | None:
    """Returns why a step applies to no application, None when it may: its condition never holds, or a step before it rejects first.

    Only rejections of steps that always apply count, so that what is said to be unreachable is.
    """
    values = possible_values(sop)
    if step.when is None or step.when.fact not in values:
        return None
    holding = _holding(step.when, values)
    if not holding:
        return _why_never(step.when)
    before = ancestors({item.code: item.needs for item in sop.steps}, step.code)
    always = [item for item in sop.steps if item.code in before and item.when is None]
    same_fact = [(item.code, rejection.when) for item in always for rejection in item.rejects if rejection.when.fact == step.when.fact]
    fact = step.when.fact
    if all(any(condition.holds({fact: value}) for _, condition in same_fact) for value in holding):
        return Words(*(text.format(by=", ".join(dict.fromkeys(code for code, _ in same_fact))) for text in REJECTED))
    return None


def situations(sop: SopParts) -> Iterable[Mapping[str, FactValue]]:
    """Yields declared facts that between them fulfil the steps' conditions in every possible combination; none where there are too many."""
    values = possible_values(sop)
    asked = sorted({step.when.fact for step in sop.steps if step.when and values.get(step.when.fact)})
    if prod(len(values[name]) for name in asked) > SITUATIONS_MAX:
        return ()
    return (dict(zip(asked, chosen, strict=True)) for chosen in product(*(values[name] for name in asked)))


def possible_values(sop: SopParts) -> Values:
    """Returns, for each declared fact, the values at which some condition changes, and their neighbours; only valid ones."""
    known = [condition for _, condition in conditions(sop)]
    return {fact.name: _values_of(fact, [item for item in known if item.fact == fact.name]) for fact in sop.facts}


def _values_of(fact: FactDefinition, known: list[Condition]) -> tuple[FactValue, ...]:
    if fact.kind == "boolean":
        return (True, False)
    if fact.kind == "choice":
        return fact.choices
    bounds = [value for item in known for value in (item.equals, *item.one_of, item.at_least) if value is not None]
    numbers = {number for value in (0, fact.at_most, *bounds) if value is not None and (number := as_number(value)) is not None}
    small = Decimal(1) if fact.kind == "count" else STEP_OF_MEASURES
    near = sorted({other for number in numbers for other in (number - small, number, number + small) if other >= 0})
    spelled: list[FactValue] = [int(number) if fact.kind == "count" else _spelled(number) for number in near]
    # What a condition compares with counts as it is written: 6.0 is another text than 6.
    spelled += [value for value in bounds if isinstance(value, str) and value not in spelled]
    return tuple(value for value in spelled if not fact_problem(fact, value))


def _spelled(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _holding(condition: Condition, values: Values) -> list[FactValue]:
    return [value for value in values[condition.fact] if condition.holds({condition.fact: value})]


def _why_never(condition: Condition) -> Words:
    if condition.equals is None and not condition.one_of and condition.at_least is None:
        return NO_TEST
    return Words(*(text.format(fact=condition.fact) for text in NEVER))
