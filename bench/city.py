"""A running city of six processes as a measurement drives it: submissions in, positions, costs and commit times out."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import httpx
import orjson
import psutil
import psycopg

from bench.measure import Cost, Meter
from bench.servers import fresh_stack
from bench.world import ENTRIES_PER_PERMIT, application
from deploy.local import postgres
from deploy.local.supervisor import City, running
from services.cli.client import token

STAGES: Final = ("intake", "verification", "inspection", "issuance")
PROCESSES: Final = ("ledger", "tracker", *STAGES)
SETTLE_SECONDS: Final = 180.0
POLL_SECONDS: Final = 0.03
ITEMS_MAX: Final = 500
RULES_ENTRIES_MIN: Final = 10
OPEN_LOOP_WORKERS: Final = 8


@contextmanager
def running_city() -> Iterator["Driver"]:
    """Runs a fresh city with its catalogue published; PostgreSQL keeps the time of every commit."""
    with fresh_stack() as stack:
        postgres.start(stack)
        with psycopg.connect(postgres.admin_url(stack), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        postgres.stop(stack)
        with running(stack, (*PROCESSES, "catalogue")) as local:
            driver = Driver(local)
            driver.publish()
            local.halt("catalogue")
            yield driver
            driver.close()


class Driver:
    """One client of the city, and a look at its processes from outside."""

    def __init__(self, local: City) -> None:
        self.local = local
        self.stack = local.stack
        self._numbers = itertools.count()
        self._client = httpx.Client(timeout=60, limits=httpx.Limits(max_connections=OPEN_LOOP_WORKERS))
        self._bearer = {"authorization": f"Bearer {token(self.stack, 'mitra', 'partner')}"}

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def publish(self) -> None:
        """Waits until everybody has read the catalogue, which is published at its first start."""
        self.wait(lambda: self.position("ledger") >= RULES_ENTRIES_MIN)
        self.settle(self.position("ledger"))

    def wait(self, condition: Callable[[], bool], seconds: float = SETTLE_SECONDS) -> None:
        """Waits for a condition, with a limit."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the city did not get there in time; look at its logs, or give it a quieter machine")
            time.sleep(POLL_SECONDS)

    def position(self, name: str) -> int:
        """Returns a process's position in the ledger's order."""
        return int(self._client.get(f"{self.stack.url(name)}/readyz").json()["position"])

    def settle(self, position: int) -> None:
        """Waits until the tracker and then everybody else has applied the ledger up to a position."""
        for name in ("tracker", *STAGES):
            self.wait(lambda name=name: self.position(name) >= position)  # type: ignore[misc]  # binds this very name

    def submit(self, count: int) -> list[str]:
        """Submits so many applications in one request and returns their codes."""
        numbers = [next(self._numbers) for _ in range(count)]
        items = [{"key": f"bench-{number}", "submission": application(number)} for number in numbers]
        answer = self._client.post(
            f"{self.stack.url('intake')}/v1/submissions", content=orjson.dumps({"items": items}), headers=self._bearer
        )
        answer.raise_for_status()
        return [item["application"] for item in answer.json()["items"]]

    def submit_all(self, count: int) -> None:
        """Submits applications by the five hundred and waits until the tracker shows every permit."""
        head = self.position("ledger")
        for start in range(0, count, ITEMS_MAX):
            self.submit(min(ITEMS_MAX, count - start))
        self.settle(head + count * ENTRIES_PER_PERMIT)

    def pids(self) -> dict[str, int]:
        """Returns the process ids of the six services, of PostgreSQL and of Kafka."""
        found = {name: self.local.pid(name) for name in (*PROCESSES, "postgres", "kafka")}
        return {name: pid for name, pid in found.items() if pid is not None}

    def cost_of(self, count: int) -> tuple[Cost, dict[str, float]]:
        """Has the city issue so many permits; returns the cost, and the CPU seconds by process."""
        meter = Meter(self.pids())
        before, begun = meter.read(), time.perf_counter()
        self.submit_all(count)
        wall, after = time.perf_counter() - begun, meter.read()
        spent = {name: after[name] - before[name] for name in after}
        return Cost(count, sum(spent.values()), wall), spent

    def cpu_percent(self, seconds: float) -> dict[str, float]:
        """Returns what each process uses of one core while the seconds pass."""
        meter = Meter(self.pids())
        before, begun = meter.read(), time.perf_counter()
        time.sleep(seconds)
        after, wall = meter.read(), time.perf_counter() - begun
        return {name: 100 * (after[name] - before[name]) / wall for name in after}

    def memory_megabytes(self) -> dict[str, tuple[float, float]]:
        """Returns the resident set of each service, and its share when pages that several processes use are divided among them."""
        found = {}
        for name in PROCESSES:
            memory = psutil.Process(self.pids()[name]).memory_full_info()
            found[name] = (memory.rss / 2**20, getattr(memory, "pss", memory.rss) / 2**20)
        return found

    def open_loop(self, every_seconds: float, times: int, count: int) -> dict[str, float]:
        """Submits `count` applications at fixed times, whether or not earlier ones were answered; returns when each was due."""
        due_of: dict[str, float] = {}

        def send(due: float) -> None:
            due_of.update(dict.fromkeys(self.submit(count), due))

        begun = time.time()
        with ThreadPoolExecutor(OPEN_LOOP_WORKERS) as pool:
            waiting = []
            for number in range(times):
                due = begun + number * every_seconds
                time.sleep(max(0.0, due - time.time()))
                waiting.append(pool.submit(send, due))
            for sent in waiting:
                sent.result()
        return due_of

    def rows(self, name: str, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Reads a service's database as its own user."""
        with psycopg.connect(postgres.database_url(self.stack, name), autocommit=True) as connection:
            return connection.execute(statement.encode(), parameters).fetchall()
