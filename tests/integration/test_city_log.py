"""The city's log beside a real ledger: it grows with the entries, is signed, proves each of them, and stops where anything was altered."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from deploy.local import postgres
from deploy.local.doctor import examine
from deploy.local.supervisor import City as LocalCity
from services.__main__ import build
from services.cli.client import token
from services.ledger.doors import add_routes
from shared import events as e
from shared.envelope import leaf_hash
from shared.kit.city_log import CityLog, Mismatch
from shared.kit.http import Health, Site, make_app
from shared.kit.ledger_process import LedgerSlot
from shared.kit.log_keeper import LogKeeper, read_log_key
from shared.kit.settings import Settings, SettingsError
from shared.kit.telemetry import Metrics
from shared.kit.tile_folder import CHECKPOINT, TileFolder
from shared.kit.tokens import Actor
from shared.proof.checkpoint import Checkpoint, open_checkpoint
from shared.proof.keys import make_signer
from shared.proof.merkle import EMPTY_ROOT, range_root, root_of_leaves
from shared.proof.note import sign_note
from shared.proof.receipt import check_receipt, read_receipt
from shared.proof.tile import ENTRIES, Tile, bundles_of, node_of, split_entries, split_hashes, tiles_of
from tests.builders import CODE, OTHER_CODE, SKP
from tests.faults.harness import settle, submission, taken, until
from tests.integration.minicity import CITY_KEY, MiniCity
from tests.integration.test_doors import TOKENS_KEY, bearer
from tests.integration.test_ledger import submit

SIGNER = make_signer("kota/ledger", b"s" * 32)


def opened(city: MiniCity, folder: Path) -> CityLog:
    """Opens a city's log as a start of the ledger does."""
    log = CityLog(city.stores["ledger"], TileFolder(folder), SIGNER)
    log.open()
    return log


def grow(city: MiniCity, entries: int) -> None:
    """Has the ledger register senders until it has so many entries."""
    for number in range(city.ledger.head, entries):
        city.ledger.say(f"sender:s{number}", e.SenderRegistered(name=f"s{number}", stage="intake", agencies=("dlh",)))


def root(city: MiniCity, size: int) -> bytes:
    """Returns the root over a city's first entries."""
    return root_of_leaves(leaf_hash(entry.raw) for entry in city.entries()[:size])


def signed(folder: Path) -> Checkpoint:
    """Returns the stored checkpoint, its signature checked."""
    return open_checkpoint((folder / CHECKPOINT).read_bytes(), SIGNER.verifier).checkpoint


def alter(city: MiniCity, statement: str) -> None:
    """Does something to the ledger's database as its superuser could."""
    with psycopg.connect(city.url("ledger"), autocommit=True) as connection:
        connection.execute(statement.encode())


def test_the_log_grows_with_the_entries(minicity: MiniCity, tmp_path: Path) -> None:
    """Given entries, when the log advances again and again, then each checkpoint has their root and every tile and bundle of it is there."""
    grow(minicity, 40)
    log = opened(minicity, tmp_path)
    assert log.signed is None
    for size in (1, 2, 17, minicity.ledger.head):
        assert log.advance(size) == size
        assert signed(tmp_path) == Checkpoint(SIGNER.name, size, root(minicity, size))
        hashes = [each for tile in tiles_of(size) if tile.level == 0 for each in split_hashes(log.read(tile) or b"", tile.width)]
        entries = [each for tile in bundles_of(size) for each in split_entries(log.read(tile) or b"", tile.width)]
        assert hashes == [leaf_hash(each) for each in entries]
        assert entries == [entry.raw for entry in minicity.entries()[:size]]


def test_partial_tiles_go_when_the_full_one_is_there(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a log beyond 256 entries, when it is signed, then what was partial below is gone from the folder and still read from the full tile."""
    grow(minicity, 30)
    log = opened(minicity, tmp_path)
    log.advance(30)
    grow(minicity, 300)
    log.advance(minicity.ledger.head)
    assert (tmp_path / "tile/0/000").is_file()
    assert not (tmp_path / "tile/0/000.p").exists()
    assert not (tmp_path / "tile/entries/000.p").exists()
    assert split_hashes(log.read(Tile(0, 0, 30)) or b"", 30) == [leaf_hash(entry.raw) for entry in minicity.entries()[:30]]
    assert split_entries(log.read(Tile(ENTRIES, 0, 30)) or b"", 30) == [entry.raw for entry in minicity.entries()[:30]]
    assert log.read(Tile(0, 7)) is None


def test_every_entry_has_a_receipt(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a signed log, then each covered entry's receipt is accepted for its bytes alone, and an entry after the checkpoint has none."""
    log, entries = opened(minicity, tmp_path), minicity.entries()
    pairs = [(entry.stamp.position, entry.raw) for entry in entries]
    assert log.receipts(pairs) == []
    log.advance(len(entries) - 1)
    receipts = [read_receipt(receipt.to_bytes()) for receipt in log.receipts(pairs)]
    assert [receipt.index for receipt in receipts] == list(range(len(entries) - 1))
    for receipt in receipts:
        assert receipt.extra is not None
        assert check_receipt(receipt, leaf_hash(receipt.extra), SIGNER.verifier).checkpoint.size == len(entries) - 1


def test_a_restart_goes_on_and_makes_what_is_missing(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a signed log, when it is opened anew, with files missing or the whole folder, then it has the same tree and goes on from there."""
    grow(minicity, 300)
    opened(minicity, tmp_path).advance(290)
    before = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    for lost in ("tile/0/000", "tile/entries/000", "tile/1/000.p/1", "tile/entries/001.p/34"):
        (tmp_path / lost).unlink()
    again = opened(minicity, tmp_path)
    assert {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert again.signed is not None
    assert again.signed.size == 290
    assert again.advance(300) == 300
    shutil.rmtree(tmp_path)
    anew = opened(minicity, tmp_path)
    assert anew.signed is None
    assert anew.advance(300) == 300
    assert signed(tmp_path) == Checkpoint(SIGNER.name, 300, root(minicity, 300))


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE leaves SET leaf_hash = sha256('x') WHERE position = 5", "tile/0/000.p/30 is stored with other bytes|another root"),
        ("DELETE FROM leaves WHERE position = 7", "position 7: nothing is stored there"),
        ("DELETE FROM leaves WHERE position > 20", "30 entries and the ledger only 20"),
        (
            "UPDATE leaves SET leaf_hash = (SELECT leaf_hash FROM leaves o WHERE o.position = 7 - leaves.position) WHERE position IN (3, 4)",
            "another root",
        ),
    ],
)
def test_altered_entries_are_noticed_at_the_start(minicity: MiniCity, tmp_path: Path, statement: str, what: str) -> None:
    """Given a signed log, when the database was altered, cut or reordered, then opening says where and the checkpoint stays as it was."""
    grow(minicity, 30)
    opened(minicity, tmp_path).advance(30)
    before = signed(tmp_path)
    alter(minicity, statement)
    with pytest.raises(Mismatch, match=what):
        opened(minicity, tmp_path)
    assert signed(tmp_path) == before


def test_altered_files_are_noticed_at_the_start(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a signed log, when a tile or the checkpoint was altered, then opening says where."""
    grow(minicity, 300)
    opened(minicity, tmp_path).advance(300)
    for path, content, what in (
        ("tile/0/000", bytes(8192), "tile/0/000 is stored with other bytes"),
        ("tile/0/001.p/44", bytes(44 * 32), "tile/0/001.p/44 is stored with other bytes"),
        (CHECKPOINT, b"no note", "malformed-note"),
        (CHECKPOINT, sign_note(Checkpoint(SIGNER.name, 300, EMPTY_ROOT).to_text(), SIGNER).to_bytes(), "another root"),
        (CHECKPOINT, sign_note(Checkpoint("a/b", 300, EMPTY_ROOT).to_text(), make_signer("a/b", b"o" * 32)).to_bytes(), "unknown-signer"),
    ):
        kept = (tmp_path / path).read_bytes()
        (tmp_path / path).write_bytes(content)
        with pytest.raises(Mismatch, match=what):
            opened(minicity, tmp_path)
        (tmp_path / path).write_bytes(kept)
    assert opened(minicity, tmp_path).size == 300


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE ledger_events SET state = 'x' WHERE notification_id = 25", "position 25: the entry's bytes are not those"),
        ("DELETE FROM ledger_events WHERE notification_id = 25", "position 25: nothing is stored there"),
    ],
)
def test_altered_entries_are_noticed_on_the_way(minicity: MiniCity, tmp_path: Path, statement: str, what: str) -> None:
    """Given entries altered before they were signed, when the log advances, then nothing is signed and the position is told."""
    grow(minicity, 30)
    log = opened(minicity, tmp_path)
    log.advance(20)
    alter(minicity, statement)
    with pytest.raises(Mismatch, match=what):
        log.advance(30)
    assert signed(tmp_path).size == 20


def settings(city: MiniCity, folder: Path, key: str) -> Settings:
    """Returns settings of a ledger that keeps its log in a folder, with a key of this text."""
    (folder / "key").write_text(key, encoding="ascii")
    file = folder / "unused"
    return Settings(
        service="ledger",
        sender="ledger",
        city="kota",
        port=9500,
        database_url=city.url("ledger"),
        kafka_servers="",
        kafka_user="",
        kafka_password="",
        ledger_url="",
        senders_file=file,
        city_key_file=file,
        tokens_key_file=file,
        log_key_file=folder / "key",
        log_folder=folder / "log",
    )


def test_the_keeper_signs_what_is_published_and_shows_why_it_stops(minicity: MiniCity, tmp_path: Path) -> None:
    """Given a ledger, then its keeper signs up to what is published; when something was altered it stops, health says why, and it ends by itself."""
    grow(minicity, 30)
    site, published = Site("ledger", Metrics(), Health(), TOKENS_KEY, CITY_KEY), [20]
    store = minicity.stores["ledger"]
    keeper = LogKeeper(settings(minicity, tmp_path, SIGNER.to_text()), store, site, lambda: published[0])

    async def keep() -> None:
        task = asyncio.create_task(keeper.run())
        await asyncio.to_thread(until, lambda: keeper.details()["signed"] == 20)
        assert keeper.details() == {"signed": 20, "published": 20, "witnesses": [], "stopped": ""}
        assert site.metrics.signed._value.get() == 20
        alter(minicity, "DELETE FROM leaves WHERE position = 25")
        published[0] = 30
        await asyncio.wait_for(task, 30)

    asyncio.run(keep())
    assert "position 25" in site.health.problems["log"]
    assert keeper.details()["signed"] == 20


def test_a_failing_disk_is_tried_again(minicity: MiniCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a disk that fails after the tiles and before the checkpoint, then health says so and the log is opened anew and signed."""
    grow(minicity, 30)
    site = Site("ledger", Metrics(), Health(), TOKENS_KEY, CITY_KEY)
    keeper = LogKeeper(settings(minicity, tmp_path, SIGNER.to_text()), minicity.stores["ledger"], site, lambda: 30)
    keep, told = TileFolder.keep_checkpoint, list[str]()

    def failing(folder: TileFolder, note: bytes) -> None:
        if not told:
            told.append("failed")
            raise OSError
        told.append(site.health.problems.get("log", ""))
        keep(folder, note)

    monkeypatch.setattr(TileFolder, "keep_checkpoint", failing)

    async def run() -> None:
        task = asyncio.create_task(keeper.run())
        await asyncio.to_thread(until, lambda: keeper.details()["signed"] == 30 and not site.health.problems)
        task.cancel()

    asyncio.run(run())
    assert told == ["failed", "OSError"]
    assert signed(tmp_path / "log") == Checkpoint(SIGNER.name, 30, root(minicity, 30))


@pytest.mark.parametrize(
    "key", ["nonsense", make_signer("elsewhere/ledger", b"s" * 32).to_text(), make_signer("kota/ledger/training", b"s" * 32).to_text()]
)
def test_another_logs_key_signs_nothing(minicity: MiniCity, tmp_path: Path, key: str) -> None:
    """A key that is none, another city's or a training city's is refused with a sentence, and the keeper ends without signing."""
    given = settings(minicity, tmp_path, key)
    with pytest.raises(SettingsError, match="The log's key"):
        read_log_key(given, tmp_path / "key")
    site = Site("ledger", Metrics(), Health(), TOKENS_KEY, CITY_KEY)
    asyncio.run(LogKeeper(given, minicity.stores["ledger"], site, lambda: 20).run())
    assert "The log's key" in site.health.problems["log"]
    assert not (tmp_path / "log").exists()


@asynccontextmanager
async def doors(city: MiniCity, log: CityLog | None, role: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """Opens the ledger's doors."""
    site, slot = Site("ledger", Metrics(), Health(ready=True), TOKENS_KEY, CITY_KEY), LedgerSlot()
    slot.ledger, slot.keeper = city.ledger, SimpleNamespace(log=log)  # type: ignore[assignment]  # stands in for the keeper's task
    app = make_app(site, "ledger")
    add_routes(app, site, slot)
    headers = bearer(Actor("ani", role)) if role else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city", headers=headers) as opened_:
        yield opened_


async def test_checkpoint_and_hash_tiles_are_for_everybody(minicity: MiniCity, tmp_path: Path) -> None:
    """Whoever asks gets the checkpoint for seconds and hash tiles for ever, and of them the tree can be made; entries are for auditors."""
    grow(minicity, 300)
    log = opened(minicity, tmp_path)
    async with doors(minicity, log) as public, doors(minicity, log, "auditor") as auditor, doors(minicity, log, "applicant") as applicant:
        assert (await public.get("/checkpoint")).json()["code"] == "not-yet-signed"
        log.advance(300)
        found = await public.get("/checkpoint")
        assert (found.headers["content-type"], found.headers["cache-control"]) == ("text/plain; charset=utf-8", "public, max-age=2")
        checkpoint = open_checkpoint(found.content, SIGNER.verifier).checkpoint
        tiles = {tile: await public.get(f"/{tile.path()}") for tile in tiles_of(checkpoint.size)}
        assert {answer.headers["cache-control"] for answer in tiles.values()} == {"public, max-age=31536000, immutable"}
        node = node_of(lambda tile: split_hashes(tiles[tile].content, tile.width), checkpoint.size)
        assert range_root(node, 0, checkpoint.size) == checkpoint.root
        for tile in bundles_of(300):
            assert (await public.get(f"/{tile.path()}")).json()["code"] == "not-signed-in"
            assert (await applicant.get(f"/{tile.path()}")).json()["code"] == "not-allowed"
            bundle = await auditor.get(f"/{tile.path()}")
            assert bundle.headers["cache-control"] == "private, max-age=31536000, immutable"
            assert [leaf_hash(each) for each in split_entries(bundle.content, tile.width)] == split_hashes(
                tiles[Tile(0, tile.index, tile.width)].content, tile.width
            )
        for path in ("0/999", "0/0", "64/000", "0/x000/000", "0/%2e%2e/000", "entries/../../key", "0/000.p/256"):
            assert (await auditor.get(f"/tile/{path}")).status_code == 404


async def test_who_holds_a_code_gets_receipts(minicity: MiniCity, tmp_path: Path) -> None:
    """Given an application, then whoever holds its code gets a receipt for each entry, as a list and one by one as files."""
    submit(minicity, SKP)
    log, entries = opened(minicity, tmp_path), minicity.entries(CODE)
    async with doors(minicity, log) as public, doors(minicity, None) as without:
        log.advance(entries[1].stamp.position)
        found = (await public.get(f"/v1/applications/{CODE.lower()}/proofs")).json()
        assert (found["subject"], found["waiting"]) == (CODE, len(entries) - 2)
        for row, entry in zip(found["receipts"], entries, strict=False):
            receipt = read_receipt(row["receipt"].encode())
            assert (row["position"], row["sequence"], receipt.extra) == (entry.stamp.position, entry.stamp.sequence, entry.raw)
            check_receipt(receipt, leaf_hash(entry.raw), SIGNER.verifier)
        file = await public.get(f"/v1/applications/{CODE}/proofs/2")
        assert file.text == found["receipts"][1]["receipt"]
        assert file.headers["content-disposition"] == f'attachment; filename="{CODE}-2.tlog-proof"'
        codes = {
            path: (await public.get(f"/v1/applications/{path}")).json()["code"]
            for path in (f"{CODE}/proofs/3", f"{CODE}/proofs/0", f"{CODE}/proofs/99", f"{OTHER_CODE}/proofs", "x/proofs")
        }
        assert list(codes.values()) == ["not-yet-signed", "not-found", "not-found", "unknown-code", "mistyped-code"]
        assert (await without.get(f"/v1/applications/{CODE}/proofs")).json()["code"] == "log-absent"


def log_health(local: LocalCity) -> dict[str, Any]:
    """Returns what the running ledger tells of its log, and where it stands."""
    state = httpx.get(f"{local.stack.url('ledger')}/readyz", timeout=10).json()
    return {**state["log"], "position": state["position"], "status": state["status"]}


def verify_over_doors(local: LocalCity, since: Path) -> str:
    """Runs `jejak verify` against a running city and returns its last line."""
    result = CliRunner().invoke(build(), ["verify", "--data", str(local.stack.data), "--since", str(since)])
    if result.exception is not None:
        raise result.exception
    return result.stdout.splitlines()[-1]


@pytest.mark.timeout(300)
def test_a_running_city_is_verified_and_stops_signing_what_was_altered(real_city: LocalCity, tmp_path: Path) -> None:
    """Given a running city, then its log verifies over its doors; altered in the database, the ledger goes on and signs nothing until it is repaired."""
    settle(real_city)
    until(lambda: log_health(real_city)["signed"] == log_health(real_city)["position"])
    size = log_health(real_city)["signed"]
    assert verify_over_doors(real_city, tmp_path / "verified.json") == f"jejak verify: {size} entries, all accepted"

    def alter_leaf(leaf: bytes) -> None:
        real_city.halt("ledger")
        with psycopg.connect(postgres.database_url(real_city.stack, "ledger"), autocommit=True) as connection:
            connection.execute("UPDATE leaves SET leaf_hash = %s WHERE position = 2", (leaf,))
        real_city.resume("ledger")
        real_city.wait_ready("ledger")

    with psycopg.connect(postgres.database_url(real_city.stack, "ledger")) as connection:
        found = connection.execute("SELECT leaf_hash FROM leaves WHERE position = 2").fetchone()
    assert found is not None
    alter_leaf(bytes(32))
    until(lambda: bool(log_health(real_city)["stopped"]))
    assert "nothing more is signed" in httpx.get(f"{real_city.stack.url('ledger')}/readyz").json()["problems"]["log"]
    headers = {"authorization": f"Bearer {token(real_city.stack, 'pemohon', 'applicant')}", "idempotency-key": "while-not-signed"}
    assert taken(f"{real_city.stack.url('intake')}/v1/applications", submission(77), headers)
    until(lambda: log_health(real_city)["position"] > size)
    assert (log_health(real_city)["signed"], log_health(real_city)["status"]) == (size, "ready")
    assert not next(check for check in examine(real_city.stack.data, None) if check.name == "Log").good
    alter_leaf(bytes(found[0]))
    until(lambda: log_health(real_city)["signed"] > size)
    assert verify_over_doors(real_city, tmp_path / "verified.json").endswith("of them new)")
    assert next(check for check in examine(real_city.stack.data, None) if check.name == "Log").good
    settle(real_city)
