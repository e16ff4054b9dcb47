"""The city's log: the ledger's entries under one tree, kept as files that never change, and a signed checkpoint of its size and root.

It works beside the ledger and never in its transactions: it reads what is stored, in batches, and what it finds altered stops it alone.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from shared.envelope import leaf_hash
from shared.kit.store import Store
from shared.kit.tile_folder import Altered, TileFolder
from shared.proof.checkpoint import Checkpoint, open_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import SignerKey
from shared.proof.merkle import EMPTY_ROOT, consistency_proof, inclusion_proof
from shared.proof.note import Note, sign_note
from shared.proof.receipt import Receipt
from shared.proof.tile import ENTRIES, WIDTH, Growth, Tile, bundles_of, join_entries, node_of, split_hashes
from shared.proof.witness import Witnesses

BATCH_ENTRIES: Final = 1000
COMPARED_LEAVES: Final = 20_000
UNSIGNED_SECONDS_MAX: Final = 2.0
TILES_REMEMBERED: Final = 128


class Mismatch(Exception):  # noqa: N818 - says what is the matter
    """Entries, tiles and checkpoint do not agree, so nothing more is signed; the message says where."""


class Signed(NamedTuple):
    """A checkpoint: how many entries it covers, and its note."""

    size: int
    note: Note


class CityLog:
    """One log. `open` and `advance` are called by one thread at a time; everything else by any.

    `signed` is the last checkpoint, `published` the last one with enough cosignatures; without witnesses they are the same.
    """

    def __init__(
        self,
        store: Store,
        folder: TileFolder,
        signer: SignerKey,
        witnesses: Witnesses = Witnesses(),  # noqa: B008 - frozen
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._folder = folder
        self._signer = signer
        self._seconds = seconds
        self._growth = Growth()
        self._bundle: list[bytes] = []
        self._filled: list[Tile] = []
        self._hashes = lru_cache(TILES_REMEMBERED)(self._read_hashes)
        self._witnesses = witnesses
        self._publishing = threading.Lock()
        self.signed: Signed | None = None
        self.published: Signed | None = None

    @property
    def size(self) -> int:
        """How many entries are in the tree, signed or not."""
        return self._growth.size

    # Beginning

    def open(self) -> None:
        """Compares the stored tiles and the last checkpoint with the leaves, and makes anew what is missing; raises `Mismatch`."""
        try:
            last = self._last_checkpoint()
            self._compare(last.size)
            if self._growth.edge().root() != last.root:
                raise Mismatch(f"the entries up to position {last.size} have another root than the last checkpoint")
            self._make_missing_bundles(last.size)
            self._keep_partial()
        except Altered as altered:
            raise Mismatch(str(altered)) from None

    def _last_checkpoint(self) -> Checkpoint:
        """Returns the last stored checkpoint, whether it was published yet or not; without one the log begins."""
        with self._publishing:
            self.signed = self.published = None
            last = Checkpoint(self._signer.name, 0, EMPTY_ROOT)
            for raw in (self._folder.checkpoint(), self._folder.signed()):
                if raw is None:
                    continue
                try:
                    found = open_checkpoint(raw, self._signer.verifier, self._witnesses.keys)
                except ProofError as error:
                    raise Mismatch(f"the stored checkpoint is not one of this log ({error})") from None
                signed = Signed(found.checkpoint.size, found.note)
                if self.signed is None or signed.size > self.signed.size:
                    last, self.signed = found.checkpoint, signed
                if len(found.witnesses) >= self._witnesses.needed and (self.published is None or signed.size > self.published.size):
                    self.published = signed
            return last

    def _compare(self, size: int) -> None:
        self._growth, self._filled = Growth(), []
        while self.size < size:
            leaves = self._leaves(self.size, min(COMPARED_LEAVES, size - self.size))
            if not leaves:
                raise Mismatch(f"the last checkpoint has {size} entries and the ledger only {self.size}")
            for tile, data in self._growth.add(leaves):
                self._folder.keep(tile, data)

    def _make_missing_bundles(self, size: int) -> None:
        for tile in bundles_of(size):
            if not self._folder.has(tile):
                self._folder.keep(tile, join_entries(self._entries(tile.index * WIDTH, tile.width)))
        self._bundle = self._entries(size - size % WIDTH, size % WIDTH)

    # Growing

    def advance(self, until: int) -> int:
        """Takes the stored entries up to a position into the tree and signs a checkpoint; returns the size that is signed.

        After two seconds of a long backlog it signs what it has. Raises `Mismatch`; after any other failure the log is to be opened anew.
        """
        started = self._seconds()
        try:
            while self.size < until and self._seconds() - started < UNSIGNED_SECONDS_MAX:
                self._take(min(BATCH_ENTRIES, until - self.size))
            self._sign()
        except Altered as altered:
            raise Mismatch(str(altered)) from None
        return self.size

    def _take(self, count: int) -> None:
        entries, leaves = self._entries(self.size, count), self._leaves(self.size, count)
        for number, (entry, leaf) in enumerate(zip(entries, leaves, strict=True), self.size + 1):
            if leaf_hash(entry) != leaf:
                raise Mismatch(f"position {number}: the entry's bytes are not those of its leaf hash")
        first = self.size // WIDTH
        for tile, data in self._growth.add(leaves):
            self._folder.keep(tile, data)
            self._filled.append(tile)
        self._bundle += entries
        for index in range(first, self.size // WIDTH):
            tile = Tile(ENTRIES, index)
            self._folder.keep(tile, join_entries(self._bundle[:WIDTH]))
            self._filled.append(tile)
            del self._bundle[:WIDTH]

    def _sign(self) -> None:
        if self.signed is not None and self.size == self.signed.size:
            return
        self._keep_partial()
        note = sign_note(Checkpoint(self._signer.name, self.size, self._growth.edge().root()).to_text(), self._signer)
        # Kept before any witness sees it, so that a ledger that has lost entries is found out at its next start.
        signed = Signed(self.size, note)
        if self._witnesses.needed:
            self._folder.keep_signed(note.to_bytes())
        else:
            self.publish(signed)
        self.signed = signed
        for tile in self._filled:
            self._folder.drop_partial(tile)
        self._filled = []

    def _keep_partial(self) -> None:
        for tile, data in self._growth.partial():
            self._folder.keep(tile, data)
        if self._bundle:
            self._folder.keep(Tile(ENTRIES, self.size // WIDTH, len(self._bundle)), join_entries(self._bundle))

    def _leaves(self, after: int, count: int) -> list[bytes]:
        rows = self._store.rows(
            "SELECT position, leaf_hash FROM leaves WHERE position > %s AND position <= %s ORDER BY position", (after, after + count)
        )
        self._check_order([row["position"] for row in rows], after)
        return [bytes(row["leaf_hash"]) for row in rows]

    def _entries(self, after: int, count: int) -> list[bytes]:
        stored = self._store.after(after, count) if count else []
        self._check_order([entry.position for entry in stored], after)
        if len(stored) < count:
            raise Mismatch(f"position {after + len(stored) + 1}: no entry is stored")
        return [entry.raw for entry in stored]

    def _check_order(self, positions: Sequence[int], after: int) -> None:
        for expected, position in enumerate(positions, after + 1):
            if position != expected:
                raise Mismatch(f"position {expected}: nothing is stored there")

    def publish(self, signed: Signed) -> None:
        """Publishes a checkpoint, or more signatures of the one that is; never one that is older."""
        with self._publishing:
            if self.published is None or signed.size >= self.published.size:
                self._folder.keep_checkpoint(signed.note.to_bytes())
                self.published = signed

    # Proving

    def grown(self, since: int, size: int) -> tuple[bytes, ...]:
        """Returns the proof that the tree of a signed size begins with an earlier one; raises `ProofError`."""
        return consistency_proof(node_of(self._hashes, size), since, size) if since else ()

    def receipts(self, entries: Sequence[tuple[int, bytes]]) -> list[Receipt]:
        """Returns the receipts of entries given with their positions; those that no published checkpoint covers yet are left out."""
        signed = self.published
        if signed is None:
            return []
        node = node_of(self._hashes, signed.size)
        return [
            Receipt(position - 1, inclusion_proof(node, position - 1, signed.size), signed.note, entry)
            for position, entry in entries
            if position <= signed.size
        ]

    def _read_hashes(self, tile: Tile) -> list[bytes]:
        data = self._folder.read(tile)
        if data is None:
            raise ProofError("tile-missing", tile.path())
        return split_hashes(data, tile.width)

    def read(self, tile: Tile) -> bytes | None:
        """Returns a tile or a bundle of entries, or None where the log has none; raises `ProofError`."""
        return self._folder.read(tile)
