"""The way through an SOP: circles, steps that never come or count for nothing, the longest path, and steps that could run together; pure.

Days. `dead-end`: the step's own target. `promise-too-short` and `promise-too-long`: the difference between the promise and the longest path.
`too-many-signatures`: the targets of the persons between the first and the last. `could-run-in-parallel`: the longest path as it is, less
the longest path if the two steps run at the same time.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.sop import graph
from shared.sop.findings import Finding, Words, found, working_days
from shared.sop.lint_conditions import situations, unreachable_reason
from shared.sop.model import SopParts, Step
from shared.sop.timing import step_working_days

# A reviewer and a visitor look at documents or at the place; whoever recommends, charges or decides builds on what they found.
LOOKING: Final = frozenset({"review", "visit", "outsider"})
SIGNING: Final = frozenset({"recommendation", "decision"})
SIGNATURES_MAX: Final = 2
WAITING: Final = Words("menunggu langkah yang tidak pernah selesai ({name})", "it waits for a step that is never done ({name})")


def flow_findings(sop: SopParts) -> Iterator[Finding]:
    """Yields everything about the way through the SOP; of time only when there is no circle."""
    needs = _needs(sop)
    circles = graph.circles(needs)
    for group in circles:
        yield found("cycle", sop.name, f"steps/{group[0]}/needs", path=" ↔ ".join(group))
    yield from _out_of_order(sop, needs, circles)
    yield from _unreachable(sop, needs, circles)
    goal = next((step for step in reversed(sop.steps) if step.kind == "decision"), None)
    if goal is None:
        return
    counted = {goal.code, *graph.ancestors(needs, goal.code)}
    for step in sop.steps:
        if step.code not in counted:
            yield found("dead-end", sop.name, f"steps/{step.code}", step.target_working_days, step=step.code)
    if not circles:
        yield from _promise(sop, needs, goal)
        yield from _signatures(sop, needs, goal)
        yield from _parallel(sop, needs, goal)


def longest(sop: SopParts, needs: Mapping[str, tuple[str, ...]], goal: Step) -> tuple[int, tuple[str, ...]]:
    """Returns the most working days that the agencies may take for one application, and the steps on that path.

    Of each step its target, of payments and outsiders nothing; steps whose conditions exclude each other never count together.
    """
    best: tuple[int, tuple[str, ...]] = (-1, ())
    for facts in situations(sop) or ({},):
        days = {step.code: step_working_days(step) for step in sop.steps if not facts or step.when is None or step.when.holds(facts)}
        best = max(best, graph.longest_path(needs, days, goal.code), key=lambda path: path[0])
    return best[0], tuple(code for code in best[1] if step_working_days(sop.step_by_code[code]))


def _needs(sop: SopParts) -> dict[str, tuple[str, ...]]:
    known = {step.code for step in sop.steps}
    needs: dict[str, tuple[str, ...]] = {}
    for step in sop.steps:
        needs.setdefault(step.code, tuple(need for need in step.needs if need in known))
    return needs


def _out_of_order(sop: SopParts, needs: Mapping[str, tuple[str, ...]], circles: list[tuple[str, ...]]) -> Iterator[Finding]:
    order = list(needs)
    together = {code: number for number, group in enumerate(circles) for code in group}
    for code, needed in needs.items():
        for need in dict.fromkeys(needed):
            in_one_circle = code in together and together[code] == together.get(need)
            if order.index(need) > order.index(code) and not in_one_circle:
                yield found("out-of-order", sop.name, f"steps/{code}/needs", step=code, name=need)


def _unreachable(sop: SopParts, needs: Mapping[str, tuple[str, ...]], circles: list[tuple[str, ...]]) -> Iterator[Finding]:
    possible = graph.attainable({code: (needed,) for code, needed in needs.items()})
    explained = {code for group in circles for code in group}
    for step in sop.step_by_code.values():
        if step.code not in possible and step.code not in explained:
            waits = ", ".join(need for need in needs[step.code] if need not in possible)
            reason = Words(*(text.format(name=waits) for text in WAITING))
            yield found("unreachable", sop.name, f"steps/{step.code}", step=step.code, reason=reason)
        elif (never := unreachable_reason(sop, step)) is not None:
            yield found("unreachable", sop.name, f"steps/{step.code}/when", step=step.code, reason=never)


def _promise(sop: SopParts, needs: Mapping[str, tuple[str, ...]], goal: Step) -> Iterator[Finding]:
    days, path = longest(sop, needs, goal)
    promise = sop.promise_working_days
    if days == promise:
        return
    names: dict[str, Any] = {"path": " → ".join(path) or goal.code, "longest": days, "promise": promise}
    names |= {"longest_long": working_days(days), "promise_long": working_days(promise)}
    code = "promise-too-short" if days > promise else "promise-too-long"
    yield found(code, sop.name, "promise_working_days", abs(days - promise), **names)


def _signatures(sop: SopParts, needs: Mapping[str, tuple[str, ...]], goal: Step) -> Iterator[Finding]:
    chains: dict[str, tuple[str, ...]] = {}
    for code in graph.ordered(needs, goal.code):
        step = sop.step_by_code[code]
        if step.kind in SIGNING and not step.runs_by_rule({}):
            before = max((chains[need] for need in needs[code] if need in chains), key=len, default=())
            chains[code] = (*before, code)
    chain = max(chains.values(), key=len, default=())
    if len(chain) > SIGNATURES_MAX:
        between = sum(step_working_days(sop.step_by_code[code]) for code in chain[1:-1])
        names: dict[str, Any] = {"count": len(chain), "path": " → ".join(chain)}
        yield found("too-many-signatures", sop.name, f"steps/{chain[1]}", between, **names)


def _parallel(sop: SopParts, needs: Mapping[str, tuple[str, ...]], goal: Step) -> Iterator[Finding]:
    now, _ = longest(sop, needs, goal)
    for step in sop.step_by_code.values():
        for need in dict.fromkeys(needs[step.code]):
            before = sop.step_by_code[need]
            if not {step.kind, before.kind} <= LOOKING or set(step.reads) & set(before.reads):
                continue
            saved = now - longest(sop, graph.side_by_side(needs, step.code, need), goal)[0]
            if saved > 0:
                yield found("could-run-in-parallel", sop.name, f"steps/{step.code}/needs", saved, step=step.code, name=need)
