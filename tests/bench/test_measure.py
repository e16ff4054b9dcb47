"""The bench's own arithmetic: what is said of a measurement follows from its rounds."""

from collections import deque
from pathlib import Path

import pytest

from bench import report
from bench.corpus import code_of
from bench.growth import TRACKER_QUERY
from bench.judging import ENTRIES_MIN, long_history
from bench.measure import Cost, Figure, Loop, alternate, compared, cost_ratios, failures, key, measured, percentile
from shared.code import parse_code
from shared.sop import deadlines

ROOT = Path(__file__).parents[2]


def figure(value: float, better: str = "higher", *, gated: bool = True) -> Figure:
    """Returns a figure with this value."""
    return Figure("3", "append", value, "ratio", 0.5, better, (value,), gated=gated)  # type: ignore[arg-type]  # a word of two


def busy() -> None:
    """Keeps the processor busy for some milliseconds."""
    deque((sum(range(1000)) for _ in range(1000)), maxlen=0)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    """Given a hundred values, the share of 99 percent is the ninety-ninth smallest, and of one value it is that value."""
    assert percentile(list(range(100, 0, -1)), 0.99) == 99
    assert percentile([7.0], 0.5) == 7.0


def test_a_percentile_of_nothing_is_an_error() -> None:
    """Given no values, when a percentile is asked for, then it is refused rather than zero."""
    with pytest.raises(ValueError, match="no value"):
        percentile([], 0.5)


def test_costs_are_told_for_one_unit() -> None:
    """Given a thousand units in two seconds with one second of CPU, then a unit costs 1,000 us CPU and 2,000 us wall."""
    cost = Cost(1000, 1.0, 2.0)
    assert (cost.cpu_microseconds, cost.wall_microseconds, cost.per_second) == (1000, 2000, 500)


def test_a_ratio_compares_units_round_by_round() -> None:
    """Given two rounds with different numbers of units, then each ratio is of costs a unit: twice as dear is one half."""
    raw = [Cost(100, 1.0, 1.0), Cost(100, 3.0, 1.0)]
    ours = [Cost(50, 1.0, 2.0), Cost(200, 12.0, 2.0)]
    assert cost_ratios(raw, ours) == ((0.5, 0.5), (0.25, 1.0))


def test_cpu_is_gated_and_wall_is_only_shown() -> None:
    """Given both sides of a measure, then its CPU ratio is gated, its wall ratio is not, and both loops are named."""
    cpu, wall = compared(("3", "append", 0.5), Loop("COPY", [Cost(1, 1.0, 1.0)]), Loop("append", [Cost(1, 2.0, 4.0)]), "row")
    assert (cpu.value, cpu.gated, wall.value, wall.gated) == (0.5, True, 0.25, False)
    assert [note.partition(":")[0] for note in cpu.notes] == ["raw", "ours"]


@pytest.mark.parametrize(
    ("better", "value", "fell"), [("higher", 0.41, False), ("higher", 0.39, True), ("lower", 0.62, False), ("lower", 0.63, True)]
)
def test_a_figure_may_be_a_fifth_worse_than_committed(better: str, value: float, *, fell: bool) -> None:
    """Given a committed ratio of one half, then 80 percent of it still passes in its direction, and less does not."""
    found = failures([figure(value, better)], {"3 append": 0.5})
    assert bool(found) == fell


def test_what_is_not_gated_or_not_committed_never_fails() -> None:
    """Given a poor figure that is only shown, or one that was never committed, then nothing fails."""
    assert failures([figure(0.01, gated=False)], {"3 append": 0.5}) == []
    assert failures([figure(0.01)], {}) == []


def test_sides_take_turns_and_change_who_begins() -> None:
    """Given three rounds, then the side that begins changes each round and both have three costs."""
    order: list[str] = []

    def side(name: str) -> Cost:
        order.append(name)
        return Cost(1, 1.0, 1.0)

    raw, ours = alternate(3, lambda: side("raw"), lambda: side("ours"))
    assert order == ["raw", "ours", "ours", "raw", "raw", "ours"]
    assert len(raw) == len(ours) == 3


def test_measuring_counts_this_process() -> None:
    """Given work that keeps the processor busy, when it is measured, then its CPU and wall time are more than nothing."""
    cost = measured(10, busy)
    assert cost.units == 10
    assert cost.cpu_seconds > 0
    assert cost.wall_seconds > 0


def test_codes_of_running_numbers_are_valid_and_differ() -> None:
    """Given ten thousand running numbers, then their codes all differ and their check characters are right."""
    codes = [code_of(number) for number in range(10_000)]
    assert len(set(codes)) == len(codes)
    assert all(parse_code(code) == code for code in codes[::100])


def test_the_measured_query_is_the_trackers() -> None:
    """The statement whose time row 6 compares is the one that the tracker's door runs."""
    assert f'"{TRACKER_QUERY}"' in (ROOT / "services" / "tracker" / "doors.py").read_text(encoding="utf-8")


def test_the_table_and_the_page_show_value_target_and_committed() -> None:
    """Given a figure and its committed ratio, then table and page hold value, target and committed, and say that it is reached."""
    known = {key(figure(0.6)): 0.55}
    table = report.table([figure(0.6)], known)
    page = report.page([figure(0.6)], known, {"cores": "2"}, "2026-01-05")
    for text in (table, page):
        assert all(part in text for part in ("0.600 ratio", ">= 0.500", "0.550", "reached"))
    assert "- cores: 2" in page


def test_the_long_history_gives_every_rule_something_to_do() -> None:
    """Given the history of row 12, it has thirty entries or more, several steps are ready and late, and silence is counted towards a grant."""
    history = long_history()
    running = {deadline.kind for deadline in deadlines.clock(history.case, history.city.calendar)}
    assert len(history.entries) >= ENTRIES_MIN
    assert len(history.case.ready) > 1
    assert {"contest", "escalation", "deemed-granted"} <= running
