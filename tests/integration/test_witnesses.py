"""A ledger with a real database and two real witnesses over HTTP: published is what enough have signed, and nothing a witness does stops it."""

import asyncio
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Response

from shared.kit.city_log import CityLog
from shared.kit.cosigning import read_witnesses
from shared.kit.http import Health, Site
from shared.kit.log_keeper import LogKeeper
from shared.kit.settings import Settings, SettingsError
from shared.kit.telemetry import Metrics
from shared.kit.tile_folder import CHECKPOINT, SIGNED, TileFolder
from shared.kit.witness import make_witness
from shared.kit.witness_folder import WitnessFolder, follow, new_key
from shared.proof.checkpoint import open_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import WITNESS, VerifierKey, make_signer, read_verifier
from shared.proof.witness import REQUEST_BYTES_MAX, Witnesses
from tests.faults.harness import until
from tests.integration.minicity import CITY_KEY, MiniCity
from tests.integration.test_city_log import SIGNER, alter, grow, settings
from tests.integration.test_doors import TOKENS_KEY

STRANGER = make_signer("asing/saksi", b"a" * 32, WITNESS)


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:  # noqa: ANN401 - any ASGI app
    """Serves an app on a port of its own in a thread, and gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
        thread.start()
        until(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def opened(folder: Path) -> Iterator[WitnessFolder]:
    """Opens a witness's folder while the block lasts."""
    found = WitnessFolder(folder)
    try:
        yield found
    finally:
        found.close()


def make(folder: Path) -> VerifierKey:
    """Makes a witness that follows the log."""
    key = new_key(folder, f"{folder.name}/saksi")
    follow(folder, SIGNER.verifier.to_text())
    return key


def with_witnesses(city: MiniCity, folder: Path, witnesses: dict[VerifierKey, str], needed: int) -> Settings:
    """Returns settings of a ledger with witnesses at addresses."""
    file = folder / "witnesses"
    file.write_text("# witnesses\n\n" + "".join(f"{key.to_text()} {url}/\n" for key, url in witnesses.items()), encoding="utf-8")
    return settings(city, folder, SIGNER.to_text()).model_copy(update={"witnesses_file": file, "witnesses_quorum": needed})


class Ledger:
    """A ledger's keeper that runs, and how many entries it was told are published."""

    def __init__(self, city: MiniCity, given: Settings) -> None:
        self.site = Site("ledger", Metrics(), Health(), TOKENS_KEY, CITY_KEY)
        self.entries = 0
        self.keeper = LogKeeper(given, city.stores["ledger"], self.site, lambda: self.entries)

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Waits for what health tells."""
        await asyncio.to_thread(until, lambda: condition(self.keeper.details()))
        return self.keeper.details()


@asynccontextmanager
async def running(city: MiniCity, given: Settings, entries: int) -> AsyncIterator[Ledger]:
    """Runs a keeper while the block lasts."""
    ledger = Ledger(city, given)
    ledger.entries = entries
    task = asyncio.create_task(ledger.keeper.run())
    try:
        yield ledger
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def cosigners(raw: bytes, keys: tuple[VerifierKey, ...]) -> tuple[int, set[str]]:
    """Returns the size of a checkpoint and the names of those of the witnesses that have signed it."""
    signed = open_checkpoint(raw, SIGNER.verifier, keys)
    return signed.checkpoint.size, {key.name for key in signed.witnesses}


async def test_what_is_published_has_both_signatures(minicity: MiniCity, tmp_path: Path) -> None:
    """Given two witnesses that must both sign, when the log grows, then each published checkpoint and its receipts have both; a restart keeps it."""
    grow(minicity, 60)
    keys = (make(tmp_path / "kampus"), make(tmp_path / "pers"))
    names = {key.name for key in keys}
    with (
        opened(tmp_path / "kampus") as first,
        opened(tmp_path / "pers") as second,
        serving(make_witness(first)) as one,
        serving(make_witness(second)) as two,
    ):
        given = with_witnesses(minicity, tmp_path, dict(zip(keys, (one, two), strict=True)), 2)
        async with running(minicity, given, 20) as ledger:
            for size in (20, 57, 60):
                ledger.entries = size
                details = await ledger.until(lambda found, size=size: found["published"] == size)  # type: ignore[misc]
                assert cosigners((tmp_path / "log" / CHECKPOINT).read_bytes(), keys) == (size, names)
            assert [each["behind_since"] for each in details["witnesses"]] == [None, None]
            assert ledger.keeper.log is not None
            (receipt,) = ledger.keeper.log.receipts([(7, minicity.entries()[6].raw)])
            assert cosigners(receipt.note.to_bytes(), keys) == (60, names)
            Witnesses(keys, 2).check(receipt.note.to_bytes(), SIGNER.verifier)
    async with running(minicity, given, 60) as again:
        details = await again.until(lambda found: found["published"] == 60)
        assert [each["size"] for each in details["witnesses"]] == [60, 60]


async def test_a_witness_that_is_down_delays_what_is_published_and_not_what_is_signed(minicity: MiniCity, tmp_path: Path) -> None:
    """Given one witness of two down, then signing goes on, health says who is behind, and once it is back what waits is published."""
    grow(minicity, 60)
    keys = (make(tmp_path / "kampus"), make(tmp_path / "pers"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with opened(tmp_path / "kampus") as first, opened(tmp_path / "pers") as second, serving(make_witness(first)) as one:
        given = with_witnesses(minicity, tmp_path, {keys[0]: one, keys[1]: f"http://127.0.0.1:{port}"}, 2)
        async with running(minicity, given, 20) as ledger:
            details = await ledger.until(lambda found: found["witnesses"] and found["witnesses"][1]["behind_since"])
            ledger.entries = 60
            details = await ledger.until(lambda found: found["signed"] == 60)
            assert (details["published"], details["stopped"]) == (0, "")
            assert "ConnectError" in ledger.site.health.problems["witness pers/saksi"]
            with serving(make_witness(second), port):
                await ledger.until(lambda found: found["published"] == 60)
                assert "witness pers/saksi" not in ledger.site.health.problems
                assert cosigners((tmp_path / "log" / CHECKPOINT).read_bytes(), keys)[1] == {key.name for key in keys}


def hostile(kind: str) -> FastAPI:
    """Returns a witness that answers wrongly."""
    app = FastAPI()

    @app.post("/add-checkpoint")
    async def add_checkpoint() -> Response:
        if kind == "slow":
            await asyncio.sleep(8)  # longer than the ledger waits
        line = f"— {STRANGER.name} {'A' * 100}\n"
        answers = {
            "wrong signature": Response(line),
            "huge": Response(b"x" * 5_000_000),
            "bomb": Response(b"\x1f\x8b" + b"0" * 100, headers={"content-encoding": "gzip"}),
            "ahead": Response(b"999999999\n", 409, headers={"content-type": "text/x.tlog.size"}),
            "zero": Response(b"0\n", 409, headers={"content-type": "text/x.tlog.size"}),
            "no size": Response(b"many\n", 409, headers={"content-type": "text/x.tlog.size"}),
            "away": Response(b"", 302, headers={"location": "http://127.0.0.1:1/"}),
            "broken": Response(b"", 500),
        }
        return answers.get(kind, Response(b""))

    return app


@pytest.mark.parametrize("kind", ["wrong signature", "huge", "bomb", "ahead", "zero", "no size", "away", "broken", "slow"])
async def test_a_hostile_witness_stops_nothing(minicity: MiniCity, tmp_path: Path, kind: str) -> None:
    """Given one honest witness, of whom one is needed, and a hostile one, then what is signed is published, and health says who is behind."""
    grow(minicity, 30)
    key = make(tmp_path / "kampus")
    with opened(tmp_path / "kampus") as first, serving(make_witness(first)) as one, serving(hostile(kind)) as two:
        given = with_witnesses(minicity, tmp_path, {key: one, STRANGER.verifier: two}, 1)
        async with running(minicity, given, 20) as ledger:
            await ledger.until(lambda found: found["published"] == 20)
            ledger.entries = 30
            await ledger.until(lambda found: found["published"] == 30)
            details = await ledger.until(lambda found: found["witnesses"][1]["behind_since"])
            assert (details["witnesses"][0]["behind_since"], details["witnesses"][1]["size"]) == (None, 0)
            assert cosigners((tmp_path / "log" / CHECKPOINT).read_bytes(), (key, STRANGER.verifier))[1] == {key.name}


async def test_a_rewritten_ledger_gets_no_signature(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a cosigned log, when its past is rewritten and its files are made anew, then the witness keeps both sides, and nothing new is published."""
    grow(minicity, 30)
    key = make(tmp_path / "kampus")
    with opened(tmp_path / "kampus") as first, serving(make_witness(first)) as one:
        given = with_witnesses(minicity, tmp_path, {key: one}, 1)
        async with running(minicity, given, 30) as ledger:
            await ledger.until(lambda found: found["published"] == 30)
        for file in sorted((tmp_path / "log").rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        alter(minicity, "UPDATE ledger_events SET state = state || ' ' WHERE notification_id = 5")
        alter(
            minicity,
            "UPDATE leaves SET leaf_hash = sha256('\\x00'::bytea || (SELECT state FROM ledger_events WHERE notification_id = 5)) WHERE position = 5",
        )
        async with running(minicity, given, 30) as rewritten:
            details = await rewritten.until(lambda found: found["witnesses"] and found["witnesses"][0]["behind_since"])
            assert (details["signed"], details["published"]) == (30, 0)
            assert "forked" in details["witnesses"][0]["reason"]
        kinds = sorted(file.suffix for file in (tmp_path / "kampus/logs/kota%2Fledger.evidence").iterdir())
        assert kinds == [".held", ".refused"]


def test_a_signed_checkpoint_that_waits_is_compared_at_the_start(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a checkpoint that no witness has signed yet, then it is not published, receipts wait for it, and a start compares the entries with it."""
    grow(minicity, 30)
    trusted = Witnesses((STRANGER.verifier,), 1)
    log = CityLog(minicity.stores["ledger"], TileFolder(tmp_path), SIGNER, trusted)
    log.open()
    log.advance(30)
    assert log.published is None
    assert log.receipts([(1, minicity.entries()[0].raw)]) == []
    assert ((tmp_path / SIGNED).exists(), (tmp_path / CHECKPOINT).exists()) == (True, False)
    again = CityLog(minicity.stores["ledger"], TileFolder(tmp_path), SIGNER, trusted)
    again.open()
    assert again.signed is not None
    assert (again.signed.size, again.published) == (30, None)
    open_ = CityLog(minicity.stores["ledger"], TileFolder(tmp_path), SIGNER)
    open_.open()
    assert open_.published == open_.signed
    with pytest.raises(ProofError, match="few-witnesses"):
        trusted.check((tmp_path / SIGNED).read_bytes(), SIGNER.verifier)


@pytest.mark.parametrize(
    ("lines", "needed", "what"),
    [
        ("", 1, "1 witnesses are to sign, and 0 are named"),
        (f"{STRANGER.verifier.to_text()}\n", 1, "cannot be read"),
        (f"{STRANGER.verifier.to_text()} ftp://kampus\n", 1, "cannot be read"),
        (f"{SIGNER.verifier.to_text()} http://kampus\n", 1, "cannot be read"),
        (f"{STRANGER.verifier.to_text()} http://kampus\n" * 2, 1, "not all different"),
        (None, 1, "1 witnesses are to sign"),
    ],
)
def test_wrong_witnesses_sign_nothing(minicity: MiniCity, tmp_path: Path, lines: str | None, needed: int, what: str) -> None:
    """Witnesses that are too few, no witnesses or named twice are refused with a sentence, and nothing is signed until that is mended."""
    file = tmp_path / "witnesses" if lines is not None else None
    if file is not None:
        file.write_text(lines or "", encoding="utf-8")
    given = settings(minicity, tmp_path, SIGNER.to_text()).model_copy(update={"witnesses_file": file, "witnesses_quorum": needed})
    with pytest.raises(SettingsError, match=what):
        read_witnesses(given)
    site = Site("ledger", Metrics(), Health(), TOKENS_KEY, CITY_KEY)
    asyncio.run(LogKeeper(given, minicity.stores["ledger"], site, lambda: 20).run())
    assert what.rsplit(maxsplit=1)[-1] in site.health.problems["log"]
    assert not (tmp_path / "log").exists()


AICS: Final = shutil.which(os.environ.get("AICS_WITNESS", "aics-witness"))


@contextmanager
def other_implementation(folder: Path) -> Iterator[tuple[VerifierKey, str]]:
    """Runs a witness that others have written, and gives its key and address."""
    assert AICS is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    folder.mkdir()
    command = [AICS, "init", "--config", "witness.json", "--name", "lain/saksi", "--listen", address]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    key = next(read_verifier(word) for word in told.split() if word.startswith("lain/saksi+"))
    command = [AICS, "add-log", "--config", "witness.json", "--origin", SIGNER.name, "--vkey", SIGNER.verifier.to_text()]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    with subprocess.Popen([AICS, "serve", "--config", "witness.json"], cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            yield key, f"http://{address}"
        finally:
            process.terminate()


@pytest.mark.skipif(AICS is None, reason="another implementation of a witness, aics-witness, is not installed")
async def test_another_implementation_signs_our_log(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a witness that others have written beside one of ours, then the growing log is signed by both."""
    grow(minicity, 60)
    key = make(tmp_path / "kampus")
    with (
        opened(tmp_path / "kampus") as first,
        serving(make_witness(first)) as one,
        other_implementation(tmp_path / "lain") as (other, two),
    ):
        async with running(minicity, with_witnesses(minicity, tmp_path, {key: one, other: two}, 2), 20) as ledger:
            for size in (20, 57, 60):
                ledger.entries = size
                await ledger.until(lambda found, size=size: found["published"] == size)  # type: ignore[misc]
                assert cosigners((tmp_path / "log" / CHECKPOINT).read_bytes(), (key, other)) == (size, {key.name, other.name})


def test_a_witness_over_http_has_the_types_and_bounds_of_the_protocol(tmp_path: Path) -> None:
    """Given a witness over HTTP, then a size, a problem and a body that is too large have their status and type, and it says which logs it follows."""
    key = make(tmp_path / "kampus")
    with opened(tmp_path / "kampus") as folder, serving(make_witness(folder)) as url:
        told = httpx.get(f"{url}/readyz").json()
        assert told == {"status": "ready", "witness": key.to_text(), "logs": [{"origin": SIGNER.name, "size": 0, "seconds": None}]}
        wrong = httpx.post(f"{url}/add-checkpoint", content=b"nonsense")
        assert (wrong.status_code, wrong.headers["content-type"], wrong.json()["code"]) == (
            400,
            "application/problem+json",
            "malformed-request",
        )
        assert httpx.post(f"{url}/add-checkpoint", content=b"x" * (REQUEST_BYTES_MAX + 1)).status_code == 413
        assert httpx.get(f"{url}/add-checkpoint").status_code == 405
