"""The composition of a stage process: store, relay, inbox, stage and doors around one service's definition."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import FastAPI

from shared import asyncapi
from shared.kit.clock import make_clock
from shared.kit.doors import Door, Outcomes, Running, add_doors
from shared.kit.feed import Feed
from shared.kit.http import Site, make_app
from shared.kit.inbox import Inbox
from shared.kit.kafka import Publisher, retrying, subscribe
from shared.kit.openapi import serve_asyncapi
from shared.kit.process import Background
from shared.kit.pruning import DROPPED_AT_ONCE
from shared.kit.relay import Relay
from shared.kit.sealing import make_sealer
from shared.kit.sender import WATCH_SECONDS, SenderProcess, make_site
from shared.kit.settings import LEDGER_TOPIC, Settings, read_key
from shared.kit.stage import Stage
from shared.kit.stage_model import Definition
from shared.kit.store import Store, Stored, StoreError
from shared.kit.telemetry import log
from shared.kit.tokens import Actor, mint
from shared.kit.tracing import followed
from shared.kit.vault import Vault
from shared.refusals import Refusal

IDEMPOTENCY_DAYS: Final = 30
PRUNE_SECONDS: Final = 60.0
PRUNE_PAUSE_SECONDS: Final = 0.1
SERVICE_TOKEN_DAYS: Final = 3650
AddRoutes = Callable[[FastAPI, Site, Running], None]


def service_token(settings: Settings) -> str:
    """Returns the token with which this sender reads the ledger's feed."""
    return mint(
        Actor(settings.sender, "service"), read_key(settings.tokens_key_file), datetime.now(UTC) + timedelta(days=SERVICE_TOKEN_DAYS)
    )


def build_stage(
    settings: Settings, definition: Definition, doors: Sequence[Door], add_routes: AddRoutes | None = None, *, desk: bool = True
) -> tuple[FastAPI, Background]:
    """Returns the app of a stage and its background work; without a `desk` the questions of those who act are left out."""
    site, running = make_site(settings), Running()
    process = StageProcess(settings, definition, site, running)
    app = make_app(site, f"Jejak Izin: {definition.name}")
    serve_asyncapi(app, lambda: asyncapi.document(definition.name, settings.topic(), LEDGER_TOPIC))
    add_doors(app, site, running, doors, desk=desk)
    if add_routes:
        add_routes(app, site, running)
    return app, process.work


class StageProcess(SenderProcess):
    """One stage from its first connection to its end."""

    def __init__(self, settings: Settings, definition: Definition, site: Site, running: Running) -> None:
        super().__init__(settings, site, "stage", definition.schema)
        self._definition = definition
        self._running = running
        self._relay: Relay | None = None

    async def work(self) -> None:
        """Connects, catches up with the ledger, opens the doors, then relays and listens until cancelled."""
        health, store = self._site.health, await self._connect()
        stage = self._make_stage(store)
        feed = Feed(self._settings.ledger_url, service_token(self._settings))
        inbox = Inbox(stage, feed, health.problem)
        relay = self._make_relay(store, stage)
        broker = subscribe(self._settings, inbox.receive, topic=LEDGER_TOPIC, pace_seconds=self._definition.pace_seconds)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(relay.run())
                await inbox.catch_up()
                await self._open(stage)
                if not inbox.stopped_at:
                    # Not before: a restored backup has only now erased what was forgotten since.
                    self._running.stage, self._running.outcomes, self._running.recall = stage, Outcomes(stage), inbox.recall
                health.ready = not inbox.stopped_at
                tasks.create_task(self._listen(broker))
                tasks.create_task(self._watch(inbox))
                tasks.create_task(self._prune(stage))
        finally:
            await self._end(broker)
            await feed.close()

    async def _open(self, stage: Stage) -> None:
        drafts = self._definition.opening(stage.city)
        try:
            if drafts:
                await retrying("opening", lambda: asyncio.to_thread(stage.open, drafts), StoreError, self._site.health.problem)
        except Refusal as refusal:
            log().warning("the opening was refused at home", code=refusal.code, about=refusal.about)

    def _make_stage(self, store: Store) -> Stage:
        settings = self._settings
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
        self._definition.attach(stage)
        self._site.health.details = lambda: self._details(stage)
        return stage

    def _make_relay(self, store: Store, stage: Stage) -> Relay:
        settings = self._settings
        seal = make_sealer(settings, lambda: stage.city.keyring.of(settings.sender), lambda: stage.today().isoformat())
        relay = Relay(store, Publisher(settings, settings.topic()), self._site.metrics, self._site.health.problem, seal)

        def offer(events: Sequence[Stored]) -> None:
            relay.offer(events, followed((event.position, event.subject) for event in events))

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

    async def _watch(self, inbox: Inbox) -> None:
        """Ends the process when its place is gone; keeps the idempotency keys for their time."""
        health, count = self._site.health, 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            health.ready = not inbox.stopped_at
            await self._keep_place()
            if count % 720 == 0:
                await retrying("housekeeping", self._housekeeping, StoreError, health.problem)
            count += 1

    async def _prune(self, stage: Stage) -> None:
        """Drops what ended long ago, a small batch at a time, so that commands and entries come between."""
        dropped = 0

        async def drop() -> None:
            nonlocal dropped
            dropped = await asyncio.to_thread(stage.drop_ended)
            await asyncio.to_thread(self._definition.tidy, stage)

        while True:
            await asyncio.sleep(PRUNE_SECONDS if dropped < DROPPED_AT_ONCE else PRUNE_PAUSE_SECONDS)
            await retrying("pruning", drop, StoreError, self._site.health.problem)

    async def _housekeeping(self) -> None:
        def forget() -> None:
            with self._opened().transaction() as cursor:
                cursor.execute("DELETE FROM idempotency WHERE created < now() - make_interval(days => %s)", (IDEMPOTENCY_DAYS,))

        await asyncio.to_thread(forget)
