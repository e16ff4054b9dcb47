"""A whole city in one process on a real PostgreSQL: the real ledger engine, stages and inboxes, with lists where Kafka stands.

The lists let a test repeat, delay, poison and lose deliveries exactly as it likes.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from deploy.local import postgres
from deploy.local.layout import Stack
from services.catalogue import domain as catalogue
from services.ledger import domain as judge
from shared import events as e
from shared.city import City
from shared.draft import Context, Draft
from shared.envelope import Entry, read_entry, tree_digest
from shared.kit.inbox import Inbox
from shared.kit.kafka import Record
from shared.kit.ledger import Ledger
from shared.kit.relay import RELAY
from shared.kit.settings import LEDGER_TOPIC, topic_of
from shared.kit.stage import Stage
from shared.kit.stage_model import Definition
from shared.kit.store import Store, Stored
from shared.kit.telemetry import Metrics
from shared.kit.tokens import Actor
from shared.kit.vault import Vault
from tests.builders import CITY_NAME, MONDAY_MORNING
from tests.builders import catalogue as shipped_catalogue
from tests.integration.contents import Contents, contents

CITY_KEY = b"k" * 32
STAGES = ("catalogue", "intake", "verification", "inspection", "issuance", "treasury", "tracker")
APPLICANT = Actor("budi", "applicant")


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        self.instant = now

    def now(self) -> datetime:
        """Returns the time."""
        return self.instant

    def wait(self, **span: float) -> None:
        """Moves forward."""
        self.instant += timedelta(**span)


class LedgerFeed:
    """The ledger's feed without HTTP."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.reads = 0

    async def pages(self, after: int) -> AsyncIterator[list[Entry]]:
        """Yields pages until the head."""
        self.reads += 1
        while rows := self._ledger.entries(after, 200):
            yield [read_entry(row) for row in rows]
            after += len(rows)

    async def application(self, code: str) -> list[Entry]:
        """Returns an application's entries."""
        return [read_entry(row) for row in self._ledger.history(code)]


class MiniCity:
    """One city, its SOPs published; `deployments` maps a sender to its stage and agencies.

    The first city of the same deployments says everything itself; a later one finds it in its databases, as after a restart.
    """

    begun: ClassVar[dict[str, dict[str, Contents]]] = {}
    idle: ClassVar[dict[str, Store]] = {}

    def __init__(self, stack: Stack, tag: str, deployments: dict[str, tuple[str, tuple[str, ...]]] | None = None) -> None:
        self.stack = stack
        self.tag = tag
        self.clock = Clock()
        self.deployments = deployments or {name: (name, ("*",)) for name in STAGES}
        self.topics: dict[str, list[bytes]] = {}
        self.published: list[bytes] = []
        self.stores: dict[str, Store] = {}
        self.stages: dict[str, Stage] = {}
        self.inboxes: dict[str, Inbox] = {}
        self.read: dict[str, int] = {}
        self.problems: list[tuple[str, str]] = []
        if self._is_prepared():
            self._open()
            self._go_on()
        else:
            self._open()
            self._register()
            self.begun[repr(self.deployments)] = {name: contents(store) for name, store in self.stores.items()}

    def _is_prepared(self) -> bool:
        """Fills the databases as a city of the same deployments had them at its beginning; makes or empties them where that cannot be."""
        names, begun = ("ledger", *self.deployments), self.begun.get(repr(self.deployments))
        if begun and all(self.url(name) in self.idle and begun[name].fill_if_fit(self.idle[self.url(name)]) for name in names):
            return True
        postgres.add_databases(self.stack, [self.database(name) for name in names])
        for name in names:
            if self.url(name) in self.idle:
                self.idle.pop(self.url(name)).close()
            with psycopg.connect(self.url(name), autocommit=True) as connection:
                connection.execute("DROP OWNED BY CURRENT_USER CASCADE")
        return False

    def _open(self) -> None:
        self.ledger = self.open_ledger()
        for name in self.deployments:
            self.open_stage(name)

    def _go_on(self) -> None:
        """Puts on the lists what the databases have."""
        self.published += [entry.raw for entry in self.stores["ledger"].after(0, 1000)]
        for name in self.deployments:
            self.topics[name] += [event.raw for event in self.stores[name].after(0, 1000)]
            self.read[name] = len(self.published)

    def database(self, name: str) -> str:
        """Returns the name of a deployment's database."""
        return f"{self.tag}-{name}"

    def url(self, name: str) -> str:
        """Returns the address of a deployment's database."""
        return postgres.database_url(self.stack, self.database(name))

    def open_ledger(self) -> Ledger:
        """Opens the ledger as a start of its process does."""
        store = self._store("ledger", "ledger")
        ledger = Ledger(store, judge, CITY_NAME, self.clock, Metrics(), subjects_max=1000)
        ledger.load()
        ledger.on_entries = self._entered
        self.ledger = ledger
        return ledger

    def _store(self, name: str, service: str) -> Store:
        """Opens a database; the first time with the connections that an earlier city has left open."""
        store = self.idle.pop(self.url(name), None) or Store(self.url(name), "ledger" if service == "ledger" else "stage")
        store.create(_schema(service))
        self.stores[name] = store
        return store

    def _entered(self, entries: Sequence[Stored]) -> None:
        self.published += [entry.raw for entry in entries]

    def open_stage(self, name: str) -> Stage:
        """Opens a deployment as a start of its process does, without catching up."""
        service = self.deployments[name][0]
        store = self._store(name, service)
        module = importlib.import_module(f"services.{service}.domain")
        views = importlib.import_module(f"services.{service}.views")
        definition = Definition(service, module.react, views.project, _schema(service), views.KEEPS)
        vault = Vault(store, b"v" * 32) if service != "tracker" else None
        stage = Stage(definition, name, CITY_NAME, store, self.clock, Metrics(), city_key=CITY_KEY, vault=vault, subjects_max=1000)
        stage.load()
        topic = self.topics.setdefault(name, [])
        stage.on_events = lambda events: topic.extend(event.raw for event in events)
        self.stages[name] = stage
        self.inboxes[name] = Inbox(stage, LedgerFeed(self.ledger), lambda part, what: self.problems.append((part, what)))  # type: ignore[arg-type]  # stands in for the HTTP feed
        self.read[name] = 0
        return stage

    def _register(self) -> None:
        self.ledger.say(f"contract:{e.CONTRACT}", e.ContractRaised(contract=e.CONTRACT))
        for name, (stage, agencies) in self.deployments.items():
            if stage != "tracker":
                self.ledger.say(f"sender:{name}", e.SenderRegistered.model_validate({"name": name, "stage": stage, "agencies": agencies}))
        self.pump()
        # The first versions, whose steps the tests know, and of the cemetery plots the second, which reserves a place.
        begun = [sop for sop in shipped_catalogue().values() if (sop.version == 1) == (sop.permit_type != "makam")]
        self.stages["catalogue"].open(catalogue.open_catalogue(self.city, begun))
        self.pump()

    def say(self, name: str, subject: str, actor: Actor, *drafts: Draft, key: str = "") -> tuple[str, ...]:
        """Has a deployment say drafts for an actor; returns the event ids, raises `Refusal`."""

        def decide(_case: object, _context: Context) -> tuple[Draft, ...]:
            return drafts

        stage = self.stages[name]
        return stage.command(subject, actor, key or f"{subject}{len(self.topics[name])}{drafts}", b"d", decide).event_ids

    def deliver_to_ledger(self, batch: int = 50) -> int:
        """Hands the ledger what the senders published and it has not read; returns how many records."""
        count = 0
        for name, topic in self.topics.items():
            start = self.ledger.topic_offset(topic_of(name))
            for begin in range(start, len(topic), batch):
                values = topic[begin : begin + batch]
                self.ledger.ingest([Record(topic_of(name), begin + index, value) for index, value in enumerate(values)])
                count += len(values)
        return count

    def deliver_to(self, name: str, batch: int = 50) -> int:
        """Hands a deployment's inbox what the ledger published and it has not read; returns how many records."""
        start = self.read[name]
        for begin in range(start, len(self.published), batch):
            values = self.published[begin : begin + batch]
            records = [Record(LEDGER_TOPIC, begin + index, value) for index, value in enumerate(values)]
            wait_for(self.inboxes[name].receive(records))
        self.read[name] = len(self.published)
        return len(self.published) - start

    def pump(self, *names: str) -> None:
        """Delivers everything everywhere until nothing moves."""
        for _ in range(200):
            moved = self.deliver_to_ledger()
            moved += sum(self.deliver_to(name) for name in names or self.stages)
            if not moved:
                return
        raise AssertionError("the city does not come to rest")

    def drop_ended(self, *names: str) -> dict[str, int]:
        """Has the deployments, or those named, drop what ended long ago, everything said being published; returns how many each."""
        dropped: dict[str, int] = {}
        for name in names or self.stages:
            store = self.stores[name]
            with store.transaction() as cursor:
                if store.head() > store.tracked(RELAY):
                    store.track(cursor, RELAY, store.head())
            while count := self.stages[name].drop_ended():
                dropped[name] = dropped.get(name, 0) + count
        return dropped

    def entries(self, subject: str = "") -> list[Entry]:
        """Returns the ledger's entries, of one subject or all."""
        rows = self.ledger.history(subject) if subject else self.ledger.entries(0, 100_000)
        return [read_entry(row) for row in rows]

    def names(self, subject: str) -> list[str]:
        """Returns what stands in a subject's history, a refused event with its code."""
        return [entry.event.data.NAME + (f" ({entry.stamp.refused})" if entry.stamp.refused else "") for entry in self.entries(subject)]

    def views(self, name: str) -> dict[str, Any]:
        """Returns a deployment's live view rows, each checked against its own digest."""
        rows = self.stores[name].rows("SELECT subject, digest, row FROM views")
        assert all(tree_digest(row["row"]) == bytes(row["digest"]).hex() for row in rows)
        return {row["subject"]: row["row"] for row in rows}

    def letters(self, name: str) -> list[tuple[str, str]]:
        """Returns a database's open dead letters: origin and code."""
        rows = self.stores[name].rows("SELECT origin, code FROM dead_letters WHERE solved IS NULL ORDER BY id")
        return [(row["origin"], row["code"]) for row in rows]

    @property
    def city(self) -> City:
        """The rules in force."""
        return self.ledger.city

    def close(self) -> None:
        """Leaves the database connections to the next city."""
        self.idle.update({self.url(name): store for name, store in self.stores.items() if not store.recorder.datastore.pool.closed})

    @classmethod
    def close_all(cls) -> None:
        """Closes the connections that no city uses, and forgets what these databases had."""
        for store in cls.idle.values():
            store.close()
        cls.idle.clear()
        cls.begun.clear()


def _schema(service: str) -> Path:
    return Path(importlib.import_module(f"services.{service}").__path__[0]) / "schema.sql"


@cache
def _loop() -> tuple[ThreadPoolExecutor, asyncio.Runner]:
    return ThreadPoolExecutor(1), asyncio.Runner()


def wait_for(coroutine: Coroutine[Any, Any, object]) -> None:
    """Runs a coroutine to its end on the one loop of a thread of its own, so that asynchronous tests may deliver too."""
    pool, runner = _loop()
    pool.submit(runner.run, coroutine).result()


class Backup:
    """A copy of one deployment's database as it was, to be put back later."""

    def __init__(self, city: MiniCity, name: str) -> None:
        self._city = city
        self._name = name
        self._database = city.database(name)
        self._copied = f"{self._database}-copy"
        self._copy(self._database, self._copied)

    def _copy(self, source: str, target: str) -> None:
        self._city.stores[self._name].close()
        with psycopg.connect(postgres.admin_url(self._city.stack), autocommit=True) as connection:
            # A database is copied while nobody looks at it: neither a vacuum nor a connection that is still closing.
            connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (source,))
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                    sql.Identifier(target), sql.Identifier(source), sql.Identifier(self._database)
                )
            )
        self._reopen()

    def _reopen(self) -> None:
        if self._name == "ledger":
            self._city.open_ledger()
        else:
            self._city.open_stage(self._name)

    def restore(self) -> None:
        """Puts the old state in the place of the present one and opens it."""
        self._city.stores[self._name].close()
        with psycopg.connect(postgres.admin_url(self._city.stack), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._database)))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(self._copied), sql.Identifier(self._database))
            )
        self._reopen()
