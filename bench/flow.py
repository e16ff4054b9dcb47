"""Rows 1, 2 and 7 to 10: permits through a running city of six processes, beside the raw limit of the same rows and records."""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Final, Self

from bench.city import PROCESSES, STAGES, Driver, running_city
from bench.measure import Cost, Figure, Loop, Meter, compared, percentile
from bench.raw import Plan
from bench.servers import checkpoint, server_facts
from bench.world import ENTRIES_PER_PERMIT
from deploy.local import kafka, postgres

LOAD_SHARE: Final = 0.3
POST_EVERY_SECONDS: Final = 0.05
SLOW_PERMITS_PER_SECOND: Final = 20
STATISTICS_SECONDS: Final = 30.0
MEMORY_EVERY_SECONDS: Final = 1.0
# Events of one permit by who says them; the ledger says each of them once more.
SAID: Final = {"intake": 2, "verification": 1, "inspection": 1, "issuance": 1, "ledger": ENTRIES_PER_PERMIT}
# What the raw limit leaves out: a row a transaction, and what is written for operators alone.
LEFT_OUT: Final = ("_tracking",)


def run(chosen: frozenset[str], rounds: int, *, quick: bool) -> tuple[list[Figure], dict[str, str]]:
    """Measures the chosen of rows 1, 2 and 7 to 10; returns the servers' settings too."""
    permits, seconds = (500, 6.0) if quick else (2_000, 20.0)
    figures: list[Figure] = []
    with running_city() as driver:
        facts = server_facts(driver.stack)
        driver.submit_all(permits // 5)
        idle_memory = driver.memory_megabytes()
        if "9" in chosen:
            figures.append(_idle(driver, seconds))
        rate = 0.0
        with _Peaks(driver) as peaks:
            if chosen & {"1", "2", "7", "8", "10"}:
                found, rate = _throughput(driver, permits, rounds, raw="1" in chosen)
                figures += [figure for figure in found if figure.row in chosen]
        if chosen & {"7", "8"}:
            figures += [figure for figure in _latencies(driver, rate * LOAD_SHARE, seconds) if figure.row in chosen]
        if "9" in chosen:
            figures.append(_slow(driver, seconds))
        if "10" in chosen:
            figures += [_memory("idle", 120, idle_memory), _memory("under load", 200, peaks.found)]
    return figures, facts


# Rows 1 and 2


def _throughput(driver: Driver, permits: int, rounds: int, *, raw: bool) -> tuple[list[Figure], float]:
    written = _rows_written(driver, permits) if raw else {}
    raws: list[Cost] = []
    ours: list[Cost] = []
    spent: list[Mapping[str, float]] = []
    for number in range(rounds):
        if raw and number % 2 == 0:
            raws.append(_raw_round(driver, written, permits, number))
        checkpoint(driver.stack)
        cost, by_process = driver.cost_of(permits)
        ours.append(cost)
        spent.append(by_process)
        if raw and number % 2 == 1:
            raws.append(_raw_round(driver, written, permits, number))
    rate = statistics.median(cost.per_second for cost in ours)
    shares = {name: statistics.median(by_process[name] for by_process in spent) / permits * 1e6 for name in spent[0]}
    notes = (f"CPU us a permit: {', '.join(f'{name} {share:.0f}' for name, share in shares.items())}",)
    figures = [
        Figure(
            "2",
            "permits issued and visible in the tracker",
            rate,
            "permits/s",
            1200,
            "higher",
            tuple(c.per_second for c in ours),
            notes=notes,
        )
    ]
    if raw:
        rows = sum(sum(tables.values()) for tables in written.values()) / permits
        bare = Loop(f"{rows:.1f} rows by COPY, 10 records by send_batch, 30 consumed undecoded, six processes", raws)
        city = Loop("submitted, reviewed, drawn, issued; ledger and tracker; six processes", ours)
        figures = [*compared(("1", "permits through the city / raw limit", 0.5), bare, city, "permit"), *figures]
    return figures, rate


def _rows_written(driver: Driver, permits: int) -> dict[str, dict[str, int]]:
    """Has the city issue permits and counts the rows that it wrote or wrote again, by database and table."""
    before = {name: _statistics(driver, name) for name in PROCESSES}
    entries = {name: before[name].get(_entries_table(name), 0) for name in PROCESSES}
    driver.submit_all(permits)

    def counted() -> bool:
        # A session reports its counts some seconds after it has become quiet.
        return all(
            _statistics(driver, name).get(_entries_table(name), 0) - entries[name] >= permits * ENTRIES_PER_PERMIT for name in PROCESSES
        )

    driver.wait(counted, STATISTICS_SECONDS)
    after = {name: _statistics(driver, name) for name in PROCESSES}
    return {
        name: {table: count - before[name].get(table, 0) for table, count in after[name].items() if count > before[name].get(table, 0)}
        for name in PROCESSES
    }


def _entries_table(name: str) -> str:
    return "ledger_events" if name == "ledger" else "entries"


def _statistics(driver: Driver, name: str) -> dict[str, int]:
    rows = driver.rows(name, "SELECT relname, n_tup_ins + n_tup_upd FROM pg_stat_user_tables")
    return {table: int(count) for table, count in rows if not table.endswith(LEFT_OUT) and not table.startswith("raw_")}


def _raw_round(driver: Driver, written: Mapping[str, Mapping[str, int]], permits: int, number: int) -> Cost:
    """Moves the same rows and records in six bare processes while the city is idle."""
    topics = {name: f"raw.{name}.{number}" for name in SAID}
    for topic in topics.values():
        kafka.add_topic(driver.stack, topic)
    plans = {name: _plan(driver, name, written[name], topics, permits) for name in PROCESSES}
    children = {name: _Child(plan) for name, plan in plans.items()}
    try:
        for child in children.values():
            child.wait_ready()
        checkpoint(driver.stack)
        servers = Meter({name: pid for name, pid in driver.pids().items() if name in ("postgres", "kafka")})
        before, begun = servers.total(), time.perf_counter()
        for child in children.values():
            child.go()
        cpu_seconds = sum(child.result() for child in children.values())
        wall, after = time.perf_counter() - begun, servers.total()
    finally:
        for child in children.values():
            child.end()
    return Cost(permits, cpu_seconds + after - before, wall)


def _plan(driver: Driver, name: str, tables: Mapping[str, int], topics: Mapping[str, str], permits: int) -> Plan:
    said = SAID.get(name, 0) * permits
    heard = {topics[stage]: SAID[stage] * permits for stage in STAGES} if name == "ledger" else {topics["ledger"]: SAID["ledger"] * permits}
    return Plan(
        database_url=postgres.database_url(driver.stack, name),
        tables=dict(tables),
        events_table="ledger_events" if name == "ledger" else "stage_events",
        topic=topics.get(name, ""),
        events=said,
        consumed=heard,
        kafka=kafka.admin_settings(driver.stack),
    )


class _Child:
    """One process of the raw limit."""

    def __init__(self, plan: Plan) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "bench.raw"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._write(plan.to_line())

    def _write(self, line: bytes) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the process has no standard input")
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _line(self) -> str:
        line = self._process.stdout.readline().decode().strip() if self._process.stdout else ""
        if not line:
            raise RuntimeError("a process of the raw limit ended early; its reason stands above")
        return line

    def wait_ready(self) -> None:
        """Waits until it has everything in memory."""
        if self._line() != "ready":
            raise RuntimeError("a process of the raw limit did not become ready")

    def go(self) -> None:
        """Lets it begin."""
        self._write(b"go\n")

    def result(self) -> float:
        """Waits for its end and returns its CPU seconds."""
        return float(self._line())

    def end(self) -> None:
        """Waits for the process, or ends it where it hangs."""
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


# Rows 7 and 8


def _latencies(driver: Driver, permits_per_second: float, seconds: float) -> list[Figure]:
    each = max(1, round(permits_per_second * POST_EVERY_SECONDS))
    every = each / max(permits_per_second, 1.0)
    times = max(1, round(seconds / every))
    base = driver.position("ledger")
    own = {name: int(driver.rows(name, "SELECT max(notification_id) FROM stage_events")[0][0]) for name in STAGES}
    due_of = driver.open_loop(every, times, each)
    driver.settle(base + len(due_of) * ENTRIES_PER_PERMIT)
    seen = {
        event_id: float(at)
        for event_id, at in driver.rows(
            "tracker", "SELECT event_id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM entries WHERE position > %s", (base,)
        )
    }
    said = _commits(driver, own)
    visible = [1000 * (seen[event_id] - at) for event_id, at in said.items()]
    issued = [seen[f"{code}/issuance/1"] - due for code, due in due_of.items()]
    notes = (f"open loop: {each} submissions every {1000 * every:.0f} ms for {times * every:.0f} s, {len(visible)} events of four stages",)
    return [
        Figure("7", "commit in a stage -> visible in the tracker, p50", percentile(visible, 0.5), "ms", 50, "lower", notes=notes),
        Figure("7", "commit in a stage -> visible in the tracker, p99", percentile(visible, 0.99), "ms", 200, "lower"),
        Figure(
            "8",
            "submission -> permit by rule visible, p50",
            percentile(issued, 0.5),
            "s",
            0.6,
            "lower",
            notes=(f"{len(issued)} permits of the same load",),
        ),
        Figure("8", "submission -> permit by rule visible, p99", percentile(issued, 0.99), "s", 1.5, "lower"),
    ]


def _commits(driver: Driver, after: Mapping[str, int]) -> dict[str, float]:
    """Returns when each stage committed each of its events, by PostgreSQL's clock."""
    found: dict[str, float] = {}
    for name, position in after.items():
        rows = driver.rows(
            name,
            "SELECT originator_id, originator_version, extract(epoch FROM pg_xact_commit_timestamp(xmin))"
            " FROM stage_events WHERE notification_id > %s",
            (position,),
        )
        found.update({f"{subject}/{name}/{version}": float(at) for subject, version, at in rows})
    return found


# Rows 9 and 10


def _idle(driver: Driver, seconds: float) -> Figure:
    return _cpu_figure("CPU of the idle city", driver.cpu_percent(seconds), 5, f"over {seconds:.0f} s without a request")


def _slow(driver: Driver, seconds: float) -> Figure:
    found: dict[str, float] = {}
    watching = threading.Thread(target=lambda: found.update(driver.cpu_percent(seconds)))
    head = driver.position("ledger")
    times = round((seconds + 2) * SLOW_PERMITS_PER_SECOND)
    watching.start()
    due_of = driver.open_loop(1 / SLOW_PERMITS_PER_SECOND, times, 1)
    watching.join()
    driver.settle(head + len(due_of) * ENTRIES_PER_PERMIT)
    return _cpu_figure(f"CPU at {SLOW_PERMITS_PER_SECOND} permits/s", found, 30, f"over {seconds:.0f} s, one submission every 50 ms")


def _cpu_figure(name: str, percent: Mapping[str, float], target: float, how: str) -> Figure:
    services = sum(percent[part] for part in PROCESSES)
    parts = ", ".join(f"{part} {share:.1f}" for part, share in percent.items())
    notes = (f"{how}: {parts}; the six services together {services:.1f}",)
    return Figure("9", name, sum(percent.values()), "% of a core", target, "lower", notes=notes)


def _memory(when: str, target: float, found: Mapping[str, tuple[float, float]]) -> Figure:
    parts = ", ".join(f"{name} {resident:.0f} ({share:.0f})" for name, (resident, share) in found.items())
    largest = max(resident for resident, _ in found.values())
    return Figure(
        "10", f"memory of the largest service, {when}", largest, "MB", target, "lower", notes=(f"resident (proportional): {parts}",)
    )


class _Peaks:
    """Watches the services' memory while the block lasts and keeps each one's largest."""

    def __init__(self, driver: Driver) -> None:
        self.found: dict[str, tuple[float, float]] = {}
        self._driver = driver
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(MEMORY_EVERY_SECONDS):
            self._note()

    def _note(self) -> None:
        for name, (resident, share) in self._driver.memory_megabytes().items():
            known = self.found.get(name, (0.0, 0.0))
            self.found[name] = (max(known[0], resident), max(known[1], share))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        self._note()
