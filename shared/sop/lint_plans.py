"""Whether a plan and the SOPs fit together: types that nobody has, facts that nobody declares, circles, and permits that are left out; pure.

No finding here costs days: a plan takes nobody's time, it only tells the way.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from shared.sop import graph
from shared.sop.findings import Finding, Words, found
from shared.sop.lint_form import place_of
from shared.sop.model import SopParts, newest_versions
from shared.sop.plans import Elsewhere, Goal, PlanPermit, asked_permits, read_goals

PLANS = "plans"


def lint_plans(tree: Any, sops: Sequence[SopParts]) -> tuple[Finding, ...]:  # noqa: ANN401 - whatever a file holds
    """Returns all findings on the plans of a file's tree under the SOPs of a whole catalogue."""
    try:
        goals = read_goals(tree)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        return tuple(
            found("malformed-plan", PLANS, place_of(tree, item["loc"]), reason=Words(item["msg"], item["msg"])) for item in problems
        )
    findings = [*_unknown_permits(sops), *(item for goal in goals for item in plan_findings(goal, sops))]
    return tuple(dict.fromkeys(findings))


def _unknown_permits(sops: Sequence[SopParts]) -> Iterator[Finding]:
    known = {sop.permit_type for sop in sops}
    for sop in sops:
        for item in sop.requirements:
            if item.permit_type and item.permit_type not in known:
                yield found("unknown-permit-type", PLANS, "", name=item.permit_type, of=sop.name, requirement=item.code)


def plan_findings(goal: Goal, sops: Sequence[SopParts]) -> Iterator[Finding]:
    """Yields what is wrong with one plan under the newest version of each type."""
    known = newest_versions(sops)
    yield from _facts(goal, known)
    codes = {item.code for item in goal.permits}
    for item in goal.permits:
        place = f"plans/{goal.code}/permits/{item.code}"
        for code in dict.fromkeys((item.code, *(before.code for before in item.after))):
            if code not in known:
                yield found("plan-unknown-type", PLANS, place, name=code)
            elif code not in codes:
                yield found("plan-type-missing", PLANS, place, name=code, by=item.code)
        for code in _permits_of(known.get(item.code)):
            if code in known and code not in codes:
                yield found("plan-type-missing", PLANS, place, name=code, by=item.code)
    for circle in graph.circles(_needs(goal, known)):
        place = f"plans/{goal.code}/permits/{circle[0]}"
        yield found("plan-cycle", PLANS, place, path=" → ".join((*circle, circle[0])))


def _needs(goal: Goal, known: Mapping[str, SopParts]) -> dict[str, tuple[str, ...]]:
    return {item.code: (*_permits_of(known.get(item.code)), *(before.code for before in item.after)) for item in goal.permits}


def _permits_of(sop: SopParts | None) -> list[str]:
    return list(dict.fromkeys(asked_permits(sop, {}))) if sop else []


def _facts(goal: Goal, known: Mapping[str, SopParts]) -> Iterator[Finding]:
    declared = {fact.name: fact for fact in goal.facts}
    parts: list[tuple[str, PlanPermit | Elsewhere]] = [("permits", item) for item in goal.permits]
    parts += [("elsewhere", other) for other in goal.elsewhere]
    for part, item in parts:
        for condition in item.when_any:
            if condition.fact not in declared:
                yield found("plan-unknown-fact", PLANS, f"plans/{goal.code}/{part}/{item.code}", name=condition.fact)
    for item in goal.permits:
        for fact in known[item.code].facts if item.code in known else ():
            shared = declared.get(fact.name)
            if shared and (shared.kind != fact.kind or not set(shared.choices) <= set(fact.choices)):
                yield found("plan-fact-differs", PLANS, f"plans/{goal.code}/facts/{fact.name}", name=fact.name, of=known[item.code].name)
