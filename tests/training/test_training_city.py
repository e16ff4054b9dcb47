"""A whole training city: the feed plays a dozen applications through its real doors, and every one ends as it does on paper."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import layout
from deploy.local.layout import Stack
from deploy.local.supervisor import running
from deploy.training.arrivals import synthetic
from deploy.training.doors import Doors, TrainingError
from deploy.training.feed import Feed
from deploy.training.gateway import Line
from deploy.training.play import Played, play, wave_cast
from services.cli.client import token
from services.cli.comparing import examine
from shared.city import City
from shared.kit.tokens import Actor
from tests.training.papercity import play_all

COUNT = 12
SEED = 5


@pytest.fixture
def training_stack() -> Iterator[Stack]:
    """Starts a training city of its own and removes it at the end."""
    data = Path(tempfile.mkdtemp(prefix="jz"))
    stack = layout.prepare(data, layout.free_port_base(), clock="feed")
    try:
        with running(stack):
            yield stack
    finally:
        shutil.rmtree(data)


async def feed(stack: Stack) -> tuple[Played, Played, City]:
    """Plays the same wave twice and returns both, and the city's rules."""

    def mint(actor: Actor) -> str:
        return token(stack, actor.person, actor.role, actor.agency, actor.systems)

    line = Line(stack.port(layout.GATEWAY), stack.key_file(layout.GATEWAY))
    async with Doors(stack.urls, mint) as doors:
        first = await play(doors, wave_cast(0, SEED, COUNT), SEED, lambda _what, _progress: None, line)
        again = await play(doors, wave_cast(0, SEED, COUNT), SEED, lambda _what, _progress: None, line)
        reader = Feed(doors, SEED, lambda _progress: None)
        await reader.settle()
        return first, again, reader.watch.city


@pytest.mark.timeout(300)
def test_a_city_plays_as_it_does_on_paper(training_stack: Stack) -> None:
    """Given a fresh city, its outcomes are those of the pure play; a second feed finds all done; every view equals its replay."""
    first, again, city = asyncio.run(feed(training_stack))

    on_paper = play_all(city, synthetic(SEED, COUNT, 0, city.calendar), SEED)
    assert first.outcomes == {application.arrival.key: application.case.outcome for application in on_paper}
    # Their days may differ by one in long lives, and what a visit finds is drawn by its day: so the moves of both are not counted against each other.
    assert first.progress.moves > COUNT
    assert not first.progress.not_accepted
    assert not first.refused_entries
    assert sum(first.types.values()) == first.entries
    assert {"application.submitted", "review.completed", "permit.issued", "sop.acknowledged", "sop.waived"} <= first.types.keys()
    assert first.progress.first_permit_at is not None
    assert again.nothing_new
    assert (again.outcomes, again.codes, again.entries) == (first.outcomes, first.codes, first.entries)
    compared = examine(training_stack)
    assert (compared.equal, compared.applications, list(compared.differences)) == (COUNT, COUNT, [])


async def test_a_closed_door_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a service does not answer for long, the feed ends with what to do next."""
    monkeypatch.setattr("deploy.training.doors.PATIENCE_SECONDS", 0.3)
    async with Doors({"ledger": f"http://127.0.0.1:{layout.free_port_base()}"}, lambda _actor: "nobody") as doors:
        with pytest.raises(TrainingError, match=r"ledger does not answer \(ConnectionRefusedError\)\. Look at its log"):
            await doors.ask("ledger", "/v1/status")
