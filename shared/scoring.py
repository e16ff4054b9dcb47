"""How good estimates are: settings chosen on the earlier part of a history, scored on the rest beside plain ones.

Every application is asked about when it comes and every seven days after while it is open, and counts once however often it is asked.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import sqrt
from typing import Final, NamedTuple

from shared.estimate import (
    P50_PERMILLE,
    P90_PERMILLE,
    PERMILLE,
    SIMILAR_MIN,
    Feature,
    History,
    Range,
    Settings,
    distribution,
    estimate,
    level_permille,
)
from shared.resampling import quantile
from shared.tracks import MINUTES_A_DAY, Asked, Loads, Track, asked_at

# Parts of the cases by when they came. Up to the first only history, then cases to choose on, then others to calibrate on, then some on
# which the calibration has to show that it helps, then the rest.
CHOOSE_PERCENT: Final = 36
CALIBRATE_PERCENT: Final = 48
PROVE_PERCENT: Final = 54
REST_PERCENT: Final = 60
ASKED_EVERY_DAYS: Final = 7
ASKED_TIMES_MAX: Final = 20
CASE_WEIGHT: Final = 232_792_560  # shared equally by up to so many questions, whose numbers all divide it
FOLLOWED_DAYS: Final = 100
Z_PERCENT: Final = 196  # of the normal distribution, for 95 %
FEATURES: Final[tuple[tuple[Feature, ...], ...]] = (
    (),
    ("desk",),
    ("channel",),
    ("load",),
    ("promise",),
    ("desk", "load"),
    ("desk", "promise"),
    ("channel", "desk"),
)
IMAGINED: Final = (10, 20, 40)
HALF_LIVES_DAYS: Final = (0, 120)
Method = Callable[[Asked], Range | None]


class Question(NamedTuple):
    """What was known at a moment, how long it then took, and how much the question counts."""

    asked: Asked
    left_minutes: int
    weight: int


class Share(NamedTuple):
    """A share of cases with its Wilson interval of 95 %, in thousandths."""

    permille: int
    low_permille: int
    high_permille: int


class Score(NamedTuple):
    """How a method did: mean pinball losses and width, and in which share of cases the time stayed within what was said."""

    method: str
    cases: int
    questions: int
    p50_loss_minutes: int
    p90_loss_minutes: int
    within_p50: Share
    within_p90: Share
    between: Share
    width_minutes: int

    @property
    def loss_minutes(self) -> int:
        """The two losses together, by which methods are compared."""
        return self.p50_loss_minutes + self.p90_loss_minutes


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The settings that were chosen, and how they and plain methods did on the rest.

    `scores` are of moments at least `FOLLOWED_DAYS` before the log's end, so that nearly every case was seen to its end; the others count as
    lasting until then. `closed_scores` are of all moments, of cases that ended with the log only: the longest ones of its last months are
    missing there (`open_cases`), which flatters whoever says too little.
    """

    settings: Settings
    first_cases: int
    chosen_on_cases: int
    calibrated_on_cases: int
    rest_cases: int
    open_cases: int
    scores: tuple[Score, ...]
    closed_scores: tuple[Score, ...]


def evaluate(tracks: Sequence[Track]) -> Evaluation:
    """Chooses on the first part of a history and scores on the rest, once; tracks in the order in which they came."""
    loads, last = Loads(tracks), max((max(track.ended or 0, track.marks[-1].minute) for track in tracks), default=0)
    history = History(tracks, loads)
    cut = len(tracks) * REST_PERCENT // 100
    parts = (CHOOSE_PERCENT, CALIBRATE_PERCENT, PROVE_PERCENT, REST_PERCENT)
    begin, middle, proof, split = (tracks[len(tracks) * part // 100].arrived for part in parts)
    # By when they ended, not came: so each part has long cases and short ones as they are, and nothing that ended after the split.
    choosing, calibrating, proving = (
        questions([track for track in tracks if track.ended is not None and after < track.ended <= until], loads)
        for after, until in pairwise((begin, middle, proof, split))
    )
    settings = proven(choose(choosing, history), calibrating, proving, history)
    rest = tracks[cut:]
    closed = questions([track for track in rest if track.ended is not None], loads)
    followed = questions([replace(track, ended=track.ended or last) for track in rest], loads, last - FOLLOWED_DAYS * MINUTES_A_DAY)
    methods = {"similar": lambda asked: estimate(asked, history, settings), **plain_methods(tracks, history)}
    return Evaluation(
        settings=settings,
        first_cases=cut,
        chosen_on_cases=_cases(choosing),
        calibrated_on_cases=_cases([*calibrating, *proving]),
        rest_cases=len(rest),
        open_cases=sum(track.ended is None for track in rest),
        scores=tuple(score(name, method, followed) for name, method in methods.items()),
        closed_scores=tuple(score(name, method, closed) for name, method in methods.items()),
    )


def questions(tracks: Iterable[Track], loads: Loads, until: int | None = None) -> list[Question]:
    """Returns the questions about tracks that have ended, up to a minute."""
    found = []
    for track in tracks:
        end = track.ended or 0
        moments = [track.arrived + number * ASKED_EVERY_DAYS * MINUTES_A_DAY for number in range(ASKED_TIMES_MAX)]
        asked = [asked_at(track, now, loads.at(now)) for now in moments if until is None or now <= until]
        known = [item for item in asked if item]
        found += [Question(item, end - item.now, CASE_WEIGHT // len(known)) for item in known]
    return found


def _cases(asked: Iterable[Question]) -> int:
    return round(sum(question.weight for question in asked) / CASE_WEIGHT)


# Choosing


def _loss(settings: Settings, asked: Sequence[Question], history: History) -> int:
    return score("", lambda item: estimate(item, history, settings), asked).loss_minutes


def choose(asked: Sequence[Question], history: History) -> Settings:
    """Returns the settings with the least loss on questions: first what makes similar, then how strongly."""

    def loss(settings: Settings) -> int:
        return _loss(settings, asked, history)

    best = min((Settings(features, IMAGINED[1]) for features in FEATURES), key=loss)
    strengths = (replace(best, imagined=imagined, half_life_days=days) for imagined, days in product(IMAGINED, HALF_LIVES_DAYS))
    return min(strengths, key=loss)


def calibrated(settings: Settings, asked: Sequence[Question], history: History) -> Settings:
    """Returns the settings with levels at which half, and nine of ten, of the questions would have been answered long enough."""
    levels: list[tuple[int, int]] = []
    for question in asked:
        found = distribution(question.asked, history, settings)
        if len(found) >= SIMILAR_MIN:
            levels.append((level_permille(found, question.left_minutes), question.weight))
    return replace(settings, p50_permille=_level(levels, P50_PERMILLE), p90_permille=_level(levels, P90_PERMILLE))


def proven(settings: Settings, earlier: Sequence[Question], later: Sequence[Question], history: History) -> Settings:
    """Returns the settings calibrated on all questions if levels calibrated on the earlier ones lose less on the later, else as they are."""
    if _loss(calibrated(settings, earlier, history), later, history) < _loss(settings, later, history):
        return calibrated(settings, [*earlier, *later], history)
    return settings


def _level(levels: Iterable[tuple[int, int]], permille: int) -> int:
    known = sorted(levels)
    goal, passed = permille * sum(weight for _, weight in known), 0
    for level, weight in known:
        passed += weight
        if passed * PERMILLE >= goal:
            return min(max(level, 1), PERMILLE - 1)
    return permille


# Scoring


def score(name: str, method: Method, asked: Iterable[Question]) -> Score:
    """Returns how a method answers questions; those that it cannot answer do not count."""
    answered = [(question, found) for question in asked if (found := method(question.asked)) is not None]
    total = sum(question.weight for question, _ in answered) or 1

    def mean(value: Callable[[Question, Range], int]) -> float:
        return sum(question.weight * value(question, found) for question, found in answered) / total

    cases = round(total / CASE_WEIGHT) if answered else 0
    within_p50 = mean(lambda question, found: question.left_minutes <= found.p50_minutes)
    within_p90 = mean(lambda question, found: question.left_minutes <= found.p90_minutes)
    between = mean(lambda question, found: found.p50_minutes < question.left_minutes <= found.p90_minutes)
    return Score(
        name,
        cases,
        len(answered),
        round(mean(lambda question, found: pinball(found.p50_minutes, question.left_minutes, P50_PERMILLE)) / PERMILLE),
        round(mean(lambda question, found: pinball(found.p90_minutes, question.left_minutes, P90_PERMILLE)) / PERMILLE),
        wilson(within_p50, cases),
        wilson(within_p90, cases),
        wilson(between, cases),
        round(mean(lambda _, found: found.p90_minutes - found.p50_minutes)),
    )


def pinball(said: int, left: int, permille: int) -> int:
    """Returns the loss of a quantile in thousandths: what was said too short costs its level, what was said too long the rest."""
    return (left - said) * permille if left >= said else (said - left) * (PERMILLE - permille)


def wilson(share: float, cases: int) -> Share:
    """Returns a share with its Wilson interval; each case counts as one observation however often it was asked."""
    if not cases:
        return Share(0, 0, PERMILLE)
    z = Z_PERCENT / 100
    middle = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z / (1 + z * z / cases) * sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    return Share(round(share * PERMILLE), round((middle - half) * PERMILLE), round((middle + half) * PERMILLE))


# Plain methods


def plain_methods(tracks: Iterable[Track], history: History) -> dict[str, Method]:
    """Returns what an estimate has to beat: whole durations minus the age; the channel's median and the promise; those open at that age."""
    known = sorted((track.ended, track.ended - track.arrived, track.channel) for track in tracks if track.ended is not None)

    def before(asked: Asked) -> list[tuple[int, int, str]]:
        return known[: bisect_right(known, asked.now, key=lambda item: item[0])]

    def durations(asked: Asked) -> Range | None:
        whole = [minutes for _, minutes, _ in before(asked)]
        age = asked.now - asked.arrived
        return _range(quantile(whole, P50_PERMILLE) - age, quantile(whole, P90_PERMILLE) - age, len(whole))

    def promise(asked: Asked) -> Range | None:
        past = before(asked)
        same = [minutes for _, minutes, channel in past if channel == asked.channel] or [minutes for _, minutes, _ in past]
        return _range(quantile(same, P50_PERMILLE) - (asked.now - asked.arrived), asked.promised - asked.now, len(past))

    def age(asked: Asked) -> Range | None:
        left = [minutes for _, minutes in history.ages(asked)]
        return _range(quantile(left, P50_PERMILLE), quantile(left, P90_PERMILLE), len(left))

    return {"durations": durations, "promise": promise, "age": age}


def _range(p50: int, p90: int, similar: int) -> Range | None:
    return Range(max(p50, 0), max(p50, p90, 0), similar) if similar >= SIMILAR_MIN else None
