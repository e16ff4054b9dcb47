"""The inbox: the ledger's entries into the stage, each exactly once and in order, from the topic or, after a gap or a start, from the feed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from shared.envelope import ContractError, Entry, read_entry
from shared.kit.feed import Feed, FeedError
from shared.kit.kafka import Record, retrying
from shared.kit.pruning import HistoryMissing
from shared.kit.stage import Stage
from shared.kit.stage_model import PositionGap
from shared.kit.store import StoreError
from shared.kit.tables import write_dead_letter
from shared.kit.telemetry import log
from shared.refusals import Refusal

INBOX: Final = "inbox"
RECALL_SECONDS: Final = 5.0
UNKNOWN_VERSION: Final = ("unknown-event-version", "unknown-event-type")


class Inbox:
    """Feeds one stage."""

    def __init__(self, stage: Stage, feed: Feed, problem: Callable[[str, str], None]) -> None:
        self._stage = stage
        self._feed = feed
        self._problem = problem
        self.stopped_at = ""

    async def catch_up(self) -> None:
        """Reads the feed up to its head with the rules silent, then lets them speak: nothing is decided on half a history."""
        self._stage.reacting = False
        try:
            await self._guard(self._read_feed)
        finally:
            self._stage.reacting = True
        await retrying(INBOX, partial(asyncio.to_thread, self._stage.react_to_all), StoreError, self._problem)

    async def _read_feed(self) -> None:
        async for entries in self._feed.pages(self._stage.position):
            await self._apply_whole(entries)

    async def _apply_whole(self, entries: list[Entry]) -> None:
        """Applies entries; an application that was dropped here is taken back from the ledger first."""
        while True:
            try:
                await asyncio.to_thread(self._stage.apply, entries)
            except HistoryMissing as missing:
                found = await self._feed.application(missing.subject)
                if not await asyncio.to_thread(self._stage.take_back, missing.subject, found):
                    raise ContractError("sequence-broken", f"the ledger does not have the beginning of {missing.subject}") from None
            else:
                return

    async def recall(self, subject: str) -> None:
        """Takes an application back for a door that does not find it; raises `Refusal("ledger-unreachable")`."""
        try:
            found = await asyncio.wait_for(self._feed.application(subject), RECALL_SECONDS)
        except (*FeedError, TimeoutError):
            raise Refusal("ledger-unreachable") from None
        if found:
            await asyncio.to_thread(self._stage.take_back, subject, found)

    async def receive(self, records: Sequence[Record]) -> None:
        """Applies a batch from the topic; never raises, retries what is transient."""
        entries = []
        for record in records:
            try:
                entry = read_entry(record.value)
                entry.event  # noqa: B018 - decoded here so that an unreadable one becomes a dead letter
            except ContractError as error:
                if error.code in UNKNOWN_VERSION:
                    await self._stop(error)
                    return
                await retrying(INBOX, partial(asyncio.to_thread, self._bury, record, error), StoreError, self._problem)
            else:
                entries.append(entry)
        if entries and not self.stopped_at:
            await self._guard(lambda: self._apply(entries))

    async def _apply(self, entries: list[Entry]) -> None:
        try:
            await self._apply_whole(entries)
        except PositionGap:
            await self._read_feed()

    async def _guard(self, step: Callable[[], Awaitable[None]]) -> None:
        async def reload_and_step() -> None:
            try:
                await step()
            except StoreError:
                # The connection was lost: what is in memory may be ahead of or behind what was committed.
                await asyncio.to_thread(self._stage.load)
                raise

        try:
            await retrying(INBOX, reload_and_step, (*StoreError, *FeedError, PositionGap), self._problem)
        except ContractError as error:
            await self._stop(error)

    async def _stop(self, error: ContractError) -> None:
        """Stands still, not ready, naming what is needed: skipping an entry would make this service see another city."""
        self.stopped_at = f"{error.code}: {error.detail}"
        self._problem(INBOX, self.stopped_at)
        log().error("the inbox stands still", code=error.code, detail=error.detail)

    def _bury(self, record: Record, error: ContractError) -> None:
        with self._stage.store.transaction() as cursor:
            write_dead_letter(cursor, f"{record.topic}/{record.offset}", "", error.code, error.detail, record.value)
        self._stage.metrics.dead_letters.labels(error.code).inc()
