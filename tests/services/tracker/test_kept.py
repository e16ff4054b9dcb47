"""What is counted over the whole city for anybody: once for all who ask, and after a rest."""

import asyncio
from types import SimpleNamespace

import pytest

from services.tracker.kept import RESTS, Kept


class Counting:
    """A count that takes two seconds of a clock of its own, and fails when told to."""

    def __init__(self) -> None:
        self.stage = SimpleNamespace(position=7)
        self.now = 100.0
        self.counts = 0
        self.fails = False
        self.kept = Kept(self._count, lambda: self.now)  # type: ignore[arg-type]  # has all of a stage that is asked

    def _count(self, stage: SimpleNamespace) -> str:
        self.counts += 1
        self.now += 2.0
        if self.fails:
            raise OSError("away")
        return f"counted at {stage.position}"

    async def ask(self) -> tuple[int, str]:
        """Asks as one caller does."""
        return await self.kept.of(self.stage)  # type: ignore[arg-type]  # has all of a stage that is asked


async def test_many_callers_at_once_have_it_counted_once() -> None:
    """Given a hundred callers at once and a hundred later, when nothing has been entered meanwhile, then all get one count."""
    counting = Counting()
    answers = await asyncio.gather(*(counting.ask() for _ in range(100)))
    answers += [await counting.ask() for _ in range(100)]
    assert set(answers) == {(7, "counted at 7")}
    assert counting.counts == 1


async def test_a_new_count_waits_until_the_last_one_has_rested() -> None:
    """Given entries that keep coming, when it is asked again and again, then it is counted anew only after the rest."""
    counting = Counting()
    await counting.ask()
    counting.stage.position = 8
    assert await counting.ask() == (7, "counted at 7")
    counting.now += RESTS * 2.0
    assert await counting.ask() == (8, "counted at 8")
    assert counting.counts == 2


async def test_a_count_that_failed_is_tried_again() -> None:
    """Given a database that was away, when it is asked after that, then it is counted."""
    counting = Counting()
    counting.fails = True
    with pytest.raises(OSError, match="away"):
        await counting.ask()
    counting.fails = False
    assert await counting.ask() == (7, "counted at 7")
