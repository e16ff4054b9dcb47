"""The composition of a stage process: store, relay, inbox, stage and doors around one service's definition."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from shared import asyncapi
from shared.kit.clock import make_clock
from shared.kit.doors import Door, Outcomes, Running, add_doors
from shared.kit.feed import Feed
from shared.kit.http import Health, Site, make_app
from shared.kit.inbox import Inbox
from shared.kit.kafka import KafkaFailure, Publisher, retrying, subscribe
from shared.kit.openapi import serve_asyncapi
from shared.kit.process import Background
from shared.kit.relay import Relay
from shared.kit.settings import LEDGER_TOPIC, Settings, read_key
from shared.kit.stage import Definition, Stage
from shared.kit.store import SingleProcess, Store, Stored, StoreError
from shared.kit.telemetry import Metrics, log, trace_parent
from shared.kit.tokens import Actor, mint
from shared.kit.vault import Vault

WATCH_SECONDS: Final = 5.0
IDEMPOTENCY_DAYS: Final = 30
SERVICE_TOKEN_DAYS: Final = 3650
AddRoutes = Callable[[FastAPI, Site, Running], None]


class LostPlace(Exception):  # noqa: N818 - says what happened
    """Another process may have taken this sender's place: this one ends."""


def service_token(settings: Settings) -> str:
    """Returns the token with which this sender reads the ledger's feed."""
    return mint(
        Actor(settings.sender, "service"), read_key(settings.tokens_key_file), datetime.now(UTC) + timedelta(days=SERVICE_TOKEN_DAYS)
    )


def build_stage(
    settings: Settings, definition: Definition, doors: Sequence[Door], add_routes: AddRoutes | None = None, *, desk: bool = True
) -> tuple[FastAPI, Background]:
    """Returns the app of a stage and its background work; without a `desk` the questions of those who act are left out."""
    metrics, health, running = Metrics(), Health(), Running()
    site = Site(settings.sender, metrics, health, read_key(settings.tokens_key_file), read_key(settings.city_key_file))
    process = StageProcess(settings, definition, site, running)
    app = make_app(site, f"Jejak Izin: {definition.name}")
    serve_asyncapi(app, lambda: asyncapi.document(definition.name, settings.topic(), LEDGER_TOPIC))
    add_doors(app, site, running, doors, desk=desk)
    if add_routes:
        add_routes(app, site, running)
    return app, process.work


class StageProcess:
    """One stage from its first connection to its end."""

    def __init__(self, settings: Settings, definition: Definition, site: Site, running: Running) -> None:
        self._settings = settings
        self._definition = definition
        self._site = site
        self._running = running
        self._place = SingleProcess(settings.database_url)
        self._store: Store | None = None
        self._relay: Relay | None = None
        self._kafka = "starting"

    async def work(self) -> None:
        """Connects, catches up with the ledger, opens the doors, then relays and listens until cancelled."""
        health = self._site.health
        await retrying("database", self._open_store, (*StoreError, OSError), health.problem)
        await retrying("place", self._take_place, (*StoreError, BlockingIOError), health.problem)
        stage = self._make_stage()
        feed = Feed(self._settings.ledger_url, service_token(self._settings))
        inbox = Inbox(stage, feed, health.problem)
        relay = self._make_relay(stage)
        broker = subscribe(self._settings, inbox.receive, topic=LEDGER_TOPIC)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(relay.run())
                await inbox.catch_up()
                self._running.stage, self._running.outcomes = stage, Outcomes(stage)
                health.ready = not inbox.stopped_at
                tasks.create_task(self._listen(broker))
                tasks.create_task(self._watch(inbox))
        finally:
            health.ready = False
            await self._stop_broker(broker)
            await feed.close()
            await asyncio.to_thread(self._close)

    async def _open_store(self) -> None:
        def opened() -> Store:
            store = Store(self._settings.database_url, "stage")
            store.create(self._definition.schema)
            return store

        self._store = await asyncio.to_thread(opened)

    async def _take_place(self) -> None:
        if not await asyncio.to_thread(self._place.acquire):
            raise BlockingIOError

    def _make_stage(self) -> Stage:
        store, settings = self._opened(), self._settings
        vault = Vault(store, read_key(settings.kek_file)) if settings.kek_file else None
        clock = make_clock(settings.clock)
        stage = Stage(
            self._definition,
            settings.sender,
            settings.city,
            store,
            clock,
            self._site.metrics,
            city_key=self._site.city_key,
            vault=vault,
            subjects_max=settings.cache_subjects_max,
        )
        stage.load()
        self._site.health.details = lambda: self._details(stage)
        return stage

    def _opened(self) -> Store:
        if self._store is None:
            message = "the store is not open"
            raise RuntimeError(message)
        return self._store

    def _make_relay(self, stage: Stage) -> Relay:
        relay = Relay(self._opened(), Publisher(self._settings, self._settings.topic()), self._site.metrics, self._site.health.problem)

        def offer(events: Sequence[Stored]) -> None:
            relay.offer(events, trace_parent.get())

        stage.on_events = offer
        self._relay = relay
        return relay

    def _details(self, stage: Stage) -> dict[str, Any]:
        position = stage.position  # first: what was said at this position is then seen by the relay's figures
        drained, relayed = (self._relay.drained, self._relay.position) if self._relay else (False, 0)
        return {
            "sender": self._settings.sender,
            "position": position,
            "drained": drained,
            "relayed": relayed,
            "kafka": self._kafka,
            "held": len(stage.held),
        }

    async def _listen(self, broker: KafkaBroker) -> None:
        """Starts the subscription, however long Kafka takes; the doors are open meanwhile."""

        def note(part: str, what: str) -> None:
            self._kafka = f"down ({what})" if what else "connected"
            self._site.health.problem(part, what)

        await retrying("kafka", broker.start, KafkaFailure, note)

    async def _watch(self, inbox: Inbox) -> None:
        """Ends the process when its place is gone; keeps the idempotency keys for their time."""
        health, count = self._site.health, 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            health.ready = not inbox.stopped_at
            if not await asyncio.to_thread(self._place.held):
                await self._retake_place()
            if count % 720 == 0:
                await retrying("housekeeping", self._housekeeping, StoreError, health.problem)
            count += 1

    async def _retake_place(self) -> None:
        """After a lost connection the place must be free again; a process that finds it taken ends."""

        async def retake() -> None:
            if not await asyncio.to_thread(self._place.acquire):
                raise LostPlace

        await retrying("place", retake, (*StoreError, OSError), self._site.health.problem)
        log().warning("the place was lost with its connection and taken again")

    async def _housekeeping(self) -> None:
        def forget() -> None:
            with self._opened().transaction() as cursor:
                cursor.execute("DELETE FROM idempotency WHERE created < now() - make_interval(days => %s)", (IDEMPOTENCY_DAYS,))

        await asyncio.to_thread(forget)

    async def _stop_broker(self, broker: KafkaBroker) -> None:
        try:
            await asyncio.wait_for(broker.stop(), 5)
        except KafkaFailure as error:
            log().info("the subscription did not stop cleanly", error=type(error).__name__)

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._place.release()
