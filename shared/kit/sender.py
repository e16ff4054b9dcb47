"""What the processes of a stage and of the ledger have in common: a database, the one place of a sender on it, a broker, an orderly end."""

import asyncio
from pathlib import Path
from typing import Final

from faststream.kafka import KafkaBroker

from shared.kit.ending import ProcessEnds
from shared.kit.http import Health, Site
from shared.kit.kafka import KafkaFailure, retrying
from shared.kit.settings import Settings, read_key
from shared.kit.store import SingleProcess, Store, StoreError
from shared.kit.telemetry import Metrics, log

WATCH_SECONDS: Final = 5.0
STOP_SECONDS: Final = 5.0
DOWN: Final = (*StoreError, OSError)


class LostPlace(ProcessEnds):
    """Another process has taken this sender's place: this one ends."""


def make_site(settings: Settings) -> Site:
    """Returns what the doors of a process share, not ready yet."""
    return Site(settings.sender, Metrics(), Health(), read_key(settings.tokens_key_file), read_key(settings.city_key_file))


class SenderProcess:
    """One sender's hold on its database and on Kafka; its subclasses add what they do there."""

    def __init__(self, settings: Settings, site: Site, store_name: str, schema: Path) -> None:
        self._settings = settings
        self._site = site
        self._store_name = store_name
        self._schema = schema
        self._place = SingleProcess(settings.database_url)
        self._store: Store | None = None
        self._kafka = "starting"

    async def _connect(self) -> Store:
        """Opens the database and waits until this process is the sender's only one."""
        problem = self._site.health.problem
        await retrying("database", self._open_store, DOWN, problem)
        await retrying("place", self._take_place, (*StoreError, BlockingIOError), problem)
        return self._opened()

    async def _open_store(self) -> None:
        def opened() -> Store:
            store = Store(self._settings.database_url, self._store_name)
            store.create(self._schema)
            return store

        self._store = await asyncio.to_thread(opened)

    def _opened(self) -> Store:
        if self._store is None:
            message = "the store is not open"
            raise RuntimeError(message)
        return self._store

    async def _take_place(self) -> None:
        if not await asyncio.to_thread(self._place.acquire):
            raise BlockingIOError

    async def _keep_place(self) -> None:
        """After a lost connection the place must be free again; a process that finds it taken ends."""

        async def retake() -> None:
            if not await asyncio.to_thread(self._place.acquire):
                raise LostPlace("Another process has taken this sender's place. This one ends; started anew, it waits for the place.")

        if not await asyncio.to_thread(self._place.held):
            await retrying("place", retake, DOWN, self._site.health.problem)
            log().warning("the place was lost with its connection and taken again")

    async def _listen(self, broker: KafkaBroker) -> None:
        """Starts the subscription, however long Kafka takes; the doors are open meanwhile."""

        def note(part: str, what: str) -> None:
            self._kafka = f"down ({what})" if what else "connected"
            self._site.health.problem(part, what)

        await retrying("kafka", broker.start, (*KafkaFailure, *StoreError), note)

    async def _end(self, broker: KafkaBroker) -> None:
        """Ends what runs outside, bounded: a broken connection may not hold up the process."""
        self._site.health.ready = False
        try:
            await asyncio.wait_for(broker.stop(), STOP_SECONDS)
        except KafkaFailure as error:
            log().info("the subscription did not stop cleanly", error=type(error).__name__)
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._place.release()
