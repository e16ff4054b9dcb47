"""Graphs of steps as plain maps from a step to what it needs: circles, what can be reached, what counts, the longest path; pure.

A step that needs several others needs them all. A state that several transitions lead to needs one of them: for `attainable` that is several
alternatives, so that the same function judges an SOP and the states of another system.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

Needs = Mapping[str, Collection[str]]
Alternatives = Mapping[str, Sequence[Collection[str]]]


def attainable(alternatives: Alternatives) -> set[str]:
    """Returns the steps that can come about: those for which, in one of their alternatives, everything needed can come about."""
    found: set[str] = set()
    grown = True
    while grown:
        more = {step for step, ways in alternatives.items() if step not in found and any(found.issuperset(way) for way in ways)}
        found |= more
        grown = bool(more)
    return found


def ancestors(needs: Needs, step: str) -> set[str]:
    """Returns everything that a step needs, however far; the step itself only if it stands in a circle."""
    found: set[str] = set()
    pending = list(needs.get(step, ()))
    while pending:
        code = pending.pop()
        if code not in found:
            found.add(code)
            pending.extend(needs.get(code, ()))
    return found


def circles(needs: Needs) -> list[tuple[str, ...]]:
    """Returns each group of steps that need each other in a circle, in the order of the map."""
    above = {step: ancestors(needs, step) for step in needs}
    found: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for step in needs:
        if step in above[step] and step not in seen:
            group = tuple(other for other in needs if other in above[step] and step in above[other])
            seen.update(group)
            found.append(group)
    return found


def longest_path(needs: Needs, days: Mapping[str, int], goal: str) -> tuple[int, tuple[str, ...]]:
    """Returns the most days up to and with the goal, and the steps on that path; the map holds no circle.

    Of two paths with the same days, the one through what is needed first counts.
    """
    best: dict[str, tuple[int, tuple[str, ...]]] = {}
    for step in ordered(needs, goal):
        before = max((best[need] for need in needs[step] if need in best), key=lambda path: path[0], default=(0, ()))
        best[step] = (before[0] + days.get(step, 0), (*before[1], step))
    return best.get(goal, (0, ()))


def ordered(needs: Needs, goal: str) -> list[str]:
    """Returns the goal and all that it needs, each after what it needs; the map holds no circle."""
    wanted = {goal, *ancestors(needs, goal)} & set(needs)
    found: list[str] = []
    placed: set[str] = set()
    while len(found) < len(wanted):
        ready = [step for step in needs if step in wanted and step not in placed and placed.issuperset(wanted.intersection(needs[step]))]
        if not ready:
            break
        found += ready
        placed.update(ready)
    return found


def side_by_side(needs: Needs, step: str, after: str) -> dict[str, tuple[str, ...]]:
    """Returns the map in which a step no longer waits for another, and all that waited for the step waits for both."""
    changed: dict[str, tuple[str, ...]] = {}
    for code, needed in needs.items():
        if code == step:
            changed[code] = _once([*(need for need in needed if need != after), *needs.get(after, ())])
        elif step in needed:
            changed[code] = _once([*needed, after])
        else:
            changed[code] = tuple(needed)
    return changed


def _once(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
