"""Percentiles of whole numbers, and how sure a figure is: intervals over resampled cases, with chance as an argument."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple, Protocol

LOW_TAIL_PERMILLE: Final = 25
HIGH_TAIL_PERMILLE: Final = 975
PERMILLE: Final = 1000


class Chance(Protocol):
    """Where chance comes from: `random.Random` with a seed."""

    def choices(self, population: Sequence[int], *, k: int) -> list[int]:
        """Returns k members drawn with replacement."""
        ...


class Interval(NamedTuple):
    """Where a figure lies in 95 % of the resamples."""

    low: int
    high: int


class Series(NamedTuple):
    """A figure of all cases: one value for each of them, and how the figure is made of them."""

    values: Sequence[int]
    figure: Callable[[Sequence[int]], int]


def quantile(values: Sequence[int], permille: int) -> int:
    """Returns the smallest value that so many of a thousand do not exceed; 0 of none."""
    if not values:
        return 0
    rank = -(-permille * len(values) // PERMILLE)
    return sorted(values)[max(rank, 1) - 1]


def median(values: Sequence[int]) -> int:
    """Returns the middle value, the lower one of two."""
    return quantile(values, 500)


def p90(values: Sequence[int]) -> int:
    """Returns the value that nine of ten do not exceed."""
    return quantile(values, 900)


def intervals(series: Sequence[Series], cases: int, chance: Chance, resamples: int) -> list[Interval]:
    """Returns for each series where its figure lies when as many cases are drawn anew with replacement, all series by the same draws."""
    found: list[list[int]] = [[] for _ in series]
    for _ in range(resamples if cases else 0):
        drawn = chance.choices(range(cases), k=cases)
        pick = itemgetter(*drawn) if cases > 1 else tuple
        for figures, one in zip(found, series, strict=True):
            figures.append(one.figure(pick(one.values)))
    return [Interval(quantile(figures, LOW_TAIL_PERMILLE), quantile(figures, HIGH_TAIL_PERMILLE)) for figures in found]
