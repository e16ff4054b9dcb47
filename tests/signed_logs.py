"""Logs as a ledger writes them, made of plain entries in no time: what many tests of proofs begin with."""

from collections.abc import Iterable
from functools import lru_cache

from shared import events as e
from shared.envelope import Entry, Stamp, encode, leaf_hash, make_entry
from shared.proof.checkpoint import Checkpoint
from shared.proof.keys import SignerKey, make_signer
from shared.proof.note import sign_note
from shared.proof.tile import ENTRIES, WIDTH, Growth, Tile, join_entries
from tests.builders import make_event

SIGNER = make_signer("kota/ledger", b"s" * 32)
OTHER = make_signer("kota/ledger", b"o" * 32)
SUBJECTS = 7
Files = dict[str, bytes]


def entry(position: int, subject: int, sequence: int, number: int, second: int) -> Entry:
    """Returns an entry about a sender's registration."""
    name = f"sender:s{subject}"
    event = make_event(
        e.SenderRegistered(name=f"s{subject}", stage="intake", agencies=("dlh",)), subject=name, sender="ledger", number=number
    )
    return make_entry(encode(event), Stamp(position, sequence, f"2026-11-24T01:{second // 60:02d}:{second % 60:02d}.000000Z"), event)


@lru_cache(maxsize=8)
def city(size: int) -> tuple[bytes, ...]:
    """Returns the entries of a log: some subjects that take turns, each with its own sequence."""
    return tuple(entry(n + 1, n % SUBJECTS, n // SUBJECTS + 1, n // SUBJECTS + 1, n // 10).raw for n in range(size))


def files(entries: Iterable[bytes], signer: SignerKey = SIGNER) -> Files:
    """Returns the files of a log as its ledger writes them, signed whatever the entries are."""
    listed, growth = list(entries), Growth()
    written = growth.add(leaf_hash(each) for each in listed) + growth.partial()
    made = {tile.path(): data for tile, data in written}
    for first in range(0, len(listed), WIDTH):
        part = listed[first : first + WIDTH]
        made[Tile(ENTRIES, first // WIDTH, len(part)).path()] = join_entries(part)
    return made | {"checkpoint": sign_note(Checkpoint(SIGNER.name, len(listed), growth.edge().root()).to_text(), signer).to_bytes()}
