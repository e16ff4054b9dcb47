"""The supervisor: starts everything, starts again what dies, stops everything, and cleans up after one that was killed."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

import psutil
import psycopg
import pytest

from deploy.local import kafka, layout, lock, parts, postgres
from deploy.local.errors import StackError
from deploy.local.layout import Stack
from deploy.local.supervisor import City, running
from tests.faults.harness import until

# Answers /readyz on the port of its settings; ends at once where the settings name a file that exists.
SERVICE = """
import http.server, os, pathlib, sys
if pathlib.Path(os.environ["JEJAK_SENDERS_FILE"]).with_name("broken").exists():
    sys.exit("This service is broken on purpose.")
class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(b"{}")
http.server.HTTPServer(("127.0.0.1", int(os.environ["JEJAK_PORT"])), Door).serve_forever()
"""


def command(_stack: Stack, _name: str) -> list[str]:
    """Returns a service that does nothing but be ready."""
    return [sys.executable, "-c", SERVICE]


def is_alive(pid: int | None) -> bool:
    """Tells whether a process runs; one that only waits to be taken note of does not."""
    try:
        return pid is not None and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def new_folder() -> Iterator[Stack]:
    """Makes the folder of a city, and removes it with whatever still runs there."""
    stack = layout.prepare(Path(tempfile.mkdtemp(prefix="jz")), layout.free_port_base())
    try:
        yield stack
    finally:
        parts.stop_parts(stack)
        rmtree(stack.data)


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    """Runs PostgreSQL, Kafka and two services for all tests that leave them running."""
    with new_folder() as stack, running(stack, ["ledger", "intake"], command=command) as started:
        yield started


@pytest.fixture(scope="module")
def place() -> Iterator[Stack]:
    """Makes one folder for the tests that start and stop a city themselves, one after the other."""
    with new_folder() as stack:
        yield stack


def test_a_killed_part_comes_back_and_the_rest_stays(city: City) -> None:
    """Killing a service, Kafka and PostgreSQL one after the other leaves a city that is ready, with one exit for each."""
    before = {name: city.pid(name) for name in ("ledger", "intake", "kafka", "postgres")}
    exits = {name: city.exits(name) for name in before}

    city.kill("intake")
    city.wait_ready("intake")
    city.kill("kafka")
    city.wait_ready("kafka")
    city.kill("postgres")
    city.wait_ready()

    after = {name: city.pid(name) for name in before}
    assert after["ledger"] == before["ledger"]
    assert all(after[name] not in {None, before[name]} for name in ("intake", "kafka", "postgres"))
    assert {name: city.exits(name) - exits[name] for name in before} == {"ledger": 0, "intake": 1, "kafka": 1, "postgres": 1}


def test_what_was_committed_survives_a_power_cut(city: City) -> None:
    """A committed row is there after PostgreSQL was stopped without a word, and Kafka's topics after a restart."""
    with psycopg.connect(postgres.database_url(city.stack, "intake")) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")

    city.restart_postgres()
    city.restart_kafka()

    with psycopg.connect(postgres.database_url(city.stack, "intake")) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    client = kafka.admin_client(city.stack)
    try:
        assert "permits.intake.v1" in client.list_topics()
    finally:
        client.close()


def test_a_halted_part_stays_down_until_resumed(city: City) -> None:
    """What a test stops on purpose is not started behind its back."""
    city.halt("intake")
    city.kill("ledger")
    city.wait_ready("ledger")
    assert not parts.ready(city.stack, "intake")

    city.resume("intake")

    city.wait_ready("intake")
    assert city.pid("intake") is not None


def test_a_second_supervisor_is_refused(city: City) -> None:
    """While one runs, another on the same folder is told so, and the first goes on."""
    second = City(city.stack, ["ledger"], command=command)
    before = city.pid("ledger"), city.pid("kafka"), city.pid("postgres")

    with pytest.raises(StackError, match="already runs"):
        second.start()
    second.stop()

    assert (city.pid("ledger"), city.pid("kafka"), city.pid("postgres")) == before
    assert lock.ready_pid(city.stack) == os.getpid()


def test_nothing_is_left_after_the_end(place: Stack) -> None:
    """When the block ends, no process, no lock and no listening port remain."""
    with running(place, ["ledger"], command=command) as city:
        pids = [city.pid(name) for name in ("ledger", "kafka", "postgres")]

    until(lambda: not any(is_alive(pid) for pid in pids))
    assert None not in pids
    assert not lock.is_supervised(place)
    layout.check_ports_free(place)


def test_a_service_that_cannot_start_is_reported_with_its_last_words(place: Stack) -> None:
    """A broken service ends the start within its first tries, says why, and leaves nothing running."""
    (place.data / "broken").touch()
    try:
        with (
            pytest.raises(StackError, match=r"ledger ended 4 times.*broken on purpose") as refusal,
            running(place, ["ledger"], command=command),
        ):
            pass
    finally:
        (place.data / "broken").unlink()

    assert str(place.log("ledger")) in refusal.value.next_step
    assert postgres.running_pid(place) is None
    assert kafka.running_pid(place) is None


def test_a_start_cleans_up_after_a_killed_supervisor(place: Stack) -> None:
    """What a killed supervisor left running is stopped first, and the start says so in one sentence."""
    program = (
        "import sys, time; from pathlib import Path; from deploy.local import layout; from deploy.local.supervisor import City; "
        f"City(layout.prepare(Path({str(place.data)!r})), ['ledger'], command=lambda s, n: [sys.executable, '-c', {SERVICE!r}]).start(); "
        "time.sleep(600)"
    )
    killed = subprocess.Popen([sys.executable, "-c", program])
    try:
        until(lambda: lock.ready_pid(place) == killed.pid)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    orphans = [postgres.running_pid(place), kafka.running_pid(place)]
    assert None not in orphans
    said: list[str] = []

    with running(place, ["ledger"], say=said.append, command=command) as city:
        assert city.pid("kafka") not in {None, *orphans}

    assert said[0] == "An earlier run had left 3 processes; they were stopped first."


def test_a_process_id_that_was_used_again_is_left_alone(place: Stack) -> None:
    """A pid file whose process began at another time names a stranger, who is not signalled."""
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        (place.folder("run") / "intake.pid").write_text(f"{stranger.pid} 1000.0\n")

        ended = parts.stop_parts(place)

        assert ended == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
