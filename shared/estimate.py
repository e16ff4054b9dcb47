"""When an open application will be over: a range from how similar ones went on that were over before the moment of asking.

Similar ones stood as long at the same step and were still open then. Where few of them share a desk, a load or a channel, the wider circle
counts more (shrinkage by so many imagined applications), down to all applications that were open at the same age. What was over lately
may count more. The levels at which the range is read are set so that it would have held on earlier applications (conformal calibration).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from shared.tracks import MINUTES_A_DAY, Asked, Loads, Mark, Track

Feature = Literal["desk", "channel", "load", "promise"]
SIMILAR_MIN: Final = 20
WHOLE: Final = 10**12
LOAD_PARTS: Final = 5  # a load is like another if they differ by at most a fifth
PROMISE_DAYS: Final = 7  # as much of the promise was left, give or take so many days
PERMILLE: Final = 1000
P50_PERMILLE: Final = 500
P90_PERMILLE: Final = 900


@dataclass(frozen=True, slots=True)
class Settings:
    """What makes applications similar, the widest circle first, and how strongly; a half-life of 0 days forgets nothing."""

    features: tuple[Feature, ...] = ("desk",)
    imagined: int = 10
    half_life_days: int = 0
    p50_permille: int = P50_PERMILLE
    p90_permille: int = P90_PERMILLE


class Range(NamedTuple):
    """How long it will still take: half of similar applications took at most the first, nine of ten at most the second; in minutes."""

    p50_minutes: int
    p90_minutes: int
    similar: int


class _Stand(NamedTuple):
    """A past application's last stay at a step: from when, until when (its next step or its end), and what it was like."""

    ended: int
    since: int
    until: int
    desk: str
    channel: str
    load: int
    promised: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """The past applications of a type, each list in the order in which they ended."""

    ages: list[tuple[int, int]]
    by_step: dict[str, list[_Stand]]


class History:
    """Applications that are over, ready to be asked; it answers each question from those alone that were over before it."""

    def __init__(self, tracks: Iterable[Track], loads: Loads) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._loads = loads
        for track in sorted((item for item in tracks if item.ended is not None), key=lambda item: item.ended or 0):
            self.add(track)

    def add(self, track: Track, most: int = 0) -> None:
        """Adds an application that ended, none before it; of a bounded history the oldest at each place then goes (0: no bound)."""
        kind = self._kinds.setdefault(track.kind, _Kind([], {}))
        ended = track.ended or 0
        kind.ages.append((ended, track.arrived))
        for step, since, until, desk in _stands(track.marks, ended):
            stand = _Stand(ended, since, until, desk, track.channel, self._loads.at(since), track.promised)
            kind.by_step.setdefault(step, []).append(stand)
        if most:
            del kind.ages[:-most]
            for stands in kind.by_step.values():
                del stands[:-most]

    def ages(self, asked: Asked) -> list[tuple[int, int]]:
        """Returns for all that were open at the same age when they ended and how long it took them then."""
        kind = self._kinds.get(asked.kind)
        age = asked.now - asked.arrived
        known = kind.ages[: bisect_right(kind.ages, asked.now, key=lambda item: item[0])] if kind else []
        return [(ended, ended - arrived - age) for ended, arrived in known if ended - arrived > age]

    def stands(self, asked: Asked) -> list[tuple[_Stand, int]]:
        """Returns those that stood as long at the same step, and how long it took them then."""
        kind = self._kinds.get(asked.kind)
        since = asked.now - asked.mark.minute
        known = kind.by_step.get(asked.mark.step, []) if kind else []
        known = known[: bisect_right(known, asked.now, key=lambda item: item.ended)]
        return [(item, item.ended - item.since - since) for item in known if item.until - item.since > since]


def _stands(marks: Sequence[Mark], ended: int) -> list[tuple[str, int, int, str]]:
    last = {mark.step: index for index, mark in enumerate(marks)}
    ends = [*(mark.minute for mark in marks[1:]), ended]
    return [(step, marks[index].minute, min(ends[index], ended), marks[index].desk) for step, index in last.items()]


# The estimate


def estimate(asked: Asked, history: History, settings: Settings) -> Range | None:
    """Returns the range of the time that an application will still take, None where too few were over before."""
    found = distribution(asked, history, settings)
    if len(found) < SIMILAR_MIN:
        return None
    p50, p90 = (_read(found, permille) for permille in (settings.p50_permille, settings.p90_permille))
    return Range(p50, max(p50, p90), len(found))


def distribution(asked: Asked, history: History, settings: Settings) -> list[tuple[int, int]]:
    """Returns the remaining minutes of similar applications, shortest first, with weights that sum up to about `WHOLE`.

    Weights are whole numbers, so that sums of them are the same on every machine.
    """

    def recency(ended: int) -> float:
        return 2 ** ((ended - asked.now) / (settings.half_life_days * MINUTES_A_DAY)) if settings.half_life_days else 1 / 1

    stands = [(item, left, recency(item.ended)) for item, left in history.stands(asked)]
    circles = [[(left, recency(ended)) for ended, left in history.ages(asked)], [(left, weight) for _, left, weight in stands]]
    for feature in settings.features:
        same = _SAME[feature]
        stands = [item for item in stands if same(item[0], asked)]
        circles.append([(left, weight) for _, left, weight in stands])
    weighted: list[tuple[int, int]] = []
    share = 1 / 1
    for circle in reversed(circles):
        total = sum(weight for _, weight in circle) if settings.half_life_days else len(circle)
        if total > 0:
            part = share * total / (total + settings.imagined) if circle is not circles[0] else share
            if settings.half_life_days:
                weighted += [(left, round(part * weight / total * WHOLE)) for left, weight in circle]
            else:
                each = round(part / total * WHOLE)
                weighted += [(left, each) for left, _ in circle]
            share -= part
    weighted.sort()
    return weighted


_SAME: Final[dict[Feature, Callable[[_Stand, Asked], bool]]] = {
    "desk": lambda stand, asked: stand.desk == asked.mark.desk,
    "channel": lambda stand, asked: stand.channel == asked.channel,
    "promise": lambda stand, asked: (
        abs((stand.promised - stand.since) - (asked.promised - asked.mark.minute)) <= PROMISE_DAYS * MINUTES_A_DAY
    ),
    "load": lambda stand, asked: abs(stand.load - asked.load) * LOAD_PARTS <= asked.load,
}


def _read(weighted: Sequence[tuple[int, int]], permille: int) -> int:
    passed = list(accumulate(weight for _, weight in weighted))
    goal = -(-permille * passed[-1] // PERMILLE)
    return weighted[bisect_left(passed, goal)][0]


def level_permille(weighted: Sequence[tuple[int, int]], left: int) -> int:
    """Returns at which level a distribution has a remaining time: what share of it is shorter, ties by half."""
    total = sum(weight for _, weight in weighted)
    shorter = sum(weight for value, weight in weighted if value < left)
    equal = sum(weight for value, weight in weighted if value == left)
    return (2 * shorter + equal) * PERMILLE // (2 * total)
