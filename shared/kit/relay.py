"""The relay: own events from the store to Kafka, in order, at least once with the same bytes; one per sender.

New events come by hand from the transaction that stored them; after a start, a failure or a gap they are read from the store.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from shared.kit.kafka import SEAL_HEADER, KafkaFailure, Publisher, retrying
from shared.kit.store import Store, Stored, StoreError
from shared.kit.telemetry import Metrics
from shared.kit.tracing import HEADER, Step, begin

RELAY: Final = "relay"
BATCH_EVENTS_MAX: Final = 500
POLL_SECONDS: Final = 2.0
SAVE_SECONDS: Final = 0.5
HANDED_MAX: Final = 5_000
Seal = Callable[[Sequence[bytes]], Sequence[bytes]]


def unsealed(events: Sequence[bytes]) -> list[bytes]:
    """Returns empty seals: of a sender without a key, and of the ledger, whose checkpoints are signed."""
    return [b""] * len(events)


class Relay:
    """Publishes what the store holds after the saved position."""

    def __init__(
        self, store: Store, publisher: Publisher, metrics: Metrics, problem: Callable[[str, str], None], seal: Seal = unsealed
    ) -> None:
        """`seal` gives the seal of each event of a batch, or empty bytes."""
        self._store = store
        self._seal = seal
        self._publisher = publisher
        self._metrics = metrics
        self._problem = problem
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._handed: deque[Stored] = deque(maxlen=HANDED_MAX)
        self._traces: dict[int, str] = {}
        self._position = 0
        self._behind = True  # the store may hold what nobody will hand over: at the start, after a failure, and now and then
        self._saved = 0
        self._saved_at = 0.0
        self.drained = False

    def offer(self, events: Sequence[Stored], traces: Mapping[int, str]) -> None:
        """Takes newly stored events, and by position the trace context that some of them follow; called from the transaction's thread."""
        self._traces.update(traces)  # before the events: these may be published at once
        self._handed.extend(events)
        self.drained = False  # after the events are in hand: a publishing round that ends in between must not have the last word
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    @property
    def position(self) -> int:
        """The store's position up to which everything is published: how many own events are on the topic."""
        return self._position

    async def run(self) -> None:
        """Publishes until cancelled."""
        self._loop = asyncio.get_running_loop()
        await retrying(RELAY, self._load, StoreError, self._problem)
        try:
            while True:
                await retrying(RELAY, self._publish_waiting, (*KafkaFailure, *StoreError), self._problem)
                try:
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
                except TimeoutError:
                    self._behind = True
                    await retrying(RELAY, self._save_now, StoreError, self._problem)
                self._wake.clear()
        finally:
            await self._publisher.close()

    async def _load(self) -> None:
        self._position = self._saved = await asyncio.to_thread(self._store.tracked, RELAY)

    async def _publish_waiting(self) -> None:
        while True:
            batch = self._from_hand()
            if not batch and (self._behind or self._handed):
                batch = await asyncio.to_thread(self._store.after, self._position, BATCH_EVENTS_MAX)
                self._behind = bool(batch)
            if not batch:
                self.drained = not self._handed
                self._metrics.outbox.set(0)
                return
            self._metrics.outbox.set(len(batch) + len(self._handed))
            try:
                await self._publish(batch)
            except BaseException:
                self._behind = True  # what was in hand is gone; the store has it
                raise
            self._position = batch[-1].position
            self._metrics.relayed.inc(len(batch))
            if time.monotonic() - self._saved_at > SAVE_SECONDS:
                await self._save_now()

    def _from_hand(self) -> list[Stored]:
        """Returns handed events that follow the position without a gap; drops the older ones."""
        batch: list[Stored] = []
        expected = self._position + 1
        while self._handed and len(batch) < BATCH_EVENTS_MAX:
            event = self._handed[0]
            if event.position > expected:
                break
            self._handed.popleft()
            if event.position == expected:
                batch.append(event)
                expected += 1
            else:
                self._traces.pop(event.position, None)
        return batch

    async def _publish(self, batch: Sequence[Stored]) -> None:
        """Publishes with the trace context of those events that have one; a failed try keeps it for the next."""
        traces, steps = {}, list[Step]()
        if self._traces:
            traces = {event.position: trace for event in batch if (trace := self._traces.get(event.position))}
            for event in batch:
                if event.position in traces and (step := begin("publish", traces[event.position])):
                    step.note(subject=event.subject, event_type=event.type)
                    traces[event.position] = step.traceparent
                    steps.append(step)
        try:
            seals = self._seal([event.raw for event in batch])
            await self._publisher.publish(
                [(event.raw, _headers(traces.get(event.position, ""), seal)) for event, seal in zip(batch, seals, strict=True)]
            )
        finally:
            for step in steps:
                step.end()
        for position in traces:
            self._traces.pop(position, None)

    async def _save_now(self) -> None:
        # Saving late is safe: what is published again after a crash has the same ids and bytes and is dropped as a repeat.
        if self._position > self._saved:
            position = self._position
            await asyncio.to_thread(self._save, position)
            self._saved, self._saved_at = position, time.monotonic()

    def _save(self, position: int) -> None:
        with self._store.transaction() as cursor:
            self._store.track(cursor, RELAY, position)


def _headers(trace: str, seal: bytes) -> list[tuple[str, bytes]]:
    headers = [("content-type", b"application/cloudevents+json")]
    if seal:
        headers.append((SEAL_HEADER, seal))
    if trace:
        headers.append((HEADER, trace.encode()))
    return headers
