"""What a ledger tells of its entries beside what its log has signed: whoever alters the database and leaves the log alone is found out, too."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from shared.envelope import leaf_hash
from shared.proof.checkpoint import Checkpoint, open_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import VerifierKey
from shared.proof.tile import WIDTH, Growth, Tile, read_tile, split_hashes
from shared.verifying import FAULTS_MAX, Fault, Known, Read, Verified

LEAVES_AT_ONCE = 256


def compare_told(entries: Iterable[bytes], signed: Sequence[Checkpoint], leaf_of: Callable[[int], bytes | None]) -> Iterator[Fault]:
    """Yields where the entries that a ledger tells, from position 1 on, are not those of checkpoints of its log.

    `leaf_of` gives the leaf hash that the log has at a position, or None: it says only where the roots come apart.
    """
    growth, position, leaves = Growth(), 0, list[bytes]()
    sizes = {checkpoint.size: checkpoint for checkpoint in signed}
    last = max(sizes, default=0)
    telling = iter(entries)
    while position < last:
        raw = next(telling, None)
        if raw is None:
            yield Fault(f"position {position + 1}", "not-told", f"the log has {last} entries and the ledger tells {position}")
            return
        position += 1
        leaf = leaf_hash(raw)
        if (known := leaf_of(position)) is not None and known != leaf:
            yield Fault(f"position {position}", "told-otherwise", "the ledger tells another entry than its log has")
        leaves.append(leaf)
        if position in sizes or len(leaves) == LEAVES_AT_ONCE:
            growth.add(leaves)
            leaves.clear()
        if position in sizes and growth.edge().root() != sizes[position].root:
            yield Fault(f"position {position}", "told-otherwise", f"what the ledger tells is not what was signed at {position} entries")


def verify_told(found: Verified, entries: Iterable[bytes], read: Read, log: VerifierKey, known: Known | None = None) -> Verified:
    """Returns what a verification of a log found, with what is wrong in what its ledger tells: also before `known`, from which it went on."""
    if found.checkpoint is None:
        return found
    signed = [found.checkpoint]
    if known is not None and known.note:
        signed.append(open_checkpoint(known.note, log).checkpoint)
    faults = list(compare_told(entries, signed, _leaves(read, found.checkpoint.size)))
    if not faults:
        return found
    shown = (*found.faults, *faults)[:FAULTS_MAX]
    return replace(found, faults=shown, faults_count=found.faults_count + len(faults), known=None)


def _leaves(read: Read, size: int) -> Callable[[int], bytes | None]:
    """Returns what gives the leaf hash at a position out of a log's tiles."""

    @lru_cache(maxsize=1)
    def hashes(index: int) -> list[bytes]:
        tile = Tile(0, index, min(WIDTH, size - index * WIDTH))
        try:
            data = read_tile(read, tile)
            return split_hashes(data, tile.width) if data is not None else []
        except ProofError:
            return []

    def leaf_of(position: int) -> bytes | None:
        index, inside = divmod(position - 1, WIDTH)
        found = hashes(index)
        return found[inside] if inside < len(found) else None

    return leaf_of
