"""Runs a local city: PostgreSQL, Kafka and one process for each service, each started again when it dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Final

import psutil

from deploy.local import environment, jars, kafka, lock, postgres, processes, witnesses
from deploy.local.errors import StackError
from deploy.local.layout import Stack, check_disk_space, check_ports_free
from deploy.local.parts import KAFKA, POSTGRES, last_words, ready, see_log, stop_parts

BACKOFF_MIN_SECONDS: Final = 0.2
BACKOFF_MAX_SECONDS: Final = 10.0
HEALTHY_SECONDS: Final = 10.0
TICK_SECONDS: Final = 0.1
READY_SECONDS: Final = 90.0
START_EXITS_MAX: Final = 4

Say = Callable[[str], None]
Command = Callable[[Stack, str], list[str]]


def serve_command(stack: Stack, name: str) -> list[str]:
    """Returns the command line that runs one service, or one witness."""
    if name in stack.witnesses:
        return witnesses.command(stack, name)
    return [sys.executable, "-m", "services", "serve", stack.stage_of(name), "--sender", name]


@dataclass
class Part:
    """One thing that is kept running."""

    name: str
    spawn: Callable[[], None]
    alive: Callable[[], bool]
    wanted: bool = True
    exits: int = 0
    delay_seconds: float = BACKOFF_MIN_SECONDS
    started_at: float = field(default_factory=time.monotonic)
    restart_at: float | None = None


class City:
    """A running local city, with what a test needs to break it."""

    def __init__(
        self, stack: Stack, services: Sequence[str] | None = None, say: Say = lambda _: None, command: Command = serve_command
    ) -> None:
        self.stack = stack
        self.services = (*stack.services, *stack.witnesses) if services is None else tuple(services)
        self._say = say
        self._command = command
        self._parts: dict[str, Part] = {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._monitor = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._city_lock: IO[str] | None = None

    def start(self, ready_seconds: float = READY_SECONDS) -> None:
        """Starts everything and returns when every service is ready."""
        self._city_lock = lock.take(self.stack)
        try:
            self._start(ready_seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the services, then Kafka, then PostgreSQL, and gives the city's folder free; touches nothing that it did not start."""
        if self._city_lock is None:
            return
        self._stopping.set()
        if self._monitor.is_alive():
            self._monitor.join()
        with self._lock:
            stop_parts(self.stack)
            for child in self._children.values():
                child.kill()
                child.wait()
            self._children.clear()
        lock.withdraw(self.stack)
        self._city_lock.close()
        self._city_lock = None

    @property
    def urls(self) -> dict[str, str]:
        """Returns the base address of every service that was asked for."""
        return {name: self.stack.url(name) for name in self.services if name not in self.stack.witnesses}

    def pid(self, name: str) -> int | None:
        """Returns the process id of a service, of `kafka` or of `postgres`, or nothing while it is down."""
        if name == POSTGRES:
            return postgres.running_pid(self.stack)
        process = processes.find(self.stack.folder("run") / f"{name}.pid")
        return process.pid if process else None

    def exits(self, name: str) -> int:
        """Returns how often a part has ended by itself."""
        return self._parts[name].exits

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Kills a part with a signal and waits until it is gone; it is started again."""
        with self._lock:
            self._end(name, number)

    def halt(self, name: str, number: int = signal.SIGTERM) -> None:
        """Stops a part that then stays down until `resume`."""
        with self._lock:
            self._parts[name].wanted = False
            self._end(name, number)

    def resume(self, name: str) -> None:
        """Starts a part that `halt` stopped, or at once one that waits for its next try."""
        with self._lock:
            part = self._parts[name]
            part.wanted, part.restart_at, part.delay_seconds = True, time.monotonic(), BACKOFF_MIN_SECONDS

    def wait_ready(self, *names: str, timeout_seconds: float = READY_SECONDS) -> None:
        """Waits until the named parts, or all, are ready."""
        waiting = list(names or self._parts)
        deadline = time.monotonic() + timeout_seconds
        while waiting := [name for name in waiting if not ready(self.stack, name)]:
            if time.monotonic() > deadline:
                raise StackError(
                    f"{', '.join(waiting)} did not become ready in {timeout_seconds:.0f} seconds.", see_log(self.stack, waiting[0])
                )
            time.sleep(TICK_SECONDS)

    def restart_kafka(self) -> None:
        """Stops Kafka in order and returns when it accepts connections again."""
        self.halt(KAFKA)
        self.resume(KAFKA)
        self.wait_ready(KAFKA)

    def restart_postgres(self) -> None:
        """Stops PostgreSQL as a power cut would and returns when it has recovered."""
        self.halt(POSTGRES, signal.SIGKILL)
        self.resume(POSTGRES)
        self.wait_ready(POSTGRES)

    def _start(self, ready_seconds: float) -> None:
        stack = self.stack
        left = stop_parts(stack)
        if left:
            self._say(f"An earlier run had left {left} processes; they were stopped first.")
        check_disk_space(stack)
        check_ports_free(stack)
        if jars.missing(jars.cache_folder(stack.data)):
            self._say("Fetching Kafka (44 MB, once for this machine) ...")
        self._say("Starting Kafka and PostgreSQL ...")
        self._spawn_kafka()
        postgres.start(stack)
        kafka.ensure_contents(stack)
        self._parts[POSTGRES] = Part(POSTGRES, self._spawn_postgres, lambda: postgres.running_pid(stack) is not None)
        self._parts[KAFKA] = Part(KAFKA, self._spawn_kafka, lambda: self._child_alive(KAFKA))
        witnesses.ensure(stack)
        environment.write_environments(stack, postgres.database_urls(stack))
        for name in self.services:
            self._add_service(name)
        self._monitor.start()
        self._wait_started(ready_seconds)
        lock.announce(stack, self.urls)

    def _wait_started(self, ready_seconds: float) -> None:
        """Waits for the first readiness; a service that keeps dying is reported at once, with its last words."""
        deadline = time.monotonic() + ready_seconds
        waiting = list(self.services)
        while waiting:
            for name in waiting:
                if self._parts[name].exits >= START_EXITS_MAX:
                    raise StackError(
                        f"{name} ended {START_EXITS_MAX} times while starting{last_words(self.stack, name)}.", see_log(self.stack, name)
                    )
            if time.monotonic() > deadline:
                raise StackError(
                    f"{', '.join(waiting)} did not become ready in {ready_seconds:.0f} seconds.", see_log(self.stack, waiting[0])
                )
            for name in [name for name in waiting if ready(self.stack, name)]:
                waiting.remove(name)
                self._say(f"{name} is ready ({len(self.services) - len(waiting)} of {len(self.services)}).")
            time.sleep(TICK_SECONDS)

    def _add_service(self, name: str) -> None:
        part = Part(name, lambda: self._spawn_service(name), lambda: self._child_alive(name))
        part.spawn()
        self._parts[name] = part

    def _spawn_service(self, name: str) -> None:
        # A witness belongs to somebody else and gets nothing of the city's.
        settings = {} if name in self.stack.witnesses else environment.read_environment(self.stack.env_file(name))
        with self.stack.log(name).open("ab") as log:
            child = subprocess.Popen(
                self._command(self.stack, name),
                env={**os.environ, "PYTHONUNBUFFERED": "1", **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        processes.record(self.stack.folder("run") / f"{name}.pid", child.pid)
        self._children[name] = child

    def _spawn_postgres(self) -> None:
        postgres.start(self.stack)

    def _spawn_kafka(self) -> None:
        self._children[KAFKA] = kafka.launch(self.stack)

    def _child_alive(self, name: str) -> bool:
        return self._children[name].poll() is None

    def _end(self, name: str, number: int) -> None:
        if name == POSTGRES:
            (postgres.stop if number == signal.SIGTERM else postgres.immediate_stop)(self.stack)
            return
        child = self._children[name]
        if child.poll() is not None:
            return
        processes.signal_group(child.pid, number)
        try:
            child.wait(kafka.STOP_SECONDS if name == KAFKA else processes.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            processes.signal_group(child.pid, signal.SIGKILL)
            child.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            for part in self._parts.values():
                with self._lock:
                    self._tend(part)

    def _tend(self, part: Part) -> None:
        """Notices that a part ended, and starts it again when its time has come."""
        now = time.monotonic()
        if self._stopping.is_set() or not part.wanted:
            return
        if part.restart_at is None:
            if part.alive():
                return
            part.exits += 1
            if now - part.started_at >= HEALTHY_SECONDS:
                part.delay_seconds = BACKOFF_MIN_SECONDS
            self._postpone(part, now, f"{part.name} ended")
        elif now >= part.restart_at:
            part.restart_at, part.started_at = None, now
            try:
                if not part.alive():
                    part.spawn()
            except (StackError, OSError, psutil.Error) as error:
                self._postpone(part, now, f"{part.name} could not be started: {error}")

    def _postpone(self, part: Part, now: float, reason: str) -> None:
        self._say(f"{reason}; next try in {part.delay_seconds:.1f} s.")
        part.restart_at = now + part.delay_seconds
        part.delay_seconds = min(part.delay_seconds * 2, BACKOFF_MAX_SECONDS)


@contextmanager
def running(
    stack: Stack, services: Sequence[str] | None = None, say: Say = lambda _: None, command: Command = serve_command
) -> Iterator[City]:
    """Runs a city, with all services or those named, while the block lasts."""
    city = City(stack, services, say, command)
    city.start()
    try:
        yield city
    finally:
        city.stop()
