"""Tiles and entry bundles (C2SP tlog-tiles): a tree as files of 256 hashes that never change, and its entries as files beside them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.proof.errors import ProofError
from shared.proof.merkle import HASH_BYTES, Edge, Node, root_of_leaves

WIDTH: Final = 256
HEIGHT: Final = 8
LEVEL_MAX: Final = 63
# A tile's index for a tree of up to 2^63 leaves.
INDEX_MAX: Final = 2**55 - 1
ENTRY_BYTES_MAX: Final = 65_535
ENTRIES: Final = -1
_LENGTH_BYTES: Final = 2
_PATH: Final = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of a tile: its level (`ENTRIES` for a bundle of entries), its index there, and how many hashes or entries it holds."""

    level: int
    index: int
    width: int = WIDTH

    def path(self) -> str:
        """Returns the address, relative to the log's."""
        text = f"{self.index:03d}"
        text = text.zfill(-(-len(text) // 3) * 3)
        groups = [text[start : start + 3] for start in range(0, len(text), 3)]
        place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level == ENTRIES else self.level}/{place}{partial}"

    @property
    def full(self) -> "Tile":
        """The place of the same tile once it is full."""
        return replace(self, width=WIDTH)


def read_path(path: str) -> Tile:
    """Reads a tile's address; raises `ProofError` (`malformed-path`) for every other text and every other spelling."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise ProofError("malformed-path", "not tile/<level>/<index>[.p/<width>]")
    level, place, width = match.groups()
    tile = Tile(ENTRIES if level == "entries" else int(level), int(place.replace("x", "").replace("/", "")), int(width) if width else WIDTH)
    if tile.level > LEVEL_MAX or tile.index > INDEX_MAX or tile.path() != path:
        raise ProofError("malformed-path", "out of bounds, or spelled otherwise than the one way")
    return tile


def tiles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Yields the tiles of a tree, level by level, that hold what came after it had the size `since`; the last of a level may be partial."""
    for level in range(LEVEL_MAX):
        hashes, before = size >> (HEIGHT * level), since >> (HEIGHT * level)
        if not hashes:
            return
        for index in range(before // WIDTH, -(-hashes // WIDTH)):
            if (width := min(WIDTH, hashes - index * WIDTH)) + index * WIDTH > before:
                yield Tile(level, index, width)


def bundles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Yields the bundles of a log's entries that hold what came after it had the size `since`."""
    for tile in tiles_of(size, since=since):
        if tile.level:
            return
        yield replace(tile, level=ENTRIES)


def split_hashes(data: bytes, width: int) -> list[bytes]:
    """Returns the hashes of a tile; raises `ProofError` (`malformed-tile`) when it does not hold just so many."""
    if len(data) != width * HASH_BYTES:
        raise ProofError("malformed-tile", f"{len(data)} bytes instead of {width * HASH_BYTES}")
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def join_entries(entries: Iterable[bytes]) -> bytes:
    """Returns a bundle: each entry after its length in two bytes; raises `ProofError` (`malformed-bundle`) when one is too long."""
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise ProofError("malformed-bundle", f"an entry of {len(entry)} bytes, at most {ENTRY_BYTES_MAX}")
        parts += [len(entry).to_bytes(_LENGTH_BYTES, "big"), entry]
    return b"".join(parts)


def split_entries(data: bytes, width: int) -> list[bytes]:
    """Returns the entries of a bundle; raises `ProofError` (`malformed-bundle`) when it does not hold just so many."""
    entries, place = [], 0
    for number in range(width):
        start = place + _LENGTH_BYTES
        place = start + int.from_bytes(data[place:start], "big")
        if start > len(data) or place > len(data):
            raise ProofError("malformed-bundle", f"it ends within entry {number + 1} of {width}")
        entries.append(data[start:place])
    if place != len(data):
        raise ProofError("malformed-bundle", f"{len(data) - place} bytes after the last of {width} entries")
    return entries


def cut(tile: Tile, full: bytes) -> bytes:
    """Returns a partial tile or bundle out of the full one; raises `ProofError` when the full one is malformed."""
    if tile.level == ENTRIES:
        return join_entries(split_entries(full, WIDTH)[: tile.width])
    return b"".join(split_hashes(full, WIDTH)[: tile.width])


def read_tile(read: Callable[[str], bytes | None], tile: Tile) -> bytes | None:
    """Returns a file of a log by what gives files by their addresses: a partial one also out of the full one that has replaced it.

    Raises `ProofError` when that full one is malformed.
    """
    data = read(tile.path())
    if data is None and tile.width < WIDTH and (full := read(tile.full.path())) is not None:
        return cut(tile, full)
    return data


def node_of(read: Callable[[Tile], Sequence[bytes]], size: int) -> Node:
    """Returns the reader of a tree's nodes out of its tiles; `read` gives the hashes of one, as wide as it is in the tree of this size."""

    def node(level: int, index: int) -> bytes:
        tile_level, inside = divmod(level, HEIGHT)
        place, first = divmod(index << inside, WIDTH)
        width = min(WIDTH, (size >> (HEIGHT * tile_level)) - place * WIDTH)
        return root_of_leaves(read(Tile(tile_level, place, width))[first : first + (1 << inside)])

    return node


class Growth:
    """A log's tree as it grows: of each level only the tile that is not full yet is remembered."""

    def __init__(self, levels: Iterable[Sequence[bytes]] = ()) -> None:
        self._levels = [list(level) for level in levels]

    @property
    def size(self) -> int:
        """How many leaves the tree has: the tiles that are not full are its digits, the levels their places."""
        return sum(len(hashes) << (HEIGHT * level) for level, hashes in enumerate(self._levels))

    def levels(self) -> list[list[bytes]]:
        """Returns the hashes of each level's tile that is not full: all from which the tree goes on."""
        return [list(level) for level in self._levels]

    def open_hashes(self) -> Sequence[bytes]:
        """Returns the leaf hashes in the tile that is not full."""
        return tuple(self._levels[0]) if self._levels else ()

    def edge(self) -> Edge:
        """Returns the tree's right edge, which has its root."""
        found: list[bytes] = []
        for hashes in reversed(self._levels):
            place = 0
            for bit in reversed(range(HEIGHT)):
                if len(hashes) & (1 << bit):
                    found.append(root_of_leaves(hashes[place : place + (1 << bit)]))
                    place += 1 << bit
        return Edge(self.size, tuple(found))

    def add(self, leaves: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Adds leaf hashes and returns the tiles that they made full."""
        full: list[tuple[Tile, bytes]] = []
        size = self.size
        for leaf in leaves:
            size += 1
            hashed, level = leaf, 0
            while True:
                if level == len(self._levels):
                    self._levels.append([])
                hashes = self._levels[level]
                hashes.append(hashed)
                if len(hashes) < WIDTH:
                    break
                full.append((Tile(level, (size >> (HEIGHT * (level + 1))) - 1), b"".join(hashes)))
                hashed, level = root_of_leaves(hashes), level + 1
                hashes.clear()
        return full

    def partial(self) -> list[tuple[Tile, bytes]]:
        """Returns the tiles that are not full, without the empty ones."""
        size = self.size
        return [
            (Tile(level, size >> (HEIGHT * (level + 1)), len(hashes)), b"".join(hashes))
            for level, hashes in enumerate(self._levels)
            if hashes
        ]
