"""The training city's staff and their quizzes: who takes which when, how they answer, and who is sent to it by a desk."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest

from deploy.training import knowledge
from deploy.training.feed import Feed
from deploy.training.knowledge import Learner, excused, wrong_first
from deploy.training.moves import Move, acting_head, head_of, officer
from services.catalogue import views
from shared.calendar import WIB
from shared.city import City
from shared.fields import to_timestamp
from shared.kit.tokens import Actor
from shared.sop.knowledge import grace_until
from shared.sop.quiz import quiz, wrong
from tests.builders import MONDAY_MORNING, REKLAME, SKP, catalogue, make_city

SEED = 7
PUBLISHED: City = replace(make_city(), published_at=dict.fromkeys(catalogue(), to_timestamp(MONDAY_MORNING)))
LATER = datetime(2027, 2, 1, 9, tzinfo=WIB)


def due(now: datetime, done: tuple[Learner, ...] = ()) -> tuple[Learner, ...]:
    """Returns who takes a quiz at a time."""
    return knowledge.learners(PUBLISHED, SEED, now, done)


def test_most_take_the_quiz_in_the_grace_days() -> None:
    """At a publication nobody has taken it yet, at the end of the grace days most have, and the others come only when they are sent."""
    until = grace_until(PUBLISHED, REKLAME, "pupr")
    assert until is not None
    everybody = {Learner(actor, name) for name, sop in catalogue().items() for actor in knowledge.staff(sop)}
    assert due(MONDAY_MORNING) == ()
    took = set(due(until))
    assert set(due(LATER)) == took < everybody
    assert 0.6 < len(took) / len(everybody) < 0.95
    assert excused(PUBLISHED) in everybody - took
    assert due(until, tuple(took)) == ()


def test_nobody_learns_a_withdrawn_version() -> None:
    """A version that was withdrawn before anybody worked under it is nobody's to learn."""
    city = replace(PUBLISHED, withdrawn=frozenset(catalogue()))
    assert knowledge.learners(city, SEED, LATER, ()) == ()


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_they_answer_from_the_sop(name: str) -> None:
    """Whatever quiz the door gives, the answers are right; spoiled ones are wrong in the first question only."""
    for seed in range(20):
        questions = quiz(catalogue()[name], None, str(seed))
        answers = knowledge.answers(PUBLISHED, name, views.asked(name, questions)["questions"])
        assert wrong(questions, answers) == ()
        assert wrong(questions, knowledge.spoiled(answers)) == (1,)


def test_who_is_sent_away_is_who_does_not_know() -> None:
    """A refused command sends its own actor, a refused assignment the officer named in it, a refused draw its whole pool."""
    head, named = head_of("pupr"), officer("pupr", 2)

    def refused(code: str, **body: object) -> tuple[Learner, ...]:
        return knowledge.sent_away(code, Move(LATER, "verification", "any", head, body, "key"), SKP)

    assert refused("sop-not-acknowledged") == (Learner(head, SKP),)
    assert refused("officer-not-acknowledged", officer=named.person) == (Learner(named, SKP),)
    assert refused("officer-not-acknowledged", pool=[named.person]) == (Learner(named, SKP),)
    assert refused("step-done") == refused("") == ()


class SlowCatalogue:
    """Doors whose catalogue takes an acknowledgement at once, and hears only at the third question that the ledger has entered it."""

    services = ("ledger", "catalogue")

    def __init__(self) -> None:
        self.answers = 0

    async def ask(self, _service: str, _path: str, _actor: Actor) -> dict[str, Any]:
        """Returns a quiz."""
        return {"state": "overdue", **views.asked(SKP, quiz(catalogue()[SKP], None, "1"))}

    async def knock(self, *_: object, **_more: object) -> httpx.Response:
        """Takes the answers."""
        self.answers += 1
        entered = {"position": 77} if self.answers == 3 else {}
        return httpx.Response(202, json={"events": ["1"], "repeated": self.answers > 1, **entered})


async def test_nobody_goes_back_to_the_desk_before_it_can_know() -> None:
    """However long the ledger takes, a quiz ends with the position of the acknowledgement, and the event is counted once."""
    doors = SlowCatalogue()
    feed = Feed(doors, SEED, lambda _progress: None)  # type: ignore[arg-type]  # stands in for the real doors
    feed.watch.city = PUBLISHED
    learner = next(Learner(actor, SKP) for actor in knowledge.staff(catalogue()[SKP]) if not wrong_first(SEED, Learner(actor, SKP)))
    assert await feed._take_quiz(learner) == 77
    assert (doors.answers, feed._entries_expected) == (3, 1)


def test_everybody_who_may_get_work_is_staff() -> None:
    """Officers, heads and who stands in for them are staff of an SOP whose steps name their agency."""
    found = knowledge.staff(catalogue()[REKLAME])
    assert {head_of("pupr"), acting_head("dpmptsp"), officer("dishub", 1)} <= set(found)
    assert len(set(found)) == len(found)
