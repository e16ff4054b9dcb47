"""A real city under load and under attack: what is submitted, what was answered, and whether the ledger and every view agree at the end."""

import importlib
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import httpx
import psycopg
from psycopg.rows import dict_row

from deploy.local import layout, postgres
from deploy.local.layout import Sender
from deploy.local.supervisor import City as LocalCity
from deploy.local.supervisor import running
from services.catalogue.shipped import shipped_sops
from services.cli.client import token
from shared.case import fold_all
from shared.city import City, fold_city
from shared.code import is_code
from shared.envelope import Entry, canonical, event_digest, leaf_hash, read_entry
from shared.proof.keys import read_verifier
from shared.verifying import verify_log

REQUIREMENTS: Final = ("surat-pengantar", "proposal", "pernyataan-taat", "pernyataan-keabsahan", "lokasi-jadwal")
STAGES: Final = ("intake", "verification", "inspection", "issuance", "treasury", "tracker")
SETTLE_SECONDS: Final = 240.0
PAGE: Final = 1000
TRACES: Final = "traces.ndjson"
WAIT_FOR_RETURN: Final = 0.7
RETURN_SECONDS: Final = 15.0


@contextmanager
def city(extra: Sequence[Sender] = (), services: Sequence[str] | None = None, *, traced: bool = False) -> Iterator[LocalCity]:
    """Runs a fresh city with its catalogue published; when it is traced, its spans are in `traces.ndjson` in its folder."""
    data = Path(tempfile.mkdtemp(prefix="jf"))
    made = layout.prepare(data, layout.free_port_base(), tuple(extra))
    try:
        with patch.dict(os.environ, {"JEJAK_TRACES": str(data / TRACES) if traced else ""}), running(made, services) as local:
            publish(local)
            yield local
    finally:
        shutil.rmtree(data, ignore_errors=True)


def publish(local: LocalCity) -> None:
    """Waits until intake has read the SOPs that the catalogue has published at its first start."""
    entries = len(local.stack.senders) + len({sop.permit_type for sop in shipped_sops()})
    until(lambda: position(local, "intake") == position(local, "ledger") >= entries)


def taken(url: str, body: dict[str, Any], headers: dict[str, str]) -> bool:
    """Says whether a service took a command."""
    return httpx.post(url, json=body, headers=headers).status_code == httpx.codes.ACCEPTED


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for a condition, with a limit; an unreachable service counts as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except httpx.TransportError:
            pass  # a service that is being restarted answers again soon, or the limit below says so
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.05)


def position(local: LocalCity, name: str) -> int:
    """Returns a service's ledger position."""
    answer = httpx.get(f"{local.stack.url(name)}/readyz", timeout=10)
    return int(answer.json().get("position", -1))


def submission(number: int, *, sensitive: bool = False) -> dict[str, Any]:
    """Returns a research-letter application."""
    return {
        "permit_type": "skp-penelitian",
        "kelurahan": "62.71.01.1001",
        "facts": {"topik-sensitif": sensitive, "lama-bulan": 1 + number % 14},
        "documents": [{"requirement": code, "digest": f"{number:064x}"} for code in REQUIREMENTS],
        "applicant": {"name": f"Pemohon {number}", "nik": f"{6271010000000000 + number:016d}"},
    }


@dataclass
class Load:
    """Submits applications with retries under the same key, and remembers every event that was answered with 2xx."""

    local: LocalCity
    total: int
    accepted: set[str] = field(default_factory=set)
    codes: dict[int, str] = field(default_factory=dict)
    retries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reached(self, count: int) -> bool:
        """Says whether so many applications were taken."""
        return len(self.codes) >= count

    def run(self, workers: int = 6) -> None:
        """Submits everything; every fifth applicant withdraws at once, racing with the permit."""
        numbers = iter(range(self.total))
        guard = threading.Lock()

        def work() -> None:
            with httpx.Client(timeout=20, headers={"authorization": f"Bearer {token(self.local.stack, 'pemohon', 'applicant')}"}) as client:
                while True:
                    with guard:
                        number = next(numbers, None)
                    if number is None:
                        return
                    self._one(client, number)

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(self.codes) == self.total, "a worker gave up"

    def _one(self, client: httpx.Client, number: int) -> None:
        base = self.local.stack.url("intake")
        answer = self._post(client, f"{base}/v1/applications", submission(number, sensitive=number % 7 == 0), f"submit-{number}")
        code = answer["application"]
        with self._lock:
            self.codes[number] = code
        if number % 5 == 0:
            self._post(client, f"{base}/v1/applications/{code}/withdraw", {}, f"withdraw-{number}", allowed=(409,))

    def _post(self, client: httpx.Client, url: str, body: dict[str, Any], key: str, allowed: Sequence[int] = ()) -> dict[str, Any]:
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            try:
                answer = client.post(url, json=body, headers={"idempotency-key": key})
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                content: dict[str, Any] = answer.json()
                with self._lock:
                    self.accepted.update(content["events"])
                return content
            if answer is not None and answer.status_code in allowed:
                return {}
            assert answer is None or answer.status_code in (500, 503, 404, 409), answer.text
            assert time.monotonic() < deadline, f"{url} never took {key}"
            with self._lock:
                self.retries += 1
            time.sleep(0.1)


@dataclass
class Chaos:
    """Kills parts of the city at random until told to stop; the seed makes the choice repeatable."""

    local: LocalCity
    seed: int
    targets: tuple[str, ...]
    pause_seconds: tuple[float, float] = (0.3, 1.5)
    kills: int = 0
    kills_max: int = 10_000
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begins in a thread."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        dice = random.Random(self.seed)  # noqa: S311 - a repeatable choice, no secret
        while self.kills < self.kills_max and not self._stop.wait(dice.uniform(*self.pause_seconds)):
            name = dice.choice(self.targets)
            if self.local.pid(name) is None:
                continue
            self.local.kill(name, signal.SIGKILL)
            self.kills += 1
            if dice.random() < WAIT_FOR_RETURN:
                self._await_return(name)

    def _await_return(self, name: str) -> None:
        """Lets the killed part come back, so that a slow machine makes progress between kills; other kills hit while it starts."""
        deadline = time.monotonic() + RETURN_SECONDS
        while time.monotonic() < deadline and not self._stop.wait(0.1):
            try:
                if httpx.get(f"{self.local.stack.url(name)}/readyz", timeout=1).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                continue

    def stop(self) -> None:
        """Ends and waits for it."""
        self._stop.set()
        self._thread.join()


def await_accepted(local: LocalCity, accepted: set[str], seconds: float = SETTLE_SECONDS) -> None:
    """Waits until every accepted event stands in the ledger, entered or refused; fails naming some when they never come."""
    wanted = sorted(accepted)
    deadline = time.monotonic() + seconds
    while True:
        with psycopg.connect(postgres.database_url(local.stack, "ledger")) as connection:
            found = {row[0] for row in connection.execute("SELECT event_id FROM leaves WHERE event_id = ANY(%s)", (wanted,))}
        missing = accepted - found
        if not missing:
            return
        assert time.monotonic() < deadline, f"{len(missing)} accepted events never came to the ledger, e.g. {sorted(missing)[:3]}"
        time.sleep(0.2)


def settle(local: LocalCity, services: Sequence[str] = STAGES, seconds: float = SETTLE_SECONDS) -> int:
    """Waits until every service has applied the whole ledger and published everything; returns the ledger's head."""
    names = ("ledger", *services)
    local.wait_ready(*names, timeout_seconds=seconds)
    quiet = 0
    head = -1

    def is_quiet() -> bool:
        nonlocal quiet, head
        states = [client.get(f"{local.stack.url(name)}/readyz").json() for name in names]
        same = {state.get("position") for state in states}
        drained = all(state.get("drained") for state in states)
        now = next(iter(same)) if len(same) == 1 and drained else None
        quiet = quiet + 1 if now is not None and now == head else 0
        head = now if now is not None else -1
        return quiet >= 5

    with httpx.Client(timeout=10) as client:
        until(is_quiet, seconds)
    return head


def read_feed(local: LocalCity) -> list[Entry]:
    """Reads the whole ledger over its feed."""
    headers = {"authorization": f"Bearer {token(local.stack, 'apip', 'auditor')}"}
    entries: list[Entry] = []
    with httpx.Client(base_url=local.stack.url("ledger"), headers=headers, timeout=60) as client:
        while True:
            answer = client.get("/v1/entries", params={"after": len(entries), "limit": PAGE})
            answer.raise_for_status()
            page = [read_entry(line) for line in answer.content.split(b"\n") if line]
            entries += page
            if len(page) < PAGE:
                return entries


@dataclass(frozen=True)
class Report:
    """What was found at the end."""

    accepted: int
    entered: int
    refused: int
    entries: int
    views: int

    def __str__(self) -> str:
        return (
            f"accepted {self.accepted} = entered {self.entered} + refused {self.refused}; {self.entries} entries, "
            f"positions gapless; {self.views} live views equal to their replay"
        )


def check(local: LocalCity, accepted: set[str], services: Sequence[str] = STAGES) -> Report:
    """Asserts that nothing answered was lost or doubled, that positions and sequences are gapless, and that each view equals its replay."""
    entries = read_feed(local)
    assert [entry.stamp.position for entry in entries] == list(range(1, len(entries) + 1))
    by_id: dict[str, Entry] = {}
    sequences: dict[str, int] = {}
    for entry in entries:
        assert entry.event.id not in by_id, f"{entry.event.id} stands twice"
        by_id[entry.event.id] = entry
        sequences[entry.subject] = sequences.get(entry.subject, 0) + 1
        assert entry.stamp.sequence == sequences[entry.subject]
    missing = accepted - set(by_id)
    assert not missing, f"{len(missing)} accepted events are not in the ledger, e.g. {sorted(missing)[:3]}"
    refused = sum(bool(by_id[event_id].stamp.refused) for event_id in accepted)
    check_leaves(local, entries)
    check_log(local, len(entries))
    views = sum(check_views(local, name, entries) for name in services)
    return Report(len(accepted), len(accepted) - refused, refused, len(entries), views)


def check_leaves(local: LocalCity, entries: Sequence[Entry]) -> None:
    """Asserts that the stored leaf hashes and digests are those of the entries."""
    rows = query(local, "ledger", "SELECT position, leaf_hash, event_id, event_digest FROM leaves ORDER BY position")
    assert [(row["position"], bytes(row["leaf_hash"]), row["event_id"], bytes(row["event_digest"])) for row in rows] == [
        (entry.stamp.position, leaf_hash(entry.raw), entry.event.id, event_digest(entry.event_raw)) for entry in entries
    ]


def check_log(local: LocalCity, size: int) -> None:
    """Waits until every entry is signed, and asserts that the log verifies from its files and its public key alone."""
    until(lambda: bool(httpx.get(f"{local.stack.url('ledger')}/readyz").json()["log"]["signed"] == size))
    folder = local.stack.folder("log")
    key = read_verifier(local.stack.log_verifier_file.read_text(encoding="ascii").strip())
    found = verify_log(lambda path: (folder / path).read_bytes() if (folder / path).is_file() else None, key)
    assert found.faults == ()
    assert found.entries == size


def check_views(local: LocalCity, name: str, entries: Sequence[Entry]) -> int:
    """Asserts that every live view row of a service equals the projection of the replayed case; returns how many there are."""
    project = importlib.import_module(f"services.{local.stack.stage_of(name)}.views").project
    rules = City()
    histories: dict[str, list[Entry]] = {}
    for entry in entries:
        rules = fold_city(rules, entry)
        if is_code(entry.subject):
            histories.setdefault(entry.subject, []).append(entry)
    rows = {row["subject"]: row["row"] for row in query(local, name, "SELECT subject, row FROM views")}
    assert set(rows) == {code for code, history in histories.items() if any(not entry.stamp.refused for entry in history)}
    for code, row in rows.items():
        expected = project(fold_all(code, histories[code], rules.sops), rules)
        assert canonical(row) == canonical(expected), f"{name}: the view of {code} differs from its replay"
    return len(rows)


def query(local: LocalCity, name: str, statement: str) -> list[dict[str, Any]]:
    """Reads a service's database as its own user."""
    with psycopg.connect(postgres.database_url(local.stack, name), row_factory=dict_row) as connection:
        return connection.execute(statement.encode()).fetchall()
