"""The arithmetic of a measurement: medians, spreads, percentiles, ratios of two sides, and the gate against committed ratios."""

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

import psutil

from shared.kit.process import GC_ALLOCATIONS

GATE: Final = 0.8
ROUNDS_MIN: Final = 3
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many units of work took: CPU of every process that took part, and wall time, in seconds."""

    units: int
    cpu_seconds: float
    wall_seconds: float

    @property
    def cpu_microseconds(self) -> float:
        """Returns the CPU of one unit."""
        return self.cpu_seconds / self.units * 1e6

    @property
    def wall_microseconds(self) -> float:
        """Returns the wall time of one unit."""
        return self.wall_seconds / self.units * 1e6

    @property
    def per_second(self) -> float:
        """Returns how many units a second of wall time held."""
        return self.units / self.wall_seconds


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: a value with its unit, its target and its rounds; a gated one may not fall far below what was committed."""

    row: str
    name: str
    value: float
    unit: str
    target: float
    better: Better
    rounds: tuple[float, ...] = ()
    gated: bool = False
    notes: tuple[str, ...] = field(default=())

    def reached(self) -> bool:
        """Says whether the value is as good as the target."""
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def fell(self, committed: float) -> bool:
        """Says whether the value is worse than the gate's share of what was committed."""
        return self.value < GATE * committed if self.better == "higher" else self.value > committed / GATE


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the smallest value that at least this share of the values does not exceed."""
    if not values:
        raise ValueError("no value was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def cost_ratios(raw: Sequence[Cost], ours: Sequence[Cost]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Returns, round by round, what the raw loop costs as a share of ours: by CPU and by wall time."""
    pairs = list(zip(raw, ours, strict=True))
    cpu = tuple(one.cpu_microseconds / other.cpu_microseconds for one, other in pairs)
    return cpu, tuple(one.wall_microseconds / other.wall_microseconds for one, other in pairs)


@dataclass(frozen=True, slots=True)
class Loop:
    """One side of a comparison: what it does, in words, and its cost in each round."""

    words: str
    costs: Sequence[Cost]


def compared(measure: tuple[str, str, float], raw: Loop, ours: Loop, unit: str) -> tuple[Figure, Figure]:
    """Returns the CPU ratio, which is gated, and the wall ratio, which is only shown; `measure` is row, name and target."""
    row, name, target = measure
    cpu, wall = cost_ratios(raw.costs, ours.costs)
    notes = (f"raw: {raw.words}: {described(raw.costs, unit)}", f"ours: {ours.words}: {described(ours.costs, unit)}")
    return (
        Figure(row, f"{name}, CPU", statistics.median(cpu), "ratio", target, "higher", cpu, gated=True, notes=notes),
        Figure(row, f"{name}, wall", statistics.median(wall), "ratio", target, "higher", wall),
    )


def described(costs: Sequence[Cost], unit: str) -> str:
    """Returns the medians of a loop in one line."""
    cpu = statistics.median(cost.cpu_microseconds for cost in costs)
    wall = statistics.median(cost.wall_microseconds for cost in costs)
    return f"{cpu:.1f} us CPU, {wall:.1f} us wall a {unit} ({costs[0].units} in each of {len(costs)} rounds)"


def failures(figures: Sequence[Figure], committed: Mapping[str, float]) -> list[str]:
    """Returns a sentence for each gated figure that fell below its committed value."""
    found = []
    for figure in figures:
        known = committed.get(key(figure))
        if figure.gated and known is not None and figure.fell(known):
            found.append(f"Row {figure.row}, {figure.name}: {figure.value:.3g}, committed {known:.3g}.")
    return found


def key(figure: Figure) -> str:
    """Returns the name under which a figure is committed."""
    return f"{figure.row} {figure.name}"


class Meter:
    """The CPU of the processes that take part, each with its children, those that have already ended included."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}

    def read(self) -> dict[str, float]:
        """Returns user and system seconds by name."""
        return {name: _tree_seconds(process) for name, process in self._processes.items()}

    def total(self) -> float:
        """Returns the sum over all processes."""
        return sum(self.read().values())


def _tree_seconds(process: psutil.Process) -> float:
    own = process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in process.children():
        try:
            total += _tree_seconds(child)
        except psutil.NoSuchProcess:
            continue  # it ended between the two readings and is counted with its parent from now on
    return float(total)


def measured(units: int, step: Callable[[], None], others: Meter | None = None) -> Cost:
    """Runs a step in this process and returns its cost, with the CPU that other processes spent meanwhile."""
    before = others.total() if others else 0.0
    cpu, wall = time.process_time(), time.perf_counter()
    step()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Cost(units, cpu + (others.total() - before if others else 0.0), wall)


@contextmanager
def heap_aside() -> Iterator[None]:
    """Has the garbage collector work as in a service, and without what the bench itself holds in memory, while something is measured."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_ALLOCATIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def alternate(rounds: int, first: Callable[[], Cost], second: Callable[[], Cost]) -> tuple[list[Cost], list[Cost]]:
    """Runs both sides in turn, the one that begins changing each round, so that neither profits from a warm cache or a quiet moment."""
    ones: list[Cost] = []
    others: list[Cost] = []
    for number in range(rounds):
        for side, costs in ((first, ones), (second, others))[:: 1 if number % 2 == 0 else -1]:
            costs.append(side())
    return ones, others
