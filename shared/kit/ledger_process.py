"""The composition of the ledger process: engine, relay, subscription to every sender, recovery before anything is judged, and the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from fastapi import FastAPI

from shared import asyncapi
from shared import events as e
from shared.envelope import ContractError, Entry, read_entry
from shared.kit.clock import FeedClock, make_clock
from shared.kit.ending import ProcessEnds
from shared.kit.http import Site, make_app
from shared.kit.kafka import KafkaFailure, Publisher, Record, client_options, retrying, subscribe
from shared.kit.ledger import HELD_ALARM, Judge, Ledger
from shared.kit.log_keeper import LogKeeper
from shared.kit.openapi import serve_asyncapi
from shared.kit.process import Background
from shared.kit.relay import Relay
from shared.kit.sender import WATCH_SECONDS, SenderProcess, make_site
from shared.kit.settings import LEDGER_TOPIC, SENDER_TOPICS_PATTERN, Settings, topic_of
from shared.kit.store import HeadMoved, Store, Stored, StoreError
from shared.kit.telemetry import log
from shared.kit.tracing import Judging

TICK_SECONDS: Final = 1.0
PACE_SECONDS: Final = 0.01
RECOVERY_BATCH_RECORDS: Final = 500


class CannotStart(ProcessEnds):
    """The ledger's topic and its database disagree; the message says what to do."""


class LedgerSlot:
    """The running ledger behind the doors, absent until the process is ready."""

    def __init__(self) -> None:
        self.ledger: Ledger | None = None
        self.keeper: LogKeeper | None = None
        self.drained: Callable[[], bool] = lambda: False


AddRoutes = Callable[[FastAPI, Site, LedgerSlot], None]


def build_ledger(settings: Settings, judge: Judge, schema: Path, add_routes: AddRoutes) -> tuple[FastAPI, Background]:
    """Returns the ledger's app and its background work."""
    site, slot = make_site(settings), LedgerSlot()
    app = make_app(site, "Jejak Izin: ledger")
    serve_asyncapi(app, lambda: asyncapi.document("ledger", topic_of("{sender}"), LEDGER_TOPIC))
    add_routes(app, site, slot)
    return app, LedgerProcess(settings, judge, schema, site, slot).work


class LedgerProcess(SenderProcess):
    """The ledger from its first connection to its end."""

    def __init__(self, settings: Settings, judge: Judge, schema: Path, site: Site, slot: LedgerSlot) -> None:
        super().__init__(settings, site, "ledger", schema)
        self._judge = judge
        self._slot = slot
        self._judging = Judging()

    async def work(self) -> None:
        """Connects, takes its place, recovers what an older backup lost, then judges until cancelled."""
        health, store = self._site.health, await self._connect()
        ledger = await asyncio.to_thread(self._make_ledger, store)
        relay = Relay(store, Publisher(self._settings, LEDGER_TOPIC), self._site.metrics, health.problem)
        ledger.on_entries = lambda entries: relay.offer(entries, self._traces(entries))
        keeper = LogKeeper(self._settings, store, self._site, lambda: relay.position)
        health.details = lambda: {
            "sender": "ledger",
            "position": ledger.head,
            "drained": relay.drained,
            "kafka": self._kafka,
            "log": keeper.details(),
        }
        broker = subscribe(
            self._settings, self._receiver(ledger), pace_seconds=PACE_SECONDS, pattern=SENDER_TOPICS_PATTERN, offset_of=ledger.topic_offset
        )
        try:
            await retrying("recovery", lambda: self._recover(ledger), (*KafkaFailure, *StoreError), health.problem)
            await retrying("registry", lambda: self._register(ledger), StoreError, health.problem)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(relay.run())
                self._slot.ledger, self._slot.keeper, self._slot.drained = ledger, keeper, lambda: relay.drained
                health.ready = True
                tasks.create_task(self._listen(broker))
                tasks.create_task(self._tick(ledger))
                tasks.create_task(keeper.run())
                tasks.create_task(self._watch())
                tasks.create_task(_until_overtaken(ledger))
        finally:
            await self._end(broker)

    def _make_ledger(self, store: Store) -> Ledger:
        settings = self._settings
        ledger = Ledger(
            store,
            self._judge,
            settings.city,
            make_clock(settings.clock),
            self._site.metrics,
            subjects_max=settings.cache_subjects_max,
        )
        ledger.load()
        return ledger

    def _traces(self, entries: Sequence[Stored]) -> dict[int, str]:
        return self._judging.entered(read_entry(entry.raw) for entry in entries) if self._judging else {}

    def _receiver(self, ledger: Ledger) -> Callable[[Sequence[Record]], Any]:
        async def receive(records: Sequence[Record]) -> None:
            async def judge() -> None:
                try:
                    await asyncio.to_thread(ledger.ingest, records)
                except StoreError:
                    await asyncio.to_thread(ledger.load)
                    raise

            self._judging.hear((record.value, record.traceparent) for record in records)
            await retrying("judging", judge, StoreError, self._site.health.problem)

        return receive

    # Recovery

    async def _recover(self, ledger: Ledger) -> None:
        """Re-reads from the ledger's own topic what the database does not hold, before anything is judged."""
        restored = 0
        try:
            async for entries in self._published_after(ledger.head):
                restored += await asyncio.to_thread(ledger.restore, entries)
        except ContractError as error:
            message = (
                f"The ledger's database and its topic {LEDGER_TOPIC} disagree ({error.detail}). "
                "Restore the newest backup of the ledger's database, or a copy of the topic that agrees with it, and start again."
            )
            raise CannotStart(message) from None
        if restored:
            log().warning("entries taken back from the topic", entries=restored, head=ledger.head)

    async def _published_after(self, head: int) -> AsyncIterator[list[Entry]]:
        partition = TopicPartition(LEDGER_TOPIC, 0)
        consumer = AIOKafkaConsumer(client_id="ledger-recovery", enable_auto_commit=False, **client_options(self._settings))
        consumer.assign([partition])
        await consumer.start()
        try:
            end = (await consumer.end_offsets([partition]))[partition]
            # Republished records only make offsets larger than positions, so the head's own record is at or after this offset.
            consumer.seek(partition, max(0, min(head - 1, end)))
            while await consumer.position(partition) < end:
                records = (await consumer.getmany(partition, timeout_ms=1000, max_records=RECOVERY_BATCH_RECORDS)).get(partition, [])
                entries = [read_entry(record.value or b"") for record in records]
                if entries:
                    yield _each_position_once(entries)
        finally:
            await consumer.stop()

    async def _register(self, ledger: Ledger) -> None:
        """Says which senders may speak and which contract holds, where that differs from what the ledger says."""

        def register() -> None:
            if ledger.city.contract < e.CONTRACT:
                ledger.say(f"contract:{e.CONTRACT}", e.ContractRaised(contract=e.CONTRACT))
            for sender in self._settings.senders():
                if sender.name in ledger.city.revoked:
                    log().warning("a sender of the list was revoked and stays so until it is restored", sender=sender.name)
                elif sender.stage not in ("ledger", "tracker"):
                    wanted = e.SenderRegistered.model_validate({"name": sender.name, "stage": sender.stage, "agencies": sender.agencies})
                    if ledger.city.senders.get(sender.name) != wanted:
                        ledger.say(f"sender:{sender.name}", wanted)
                    keys = ledger.city.keyring.of(sender.name)
                    if sender.key and not keys:
                        ledger.say(f"sender:{sender.name}", e.SenderKeyAdded(name=sender.name, key=sender.key))
                    elif sender.key not in {"", *keys}:
                        log().warning("the key of the list is not the one that was registered: people decide about it", sender=sender.name)

        await asyncio.to_thread(register)

    # Loops

    async def _tick(self, ledger: Ledger) -> None:
        while True:
            if not isinstance(ledger.clock, FeedClock):
                await retrying("clock", lambda: asyncio.to_thread(ledger.tick, ledger.clock.now()), StoreError, self._site.health.problem)
            await asyncio.sleep(TICK_SECONDS)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await self._keep_place()
            await retrying("held events", self._alarm, StoreError, lambda _part, _what: None)

    async def _alarm(self) -> None:
        """Says so when events have waited long for an earlier number of their sender."""
        rows = await asyncio.to_thread(
            self._opened().rows,
            "SELECT event_id FROM held_events WHERE since < now() - make_interval(mins => %s) LIMIT 10",
            (HELD_ALARM.seconds // 60,),
        )
        self._site.health.problem("held events", ", ".join(row["event_id"] for row in rows))


async def _until_overtaken(ledger: Ledger) -> None:
    """Ends with `HeadMoved` when somebody else has appended, whoever met it: what this process remembers is no longer the city's order."""
    loop = asyncio.get_running_loop()
    overtaken: asyncio.Future[None] = loop.create_future()

    def end(moved: HeadMoved) -> None:
        if not overtaken.done():
            overtaken.set_exception(moved)

    ledger.on_head_moved = lambda moved: loop.call_soon_threadsafe(end, moved)
    await overtaken


def _each_position_once(entries: Sequence[Entry]) -> list[Entry]:
    """Returns the entries in order of position; a republished one has the same bytes and is kept once."""
    found = {entry.stamp.position: entry for entry in entries}
    return [found[position] for position in sorted(found)]
