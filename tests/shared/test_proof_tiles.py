"""Tiles and bundles: where they lie, what they hold, and that a tree is made of them again."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.envelope import leaf_hash
from shared.proof.errors import ProofError
from shared.proof.merkle import check_consistency, check_inclusion, consistency_proof, inclusion_proof, range_root, root_of_leaves
from shared.proof.tile import (
    ENTRIES,
    ENTRY_BYTES_MAX,
    INDEX_MAX,
    LEVEL_MAX,
    Growth,
    Tile,
    bundles_of,
    cut,
    join_entries,
    node_of,
    read_path,
    split_entries,
    split_hashes,
    tiles_of,
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(70_000)]
tiles = st.builds(Tile, st.integers(ENTRIES, LEVEL_MAX), st.integers(0, INDEX_MAX) | st.integers(0, 2000), st.integers(1, 256))
sizes = st.integers(0, 700) | st.sampled_from([255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])


def grown(*sizes_: int) -> dict[Tile, bytes]:
    """Returns all tiles of a log that had these sizes at its checkpoints."""
    growth, written = Growth(), dict[Tile, bytes]()
    for size in sizes_:
        written |= growth.add(LEAVES[growth.size : size])
        written |= growth.partial()
        assert growth.size == size
    return written


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
        (Tile(63, 1000, 1), "tile/63/x001/000.p/1"),
    ],
)
def test_paths_are_those_of_the_text(tile: Tile, path: str) -> None:
    """The examples of the specification are spelled and read as it says."""
    assert tile.path() == path
    assert read_path(path) == tile


@given(tiles)
def test_every_tile_has_one_path(tile: Tile) -> None:
    """Every tile is read back from its path."""
    assert read_path(tile.path()) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/08",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/0/../000",
        "tile/entries/../../secrets/log.key",
        "/tile/0/000",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x999/" * 1000 + "999",
        "tile/0/000\n",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    """Other spellings, levels and widths out of bounds, and paths that climb are refused."""
    with pytest.raises(ProofError, match="malformed-path"):
        read_path(path)


def test_the_tiles_of_a_tree_are_those_of_the_text() -> None:
    """A tree of 70,000 leaves has the tiles that the specification counts, one of 256 a full one and one above it."""
    found = list(tiles_of(70_000))
    assert [tile for tile in found if tile.level or tile.width < 256] == [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert len(found) == 273 + 4
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert list(bundles_of(300)) == [Tile(ENTRIES, 0), Tile(ENTRIES, 1, 44)]
    assert list(bundles_of(300, since=256)) == [Tile(ENTRIES, 1, 44)]


@settings(deadline=None, max_examples=20)
@given(st.lists(sizes, min_size=1, max_size=5))
def test_tiles_of_any_size_make_the_same_root(drawn: list[int]) -> None:
    """However a log grew, its tiles are those that a tree of its size has, and give root, edge and proofs."""
    steps = sorted(drawn)
    size, written = steps[-1], grown(*steps)
    assert set(written) >= set(tiles_of(size))
    since = {tile for before, after in zip([0, *steps], steps, strict=False) for tile in tiles_of(after, since=before)}
    assert since <= set(written)
    node = node_of(lambda tile: split_hashes(written[tile], tile.width), size)
    root = root_of_leaves(LEAVES[:size])
    assert range_root(node, 0, size) == root
    partial = [split_hashes(data, tile.width) for tile, data in partial_of(written, size)]
    assert Growth(partial).edge().root() == root
    if size:
        check_inclusion(LEAVES[size // 2], size // 2, size, inclusion_proof(node, size // 2, size), root)
    if steps[0]:
        check_consistency(steps[0], root_of_leaves(LEAVES[: steps[0]]), size, root, consistency_proof(node, steps[0], size))


def partial_of(written: dict[Tile, bytes], size: int) -> list[tuple[Tile, bytes]]:
    """Returns the partial tile of every level, an empty one where a level has none."""
    levels = max((tile.level for tile in tiles_of(size)), default=-1) + 1
    found = []
    for level in range(levels):
        tile = Tile(level, size >> (8 * (level + 1)), (size >> (8 * level)) % 256)
        found.append((tile, written[tile] if tile.width else b""))
    return found


@given(st.lists(st.binary(max_size=300) | st.just(b"e" * ENTRY_BYTES_MAX), max_size=20))
def test_a_bundle_is_taken_apart_as_it_was_joined(entries: list[bytes]) -> None:
    """Entries of any length up to 65,535 bytes come out of their bundle as they went in."""
    bundle = join_entries(entries)
    assert split_entries(bundle, len(entries)) == entries
    for wrong in (bundle + b"\0", bundle[:-1] if bundle else b"\0\0\0"):
        with pytest.raises(ProofError, match="malformed-bundle"):
            split_entries(wrong, len(entries))


def test_an_entry_too_long_for_its_length_is_refused() -> None:
    """An entry of more bytes than two bytes can count is refused."""
    with pytest.raises(ProofError, match="malformed-bundle"):
        join_entries([bytes(ENTRY_BYTES_MAX + 1)])


@given(st.binary(max_size=600), st.integers(0, 300))
def test_any_bytes_are_a_tile_or_refused(data: bytes, width: int) -> None:
    """Any bytes are a tile or a bundle of a width in one way only, or refused with a code."""
    with contextlib.suppress(ProofError):
        assert b"".join(split_hashes(data, width)) == data
    with contextlib.suppress(ProofError):
        assert join_entries(split_entries(data, width)) == data


def test_a_partial_tile_is_cut_from_the_full_one() -> None:
    """The first hashes of a full tile are the partial one, the first entries of a full bundle the partial bundle."""
    full = b"".join(LEAVES[:256])
    assert cut(Tile(0, 0, 3), full) == b"".join(LEAVES[:3])
    entries = [str(number).encode() for number in range(256)]
    assert cut(Tile(ENTRIES, 0, 3), join_entries(entries)) == join_entries(entries[:3])
    for tile in (Tile(0, 0, 3), Tile(ENTRIES, 0, 3)):
        with pytest.raises(ProofError, match="malformed"):
            cut(tile, full[:-1])


@given(st.text(max_size=40) | st.from_regex(r"tile/(entries|[0-9]{1,3})/(x[0-9]{3}/){0,9}[0-9]{3}(\.p/[0-9]{1,4})?", fullmatch=True))
def test_a_path_is_one_tile_or_refused(path: str) -> None:
    """Any text is one tile's only path, or refused with a code."""
    with contextlib.suppress(ProofError):
        assert read_path(path).path() == path
