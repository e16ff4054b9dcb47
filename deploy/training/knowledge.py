"""The training city's staff and their quizzes: most answer soon after a publication, some only when a desk sends them away; one is excused.

Who takes which quiz when follows from seed and publication; the quiz itself is answered from the SOP, as a reader of it would; pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from deploy.training.chance import between, chance
from deploy.training.moves import OFFICERS, Move, acting_head, head_of, officer
from deploy.training.opening import ACTING_AGENCIES
from deploy.training.people import PARTIAL
from deploy.training.ticks import TICKS_A_DAY, ticks_later
from shared.city import City
from shared.fields import to_instant
from shared.kit.tokens import Actor
from shared.sop.findings import Words
from shared.sop.knowledge import GRACE_WORKING_DAYS, previous_version
from shared.sop.model import Sop
from shared.sop.quiz import candidates

SERVICE: Final = "catalogue"
QUIZ_PATH: Final = "/v1/sops/quiz"
ACKNOWLEDGE_PATH: Final = "/v1/sops/acknowledge"
LATE_SHARE: Final = 0.2  # they take the quiz when they have to
WRONG_FIRST_SHARE: Final = 0.15


class Learner(NamedTuple):
    """Somebody and the version that they have to know."""

    actor: Actor
    sop: str

    def key(self, attempt: str) -> str:
        """Returns the idempotency key of an attempt."""
        return f"quiz/{self.sop}/{self.actor.agency}/{self.actor.person}/{attempt}"


# Works for a while without the quiz, by leave of the head; then the desk sends them to it.
EXCUSED: Final = officer("pupr", 2)
EXCUSED_TYPE: Final = "reklame-permanen"


def excused(city: City) -> Learner | None:
    """Returns who is excused from which version: the one of its type that the city began with."""
    versions = [sop for sop in city.sops.values() if sop.permit_type == EXCUSED_TYPE]
    return Learner(EXCUSED, min(versions, key=lambda sop: sop.version).name) if versions else None


def sent_away(code: str, move: Move, sop_name: str) -> tuple[Learner, ...]:
    """Returns who has to take the quiz before a refused move may be tried again, nobody when it was refused for something else."""
    if code == "sop-not-acknowledged":
        return (Learner(move.actor, sop_name),)
    if code == "officer-not-acknowledged":
        named = move.body.get("pool") or [move.body["officer"]]
        return tuple(Learner(Actor(person, "officer", move.actor.agency), sop_name) for person in named)
    return ()


def staff(sop: Sop) -> tuple[Actor, ...]:
    """Returns everybody who may get work of an SOP."""
    found: list[Actor] = []
    for agency in sop.working_agencies:
        found += [officer(agency, number) for number in (*range(1, OFFICERS + 1), PARTIAL)]
        found += [head_of(agency), *([acting_head(agency)] if agency in ACTING_AGENCIES else [])]
    return tuple(found)


def learners(city: City, seed: int, now: datetime, done: Iterable[Learner]) -> tuple[Learner, ...]:
    """Returns who takes a quiz now: of each version that is not withdrawn everybody whose day has come, but for those who wait to be told."""
    known = set(done)
    spared = excused(city)
    found = [Learner(actor, sop.name) for name, sop in city.sops.items() if name not in city.withdrawn for actor in staff(sop)]
    waiting = [learner for learner in found if learner not in known and learner != spared and not _late(seed, learner)]
    return tuple(learner for learner in waiting if _comes(city, seed, learner) <= now)


def _late(seed: int, learner: Learner) -> bool:
    return chance(seed, learner.actor.person, learner.sop, "late") < LATE_SHARE


def _comes(city: City, seed: int, learner: Learner) -> datetime:
    within = TICKS_A_DAY * (GRACE_WORKING_DAYS - 1)
    published = to_instant(city.published_at[learner.sop])
    return ticks_later(city.calendar, published, between(1, within, chance(seed, learner.actor.person, learner.sop, "quiz")))


def answers(city: City, sop_name: str, asked: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns the letters of the right answers, as the SOP gives them."""
    sop = city.sops[sop_name]
    right = {item.code: item.right for item in candidates(sop, previous_version(city, sop))}
    return [_letter(question["choices"], right[question["question"]]) for question in asked]


def _letter(choices: Mapping[str, Mapping[str, str]], right: Words) -> str:
    return next(letter for letter, words in choices.items() if words["id"] == right.id)


def spoiled(letters: Sequence[str]) -> list[str]:
    """Returns the answers with the first one wrong."""
    return ["b" if letters[0] == "a" else "a", *letters[1:]]


def wrong_first(seed: int, learner: Learner) -> bool:
    """Says whether somebody has one answer wrong at the first attempt."""
    return chance(seed, learner.actor.person, learner.sop, "wrong") < WRONG_FIRST_SHARE
