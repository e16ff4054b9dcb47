"""Graphs of steps: what can come about, what stands in a circle, and how long the longest path is."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.sop import graph
from tests.strategies import QUICK

CODES = ("a", "b", "c", "d", "e")
any_needs = st.dictionaries(st.sampled_from(CODES), st.lists(st.sampled_from(CODES), max_size=4).map(tuple), max_size=5)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """A map without circles: every step needs some of those before it."""
    return {code: tuple(draw(st.lists(st.sampled_from(CODES[:place]), unique=True))) if place else () for place, code in enumerate(CODES)}


def test_all_needs_have_to_come_about() -> None:
    """A step comes about when everything of one alternative does; of two alternatives either will do."""
    ways = {"start": ((),), "and": (("start", "never"),), "or": (("never",), ("start",)), "never": (), "after": (("or",),)}
    assert graph.attainable(ways) == {"start", "or", "after"}


def test_a_circle_is_named_once_in_the_order_of_the_map() -> None:
    """Steps that need each other make one group, a step that needs itself another, and who only waits for them none."""
    needs = {"a": ("c",), "b": ("a",), "c": ("b",), "d": ("d",), "e": ("a", "d")}
    assert graph.circles(needs) == [("a", "b", "c"), ("d",)]


@QUICK
@given(any_needs)
def test_what_cannot_come_about_waits_for_a_circle(needs: dict[str, tuple[str, ...]]) -> None:
    """In a map that names only its own steps, a step never comes about exactly if it stands in a circle or needs one."""
    known = {code: tuple(need for need in needed if need in needs) for code, needed in needs.items()}
    possible = graph.attainable({code: (needed,) for code, needed in known.items()})
    in_circles = {code for group in graph.circles(known) for code in group}
    assert set(known) - possible == {code for code in known if in_circles & {code, *graph.ancestors(known, code)}}


@QUICK
@given(orders(), st.lists(st.integers(0, 9), min_size=5, max_size=5))
def test_the_longest_path_is_a_path_and_no_other_is_longer(needs: dict[str, tuple[str, ...]], targets: list[int]) -> None:
    """The path leads along needs to the goal, has the days it says, and is at least as long as every path found one by one."""
    days = dict(zip(CODES, targets, strict=True))
    found, path = graph.longest_path(needs, days, "e")
    assert path[-1] == "e"
    assert all(before in needs[after] for before, after in pairwise(path))
    assert sum(days[code] for code in path) == found == slowest(needs, days, "e")


def slowest(needs: dict[str, tuple[str, ...]], days: dict[str, int], goal: str) -> int:
    """Returns the longest path by trying every one."""
    return days[goal] + max((slowest(needs, days, need) for need in needs[goal]), default=0)


@QUICK
@given(orders(), st.sampled_from(CODES[1:4]))
def test_side_by_side_loses_no_need_but_one(needs: dict[str, tuple[str, ...]], step: str) -> None:
    """A step freed of one need keeps what that needed, all after it still wait for both, and the goal still needs everything."""
    for need in needs[step]:
        changed = graph.side_by_side(needs, step, need)
        assert need not in changed[step]
        assert set(needs[step]) - {need} | set(needs[need]) <= set(changed[step])
        assert all({step, need} <= set(changed[code]) for code in needs if step in needs[code])
        assert graph.circles(changed) == []
        for code in set(CODES) - {step}:
            assert graph.ancestors(needs, code) == graph.ancestors(changed, code)


def test_a_map_with_circles_ends_too() -> None:
    """Ordering stops at a circle instead of going round."""
    assert graph.ordered({"a": ("b",), "b": ("a",)}, "a") == []
    assert graph.longest_path({"a": ("b",), "b": ("a",)}, {}, "a") == (0, ())
