"""The relay publishes each stored event, in order, and asks the store only when it may hold what nobody has handed over."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import pytest

from shared.kit import relay as module
from shared.kit.kafka import SEAL_HEADER, Publisher
from shared.kit.relay import Relay
from shared.kit.store import Store, Stored
from shared.kit.telemetry import Metrics

SECONDS_MAX = 10.0


class Shelf:
    """A store of events in memory that counts how often it is asked."""

    def __init__(self, count: int) -> None:
        self.events = [event(position) for position in range(1, count + 1)]
        self.asked = 0

    def tracked(self, _upstream: str) -> int:
        """Nothing has been published yet."""
        return 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Needs none."""
        yield

    def track(self, _cursor: object, _upstream: str, _position: int) -> None:
        """Saves nothing."""

    def after(self, position: int, limit: int) -> list[Stored]:
        """Returns what follows a position."""
        self.asked += 1
        return self.events[position : position + limit]


class Wire:
    """A publisher that keeps what it is given, and fails as often as it is told."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.headers: list[list[tuple[str, bytes]]] = []
        self.failures = 0

    async def publish(self, values: Sequence[tuple[bytes, list[tuple[str, bytes]]]]) -> None:
        """Keeps the values, or fails."""
        if self.failures:
            self.failures -= 1
            raise OSError
        self.said += [value for value, _ in values]
        self.headers += [headers for _, headers in values]

    async def close(self) -> None:
        """Has nothing to close."""


def event(position: int) -> Stored:
    """Returns a stored event."""
    return Stored(position, "PKY", position, "type", str(position).encode())


async def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition, with a limit."""
    async with asyncio.timeout(SECONDS_MAX):
        while not condition():  # noqa: ASYNC110 - what is waited for is state of another task, not an event
            await asyncio.sleep(0.01)


async def relayed(shelf: Shelf, wire: Wire, play: Callable[[Relay], object], count: int) -> list[bytes]:
    """Runs a relay, plays something once it has published what was there, and returns what it said when that are so many."""
    relay = Relay(cast("Store", shelf), cast("Publisher", wire), Metrics(), lambda _part, _what: None)
    running = asyncio.create_task(relay.run())
    try:
        await until(lambda: relay.drained)
        play(relay)
        await until(lambda: len(wire.said) >= count and relay.drained)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return wire.said


def handing(shelf: Shelf, *positions: int) -> Callable[[Relay], object]:
    """Stores events and hands over those of these positions."""

    def play(relay: Relay) -> None:
        shelf.events += [event(position) for position in range(len(shelf.events) + 1, max(positions) + 1)]
        relay.offer([event(position) for position in positions], {})

    return play


async def test_what_is_handed_over_is_not_read_again() -> None:
    """Given a relay that has caught up, when events are handed over, then it publishes them without asking the store."""
    shelf, wire = Shelf(3), Wire()
    said = await relayed(shelf, wire, handing(shelf, 4, 5), 5)
    assert (said, shelf.asked) == ([b"1", b"2", b"3", b"4", b"5"], 2)


async def test_a_missing_number_is_read_from_the_store() -> None:
    """Given events that nobody handed over, when a later one is, then the store has those between, in order and once."""
    shelf, wire = Shelf(1), Wire()
    assert await relayed(shelf, wire, handing(shelf, 4), 4) == [b"1", b"2", b"3", b"4"]


async def test_what_failed_is_read_from_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a publication that fails, when it is tried again, then what was taken from the hand is not lost, though nothing else comes."""
    shelf, wire = Shelf(1), Wire()

    def play(relay: Relay) -> None:
        wire.failures = 2
        handing(shelf, 2, 3)(relay)

    monkeypatch.setattr(module, "POLL_SECONDS", 10 * SECONDS_MAX)
    assert await relayed(shelf, wire, play, 3) == [b"1", b"2", b"3"]


async def test_each_event_is_published_with_its_seal() -> None:
    """Given a sender with a key, when events are published, then each has the seal that was made of its bytes in a header of its record."""
    wire = Wire()

    def seal(raws: Sequence[bytes]) -> list[bytes]:
        return [b"seal of " + raw for raw in raws]

    relay = Relay(cast("Store", Shelf(2)), cast("Publisher", wire), Metrics(), lambda _part, _what: None, seal)
    running = asyncio.create_task(relay.run())
    try:
        await until(lambda: len(wire.said) == 2)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [dict(headers)[SEAL_HEADER] for headers in wire.headers] == [b"seal of 1", b"seal of 2"]
