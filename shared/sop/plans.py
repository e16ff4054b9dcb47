"""The permits that one undertaking needs, in their order: what a citizen calls it, what it depends on, and the plan for declared facts; pure.

The order comes from the SOPs: a requirement that is the permit of another type has that type before it. A plan's file adds what no SOP
says: which types belong to an undertaking, and an order that rests on a regulation.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field

from shared.fields import Frozen, Slug
from shared.sop import graph, rules
from shared.sop.lint_content import same_title
from shared.sop.lint_overlaps import grouped
from shared.sop.model import WAITED_FOR, ChargeRule, Condition, FactDefinition, FactValue, Requirement, SopParts, Step, Text
from shared.sop.tariff import tariff_rupiah

Facts = Mapping[str, FactValue]
Needs = dict[str, tuple[str, ...]]


class Before(Frozen):
    """A type whose permit comes first though no requirement asks for it, and the regulation that says so."""

    code: Slug
    legal_basis: Slug


class PlanPermit(Frozen):
    """A permit type of an undertaking: needed if one of the conditions holds (none: always), after which types, after what own work."""

    code: Slug
    when_any: Annotated[tuple[Condition, ...], Field(max_length=10)] = ()
    after: Annotated[tuple[Before, ...], Field(max_length=10)] = ()
    own_work: Text | None = None


class Elsewhere(Frozen):
    """What the undertaking needs and this city does not give: what it is, and where."""

    code: Slug
    title: Text
    where: Text
    when_any: Annotated[tuple[Condition, ...], Field(max_length=10)] = ()


class Goal(Frozen):
    """An undertaking in citizens' words, the facts on which it depends, and its permit types.

    A fact of the goal counts for every SOP that declares one of the same name, so that it is asked once.
    """

    code: Slug
    title: Text
    demo_values: bool
    facts: Annotated[tuple[FactDefinition, ...], Field(max_length=30)] = ()
    permits: Annotated[tuple[PlanPermit, ...], Field(min_length=1, max_length=30)]
    elsewhere: Annotated[tuple[Elsewhere, ...], Field(max_length=30)] = ()


class Goals(Frozen):
    """All undertakings that are planned for."""

    plans: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that the plan depends on, under the name it is declared by, and the type that asks for it (empty: the goal)."""

    name: str
    definition: FactDefinition
    permit_type: str = ""
    answer: FactValue | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What a step charges: rupiah where the tariff gives it, else None because an agency or a fact (`facts`) has yet to tell."""

    step: Step
    rupiah: int | None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit in its place: the stage (from 1), what comes before it, and after how many working days of the agencies it can begin."""

    sop: SopParts
    stage: int
    after: tuple[str, ...]
    begins_after_working_days: int
    own_work: Text | None
    charges: tuple[Charge, ...]
    waits: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is handed in or looked up once for all: each type that asks with its requirement, `facts` it may hang on.

    `permit_type` names the type of this plan whose permit it is; then nobody is asked for it.
    """

    asked_by: tuple[tuple[str, Requirement], ...]
    facts: tuple[str, ...]
    permit_type: str = ""

    @property
    def uploaded(self) -> bool:
        """Says whether the applicant hands it in."""
        return not self.permit_type and any(item.source == "upload" for _, item in self.asked_by)


@dataclass(frozen=True, slots=True)
class Plan:
    """An undertaking's permits in order, what is asked once for all, what is known of the charges, and the longest way.

    `undecided` are types that hang on facts not declared (with those facts), `closed` types that take no new applications.
    """

    goal: Goal
    permits: tuple[Permit, ...]
    undecided: tuple[tuple[SopParts, tuple[str, ...]], ...]
    closed: tuple[str, ...]
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    working_days: int
    path: tuple[str, ...]
    elsewhere: tuple[tuple[Elsewhere, bool | None], ...]


def read_goals(tree: Any) -> tuple[Goal, ...]:  # noqa: ANN401 - any tree that a file may hold
    """Reads the plans of a file's tree; raises `pydantic.ValidationError`."""
    return Goals.model_validate_json(orjson.dumps(tree)).plans


def plan(goal: Goal, facts: Facts, sops: Iterable[SopParts]) -> Plan:
    """Returns the plan for declared facts under the given SOPs, one version of each type.

    Facts of a SOP that the goal does not share are named `type.fact`. What a missing fact decides stays open and counts nowhere.
    """
    known = {sop.permit_type: sop for sop in sops}
    states = [(item, known.get(item.code), any_holds(item.when_any, facts)) for item in goal.permits]
    chosen = {item.code: sop for item, sop, state in states if state and sop}
    needs = needs_of(goal, chosen, facts)
    ends = {code: graph.longest_path(needs, _promises(chosen), code)[0] for code in needs}
    permits = [
        _permit(item, sop, needs, ends, tuple(_charges(goal, sop, own_facts(sop, facts)))) for item, sop, state in states if state and sop
    ]
    last = max(ends, key=lambda code: ends[code], default="")
    return Plan(
        goal,
        tuple(sorted(permits, key=lambda permit: permit.stage)),
        tuple((sop, _missing(item.when_any, facts)) for item, sop, state in states if state is None and sop),
        tuple(item.code for item, sop, state in states if state is not False and sop is None),
        tuple(_documents(goal, permits, facts)),
        tuple(questions(goal, chosen.values(), facts)),
        ends.get(last, 0),
        graph.longest_path(needs, _promises(chosen), last)[1],
        tuple((item, state) for item in goal.elsewhere if (state := any_holds(item.when_any, facts)) is not False),
    )


# Facts


def holds(condition: Condition | None, facts: Facts) -> bool | None:
    """Says whether a condition holds; None while its fact is not declared."""
    if condition is None:
        return True
    return condition.holds(facts) if condition.fact in facts else None


def any_holds(conditions: Sequence[Condition], facts: Facts) -> bool | None:
    """Says whether one of the conditions holds, or there is none; None while that hangs on a fact that is not declared."""
    found = [holds(condition, facts) for condition in conditions]
    return True if not found or True in found else None if None in found else False


def _missing(conditions: Iterable[Condition | None], facts: Facts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(condition.fact for condition in conditions if condition and condition.fact not in facts))


def own_facts(sop: SopParts, facts: Facts) -> dict[str, FactValue]:
    """Returns the facts of one SOP under its own names: those declared for its type, and the goal's of the same name."""
    found = {}
    for name in sop.fact_by_name:
        value = facts.get(scoped(sop, name), facts.get(name))
        if value is not None:
            found[name] = value
    return found


def declared_name(goal: Goal, sop: SopParts, fact: str) -> str:
    """Returns the name under which a fact of an SOP is declared to a plan: the goal's, if it shares it."""
    return fact if any(shared.name == fact for shared in goal.facts) else scoped(sop, fact)


def scoped(sop: SopParts, fact: str) -> str:
    """Returns the name of a fact that one type alone asks for."""
    return f"{sop.permit_type}.{fact}"


def questions(goal: Goal, sops: Iterable[SopParts], facts: Facts) -> Iterator[Question]:
    """Yields what the plan may be told: the goal's facts, then those of the SOPs that decide about documents, steps or charges."""
    shared = {fact.name for fact in goal.facts}
    for fact in goal.facts:
        yield Question(fact.name, fact, "", facts.get(fact.name))
    for sop in sops:
        used = _used_facts(sop)
        for fact in sop.facts:
            if fact.name in used and fact.name not in shared:
                name = scoped(sop, fact.name)
                yield Question(name, fact, sop.permit_type, facts.get(name))


def declarable(goal: Goal, sops: Iterable[SopParts]) -> dict[str, FactDefinition]:
    """Returns every fact that may be declared to a plan, whatever has been declared, by its name there."""
    types = {item.code for item in goal.permits}
    chosen = [sop for sop in sops if sop.permit_type in types]
    return {question.name: question.definition for question in questions(goal, chosen, {})}


def _used_facts(sop: SopParts) -> set[str]:
    charges = [step.charge for step in sop.steps if step.charge]
    conditions = [
        *(item.when for item in sop.requirements),
        *(step.when for step in sop.steps),
        *(charge.exempt_when for charge in charges),
    ]
    return {item.fact for item in conditions if item} | {name for charge in charges for name in charge.factors}


def read_fact(definition: FactDefinition, text: str) -> FactValue | None:
    """Returns the value that a person has written, None when it has the wrong kind or is out of bounds."""
    text = text.strip().lower()
    value: FactValue | None = text
    if definition.kind == "boolean":
        value = {"true": True, "ya": True, "yes": True, "false": False, "tidak": False, "no": False}.get(text)
    elif definition.kind == "count":
        value = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None  # noqa: PLR2004 - within 2^53
    elif definition.kind == "measure":
        value = text.replace(",", ".")
    return None if value is None or rules.fact_problem(definition, value) else value


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person has written: the facts that could be read, and the names that no fact has or whose value is wrong."""

    facts: dict[str, FactValue]
    unknown: tuple[str, ...]
    wrong: tuple[str, ...]


def read_facts(goal: Goal, sops: Iterable[SopParts], written: Mapping[str, str]) -> Declared:
    """Reads facts as a person writes them by name; an empty text declares nothing."""
    known = declarable(goal, sops)
    values = {name: read_fact(known[name], text) for name, text in written.items() if name in known and text.strip()}
    facts = {name: value for name, value in values.items() if value is not None}
    return Declared(facts, tuple(name for name in written if name not in known), tuple(name for name in values if name not in facts))


# Order


def needs_of(goal: Goal, sops: Mapping[str, SopParts], facts: Facts) -> Needs:
    """Returns for each type what comes before it; types that need each other in a circle wait for none of the circle."""
    before = {item.code: [other.code for other in item.after] for item in goal.permits}
    needs = {
        code: tuple(dict.fromkeys(need for need in (*asked_permits(sop, own_facts(sop, facts)), *before[code]) if need in sops))
        for code, sop in sops.items()
    }
    for circle in graph.circles(needs):
        needs |= {code: tuple(need for need in needs[code] if need not in circle) for code in circle}
    return needs


def asked_permits(sop: SopParts, facts: Facts) -> Iterator[str]:
    """Yields the other types whose permit an SOP asks for, or may ask for as far as is declared."""
    for item in sop.requirements:
        if item.permit_type and item.permit_type != sop.permit_type and holds(item.when, facts) is not False:
            yield item.permit_type


def _promises(sops: Mapping[str, SopParts]) -> dict[str, int]:
    return {code: sop.promise_working_days for code, sop in sops.items()}


def _permit(item: PlanPermit, sop: SopParts, needs: Needs, ends: Mapping[str, int], charges: tuple[Charge, ...]) -> Permit:
    return Permit(
        sop,
        graph.longest_path(needs, dict.fromkeys(needs, 1), item.code)[0],
        needs[item.code],
        ends[item.code] - sop.promise_working_days,
        item.own_work,
        charges,
        tuple(step for step in sop.steps if step.kind in WAITED_FOR),
    )


# What is asked and charged


def _charges(goal: Goal, sop: SopParts, facts: Facts) -> Iterator[Charge]:
    """Yields the charges of an SOP for its own facts."""
    for step in sop.steps:
        if step.charge and holds(step.when, facts) is not False:
            missing = tuple(declared_name(goal, sop, name) for name in _missing_for(step, step.charge, facts))
            yield Charge(step, None if missing else tariff_rupiah(step.charge, facts), missing)


def _missing_for(step: Step, rule: ChargeRule, facts: Facts) -> tuple[str, ...]:
    if rule.method == "told" or (rule.exempt_when and rule.exempt_when.holds(facts)):
        return _missing([step.when], facts)
    factors = tuple(name for name in rule.factors if name not in facts)
    return tuple(dict.fromkeys((*_missing([step.when, rule.exempt_when], facts), *factors)))


def _documents(goal: Goal, permits: Sequence[Permit], facts: Facts) -> Iterator[Document]:
    types = {permit.sop.permit_type for permit in permits}
    asked = [
        (permit.sop, item, missing)
        for permit in sorted(permits, key=lambda permit: permit.stage)
        for item, missing in _required(permit.sop, own_facts(permit.sop, facts))
    ]
    groups = grouped(asked, lambda one, other: _same_document(one[1], other[1]))
    for group in sorted(groups, key=lambda group: asked.index(group[0])):
        sure = any(not missing for _, _, missing in group)
        hangs_on = () if sure else tuple(dict.fromkeys(declared_name(goal, sop, name) for sop, _, missing in group for name in missing))
        permit = next((item.permit_type for _, item, _ in group if item.permit_type in types), "")
        yield Document(tuple((sop.permit_type, item) for sop, item, _ in group), hangs_on, permit)


def _required(sop: SopParts, facts: Facts) -> Iterator[tuple[Requirement, tuple[str, ...]]]:
    for item in sop.requirements:
        if holds(item.when, facts) is not False:
            yield item, _missing([item.when], facts)


def _same_document(one: Requirement, other: Requirement) -> bool:
    return one.code == other.code or same_title(one, other)


def charge_total(permits: Iterable[Permit]) -> tuple[int, int]:
    """Returns the rupiah that are known already, and how many charges an agency or a fact has yet to tell."""
    charges = [charge for permit in permits for charge in permit.charges]
    return sum(charge.rupiah or 0 for charge in charges), sum(charge.rupiah is None for charge in charges)
