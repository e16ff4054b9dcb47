"""Attacks on the ledger by somebody who has everything, its database and the log's key too, but not the checkpoint that others have kept."""

import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg
import pytest

from deploy.local import postgres
from shared import events as e
from shared.envelope import ContractError, Entry, leaf_hash, make_entry, read_entry
from shared.kit.city_log import CityLog, Mismatch
from shared.kit.tile_folder import TileFolder
from shared.proof.errors import ProofError
from shared.proof.keys import make_signer
from shared.proof.receipt import Receipt, check_receipt, read_receipt
from shared.proof.seal import read_seal, seal_batch
from shared.told import verify_told
from shared.verifying import Known, Read, read_known, verify_log
from tests.builders import CODE, OTHER_CODE, PBG
from tests.integration.minicity import MiniCity
from tests.integration.test_ledger import submit
from tests.signed_logs import SIGNER, Files, city, files

ATTACKS: Final = int(os.environ.get("JEJAK_ATTACKS", "60"))
EDITS: Final = ATTACKS * 20
SEED: Final = int(os.environ.get("JEJAK_SEED", "1"))
ENTRIES: Final = 400
KNOWN: Final = 300  # what others had kept before the attack
SENDER: Final = make_signer("kota/intake", b"i" * 32)
Raws = list[bytes]


# The database, altered by its superuser


def moved(entry: Entry, position: int) -> bytes:
    """Returns an entry that says another position."""
    return make_entry(entry.event_raw, entry.stamp._replace(position=position)).raw


def renumbered(raws: Raws) -> Raws:
    """Returns entries whose positions count from 1, as somebody writes them who hides what was done."""
    return [moved(read_entry(raw), position) for position, raw in enumerate(raws, 1)]


def updated(raws: Raws, place: int, dice: random.Random) -> Raws:
    """Changes one character somewhere in an entry."""
    at = dice.randrange(len(raws[place]))
    return [*raws[:place], raws[place][:at] + bytes([raws[place][at] ^ 1]) + raws[place][at + 1 :], *raws[place + 1 :]]


def back_dated(raws: Raws, place: int, _dice: random.Random) -> Raws:
    """Has an entry say that it was entered a year before."""
    entry = read_entry(raws[place])
    year = f"{int(entry.stamp.recordedtime[:4]) - 1}{entry.stamp.recordedtime[4:]}"
    return [*raws[:place], make_entry(entry.event_raw, entry.stamp._replace(recordedtime=year)).raw, *raws[place + 1 :]]


def swapped(raws: Raws, place: int, dice: random.Random) -> Raws:
    """Lets two entries change places."""
    other = (place + dice.randrange(1, KNOWN)) % KNOWN
    found = list(raws)
    found[place], found[other] = found[other], found[place]
    return renumbered(found)


def exchanged(raws: Raws, _place: int, _dice: random.Random) -> Raws:
    """Gives the history of one application to another one, and the other way round."""
    one, other, between = CODE.encode(), OTHER_CODE.encode(), b"PKY-XXXX-XXXX-XXXX-X"
    return [raw.replace(one, between).replace(other, one).replace(between, other) for raw in raws]


MUTATIONS: Final[dict[str, Callable[[Raws, int, random.Random], Raws]]] = {
    "updated": updated,
    "back-dated": back_dated,
    "deleted": lambda raws, place, _dice: renumbered(raws[:place] + raws[place + 1 :]),
    "deleted, a gap left": lambda raws, place, _dice: raws[:place] + raws[place + 1 :],
    "inserted": lambda raws, place, _dice: renumbered([*raws[:place], raws[place], *raws[place:]]),
    "reordered": swapped,
    "an old backup": lambda raws, place, _dice: raws[:place],
    "emptied": lambda _raws, _place, _dice: [],
    "two applications exchanged": exchanged,
}
# How far the attacker goes on to hide it.
WAYS: Final = ("the entries alone", "the leaf hashes too", "the whole log signed anew")


class Attacked:
    """A ledger, its log, and what an outsider has kept of it."""

    def __init__(self, minicity: MiniCity, folder: Path) -> None:
        self.folder = folder
        self._store = minicity.stores["ledger"]
        self._kept = folder.with_name("kept")
        log = self._opened()
        log.advance(KNOWN)
        known = verify_log(self._reader(), SIGNER.verifier).known
        assert known is not None
        self._known = known.to_bytes()
        log.advance(ENTRIES)
        shutil.copytree(folder, self._kept)
        self.raws = [entry.raw for entry in self._store.after(0, ENTRIES)]

    def known(self) -> Known:
        """Returns what the outsider has kept."""
        return read_known(self._known, SIGNER.verifier)

    def _opened(self) -> CityLog:
        log = CityLog(self._store, TileFolder(self.folder), SIGNER)
        log.open()
        return log

    def _reader(self) -> Read:
        return lambda path: (self.folder / path).read_bytes() if (self.folder / path).is_file() else None

    def attack(self, superuser: "psycopg.Connection[tuple[object, ...]]", raws: Raws, way: str) -> None:
        """Writes other entries into the database, and goes on to hide it as far as told."""
        superuser.execute("TRUNCATE ledger_events")
        with superuser.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ledger_events (originator_id, originator_version, topic, state, notification_id) VALUES (%s, %s, 't', %s, %s)",
                [(f"s{place}", 1, raw, place) for place, raw in enumerate(raws, 1)],
            )
            if way != WAYS[0]:
                cursor.execute("TRUNCATE leaves")
                cursor.executemany(
                    "INSERT INTO leaves (position, leaf_hash, event_id, event_digest) VALUES (%s, %s, %s, '')",
                    [(place, leaf_hash(raw), str(place)) for place, raw in enumerate(raws, 1)],
                )
        shutil.rmtree(self.folder, ignore_errors=True)
        if way == WAYS[2]:
            self._opened().advance(len(raws))
        else:
            shutil.copytree(self._kept, self.folder)

    def is_found_out(self) -> bool:
        """Says whether `jejak verify --since` of the outsider finds anything wrong with log and ledger."""
        read, known = self._reader(), self.known()
        told = [entry.raw for entry in self._store.after(0, 2 * ENTRIES)]
        found = verify_told(verify_log(read, SIGNER.verifier, known), told, read, SIGNER.verifier, self.known())
        return found.faults_count > 0


@pytest.fixture
def attacked(minicity: MiniCity, tmp_path: Path) -> Attacked:
    """A ledger with two applications and many other entries."""
    submit(minicity)
    submit(minicity, PBG, OTHER_CODE)
    for number in range(minicity.ledger.head, ENTRIES):
        minicity.ledger.say(f"sender:s{number}", e.SenderRegistered(name=f"s{number}", stage="intake", agencies=("dlh",)))
    return Attacked(minicity, tmp_path / "log")


def test_what_nobody_has_altered_is_accepted(attacked: Attacked) -> None:
    """Given a ledger that nobody has touched, when it is verified from what was kept, then nothing is wrong."""
    assert not attacked.is_found_out()


@pytest.mark.timeout(60 + ATTACKS)
def test_no_alteration_of_the_database_goes_unseen(attacked: Attacked, minicity: MiniCity, capsys: pytest.CaptureFixture[str]) -> None:
    """Given a superuser who alters what was kept track of, hiding it up to signing the whole log anew, then every alteration is found out."""
    dice, unseen = random.Random(SEED), list[str]()  # noqa: S311 - a repeatable choice, no secret
    url = postgres.admin_url(minicity.stack, minicity.database("ledger"))
    with psycopg.connect(url, autocommit=True) as superuser:
        for number in range(ATTACKS):
            mutation, way = list(MUTATIONS)[number % len(MUTATIONS)], dice.choice(WAYS)
            raws = MUTATIONS[mutation](attacked.raws, dice.randrange(1, KNOWN), dice)
            assert raws != attacked.raws
            attacked.attack(superuser, raws, way)
            if not attacked.is_found_out():
                unseen.append(f"{mutation}, {way}")
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}: {ATTACKS - len(unseen)} of {ATTACKS} alterations of the database found out\n")
    assert unseen == []


def test_a_ledger_does_not_sign_what_was_altered(attacked: Attacked, minicity: MiniCity) -> None:
    """Given entries altered with their leaf hashes, when the ledger starts anew, then it says so and signs nothing more."""
    with psycopg.connect(postgres.admin_url(minicity.stack, minicity.database("ledger")), autocommit=True) as superuser:
        attacked.attack(superuser, back_dated(attacked.raws, 7, random.Random(SEED)), WAYS[1])  # noqa: S311 - no secret
    with pytest.raises(Mismatch):
        CityLog(minicity.stores["ledger"], TileFolder(attacked.folder), SIGNER).open()


# Bytes, altered on their way


def flipped(raw: bytes, dice: random.Random) -> bytes:
    """Returns bytes with one bit changed."""
    at = dice.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << dice.randrange(8)]) + raw[at + 1 :]


def log_is_rejected(made: Files, dice: random.Random) -> bool:
    """Says whether a log with one bit of one file changed is rejected."""
    path = dice.choice(sorted(made))
    return verify_log((made | {path: flipped(made[path], dice)}).get, SIGNER.verifier).faults_count > 0


def receipt_is_rejected(made: Receipt, dice: random.Random) -> bool:
    """Says whether a receipt with one bit changed is rejected, or proves the same of the same entry."""
    try:
        read = read_receipt(flipped(made.to_bytes(), dice))
        check_receipt(read, leaf_hash(read.extra or b""), SIGNER.verifier)
    except (ProofError, ContractError):
        return True
    return False


def seal_is_rejected(dice: random.Random) -> bool:
    """Says whether a seal with one bit changed is rejected."""
    leaves = [leaf_hash(b"%d" % number) for number in range(dice.randrange(1, 20))]
    place = dice.randrange(len(leaves))
    try:
        seal = read_seal(flipped(seal_batch(leaves, SENDER)[place].to_bytes(), dice))
    except ProofError:
        return True
    return seal.key_id != SENDER.verifier.id or not seal.is_of(SENDER.verifier, leaves[place])


@pytest.mark.timeout(60 + ATTACKS)
def test_no_changed_bit_is_accepted(attacked: Attacked, minicity: MiniCity, capsys: pytest.CaptureFixture[str]) -> None:
    """Given tiles, bundles, checkpoints, receipts and seals, when one bit of one of them is changed, then it is rejected."""
    dice, made = random.Random(SEED), files(city(60))  # noqa: S311 - a repeatable choice, no secret
    log = CityLog(minicity.stores["ledger"], TileFolder(attacked.folder), SIGNER)
    log.open()
    receipts = log.receipts([(position, attacked.raws[position - 1]) for position in (1, 100, ENTRIES)])
    rejected = 0
    for number in range(EDITS):
        match number % 3:
            case 0:
                rejected += log_is_rejected(made, dice)
            case 1:
                rejected += receipt_is_rejected(dice.choice(receipts), dice)
            case _:
                rejected += seal_is_rejected(dice)
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}: {rejected} of {EDITS} changed bits rejected\n")
    assert rejected == EDITS
