"""Rows 6 and 11: what an entry and a query cost when the ledger holds ten thousand, a hundred thousand and a million entries."""

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from bench import corpus, fill
from bench.corpus import Template
from bench.measure import Cost, Figure, Meter, measured, percentile
from bench.servers import checkpoint, server_facts, servers
from bench.world import BATCH, ENTRIES_PER_PERMIT, STAGES, World, decode_all, make_ledger, make_stage
from deploy.local import postgres
from deploy.local.layout import Stack
from shared.kit.kafka import Record
from shared.kit.ledger import Ledger
from shared.kit.settings import topic_of
from shared.kit.stage import Stage
from shared.kit.store import Store

FLAT: Final = 1.2
TRACKER_P99: Final = 1.5
QUERIES: Final = 4_000
WARM_QUERIES: Final = 400
MEASURED_PERMITS: Final = 400
FLATNESS_ROUNDS_MIN: Final = 7  # a round is short, and a checkpoint of PostgreSQL in one of them is felt
STAGE: Final = "verification"
RAW_QUERY: Final = "SELECT raw FROM entries WHERE position = %s"
# The statement of the tracker's door; a test holds the two together.
TRACKER_QUERY: Final = "SELECT row FROM views WHERE subject = %s"


def run(chosen: frozenset[str], rounds: int, *, quick: bool, entries: int) -> tuple[list[Figure], dict[str, str]]:
    """Measures the chosen of rows 6 and 11; returns the servers' settings too."""
    sizes = (10_000, 100_000) if quick else (10_000, 100_000, entries)
    figures: list[Figure] = []
    with servers(with_kafka=False) as stack:
        facts = server_facts(stack)
        world = World(stack)
        made = corpus.template(world)
        views = {name: world.stages[name].store.rows("SELECT row FROM views LIMIT 1")[0]["row"] for name in (STAGE, "tracker")}
        world.close()
        meter = Meter({"PostgreSQL": postgres.running_pid(stack) or 0})
        if "11" in chosen:
            figures += _flatness(stack, made, views[STAGE], sizes, max(rounds, FLATNESS_ROUNDS_MIN), meter)
        if "6" in chosen:
            figures.append(_queries(stack, made, views["tracker"], sizes[-1], rounds))
    return figures, facts


# Row 11


class Sized:
    """A ledger and a stage that hold so many entries, and the next permits for both."""

    def __init__(self, stack: Stack, made: Template, view: dict[str, Any], size: int) -> None:
        self.size = size
        self._made = made
        names = [f"bench-ledger-{size}", f"bench-stage-{size}"]
        postgres.add_databases(stack, names)
        ledger_url, stage_url = (postgres.database_url(stack, name) for name in names)
        self.ledger: Ledger = make_ledger(ledger_url)
        self.stage: Stage = make_stage(stage_url, STAGES[STAGE])
        head = fill.begin(self.ledger, [self.stage])
        permits = (size - head) // ENTRIES_PER_PERMIT
        fill.fill_ledger(self.ledger, ledger_url, made, permits)
        fill.fill_stage(self.stage, stage_url, made, permits, view)
        self._next_ledger = self._next_stage = permits
        self._offsets = dict.fromkeys(made.senders, 0)

    def ingest(self, permits: int, meter: Meter) -> Cost:
        """Has the ledger judge and enter the next permits."""
        records = []
        for number in range(self._next_ledger, self._next_ledger + permits):
            code = corpus.code_of(number)
            for index, sender in enumerate(self._made.senders):
                records.append(Record(topic_of(sender), self._offsets[sender], self._made.event(index, code)))
                self._offsets[sender] += 1
        self._next_ledger += permits
        head = self.ledger.head
        cost = measured(len(records), lambda: _each_batch(records, self.ledger.ingest), meter)
        if self.ledger.head != head + len(records):
            raise RuntimeError("the ledger did not enter every event")
        return cost

    def apply(self, permits: int, meter: Meter) -> Cost:
        """Has the stage apply the next permits, each event decoded first, as the inbox does."""
        rows = corpus.stored(self._made, self._next_stage, permits, self.stage.position + 1)
        self._next_stage += permits
        return measured(len(rows), lambda: _each_batch(rows, lambda batch: self.stage.apply(decode_all(batch))), meter)

    def close(self) -> None:
        """Closes both stores."""
        self.ledger.store.close()
        self.stage.store.close()


def _each_batch(items: Sequence[Any], use: Any) -> None:  # noqa: ANN401 - a function of one batch, whatever it returns
    for start in range(0, len(items), BATCH):
        use(items[start : start + BATCH])


def _flatness(stack: Stack, made: Template, view: dict[str, Any], sizes: Sequence[int], rounds: int, meter: Meter) -> list[Figure]:
    worlds = [Sized(stack, made, view, size) for size in sizes]
    checkpoint(stack)
    for world in worlds:
        world.ingest(BATCH // ENTRIES_PER_PERMIT, meter)
        world.apply(BATCH // ENTRIES_PER_PERMIT, meter)
    appended: dict[int, list[Cost]] = {size: [] for size in sizes}
    applied: dict[int, list[Cost]] = {size: [] for size in sizes}
    for number in range(rounds):
        for world in worlds[:: 1 if number % 2 == 0 else -1]:
            appended[world.size].append(world.ingest(MEASURED_PERMITS, meter))
            applied[world.size].append(world.apply(MEASURED_PERMITS, meter))
    for world in worlds:
        world.close()
    return [flat("append by the ledger", appended), flat("inbox apply of a stage", applied)]


def flat(name: str, costs: dict[int, list[Cost]]) -> Figure:
    """Returns by how much an entry costs more at the largest size than at the smallest."""
    smallest, largest = min(costs), max(costs)
    pairs = zip(costs[smallest], costs[largest], strict=True)
    rounds = tuple(large.cpu_microseconds / small.cpu_microseconds for small, large in pairs)
    notes = tuple(
        f"{size:,} entries: {statistics.median(cost.cpu_microseconds for cost in found):.0f} us CPU an entry"
        for size, found in sorted(costs.items())
    )
    return Figure(
        "11",
        f"{name}, CPU an entry at {largest:,} / {smallest:,}",
        statistics.median(rounds),
        "ratio",
        FLAT,
        "lower",
        rounds,
        gated=True,
        notes=notes,
    )


# Row 6


def _queries(stack: Stack, made: Template, view: dict[str, Any], size: int, rounds: int) -> Figure:
    url = postgres.database_url(stack, "tracker")
    stage = make_stage(url, STAGES["tracker"])
    permits = (size - stage.position) // ENTRIES_PER_PERMIT
    base = stage.position
    fill.fill_stage(stage, url, made, permits, view)
    checkpoint(stack)
    dice = random.Random(1)  # noqa: S311 - a repeatable choice, no secret
    with psycopg.connect(url, autocommit=True) as bare:
        sides = Sides(stage.store, bare, dice, permits, base)
        sides.timed(WARM_QUERIES)
        timed = [sides.timed(QUERIES) for _ in range(rounds)]
    stage.store.close()
    raw = [percentile(one, 0.99) for one, _ in timed]
    ours = [percentile(other, 0.99) for _, other in timed]
    pairs = tuple(other / one for one, other in zip(raw, ours, strict=True))
    notes = (
        f"raw: {RAW_QUERY}: p99 {statistics.median(raw) * 1e3:.3f} ms",
        f"ours: {TRACKER_QUERY}: p99 {statistics.median(ours) * 1e3:.3f} ms ({QUERIES:,} of each in turn, {rounds} rounds)",
    )
    name = f"tracker query p99 / raw primary-key SELECT p99, {size:,} entries"
    return Figure("6", name, statistics.median(pairs), "ratio", TRACKER_P99, "lower", pairs, gated=True, notes=notes)


@dataclass(frozen=True, slots=True)
class Sides:
    """The tracker's query through its store and a bare one by primary key, on the same database, for codes and positions by chance."""

    store: Store
    bare: psycopg.Connection[Any]
    dice: random.Random
    permits: int
    base: int

    def timed(self, count: int) -> tuple[list[float], list[float]]:
        """Runs so many of both in turn; returns the seconds of the bare ones and of the tracker's."""
        raw: list[float] = []
        ours: list[float] = []
        cursor = self.bare.cursor(binary=True)
        for _ in range(count):
            code = corpus.code_of(self.dice.randrange(self.permits))
            position = self.base + 1 + self.dice.randrange(self.permits * ENTRIES_PER_PERMIT)
            begun = time.perf_counter()
            found = cursor.execute(RAW_QUERY, (position,)).fetchall()
            between = time.perf_counter()
            rows = self.store.rows(TRACKER_QUERY, (code,))
            ended = time.perf_counter()
            if len(found) != 1 or len(rows) != 1:
                raise RuntimeError("a query found nothing")
            raw.append(between - begun)
            ours.append(ended - between)
        return raw, ours
